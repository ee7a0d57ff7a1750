"""Loads what a player has earned in an app: the only call with the times of unlocks."""

from datetime import UTC, datetime, timedelta
from functools import partial

from providers.kit.caching.cached import Cached
from providers.kit.caching.policy import CachePolicy
from providers.kit.request_context import get_current
from providers.kit.text import MAX_NAME_LENGTH, truncate
from providers.kit.upstream.decode import build_unreadable_error, parse_time
from providers.kit.upstream.upstream_client import UpstreamResponse
from providers.records import Title
from providers.steam import methods
from providers.steam.cache_policies import CONTRADICTED_EARNED, EARNED, RECENT_EARNED
from providers.steam.cached_api import CachedApi
from providers.steam.cached_records import EarnedState
from providers.steam.errors import (
    BAD_REQUEST,
    FORBIDDEN,
    RequestRejected,
    build_private_error,
)
from providers.steam.identifiers import SOURCE
from providers.steam.models import PlayerStats, PlayerStatsResponse
from providers.steam.profiles import get_profile

NO_STATS_TEXT = "no stats"
NOTHING_EARNED = EarnedState(unlocks={})
# A game that was played within this time may be running now.
ACTIVE = timedelta(days=2)


async def get_earned(cached_api: CachedApi, steam_id: str, title: Title) -> Cached[EarnedState]:
    """Return what a player has earned in a title; nothing in one without achievements.

    Raise `Private` if the account's owner hides this game or all of them.
    """
    load = partial(_load_earned, cached_api, steam_id, title.native_id)
    key = (steam_id, title.native_id, title.earned_version or "")
    cached = await cached_api.get_or_load(_select_policy(title), key, load)
    is_just_loaded = cached.fetched_at.timestamp() >= get_current().started_at
    if is_just_loaded or title.earned_count in (None, len(cached.value.unlocks)):
        return cached
    return await cached_api.get_or_load(CONTRADICTED_EARNED, (*key, str(title.earned_count)), load)


def _select_policy(title: Title) -> CachePolicy[EarnedState]:
    if title.earned_version is None or title.earned_until is None:
        return RECENT_EARNED
    return RECENT_EARNED if datetime.now(UTC) - title.earned_until < ACTIVE else EARNED


async def _load_earned(cached_api: CachedApi, steam_id: str, app_id: str) -> EarnedState:
    # Without `l`, so that one entry serves every language: the definitions have the texts.
    try:
        reply = await cached_api.api.get(
            methods.PLAYER_ACHIEVEMENTS,
            steamid=steam_id,
            appid=app_id,
            expected=frozenset({BAD_REQUEST, FORBIDDEN}),
        )
    except RequestRejected:
        await get_profile(cached_api, steam_id)
        raise
    return _map_earned(reply, reply.decode(PlayerStatsResponse).playerstats)


def _map_earned(reply: UpstreamResponse, stats: PlayerStats) -> EarnedState:
    if stats.error is not None or stats.success is False:
        return _map_error(reply, stats.error or "")
    return EarnedState(
        game_name=truncate(stats.game_name, MAX_NAME_LENGTH),
        names=tuple(dict.fromkeys(row.apiname for row in stats.achievements if row.apiname)),
        # The upstream does not know the time of an old unlock, or of one while offline: it is 0.
        unlocks={
            row.apiname: parse_time(row.unlocktime)
            for row in stats.achievements
            if row.achieved == 1 and row.apiname
        },
    )


def _map_error(reply: UpstreamResponse, text: str) -> EarnedState:
    if NO_STATS_TEXT in text.lower():
        return NOTHING_EARNED
    if reply.status == FORBIDDEN or "public" in text.lower():
        raise build_private_error()
    raise build_unreadable_error(SOURCE)
