"""Remembered answers: fresh, stale or rescued, one flight per question, never across viewers."""

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import copy_context
from functools import partial
from typing import Any, TypeVar

from providers.errors import (
    Missing,
    ProviderError,
    RateLimited,
    TimedOut,
    Unauthenticated,
    UpstreamFailed,
)
from providers.kit.caching.cache_key import CacheKey, absence_key, cache_key
from providers.kit.caching.cached import Cached
from providers.kit.caching.memory_store import (
    CacheEntry,
    MemoryStore,
    create_absence,
    create_entry,
    encode_value,
)
from providers.kit.caching.policy import CachePolicy
from providers.kit.caching.redis_store import RedisStore
from providers.kit.caching.single_flight import (
    Flight,
    Origin,
    is_current_flight_invalidated,
    lead_or_follow,
    set_current_flight,
    with_own_deadline,
)
from providers.kit.instrumentation import Instrumentation, LookupResult
from providers.kit.rate_limiting.caller_quota import CallerQuotaExceeded
from providers.kit.request_context import (
    RequestContext,
    build_timeout_error,
    get_current,
    set_current,
)
from providers.kit.shared.shared_store import SharedStore

T = TypeVar("T")

# Who has an old answer at hand stops waiting while there is time left to use it, and to ask others.
FALLBACK_WAIT_SHARE = 0.5


