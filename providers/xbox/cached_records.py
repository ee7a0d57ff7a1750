"""Records that only the cache of Xbox holds."""

from datetime import datetime

from providers.records import Achievement, Image, Record, TitleInfo


class LibraryTitle(Record, frozen=True, kw_only=True):
    """A title of an account's list, with or without achievements.

    `is_x360` is None where the list does not tell the generation. The counts are as the upstream
    sends them: of most modern titles it does not know how many achievements there are.
    """

    title_id: str
    name: str | None = None
    icon: Image | None = None
    platforms: tuple[str, ...] | None = None
    is_x360: bool | None = None
    is_hidden: bool | None = None
    has_achievements: bool = True
    earned_count: int | None = None
    listed_count: int | None = None
    gamerscore: int | None = None
    total_gamerscore: int | None = None
    last_played_at: datetime | None = None
    info: TitleInfo | None = None

    @property
    def version(self) -> str:
        """What changes whenever the player earns something in the title, or plays it."""
        played = self.last_played_at
        moment = "" if played is None else played.isoformat()
        return f"{self.earned_count}/{self.gamerscore}/{moment}"


class TitleSet(Record, frozen=True, kw_only=True):
    """The achievements of a title, and how many there are in all."""

    name: str | None = None
    achievements: tuple[Achievement, ...] = ()
    total: int = 0
