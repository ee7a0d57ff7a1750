"""The cache: values by policy, scope and key, each loaded by one flight at a time."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, Generic, NamedTuple, TypeVar

from providers.errors import (
    Missing,
    ProviderError,
    RateLimited,
    TimedOut,
    TooCostly,
    Unauthenticated,
    UpstreamFailed,
)
from providers.kit.caching.cache_key import CacheKey, build_absence_key, build_cache_key
from providers.kit.caching.cached import Cached
from providers.kit.caching.derived_values import DerivedValues
from providers.kit.caching.entry_store import EntryStore
from providers.kit.caching.invalidations import Invalidations
from providers.kit.caching.lookups import note_freshness, record_lookup
from providers.kit.caching.memory_store import (
    CacheEntry,
    MemoryStore,
    create_absence,
    create_entry,
    encode_value,
)
from providers.kit.caching.policy import CachePolicy
from providers.kit.caching.scope_rejections import REJECTED_SCOPE, ScopeRejections
from providers.kit.caching.single_flight import (
    Flight,
    Origin,
    lead_or_follow,
    with_own_deadline,
)
from providers.kit.detached_task import wait_for_task, wait_until_deadline
from providers.kit.instrumentation import Instrumentation, LookupResult
from providers.kit.rate_limiting.caller_quota import CallerQuotaExceeded
from providers.kit.rate_limiting.rate_limiter import ReserveKept
from providers.kit.request_context import (
    RequestContext,
    build_timeout_error,
    get_current,
    set_current,
)
from providers.kit.shared.shared_store import Invalidation, SharedStore

T = TypeVar("T")

# A request that has an entry within stale-if-error waits for a load during this share of its
# remaining time: the rest is for serving the entry and for calling other sources.
FALLBACK_WAIT_SHARE = 0.5
# For so long a value that several responses contain, such as a set's version, is stored once.
SAME_MOMENT_SECONDS = 1.0


class FreshValue(NamedTuple, Generic[T]):
    """A fresh value in memory; `note_served` counts it as served."""

    cached: Cached[T]
    note_served: Callable[[], None]


class Cache:
    """Values in the memory of this process and, if there is a shared store, behind it in that."""

    def __init__(
        self,
        memory_store: MemoryStore | None = None,
        load_timeout: float = 10,
        shared_store: SharedStore | None = None,
        instrumentation: Instrumentation | None = None,
    ) -> None:
        """Create an empty cache; a load may take `load_timeout` seconds."""
        self._memory_store = memory_store or MemoryStore()
        self._load_timeout = load_timeout
        self._shared_store = shared_store or SharedStore()
        # Whether other processes may have values that this one has not.
        self.is_shared = self._shared_store.backend is not None
        self._entry_store = EntryStore(self._shared_store) if self.is_shared else None
        self._instrumentation = instrumentation or Instrumentation()
        self._flights: dict[CacheKey, Flight] = {}
        self._invalidations = Invalidations()
        self._rejections = ScopeRejections(self._shared_store)
        self.derived_values = DerivedValues()
        # Names of the policies with `invalidated_by_writes` that were used so far.
        self._names_invalidated_by_writes: set[str] = set()
        self._shared_store.invalidation_listeners.append(self._on_invalidation)

    async def get_or_load(
        self, policy: CachePolicy[T], scope: str, key: CacheKey, load: Callable[[], Awaitable[T]]
    ) -> Cached[T]:
        """Return the cached value, or load it with one flight for all requests.

        If the load fails with `UpstreamFailed`, return an entry within stale-if-error, marked as
        stale. Raise every other error of the load, and a cached absence.
        """
        context = get_current()
        full_key = build_cache_key(policy, scope, key, context)
        entry = self.find_entry(policy, scope, full_key)
        if entry is not None and entry.is_fresh(policy, _get_not_before(context, policy)):
            self._note_served(context, policy, (scope, key, full_key), entry, load)
            return entry.to_cached()
        context.forbid_reuse()
        if full_key in context.outcomes:
            return _take_outcome(context, full_key)
        if (
            entry is not None
            and not context.bypass_cache
            and entry.can_serve_while_revalidating(policy)
        ):
            return await self._serve_and_revalidate(policy, scope, full_key, load, entry)
        try:
            entry = await self._load_once(policy, scope, full_key, load, context)
            note_freshness(context, policy, entry)
            return entry.to_cached()
        except Unauthenticated:
            self._instrumentation.on_rejected(policy.source, scope)
            raise
        except UpstreamFailed:
            entry = self.find_entry(policy, scope, full_key)
            if entry is None or not entry.can_serve_on_error(policy):
                raise
            note_freshness(context, policy, entry)
            self._instrumentation.on_lookup(policy.source, LookupResult.STALE_IF_ERROR)
            return entry.to_cached(stale=True)

    def find_fresh(
        self, policy: CachePolicy[T], scope: str, key: CacheKey, load: Callable[[], Awaitable[T]]
    ) -> "FreshValue[T] | None":
        """Return the value that `get_or_load` would serve at once; None for any other outcome."""
        context = get_current()
        full_key = build_cache_key(policy, scope, key, context)
        entry = self.find_entry(policy, scope, full_key)
        if (
            entry is None
            or entry.absence is not None
            or not entry.is_fresh(policy, _get_not_before(context, policy))
        ):
            return None
        keys = (scope, key, full_key)
        note_served = partial(self._note_served, context, policy, keys, entry, load)
        return FreshValue(entry.to_cached(), note_served)

    def is_loading(self, policy: CachePolicy[Any], scope: str, key: CacheKey) -> bool:
        """Return whether a load of a value is running in this process."""
        return build_cache_key(policy, scope, key) in self._flights

    def peek(self, policy: CachePolicy[T], scope: str, key: CacheKey) -> Cached[T] | None:
        """Return a fresh value from the memory of this process, or None."""
        context = get_current()
        full_key = build_cache_key(policy, scope, key, context)
        entry = self._memory_store.get(full_key)
        if entry is not None and not (
            entry.absence is None and entry.is_fresh(policy, _get_not_before(context, policy))
        ):
            entry = None
        if entry is not None or context.lookup_log.is_complete:
            record_lookup(context, policy, (scope, key, full_key), entry)
        return None if entry is None else entry.to_cached()

    async def get(self, policy: CachePolicy[T], scope: str, key: CacheKey) -> Cached[T] | None:
        """Return a fresh value from memory or the shared store, or None; never call the source."""
        cached = self.peek(policy, scope, key)
        entry_store = self._get_entry_store(policy)
        if cached is not None or entry_store is None:
            return cached
        get_current().forbid_reuse()  # memory alone cannot tell whether it is still missing
        await self._refresh_from_store(entry_store, policy, build_cache_key(policy, scope, key))
        return self.peek(policy, scope, key)

    async def has_fresh(self, policy: CachePolicy[Any], scope: str, key: CacheKey) -> bool:
        """Return whether a fresh value or a cached absence is in memory or the shared store."""
        full_key, entry_store = build_cache_key(policy, scope, key), self._get_entry_store(policy)
        if entry_store is not None and not self._is_fresh(policy, scope, full_key):
            get_current().forbid_reuse()
            await self._refresh_from_store(entry_store, policy, full_key)
        context, is_fresh = get_current(), self._is_fresh(policy, scope, full_key)
        entry = self.find_entry(policy, scope, full_key) if is_fresh else None
        record_lookup(context, policy, (scope, key, full_key), entry)
        return is_fresh

    async def wait_for_load(self, policy: CachePolicy[Any], scope: str, key: CacheKey) -> None:
        """Wait for the running load of a value, if there is one, whatever its outcome."""
        flight = self._flights.get(build_cache_key(policy, scope, key))
        if flight is not None:
            await wait_until_deadline(flight.task)

    async def set(self, policy: CachePolicy[T], scope: str, key: CacheKey, value: T) -> None:
        """Store a value in memory and the shared store, and wait until all processes find it."""
        if _is_outdated(policy, get_current()):
            return
        full_key, encoded = build_cache_key(policy, scope, key), encode_value(value)
        entry = create_entry(value, len(encoded))
        self._keep(policy, full_key, entry)
        entry_store = self._get_entry_store(policy)
        if entry_store is not None:
            self._rejections.announce(full_key[1])
            await entry_store.set(policy, full_key, entry, encoded)

    def set_nowait(self, policy: CachePolicy[T], scope: str, key: CacheKey, value: T) -> None:
        """Store a value that another response contained, and do not wait for the shared store."""
        context = get_current()
        full_key = build_cache_key(policy, scope, key, context)
        if self._has_just_stored(full_key, value, context) or _is_outdated(policy, context):
            return
        encoded = encode_value(value)
        self._store(policy, full_key, create_entry(value, len(encoded)), encoded)

    def _has_just_stored(self, full_key: CacheKey, value: object, context: RequestContext) -> bool:
        """Return whether another response to this request, just now, contained the same value."""
        entry = self._memory_store.get(full_key)
        return (
            entry is not None
            and entry.stored_at >= context.started_at
            and time.time() - entry.stored_at < SAME_MOMENT_SECONDS
            and entry.value == value
        )

    @property
    def changes(self) -> int:
        """The number of changes to the entries in memory."""
        return self._memory_store.changes

    def list_changed_keys(self, changes: int) -> list[CacheKey] | None:
        """Return the keys of the changes after the first `changes`; None if they are too many."""
        return self._memory_store.list_changed_keys(changes)

    def count_hits(self, source: str, count: int) -> None:
        """Count lookups whose entries a stored response was built from."""
        get_current().cached_count += count
        self._instrumentation.on_lookup(source, LookupResult.FRESH, count)

    def invalidate(self, policy: CachePolicy[Any], scope: str, key: CacheKey) -> None:
        """Delete a value that a write has changed, in all processes.

        The result of a load that is running is not stored.
        """
        full_key = build_cache_key(policy, scope, key)
        self._invalidate(full_key)
        if self._entry_store is not None:
            self._invalidations.record(full_key, time.time())
            self._entry_store.delete(policy, full_key)

    async def finish_invalidations(self) -> None:
        """Wait until no process, also none that starts later, reads what was invalidated.

        A shared store that cannot be used is not waited for.
        """
        await self._shared_store.finish_writes()

    def _on_invalidation(self, invalidation: Invalidation | None) -> None:
        """Delete what another process has deleted; if a message may have been missed, all of it."""
        if invalidation is None:
            self._invalidations.record_missed()
            self._invalidate_all()
        elif invalidation.key[0] == REJECTED_SCOPE:
            self._on_rejected_scope(invalidation.key[1], invalidation.written_at)
        elif invalidation.since is not None:
            entry = self._memory_store.get(invalidation.key)
            if entry is not None and entry.stored_at < invalidation.since:
                self._memory_store.delete(invalidation.key)
        elif self._invalidations.record(invalidation.key, invalidation.written_at):
            self._invalidate(invalidation.key)

    def invalidate_scope(self, scope: str) -> None:
        """Delete everything that was fetched with a credential which its source has rejected.

        In all processes; the results of its loads that are running are not stored.
        """
        self._rejections.record(scope)
        self._delete_scope(scope)

    def _on_rejected_scope(self, scope: str, rejected_at: float) -> None:
        self._rejections.learn(scope, rejected_at)
        self._delete_scope(scope)

    def _delete_scope(self, scope: str) -> None:
        self._memory_store.delete_scope(scope)
        for key in [key for key in self._flights if key[1] == scope]:
            state = self._flights.pop(key).context.load_state
            state.is_invalidated = state.is_rejected = True

    def _invalidate(self, key: CacheKey) -> None:
        self._memory_store.delete(key)
        if key in self._flights:
            self._flights.pop(key).context.load_state.is_invalidated = True

    def _invalidate_all(self) -> None:
        """Delete every entry that a write may have changed."""
        names = self._names_invalidated_by_writes
        self._memory_store.delete_matching(lambda key: key[0] in names)
        for key in [key for key in self._flights if key[0] in names]:
            self._flights.pop(key).context.load_state.is_invalidated = True

    def find_entry(
        self, policy: CachePolicy[Any], scope: str, full_key: CacheKey
    ) -> CacheEntry | None:
        """Return the entry in memory or, if it is newer, the absence for this scope alone."""
        entry = self._memory_store.get(full_key)
        if not policy.public:
            return entry
        scoped_absence = self._memory_store.get(build_absence_key(policy, scope, full_key))
        if entry is None or scoped_absence is None:
            return entry or scoped_absence
        return scoped_absence if scoped_absence.stored_at > entry.stored_at else entry

    def _is_fresh(self, policy: CachePolicy[Any], scope: str, full_key: CacheKey) -> bool:
        entry = self.find_entry(policy, scope, full_key)
        return entry is not None and entry.is_fresh(policy, _get_not_before(get_current(), policy))

    def _note_served(
        self,
        context: RequestContext,
        policy: CachePolicy[Any],
        keys: tuple[str, CacheKey, CacheKey],
        entry: CacheEntry,
        load: Callable[[], Awaitable[Any]],
    ) -> None:
        record_lookup(context, policy, keys, entry, load)
        context.cached_count += 1
        self._instrumentation.on_lookup(policy.source, LookupResult.FRESH)

    def _serve(
        self,
        policy: CachePolicy[Any],
        entry: CacheEntry,
        context: RequestContext,
        result: LookupResult,
    ) -> Cached[Any]:
        note_freshness(context, policy, entry)
        context.cached_count += 1
        self._instrumentation.on_lookup(policy.source, result)
        return entry.to_cached()

    async def _serve_and_revalidate(
        self,
        policy: CachePolicy[T],
        scope: str,
        key: CacheKey,
        load: Callable[[], Awaitable[T]],
        entry: CacheEntry,
    ) -> Cached[T]:
        entry = await self._get_newest(policy, key, entry)
        if entry.is_fresh(policy):
            return self._serve(policy, entry, get_current(), LookupResult.FRESH)
        self._revalidate(policy, scope, key, load)
        return self._serve(policy, entry, get_current(), LookupResult.STALE)

    def _keep(self, policy: CachePolicy[Any], key: CacheKey, entry: CacheEntry) -> None:
        if policy.invalidated_by_writes:
            self._names_invalidated_by_writes.add(policy.name)
        self._memory_store.set(key, entry)

    def _store(
        self, policy: CachePolicy[Any], key: CacheKey, entry: CacheEntry, encoded: bytes
    ) -> None:
        self._keep(policy, key, entry)
        entry_store = self._get_entry_store(policy)
        if entry_store is not None:
            self._rejections.announce(key[1])
            entry_store.set_nowait(policy, key, entry, encoded)

    def _get_entry_store(self, policy: CachePolicy[Any]) -> EntryStore | None:
        return None if policy.process_local else self._entry_store

    async def _load_once(
        self,
        policy: CachePolicy[T],
        scope: str,
        key: CacheKey,
        load: Callable[[], Awaitable[T]],
        context: RequestContext,
    ) -> CacheEntry:
        """Start a flight or join the running one; start another if its failure is not ours."""
        while True:
            running = self._flights.get(key)
            leads = running is None
            flight = running or self._start(policy, scope, key, load, context)
            try:
                seconds = FALLBACK_WAIT_SHARE * context.get_remaining_seconds()
                if not await wait_for_task(flight.task, seconds):
                    await self._wait_longer(flight, policy, key)
                entry = flight.get_result(policy.source)
            except (RateLimited, TimedOut, TooCostly, Unauthenticated) as error:
                if leads or not _is_leaders_failure(error, flight, scope, context):
                    raise
                continue
            finally:
                self._record_lookup(flight, policy, context, leads=leads)
            if entry.absence is not None and flight.scope != scope:
                continue  # the source may show this scope what it refuses the leader's
            if (
                not context.bypass_cache
                and flight.origin is Origin.SHARED_STORE
                and not entry.is_fresh(policy)
            ):
                self._revalidate(policy, scope, key, load)
            if leads or entry.stored_at >= (_get_not_before(context, policy) or 0):
                return entry

    async def _wait_longer(self, flight: Flight, policy: CachePolicy[Any], key: CacheKey) -> None:
        """Wait up to the deadline, unless there is an entry to serve; raise `TimedOut`."""
        entry = self._memory_store.get(key)
        has_fallback = entry is not None and entry.can_serve_on_error(policy)
        if has_fallback or not await wait_until_deadline(flight.task):
            raise build_timeout_error(policy.source)

    def _record_lookup(
        self, flight: Flight, policy: CachePolicy[Any], context: RequestContext, *, leads: bool
    ) -> None:
        if flight.origin is Origin.SHARED_STORE:
            context.cached_count += 1
        elif flight.origin is Origin.OTHER_PROCESS or not leads:
            context.coalesced_count += 1
            self._instrumentation.on_coalesced(policy.source)
        if leads:
            context.cached_count += flight.context.cached_count
            context.coalesced_count += flight.context.coalesced_count
        result = LookupResult.FRESH if flight.origin is Origin.SHARED_STORE else LookupResult.MISS
        self._instrumentation.on_lookup(policy.source, result)

    def _revalidate(
        self, policy: CachePolicy[T], scope: str, key: CacheKey, load: Callable[[], Awaitable[T]]
    ) -> None:
        if key not in self._flights:
            self._start(policy, scope, key, load, get_current(), revalidating=True)

    def _start(
        self,
        policy: CachePolicy[T],
        scope: str,
        key: CacheKey,
        load: Callable[[], Awaitable[T]],
        context: RequestContext,
        *,
        revalidating: bool = False,
    ) -> Flight:
        flight = Flight(with_own_deadline(context, self._load_timeout), scope)
        if revalidating:
            flight.context.is_background = True
            first_call = flight.context.first_call = asyncio.Event()
            context.revalidations.append(first_call)
        if policy.invalidated_by_writes:
            self._names_invalidated_by_writes.add(policy.name)
        coroutine = self._run(flight, policy, key, load, revalidating=revalidating)
        flight.task = asyncio.get_running_loop().create_task(coroutine)
        self._flights[key] = flight
        self._instrumentation.tasks.add(flight.task)
        flight.task.add_done_callback(partial(self._finish, key, flight))
        return flight

    async def _run(
        self,
        flight: Flight,
        policy: CachePolicy[T],
        key: CacheKey,
        load: Callable[[], Awaitable[T]],
        *,
        revalidating: bool,
    ) -> None:
        """Load an entry for those who wait for the flight; they raise its error."""
        set_current(flight.context)
        entry_store = self._get_entry_store(policy)
        try:
            if entry_store is None or self._is_nowhere(entry_store, policy, key):
                flight.entry = await self._load(flight, policy, key, load)
            else:
                flight.entry = await self._look_up_or_load(
                    entry_store, flight, policy, key, load, revalidating=revalidating
                )
        except Exception as error:  # noqa: BLE001 - those who wait raise it
            flight.error = error

    def _is_nowhere(self, entry_store: EntryStore, policy: CachePolicy[Any], key: CacheKey) -> bool:
        """Return whether no process has the entry or loads it, as is known without looking."""
        return not self._shared_store.has_others and entry_store.is_absent(policy, key)

    async def _look_up_or_load(
        self,
        entry_store: EntryStore,
        flight: Flight,
        policy: CachePolicy[T],
        key: CacheKey,
        load: Callable[[], Awaitable[T]],
        *,
        revalidating: bool,
    ) -> CacheEntry:
        load_entry = partial(self._load, flight, policy, key, load)
        not_before = _get_not_before(flight.context, policy)

        async def look_up() -> CacheEntry | None:
            entry = await self._refresh_from_store(entry_store, policy, key)
            may_be_stale = not_before is None and not revalidating
            is_usable = entry is not None and (
                entry.is_fresh(policy, not_before)
                or (may_be_stale and entry.can_serve_while_revalidating(policy))
            )
            return entry if is_usable else None

        found = await look_up()
        if found is not None:
            flight.origin = Origin.SHARED_STORE
            return found
        if not self._shared_store.has_others:
            return await load_entry()
        name = entry_store.build_key(policy, key)
        entry, flight.origin = await lead_or_follow(
            self._shared_store,
            name,
            look_up,
            load_entry,
            source=policy.source,
            same_credential=not policy.public,
        )
        return entry

    async def _get_newest(
        self, policy: CachePolicy[Any], key: CacheKey, entry: CacheEntry
    ) -> CacheEntry:
        """Return the given entry, or the newer one that another process has stored."""
        entry_store = self._get_entry_store(policy)
        if entry_store is not None:
            await self._refresh_from_store(entry_store, policy, key)
        return self._memory_store.get(key) or entry

    async def _refresh_from_store(
        self, entry_store: EntryStore, policy: CachePolicy[Any], key: CacheKey
    ) -> CacheEntry | None:
        """Return the entry in the shared store; copy it to memory if it is newer."""
        found, local_entry = await entry_store.get(policy, key), self._memory_store.get(key)
        if found is not None and (
            self._invalidations.has_invalidated(policy, key, found.stored_at)
            or await self._rejections.has_outdated(key, found.stored_at)
        ):
            return None
        if found is not None and (local_entry is None or local_entry.stored_at < found.stored_at):
            self._keep(policy, key, found)
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
        if flight.context.load_state.is_invalidated:
            return entry
        if policy.public and entry.absence is not None:
            # The value is the same for every credential; what one of them is refused is not.
            self._keep(policy, build_absence_key(policy, flight.scope, key), entry)
            return entry
        self._store(policy, key, entry, encoded)
        if flight.context.bypass_cache and not policy.versioned:
            self._publish_invalidation(policy, key, entry)
        return entry

    def _publish_invalidation(
        self, policy: CachePolicy[Any], key: CacheKey, entry: CacheEntry
    ) -> None:
        """Make the other processes delete older entries than one loaded past the cache."""
        entry_store = self._get_entry_store(policy)
        if entry_store is not None:
            entry_store.publish_invalidation(key, entry)

    def _finish(self, key: CacheKey, flight: Flight, task: asyncio.Task[None]) -> None:
        self._instrumentation.tasks.discard(task)
        if flight.context.is_background and flight.context.first_call is not None:
            flight.context.first_call.set()
        if self._flights.get(key) is flight:
            del self._flights[key]


def _take_outcome(context: RequestContext, full_key: CacheKey) -> Any:
    """Return or raise what this operation has loaded before it runs."""
    outcome = context.outcomes.pop(full_key)
    if isinstance(outcome, ProviderError):
        raise outcome.with_traceback(None)
    return outcome


def _is_leaders_failure(
    error: ProviderError, flight: Flight, scope: str, context: RequestContext
) -> bool:
    """Return whether a flight failed for a reason that may not concern those who joined it."""
    if isinstance(error, TimedOut):
        # A finished flight ran out of its own time, which began before that of this request. An
        # unfinished one did not fail: it is this request that ran out of time.
        return flight.task.done() and context.get_remaining_seconds() > 0
    if isinstance(error, ReserveKept):
        return not context.is_background
    # A public value may have been requested with another credential.
    return flight.scope != scope or isinstance(error, CallerQuotaExceeded | TooCostly)


def _is_outdated(policy: CachePolicy[Any], context: RequestContext) -> bool:
    """Return whether a write or a rejection has outdated what is being loaded."""
    state = context.load_state
    return state.is_rejected or (policy.invalidated_by_writes and state.is_invalidated)


def _get_not_before(context: RequestContext, policy: CachePolicy[Any]) -> float | None:
    """Return the earliest time of fetching that a request accepts, in seconds since 1970.

    What is the same for every viewer is not what a poll in the background looks for.
    """
    is_required = context.bypass_cache and not (context.is_background and policy.public)
    return context.started_at if is_required else None


def raise_unexpected(result: "Cached[T] | BaseException") -> "Cached[T] | ProviderError":
    """Return a gathered result; raise one that is neither a value nor a `ProviderError`."""
    if isinstance(result, BaseException) and not isinstance(result, ProviderError):
        raise result
    return result


async def gather_outcomes(
    awaitables: Sequence[Awaitable[Cached[T]]],
) -> "list[Cached[T] | ProviderError]":
    """Await all concurrently; return each value, or its error, in the same order."""
    results = await asyncio.gather(*awaitables, return_exceptions=True)
    return [raise_unexpected(result) for result in results]
