"""The people of a comparison, each with their accounts and what is read of these."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from providers.capabilities import HasProfiles, HasTitles
from providers.errors import BadInput, ProviderError
from providers.registry import Source
from resolvers.context import AccountRef, ResolverContext
from resolvers.loaders import Loaders
from resolvers.status import Status, make_not_linked_status
from resolvers.timeline.account_stream import AccountStream
from resolvers.timeline.remaining import open_stream
from resolvers.user import check_accounts, validate_accounts

MIN_PEOPLE, MAX_PEOPLE = 2, 8


@dataclass(frozen=True)
class Person:
    """One person: their accounts, and the streams of those that are compared, by source."""

    accounts: tuple[AccountRef, ...]
    streams: dict[Source, AccountStream] = field(default_factory=dict[Source, AccountStream])
    required: Source | None = None

    def get_statuses(self) -> list[Status]:
        """Return the status of each compared account, and of a required source without one."""
        statuses = [stream.get_status() for stream in self.streams.values()]
        linked = {account.source for account in self.accounts}
        if self.required is not None and self.required not in linked:
            statuses.append(make_not_linked_status(self.required))
        return statuses


def check_people(loaders: Loaders, people: Sequence[Sequence[tuple[Source, str]]]) -> None:
    """Raise `BadInput` for too few or too many people, or invalid accounts of one of them."""
    if not MIN_PEOPLE <= len(people) <= MAX_PEOPLE:
        message = f"accounts: must have the accounts of {MIN_PEOPLE} to {MAX_PEOPLE} people."
        raise BadInput(message, argument="accounts")
    for accounts in people:
        check_accounts(loaders, accounts)


def validate_people(
    context: ResolverContext, people: Sequence[Sequence[AccountRef]]
) -> list[tuple[AccountRef, ...]]:
    """Return each person's accounts; raise `BadInput` for people that cannot be compared."""
    check_people(context.loaders, [[(each.source, each.handle) for each in one] for one in people])
    return [validate_accounts(context, accounts) for accounts in people]


async def open_people(
    context: ResolverContext, people: Sequence[tuple[AccountRef, ...]], source: Source | None
) -> list[Person]:
    """Open the accounts of all people that have titles, on one source or on all of them.

    A failure of a source is kept.
    """
    compared = [
        [
            each
            for each in accounts
            if source in (None, each.source)
            and context.loaders.has_capability(each.source, HasTitles)
        ]
        for accounts in people
    ]
    is_only_source = len({each.source for accounts in compared for each in accounts}) == 1
    opened = await asyncio.gather(
        *(_open_streams(context, accounts, is_only_source=is_only_source) for accounts in compared)
    )
    return [
        Person(accounts, streams, source) for accounts, streams in zip(people, opened, strict=True)
    ]


async def check_exists(stream: AccountStream) -> None:
    """Keep the error of an account that does not exist, or whose source does not tell."""
    loaders, account = stream.context.loaders, stream.account
    if stream.error is not None or not loaders.has_capability(account.source, HasProfiles):
        return
    try:
        await stream.wait_for_source(loaders.load_profile(account.source, account.handle))
    except ProviderError as error:
        stream.error = error


async def _open_streams(
    context: ResolverContext, accounts: Sequence[AccountRef], *, is_only_source: bool
) -> dict[Source, AccountStream]:
    streams = await asyncio.gather(
        *(
            open_stream(
                context,
                account,
                unlocks_only=True,
                with_progress=False,
                needs_ids=False,
                is_only_source=is_only_source,
            )
            for account in accounts
        )
    )
    return {stream.account.source: stream for stream in streams}
