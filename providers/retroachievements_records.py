"""Records of what only RetroAchievements has; `None` means unknown."""

from datetime import datetime

from providers.records import Profile


class RetroAchievementsProfile(Profile, frozen=True, kw_only=True):
    """A RetroAchievements account with the fields of its profile."""

    points: int | None = None
    softcore_points: int | None = None
    true_points: int | None = None
    member_since: datetime | None = None
    motto: str | None = None
    rich_presence: str | None = None
