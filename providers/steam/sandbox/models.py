"""Games and players of the sandbox."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True)
class Achievement:
    """An achievement, with the percentage of players who have it."""

    name: str
    title: str
    description: str
    percent: float
    is_hidden: bool = False
    group_id: str | None = None


@dataclass(frozen=True)
class Group:
    """A group of achievements, for an addition to the game."""

    id: str
    name: str
    app_id: int


@dataclass(frozen=True)
class Game:
    """An app; `internal_name` is what its schema calls it."""

    app_id: int
    name: str
    achievements: tuple[Achievement, ...] = ()
    internal_name: str | None = None
    has_stats: bool = True
    groups: tuple[Group, ...] = ()
    # The batch of counts leaves some apps out.
    is_in_batches: bool = True
    # Texts in German, by the achievement's name.
    german: dict[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])

    @property
    def icon(self) -> str:
        return f"{self.app_id * 7919:040x}" if self.has_stats else ""


@dataclass
class OwnedGame:
    """A game in a library, or a borrowed one; times are in minutes."""

    playtime: int = 0
    recent_playtime: int = 0
    last_played_at: datetime | None = None
    is_borrowed: bool = False
    is_private: bool = False


@dataclass
class Player:
    """An account; the three switches are what its owner shows to others."""

    steam_id: str
    name: str
    vanity: str | None = None
    key: str | None = None
    shows_profile: bool = True
    shows_games: bool = True
    shows_friends: bool = True
    state: int = 0
    country: str | None = None
    created_at: int | None = None
    last_logoff: int | None = None
    level: int | None = None
    current_app_id: int | None = None
    friends: dict[str, int] = field(default_factory=dict[str, int])
    games: dict[int, OwnedGame] = field(default_factory=dict[int, OwnedGame])
    # Unix times by app and achievement; 0 where Steam does not know the time.
    unlocks: dict[tuple[int, str], int] = field(default_factory=dict[tuple[int, str], int])
