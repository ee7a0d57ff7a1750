"""Divides an account's unlock history into windows of time.

A window should contain slightly fewer rows than one response holds. Its number of rows is unknown
before the call. The list of games gives an upper bound and an average, and the next newer window
gives the density of unlocks.
"""

from collections.abc import Sequence

from providers.kit.upstream.decode import EPOCH
from providers.records import Title
from providers.retroachievements.cached_records import UnlockWindow
from providers.retroachievements.unlocks import MAX_ROWS

# Later than any unlock; a constant, so that the newest window has the same cache key every time.
MAX_TIMESTAMP = 2**31 - 1
TARGET_ROWS, FIRST_TARGET_ROWS = 470, 250
MAX_GROWTH_FACTOR, MAX_SHRINK_FACTOR = 8, 4
HOUR_SECONDS, MONTH_SECONDS = 3600, 30 * 86_400
MAX_WINDOWS = 500


def find_window(windows: Sequence[UnlockWindow], second: int) -> UnlockWindow | None:
    """Return the window that contains a second."""
    return next((window for window in windows if window.since <= second <= window.until), None)


def compute_start(games: Sequence[Title], windows: Sequence[UnlockWindow], until: int) -> int:
    """Return the first second of the window that ends at `until`.

    The games are last played first, and the windows are those that are known already.
    """
    newer_windows = sorted(
        (window for window in windows if window.since > until),
        key=lambda window: window.since,
        reverse=True,
    )
    if _count_remaining(games, newer_windows, until) < MAX_ROWS:
        return 0
    if newer_windows:
        return max(0, until - _compute_length(newer_windows[-1]))
    return max(0, _compute_first_start(games, until))


def merge_windows(
    windows: Sequence[UnlockWindow], window: UnlockWindow, *older_windows: UnlockWindow
) -> tuple[UnlockWindow, ...]:
    """Return the windows with new ones in front; `window` replaces one with the same ends."""
    ends = (window.since, window.until)
    others = (known for known in windows if (known.since, known.until) != ends)
    return (*older_windows, window, *others)[:MAX_WINDOWS]


def get_last_played_second(title: Title) -> int:
    """Return the Unix second in which a game was last played."""
    return int((title.last_updated_at or EPOCH).timestamp())


def _count_remaining(
    games: Sequence[Title], newer_windows: Sequence[UnlockWindow], until: int
) -> int:
    """Return the number of unlocks up to `until`, at most.

    The rows of newer windows are subtracted only where these cover the time since without a gap.
    """
    listed_count = _count_unlocks(games)
    expected_until, seen_count = MAX_TIMESTAMP, 0
    for window in newer_windows:
        if window.until != expected_until:
            return listed_count
        expected_until, seen_count = window.since - 1, seen_count + window.row_count
    return listed_count - seen_count if expected_until == until else listed_count


def _count_unlocks(games: Sequence[Title]) -> int:
    return sum(game.earned_count or 0 for game in games)


def _compute_length(newer_window: UnlockWindow) -> int:
    """Return the seconds for the target number of rows, at the density of the newer window."""
    length = max(HOUR_SECONDS, newer_window.covered_until - newer_window.since)
    target_length = length * TARGET_ROWS // max(1, newer_window.row_count)
    return min(max(target_length, length // MAX_SHRINK_FACTOR), length * MAX_GROWTH_FACTOR) + 1


def _compute_first_start(games: Sequence[Title], until: int) -> int:
    """Return the start of a window without a newer neighbour.

    The average density decides; the newest window is longer where it cannot be full all the same.
    """
    if not games:
        return 0
    newest, oldest = get_last_played_second(games[0]), get_last_played_second(games[-1])
    # The list has no time at which the first game was begun, so a month is assumed at least.
    played_seconds = max(newest - oldest, MONTH_SECONDS)
    unlock_count = max(1, _count_unlocks(games))
    average_start = min(until, newest) - played_seconds * FIRST_TARGET_ROWS // unlock_count
    return (
        min(_compute_safe_start(games), average_start) if until == MAX_TIMESTAMP else average_start
    )


def _compute_safe_start(games: Sequence[Title]) -> int:
    """Return the first second of the longest window up to now that cannot be full.

    Unlocks after a moment belong to games that were last played after it.
    """
    unlock_count = 0
    for game in games:
        unlock_count += game.earned_count or 0
        if unlock_count >= MAX_ROWS:
            return get_last_played_second(game) + 1
    return 0
