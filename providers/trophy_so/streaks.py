"""Loads streaks of users: whole ones one by one, and lengths by the hundred."""

from collections.abc import Mapping, Sequence
from functools import partial

from providers.errors import Missing, ProviderError
from providers.kit.caching.cache import gather_outcomes
from providers.kit.caching.cached import Cached
from providers.trophy_so.cache_policies import STREAK, STREAK_BATCH, STREAK_LENGTH
from providers.trophy_so.cached_api import CachedApi
from providers.trophy_so.identifiers import USER_ID_PATTERN, check_user_id, is_bound_key
from providers.trophy_so.models import StreakResponse
from providers.trophy_so.streak_mapping import map_listed_streaks, map_streak
from providers.trophy_so_records import TrophySoStreak

BATCH_SIZE = 100  # documented
SHORT_HISTORY, LONG_HISTORY = 7, 100  # in periods; the upstream sends 7 by default


async def get_streak(
    cached_api: CachedApi, user_id: str, *, long_history: bool = False
) -> Cached[TrophySoStreak]:
    """Return the streak of a user, with the last 7 periods or with the last 100."""
    check_user_id(user_id)
    load = partial(_load_streak, cached_api, user_id, long_history=long_history)
    key = build_streak_key(user_id, long_history=long_history)
    return await cached_api.get_or_load(STREAK, key, load)


async def get_streak_lengths(
    cached_api: CachedApi, user_ids: Sequence[str]
) -> list[Cached[TrophySoStreak] | ProviderError]:
    """Return the streaks of many users, with lengths and times of extension alone."""
    unique = sorted(set(user_ids))
    uncached = await cached_api.find_uncached(STREAK_LENGTH, unique)
    listed = [each for each in uncached if _can_be_listed(cached_api, each)]
    batches = _divide(listed) if len(listed) > 1 else {}
    return await gather_outcomes(
        [_get_length(cached_api, each, batches.get(each, ())) for each in user_ids]
    )


def build_streak_key(user_id: str, *, long_history: bool) -> tuple[str, ...]:
    """Return the key of a cached streak."""
    return (user_id, str(LONG_HISTORY)) if long_history else (user_id,)


async def _load_streak(
    cached_api: CachedApi, user_id: str, *, long_history: bool
) -> TrophySoStreak:
    params = {"historyPeriods": str(LONG_HISTORY)} if long_history else None
    sent = await cached_api.api.get_user_resource(user_id, "/streak", StreakResponse, params)
    streak = map_streak(sent)
    cached_api.set_cached_nowait(STREAK_LENGTH, _drop_details(streak), user_id)
    if long_history:
        cached_api.set_cached_nowait(STREAK, streak, user_id)
    return streak


async def _get_length(
    cached_api: CachedApi, user_id: str, batch: tuple[str, ...]
) -> Cached[TrophySoStreak]:
    check_user_id(user_id)

    async def load() -> TrophySoStreak:
        found = await _load_batch(cached_api, batch)
        if user_id in found:
            return found[user_id]
        # An unknown user is left out of a list.
        streak = await _load_streak(cached_api, user_id, long_history=False)
        cached_api.set_cached_nowait(STREAK, streak, user_id)
        return _drop_details(streak)

    return await cached_api.get_or_load(STREAK_LENGTH, (user_id,), load)


async def _load_batch(
    cached_api: CachedApi, batch: tuple[str, ...]
) -> Mapping[str, TrophySoStreak]:
    if not batch:
        return {}

    async def load() -> dict[str, TrophySoStreak]:
        try:
            return map_listed_streaks(await cached_api.api.list_streaks(batch))
        except Missing:  # one of the users may be the reason
            return {}

    return (await cached_api.get_or_load(STREAK_BATCH, batch, load)).value


def _divide(user_ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return the batch of each user."""
    batches = (
        tuple(user_ids[start : start + BATCH_SIZE]) for start in range(0, len(user_ids), BATCH_SIZE)
    )
    return {user_id: batch for batch in batches for user_id in batch}


def _can_be_listed(cached_api: CachedApi, user_id: str) -> bool:
    # A key that is bound to one user is refused a list with others; and ids in a list may be
    # divided at commas.
    is_bound = is_bound_key(cached_api.api.credential.key)
    return not is_bound and "," not in user_id and bool(USER_ID_PATTERN.fullmatch(user_id))


def _drop_details(streak: TrophySoStreak) -> TrophySoStreak:
    return TrophySoStreak(length=streak.length, extended_at=streak.extended_at)
