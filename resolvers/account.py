"""One account: its profile, its state, and what only its source says about it."""

from collections.abc import Awaitable
from typing import TypeVar

from providers.capabilities import HasAccountIds
from providers.errors import NotFound, ProviderError
from providers.kit.caching.cached import Answer
from providers.records import (
    Person,
    PsnTrophySummary,
    TrophySoMetric,
    TrophySoStreak,
)
from resolvers.context import Account, Context
from resolvers.status import Status, answered, failed

T = TypeVar("T")


async def known(answer: Awaitable[Answer[T]]) -> T | None:
    """The value; None for an account that nobody has, whose state says so."""
    try:
        return (await answer).value
    except NotFound:
        return None


async def person(context: Context, account: Account, *, whole: bool = False) -> Person | None:
    """The account's profile; None when nobody has it."""
    return await known(context.loaders.person(account.source, account.handle, whole=whole))


async def known_person(context: Context, account: Account, *, whole: bool) -> Person | None:
    """The profile where its source gives it."""
    try:
        return await person(context, account, whole=whole)
    except ProviderError:
        return None


async def lasting_id(context: Context, account: Account) -> str:
    """The account's id at its source; the handle where the source cannot tell."""
    try:
        if context.loaders.can(account.source, HasAccountIds):
            return await context.loaders.account_id(account.source, account.handle)
        return (await context.loaders.person(account.source, account.handle)).value.native_id
    except ProviderError:
        return account.handle


async def status(context: Context, account: Account, *, whole: bool) -> Status:
    """Whether the account is there, as its source says."""
    try:
        answer = await context.loaders.person(account.source, account.handle, whole=whole)
        return answered(account.source, [answer])
    except ProviderError as error:
        return failed(account.source, error)


async def trophy_summary(context: Context, account: Account) -> PsnTrophySummary | None:
    """PlayStation's trophy level."""
    return await known(context.loaders.trophy_summary(account.source, account.handle))


async def streak(context: Context, account: Account) -> TrophySoStreak | None:
    """Trophy.so's streak."""
    return await known(context.loaders.streak(account.source, account.handle))


async def metrics(context: Context, account: Account) -> tuple[TrophySoMetric, ...] | None:
    """Trophy.so's metrics."""
    return await known(context.loaders.metrics(account.source, account.handle))
