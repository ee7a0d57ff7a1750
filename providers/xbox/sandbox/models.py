"""Titles and players of the sandbox."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True)
class Achievement:
    """An achievement; `targets` are those of its requirements, `reward` is one beside gamerscore.

    `percent` is None where the upstream has no rarity.
    """

    id: str
    name: str
    description: str
    locked_description: str
    gamerscore: int | None = 10
    percent: float | None = 41.2
    is_secret: bool = False
    targets: tuple[str, ...] = ("1",)
    kind: str = "Persistent"
    reward: str | None = None


@dataclass(frozen=True)
class Title:
    """A title of either generation, or an application without achievements."""

    title_id: int
    name: str
    devices: tuple[str, ...]
    achievements: tuple[Achievement, ...] = ()
    media_item_type: str = "Application"
    publisher: str | None = None
    developer: str | None = None
    genres: tuple[str, ...] = ()
    released: str | None = None
    # Texts in German, by the achievement's id; the title's own name under the empty text.
    german: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def is_x360(self) -> bool:
        return self.media_item_type != "Application"

    @property
    def gamerscore(self) -> int:
        return sum(each.gamerscore or 0 for each in self.achievements)


@dataclass
class State:
    """A player's state of an achievement: earned at a time, or with numbers of its requirements.

    An earned one without a time is one of which the upstream does not know it.
    """

    is_earned: bool = False
    earned_at: datetime | None = None
    currents: tuple[str | None, ...] = ()
    is_revoked: bool = False
    is_offline: bool = False


@dataclass
class PlayedTitle:
    """A title that a player has launched; without a time, its history is missing."""

    last_played_at: datetime | None = None
    minutes_played: int | None = None
    is_visible: bool = True
    states: dict[str, State] = field(default_factory=dict[str, State])


@dataclass
class Player:
    """An account; a private one shows others no titles, a closed one refuses."""

    xuid: str
    modern_gamertag: str
    suffix: str = ""
    key: str | None = None
    extra_gamerscore: int = 0
    bio: str = ""
    location: str = ""
    tenure: int = 0
    is_private: bool = False
    is_closed: bool = False
    state: str = "Offline"
    current_title_id: int | None = None
    rich_presence: str | None = None
    friends: list[str] = field(default_factory=list[str])
    titles: dict[int, PlayedTitle] = field(default_factory=dict[int, PlayedTitle])

    @property
    def gamertag(self) -> str:
        """The classic gamertag."""
        return self.modern_gamertag + self.suffix

    @property
    def unique_gamertag(self) -> str:
        """The gamertag with its suffix behind a mark."""
        return self.modern_gamertag + (f"#{self.suffix}" if self.suffix else "")
