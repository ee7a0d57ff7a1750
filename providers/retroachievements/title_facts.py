"""Loads the facts of games that a list of them lacks, with as few calls as these need.

The points of many games come in one call, and so do the times at which 50 were last played. All
others are in a game's own response, which is also what its achievements are loaded with.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from providers.capabilities import ContentsKey, PageKey
from providers.errors import ProviderError
from providers.kit.caching.cache import gather_outcomes
from providers.kit.caching.cached import Cached, replace_value
from providers.records import Part, PlayedTitlePage, Title
from providers.retroachievements.cached_api import CachedApi
from providers.retroachievements.cached_records import ProgressKey
from providers.retroachievements.played_titles import get_played_page
from providers.retroachievements.progress import get_progress
from providers.retroachievements.title_contents import get_title_contents

# A title that was played before those on so many pages of 50 has no known time.
MAX_PLAYED_PAGES = 4

Progress = Mapping[ContentsKey, Cached[Title | None] | ProviderError]


async def get_title_facts(
    cached_api: CachedApi, keys: Sequence[ContentsKey]
) -> list[Cached[Title] | ProviderError]:
    """Return the facts of each game."""
    batched = [key for key in keys if key.handle and _get_missing(key) == Part.TITLE_POINTS]
    # A single game costs one call either way, and then all its facts come with it.
    batched = batched if len(batched) > 1 else []
    progress_keys = [ProgressKey(key.handle or "", key.title.native_id) for key in batched]
    outcomes = await get_progress(cached_api, progress_keys)
    progress = dict(zip(batched, outcomes, strict=True))
    return await gather_outcomes([_get_facts(cached_api, key, progress) for key in keys])


def _get_missing(key: ContentsKey) -> Part:
    """Return the parts without the award, where the row tells it, or that there is none."""
    is_listed = key.title.unlock_version is not None
    return key.parts & ~Part.TITLE_AWARD if is_listed else key.parts


async def _get_facts(cached_api: CachedApi, key: ContentsKey, progress: Progress) -> Cached[Title]:
    empty = Cached(Title(native_id=key.title.native_id), datetime.now(UTC))
    if key in progress:
        outcome = progress[key]
        if isinstance(outcome, ProviderError):
            raise outcome
        return replace_value(outcome, outcome.value or empty.value)
    if key.parts == Part.LAST_PLAYED:
        return await _find_last_played(cached_api, key)
    if not _get_missing(key):
        return empty
    contents_key = ContentsKey(key.handle, key.title, Part.RARITY)
    (contents,) = await get_title_contents(cached_api, [contents_key])
    if isinstance(contents, ProviderError):
        raise contents
    return replace_value(contents, contents.value.title or empty.value)


async def _find_last_played(cached_api: CachedApi, key: ContentsKey) -> Cached[Title]:
    """Return the title as the list of played games has it; without a time if it is not there."""
    handle, title = key.handle or "", key.title
    page = await get_played_page(cached_api, PageKey(handle))
    for _ in range(MAX_PLAYED_PAGES - 1):
        offset = page.value.next_offset
        if offset is None or _find_title(page.value, title) or _is_passed(page.value, title):
            break
        page = await get_played_page(cached_api, PageKey(handle, offset))
    found = _find_title(page.value, title)
    return replace_value(page, found or Title(native_id=title.native_id))


def _find_title(page: PlayedTitlePage, title: Title) -> Title | None:
    titles = (each.title for each in page.titles)
    return next((each for each in titles if each and each.native_id == title.native_id), None)


def _is_passed(page: PlayedTitlePage, title: Title) -> bool:
    """Return whether no later page can have a title: it was played when it was last updated."""
    times = [each.last_played_at for each in page.titles if each.last_played_at is not None]
    updated = title.last_updated_at
    return updated is not None and min(times, default=updated) < updated
