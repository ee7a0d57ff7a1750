"""One account's stream of timeline entries: what has been read of it, and its status."""

import asyncio
from collections.abc import Coroutine, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from providers.capabilities import HasAchievements
from providers.errors import NotFound, Private, ProviderError, TimedOut
from providers.kit.caching.cached import Cached
from providers.records import Achievement, Contents, Part, Title
from providers.registry import SOURCE_ORDER
from resolvers.context import AccountRef, Owner, ResolverContext
from resolvers.soft_timeout import wait_for_source
from resolvers.status import Status, make_error_status, make_status, mark_incomplete
from resolvers.timeline.entry import Candidate, RemainingEntries
from resolvers.title import get_contents
from resolvers.title_list.title_list import RowKey, TitleList, TitleRow

T = TypeVar("T")


@dataclass
class AccountStream:
    """An account's stream of timeline entries, and the status of its source."""

    context: ResolverContext
    account: AccountRef
    with_progress: bool = True
    is_only_source: bool = True
    owner: Owner | None = None
    titles: TitleList | None = None
    remaining: RemainingEntries | None = None
    answers: list[Cached[object]] = field(default_factory=list[Cached[object]])
    error: ProviderError | None = None
    has_gaps: bool = False  # the source does not list everything; what it lists is shown
    _untitled: "asyncio.Task[tuple[Achievement, ...]] | None" = None
    _timeouts: dict[RowKey, ProviderError] = field(default_factory=dict[RowKey, ProviderError])

    @property
    def source_index(self) -> int:
        """The source's position among all sources: the second part of every key."""
        return SOURCE_ORDER[self.account.source]

    @property
    def is_incomplete(self) -> bool:
        """Whether entries are missing because the source failed."""
        return self.error is not None or (self.titles is not None and self.titles.is_incomplete)

    @property
    def is_whole(self) -> bool:
        """Whether nothing is known to be missing of what has been read."""
        lacks_titles = self.titles is not None and self.titles.is_partial
        return not (self.is_incomplete or self.has_gaps or lacks_titles)

    def get_status(self) -> Status:
        """Return the status of the account's source."""
        error = self.error or (self.titles.error if self.titles else None)
        if error is not None:
            return make_error_status(self.account.source, error)
        page_answers = self.titles.answers if self.titles else []
        status = make_status(self.account.source, [*page_answers, *self.answers])
        return status if self.is_whole else mark_incomplete(status)

    def stop(self, error: ProviderError) -> None:
        """End the stream with an error; the entries so far are kept."""
        self.error = self.error or error
        self.remaining = None
        if self.titles is not None:
            self.titles.stop()

    async def wait_for_source(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Return the coroutine's result; raise `TimedOut` to leave time for the other sources."""
        return await wait_for_source(
            self.account.source, coroutine, is_only_source=self.is_only_source
        )

    async def prefetch(self, row: TitleRow, parts: Part) -> None:
        """Load a title's contents; `get_achievements` raises the error of a failure."""
        try:
            await self.wait_for_source(get_contents(self.context, row.owner, row.title, parts))
        except TimedOut as error:
            self._timeouts[row.key] = error  # so that it is not waited for again
        except ProviderError:
            pass

    async def get_achievements(self, row: TitleRow, parts: Part) -> tuple[Achievement, ...]:
        """Return a title's achievements; none if the player has none, or the source fails."""
        try:
            if row.key in self._timeouts:
                raise self._timeouts[row.key]
            found = await self.wait_for_source(
                get_contents(self.context, row.owner, row.title, parts)
            )
        except NotFound:
            return ()
        except Private:  # its owner hides this title, and not the list that it is in
            self.has_gaps = True
            return ()
        except ProviderError as error:
            self.stop(error)
            return ()
        return found.achievements or ()

    async def find_contents(
        self, title: Title, parts: Part, *, is_listed: bool = True
    ) -> Contents | None:
        """Return a title's contents; none of them if the player does not have it.

        None, and the reason in the status, if they cannot be loaded. Other titles are not affected.
        A title that is not from the list may be private because all of them are.
        """
        if self.owner is None:
            return None
        pending = get_contents(self.context, self.owner, title, parts)
        try:
            return await self.wait_for_source(pending)
        except NotFound:
            return Contents()
        except ProviderError as error:
            if is_listed and isinstance(error, Private):
                self.has_gaps = True  # its owner hides this title, and not the list that it is in
            else:
                self.error = self.error or error
        return None

    def load_untitled(self) -> "asyncio.Task[tuple[Achievement, ...]]":
        """Start to load the achievements without a title, once."""
        if self._untitled is None:
            self._untitled = asyncio.create_task(self._fetch_untitled())
        return self._untitled

    async def wait_for_untitled(self) -> None:
        """Wait for the achievements without a title, if they were requested."""
        if self._untitled is not None:
            await self._untitled

    async def _fetch_untitled(self) -> tuple[Achievement, ...]:
        source, loaders = self.account.source, self.context.loaders
        if self.owner is None or not loaders.has_capability(source, HasAchievements):
            return ()
        try:
            answer = await self.wait_for_source(
                loaders.load_achievements(source, self.account.handle, progress=self.with_progress)
            )
        except ProviderError as error:
            self.error = self.error or error
            return ()
        self.answers.append(answer)
        return answer.value


async def prefetch_contents(
    streams: Sequence[AccountStream], candidates: Iterable[Candidate], parts: Part
) -> None:
    """Load the contents of several titles concurrently."""
    rows = [each.row for each in candidates if each.row is not None]
    await asyncio.gather(*(find_stream(streams, row).prefetch(row, parts) for row in rows))


def find_stream(streams: Sequence[AccountStream], row: TitleRow) -> AccountStream:
    """Return the stream of the account that a title belongs to."""
    return next(each for each in streams if each.source_index == row.key[1])
