"""Remembered answers: fresh, stale or rescued, one flight per question, never across viewers."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from contextvars import copy_context
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

import msgspec

from providers.errors import Failed, Missing, ProviderError
from providers.kit.operation import Operation, begin, current, late

T = TypeVar("T")
V_co = TypeVar("V_co", covariant=True)
Key = tuple[str, ...]


@dataclass(frozen=True)
class Kind(Generic[T]):
    """One kind of remembered fact, and for how many seconds it is good.

    Up to `fresh` it is served as it is; up to `stale` it is served while one flight renews it; up
    to `rescue` it is served when its source fails. `missing` is how long an absence is believed.
    A `shared` kind is the same for every viewer; any other is kept apart by viewer. A `versioned`
    kind carries its version in its key, so only a change of version asks again.
    """

    name: str
    type: Any
    fresh: float
    stale: float = 0
    rescue: float = 0
    missing: float = 60
    shared: bool = False
    localized: bool = False


@dataclass(frozen=True)
class Answer(Generic[V_co]):
    """A fact, when it was fetched, and whether it stands in for one that could not be."""

    value: V_co
    fetched_at: datetime
    stale: bool = False


@dataclass(frozen=True)
class Entry:
    """A remembered value, or the absence that was answered instead."""

    value: Any
    stored: float
    size: int = 0
    absence: Missing | None = None

    def age(self) -> float:
        """Seconds since it was fetched."""
        return time.time() - self.stored

    def answer(self, *, stale: bool = False) -> Answer[Any]:
        """The remembered value, or the remembered absence raised."""
        if self.absence is not None:
            raise self.absence
        return Answer(self.value, datetime.fromtimestamp(self.stored, UTC), stale)


class Memory:
    """Entries of this process, bounded by an estimate of their bytes, least recently used first."""

    def __init__(self, capacity: int = 128 * 1024 * 1024) -> None:
        self._capacity = capacity
        self._size = 0
        self._entries: OrderedDict[Key, Entry] = OrderedDict()

    def get(self, key: Key) -> Entry | None:
        """The entry, now the most recently used."""
        entry = self._entries.get(key)
        if entry is not None:
            self._entries.move_to_end(key)
        return entry

    def put(self, key: Key, entry: Entry) -> None:
        """Remember an entry and forget what no longer fits."""
        self.drop(key)
        self._entries[key] = entry
        self._size += entry.size
        while self._size > self._capacity and self._entries:
            _, forgotten = self._entries.popitem(last=False)
            self._size -= forgotten.size

    def drop(self, key: Key) -> None:
        """Forget one entry."""
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._size -= entry.size


class Cache:
    """Facts by kind, viewer and key."""

    def __init__(self, memory: Memory | None = None, patience: float = 10) -> None:
        self._memory = memory or Memory()
        self._patience = patience
        self._flights: dict[Key, asyncio.Task[Entry]] = {}

    async def remember(
        self, kind: Kind[T], scope: str, key: Key, load: Callable[[], Awaitable[T]]
    ) -> Answer[T]:
        """Answer from memory where that is good enough, else by one flight for all who ask."""
        whole = _key(kind, scope, key)
        entry = self._memory.get(whole)
        operation = current()
        if entry is not None and _fresh(entry, kind, operation):
            operation.cached += 1
            return entry.answer()
        if entry is not None and entry.age() < kind.stale and not operation.fresh:
            self._renew(whole, load)
            operation.cached += 1
            return entry.answer()
        try:
            return (await self._fetch(kind, whole, load, operation)).answer()
        except Failed:
            if entry is None or entry.absence is not None or entry.age() >= kind.rescue:
                raise
            return entry.answer(stale=True)

    def peek(self, kind: Kind[T], scope: str, key: Key) -> Answer[T] | None:
        """What is remembered and fresh, without asking anybody."""
        entry = self._memory.get(_key(kind, scope, key))
        if entry is None or entry.absence is not None or not _fresh(entry, kind, current()):
            return None
        return entry.answer()

    async def recall(self, kind: Kind[T], scope: str, key: Key) -> Answer[T] | None:
        """What is remembered, here or where it is shared, without asking the source."""
        return self.peek(kind, scope, key)

    async def keep(self, kind: Kind[T], scope: str, key: Key, value: T) -> None:
        """Remember a fact, here and where it is shared."""
        self.store(kind, scope, key, value)

    def store(self, kind: Kind[T], scope: str, key: Key, value: T) -> None:
        """Remember a fact that another answer brought along."""
        self._memory.put(_key(kind, scope, key), _entry(value))

    def forget(self, kind: Kind[Any], scope: str, key: Key) -> None:
        """Drop a fact that a write has made untrue."""
        self._memory.drop(_key(kind, scope, key))

    async def _fetch(
        self, kind: Kind[T], key: Key, load: Callable[[], Awaitable[T]], operation: Operation
    ) -> Entry:
        flight = self._flights.get(key)
        if flight is None:
            flight = self._take_off(key, load)
        else:
            operation.coalesced += 1
        # Shielded: one who stops waiting must not take the answer from the others.
        done, _ = await asyncio.wait({flight}, timeout=operation.remaining())
        if not done:
            raise late(kind.name.partition(".")[0])
        return flight.result()

    def _renew(self, key: Key, load: Callable[[], Awaitable[T]]) -> None:
        if key not in self._flights:
            self._take_off(key, load)

    def _take_off(self, key: Key, load: Callable[[], Awaitable[T]]) -> asyncio.Task[Entry]:
        context = copy_context()
        # A flight has a deadline of its own: whoever joins late still gets its whole answer.
        patient = _patient(current(), self._patience)
        context.run(begin, patient)
        flight = asyncio.get_running_loop().create_task(self._fly(key, load), context=context)
        self._flights[key] = flight
        flight.add_done_callback(lambda done: self._land(key, done))
        return flight

    async def _fly(self, key: Key, load: Callable[[], Awaitable[T]]) -> Entry:
        try:
            entry = _entry(await load())
        except Missing as absence:
            entry = Entry(None, time.time(), 100, absence)
        self._memory.put(key, entry)
        return entry

    def _land(self, key: Key, flight: "asyncio.Task[Entry]") -> None:
        self._flights.pop(key, None)
        if not flight.cancelled():
            flight.exception()  # looked at, so that nobody is told it was not


def _patient(operation: Operation, seconds: float) -> Operation:
    longer = replace(operation, deadline=time.monotonic() + seconds)
    longer.calls = operation.calls
    return longer


def _fresh(entry: Entry, kind: Kind[Any], operation: Operation) -> bool:
    if operation.fresh:
        return entry.stored >= operation.started
    limit = kind.missing if entry.absence is not None else kind.fresh
    return entry.age() < limit


def _key(kind: Kind[Any], scope: str, key: Key) -> Key:
    language = (current().language or "") if kind.localized else ""
    return (kind.name, "" if kind.shared else scope, language, *key)


def _entry(value: Any) -> Entry:
    # Objects in memory take about four times the bytes of their compact encoding.
    return Entry(value, time.time(), 200 + 4 * len(msgspec.msgpack.encode(value)))


def outcome(result: "Answer[T] | BaseException") -> "Answer[T] | ProviderError":
    """Give a gathered result back, raising whatever is a bug rather than an upstream's failure."""
    if isinstance(result, BaseException) and not isinstance(result, ProviderError):
        raise result
    return result


async def gather(awaitables: list[Awaitable[Answer[T]]]) -> "list[Answer[T] | ProviderError]":
    """Run all at once; a failure stays at its place."""
    results = await asyncio.gather(*awaitables, return_exceptions=True)
    return [outcome(result) for result in results]
