"""Encoded responses, served again as long as everything that they were built from is unchanged."""

import asyncio
import math
import sys
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from cachetools import LRUCache

from providers.errors import ProviderError
from providers.kit.caching.cache import Cache
from providers.kit.caching.cache_key import CacheKey, make_public_key
from providers.kit.caching.lookups import Lookup
from providers.kit.caching.memory_store import CacheEntry
from providers.kit.caching.policy import CachePolicy
from providers.kit.freshness import Freshness
from providers.kit.request_context import RequestContext, get_current
from server.content_encoding import MIN_BYTES, CompressedPart
from server.response_parts import Part, count_bytes
from server.shared_response import make_tag

MAX_BYTES = 32 * 1024 * 1024  # of all responses together
MAX_RESPONSE_BYTES = MAX_BYTES // 4
# Measured with `tracemalloc`: what a response takes beside its data, and each of its lookups and
# parts.
RESPONSE_BYTES, LOOKUP_BYTES, PART_BYTES = 1_300, 700, 400
# A response with this field shows when its values were fetched, so equal values are not enough.
FETCH_TIME_FIELD = "fetchedAt"

MAX_UNCHECKED_SECONDS = 1
ENTRY_CHANGES = 2  # that the cache counts for an entry in place of another
MIN_THREAD_BYTES = 128 * 1024  # larger data is compressed in a thread

ResponseKey = tuple[object, ...]


@dataclass
class StoredResponse:
    """The encoded data of a response without errors, and the lookups that it was built from.

    `hits` are the lookups by source, repeated ones included. `compared_kinds` are the policies of
    which it has several, such as pages, whose times of fetching were compared. While the cache has
    made no more changes than `checked_changes`, the lookups are known to be good until
    `good_until`, in seconds since 1970, but for that of the `expired_key`, if there is one. The
    lookups are by their full keys.
    """

    data: tuple[Part, ...]
    operation_name: str | None
    lookups: Mapping[CacheKey, Lookup]
    hits: Counter[str]
    compared_kinds: frozenset[str]
    depends_on_fetch_times: bool
    key_bytes: int = 0
    checked_changes: int = -1
    good_until: float = 0
    expired_key: CacheKey | None = None
    compressed: CompressedPart | None = None
    # How long its values are fresh, as of a number of the cache's changes.
    freshness: tuple[int, Freshness] = (-1, Freshness())

    @property
    def size(self) -> int:
        """The estimated size in memory, in bytes."""
        own_bytes = RESPONSE_BYTES + self.key_bytes + self.data_bytes + PART_BYTES * len(self.data)
        if self.compressed is not None:
            own_bytes += len(self.compressed.data)
        return own_bytes + LOOKUP_BYTES * len(self.lookups)

    @cached_property
    def tag(self) -> str:
        """The `ETag` of the response, where other caches may keep it."""
        return make_tag(*self.data)

    @cached_property
    def data_bytes(self) -> int:
        """The bytes of the data."""
        return count_bytes(self.data)

    def find_lookups(self, changed_keys: Iterable[CacheKey]) -> list[Lookup]:
        """Return the lookups that entries with these keys may concern, and the expired one."""
        keys = dict.fromkeys(changed_keys)
        # The absence of a public value is an entry with a scope.
        keys |= dict.fromkeys([make_public_key(key) for key in keys])
        if self.expired_key is not None:
            keys[self.expired_key] = None
        return [self.lookups[key] for key in keys if key in self.lookups]

    def depends_on_time(self, lookup: Lookup) -> bool:
        """Return whether the time of fetching matters, and not only the value."""
        return self.depends_on_fetch_times or lookup.policy.name in self.compared_kinds


