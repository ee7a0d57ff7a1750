"""The data of the sandbox: games, members and unlocks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

Json = dict[str, Any]

PROGRESSION = "progression"
WIN_CONDITION = "win_condition"
MISSABLE = "missable"


@dataclass(frozen=True)
class Achievement:
    id: int
    title: str
    description: str
    points: int
    type: str | None
    order: int
    earners: int
    hardcore_earners: int

    @property
    def badge(self) -> str:
        """Return the badge's name, a number written as text."""
        return f"{self.id:05d}"


@dataclass(frozen=True)
class Game:
    id: int
    title: str
    console_id: int
    players: int
    achievements: tuple[Achievement, ...]
    parent_id: int | None = None
    released: str | None = None

    @property
    def icon(self) -> str:
        return f"/Images/{self.id:06d}.png"

    @property
    def points(self) -> int:
        return sum(achievement.points for achievement in self.achievements)

    @cached_property
    def achievements_by_id(self) -> Mapping[int, Achievement]:
        return {achievement.id: achievement for achievement in self.achievements}

    def compute_true_ratio(self, achievement: Achievement) -> int:
        """Return the points weighted by rarity."""
        return round(achievement.points * (self.players / achievement.earners) ** 0.5)


@dataclass(frozen=True)
class Unlock:
    """The times at which an achievement was earned first, and in hardcore."""

    earned_at: datetime
    hardcore_earned_at: datetime | None = None

    @property
    def last_earned_at(self) -> datetime:
        """Return the hardcore time, or else the first."""
        return self.hardcore_earned_at or self.earned_at


@dataclass(frozen=True)
class SiteAward:
    """An award that is not for a game. The order -1 means that its owner hides it."""

    type: str
    awarded_at: datetime
    data: int
    extra: int
    order: int
    title: str | None = None
    icon: str | None = None
    tier: int | None = None
    console: tuple[int, str] | None = None


@dataclass(frozen=True)
class Leaderboard:
    """A leaderboard, with each member's score and its time, by ULID."""

    id: int
    game_id: int
    title: str
    description: str
    format: str
    lower_is_better: bool
    scores: Mapping[str, tuple[int, datetime]] = field(
        default_factory=dict[str, tuple[int, datetime]]
    )


@dataclass
class Member:
    """An account. `name` may differ from `original_name`; the ULID never changes."""

    id: int
    name: str
    ulid: str
    member_since: str
    key: str | None = None
    original_name: str = ""
    motto: str = ""
    rich_presence: str | None = None
    unlocks: dict[int, Unlock] = field(default_factory=dict[int, Unlock])
    site_awards: list[SiteAward] = field(default_factory=list[SiteAward])
    published_awards: Mapping[str, Any] | None = None
    following: list[str] = field(default_factory=list[str])  # by ULID
    wanted_game_ids: list[int] = field(default_factory=list[int])

    @property
    def username(self) -> str:
        return self.original_name or self.name
