"""One account: its profile, its status, and the data that only its source has."""

from collections.abc import Awaitable
from typing import TypeVar

from providers.capabilities import HasAccountIds, PointsKey
from providers.errors import BadResponse, NotFound, ProviderError
from providers.kit.caching.cached import Cached
from providers.psn_records import PsnTrophySummary
from providers.records import Profile
from providers.retroachievements_records import RetroAchievementsRank
from providers.trophy_so_records import (
    TrophySoLeaderboardPlace,
    TrophySoMetric,
    TrophySoPoints,
    TrophySoStreak,
)
from resolvers.context import AccountRef, ResolverContext
from resolvers.status import Status, make_error_status, make_status

T = TypeVar("T")


async def get_profile(
    context: ResolverContext, account: AccountRef, *, full_profile: bool = False
) -> Profile | None:
    """Return the account's profile; None if the account does not exist."""
    return await _get_value_or_none(
        context.loaders.load_profile(account.source, account.handle, full_profile=full_profile)
    )


async def get_profile_or_none(
    context: ResolverContext, account: AccountRef, *, full_profile: bool
) -> Profile | None:
    """Return the account's profile; None also if its source fails."""
    try:
        return await get_profile(context, account, full_profile=full_profile)
    except ProviderError:
        return None


async def get_stable_id(context: ResolverContext, account: AccountRef) -> str:
    """Return the account's id at its source; the handle if the source fails."""
    try:
        if context.loaders.has_capability(account.source, HasAccountIds):
            return await context.loaders.load_account_id(account.source, account.handle)
        profile = await context.loaders.load_profile(account.source, account.handle)
    except ProviderError:
        return account.handle
    return profile.value.native_id or account.handle


async def get_status(
    context: ResolverContext, account: AccountRef, *, full_profile: bool
) -> Status:
    """Return whether the account exists, according to its source."""
    try:
        cached = await context.loaders.load_profile(
            account.source, account.handle, full_profile=full_profile
        )
        return make_status(account.source, [cached])
    except ProviderError as error:
        return make_error_status(account.source, error)


async def get_trophy_summary(
    context: ResolverContext, account: AccountRef
) -> PsnTrophySummary | None:
    """Return the account's PlayStation trophy level; None if the account does not exist.

    Raises `BadResponse` if the source left out a part of it, without which there is no level.
    """
    summary = await _get_value_or_none(
        context.loaders.load_trophy_summary(account.source, account.handle)
    )
    if summary is not None:
        parts = (summary.level, summary.level_progress, summary.tier, summary.earned_counts)
        _check_complete(account, *parts)
    return summary


async def get_streak(
    context: ResolverContext, account: AccountRef, *, long_history: bool = False
) -> TrophySoStreak | None:
    """Return the user's Trophy.so streak; None if the user does not exist.

    Raises `BadResponse` if the source left out its period.
    """
    streak = await _get_value_or_none(
        context.loaders.load_streak(account.source, account.handle, long_history=long_history)
    )
    if streak is not None:
        _check_complete(account, streak.frequency)
    return streak


async def get_streak_length(context: ResolverContext, account: AccountRef) -> TrophySoStreak | None:
    """Return the user's streak without its period and history; many users share a call."""
    return await _get_value_or_none(
        context.loaders.load_streak_length(account.source, account.handle)
    )


async def get_points(
    context: ResolverContext, account: AccountRef, key: str
) -> TrophySoPoints | None:
    """Return the user's points in a points system; None if one of the two does not exist."""
    return await _get_value_or_none(
        context.loaders.load_points(account.source, PointsKey(account.handle, key))
    )


async def get_leaderboard_place(
    context: ResolverContext, account: AccountRef, key: str
) -> TrophySoLeaderboardPlace | None:
    """Return the user's place on a leaderboard; None if one of the two does not exist."""
    return await _get_value_or_none(
        context.loaders.load_leaderboard_place(account.source, PointsKey(account.handle, key))
    )


async def get_metrics(
    context: ResolverContext, account: AccountRef
) -> tuple[TrophySoMetric, ...] | None:
    """Return the user's Trophy.so metrics that have a key; None if the user does not exist."""
    metrics = await _get_value_or_none(context.loaders.load_metrics(account.source, account.handle))
    return None if metrics is None else tuple(each for each in metrics if each.key)


def _check_complete(account: AccountRef, *parts: object) -> None:
    if None in parts:
        message = "The source sent a response without a part that is always there."
        raise BadResponse(message, source=account.source.name)


async def get_level(context: ResolverContext, account: AccountRef) -> int | None:
    """Return the account's level; None if it is hidden, or the account does not exist."""
    return await _get_value_or_none(context.loaders.load_level(account.source, account.handle))


async def get_rank(context: ResolverContext, account: AccountRef) -> RetroAchievementsRank | None:
    """Return the account's place among all ranked ones; None if it has none."""
    return await _get_value_or_none(context.loaders.load_rank(account.source, account.handle))


async def _get_value_or_none(cached: Awaitable[Cached[T]]) -> T | None:
    try:
        return (await cached).value
    except NotFound:
        return None
