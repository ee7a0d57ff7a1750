"""Endpoints of a member's unlocks by time. Each sees only the oldest 500 of a window."""

from datetime import UTC, datetime, time, timedelta

from providers.kit.sandbox import SandboxResponse
from providers.retroachievements.sandbox import serializers
from providers.retroachievements.sandbox.models import Json
from providers.retroachievements.sandbox.request_handling import ApiRequest, build_validation_error

MAX_ROWS = 500


def get_achievements_earned_between(request: ApiRequest) -> SandboxResponse:
    """Return the unlocks of a window, oldest first, with a running total of the points."""
    since = datetime.fromtimestamp(request.get_bounded_number("f", 0, 0, 2**33), UTC)
    until = datetime.fromtimestamp(request.get_bounded_number("t", 0, 0, 2**33), UTC)
    return SandboxResponse(200, _add_running_total(_list_unlocks_between(request, since, until)))


def get_achievements_earned_on_day(request: ApiRequest) -> SandboxResponse:
    """Return the same for a day."""
    try:
        day = datetime.fromisoformat(request.get_text("d")).date()
    except ValueError:
        raise build_validation_error("d", "The d field must be a valid date.") from None
    start = datetime.combine(day, time.min, UTC)
    return SandboxResponse(
        200,
        _add_running_total(
            _list_unlocks_between(request, start, start + timedelta(days=1, seconds=-1))
        ),
    )


def get_user_recent_achievements(request: ApiRequest) -> SandboxResponse:
    """Return the unlocks of the last minutes, newest first, but of the oldest 500."""
    now = datetime.now(UTC)
    since = now - timedelta(minutes=request.get_bounded_number("m", 60, 0, 10_000_000))
    return SandboxResponse(200, _list_unlocks_between(request, since, now)[::-1])


def _list_unlocks_between(request: ApiRequest, since: datetime, until: datetime) -> list[Json]:
    member = request.find_member()
    rows = [
        (unlock.last_earned_at, progress.game, item, unlock)
        for progress in (request.database.list_game_progress(member) if member else [])
        for item, unlock in progress.unlocks
        if since <= unlock.last_earned_at <= until
    ]
    rows.sort(key=lambda row: (row[0], row[2].id))
    return [
        serializers.serialize_unlock(game, item, unlock)
        for _, game, item, unlock in rows[:MAX_ROWS]
    ]


def _add_running_total(rows: list[Json]) -> list[Json]:
    total = 0
    for row in rows:
        total += row["Points"]
        row["CumulScore"] = total
    return rows


ENDPOINTS = {
    "GetAchievementsEarnedBetween": get_achievements_earned_between,
    "GetAchievementsEarnedOnDay": get_achievements_earned_on_day,
    "GetUserRecentAchievements": get_user_recent_achievements,
}
