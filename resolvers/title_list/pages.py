"""An account's titles a page at a time, as the one list that they are although it moves.

A page may be remembered from before the one behind it is asked for. What is earned in between
moves its title from behind to the front, so that it is on neither of the two. The later page shows
that: it repeats what those before it end with, or tells another total. Then they are asked for
again.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from providers.capabilities import TitlesKey
from providers.kit.caching.cached import Answer
from providers.records import Title, TitlePage
from resolvers.context import Context, Shelf
from resolvers.soft_timeout import in_time


@dataclass
class TitlePages:
    """The pages of one account's list; `alone` says that no other list needs time, too."""

    context: Context
    shelf: Shelf
    alone: bool = True
    answers: list[Answer[TitlePage]] = field(default_factory=list[Answer[TitlePage]])
    next: TitlesKey | None = field(init=False)
    _keys: list[TitlesKey] = field(default_factory=list[TitlesKey])
    _seen: set[str] = field(default_factory=set[str])

    def __post_init__(self) -> None:
        self.next = TitlesKey(self.shelf.asked)

    async def more(self) -> tuple[list[Title], list[Title]]:
        """What has moved to before the next page unseen, and what is on that page."""
        key = self.next
        if key is None:
            return [], []
        answer = await self._asked(key)
        moved = await self._before_it() if self._shows_a_move(answer) else []
        self._keys.append(key)
        self.answers.append(answer)
        self.next = key.following(answer.value)
        return self._unseen(moved), self._unseen(answer.value.titles)

    async def _asked(self, key: TitlesKey) -> Answer[TitlePage]:
        page = self.context.loaders.titles(self.shelf.source, key)
        return await in_time(self.shelf.source, page, alone=self.alone)

    def _shows_a_move(self, answer: Answer[TitlePage]) -> bool:
        if all(answer.fetched_at <= each.fetched_at for each in self.answers):
            return False  # also where a source always contradicts itself
        totals = {each.value.total for each in (*self.answers, answer)}
        return len(totals) > 1 or any(
            title.native_id in self._seen for title in answer.value.titles
        )

    async def _before_it(self) -> list[Title]:
        """The titles on all pages so far as they are now."""
        keys = (replace(key, anew=True) for key in self._keys)
        self.answers = list(await asyncio.gather(*map(self._asked, keys)))
        return [title for answer in self.answers for title in answer.value.titles]

    def _unseen(self, titles: Sequence[Title]) -> list[Title]:
        found = {title.native_id: title for title in titles if title.native_id not in self._seen}
        self._seen.update(found)
        return list(found.values())
