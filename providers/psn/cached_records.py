"""Records that exist only in the cache: parts from which titles, searches and lists are built."""

from datetime import datetime

from providers.psn_records import PsnMessageGroup, PsnProfile
from providers.records import (
    AchievementReward,
    Group,
    Image,
    Rarity,
    Record,
    Title,
    TrophyCounts,
    TrophyGrade,
)


class TrophyDefinition(Record, frozen=True, kw_only=True):
    """A trophy as its title defines it; `target` is the value at which a counter is complete."""

    native_id: str
    group_id: str | None = None
    name: str | None = None
    description: str | None = None
    icon: Image | None = None
    hidden: bool = False
    grade: TrophyGrade | None = None
    reward: AchievementReward | None = None
    target: float | None = None


class TrophyDefinitions(Record, frozen=True, kw_only=True):
    """All trophies of a title, as of one version of its trophy set.

    `defined_counts` are the numbers of them by grade, None if a grade is unknown.
    """

    version: str | None
    definitions: tuple[TrophyDefinition, ...]
    defined_counts: TrophyCounts | None = None


class GroupDefinitions(Record, frozen=True, kw_only=True):
    """A title and its groups without any player, as of one version of its trophy set."""

    version: str | None
    title: Title
    groups: tuple[Group, ...]

    @property
    def defined_counts(self) -> TrophyCounts | None:
        """The numbers of trophies by grade, or None if they are not known."""
        return self.title.defined_counts


class SetSize(Record, frozen=True, kw_only=True):
    """How many trophies a set has, as of one version of it."""

    version: str | None
    counts: TrophyCounts


class TrophyCounter(Record, frozen=True, kw_only=True):
    """What an account's row of a trophy says of its counter.

    `percent` is PSN's `progressRate`, from 0 to 100.
    """

    target: float | None = None
    current: float | None = None
    percent: float | None = None
    progressed_at: datetime | None = None


class TrophyState(Record, frozen=True, kw_only=True):
    """An account's row of a trophy, with what it repeats of the definition.

    Most trophies have no counter.
    """

    native_id: str
    group_id: str | None = None
    hidden: bool = False
    grade: TrophyGrade | None = None
    earned: bool | None = None
    earned_at: datetime | None = None
    counter: TrophyCounter | None = None
    rarity: Rarity | None = None


class EarnedTrophyStates(Record, frozen=True, kw_only=True):
    """An account's rows of all trophies of a title."""

    last_updated_at: datetime | None
    states: tuple[TrophyState, ...]


class EarnedGroupStates(Record, frozen=True, kw_only=True):
    """An account's progress in a title and in each of its groups."""

    title: Title
    groups: tuple[Group, ...]


class SearchHits(Record, frozen=True, kw_only=True):
    """A page of search hits in PSN's order."""

    people: tuple[PsnProfile, ...]
    total: int | None = None
    next_cursor: str | None = None


class GroupListPage(Record, frozen=True, kw_only=True):
    """A page of one of the two lists of message groups: the favorites or the others."""

    groups: tuple[PsnMessageGroup, ...]
    total: int | None = None
    next_offset: int | None = None
    unread_count: int = 0  # rows that cannot be read
