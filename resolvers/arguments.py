"""Values of the graph's arguments: which entries of a list are wanted, and in what order."""

from enum import Enum


class AchievementState(Enum):
    """Which achievements are selected."""

    EARNED = "EARNED"
    LOCKED = "LOCKED"
    ALL = "ALL"


class TitleCompletion(Enum):
    """Which titles are selected, by the player's progress."""

    ANY = "ANY"
    NOT_STARTED = "NOT_STARTED"
    IN_PROGRESS = "IN_PROGRESS"
    COMPLETED = "COMPLETED"


class TitleOrder(Enum):
    """The order of a list of titles."""

    LAST_UPDATED = "LAST_UPDATED"
    FEWEST_LEFT = "FEWEST_LEFT"
    HIGHEST_PROGRESS = "HIGHEST_PROGRESS"


class StatisticsDimension(Enum):
    """What unlocks are counted by."""

    DAY = "DAY"
    MONTH = "MONTH"
    PLATFORM = "PLATFORM"
    SOURCE = "SOURCE"
    RARITY = "RARITY"
    GRADE = "GRADE"