@dataclass
class Examination:
    """The lookups of a response whose entries have expired, and until when the others are fresh.

    `changes` are those that the cache had made before, `until` is in seconds since 1970.
    """

    changes: int
    expired: list[Lookup] = field(default_factory=list[Lookup])
    until: float = math.inf


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
        examined = self._examine(response)
        if examined is None:
            del self.responses[key]
            return None
        if examined.expired:
            return await self._reload(response, examined) if len(examined.expired) == 1 else None
        self._note_good(response, examined.until)
        self._count_hits(response.hits)
        return response

    def store(
        self,
        key: ResponseKey,
        data: tuple[Part, ...],
        context: RequestContext,
        text: str,
        name: str | None,
    ) -> None:
        """Store the data of an operation's response, which can be served again.

        `text` is the document, `name` the operation's name.
        """
        log = context.lookup_log
        lookups: list[Lookup] = log.lookups
        unique = {lookup.full_key: lookup for lookup in lookups}
        kinds = Counter(lookup.policy.name for lookup in unique.values())
        stored = StoredResponse(
            data,
            name,
            unique,
            hits=Counter(lookup.policy.source for lookup in lookups if lookup.load),
            compared_kinds=frozenset(kind for kind, count in kinds.items() if count > 1),
            depends_on_fetch_times=log.depends_on_fetch_times or FETCH_TIME_FIELD in text,
            key_bytes=_measure_key(key),
        )
        self._keep(key, stored)

    def note_freshness(self, response: StoredResponse, freshness: Freshness) -> None:
        """Note for how long the values are fresh that a stored response was made of."""
        changes, known = response.freshness
        if changes != self.cache.changes:
            known = Freshness()
            for lookup in response.lookups.values():
                entry = self._find_entry(lookup) if lookup.version else None
                if entry is not None:
                    known.note(entry.stored_at, entry.get_expiry(lookup.policy))
            response.freshness = self.cache.changes, known
        if known.has_values:
            freshness.note(known.fetched_at, known.expires_at)

    async def compress(
        self, key: ResponseKey, response: StoredResponse
    ) -> tuple[Part, ...] | CompressedPart:
        """Return the data of a stored response compressed, which happens once; small data as is."""
        if response.data_bytes < MIN_BYTES:
            return response.data
        if response.compressed is None:
            if response.data_bytes < MIN_THREAD_BYTES:
                response.compressed = CompressedPart.compress(*response.data)
            else:
                compress = CompressedPart.compress
                response.compressed = await asyncio.to_thread(compress, *response.data)
            if self.responses.get(key) is response:
                self._keep(key, response)  # which counts its bytes anew
        return response.compressed

    def _keep(self, key: ResponseKey, response: StoredResponse) -> None:
        if response.size <= MAX_RESPONSE_BYTES:
            self.responses[key] = response

    def _is_known_good(self, response: StoredResponse) -> bool:
        return (
            response.checked_changes == self.cache.changes
            and response.expired_key is None
            and time.time() < response.good_until
            and not get_current().bypass_cache
        )

    def _note_good(
        self, response: StoredResponse, until: float, expired_key: CacheKey | None = None
    ) -> None:
        """Note that all lookups are good, but for that of an expired entry.

        Looking again soon keeps their entries recently used.
        """
        response.checked_changes = self.cache.changes
        response.good_until = min(time.time() + MAX_UNCHECKED_SECONDS, until)
        response.expired_key = expired_key

    def _examine(self, response: StoredResponse) -> Examination | None:
        """Look up all entries that are not known to be good; return None if a value has changed."""
        context, now = get_current(), time.time()
        examined, lookups = Examination(self.cache.changes), response.lookups.values()
        changed_keys = self._list_changed_keys(response, now)
        if changed_keys is not None:
            examined.until, lookups = response.good_until, response.find_lookups(changed_keys)
        for lookup in lookups:
            entry = self._find_entry(lookup)
            if lookup.version is None:
                if entry is not None and entry.is_fresh(lookup.policy):
                    return None
            elif (
                entry is None
                or entry.version is not lookup.version()
                or (entry.stored_at != lookup.stored_at and response.depends_on_time(lookup))
            ):
                return None
            elif _is_expired(entry, lookup.policy, context, now):
                examined.expired.append(lookup)
            else:
                examined.until = min(examined.until, entry.get_expiry(lookup.policy))
        return examined

    def _list_changed_keys(self, response: StoredResponse, now: float) -> list[CacheKey] | None:
        """Return the keys of what has changed since the lookups were good.

        None if all are to be looked up.
        """
        if now >= response.good_until or get_current().bypass_cache:
            return None
        keys = self.cache.list_changed_keys(response.checked_changes)
        return None if keys is None or len(keys) > len(response.lookups) else keys

    async def _reload(
        self, response: StoredResponse, examined: Examination
    ) -> StoredResponse | None:
        """Load the value of an expired entry; return None if the response may differ with it."""
        (expired,) = examined.expired
        entry, load = self._find_entry(expired), expired.load
        if not entry or entry.absence or not load or response.depends_on_time(expired):
            return None
        context, get_or_load = get_current(), self.cache.get_or_load
        try:
            outcome = await get_or_load(expired.policy, expired.scope, expired.key, load)
        except ProviderError as error:
            context.outcomes[expired.full_key] = error
            return None
        if outcome.stale or not self._is_still_good(response, examined, entry):
            context.outcomes[expired.full_key] = outcome
            return None
        self._count_hits(response.hits - Counter([expired.policy.source]))
        return response

    def _is_still_good(
        self, response: StoredResponse, examined: Examination, entry: CacheEntry
    ) -> bool:
        """Return whether no value has changed while that of an expired entry was loaded."""
        (expired,) = examined.expired
        loaded = self._find_entry(expired)
        own_changes = 0 if loaded is entry else ENTRY_CHANGES
        if (
            loaded is None
            or get_current().bypass_cache
            or self.cache.changes != examined.changes + own_changes
            or time.time() >= examined.until
        ):
            again = self._examine(response)
            return again is not None and all(each is expired for each in again.expired)
        # Nothing but this entry has changed, so that the others need not be looked up again.
        is_same = expired.version is not None and loaded.version is expired.version()
        if is_same and loaded is entry:  # it is being loaded in the background
            self._note_good(response, examined.until, expired.full_key)
        elif is_same:
            self._note_good(response, min(examined.until, loaded.get_expiry(expired.policy)))
        return is_same

    def _find_entry(self, lookup: Lookup) -> CacheEntry | None:
        return self.cache.find_entry(lookup.policy, lookup.scope, lookup.full_key)

    def _count_hits(self, hits: Counter[str]) -> None:
        for source, count in hits.items():
            self.cache.count_hits(source, count)


def can_serve_again(context: RequestContext) -> bool:
    """Return whether an operation has found everything in the memory of this process."""
    log = context.lookup_log
    return log.is_complete and not context.calls and not context.revalidations


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
