"""Loads the contents of titles, which come whole: every part of one takes the same calls."""

from collections.abc import Sequence

from providers.capabilities import ContentsKey
from providers.errors import ProviderError
from providers.kit.caching.cache import gather_outcomes
from providers.kit.caching.cached import Cached, replace_value
from providers.records import Contents, Title
from providers.xbox.accounts import get_xuid
from providers.xbox.cached_api import CachedApi
from providers.xbox.library import get_listed_title
from providers.xbox.title_mapping import map_contents, map_title
from providers.xbox.title_sets import get_definitions, get_title_set


async def get_title_contents(
    cached_api: CachedApi, keys: Sequence[ContentsKey]
) -> list[Cached[Contents] | ProviderError]:
    """Return the whole contents of each title."""
    return await gather_outcomes([_get_contents(cached_api, key) for key in keys])


async def _get_contents(cached_api: CachedApi, key: ContentsKey) -> Cached[Contents]:
    title_id = key.title.native_id
    if key.handle is None:
        definitions = await get_definitions(cached_api, title_id)
        title = Title(native_id=title_id, name=key.title.name)
        return replace_value(definitions, map_contents(title, definitions.value))
    xuid = await get_xuid(cached_api, key.handle)
    # The newest list decides: the title of the key may be from an older one.
    listed = await get_listed_title(cached_api, xuid, title_id)
    title_set = await get_title_set(cached_api, xuid, listed.value)
    title = map_title(listed.value, {}, listed.fetched_at)
    return Cached(
        map_contents(title, title_set.value),
        min(listed.fetched_at, title_set.fetched_at),
        listed.stale or title_set.stale,
    )
