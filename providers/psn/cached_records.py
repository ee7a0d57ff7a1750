"""The parts a title's contents are put together from, each remembered on its own."""

from datetime import datetime

from providers.psn_records import PsnMessageGroup, PsnProfile
from providers.records import Achievement, Group, Rarity, Record, Title


class TrophyDefinition(Record, frozen=True, kw_only=True):
    """A trophy as its set defines it, and where its counter ends."""

    achievement: Achievement
    target: float | None = None


class TrophyDefinitions(Record, frozen=True, kw_only=True):
    """All trophies of a set."""

    version: str | None
    definitions: tuple[TrophyDefinition, ...]


class GroupDefinitions(Record, frozen=True, kw_only=True):
    """A set and its groups."""

    version: str | None
    title: Title
    groups: tuple[Group, ...]


class TrophyState(Record, frozen=True, kw_only=True):
    """What an account did about one trophy: also the bare trophy, for one no definition knows."""

    achievement: Achievement
    target: float | None = None
    current: float | None = None
    percent: float | None = None
    progressed_at: datetime | None = None
    rarity: Rarity | None = None


class EarnedTrophyStates(Record, frozen=True, kw_only=True):
    """What an account did in a set."""

    last_updated_at: datetime | None
    states: tuple[TrophyState, ...]


class EarnedGroupStates(Record, frozen=True, kw_only=True):
    """An account's own row of a title, and of its groups."""

    title: Title
    groups: tuple[Group, ...]


class SearchHits(Record, frozen=True, kw_only=True):
    """A search's hits as the service ranks them."""

    people: tuple[PsnProfile, ...]
    total: int | None = None
    next_cursor: str | None = None


class GroupListPage(Record, frozen=True, kw_only=True):
    """One call's worth of groups, either the favourites or the others."""

    groups: tuple[PsnMessageGroup, ...]
    total: int | None = None
    is_last: bool = True
