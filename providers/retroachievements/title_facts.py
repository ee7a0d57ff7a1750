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
    native_id, page_key = key.title.native_id, PageKey(key.handle or "")
    for remaining in reversed(range(MAX_PLAYED_PAGES)):
        page = await get_played_page(cached_api, page_key)
        games = {each.title.native_id: each.title for each in page.value.titles if each.title}
        found = games.get(native_id)
        if found is not None or not remaining or _ends_before(page.value, key.title):
            return replace_value(page, found or Title(native_id=native_id))
        page_key = PageKey(page_key.handle, page.value.next_offset or 0)
    raise AssertionError  # the last page returns


def _ends_before(page: PlayedTitlePage, title: Title) -> bool:
    """Return whether no later page can have a title: it was played when it was last updated."""
    times = [each.last_played_at for each in page.titles]
    oldest = min((time for time in times if time is not None), default=None)
    updated = title.last_updated_at
    is_passed = oldest is not None and updated is not None and oldest < updated
    return page.next_offset is None or is_passed
