"""Records of what only Steam has: profiles, presence and played games.

The rules of `providers/records.py` apply. The module stands beside it, and not in the source's
folder, because resolvers and the schema know these records and no source.
"""

from datetime import datetime

from providers.records import Image, Presence, Profile, Record


class SteamProfile(Profile, frozen=True, kw_only=True):
    """A Steam account with the fields of its profile; a private one shows few of them."""

    is_public: bool | None = None
    country: str | None = None
    created_at: datetime | None = None


class SteamPresence(Presence, frozen=True, kw_only=True):
    """Whether a Steam account is online, and what it plays."""

    app_id: str | None = None
    title_name: str | None = None
    last_online_at: datetime | None = None

    @property
    def running_id(self) -> str | None:
        """The id of the app that is played right now."""
        return self.app_id


class SteamPlayedGame(Record, frozen=True, kw_only=True):
    """A game that a Steam account has played, with or without achievements."""

    app_id: str
    name: str | None = None
    image: Image | None = None
    play_duration_seconds: int | None = None
    recent_play_duration_seconds: int | None = None
    last_played_at: datetime | None = None

    @property
    def native_id(self) -> str:
        """The id of the app."""
        return self.app_id


class SteamPlayedGamePage(Record, frozen=True, kw_only=True):
    """A page of an account's played games, last played first."""

    games: tuple[SteamPlayedGame, ...]
    total: int | None = None
    next_offset: int | None = None
    unread_count: int = 0  # rows that cannot be read
