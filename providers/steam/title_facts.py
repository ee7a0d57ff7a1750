"""Finds the times of play of titles that were reached without the library."""

from collections.abc import Sequence
from datetime import UTC, datetime

from providers.capabilities import ContentsKey
from providers.errors import ProviderError
from providers.kit.caching.cache import gather_outcomes
from providers.kit.caching.cached import Cached, replace_value
from providers.records import Title
from providers.steam.accounts import get_steam_id
from providers.steam.cached_api import CachedApi
from providers.steam.library import get_all_games
from providers.steam.mapping import map_title


async def get_title_facts(
    cached_api: CachedApi, keys: Sequence[ContentsKey]
) -> list[Cached[Title] | ProviderError]:
    """Return each title as the library has it; a row of a list has all of it already."""
    return await gather_outcomes([_get_facts(cached_api, key) for key in keys])


async def _get_facts(cached_api: CachedApi, key: ContentsKey) -> Cached[Title]:
    is_listed = key.title.earned_version is not None
    if is_listed or key.handle is None:
        return Cached(key.title, datetime.now(UTC))
    steam_id = await get_steam_id(cached_api, key.handle)
    games = await get_all_games(cached_api, steam_id)
    found = next((each for each in games.value if each.app_id == key.title.native_id), None)
    return replace_value(games, key.title if found is None else map_title(found, games.fetched_at))
