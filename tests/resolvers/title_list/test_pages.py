"""Title pages from the cache and from the source are combined without a lost or repeated title."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from providers.capabilities import TitlePageKey
from providers.kit.caching.cached import Cached
from providers.records import Title, TitlePage
from providers.registry import Source
from resolvers.context import Owner, ResolverContext, Viewer
from resolvers.title_list.pages import TitlePages

PAGE_SIZE = 3
FETCHED = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class FakeLoaders:
    """A list of titles whose pages are cached until one is requested with `bypass_cache`."""

    names: str
    cached: dict[int, Cached[TitlePage]] = field(default_factory=dict[int, Cached[TitlePage]])
    requested: list[tuple[int, bool]] = field(default_factory=list[tuple[int, bool]])

    async def load_titles(
        self, source: Source, key: TitlePageKey, *, with_counts: bool
    ) -> Cached[TitlePage]:
        assert source is Source.PSN
        assert with_counts
        self.requested.append((key.offset, key.bypass_cache))
        if key.offset not in self.cached or key.bypass_cache:
            self.cached[key.offset] = self.make_page(key.offset, len(self.requested))
        return self.cached[key.offset]

    def make_page(self, offset: int, seconds: int) -> Cached[TitlePage]:
        end = offset + PAGE_SIZE
        titles = tuple(Title(native_id=name) for name in self.names[offset:end])
        following = end if end < len(self.names) else None
        page = TitlePage(titles=titles, total=len(self.names), next_offset=following)
        return Cached(page, FETCHED + timedelta(seconds=seconds))


def read_all(loaders: FakeLoaders) -> list[tuple[str, str]]:
    """Return, for each page, the ids of the moved and of the listed titles."""
    context = ResolverContext(Viewer({}), cast("Any", loaders))
    pages = TitlePages(context, Owner(Source.PSN, "me", is_own=True))

    async def read() -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        while pages.has_next:
            moved, listed = await pages.read_next()
            found.append((_join_ids(moved), _join_ids(listed)))
        return found

    return asyncio.run(read())


def _join_ids(titles: list[Title]) -> str:
    return "".join(title.native_id for title in titles)


def test_pages_are_read_in_order() -> None:
    loaders = FakeLoaders("abcdefgh")

    assert read_all(loaders) == [("", "abc"), ("", "def"), ("", "gh")]
    assert loaders.requested == [(0, False), (3, False), (6, False)]


def test_a_title_that_moved_in_front_of_a_cached_page_is_found() -> None:
    loaders = FakeLoaders("abcdef")
    loaders.cached[0] = loaders.make_page(0, seconds=0)
    loaders.names = "eabcdf"

    assert read_all(loaders) == [("", "abc"), ("e", "df")]
    assert loaders.requested == [(0, False), (3, False), (0, True)]


def test_a_changed_total_reloads_the_earlier_pages() -> None:
    loaders = FakeLoaders("abcdef")
    loaders.cached[0] = loaders.make_page(0, seconds=0)
    loaders.names = "xabcdef"

    assert read_all(loaders) == [("", "abc"), ("x", "de"), ("", "f")]
    assert loaders.requested == [(0, False), (3, False), (0, True), (6, False)]


def test_a_source_that_contradicts_itself_is_not_reloaded() -> None:
    loaders = FakeLoaders("abcabc")
    for offset in (0, 3):
        loaders.cached[offset] = loaders.make_page(offset, seconds=0)

    assert read_all(loaders) == [("", "abc"), ("", "")]
    assert loaders.requested == [(0, False), (3, False)]
