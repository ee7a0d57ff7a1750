"""Remembers how many achievements the games have, for lists that are older."""

from collections.abc import Iterable

from msgspec.structs import replace

from providers.kit.caching.cached import Cached, replace_value
from providers.kit.request_context import get_current
from providers.records import Contents, Title, TitlePage
from providers.retroachievements.cache_policies import SET_SIZE
from providers.retroachievements.cached_api import CachedApi
from providers.retroachievements.mapping import compute_definition_version, compute_progress


def remember_size(cached_api: CachedApi, contents: Contents) -> Contents:
    """Remember the number of achievements of a game that was just loaded; return the contents."""
    title = contents.title
    if title is not None and title.achievement_count is not None:
        cached_api.set_cached_nowait(SET_SIZE, title.achievement_count, title.native_id)
    return contents


def update_sizes(cached_api: CachedApi, page: Cached[TitlePage]) -> Cached[TitlePage]:
    """Return the page with the numbers that were loaded after it, where more; make no call."""
    titles = tuple(_iterate_updated(cached_api, page))
    return replace_value(page, replace(page.value, titles=titles))


def _iterate_updated(cached_api: CachedApi, page: Cached[TitlePage]) -> Iterable[Title]:
    for title in page.value.titles:
        size = cached_api.peek_cached(SET_SIZE, title.native_id)
        if size is not None and size.value > (title.achievement_count or 0):
            get_current().note_fetch_time()
        is_older = size is not None and page.fetched_at < size.fetched_at
        yield _enlarge(title, size.value) if size is not None and is_older else title


def _enlarge(title: Title, size: int) -> Title:
    if title.achievement_count is None or size <= title.achievement_count:
        return title
    return replace(
        title,
        achievement_count=size,
        progress=compute_progress(title.earned_count, size),
        definition_version=compute_definition_version(size),
    )
