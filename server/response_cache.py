"""Encoded responses, served again as long as everything that they were built from is unchanged."""

import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from cachetools import LRUCache

from providers.errors import ProviderError
from providers.kit.caching.cache import Cache
from providers.kit.caching.lookups import Lookup
from providers.kit.caching.memory_store import CacheEntry
from providers.kit.caching.policy import CachePolicy
from providers.kit.request_context import RequestContext, get_current

MAX_BYTES = 32 * 1024 * 1024  # of all responses together
MAX_RESPONSE_BYTES = MAX_BYTES // 4
# Measured with `tracemalloc`: what a response takes beside its data, and each of its lookups.
RESPONSE_BYTES, LOOKUP_BYTES = 1_300, 700
# A response with this field shows when its values were fetched, so equal values are not enough.
FETCH_TIME_FIELD = "fetchedAt"

MAX_UNCHECKED_SECONDS = 1

ResponseKey = tuple[object, ...]


@dataclass
class StoredResponse:
    """The encoded data of a response without errors, and the lookups that it was built from.

    `hits` are the lookups by source, repeated ones included. `compared_kinds` are the policies of
    which it has several, such as pages, whose times of fetching were compared. While the cache has
    made no more changes than `checked_changes`, the lookups are known to be good until
    `good_until`, in seconds since 1970.
    """

    data: bytes
    operation_name: str | None
    lookups: tuple[Lookup, ...]
    hits: Counter[str]
    compared_kinds: frozenset[str]
    depends_on_fetch_times: bool
    key_bytes: int = 0
    checked_changes: int = -1
    good_until: float = 0

    @property
    def size(self) -> int:
        """The estimated size in memory, in bytes."""
        own_bytes = RESPONSE_BYTES + self.key_bytes + len(self.data)
        return own_bytes + LOOKUP_BYTES * len(self.lookups)

    def depends_on_time(self, lookup: Lookup) -> bool:
        """Return whether the time of fetching matters, and not only the value."""
        return self.depends_on_fetch_times or lookup.policy.name in self.compared_kinds


@dataclass
class ResponseCache:
    """Responses by request and viewer; the least recently used is evicted first.

    A response is stored when an operation has found everything in the memory of this process, and
    served while each of its lookups finds the same value, or one that is equal. If a single entry
    has expired it is loaded again, as executing the operation would do.
    """

    cache: Cache
    responses: LRUCache[ResponseKey, StoredResponse] = field(
        default_factory=lambda: LRUCache(MAX_BYTES, _get_size)
    )

    async def find(self, key: ResponseKey) -> StoredResponse | None:
        """Return the response to a request; None if the operation has to be executed.

        What is loaded here is not loaded again by that execution.
        """
        response = self.responses.get(key)
        if response is None:
            return None
        if self._is_known_good(response):
            self._count_hits(response.hits)
            return response
        expired: list[Lookup] = []
        if not self._collect_expired(response, expired):
            del self.responses[key]
            return None
        if expired:
            return await self._reload(response, expired[0]) if len(expired) == 1 else None
        self._note_good(response)
        self._count_hits(response.hits)
        return response

    def store(
        self, key: ResponseKey, data: bytes, context: RequestContext, text: str, name: str | None
    ) -> None:
        """Store the data of an operation's response, if it can be served again.

        `text` is the document, `name` the operation's name.
        """
        log = context.lookup_log
        if not log.is_complete or context.calls or context.revalidations:
            return
        lookups: list[Lookup] = log.lookups
        unique = {lookup.full_key: lookup for lookup in lookups}
        kinds = Counter(lookup.policy.name for lookup in unique.values())
        stored = StoredResponse(
            data,
            name,
            tuple(unique.values()),
            hits=Counter(lookup.policy.source for lookup in lookups if lookup.load),
            compared_kinds=frozenset(kind for kind, count in kinds.items() if count > 1),
            depends_on_fetch_times=log.depends_on_fetch_times or FETCH_TIME_FIELD in text,
            key_bytes=_measure_key(key),
        )
        if stored.size <= MAX_RESPONSE_BYTES:
            self.responses[key] = stored

    def _is_known_good(self, response: StoredResponse) -> bool:
        return (
            response.checked_changes == self.cache.changes
            and time.time() < response.good_until
            and not get_current().bypass_cache
        )

    def _note_good(self, response: StoredResponse) -> None:
        """Note that all lookups are good. Looking again soon keeps their entries recently used."""
        expiries = [
            entry.get_expiry(lookup.policy)
            for lookup in response.lookups
            if lookup.version and (entry := self._find_entry(lookup))
        ]
        response.checked_changes = self.cache.changes
        response.good_until = min([time.time() + MAX_UNCHECKED_SECONDS, *expiries])

    def _collect_expired(self, response: StoredResponse, expired: list[Lookup]) -> bool:
        """Collect the lookups whose entries have expired; return False if any value has changed."""
        context, now = get_current(), time.time()
        for lookup in response.lookups:
            entry = self._find_entry(lookup)
            if lookup.version is None:
                if entry is not None and entry.is_fresh(lookup.policy):
                    return False
            elif (
                entry is None
                or entry.version is not lookup.version()
                or (entry.stored_at != lookup.stored_at and response.depends_on_time(lookup))
            ):
                return False
            elif _is_expired(entry, lookup.policy, context, now):
                expired.append(lookup)
        return True

    async def _reload(self, response: StoredResponse, expired: Lookup) -> StoredResponse | None:
        """Load the value of an expired entry; return None if the response may differ with it."""
        entry, load = self._find_entry(expired), expired.load
        if not entry or entry.absence or not load or response.depends_on_time(expired):
            return None
        context, get_or_load = get_current(), self.cache.get_or_load
        try:
            outcome = await get_or_load(expired.policy, expired.scope, expired.key, load)
        except ProviderError as error:
            context.outcomes[expired.full_key] = error
            return None
        still_expired: list[Lookup] = []
        is_same = self._collect_expired(response, still_expired)
        if not is_same or outcome.stale or any(each is not expired for each in still_expired):
            context.outcomes[expired.full_key] = outcome
            return None
        self._count_hits(response.hits - Counter([expired.policy.source]))
        return response

    def _find_entry(self, lookup: Lookup) -> CacheEntry | None:
        return self.cache.find_entry(lookup.policy, lookup.scope, lookup.full_key)

    def _count_hits(self, hits: Counter[str]) -> None:
        for source, count in hits.items():
            self.cache.count_hits(source, count)


def _measure_key(key: ResponseKey) -> int:
    """Return the bytes of a key's texts, which a caller chooses: they can exceed the response."""
    return sum(sys.getsizeof(part) for part in key if isinstance(part, str | bytes))


def _get_size(response: StoredResponse) -> int:
    return response.size


def _is_expired(
    entry: CacheEntry, policy: CachePolicy[Any], context: RequestContext, now: float
) -> bool:
    if context.bypass_cache:
        return not entry.is_fresh(policy, context.started_at)
    return entry.get_expiry(policy) <= now
