"""Loads the definitions of apps: by the undocumented method that has all, or the documented ones.

`GetGameAchievements` has the texts of hidden achievements, rarity and groups in one call without a
key. Where it is gone or fails, the schema and the global percentages serve, which are two calls and
lack the texts of hidden achievements.
"""

import asyncio
from collections.abc import Iterable, Mapping
from functools import partial
from hashlib import blake2b

from msgspec.structs import replace

from providers.errors import ProviderError, RateLimited
from providers.kit.caching.cached import Cached
from providers.kit.request_context import get_current
from providers.steam import methods
from providers.steam.cache_policies import CONTRADICTED_DEFINITIONS, DEFINITIONS, GAME_SCHEMA
from providers.steam.cached_api import CachedApi
from providers.steam.cached_records import Definitions, GameSchema
from providers.steam.definition_mapping import map_definitions, map_percentages, map_schema
from providers.steam.errors import FORBIDDEN, MethodRefused
from providers.steam.languages import get_language_name
from providers.steam.models import (
    GameAchievementsResponse,
    GameSchemaResponse,
    PercentagesResponse,
)


async def get_definitions(cached_api: CachedApi, app_id: str) -> Cached[Definitions]:
    """Return the definitions of an app; empty ones if it has none or does not exist."""
    load = partial(_load_definitions, cached_api, app_id)
    return await cached_api.get_or_load(DEFINITIONS, (app_id,), load)


async def renew_definitions(
    cached_api: CachedApi, app_id: str, cached: Cached[Definitions], names: Iterable[str]
) -> Cached[Definitions]:
    """Return definitions that have these names, as a player's list does: a set grows at any time.

    Those that lack one are loaded again, unless they were loaded for this request.
    """
    unknown_names = sorted(set(names) - {each.native_id for each in cached.value.achievements})
    if not unknown_names or cached.fetched_at.timestamp() >= get_current().started_at:
        return cached
    digest = blake2b("\0".join(unknown_names).encode(), digest_size=16).hexdigest()
    load = partial(_load_definitions, cached_api, app_id)
    return await cached_api.get_or_load(CONTRADICTED_DEFINITIONS, (app_id, digest), load)


async def get_game_schema(cached_api: CachedApi, app_id: str) -> Cached[GameSchema]:
    """Return the name and the achievements of an app by its documented schema."""

    async def load() -> GameSchema:
        reply = await cached_api.api.get(
            methods.GAME_SCHEMA, appid=app_id, l=get_language_name(), expected=frozenset()
        )
        return map_schema(app_id, reply.decode(GameSchemaResponse).game)

    return await cached_api.get_or_load(GAME_SCHEMA, (app_id,), load)


async def _load_definitions(cached_api: CachedApi, app_id: str) -> Definitions:
    async def call() -> Definitions:
        reply = await cached_api.api.get(
            methods.GAME_ACHIEVEMENTS, appid=app_id, language=get_language_name()
        )
        return map_definitions(app_id, reply.decode(GameAchievementsResponse).response)

    try:
        return await cached_api.call_undocumented(methods.GAME_ACHIEVEMENTS, call)
    except MethodRefused:
        return await _load_documented(cached_api, app_id)


async def _load_documented(cached_api: CachedApi, app_id: str) -> Definitions:
    schema, percentages = await asyncio.gather(
        get_game_schema(cached_api, app_id), _find_percentages(cached_api, app_id)
    )
    achievements = tuple(
        replace(each, rarity=map_percentages(percentages.get(each.native_id)))
        for each in schema.value.achievements
    )
    return Definitions(achievements=achievements, is_fallback=True)


async def _find_percentages(cached_api: CachedApi, app_id: str) -> Mapping[str, float | None]:
    """Return the percentages by name; none for an app without any, or if the call fails."""
    try:
        reply = await cached_api.api.get(
            methods.GLOBAL_PERCENTAGES, gameid=app_id, expected=frozenset({FORBIDDEN})
        )
        if reply.status == FORBIDDEN:  # so the upstream answers for an app without achievements
            return {}
        found = reply.decode(PercentagesResponse).achievementpercentages.achievements
    except RateLimited:
        raise
    except ProviderError:
        return {}
    return {each.name: each.percent for each in found}
