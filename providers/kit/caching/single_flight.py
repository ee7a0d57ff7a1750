"""One flight for all who ask the same, in this process and in all others."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from enum import Enum, auto

import msgspec

from providers.errors import Failed, RateLimited
from providers.kit.caching.memory_store import Entry
from providers.kit.caching.redis_store import Written, unwritten, written
from providers.kit.rate_limiting.caller_quota import CallerSpent
from providers.kit.request_context import Operation, current, late
from providers.kit.shared.lease import apply, outlived
from providers.kit.shared.redis_connection import Lost, Wire
from providers.kit.shared.shared_store import Shared

# How long those who wait in other processes may take to look at why a flight has failed.
TOLD_SECONDS = 5.0

Look = Callable[[], Awaitable[Entry | None]]
Load = Callable[[], Awaitable[Entry]]


class How(Enum):
    """Where a flight got its entry."""

    LOADED = auto()  # from the source
    FOUND = auto()  # in the common store
    FOLLOWED = auto()  # from another process's flight


@dataclass(eq=False)
class Flight:
    """One question under way, with the credential of a scope.

    `void` when a write has made its answer untrue meanwhile.
    """

    operation: Operation
    scope: str
    task: asyncio.Task[Entry] = field(init=False)
    how: How = How.LOADED
    void: bool = False

    def result(self, source: str) -> Entry:
        """What it brought; its failure is raised, for each who waits anew."""
        if self.task.cancelled():
            raise late(source)
        error = self.task.exception()
        if error is not None:
            raise error.with_traceback(None)
        return self.task.result()


_boarded: ContextVar[Flight | None] = ContextVar("flight", default=None)


def board(flight: Flight) -> None:
    """Make this the flight of the running task and of all that it starts."""
    _boarded.set(flight)


def is_void() -> bool:
    """Whether what is brought along here has been made untrue on its way."""
    flight = _boarded.get()
    return flight is not None and flight.void


def patient(operation: Operation, seconds: float) -> Operation:
    """The operation a flight runs under: whoever joins late still gets its whole answer.

    Its calls are the leader's; what it takes from memory is told to him when it has landed.
    """
    ends = time.monotonic() + seconds
    return replace(operation, deadline=ends, cached=0, coalesced=0, renewals=[])


async def fly(
    shared: Shared, name: str, look: Look, load: Load, *, alike: bool = True
) -> tuple[Entry, How]:
    """Load, unless another process does: then have what it brings, or fail as it fails.

    When it falls silent another takes over; without Redis everybody flies alone. `alike` says that
    all who wait have the credential that is used, so that what it is refused concerns them.
    """
    assert shared.wire is not None  # noqa: S101 - nobody else has a name to fly under
    key, how = shared.name("flight", name), How.FOUND
    try:
        while True:
            lease, holder = await apply(shared.wire, key)
            found = await look()
            if found is not None or lease is not None:
                break
            how = How.FOLLOWED
            await _await_other(shared.wire, key, holder)
            await _raise_told(shared, key, holder)
    except Lost:
        return await load(), How.LOADED
    if found is not None:
        if lease is not None:
            lease.release()
        return found, how
    assert lease is not None  # noqa: S101 - or there would be no way out of the loop
    async with lease:
        try:
            return await load(), How.LOADED
        except Failed as error:
            if alike or not isinstance(error, RateLimited):
                _tell(shared, key, lease.token, error)
            raise


async def _await_other(wire: Wire, key: str, holder: bytes | None) -> None:
    if not await outlived(wire, key, holder, current().remaining()):
        raise late(key)


async def _raise_told(shared: Shared, key: str, holder: bytes | None) -> None:
    told = await shared.get(_reason(key, holder or b""))
    if told is None:
        return
    try:
        error = unwritten(msgspec.msgpack.decode(told, type=Written))
    except msgspec.MsgspecError:
        return
    if error is not None:
        raise error


def _tell(shared: Shared, key: str, token: bytes, error: Failed) -> None:
    # What one caller may cause is his own affair: the others take over.
    if not isinstance(error, CallerSpent):
        content = msgspec.msgpack.encode(written(error))
        shared.tell(_reason(key, token), content, TOLD_SECONDS)


def _reason(key: str, token: bytes) -> str:
    return f"{key}:{token.decode(errors='replace')}"
