"""An account's unlocks, newest first, a window of time at a time.

The upstream answers the oldest 500 rows of a window, so a window has to be short enough to hold
fewer. Most accounts fit into one window as a whole. For the others the list of games says how long
a window may be: unlocks after a moment belong to games last played after it, and no game holds
more unlocks than the list counts for it.
"""

from datetime import UTC, datetime

from msgspec.structs import replace

from providers.abilities import TitlesKey
from providers.kit.cache import Answer
from providers.kit.decode import EPOCH
from providers.records import Title, Unlock, UnlockMode, UnlockStretch
from providers.retroachievements.lifetimes import LONG_HISTORY, STRETCH
from providers.retroachievements.people import person
from providers.retroachievements.titles import title_page
from providers.retroachievements.unlocks import MOST_ROWS, load_unlocks, load_window
from providers.retroachievements.view import View

# Later than any unlock, and the same in every question, so that questions are alike.
END = 2**31 - 1


async def unlock_history(
    view: View, handle: str, before: datetime | None, seen: int
) -> Answer[UnlockStretch]:
    """The unlocks before a moment, of which there are `seen` newer ones; an unknown account is
    answered like one that earned nothing.
    """
    name = handle.lower()
    if before is None and await view.recall(LONG_HISTORY, (name,)) is None:
        return await view.remember(STRETCH, (name, "0", str(END)), lambda: _whole(view, handle))
    until = END if before is None else int(before.timestamp())
    since = await _since(view, handle, until, seen)
    return await _remembered(view, handle, since, until)


async def _whole(view: View, handle: str) -> UnlockStretch:
    rows, unlocks = await load_window(view.api, handle, 0, END)
    if rows < MOST_ROWS:
        if not rows:
            await person(view, handle)
        return _stretch(unlocks, 0)
    view.store(LONG_HISTORY, (handle.lower(),), value=True)
    since = await _since(view, handle, END, 0)
    if not since:  # this very question
        return await _between(view, handle, since, END)
    return (await _remembered(view, handle, since, END)).value


async def _remembered(view: View, handle: str, since: int, until: int) -> Answer[UnlockStretch]:
    key = (handle.lower(), str(since), str(until))
    return await view.remember(STRETCH, key, lambda: _between(view, handle, since, until))


async def _between(view: View, handle: str, since: int, until: int) -> UnlockStretch:
    return _stretch(await load_unlocks(view.api, handle, since, until), since)


async def _since(view: View, handle: str, until: int, seen: int) -> int:
    """The first second of the longest window that cannot hold more rows than are answered."""
    counted = 0
    shortest: int | None = None
    for title in await _games(view, handle):
        moment = _seconds(title)
        if moment < until and counted > seen:
            if counted - seen > MOST_ROWS - 1 and shortest is not None:
                return shortest
            shortest = moment + 1
        counted += title.earned_count or 0
    return 0 if counted - seen < MOST_ROWS else shortest or 0


async def _games(view: View, handle: str) -> list[Title]:
    games: list[Title] = []
    offset: int | None = 0
    while offset is not None:
        page = (await title_page(view, TitlesKey(handle, offset))).value
        games += page.titles
        offset = page.next_offset
    return sorted(games, key=_seconds, reverse=True)


def _seconds(title: Title) -> int:
    return int((title.last_updated_at or EPOCH).timestamp())


def _stretch(unlocks: tuple[Unlock, ...], since: int) -> UnlockStretch:
    # What was earned again in hardcore may have a row of each mode: the later one counts.
    once = {unlock.achievement.native_id: unlock for unlock in sorted(unlocks, key=_order)}
    latest = {unlock.title.native_id: unlock for unlock in sorted(once.values(), key=_order)}
    reaches = datetime.fromtimestamp(since - 1, UTC) if since else None
    newest_first = [
        replace(unlock, title=_versioned(unlock.title, latest[unlock.title.native_id]))
        for unlock in sorted(once.values(), key=_order, reverse=True)
    ]
    return UnlockStretch(unlocks=tuple(newest_first), reaches=reaches)


def _versioned(title: Title, latest: Unlock) -> Title:
    """Whatever is earned in a game is its latest unlock, so that one's time is a version."""
    when = latest.achievement.earned_at
    return replace(title, earned_version=None if when is None else f"since {when.isoformat()}")


def _order(unlock: Unlock) -> tuple[datetime, bool]:
    achievement = unlock.achievement
    return achievement.earned_at or EPOCH, achievement.unlock_mode is UnlockMode.HARDCORE
