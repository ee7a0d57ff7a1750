"""A user: the accounts in the query, their totals, and the fields that any of them can fill."""

import asyncio
from collections.abc import Sequence
from typing import Any

from providers.capabilities import HasStableIds, HasTotals, TotalKey, has_capability
from providers.errors import BadInput, NotFound, ProviderError
from providers.records import ALL_TIME, Period, TotalName, TrophyCounts
from providers.registry import Source
from resolvers.arguments import AchievementState
from resolvers.context import AccountRef, ResolverContext
from resolvers.loaders import ME, Loaders
from resolvers.soft_timeout import wait_for_source
from resolvers.status import Status, make_not_linked_status


def validate_accounts(
    context: ResolverContext, accounts: Sequence[AccountRef]
) -> tuple[AccountRef, ...]:
    """Return the accounts of a user.

    Raises `BadInput` if there are none, two on one source, or an invalid handle.
    """
    check_accounts(context.loaders, [(each.source, each.handle) for each in accounts])
    for each in accounts:
        context.check_permission(each)
    return tuple(accounts)


def check_accounts(loaders: Loaders, accounts: Sequence[tuple[Source, str]]) -> None:
    """Raise `BadInput` if there are no accounts, two on one source, or an invalid handle."""
    if not accounts:
        message = "accounts: must have at least one account."
        raise BadInput(message, argument="accounts")
    sources = [source for source, _ in accounts]
    if len(set(sources)) != len(sources):
        message = "accounts: must have at most one account on each source."
        raise BadInput(message, argument="accounts")
    for source, handle in accounts:
        loaders.check_handle(source, handle)


def check_sources(sources: Sequence[object]) -> None:
    """Raise `BadInput` for a filter that selects no source."""
    if not sources:
        raise BadInput("sources: must not be empty.", argument="sources")


def check_period_state(state: AchievementState, since: object, until: object) -> None:
    """Raise `BadInput` for a period of achievements of which some are not earned."""
    for argument, value in (("since", since), ("until", until)):
        if value is not None and state is not AchievementState.EARNED:
            message = f"{argument}: only achievements with the state EARNED have a time."
            raise BadInput(message, argument=argument)


def select_sources(
    accounts: Sequence[AccountRef], sources: Sequence[Source] | None
) -> tuple[list[AccountRef], list[Status]]:
    """Return the accounts on the sources of a filter, and the status of sources without one."""
    if sources is None:
        return list(accounts), []
    check_sources(sources)
    linked_sources = {account.source for account in accounts}
    selected = [account for account in accounts if account.source in sources]
    return selected, [
        make_not_linked_status(each)
        for each in dict.fromkeys(sources)
        if each not in linked_sources
    ]


async def account_id_or_handle(context: ResolverContext, account: AccountRef) -> str:
    """Return what a user's id contains: the account id, if the handle does not last."""
    client = context.viewer.clients.get(account.source)
    is_me = client is not None and account.handle == client.own_handle == ME
    if not is_me and not has_capability(client, HasStableIds):
        return account.handle
    try:
        return await context.loaders.load_account_id(account.source, account.handle)
    except ProviderError:
        return account.handle


async def get_total(
    context: ResolverContext, account: AccountRef, field: TotalName
) -> int | TrophyCounts | None:
    """Return one of a source's own totals; None if it has none, or the account does not exist."""
    try:
        answer = await context.loaders.load_total(account.source, TotalKey(account.handle, field))
    except NotFound:
        return None
    return answer.value


async def first_non_null(
    context: ResolverContext, accounts: Sequence[AccountRef], attribute: str
) -> Any:
    """Return an attribute of the first profile that has it, in the order of the accounts.

    A source that fails is skipped; its error is raised only if no other source has a value.
    """
    first_error: ProviderError | None = None
    for account in accounts:
        pending = context.loaders.load_profile(account.source, account.handle)
        is_last = account == accounts[-1]
        try:
            profile = await wait_for_source(account.source, pending, is_only_source=is_last)
        except NotFound:
            continue
        except ProviderError as error:
            first_error = first_error or error
            continue
        value = getattr(profile.value, attribute)
        if value is not None:
            return value
    if first_error is not None:
        raise first_error
    return None


async def count_earned(
    context: ResolverContext,
    accounts: Sequence[AccountRef],
    state: AchievementState,
    period: Period = ALL_TIME,
) -> int | None:
    """Return the number of earned achievements over all accounts.

    None for any other state or a part of all time, or if one of the sources does not count them.
    """
    if state is not AchievementState.EARNED or period.is_bounded:
        return None
    supported = [
        each for each in accounts if context.loaders.has_capability(each.source, HasTotals)
    ]
    try:
        counts = await asyncio.gather(*(get_total(context, each, "earned") for each in supported))
    except ProviderError:
        return None
    known = [count for count in counts if isinstance(count, int)]
    return sum(known) if known and len(known) == len(counts) else None
