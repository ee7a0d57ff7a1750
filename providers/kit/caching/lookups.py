"""The cache lookups that a response was built from."""

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple
from weakref import ReferenceType, ref

from providers.kit.caching.cache_key import CacheKey
from providers.kit.caching.memory_store import CacheEntry, ValueVersion
from providers.kit.caching.policy import CachePolicy
from providers.kit.request_context import RequestContext


class Lookup(NamedTuple):
    """A cache lookup, and the version of the value that it found; None if none was fresh.

    The value is not kept alive: a response must not outlive what it was built from. `load` is None
    for a lookup that never calls the source. `stored_at` is in seconds since 1970.
    """

    policy: CachePolicy[Any]
    scope: str
    key: CacheKey  # the value's own
    full_key: CacheKey
    version: ReferenceType[ValueVersion] | None
    stored_at: float
    load: Callable[[], Awaitable[Any]] | None = None


def note_freshness(context: RequestContext, policy: CachePolicy[Any], entry: CacheEntry) -> None:
    """Note for how long a value of the response is fresh, where that is of interest."""
    if context.freshness is not None:
        context.freshness.note(entry.stored_at, entry.get_expiry(policy))


def record_lookup(
    context: RequestContext,
    policy: CachePolicy[Any],
    keys: tuple[str, CacheKey, CacheKey],
    entry: CacheEntry | None,
    load: Callable[[], Awaitable[Any]] | None = None,
) -> None:
    """Record a lookup of an operation; `keys` are the scope, the value's own key and the full one.

    `entry` is None if there was none that is fresh.
    """
    if entry is not None:
        note_freshness(context, policy, entry)
    if not context.lookup_log.is_complete:
        return
    scope, key, full_key = keys
    version, stored_at = (None, 0) if entry is None else (ref(entry.version), entry.stored_at)
    context.lookup_log.lookups.append(
        Lookup(policy, scope, key, full_key, version, stored_at, load)
    )
