"""Remembered answers: fresh, stale or rescued, one flight per question, never across viewers."""

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import copy_context
from functools import partial
from typing import Any, TypeVar

from providers.errors import (
    Failed,
    Missing,
    ProviderError,
    RateLimited,
    TimedOut,
    Unauthenticated,
)
from providers.kit.caching.cache_key import Key, absence_key, cache_key
from providers.kit.caching.cached import Answer
from providers.kit.caching.memory_store import Entry, Memory, absence_of, entry_of, packed
from providers.kit.caching.policy import Kind
from providers.kit.caching.redis_store import Shelf
from providers.kit.caching.single_flight import Flight, How, board, fly, is_void, patient
from providers.kit.instrumentation import Lookup, Observer
from providers.kit.rate_limiting.caller_quota import CallerSpent
from providers.kit.request_context import Operation, begin, current, late
from providers.kit.shared.shared_store import Shared

T = TypeVar("T")

# Who has an old answer at hand stops waiting while there is time left to use it, and to ask others.
PART_WAITED = 0.5


class Cache:
    """Facts by kind, viewer and key: in this process, and behind it where they are shared."""

    def __init__(
        self,
        memory_store: Memory | None = None,
        load_timeout: float = 10,
        shared: Shared | None = None,
        observer: Observer | None = None,
    ) -> None:
        self._memory = memory_store or Memory()
        self._patience = load_timeout
        self._shared = shared or Shared()
        self._shelf = Shelf(self._shared) if self._shared.wire else None
        self._observer = observer or Observer()
        self._flights: dict[Key, Flight] = {}
        self._written: set[str] = set()  # the names of the kinds that a change can make untrue
        self._shared.forgetful.append(self._forget)

    async def remember(
        self, kind: Kind[T], scope: str, key: Key, load: Callable[[], Awaitable[T]]
    ) -> Answer[T]:
        """Answer from memory where that is good enough, else by one flight for all who ask."""
        whole = self._named(kind, scope, key)
        operation = current()
        entry = self._known(kind, scope, whole)
        if entry is not None and entry.fresh(kind, _since(operation)):
            return self._served(kind, entry, operation, Lookup.FRESH)
        if entry is not None and not operation.fresh and entry.stale(kind):
            entry = await self._newest(kind, whole, entry)
            if entry.fresh(kind):
                return self._served(kind, entry, operation, Lookup.FRESH)
            self._renew(kind, scope, whole, load)
            return self._served(kind, entry, operation, Lookup.STALE)
        try:
            answer = (await self._fetch(kind, scope, whole, load, operation)).answer()
        except Unauthenticated:
            self._observer.rejected(kind.source, scope)
            raise
        except Failed:
            entry = self._known(kind, scope, whole)
            if entry is None or not entry.rescues(kind):
                raise
            self._observer.looked_up(kind.source, Lookup.RESCUED)
            return entry.answer(stale=True)
        return answer

    def peek(self, kind: Kind[T], scope: str, key: Key) -> Answer[T] | None:
        """What is remembered here and fresh, without asking anybody."""
        entry = self._memory.get(cache_key(kind, scope, key))
        if entry is None or entry.absence is not None or not entry.fresh(kind, _since(current())):
            return None
        return entry.answer()

    async def recall(self, kind: Kind[T], scope: str, key: Key) -> Answer[T] | None:
        """What is remembered, here or where it is shared, without asking the source."""
        answer = self.peek(kind, scope, key)
        shelf = self._shelf_of(kind)
        if answer is not None or shelf is None:
            return answer
        await self._look(shelf, kind, cache_key(kind, scope, key))
        return self.peek(kind, scope, key)

    async def knows(self, kind: Kind[Any], scope: str, key: Key) -> bool:
        """Whether the source need not be asked: for the fact, or for there being none."""
        whole, shelf = cache_key(kind, scope, key), self._shelf_of(kind)
        if shelf is not None and not self._is_fresh(kind, scope, whole):
            await self._look(shelf, kind, whole)
        return self._is_fresh(kind, scope, whole)

    async def landed(self, kind: Kind[Any], scope: str, key: Key) -> None:
        """Be back when what is being fetched of a fact is here, whatever comes of it."""
        flight = self._flights.get(cache_key(kind, scope, key))
        if flight is not None:
            await asyncio.wait({flight.task}, timeout=current().remaining())

    async def keep(self, kind: Kind[T], scope: str, key: Key, value: T) -> None:
        """Remember a fact, here and where it is shared, and be back when it is there."""
        if _is_untrue(kind):
            return
        whole, encoded = self._named(kind, scope, key), packed(value)
        entry = entry_of(value, len(encoded))
        self._memory.put(whole, entry)
        shelf = self._shelf_of(kind)
        if shelf is not None:
            await shelf.put(kind, whole, entry, encoded)

    def store(self, kind: Kind[T], scope: str, key: Key, value: T) -> None:
        """Remember a fact that another answer brought along."""
        if _is_untrue(kind):
            return
        encoded = packed(value)
        whole = self._named(kind, scope, key)
        self._put(kind, whole, entry_of(value, len(encoded)), encoded)

    def forget(self, kind: Kind[Any], scope: str, key: Key) -> None:
        """Drop a fact that a write has made untrue, and what is being fetched of it."""
        whole = self._named(kind, scope, key)
        self._forget(whole)
        if self._shelf is not None:
            self._shelf.drop(kind, whole)

    def _forget(self, key: Key | None, since: float | None = None) -> None:
        """Forget a fact, or all that a change may have made untrue.

        With a time, another process has fetched the fact anew: only what is older is forgotten.
        """
        if key is not None and since is not None:
            entry = self._memory.get(key)
            if entry is not None and entry.stored < since:
                self._memory.drop(key)
            return
        if key is None:
            self._memory.drop_all(lambda each: each[0] in self._written)
        else:
            self._memory.drop(key)
        for each in [each for each in self._flights if key in (None, each)]:
            if key is not None or each[0] in self._written:
                self._flights.pop(each).void = True

    def _known(self, kind: Kind[Any], scope: str, whole: Key) -> Entry | None:
        """What is remembered here for a viewer: of a fact for all, the last that he was told."""
        entry, own = self._memory.get(whole), self._memory.get(absence_key(kind, scope, whole))
        if entry is None or own is None:
            return entry or own
        return own if own.stored > entry.stored else entry

    def _is_fresh(self, kind: Kind[Any], scope: str, whole: Key) -> bool:
        entry = self._known(kind, scope, whole)
        return entry is not None and entry.fresh(kind, _since(current()))

    def _named(self, kind: Kind[Any], scope: str, key: Key) -> Key:
        if kind.written:
            self._written.add(kind.name)
        return cache_key(kind, scope, key)

    def _served(
        self, kind: Kind[Any], entry: Entry, operation: Operation, result: Lookup
    ) -> Answer[Any]:
        operation.cached += 1
        self._observer.looked_up(kind.source, result)
        return entry.answer()

    def _put(self, kind: Kind[Any], key: Key, entry: Entry, encoded: bytes) -> None:
        self._memory.put(key, entry)
        shelf = self._shelf_of(kind)
        if shelf is not None:
            shelf.tell(kind, key, entry, encoded)

    def _shelf_of(self, kind: Kind[Any]) -> Shelf | None:
        return None if kind.local else self._shelf

    async def _fetch(
        self,
        kind: Kind[T],
        scope: str,
        key: Key,
        load: Callable[[], Awaitable[T]],
        operation: Operation,
    ) -> Entry:
        since = _since(operation)
        while True:
            flight = self._flights.get(key)
            leads = flight is None
            if flight is None:
                flight = self._take_off(kind, scope, key, load)
            try:
                await self._landing(flight, kind, key, operation)
                entry = flight.result(kind.source)
            except (RateLimited, TimedOut, Unauthenticated) as error:
                if leads or not _others(error, flight, scope, operation):
                    raise
                continue
            finally:
                self._count(flight, kind, operation, leads=leads)
            if entry.absence is not None and flight.scope != scope:
                continue  # what another was refused may be shown to this one
            if not operation.fresh and flight.how is How.FOUND and not entry.fresh(kind):
                self._renew(kind, scope, key, load)
            if leads or since is None or entry.stored >= since:
                return entry

    async def _landing(
        self, flight: Flight, kind: Kind[Any], key: Key, operation: Operation
    ) -> None:
        # Waited for without a hold on it: who stops waiting must not take it from the others.
        for part in (PART_WAITED, 1):
            await asyncio.wait({flight.task}, timeout=part * operation.remaining())
            entry = self._memory.get(key)
            if flight.task.done() or (entry is not None and entry.rescues(kind)):
                break
        if not flight.task.done():
            raise late(kind.source)

    def _count(self, flight: Flight, kind: Kind[Any], operation: Operation, *, leads: bool) -> None:
        if flight.how is How.FOUND:
            operation.cached += 1
        elif flight.how is How.FOLLOWED or not leads:
            operation.coalesced += 1
            self._observer.coalesced(kind.source)
        if leads:
            operation.cached += flight.operation.cached
            operation.coalesced += flight.operation.coalesced
        found = Lookup.FRESH if flight.how is How.FOUND else Lookup.MISS
        self._observer.looked_up(kind.source, found)

    def _renew(self, kind: Kind[T], scope: str, key: Key, load: Callable[[], Awaitable[T]]) -> None:
        if key not in self._flights:
            self._take_off(kind, scope, key, load, revalidating=True)

    def _take_off(
        self,
        kind: Kind[T],
        scope: str,
        key: Key,
        load: Callable[[], Awaitable[T]],
        *,
        revalidating: bool = False,
    ) -> Flight:
        flight = Flight(patient(current(), self._patience), scope)
        if revalidating:
            first_call = flight.operation.asked = asyncio.Event()
            current().renewals.append(first_call)
        context = copy_context()
        context.run(begin, flight.operation)
        context.run(board, flight)
        coroutine = self._fly(flight, kind, key, load, revalidating=revalidating)
        flight.task = asyncio.get_running_loop().create_task(coroutine, context=context)
        self._flights[key] = flight
        self._observer.flying(flight.task)
        flight.task.add_done_callback(lambda _: self._land(key, flight, revalidating=revalidating))
        return flight

    async def _fly(
        self,
        flight: Flight,
        kind: Kind[T],
        key: Key,
        load: Callable[[], Awaitable[T]],
        *,
        revalidating: bool,
    ) -> Entry:
        shelf = self._shelf_of(kind)
        load_entry = partial(self._load, flight, kind, key, load)
        if shelf is None:
            return await load_entry()
        since = _since(flight.operation)

        async def look_up() -> Entry | None:
            entry = await self._look(shelf, kind, key)
            stale = since is None and not revalidating
            good = entry is not None and (entry.fresh(kind, since) or (stale and entry.stale(kind)))
            return entry if good else None

        found = await look_up()
        if found is not None:
            flight.how = How.FOUND
            return found
        name = shelf.name(kind, key)
        entry, flight.how = await fly(self._shared, name, look_up, load_entry, alike=not kind.shared)
        return entry

    async def _newest(self, kind: Kind[Any], key: Key, local_entry: Entry) -> Entry:
        """The entry that another process may have renewed meanwhile, or this one's own."""
        shelf = self._shelf_of(kind)
        if shelf is not None:
            await self._look(shelf, kind, key)
        return self._memory.get(key) or local_entry

    async def _look(self, shelf: Shelf, kind: Kind[Any], key: Key) -> Entry | None:
        """What is on the shelf, taken into memory when it is newer than what is there."""
        found, local_entry = await shelf.get(kind, key), self._memory.get(key)
        if found is not None and (local_entry is None or local_entry.stored < found.stored):
            self._memory.put(key, found)
        return found

    async def _load(
        self, flight: Flight, kind: Kind[T], key: Key, load: Callable[[], Awaitable[T]]
    ) -> Entry:
        encoded = b""
        try:
            value = await load()
            encoded = packed(value)
            entry = entry_of(value, len(encoded))
        except Missing as absence:
            entry = absence_of(absence)
        if flight.void:
            return entry
        if kind.shared and entry.absence is not None:
            # What one credential is refused says nothing to another, though the fact be the same.
            self._memory.put(absence_key(kind, flight.scope, key), entry)
        else:
            self._put(kind, key, entry, encoded)
            self._announce(flight, kind, key, entry)
        return entry

    def _announce(self, flight: Flight, kind: Kind[Any], key: Key, entry: Entry) -> None:
        """What was asked for past what is remembered is newer than what the others have."""
        shelf = self._shelf_of(kind)
        if flight.operation.fresh and shelf is not None and not kind.versioned:
            shelf.announce(key, entry)

    def _land(self, key: Key, flight: Flight, *, revalidating: bool) -> None:
        if revalidating and flight.operation.asked is not None:
            flight.operation.asked.set()
        if self._flights.get(key) is flight:
            del self._flights[key]
        if not flight.task.cancelled():
            flight.task.exception()  # looked at, so that nobody is told it was not


