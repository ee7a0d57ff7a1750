"""Which windows of time an account's unlocks are asked for in.

A window is made to hold not quite as many rows as one answer does. How many it will hold nobody
knows beforehand, but the list of games tells how many there can be at most, and on the average, and
the window after it how close together they were.
"""

from collections.abc import Sequence

from providers.kit.upstream.decode import EPOCH
from providers.records import Title
from providers.retroachievements.cached_records import UnlockWindow
from providers.retroachievements.unlocks import MAX_ROWS

# Later than any unlock, and the same in every question, so that questions are alike.
MAX_TIMESTAMP = 2**31 - 1
TARGET_ROWS, FIRST_TARGET_ROWS = 470, 250
MAX_GROWTH_FACTOR, MAX_SHRINK_FACTOR = 8, 4
HOUR_SECONDS, MONTH_SECONDS = 3600, 30 * 86_400
MAX_WINDOWS = 500


def find_window(windows: Sequence[UnlockWindow], second: int) -> UnlockWindow | None:
    """The window that a second is in."""
    return next((each for each in windows if each.since <= second <= each.until), None)


def compute_start(games: Sequence[Title], windows: Sequence[UnlockWindow], until: int) -> int:
    """Where the window is to begin that ends with a second; the games are last played first."""
    newer_windows = sorted(
        (each for each in windows if each.since > until), key=lambda each: each.since, reverse=True
    )
    if _count_remaining(games, newer_windows, until) < MAX_ROWS:
        return 0
    if newer_windows:
        return max(0, until - _compute_length(newer_windows[-1]))
    return max(0, _compute_first_start(games, until))


def merge_windows(
    windows: Sequence[UnlockWindow], window: UnlockWindow, *older_windows: UnlockWindow
) -> tuple[UnlockWindow, ...]:
    """The windows with what was found, the last found first."""
    others = (each for each in windows if each.since != window.since or each.until != window.until)
    return (*older_windows, window, *others)[:MAX_WINDOWS]


def get_last_played_second(title: Title) -> int:
    """When a game was last played."""
    return int((title.last_updated_at or EPOCH).timestamp())


def _count_remaining(
    games: Sequence[Title], newer_windows: Sequence[UnlockWindow], until: int
) -> int:
    """How many unlocks of listed games are left, where all that is newer has been seen."""
    expected_until, seen_count = MAX_TIMESTAMP, 0
    for window in newer_windows:
        if window.until != expected_until:
            return sum(each.earned_count or 0 for each in games)
        expected_until, seen_count = window.since - 1, seen_count + window.row_count
    listed_count = sum(each.earned_count or 0 for each in games)
    return listed_count - seen_count if expected_until == until else listed_count


def _compute_length(newer_window: UnlockWindow) -> int:
    """Seconds for about as many rows as are aimed at, at the pace of the window after."""
    length = max(HOUR_SECONDS, newer_window.covered_until - newer_window.since)
    target_length = length * TARGET_ROWS // max(1, newer_window.row_count)
    return min(max(target_length, length // MAX_SHRINK_FACTOR), length * MAX_GROWTH_FACTOR) + 1


def _compute_first_start(games: Sequence[Title], until: int) -> int:
    """The longer of two: what cannot hold more rows than are answered, and what should not."""
    if not games:
        return 0
    newest, oldest = get_last_played_second(games[0]), get_last_played_second(games[-1])
    listed_count = sum(each.earned_count or 0 for each in games)
    # When the first game was begun nobody tells: not just when it was last played.
    played_seconds = max(newest - oldest, MONTH_SECONDS)
    average_start = min(until, newest) - played_seconds * FIRST_TARGET_ROWS // max(1, listed_count)
    return (
        min(_compute_safe_start(games), average_start) if until == MAX_TIMESTAMP else average_start
    )


def _compute_safe_start(games: Sequence[Title]) -> int:
    """The first second of the longest window up to now that cannot be full.

    Unlocks after a moment belong to games last played after it.
    """
    unlock_count = 0
    for game in games:
        unlock_count += game.earned_count or 0
        if unlock_count >= MAX_ROWS:
            return get_last_played_second(game) + 1
    return 0
