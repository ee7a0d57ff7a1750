"""An account's unlocks, newest first, a window of time at a time.

The upstream answers the oldest 500 rows of a window, and says nothing of how many there are. Most
accounts fit into one window as a whole. For the others the windows that were asked for are
remembered, so that whoever comes in the middle of the history finds again what is there. Where a
window is full after all, what it lacks is asked for, and nothing of it is lost.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from hashlib import blake2b

from msgspec.structs import replace

from providers.capabilities import TitlesKey
from providers.errors import Failed
from providers.kit.caching.cached import Answer
from providers.kit.upstream.decode import EPOCH
from providers.records import Achievement, Title, Unlock, UnlockMode, UnlockStretch
from providers.retroachievements.cache_policies import (
    LONG_HISTORY,
    PAST_STRETCH,
    STRETCH,
    WHOLE_HISTORY,
    WINDOWS,
)
from providers.retroachievements.cached_api import View
from providers.retroachievements.cached_records import Window
from providers.retroachievements.people import person
from providers.retroachievements.titles import earned_version, title_page
from providers.retroachievements.unlock_windows import END, begins, holding, kept, second_of
from providers.retroachievements.unlocks import MOST_ROWS, load_unlocks, load_window


async def unlock_history(view: View, handle: str, before: datetime | None) -> Answer[UnlockStretch]:
    """A stretch of unlocks that holds a moment, or the newest; an unknown account is answered like
    one that earned nothing.
    """
    name = handle.lower()
    here = view.remembers(WHOLE_HISTORY, (name,))
    if here or await view.recall(LONG_HISTORY, (name,)) is None:
        whole = await view.remember(WHOLE_HISTORY, (name,), lambda: _whole(view, handle))
        if whole.value is not None:
            return Answer(whole.value, whole.fetched_at, whole.stale)
    until = _until(before)
    games = await _games(view, handle)
    answer = await _window(view, handle, until, games)
    return Answer(_known(answer.value, games), answer.fetched_at, answer.stale)


def _until(before: datetime | None) -> int:
    """The last second to be asked for; what is still to come is no past that could be kept."""
    if before is None or before >= datetime.now(UTC):
        return END
    return int(before.timestamp())


async def _whole(view: View, handle: str) -> UnlockStretch | None:
    """All there is; None when that is more than one answer holds."""
    rows, unlocks = await load_window(view.api, handle, 0, END)
    if rows >= MOST_ROWS:
        view.store(LONG_HISTORY, (handle.lower(),), value=True)
        return None
    if not rows:
        await person(view, handle)
    return _versioned(_stretch(unlocks, 0))


async def _window(view: View, handle: str, until: int, games: list[Title]) -> Answer[UnlockStretch]:
    name = handle.lower()
    found = await view.recall(WINDOWS, (name,))
    windows = found.value if found is not None else ()
    known = holding(windows, until)
    since = begins(games, windows, until) if known is None else known.since
    until = until if known is None else known.until
    kind = STRETCH if until == END else PAST_STRETCH

    async def load() -> UnlockStretch:
        stretch = _stretch(await load_unlocks(view.api, handle, since, until), since)
        return _known(stretch, games)

    key = (name, str(since), str(until))
    answer = await view.remember(kind, key, load)
    if until != END and (changed := _changed(answer.value, games)):
        answer = await _renewed(view, answer, (*key, changed), load)
    parts = _parts(answer.value, since, until)
    if known is None or parts[-1] != known:
        view.store(WINDOWS, (name,), kept(windows, *reversed(parts)))
    return answer


def _changed(stretch: UnlockStretch, games: list[Title]) -> str | None:
    """What its games are like now, if one has changed in which something may be earned again.

    What was earned in softcore leaves its place in the past when it is earned in hardcore.
    """
    softcore = [
        unlock.title
        for unlock in stretch.unlocks
        if unlock.achievement.unlock_mode is UnlockMode.SOFTCORE
    ]
    before = {title.native_id: title.earned_version for title in softcore}
    now = {game.native_id: game.earned_version for game in games if game.native_id in before}
    if all(before[name] == version for name, version in now.items()):
        return None
    versions = "\n".join(f"{name} {now[name]}" for name in sorted(now))
    return blake2b(versions.encode(), digest_size=16).hexdigest()


async def _renewed(
    view: View,
    answer: Answer[UnlockStretch],
    key: tuple[str, ...],
    load: Callable[[], Awaitable[UnlockStretch]],
) -> Answer[UnlockStretch]:
    """The stretch as it is since a change; what it was stands in for one that does not come."""
    try:
        return await view.remember(PAST_STRETCH, key, load)
    except Failed:
        return Answer(answer.value, answer.fetched_at, stale=True)


async def _games(view: View, handle: str) -> list[Title]:
    """All games that something was earned in, last played first, but for those on no list."""
    games: list[Title] = []
    key: TitlesKey | None = TitlesKey(handle)
    while key is not None:
        page = (await title_page(view, key)).value
        games += page.titles
        key = key.following(page)
    return sorted(games, key=second_of, reverse=True)


def _parts(stretch: UnlockStretch, since: int, until: int) -> list[Window]:
    """The window as it was found; the newest is cut in two when it has grown too long."""
    seconds = [int(_order(unlock)[0].timestamp()) for unlock in stretch.unlocks]
    cut = seconds[MOST_ROWS // 2] if until == END and len(seconds) >= MOST_ROWS else since
    pairs = [(since, cut - 1), (cut, until)] if cut > since else [(since, until)]
    return [_found(seconds, *pair) for pair in pairs]


def _found(seconds: list[int], since: int, until: int) -> Window:
    inside = [each for each in seconds if since <= each <= until]
    ends = max(inside, default=since) if until == END else until
    return Window(since=since, until=until, rows=len(inside), ends=ends)


def _stretch(unlocks: tuple[Unlock, ...], since: int) -> UnlockStretch:
    # What was earned again in hardcore may have a row of each mode: the later one counts.
    once = {unlock.achievement.native_id: unlock for unlock in sorted(unlocks, key=_order)}
    reaches = datetime.fromtimestamp(since - 1, UTC) if since else None
    newest_first = sorted(once.values(), key=_order, reverse=True)
    return UnlockStretch(unlocks=tuple(newest_first), reaches=reaches)


def _versioned(stretch: UnlockStretch) -> UnlockStretch:
    """With the versions that the list of games would tell: what is earned in them is all here."""
    earned: dict[str, list[Achievement]] = {}
    for unlock in stretch.unlocks:
        earned.setdefault(unlock.title.native_id, []).append(unlock.achievement)
    titles = {
        name: Title(native_id=name, earned_version=_version(newest_first))
        for name, newest_first in earned.items()
    }
    return _titled(stretch, titles)


def _version(newest_first: list[Achievement]) -> str | None:
    hardcore = sum(each.unlock_mode is UnlockMode.HARDCORE for each in newest_first)
    return earned_version(len(newest_first), hardcore, newest_first[0].earned_at)


def _known(stretch: UnlockStretch, games: list[Title]) -> UnlockStretch:
    """With the versions that the list of games tells."""
    return _titled(stretch, {game.native_id: game for game in games})


def _titled(stretch: UnlockStretch, titles: Mapping[str, Title]) -> UnlockStretch:
    unlocks = (
        replace(unlock, title=_with_version(unlock.title, titles.get(unlock.title.native_id)))
        for unlock in stretch.unlocks
    )
    return replace(stretch, unlocks=tuple(unlocks))


def _with_version(title: Title, known: Title | None) -> Title:
    if known is None:
        return title
    return replace(
        title,
        earned_version=known.earned_version,
        definition_version=known.definition_version,
    )


def _order(unlock: Unlock) -> tuple[datetime, bool]:
    achievement = unlock.achievement
    return achievement.earned_at or EPOCH, achievement.unlock_mode is UnlockMode.HARDCORE
