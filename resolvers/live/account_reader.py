"""Reads what a poll compares: the rows of an account's titles, and what is earned in one of them.

Works with the capabilities that every source has, so that a new source is watched without a line
here.
"""

from dataclasses import dataclass
from typing import TypeVar

from providers.capabilities import (
    Client,
    ContentsKey,
    HasAchievements,
    HasTitles,
    TitlePageKey,
)
from providers.errors import Missing, ProviderError, Unavailable
from providers.kit.caching.cached import Cached
from providers.records import Achievement, Part, Title
from resolvers.live.marks import Marks

T = TypeVar("T")

MAX_PAGES = 40


@dataclass(frozen=True)
class AccountReader:
    """What one credential sees of one account, past the cache."""

    client: Client
    account_id: str

    @property
    def has_titles(self) -> bool:
        """Whether the source has titles."""
        return isinstance(self.client, HasTitles)

    async def read_rows(self, marks: Marks | None) -> list[Title]:
        """Return the first page of rows, and the next ones while all of a page has changed.

        Titles that change come to the front of the list. Without marks return all rows.
        """
        if not isinstance(self.client, HasTitles):
            return []
        rows: list[Title] = []
        key: TitlePageKey | None = TitlePageKey(self.account_id)
        for _ in range(MAX_PAGES):
            (outcome,) = await self.client.get_titles([key])
            page = self._take(outcome)
            rows += page.titles
            key = key.advance(page)
            if key is None or (marks and not all(map(marks.has_changed, page.titles))):
                break
        return rows

    async def read_earned(self, row: Title) -> tuple[Achievement, ...] | None:
        """Return a title's achievements with what is earned; None if it is hidden or gone."""
        if not isinstance(self.client, HasTitles):
            return None
        key = ContentsKey(self.account_id, row, Part.EARNED)
        try:
            (outcome,) = await self.client.get_contents([key])
            return self._take(outcome).achievements
        except Missing:
            return None

    async def read_untitled(self) -> tuple[Achievement, ...] | None:
        """Return the achievements without a title; None if the source has none of these."""
        if not isinstance(self.client, HasAchievements):
            return None
        (outcome,) = await self.client.get_achievements([self.account_id], progress=False)
        return self._take(outcome)

    def _take(self, outcome: Cached[T] | ProviderError) -> T:
        if isinstance(outcome, ProviderError):
            raise outcome
        if outcome.stale:  # the cache serves an earlier response while the source fails
            raise Unavailable("The source is not available now.", source=self.client.source)
        return outcome.value
