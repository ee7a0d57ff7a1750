"""Pages of an account's unlocks, newest first, one window of time at a time.

The upstream sends the oldest 500 rows of a window, or fewer since its limit was lowered, and no
total. The history of most accounts fits into one window. For the others the windows are cached, so
that a request in the middle of the history uses windows that are loaded already. The rest of a full
window is loaded by further calls.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from hashlib import blake2b

from msgspec.structs import replace

from providers.capabilities import TitlePageKey
from providers.errors import UpstreamFailed
from providers.kit.caching.cached import Cached, replace_value
from providers.kit.request_context import get_current
from providers.kit.upstream.decode import EPOCH
from providers.records import (
    ALL_TIME,
    Achievement,
    Period,
    Title,
    Unlock,
    UnlockMode,
    UnlockPage,
)
from providers.retroachievements.cache_policies import (
    LONG_HISTORY,
    PAST_UNLOCK_PAGE,
    UNLOCK_PAGE,
    UNLOCK_SPAN,
    UNLOCK_WINDOWS,
    WHOLE_HISTORY,
)
from providers.retroachievements.cached_api import CachedApi
from providers.retroachievements.cached_records import UnlockWindow
from providers.retroachievements.profiles import get_profile
from providers.retroachievements.title_lists import compute_earned_version, get_title_page
from providers.retroachievements.unlock_windows import (
    MAX_TIMESTAMP,
    compute_start,
    find_window,
    get_last_played_second,
    merge_windows,
)
from providers.retroachievements.unlocks import MAX_ROWS, UnlockReader


async def get_unlock_history(
    cached_api: CachedApi, handle: str, before: datetime | None, needed: Period = ALL_TIME
) -> Cached[UnlockPage]:
    """Return the page that contains a moment, or the newest; raise `NotFound` for no account.

    If it is known since when unlocks are needed, all of them are the page, as far as one response
    holds them.
    """
    name = handle.lower()
    # A whole history in this process spares the look into the shared cache.
    is_local = cached_api.peek_cached(WHOLE_HISTORY, name) is not None
    if needed.since is not None and not is_local:
        span = await _get_span(cached_api, handle, needed.since, needed.until)
        if span.value is not None:
            return replace_value(span, span.value)
    if is_local or await cached_api.get_cached(LONG_HISTORY, name) is None:
        whole = await cached_api.get_or_load(
            WHOLE_HISTORY, (name,), lambda: _load_whole_history(cached_api, handle)
        )
        if whole.value is not None:
            return replace_value(whole, whole.value)
    until = _compute_until(before)
    games = await _load_games(cached_api, handle)
    cached = await _get_window(cached_api, handle, until, games)
    return replace_value(cached, _add_listed_versions(cached.value, games))


async def _get_span(
    cached_api: CachedApi, handle: str, since: datetime, until: datetime | None
) -> Cached[UnlockPage | None]:
    """Return all unlocks of a span of time; None if one response may not hold them."""
    first = max(0, int(since.timestamp()))
    last = MAX_TIMESTAMP
    if until is not None and until < datetime.now(UTC):
        last = int(until.timestamp())

    async def load() -> UnlockPage | None:
        reader = UnlockReader(cached_api, handle)
        if not await reader.read_first(first, last):
            cached_api.set_cached_nowait(LONG_HISTORY, True, handle.lower())  # noqa: FBT003 - the value
            return None
        # An unknown account is answered like one without unlocks.
        if not reader.unlocks:
            await get_profile(cached_api, handle)
        return _build_unlock_page(reader, 0)

    if first > last:
        return Cached(UnlockPage(unlocks=()), datetime.now(UTC))
    key = (handle.lower(), str(first), str(last))
    return await cached_api.get_or_load(UNLOCK_SPAN, key, load)


def _compute_until(before: datetime | None) -> int:
    # A window that ends in the future must not be cached like a past one.
    if before is None:
        return MAX_TIMESTAMP
    if before >= datetime.now(UTC):
        get_current().forbid_reuse()
        return MAX_TIMESTAMP
    return int(before.timestamp())


async def _load_whole_history(cached_api: CachedApi, handle: str) -> UnlockPage | None:
    """Load the whole history; return None when it is longer than one response."""
    reader = UnlockReader(cached_api, handle)
    if not await reader.read_first(0, MAX_TIMESTAMP):
        cached_api.set_cached_nowait(LONG_HISTORY, True, handle.lower())  # noqa: FBT003 - the value
        return None
    # An unknown account is answered like one without unlocks.
    if not reader.unlocks:
        await get_profile(cached_api, handle)
    return _add_earned_versions(_build_unlock_page(reader, 0))


async def _get_window(
    cached_api: CachedApi, handle: str, until: int, games: list[Title]
) -> Cached[UnlockPage]:
    cached_windows = await cached_api.get_cached(UNLOCK_WINDOWS, handle.lower())
    windows = () if cached_windows is None else cached_windows.value
    window = find_window(windows, until)
    if window is None:
        since = compute_start(games, windows, until)
    else:
        since, until = window.since, window.until
    cached = await _get_page(cached_api, handle, since, until, games)
    parts = _split_window(cached.value, since, until)
    if window is None or parts[-1] != window:
        merged = merge_windows(windows, *reversed(parts))
        cached_api.set_cached_nowait(UNLOCK_WINDOWS, merged, handle.lower())
    return cached


async def _get_page(
    cached_api: CachedApi, handle: str, since: int, until: int, games: list[Title]
) -> Cached[UnlockPage]:
    async def load() -> UnlockPage:
        reader = UnlockReader(cached_api, handle)
        await reader.read_all(since, until)
        return _add_listed_versions(_build_unlock_page(reader, since), games)

    key = (handle.lower(), str(since), str(until))
    if until == MAX_TIMESTAMP:
        return await cached_api.get_or_load(UNLOCK_PAGE, key, load)
    cached = await cached_api.get_or_load(PAST_UNLOCK_PAGE, key, load)
    change_digest = _digest_changes(cached.value, games)
    if change_digest is None:
        return cached
    return await _reload(cached_api, cached, (*key, change_digest), load)


def _digest_changes(unlock_page: UnlockPage, games: list[Title]) -> str | None:
    """Return a digest of the games' versions if an unlock of the page may have moved, else None.

    A softcore unlock that is repeated in hardcore moves from its old time to the new one. So the
    page is outdated when a game in which it has a softcore unlock has changed since.
    """
    softcore = [
        unlock.title
        for unlock in unlock_page.unlocks
        if unlock.achievement.unlock_mode is UnlockMode.SOFTCORE
    ]
    versions_before = {title.native_id: title.earned_version for title in softcore}
    versions_now = {
        game.native_id: game.earned_version for game in games if game.native_id in versions_before
    }
    if all(versions_before[name] == version for name, version in versions_now.items()):
        return None
    versions = "\n".join(f"{name} {versions_now[name]}" for name in sorted(versions_now))
    return blake2b(versions.encode(), digest_size=16).hexdigest()


async def _reload(
    cached_api: CachedApi,
    cached: Cached[UnlockPage],
    key: tuple[str, ...],
    load: Callable[[], Awaitable[UnlockPage]],
) -> Cached[UnlockPage]:
    """Load the page again under another key; return the outdated one when that fails."""
    try:
        return await cached_api.get_or_load(PAST_UNLOCK_PAGE, key, load)
    except UpstreamFailed:
        return Cached(cached.value, cached.fetched_at, stale=True)


async def _load_games(cached_api: CachedApi, handle: str) -> list[Title]:
    """Load all games of the title list, last played first."""
    games: list[Title] = []
    key: TitlePageKey | None = TitlePageKey(handle)
    while key is not None:
        page = (await get_title_page(cached_api, key)).value
        games += page.titles
        key = key.advance(page)
    return sorted(games, key=get_last_played_second, reverse=True)


def _split_window(unlock_page: UnlockPage, since: int, until: int) -> list[UnlockWindow]:
    """Return the page's window; the newest one in two parts when it has become full."""
    seconds = [int(_get_sort_key(unlock)[0].timestamp()) for unlock in unlock_page.unlocks]
    cut = seconds[MAX_ROWS // 2] if until == MAX_TIMESTAMP and len(seconds) >= MAX_ROWS else since
    pairs = [(since, cut - 1), (cut, until)] if cut > since else [(since, until)]
    return [_build_window(seconds, *pair) for pair in pairs]


def _build_window(seconds: list[int], since: int, until: int) -> UnlockWindow:
    inside = [each for each in seconds if since <= each <= until]
    covered_until = max(inside, default=since) if until == MAX_TIMESTAMP else until
    return UnlockWindow(
        since=since, until=until, row_count=len(inside), covered_until=covered_until
    )


def _build_unlock_page(reader: UnlockReader, since: int) -> UnlockPage:
    # An unlock that was repeated in hardcore may have a row of each mode; the later one counts.
    latest_by_id = {
        unlock.achievement.native_id: unlock for unlock in sorted(reader.unlocks, key=_get_sort_key)
    }
    next_before = datetime.fromtimestamp(since - 1, UTC) if since else None
    newest_first = sorted(latest_by_id.values(), key=_get_sort_key, reverse=True)
    return UnlockPage(
        unlocks=tuple(newest_first), next_before=next_before, is_complete=reader.is_complete
    )


def _add_earned_versions(unlock_page: UnlockPage) -> UnlockPage:
    """Add the versions that the title list would contain, computed from the whole history."""
    earned: dict[str, list[Achievement]] = {}
    for unlock in unlock_page.unlocks:
        earned.setdefault(unlock.title.native_id, []).append(unlock.achievement)
    titles = {
        name: Title(native_id=name, earned_version=_compute_version(newest_first))
        for name, newest_first in earned.items()
    }
    return _replace_titles(unlock_page, titles)


def _compute_version(newest_first: list[Achievement]) -> str | None:
    hardcore = sum(each.unlock_mode is UnlockMode.HARDCORE for each in newest_first)
    return compute_earned_version(len(newest_first), hardcore, newest_first[0].earned_at)


def _add_listed_versions(unlock_page: UnlockPage, games: list[Title]) -> UnlockPage:
    """Add the versions of the title list."""
    return _replace_titles(unlock_page, {game.native_id: game for game in games})


def _replace_titles(unlock_page: UnlockPage, titles: Mapping[str, Title]) -> UnlockPage:
    unlocks = (
        replace(unlock, title=_copy_versions(unlock.title, titles.get(unlock.title.native_id)))
        for unlock in unlock_page.unlocks
    )
    return replace(unlock_page, unlocks=tuple(unlocks))


def _copy_versions(title: Title, source_title: Title | None) -> Title:
    if source_title is None:
        return title
    return replace(
        title,
        earned_version=source_title.earned_version,
        definition_version=source_title.definition_version,
    )


def _get_sort_key(unlock: Unlock) -> tuple[datetime, bool]:
    achievement = unlock.achievement
    return achievement.earned_at or EPOCH, achievement.unlock_mode is UnlockMode.HARDCORE
