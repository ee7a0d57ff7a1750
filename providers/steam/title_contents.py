"""Loads the contents of titles, with as few calls as the requested parts need.

A title takes two calls at most: the definitions, which are the same for everybody, and what the
player has earned. A title in which a list counts nothing earned takes no call of the player's.
"""

import asyncio
from collections.abc import Sequence

from providers.capabilities import ContentsKey
from providers.errors import ProviderError
from providers.kit.caching.cache import gather_outcomes
from providers.kit.caching.cached import Cached
from providers.records import Contents, Part, Title
from providers.steam.accounts import get_steam_id
from providers.steam.cached_api import CachedApi
from providers.steam.cached_records import Definitions, EarnedState, GameSchema
from providers.steam.definitions import get_definitions, get_game_schema, renew_definitions
from providers.steam.earned import NOTHING_EARNED, get_earned
from providers.steam.errors import build_title_not_found
from providers.steam.library import get_all_games
from providers.steam.mapping import map_contents

DEFINITION_PARTS = Part.DEFINITIONS | Part.RARITY | Part.HIDDEN | Part.GROUPS | Part.GROUP_PROGRESS
PLAYER_PARTS = Part.EARNED | Part.GROUP_PROGRESS | Part.TITLE_PROGRESS


async def get_title_contents(
    cached_api: CachedApi, keys: Sequence[ContentsKey]
) -> list[Cached[Contents] | ProviderError]:
    """Return the requested parts of each title, and what the same calls tell besides."""
    return await gather_outcomes([_get_contents(cached_api, key) for key in keys])


async def _get_contents(cached_api: CachedApi, key: ContentsKey) -> Cached[Contents]:
    if key.handle is None:
        return await _get_bare_contents(cached_api, key)
    steam_id = await get_steam_id(cached_api, key.handle)
    return await _get_player_contents(cached_api, steam_id, key.title, key.parts)


async def _get_bare_contents(cached_api: CachedApi, key: ContentsKey) -> Cached[Contents]:
    """Return an app's definitions; its name is in the documented schema alone."""
    app_id = key.title.native_id
    needs_name = bool(key.parts & Part.TITLE) and key.title.name is None
    definitions, schema = await asyncio.gather(
        get_definitions(cached_api, app_id), _get_schema_if(cached_api, app_id, needed=needs_name)
    )
    name = schema.value.name if schema else key.title.name
    if not definitions.value.achievements:
        raise build_title_not_found()
    title = Title(native_id=app_id, name=name)
    return _combine(map_contents(title, definitions, None), definitions, schema)


async def _get_schema_if(
    cached_api: CachedApi, app_id: str, *, needed: bool
) -> Cached[GameSchema] | None:
    return await get_game_schema(cached_api, app_id) if needed else None


async def _get_player_contents(
    cached_api: CachedApi, steam_id: str, title: Title, parts: Part
) -> Cached[Contents]:
    is_listed = title.earned_version is not None
    is_untouched = is_listed and title.earned_count == 0
    needs_definitions = bool(parts & DEFINITION_PARTS) or is_untouched
    needs_earned = not is_untouched and (
        not is_listed or bool(parts & PLAYER_PARTS) or not needs_definitions
    )
    definitions, earned = await asyncio.gather(
        _get_definitions_if(cached_api, title.native_id, needed=needs_definitions),
        _get_earned_if(cached_api, steam_id, title, needed=needs_earned),
    )
    if definitions is not None and earned is not None:
        definitions = await renew_definitions(
            cached_api, title.native_id, definitions, earned.value.names
        )
    if not is_listed and earned is not None:
        await _check_has_title(cached_api, steam_id, title, earned.value)
    if is_untouched and definitions is not None:
        earned = Cached(NOTHING_EARNED, definitions.fetched_at, definitions.stale)
    return _combine(map_contents(title, definitions, earned), definitions, earned)


async def _get_definitions_if(
    cached_api: CachedApi, app_id: str, *, needed: bool
) -> Cached[Definitions] | None:
    return await get_definitions(cached_api, app_id) if needed else None


async def _get_earned_if(
    cached_api: CachedApi, steam_id: str, title: Title, *, needed: bool
) -> Cached[EarnedState] | None:
    return await get_earned(cached_api, steam_id, title) if needed else None


async def _check_has_title(
    cached_api: CachedApi, steam_id: str, title: Title, state: EarnedState
) -> None:
    """Raise `NotFound` if the account neither has the game nor has earned anything in it.

    The upstream answers for any app, as if the account had earned nothing.
    """
    if state.unlocks:
        return
    games = (await get_all_games(cached_api, steam_id)).value
    if not state.names or title.native_id not in {game.app_id for game in games}:
        raise build_title_not_found()


def _combine(contents: Contents, *parts: Cached[object] | None) -> Cached[Contents]:
    loaded = [part for part in parts if part is not None]
    return Cached(
        contents,
        min(part.fetched_at for part in loaded),
        any(part.stale for part in loaded),
    )
