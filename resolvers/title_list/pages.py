"""An account's titles a page at a time, as the one list that they are although it moves.

A page may be remembered from before the one behind it is asked for. What is earned in between
moves its title from behind to the front, so that it is on neither of the two. The later page shows
that: it repeats what those before it end with, or tells another total. Then they are asked for
again.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from providers.capabilities import TitlePageKey
from providers.kit.caching.cached import Cached
from providers.records import Title, TitlePage
from resolvers.context import Owner, ResolverContext
from resolvers.soft_timeout import wait_for_source


@dataclass
class TitlePages:
    """The pages of one account's list; `alone` says that no other list needs time, too."""

    context: ResolverContext
    owner: Owner
    is_only_source: bool = True
    answers: list[Cached[TitlePage]] = field(default_factory=list[Cached[TitlePage]])
    next_key: TitlePageKey | None = field(init=False)
    _read_keys: list[TitlePageKey] = field(default_factory=list[TitlePageKey])
    _seen_ids: set[str] = field(default_factory=set[str])

    def __post_init__(self) -> None:
        self.next_key = TitlePageKey(self.owner.request_handle)

    async def read_next(self) -> tuple[list[Title], list[Title]]:
        """What has moved to before the next page unseen, and what is on that page."""
        key = self.next_key
        if key is None:
            return [], []
        answer = await self._fetch_page(key)
        moved = await self._refetch_pages() if self._shows_move(answer) else []
        self._read_keys.append(key)
        self.answers.append(answer)
        self.next_key = key.advance(answer.value)
        return self._take_unseen(moved), self._take_unseen(answer.value.titles)

    async def _fetch_page(self, key: TitlePageKey) -> Cached[TitlePage]:
        page = self.context.loaders.load_titles(self.owner.source, key)
        return await wait_for_source(self.owner.source, page, is_only_source=self.is_only_source)

    def _shows_move(self, answer: Cached[TitlePage]) -> bool:
        if all(answer.fetched_at <= each.fetched_at for each in self.answers):
            return False  # also where a source always contradicts itself
        totals = {each.value.total for each in (*self.answers, answer)}
        return len(totals) > 1 or any(
            title.native_id in self._seen_ids for title in answer.value.titles
        )

    async def _refetch_pages(self) -> list[Title]:
        """The titles on all pages so far as they are now."""
        keys = (replace(key, bypass_cache=True) for key in self._read_keys)
        self.answers = list(await asyncio.gather(*map(self._fetch_page, keys)))
        return [title for answer in self.answers for title in answer.value.titles]

    def _take_unseen(self, titles: Sequence[Title]) -> list[Title]:
        found = {
            title.native_id: title for title in titles if title.native_id not in self._seen_ids
        }
        self._seen_ids.update(found)
        return list(found.values())
