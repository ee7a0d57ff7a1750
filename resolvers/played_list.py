"""One account's list of played titles, read page by page, and a title of it."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field

from providers.capabilities import PageKey
from providers.errors import ProviderError
from providers.kit.caching.cached import Cached
from providers.records import PlayedTitle, PlayedTitlePage, Title
from providers.registry import SOURCE_ORDER, Source
from resolvers.context import Owner, ResolverContext
from resolvers.pagination import RemotePages
from resolvers.soft_timeout import wait_for_source
from resolvers.status import Status, make_error_status, make_status
from resolvers.title_list.title_list import SORTS_LAST, get_sort_time

# Sort time, source index and position in the list: unique over all lists, smaller is earlier.
PlayedKey = tuple[float, int, int]
BEFORE_ALL: PlayedKey = (-SORTS_LAST, -1, -1)


@dataclass(frozen=True)
class PlayedEntry:
    """A title with its times of play, as its source's list has them."""

    owner: Owner
    title: Title
    played: PlayedTitle

    @property
    def id(self) -> str:
        """An id that no other entry has."""
        return f"{self.owner.source.name} {self.title.native_id}"

    @property
    def running_id(self) -> str:
        """The id by which the presence of the player names what is played."""
        return self.played.product_id or self.title.native_id


@dataclass(frozen=True)
class PlayedRow:
    """A row of a list with its position, before its titles are looked up."""

    key: PlayedKey
    played_list: "PlayedList"
    played: PlayedTitle

    @property
    def row_id(self) -> tuple[Source, str]:
        """An id that no other row has."""
        return self.played_list.source, _get_name(self.played)


@dataclass(eq=False)
class PlayedList:
    """An account's played titles, last played first; the only source may use all of the time."""

    context: ResolverContext
    owner: Owner
    is_only_source: bool
    error: ProviderError | None = None
    pages: RemotePages[PlayedTitlePage, int] = field(init=False)

    def __post_init__(self) -> None:
        self.pages = RemotePages(self._fetch_page, lambda _, page: page.next_offset, 0)

    @property
    def source(self) -> Source:
        """The source of the account."""
        return self.owner.source

    @property
    def end(self) -> PlayedKey | None:
        """A key before which no unread row is; None if all rows have been read."""
        if not self.pages.can_read_more:
            return None
        return max((row.key for row in self.iterate_rows()), default=BEFORE_ALL)

    @property
    def total(self) -> int | None:
        """The number of titles; None if the source does not count them."""
        answers = self.pages.answers
        return answers[0].value.total if answers and self.error is None else None

    async def read_next(self) -> None:
        """Read the next page, and those before it again if it shows that the list has moved."""
        try:
            await self.pages.read_next()
            if self._shows_move():
                earlier = (self._fetch_page(each, bypass=True) for each in self.pages.starts[:-1])
                self.pages.answers[:-1] = await asyncio.gather(*earlier)
        except ProviderError as error:
            self.stop(error)

    def stop(self, error: ProviderError) -> None:
        """End the list with an error; what has been read is kept."""
        self.error, self.pages.next_start = self.error or error, None

    def iterate_rows(self) -> Iterator[PlayedRow]:
        """Yield the rows in order; one that another page repeats comes once."""
        seen, time = set[str](), -SORTS_LAST
        for answer in self.pages.answers:
            for played in answer.value.titles:
                name = _get_name(played)
                if name not in seen:
                    seen.add(name)
                    time = max(time, get_sort_time(played.last_played_at))
                    key = (time, SOURCE_ORDER[self.source], len(seen))
                    yield PlayedRow(key, self, played)

    def get_status(self) -> Status:
        """Return the status of the source."""
        if self.error is not None:
            return make_error_status(self.source, self.error)
        return make_status(self.source, self.pages.answers)

    async def _fetch_page(self, offset: int, *, bypass: bool = False) -> Cached[PlayedTitlePage]:
        key = PageKey(self.owner.request_handle, offset, bypass)
        pending = self.context.loaders.load_played_titles(self.source, key)
        return await wait_for_source(self.source, pending, is_only_source=self.is_only_source)

    def _shows_move(self) -> bool:
        *earlier, latest = self.pages.answers
        if all(latest.fetched_at <= each.fetched_at for each in earlier):
            return False
        known = {_get_name(each) for answer in earlier for each in answer.value.titles}
        return not known.isdisjoint(map(_get_name, latest.value.titles))


def _get_name(played: PlayedTitle) -> str:
    return played.product_id or (played.title.native_id if played.title else "")