class Cache:
    """Facts by kind, viewer and key: in this process, and behind it where they are shared."""

    def __init__(
        self,
        memory_store: MemoryStore | None = None,
        load_timeout: float = 10,
        shared_store: SharedStore | None = None,
        instrumentation: Instrumentation | None = None,
    ) -> None:
        self._memory_store = memory_store or MemoryStore()
        self._load_timeout = load_timeout
        self._shared_store = shared_store or SharedStore()
        self._redis_store = RedisStore(self._shared_store) if self._shared_store.redis else None
        self._instrumentation = instrumentation or Instrumentation()
        self._flights: dict[CacheKey, Flight] = {}
        self._names_invalidated_by_writes: set[str] = (
            set()
        )  # the names of the kinds that a change can make untrue
        self._shared_store.invalidation_listeners.append(self._invalidate)

    async def get_or_load(
        self, policy: CachePolicy[T], scope: str, key: CacheKey, load: Callable[[], Awaitable[T]]
    ) -> Cached[T]:
        """Answer from memory where that is good enough, else by one flight for all who ask."""
        full_key = self._build_tracked_key(policy, scope, key)
        context = get_current()
        entry = self._find_entry(policy, scope, full_key)
        if entry is not None and entry.is_fresh(policy, _get_not_before(context)):
            return self._serve(policy, entry, context, LookupResult.FRESH)
        if (
            entry is not None
            and not context.bypass_cache
            and entry.can_serve_while_revalidating(policy)
        ):
            entry = await self._get_newest(policy, full_key, entry)
            if entry.is_fresh(policy):
                return self._serve(policy, entry, context, LookupResult.FRESH)
            self._revalidate(policy, scope, full_key, load)
            return self._serve(policy, entry, context, LookupResult.STALE)
        try:
            answer = (await self._load_once(policy, scope, full_key, load, context)).to_cached()
        except Unauthenticated:
            self._instrumentation.on_rejected(policy.source, scope)
            raise
        except UpstreamFailed:
            entry = self._find_entry(policy, scope, full_key)
            if entry is None or not entry.can_serve_on_error(policy):
                raise
            self._instrumentation.on_lookup(policy.source, LookupResult.STALE_IF_ERROR)
            return entry.to_cached(stale=True)
        return answer

    def peek(self, policy: CachePolicy[T], scope: str, key: CacheKey) -> Cached[T] | None:
        """What is remembered here and fresh, without asking anybody."""
        entry = self._memory_store.get(cache_key(policy, scope, key))
        if (
            entry is None
            or entry.absence is not None
            or not entry.is_fresh(policy, _get_not_before(get_current()))
        ):
            return None
        return entry.to_cached()

    async def get(self, policy: CachePolicy[T], scope: str, key: CacheKey) -> Cached[T] | None:
        """What is remembered, here or where it is shared, without asking the source."""
        answer = self.peek(policy, scope, key)
        redis_store = self._get_redis_store(policy)
        if answer is not None or redis_store is None:
            return answer
        await self._refresh_from_redis(redis_store, policy, cache_key(policy, scope, key))
        return self.peek(policy, scope, key)

    async def has_fresh(self, policy: CachePolicy[Any], scope: str, key: CacheKey) -> bool:
        """Whether the source need not be asked: for the fact, or for there being none."""
        full_key, redis_store = cache_key(policy, scope, key), self._get_redis_store(policy)
        if redis_store is not None and not self._is_fresh(policy, scope, full_key):
            await self._refresh_from_redis(redis_store, policy, full_key)
        return self._is_fresh(policy, scope, full_key)

    async def wait_for_load(self, policy: CachePolicy[Any], scope: str, key: CacheKey) -> None:
        """Be back when what is being fetched of a fact is here, whatever comes of it."""
        flight = self._flights.get(cache_key(policy, scope, key))
        if flight is not None:
            await asyncio.wait({flight.task}, timeout=get_current().get_remaining_seconds())

    async def set(self, policy: CachePolicy[T], scope: str, key: CacheKey, value: T) -> None:
        """Remember a fact, here and where it is shared, and be back when it is there."""
        if _is_invalidated(policy):
            return
        full_key, encoded = self._build_tracked_key(policy, scope, key), encode_value(value)
        entry = create_entry(value, len(encoded))
        self._memory_store.set(full_key, entry)
        redis_store = self._get_redis_store(policy)
        if redis_store is not None:
            await redis_store.set(policy, full_key, entry, encoded)

    def set_nowait(self, policy: CachePolicy[T], scope: str, key: CacheKey, value: T) -> None:
        """Remember a fact that another answer brought along."""
        if _is_invalidated(policy):
            return
        encoded = encode_value(value)
        full_key = self._build_tracked_key(policy, scope, key)
        self._store(policy, full_key, create_entry(value, len(encoded)), encoded)

    def invalidate(self, policy: CachePolicy[Any], scope: str, key: CacheKey) -> None:
        """Drop a fact that a write has made untrue, and what is being fetched of it."""
        full_key = self._build_tracked_key(policy, scope, key)
        self._invalidate(full_key)
        if self._redis_store is not None:
            self._redis_store.delete(policy, full_key)

    def _invalidate(self, key: CacheKey | None, since: float | None = None) -> None:
        """Forget a fact, or all that a change may have made untrue.

        With a time, another process has fetched the fact anew: only what is older is forgotten.
        """
        if key is not None and since is not None:
            entry = self._memory_store.get(key)
            if entry is not None and entry.stored_at < since:
                self._memory_store.delete(key)
            return
        if key is None:
            self._memory_store.delete_matching(
                lambda each: each[0] in self._names_invalidated_by_writes
            )
        else:
            self._memory_store.delete(key)
        for each in [each for each in self._flights if key in (None, each)]:
            if key is not None or each[0] in self._names_invalidated_by_writes:
                self._flights.pop(each).invalidated = True

    def _find_entry(
        self, policy: CachePolicy[Any], scope: str, full_key: CacheKey
    ) -> CacheEntry | None:
        """What is remembered here for a viewer: of a fact for all, the last that he was told."""
        entry, scoped_entry = (
            self._memory_store.get(full_key),
            self._memory_store.get(absence_key(policy, scope, full_key)),
        )
        if entry is None or scoped_entry is None:
            return entry or scoped_entry
        return scoped_entry if scoped_entry.stored_at > entry.stored_at else entry

    def _is_fresh(self, policy: CachePolicy[Any], scope: str, full_key: CacheKey) -> bool:
        entry = self._find_entry(policy, scope, full_key)
        return entry is not None and entry.is_fresh(policy, _get_not_before(get_current()))

    def _build_tracked_key(self, policy: CachePolicy[Any], scope: str, key: CacheKey) -> CacheKey:
        if policy.invalidated_by_writes:
            self._names_invalidated_by_writes.add(policy.name)
        return cache_key(policy, scope, key)

    def _serve(
        self,
        policy: CachePolicy[Any],
        entry: CacheEntry,
        context: RequestContext,
        result: LookupResult,
    ) -> Cached[Any]:
        context.cached_count += 1
        self._instrumentation.on_lookup(policy.source, result)
        return entry.to_cached()

    def _store(
        self, policy: CachePolicy[Any], key: CacheKey, entry: CacheEntry, encoded: bytes
    ) -> None:
        self._memory_store.set(key, entry)
        redis_store = self._get_redis_store(policy)
        if redis_store is not None:
            redis_store.set_nowait(policy, key, entry, encoded)

    def _get_redis_store(self, policy: CachePolicy[Any]) -> RedisStore | None:
        return None if policy.process_local else self._redis_store

    async def _load_once(
        self,
        policy: CachePolicy[T],
        scope: str,
        key: CacheKey,
        load: Callable[[], Awaitable[T]],
        context: RequestContext,
    ) -> CacheEntry:
        since = _get_not_before(context)
        while True:
            flight = self._flights.get(key)
            leads = flight is None
            if flight is None:
                flight = self._start(policy, scope, key, load)
            try:
                await self._wait(flight, policy, key, context)
                entry = flight.get_result(policy.source)
            except (RateLimited, TimedOut, Unauthenticated) as error:
                if leads or not _is_leaders_failure(error, flight, scope, context):
                    raise
                continue
            finally:
                self._record_lookup(flight, policy, context, leads=leads)
            if entry.absence is not None and flight.scope != scope:
                continue  # what another was refused may be shown to this one
            if (
                not context.bypass_cache
                and flight.origin is Origin.REDIS
                and not entry.is_fresh(policy)
            ):
                self._revalidate(policy, scope, key, load)
            if leads or since is None or entry.stored_at >= since:
                return entry

    async def _wait(
        self, flight: Flight, policy: CachePolicy[Any], key: CacheKey, context: RequestContext
    ) -> None:
        # Waited for without a hold on it: who stops waiting must not take it from the others.
        for part in (FALLBACK_WAIT_SHARE, 1):
            await asyncio.wait({flight.task}, timeout=part * context.get_remaining_seconds())
            entry = self._memory_store.get(key)
            if flight.task.done() or (entry is not None and entry.can_serve_on_error(policy)):
                break
        if not flight.task.done():
            raise build_timeout_error(policy.source)

    def _record_lookup(
        self, flight: Flight, policy: CachePolicy[Any], context: RequestContext, *, leads: bool
    ) -> None:
        if flight.origin is Origin.REDIS:
            context.cached_count += 1
        elif flight.origin is Origin.OTHER_PROCESS or not leads:
            context.coalesced_count += 1
            self._instrumentation.on_coalesced(policy.source)
        if leads:
            context.cached_count += flight.context.cached_count
            context.coalesced_count += flight.context.coalesced_count
        found = LookupResult.FRESH if flight.origin is Origin.REDIS else LookupResult.MISS
        self._instrumentation.on_lookup(policy.source, found)

    def _revalidate(
        self, policy: CachePolicy[T], scope: str, key: CacheKey, load: Callable[[], Awaitable[T]]
    ) -> None:
        if key not in self._flights:
            self._start(policy, scope, key, load, revalidating=True)

    def _start(
        self,
        policy: CachePolicy[T],
        scope: str,
        key: CacheKey,
        load: Callable[[], Awaitable[T]],
        *,
        revalidating: bool = False,
    ) -> Flight:
        flight = Flight(with_own_deadline(get_current(), self._load_timeout), scope)
        if revalidating:
            first_call = flight.context.first_call = asyncio.Event()
            get_current().revalidations.append(first_call)
        context = copy_context()
        context.run(set_current, flight.context)
        context.run(set_current_flight, flight)
        coroutine = self._look_up_or_load(flight, policy, key, load, revalidating=revalidating)
        flight.task = asyncio.get_running_loop().create_task(coroutine, context=context)
        self._flights[key] = flight
        self._instrumentation.track(flight.task)
        flight.task.add_done_callback(
            lambda _: self._finish(key, flight, revalidating=revalidating)
        )
        return flight

    async def _look_up_or_load(
        self,
        flight: Flight,
        policy: CachePolicy[T],
        key: CacheKey,
        load: Callable[[], Awaitable[T]],
        *,
        revalidating: bool,
    ) -> CacheEntry:
        redis_store = self._get_redis_store(policy)
        load_entry = partial(self._load, flight, policy, key, load)
        if redis_store is None:
            return await load_entry()
        since = _get_not_before(flight.context)

        async def look_up() -> CacheEntry | None:
            entry = await self._refresh_from_redis(redis_store, policy, key)
            stale = since is None and not revalidating
            good = entry is not None and (
                entry.is_fresh(policy, since)
                or (stale and entry.can_serve_while_revalidating(policy))
            )
            return entry if good else None

        found = await look_up()
        if found is not None:
            flight.origin = Origin.REDIS
            return found
        name = redis_store.build_key(policy, key)
        entry, flight.origin = await lead_or_follow(
            self._shared_store, name, look_up, load_entry, same_credential=not policy.public
        )
        return entry

    async def _get_newest(
        self, policy: CachePolicy[Any], key: CacheKey, local_entry: CacheEntry
    ) -> CacheEntry:
        """The entry that another process may have renewed meanwhile, or this one's own."""
        redis_store = self._get_redis_store(policy)
        if redis_store is not None:
            await self._refresh_from_redis(redis_store, policy, key)
        return self._memory_store.get(key) or local_entry

    async def _refresh_from_redis(
        self, redis_store: RedisStore, policy: CachePolicy[Any], key: CacheKey
    ) -> CacheEntry | None:
        """What is on the shelf, taken into memory when it is newer than what is there."""
        found, local_entry = await redis_store.get(policy, key), self._memory_store.get(key)
        if found is not None and (local_entry is None or local_entry.stored_at < found.stored_at):
            self._memory_store.set(key, found)
        return found

    async def _load(
        self,
        flight: Flight,
        policy: CachePolicy[T],
        key: CacheKey,
        load: Callable[[], Awaitable[T]],
    ) -> CacheEntry:
        encoded = b""
        try:
            value = await load()
            encoded = encode_value(value)
            entry = create_entry(value, len(encoded))
        except Missing as absence:
            entry = create_absence(absence)
        if flight.invalidated:
            return entry
        if policy.public and entry.absence is not None:
            # What one credential is refused says nothing to another, though the fact be the same.
            self._memory_store.set(absence_key(policy, flight.scope, key), entry)
        else:
            self._store(policy, key, entry, encoded)
            self._publish_invalidation(flight, policy, key, entry)
        return entry

    def _publish_invalidation(
        self, flight: Flight, policy: CachePolicy[Any], key: CacheKey, entry: CacheEntry
    ) -> None:
        """What was asked for past what is remembered is newer than what the others have."""
        redis_store = self._get_redis_store(policy)
        if flight.context.bypass_cache and redis_store is not None and not policy.versioned:
            redis_store.publish_invalidation(key, entry)

    def _finish(self, key: CacheKey, flight: Flight, *, revalidating: bool) -> None:
        if revalidating and flight.context.first_call is not None:
            flight.context.first_call.set()
        if self._flights.get(key) is flight:
            del self._flights[key]
        if not flight.task.cancelled():
            flight.task.exception()  # looked at, so that nobody is told it was not


