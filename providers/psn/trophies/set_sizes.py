"""Remembers how many trophies the sets have, for the rows of players who have yet to sync.

An account's row counts the trophies that the set had at its last sync. Definitions that were loaded
since then, for any player, may have more.
"""

from collections.abc import Iterable

from msgspec.structs import replace

from providers.kit.caching.cached import Cached
from providers.kit.request_context import get_current
from providers.psn.cache_policies import SET_SIZE
from providers.psn.cached_api import CachedApi
from providers.psn.cached_records import GroupDefinitions, SetSize, TrophyDefinitions
from providers.records import Title, TrophyCounts


def remember_size(
    cached_api: CachedApi, native_id: str, definitions: GroupDefinitions | TrophyDefinitions
) -> TrophyCounts | None:
    """Remember and return the numbers of trophies of definitions that were just loaded."""
    counts = definitions.defined_counts
    if counts is not None:
        size = SetSize(version=definitions.version, counts=counts)
        cached_api.set_cached_nowait(SET_SIZE, size, native_id)
    return counts


def update_sizes(cached_api: CachedApi, titles: Iterable[Title]) -> tuple[Title, ...]:
    """Return the rows with the numbers of trophies that this process remembers, where more.

    No call is made. `progress` stays PSN's: it is of the trophies that the account has synced.
    """
    return tuple(
        title
        if (size := cached_api.peek_cached(SET_SIZE, title.native_id)) is None
        else _update_size(title, size)
        for title in titles
    )


def _update_size(title: Title, cached: Cached[SetSize]) -> Title:
    size, listed = cached.value, title.defined_counts
    if listed is None or size.counts.total <= listed.total or _is_newer(title, cached):
        return title
    return replace(title, defined_counts=size.counts, achievement_count=size.counts.total)


def _is_newer(title: Title, cached: Cached[SetSize]) -> bool:
    """Return whether the row is newer than what is remembered: the set has shrunk since."""
    get_current().note_fetch_time()
    version, synced_at = cached.value.version, title.last_updated_at
    has_later_version = bool(version and title.set_version and version < title.set_version)
    return has_later_version or (synced_at is not None and synced_at > cached.fetched_at)
