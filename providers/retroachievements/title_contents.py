"""Loads the contents of titles, with as few calls as the requested parts need."""

from collections import Counter
from collections.abc import Mapping, Sequence

from providers.capabilities import ContentsKey
from providers.errors import ProviderError
from providers.kit.caching.cache import gather_outcomes
from providers.kit.caching.cached import Cached, replace_value
from providers.kit.request_context import get_current
from providers.kit.upstream.decode import build_unreadable_error
from providers.kit.upstream.upstream_client import UpstreamResponse
from providers.records import Contents, Part, Title
from providers.retroachievements.api import build_title_not_found, is_empty_list
from providers.retroachievements.cache_policies import (
    CONTENTS,
    CONTENTS_BY_ID,
    CONTENTS_WITH_RARITY,
    CONTRADICTED_CONTENTS,
    DEFINITIONS,
)
from providers.retroachievements.cached_api import CachedApi
from providers.retroachievements.cached_records import ProgressKey
from providers.retroachievements.identifiers import SOURCE
from providers.retroachievements.mapping import map_contents
from providers.retroachievements.models import Game
from providers.retroachievements.profiles import get_profile
from providers.retroachievements.progress import get_progress
from providers.retroachievements.set_sizes import remember_size

ProgressOutcome = Cached[Title | None] | ProviderError


async def get_title_contents(
    cached_api: CachedApi, keys: Sequence[ContentsKey]
) -> list[Cached[Contents] | ProviderError]:
    """Return all parts of each title, or the progress alone where several need no more."""
    progress = await _get_progress(cached_api, keys)
    return await gather_outcomes([_get_contents(cached_api, key, progress) for key in keys])


async def _get_contents(
    cached_api: CachedApi, key: ContentsKey, progress: Mapping[ContentsKey, ProgressOutcome]
) -> Cached[Contents]:
    outcome = progress.get(key)
    if isinstance(outcome, ProviderError):
        raise outcome
    if outcome is not None and outcome.value is not None:
        return replace_value(outcome, Contents(title=outcome.value))
    if key.handle is None:
        return await _get_definitions(cached_api, key.title.native_id)
    return await _get_player_contents(
        cached_api, key.handle, key.title, rarity=Part.RARITY in key.parts
    )


async def _get_progress(
    cached_api: CachedApi, keys: Sequence[ContentsKey]
) -> dict[ContentsKey, ProgressOutcome]:
    progress_keys = {
        key: ProgressKey(key.handle, key.title.native_id)
        for key in keys
        if key.handle and _is_progress_only(key)
    }
    title_counts = Counter(key.handle for key in progress_keys)
    # A single game costs one call either way, and then all its parts come with it.
    batched = [key for key in progress_keys if title_counts[key.handle] > 1]
    outcomes = await get_progress(cached_api, [progress_keys[key] for key in batched])
    return dict(zip(batched, outcomes, strict=True))


def _is_progress_only(key: ContentsKey) -> bool:
    """Return whether the key is of a title reached by id, and needs its progress alone."""
    return key.parts == Part.TITLE_PROGRESS and key.title.definition_version is None


async def _get_definitions(cached_api: CachedApi, title_id: str) -> Cached[Contents]:
    async def load() -> Contents:
        reply = await cached_api.api.get("GetGameExtended", i=title_id)
        if is_empty_list(reply):
            raise build_title_not_found()
        return _map_loaded(cached_api, title_id, reply, has_progress=False)

    return await cached_api.get_or_load(DEFINITIONS, (title_id,), load)


async def _get_player_contents(
    cached_api: CachedApi, handle: str, title: Title, *, rarity: bool
) -> Cached[Contents]:
    async def load() -> Contents:
        reply = await cached_api.api.get(
            "GetGameInfoAndUserProgress", u=handle, g=title.native_id, a=1
        )
        if is_empty_list(reply):
            # The response is the same for an unknown account and an unknown game.
            await get_profile(cached_api, handle)
            raise build_title_not_found()
        return _map_loaded(cached_api, title.native_id, reply, has_progress=True)

    key = (handle.lower(), title.native_id)
    if title.earned_version is None:
        return await cached_api.get_or_load(CONTENTS_BY_ID, key, load)
    policy = CONTENTS_WITH_RARITY if rarity else CONTENTS
    # Titles of unlocks have no definition version; without it they share the list's entry.
    key = (*key, title.earned_version)
    cached = await cached_api.get_or_load(policy, key, load)
    if _was_just_loaded(cached) or not _is_contradicted(title, cached.value):
        return cached
    key = (*key, f"{title.definition_version}/{title.earned_count}")
    return await cached_api.get_or_load(CONTRADICTED_CONTENTS, key, load)


def _map_loaded(
    cached_api: CachedApi, title_id: str, reply: UpstreamResponse, *, has_progress: bool
) -> Contents:
    game = reply.decode(Game)
    if game == Game():
        raise build_unreadable_error(SOURCE)
    media_url = cached_api.api.media_url
    contents = map_contents(title_id, game, has_progress=has_progress, media_url=media_url)
    return remember_size(cached_api, contents)


def _was_just_loaded(cached: Cached[Contents]) -> bool:
    return cached.fetched_at.timestamp() >= get_current().started_at


def _is_contradicted(title: Title, contents: Contents) -> bool:
    """Return whether the title list counts other achievements than the contents have."""
    contents_title = contents.title or Title(native_id=title.native_id)
    if contents.achievements is None:
        return False
    earned_count = sum(bool(each.earned) for each in contents.achievements)
    pairs = (
        (title.definition_version, contents_title.definition_version),
        (title.earned_count, earned_count),
    )
    return any(listed is not None and listed != loaded for listed, loaded in pairs)
