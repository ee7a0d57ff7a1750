"""Records that only the cache of Steam holds."""

from datetime import datetime

from providers.records import Achievement, Group, Image, Record
from providers.steam_records import SteamPresence, SteamProfile


class Summary(Record, frozen=True, kw_only=True):
    """An account's profile and presence, which come in one response."""

    profile: SteamProfile
    presence: SteamPresence


class LibraryGame(Record, frozen=True, kw_only=True):
    """A game of an account's library, or one that was borrowed and played lately.

    `last_played_at` is None where it is not known, and where `is_never_played`. `has_stats` is None
    for a borrowed game, of which the upstream does not say it.
    """

    app_id: str
    name: str | None = None
    icon: Image | None = None
    playtime_minutes: int | None = None
    recent_playtime_minutes: int | None = None
    last_played_at: datetime | None = None
    is_never_played: bool = False
    has_stats: bool | None = None


class Counts(Record, frozen=True, kw_only=True):
    """How many achievements an app has, and how many of them a player has earned."""

    total: int
    earned: int


class Definitions(Record, frozen=True, kw_only=True):
    """An app's achievements and groups, without a player.

    `is_fallback` tells that documented methods were called, which lack some texts and the version.
    """

    achievements: tuple[Achievement, ...] = ()
    groups: tuple[Group, ...] = ()
    schema_version: str | None = None
    is_fallback: bool = False


class GameSchema(Record, frozen=True, kw_only=True):
    """An app's name and achievements by the documented schema."""

    name: str | None = None
    achievements: tuple[Achievement, ...] = ()


class EarnedState(Record, frozen=True, kw_only=True):
    """What a player has earned in an app: all names in the schema's order, and the unlocks.

    An unlock's time is None where Steam does not know it.
    """

    game_name: str | None = None
    names: tuple[str, ...] = ()
    unlocks: dict[str, datetime | None]
