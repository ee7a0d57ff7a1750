"""Which windows of time an account's unlocks are asked for in.

A window is made to hold not quite as many rows as one answer does. How many it will hold nobody
knows beforehand, but the list of games tells how many there can be at most, and on the average, and
the window after it how close together they were.
"""

from collections.abc import Sequence

from providers.kit.upstream.decode import EPOCH
from providers.records import Title
from providers.retroachievements.cached_records import Window
from providers.retroachievements.unlocks import MOST_ROWS

# Later than any unlock, and the same in every question, so that questions are alike.
END = 2**31 - 1
AIM, FIRST_AIM = 470, 250
LONGER, SHORTER = 8, 4
HOUR, MONTH = 3600, 30 * 86_400
MOST_WINDOWS = 500


def holding(windows: Sequence[Window], second: int) -> Window | None:
    """The window that a second is in."""
    return next((each for each in windows if each.since <= second <= each.until), None)


def begins(games: Sequence[Title], windows: Sequence[Window], until: int) -> int:
    """Where the window is to begin that ends with a second; the games are last played first."""
    newer = sorted(
        (each for each in windows if each.since > until), key=lambda each: each.since, reverse=True
    )
    if _left(games, newer, until) < MOST_ROWS:
        return 0
    if newer:
        return max(0, until - _like(newer[-1]))
    return max(0, _first(games, until))


def kept(windows: Sequence[Window], found: Window, *more: Window) -> tuple[Window, ...]:
    """The windows with what was found, the last found first."""
    others = (each for each in windows if each.since != found.since or each.until != found.until)
    return (*more, found, *others)[:MOST_WINDOWS]


def second_of(title: Title) -> int:
    """When a game was last played."""
    return int((title.last_updated_at or EPOCH).timestamp())


def _left(games: Sequence[Title], newer: Sequence[Window], until: int) -> int:
    """How many unlocks of listed games are left, where all that is newer has been seen."""
    expected, seen = END, 0
    for window in newer:
        if window.until != expected:
            return sum(each.earned_count or 0 for each in games)
        expected, seen = window.since - 1, seen + window.rows
    counted = sum(each.earned_count or 0 for each in games)
    return counted - seen if expected == until else counted


def _like(newer: Window) -> int:
    """Seconds for about as many rows as are aimed at, at the pace of the window after."""
    length = max(HOUR, newer.ends - newer.since)
    wanted = length * AIM // max(1, newer.rows)
    return min(max(wanted, length // SHORTER), length * LONGER) + 1


def _first(games: Sequence[Title], until: int) -> int:
    """The longer of two: what cannot hold more rows than are answered, and what should not."""
    if not games:
        return 0
    newest, oldest = second_of(games[0]), second_of(games[-1])
    counted = sum(each.earned_count or 0 for each in games)
    # When the first game was begun nobody tells: not just when it was last played.
    played = max(newest - oldest, MONTH)
    average = min(until, newest) - played * FIRST_AIM // max(1, counted)
    return min(_at_most(games), average) if until == END else average


def _at_most(games: Sequence[Title]) -> int:
    """The first second of the longest window up to now that cannot be full.

    Unlocks after a moment belong to games last played after it.
    """
    counted = 0
    for game in games:
        counted += game.earned_count or 0
        if counted >= MOST_ROWS:
            return second_of(game) + 1
    return 0
