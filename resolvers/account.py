"""One account: its profile, its state, and what only its source says about it."""

from collections.abc import Awaitable
from typing import TypeVar

from providers.psn_records import PsnTrophySummary

from providers.capabilities import HasAccountIds
from providers.errors import NotFound, ProviderError
from providers.kit.caching.cached import Cached
from providers.records import Profile, TrophySoMetric, TrophySoStreak
from resolvers.context import AccountRef, ResolverContext
from resolvers.status import Status, make_error_status, make_status

T = TypeVar("T")


async def get_value_or_none(answer: Awaitable[Cached[T]]) -> T | None:
    """The value; None for an account that nobody has, whose state says so."""
    try:
        return (await answer).value
    except NotFound:
        return None


async def get_person(
    context: ResolverContext, account: AccountRef, *, full_profile: bool = False
) -> Profile | None:
    """The account's profile; None when nobody has it."""
    return await get_value_or_none(
        context.loaders.load_person(account.source, account.handle, full_profile=full_profile)
    )


async def get_person_or_none(
    context: ResolverContext, account: AccountRef, *, full_profile: bool
) -> Profile | None:
    """The profile where its source gives it."""
    try:
        return await get_person(context, account, full_profile=full_profile)
    except ProviderError:
        return None


async def get_stable_id(context: ResolverContext, account: AccountRef) -> str:
    """The account's id at its source; the handle where the source cannot tell."""
    try:
        if context.loaders.has_capability(account.source, HasAccountIds):
            return await context.loaders.load_account_id(account.source, account.handle)
        return (await context.loaders.load_person(account.source, account.handle)).value.native_id
    except ProviderError:
        return account.handle


async def get_status(
    context: ResolverContext, account: AccountRef, *, full_profile: bool
) -> Status:
    """Whether the account is there, as its source says."""
    try:
        answer = await context.loaders.load_person(
            account.source, account.handle, full_profile=full_profile
        )
        return make_status(account.source, [answer])
    except ProviderError as error:
        return make_error_status(account.source, error)


async def get_trophy_summary(
    context: ResolverContext, account: AccountRef
) -> PsnTrophySummary | None:
    """PlayStation's trophy level."""
    return await get_value_or_none(
        context.loaders.load_trophy_summary(account.source, account.handle)
    )


async def get_streak(context: ResolverContext, account: AccountRef) -> TrophySoStreak | None:
    """Trophy.so's streak."""
    return await get_value_or_none(context.loaders.load_streak(account.source, account.handle))


async def get_metrics(
    context: ResolverContext, account: AccountRef
) -> tuple[TrophySoMetric, ...] | None:
    """Trophy.so's metrics."""
    return await get_value_or_none(context.loaders.load_metrics(account.source, account.handle))
