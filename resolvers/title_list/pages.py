"""The remote pages of an account's titles, combined into one list although titles move.

A page may come from the cache, older than the page after it. An unlock in between moves its title
to the front of the list, so that neither of the two pages has it. The later page shows this: it
repeats a title of an earlier page, or has another total. The earlier pages are then fetched again.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from providers.capabilities import TitlePageKey
from providers.kit.caching.cached import Cached
from providers.records import Title, TitlePage
from resolvers.context import Owner, ResolverContext
from resolvers.pagination import RemotePages
from resolvers.soft_timeout import wait_for_source


class TitlePages:
    """The pages of one account's titles; the only source may use all of the operation's time.

    Without `with_counts` the titles may lack their numbers of achievements.
    """

    def __init__(
        self,
        context: ResolverContext,
        owner: Owner,
        *,
        is_only_source: bool = True,
        with_counts: bool = True,
    ) -> None:
        self.context = context
        self.owner = owner
        self.is_only_source = is_only_source
        self.with_counts = with_counts
        self._remote = RemotePages(
            self._fetch_page, TitlePageKey.advance, TitlePageKey(owner.request_handle)
        )
        self._seen_ids = set[str]()

    @property
    def has_next(self) -> bool:
        """Whether there is another page."""
        return self._remote.next_start is not None

    @property
    def answers(self) -> list[Cached[TitlePage]]:
        """The pages that have been read, in order."""
        return self._remote.answers

    def stop(self) -> None:
        """End the list after the pages that have been read."""
        self._remote.next_start = None

    async def read_next(self) -> tuple[list[Title], list[Title]]:
        """Read a page; return the unseen titles that moved to earlier pages, and those on it."""
        page = await self._remote.read_next()
        if page is None:
            return [], []
        moved = await self._refetch_earlier_pages() if self._shows_move() else []
        unseen = self._take_unseen(moved), self._take_unseen(page.titles)
        if page.titles and not any(unseen):
            self.stop()  # a list whose pages repeat each other
        return self._select_shown(unseen[0]), self._select_shown(unseen[1])

    async def _fetch_page(self, key: TitlePageKey) -> Cached[TitlePage]:
        page = self.context.loaders.load_titles(
            self.owner.source, key, with_counts=self.with_counts
        )
        return await wait_for_source(self.owner.source, page, is_only_source=self.is_only_source)

    def _shows_move(self) -> bool:
        *earlier, latest = self.answers
        if all(latest.fetched_at <= each.fetched_at for each in earlier):
            return False  # also for a source that always contradicts itself
        totals = {each.value.total for each in self.answers}
        return len(totals) > 1 or any(
            title.native_id in self._seen_ids for title in latest.value.titles
        )

    async def _refetch_earlier_pages(self) -> list[Title]:
        *starts, _ = self._remote.starts
        keys = (replace(start, bypass_cache=True) for start in starts)
        earlier = await asyncio.gather(*map(self._fetch_page, keys))
        self.answers[:-1] = earlier
        return [title for answer in earlier for title in answer.value.titles]

    def _select_shown(self, titles: list[Title]) -> list[Title]:
        """Leave out of a public profile what its owner has hidden."""
        if not self.context.viewer.is_profile:
            return titles
        return [title for title in titles if not title.hidden_by_owner]

    def _take_unseen(self, titles: Sequence[Title]) -> list[Title]:
        found = {
            title.native_id: title for title in titles if title.native_id not in self._seen_ids
        }
        self._seen_ids.update(found)
        return list(found.values())
