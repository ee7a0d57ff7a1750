"""A list that its source gives page by page, read from its start to a page behind some row.

A cursor names a row and the place it had, and is the caller's to write: how far it may lead, and
how many pages are asked for on the way, has an end.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from providers.errors import BadInput
from providers.kit.caching.cached import Answer

Place = tuple[int, str]

FARTHEST = 10_000
MOST_PAGES = 40


class Counted(Protocol):
    """A page that may tell how many rows there are in all."""

    @property
    def total(self) -> int | None:
        """How many there are."""
        ...


Page = TypeVar("Page", bound=Counted)
Row = TypeVar("Row")
Start = TypeVar("Start", int, str)


class TooFar(BadInput):
    """A cursor that leads where no list is read to."""

    def __init__(self) -> None:
        message = f"after: a list is read up to {FARTHEST:,} rows and {MOST_PAGES} pages deep."
        super().__init__(message, argument="after")


@dataclass(frozen=True)
class Walked(Generic[Row]):
    """The rows behind a cursor with their places, and all that was answered on the way."""

    rows: list[tuple[int, Row]]
    more: bool
    total: int | None
    answers: list[Answer[object]]


@dataclass(frozen=True)
class Pages(Generic[Page, Row, Start]):
    """How a list is asked for, what its pages hold, what follows them, what a row is called."""

    ask: Callable[[Start], Awaitable[Answer[Page]]]
    rows: Callable[[Page], Sequence[Row]]
    following: Callable[[Page], Start | None]
    name: Callable[[Row], str]

    async def walk(self, start: Start, first: int, after: Place | None) -> Walked[Row]:
        """The first rows behind a cursor; `TooFar` when they are too many pages away."""
        check(after)
        found: list[Row] = []
        answers: list[Answer[object]] = []
        total: int | None = None
        at: Start | None = start
        seen = {start}
        behind = 0
        while at is not None and len(found) <= first + behind and len(answers) < MOST_PAGES:
            answer = await self.ask(at)
            answers.append(answer)
            total = answer.value.total if total is None else total
            found += self.rows(answer.value)
            behind = self._behind(found, after)
            at = self.following(answer.value)
            at = None if at in seen else at  # a list that leads back has ended
            seen.update(() if at is None else (at,))
        rows = list(enumerate(found))[behind:]
        if at is not None and after is not None and not rows:
            raise TooFar
        more = len(rows) > first or (at is not None and bool(rows))
        return Walked(rows[:first], more, total, answers)

    def _behind(self, found: list[Row], after: Place | None) -> int:
        """How many rows come before those behind a cursor: the row it names, or its old place."""
        if after is None:
            return 0
        place, name = after
        named = next((at for at, row in enumerate(found) if self.name(row) == name), None)
        return place + 1 if named is None else named + 1


def check(after: Place | None) -> None:
    """Refuse a place that no row has had."""
    if after is not None and not 0 <= after[0] < FARTHEST:
        raise TooFar
