"""Calls about what a member earned when. All three know only the oldest 500 of a window."""

from datetime import UTC, datetime, time, timedelta

from providers.kit.sandbox import Reply
from providers.retroachievements.sandbox import shape
from providers.retroachievements.sandbox.asked import Asked, unprocessable
from providers.retroachievements.sandbox.model import Json

MOST_ROWS = 500


def get_achievements_earned_between(asked: Asked) -> Reply:
    """Oldest first, with a running sum of the points."""
    since = datetime.fromtimestamp(asked.between("f", 0, 0, 2**33), UTC)
    until = datetime.fromtimestamp(asked.between("t", 0, 0, 2**33), UTC)
    return Reply(200, _summed(_window(asked, since, until)))


def get_achievements_earned_on_day(asked: Asked) -> Reply:
    """The same for a day."""
    try:
        day = datetime.fromisoformat(asked.text("d")).date()
    except ValueError:
        raise unprocessable("d", "The d field must be a valid date.") from None
    start = datetime.combine(day, time.min, UTC)
    return Reply(200, _summed(_window(asked, start, start + timedelta(days=1, seconds=-1))))


def get_user_recent_achievements(asked: Asked) -> Reply:
    """Newest first, but of the oldest 500."""
    now = datetime.now(UTC)
    since = now - timedelta(minutes=asked.between("m", 60, 0, 10_000_000))
    return Reply(200, _window(asked, since, now)[::-1])


def _window(asked: Asked, since: datetime, until: datetime) -> list[Json]:
    member = asked.member()
    found = [
        (unlock.latest, standing.game, item, unlock)
        for standing in (asked.world.played(member) if member else [])
        for item, unlock in standing.unlocks
        if since <= unlock.latest <= until
    ]
    found.sort(key=lambda row: (row[0], row[2].id))
    return [shape.earned_row(game, item, unlock) for _, game, item, unlock in found[:MOST_ROWS]]


def _summed(rows: list[Json]) -> list[Json]:
    total = 0
    for row in rows:
        total += row["Points"]
        row["CumulScore"] = total
    return rows


CALLS = {
    "GetAchievementsEarnedBetween": get_achievements_earned_between,
    "GetAchievementsEarnedOnDay": get_achievements_earned_on_day,
    "GetUserRecentAchievements": get_user_recent_achievements,
}
