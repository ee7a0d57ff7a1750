"""One flight for all who ask the same, in this process and in all others."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from enum import Enum, auto

import msgspec

from providers.errors import RateLimited, UpstreamFailed
from providers.kit.caching.memory_store import CacheEntry
from providers.kit.caching.redis_store import StoredError, decode_error, encode_error
from providers.kit.rate_limiting.caller_quota import CallerQuotaExceeded
from providers.kit.request_context import RequestContext, build_timeout_error, get_current
from providers.kit.shared.lease import acquire, wait_for_release
from providers.kit.shared.redis_connection import RedisConnection, RedisUnavailable
from providers.kit.shared.shared_store import SharedStore

# How long those who wait in other processes may take to look at why a flight has failed.
FAILURE_TTL = 5.0

LookUp = Callable[[], Awaitable[CacheEntry | None]]
LoadEntry = Callable[[], Awaitable[CacheEntry]]


class Origin(Enum):
    """Where a flight got its entry."""

    SOURCE = auto()  # from the source
    REDIS = auto()  # in the common store
    OTHER_PROCESS = auto()  # from another process's flight


@dataclass(eq=False)
class Flight:
    """One question under way, with the credential of a scope.

    `void` when a write has made its answer untrue meanwhile.
    """

    context: RequestContext
    scope: str
    task: asyncio.Task[CacheEntry] = field(init=False)
    origin: Origin = Origin.SOURCE
    invalidated: bool = False

    def get_result(self, source: str) -> CacheEntry:
        """What it brought; its failure is raised, for each who waits anew."""
        if self.task.cancelled():
            raise build_timeout_error(source)
        error = self.task.exception()
        if error is not None:
            raise error.with_traceback(None)
        return self.task.result()


_current_flight: ContextVar[Flight | None] = ContextVar("flight", default=None)


def set_current_flight(flight: Flight) -> None:
    """Make this the flight of the running task and of all that it starts."""
    _current_flight.set(flight)


def is_current_flight_invalidated() -> bool:
    """Whether what is brought along here has been made untrue on its way."""
    flight = _current_flight.get()
    return flight is not None and flight.invalidated


def with_own_deadline(context: RequestContext, seconds: float) -> RequestContext:
    """The operation a flight runs under: whoever joins late still gets its whole answer.

    Its calls are the leader's; what it takes from memory is told to him when it has landed.
    """
    deadline = time.monotonic() + seconds
    return replace(context, deadline=deadline, cached_count=0, coalesced_count=0, revalidations=[])


async def lead_or_follow(
    shared_store: SharedStore,
    name: str,
    look_up: LookUp,
    load: LoadEntry,
    *,
    same_credential: bool = True,
) -> tuple[CacheEntry, Origin]:
    """Load, unless another process does: then have what it brings, or fail as it fails.

    When it falls silent another takes over; without Redis everybody flies alone. `alike` says that
    all who wait have the credential that is used, so that what it is refused concerns them.
    """
    assert shared_store.redis is not None  # noqa: S101 - nobody else has a name to fly under
    key, origin = shared_store.build_key("flight", name), Origin.REDIS
    try:
        while True:
            lease, holder = await acquire(shared_store.redis, key)
            found = await look_up()
            if found is not None or lease is not None:
                break
            origin = Origin.OTHER_PROCESS
            await _wait_for_leader(shared_store.redis, key, holder)
            await _raise_published_failure(shared_store, key, holder)
    except RedisUnavailable:
        return await load(), Origin.SOURCE
    if found is not None:
        if lease is not None:
            lease.release()
        return found, origin
    assert lease is not None  # noqa: S101 - or there would be no way out of the loop
    async with lease:
        try:
            return await load(), Origin.SOURCE
        except UpstreamFailed as error:
            if same_credential or not isinstance(error, RateLimited):
                _publish_failure(shared_store, key, lease.token, error)
            raise


async def _wait_for_leader(redis: RedisConnection, key: str, holder: bytes | None) -> None:
    if not await wait_for_release(redis, key, holder, get_current().get_remaining_seconds()):
        raise build_timeout_error(key)


async def _raise_published_failure(
    shared_store: SharedStore, key: str, holder: bytes | None
) -> None:
    content = await shared_store.get(_build_failure_key(key, holder or b""))
    if content is None:
        return
    try:
        error = decode_error(msgspec.msgpack.decode(content, type=StoredError))
    except msgspec.MsgspecError:
        return
    if error is not None:
        raise error


def _publish_failure(
    shared_store: SharedStore, key: str, token: bytes, error: UpstreamFailed
) -> None:
    # What one caller may cause is his own affair: the others take over.
    if not isinstance(error, CallerQuotaExceeded):
        content = msgspec.msgpack.encode(encode_error(error))
        shared_store.set_nowait(_build_failure_key(key, token), content, FAILURE_TTL)


def _build_failure_key(key: str, token: bytes) -> str:
    return f"{key}:{token.decode(errors='replace')}"