def _others(error: ProviderError, flight: Flight, scope: str, operation: Operation) -> bool:
    """Whether a failure is that of who led the flight, and a follower may fare better."""
    if isinstance(error, TimedOut):
        # It began before me and ended with its own time; while it lasts, it is I who gave up.
        return flight.task.done() and operation.remaining() > 0
    # What is the same for everybody may have been asked for with another's credential.
    return flight.scope != scope or isinstance(error, CallerSpent)


def _is_untrue(kind: Kind[Any]) -> bool:
    """Whether a change came after the answer that brings such a fact along."""
    return kind.written and is_void()


def _since(operation: Operation) -> float | None:
    """From when on an entry has to be, for one who wants it fresh."""
    return operation.started if operation.fresh else None


def outcome(result: "Answer[T] | BaseException") -> "Answer[T] | ProviderError":
    """Give a gathered result back, raising whatever is a bug rather than an upstream's failure."""
    if isinstance(result, BaseException) and not isinstance(result, ProviderError):
        raise result
    return result


async def gather(awaitables: list[Awaitable[Answer[T]]]) -> "list[Answer[T] | ProviderError]":
    """Run all at once; a failure stays at its place."""
    results = await asyncio.gather(*awaitables, return_exceptions=True)
    return [outcome(result) for result in results]
