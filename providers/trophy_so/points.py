"""Loads and maps points of users, and their places on leaderboards."""

from providers.kit.caching.cached import Cached
from providers.kit.text import MAX_NAME_LENGTH, quote_segment, truncate
from providers.trophy_so.cache_policies import LEADERBOARD_PLACE, POINTS
from providers.trophy_so.cached_api import CachedApi
from providers.trophy_so.identifiers import check_key, check_user_id
from providers.trophy_so.models import LeaderboardResponse, PointsLevel, PointsResponse
from providers.trophy_so_records import TrophySoLeaderboardPlace, TrophySoLevel, TrophySoPoints

# What else a response can have is not read, so the fewest of it are requested.
FEWEST_AWARDS = {"awards": "1"}
NO_EVENTS = {"numEvents": "0"}


async def get_points(cached_api: CachedApi, user_id: str, key: str) -> Cached[TrophySoPoints]:
    """Return a user's points in a points system; `NotFound` for an unknown user or system."""
    check_user_id(user_id)
    check_key(key)

    async def load() -> TrophySoPoints:
        path = f"/points/{quote_segment(key)}"
        sent = await cached_api.api.get_user_resource(user_id, path, PointsResponse, FEWEST_AWARDS)
        return map_points(key, sent)

    return await cached_api.get_or_load(POINTS, (user_id, key), load)


async def get_leaderboard_place(
    cached_api: CachedApi, user_id: str, key: str
) -> Cached[TrophySoLeaderboardPlace]:
    """Return a user's place on a leaderboard; `NotFound` for an unknown user or leaderboard."""
    check_user_id(user_id)
    check_key(key)

    async def load() -> TrophySoLeaderboardPlace:
        path = f"/leaderboards/{quote_segment(key)}"
        sent = await cached_api.api.get_user_resource(user_id, path, LeaderboardResponse, NO_EVENTS)
        return map_leaderboard_place(key, sent)

    return await cached_api.get_or_load(LEADERBOARD_PLACE, (user_id, key), load)


def map_points(key: str, response: PointsResponse) -> TrophySoPoints:
    """Map the points of a system that was requested by its key."""
    return TrophySoPoints(
        id=response.id,
        key=response.key or key,
        name=truncate(response.name, MAX_NAME_LENGTH) or response.key or key,
        total=response.total,
        level=_map_level(response.level),
    )


def map_leaderboard_place(key: str, response: LeaderboardResponse) -> TrophySoLeaderboardPlace:
    """Map the place on a leaderboard that was requested by its key; rank 0 is none."""
    return TrophySoLeaderboardPlace(
        id=response.id,
        key=response.key or key,
        name=truncate(response.name, MAX_NAME_LENGTH) or response.key or key,
        rank_by=response.rank_by,
        rank=response.rank or None,
        value=response.value,
    )


def _map_level(level: PointsLevel | None) -> TrophySoLevel | None:
    if level is None:
        return None
    name = truncate(level.name, MAX_NAME_LENGTH) or level.key
    return TrophySoLevel(id=level.id, key=level.key, name=name, points=level.points)
