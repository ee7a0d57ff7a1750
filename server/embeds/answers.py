"""What the embedded documents show, as the answers of the pages' operations contain it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

# States in which a source's part of an answer is there, as far as there is one.
SHOWN_STATES = frozenset({"OK", "STALE"})


class Picture(msgspec.Struct):
    """A picture; its address is null where it must not be shown."""

    url: str | None = None


class Rarity(msgspec.Struct):
    """The share of the players who have earned an achievement, in percent."""

    percent: float


class Points(msgspec.Struct):
    """Points in the unit of their source."""

    value: int
    unit: str


class TitleName(msgspec.Struct):
    """The title of an achievement."""

    name: str | None = None


class Unlock(msgspec.Struct, rename="camel"):
    """An earned achievement; `id` is lasting and contains the account."""

    id: str
    source: str
    name: str | None = None
    description: str | None = None
    earned_at: datetime | None = None
    grade: str | None = None
    icon: Picture | None = None
    points: Points | None = None
    rarity: Rarity | None = None
    title: TitleName | None = None

    @property
    def title_name(self) -> str | None:
        return self.title.name if self.title else None

    @property
    def icon_url(self) -> str | None:
        return self.icon.url if self.icon else None


class State(msgspec.Struct):
    """The state of a source's part of an answer."""

    state: str

    @property
    def is_shown(self) -> bool:
        return self.state in SHOWN_STATES


class Edge(msgspec.Struct):
    """An entry of a list."""

    node: Unlock


class PageInfo(msgspec.Struct, frozen=True, rename="camel"):
    """Whether there are more unlocks than were read."""

    has_next_page: bool = False


class Unlocks(msgspec.Struct, rename="camel"):
    """The newest unlocks of all sources, newest first."""

    edges: tuple[Edge, ...] = ()
    sources: tuple[State, ...] = ()
    page_info: PageInfo = PageInfo()

    @property
    def nodes(self) -> list[Unlock]:
        return [edge.node for edge in self.edges]

    @property
    def have_all_failed(self) -> bool:
        """Whether no source answered, so that an empty list means nothing."""
        return not self.edges and not any(each.is_shown for each in self.sources)


class Grades(msgspec.Struct):
    """Numbers of trophies."""

    platinum: int


class Account(msgspec.Struct, rename="camel"):
    """An account on one source."""

    source: str
    status: State
    display_name: str | None = None


class Totals(msgspec.Struct, rename="camel"):
    """The counts of one source; null is unknown."""

    source: str
    titles: int | None = None
    earned: int | None = None
    points: int | None = None
    awards: int | None = None
    earned_counts: Grades | None = None

    @property
    def has_counts(self) -> bool:
        """Whether anything is known."""
        counts = (self.titles, self.earned, self.points, self.awards, self.earned_counts)
        return any(each is not None for each in counts)


class Person(msgspec.Struct, rename="camel"):
    """The person of a profile."""

    accounts: tuple[Account, ...] = ()
    display_name: str | None = None
    avatar: Picture | None = None
    totals: tuple[Totals, ...] | None = None

    @property
    def has_counts(self) -> bool:
        """Whether anything is known of any source."""
        return any(each.has_counts for each in self.totals or ())


class _PersonAnswer(msgspec.Struct):
    user: Person | None = None


class _UnlocksUser(msgspec.Struct):
    achievements: Unlocks | None = None


class _UnlocksAnswer(msgspec.Struct):
    user: _UnlocksUser | None = None


def read_person(data: Mapping[str, Any]) -> Person:
    """Read the answer of the operation `person`; of a failed one nothing is known."""
    return msgspec.convert(data, _PersonAnswer).user or Person()


def read_unlocks(data: Mapping[str, Any]) -> Unlocks:
    """Read the answer of the operation `unlocks`."""
    user = msgspec.convert(data, _UnlocksAnswer).user
    return (user and user.achievements) or Unlocks()
