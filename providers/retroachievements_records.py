"""Records of what only RetroAchievements has; `None` means unknown."""

from datetime import datetime

from providers.records import Achievement, Profile, Record, Title


class RetroAchievementsProfile(Profile, frozen=True, kw_only=True):
    """A RetroAchievements account with the fields of its profile."""

    points: int | None = None
    softcore_points: int | None = None
    true_points: int | None = None
    member_since: datetime | None = None
    motto: str | None = None
    rich_presence: str | None = None


class RetroAchievementsRank(Record, frozen=True, kw_only=True):
    """The place of an account among all ranked ones, by hardcore points; 1 is the first."""

    position: int
    population: int

    @property
    def percentile(self) -> float:
        """The share of ranked accounts with a lower place, in percent from 0 to 100."""
        # The two are counted at different times.
        return max(0.0, 100 * (self.population - self.position) / self.population)


class AchievementOfTheWeek(Record, frozen=True, kw_only=True):
    """An achievement that the site has chosen for a week, without any player."""

    achievement: Achievement
    title: Title
    starts_at: datetime | None = None
    unlock_count: int | None = None
    hardcore_unlock_count: int | None = None
    player_count: int | None = None


class RetroAchievementsFollow(Record, frozen=True, kw_only=True):
    """An account that another one follows, or is followed by.

    `account_id` is its ULID, or its name where the source leaves that out.
    """

    account_id: str
    ulid: str | None = None
    display_name: str | None = None
    points: int | None = None
    softcore_points: int | None = None
    is_mutual: bool | None = None


class RetroAchievementsFollowPage(Record, frozen=True, kw_only=True):
    """A page of the accounts that an account follows, or is followed by."""

    follows: tuple[RetroAchievementsFollow, ...]
    total: int | None = None
    next_offset: int | None = None
    unread_count: int = 0  # rows that cannot be read


class LeaderboardEntry(Record, frozen=True, kw_only=True):
    """A player's place on a title's leaderboard; the score is in the leaderboard's format."""

    ulid: str | None = None
    display_name: str | None = None
    rank: int | None = None
    score: int | None = None
    formatted_score: str | None = None
    submitted_at: datetime | None = None


class Leaderboard(Record, frozen=True, kw_only=True):
    """A leaderboard of a title, without any player but the first."""

    native_id: str
    name: str | None = None
    description: str | None = None
    format: str | None = None
    lower_is_better: bool | None = None
    state: str | None = None
    top_entry: LeaderboardEntry | None = None


class LeaderboardPage(Record, frozen=True, kw_only=True):
    """A page of a title's leaderboards, in the source's order."""

    leaderboards: tuple[Leaderboard, ...]
    total: int | None = None
    next_offset: int | None = None
    unread_count: int = 0  # rows that cannot be read