def _is_leaders_failure(
    error: ProviderError, flight: Flight, scope: str, context: RequestContext
) -> bool:
    """Whether a failure is that of who led the flight, and a follower may fare better."""
    if isinstance(error, TimedOut):
        # It began before me and ended with its own time; while it lasts, it is I who gave up.
        return flight.task.done() and context.get_remaining_seconds() > 0
    # What is the same for everybody may have been asked for with another's credential.
    return flight.scope != scope or isinstance(error, CallerQuotaExceeded)


def _is_invalidated(policy: CachePolicy[Any]) -> bool:
    """Whether a change came after the answer that brings such a fact along."""
    return policy.invalidated_by_writes and is_current_flight_invalidated()


def _get_not_before(context: RequestContext) -> float | None:
    """From when on an entry has to be, for one who wants it fresh."""
    return context.started_at if context.bypass_cache else None


def raise_unexpected(result: "Cached[T] | BaseException") -> "Cached[T] | ProviderError":
    """Give a gathered result back, raising whatever is a bug rather than an upstream's failure."""
    if isinstance(result, BaseException) and not isinstance(result, ProviderError):
        raise result
    return result


async def gather_outcomes(
    awaitables: list[Awaitable[Cached[T]]],
) -> "list[Cached[T] | ProviderError]":
    """Run all at once; a failure stays at its place."""
    results = await asyncio.gather(*awaitables, return_exceptions=True)
    return [raise_unexpected(result) for result in results]
