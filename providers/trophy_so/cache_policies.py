"""How long each kind of answer is good, in seconds."""

from providers.kit.caching.policy import Kind
from providers.records import Achievement, Person, TrophySoMetric, TrophySoPerson, TrophySoStreak

DAY = 86_400

PERSON: Kind[Person] = Kind("TROPHY_SO.person", TrophySoPerson, fresh=600, stale=3600, rescue=DAY)
ACHIEVEMENTS: Kind[tuple[Achievement, ...]] = Kind(
    "TROPHY_SO.achievements", tuple[Achievement, ...], fresh=60, stale=300, rescue=DAY
)
# These two move with every event an application reports, and so with every minute of use.
METRICS: Kind[tuple[TrophySoMetric, ...]] = Kind(
    "TROPHY_SO.metrics", tuple[TrophySoMetric, ...], fresh=30, stale=120, rescue=DAY
)
STREAK: Kind[TrophySoStreak] = Kind(
    "TROPHY_SO.streak", TrophySoStreak, fresh=30, stale=120, rescue=DAY
)
