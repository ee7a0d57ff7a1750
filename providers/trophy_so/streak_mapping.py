"""Maps streaks, of one user and of many, to records."""

from collections.abc import Iterable
from datetime import date

from providers.kit.upstream.decode import parse_time
from providers.trophy_so.models import ListedStreak, StreakPeriod, StreakResponse
from providers.trophy_so_records import TrophySoStreak, TrophySoStreakPeriod


def map_streak(response: StreakResponse) -> TrophySoStreak:
    """Map the streak; `frequency` stays as sent: daily, weekly or monthly."""
    return TrophySoStreak(
        length=response.length,
        frequency=response.frequency or None,
        extended_at=parse_time(response.extended),
        started_on=_parse_date(response.started),
        expires_on=_parse_date(response.expires),
        history=_map_history(response.streak_history),
    )


def map_listed_streaks(rows: Iterable[ListedStreak]) -> dict[str, TrophySoStreak]:
    """Map the streaks of many users by the users' ids."""
    return {
        row.user_id: TrophySoStreak(length=row.streak_length, extended_at=parse_time(row.extended))
        for row in rows
    }


def _map_history(rows: list[StreakPeriod] | None) -> tuple[TrophySoStreakPeriod, ...] | None:
    if rows is None:
        return None
    periods = map(_map_period, rows)
    return tuple(sorted(periods, key=lambda each: each.starts_on or date.min, reverse=True))


def _map_period(row: StreakPeriod) -> TrophySoStreakPeriod:
    return TrophySoStreakPeriod(
        length=row.length,
        starts_on=_parse_date(row.period_start),
        ends_on=_parse_date(row.period_end),
        used_freeze=row.used_freeze,
        used_pause=row.used_pause,
    )


def _parse_date(text: str | None) -> date | None:
    """Parse the day of an ISO 8601 text; the day is the user's own, whatever their time zone."""
    try:
        return date.fromisoformat((text or "").strip()[:10])
    except ValueError:
        return None
