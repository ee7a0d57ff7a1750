"""Single flight: concurrent loads of one value become one, also across processes."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import Enum, auto

import msgspec
from msgspec.structs import replace

from providers.errors import RateLimited, UpstreamFailed
from providers.kit.caching.entry_store import StoredError, decode_error, encode_error
from providers.kit.caching.memory_store import CacheEntry
from providers.kit.rate_limiting.caller_quota import CallerQuotaExceeded
from providers.kit.request_context import (
    LoadState,
    RequestContext,
    build_timeout_error,
    get_current,
)
from providers.kit.shared.lease import Lease, acquire, wait_for_release
from providers.kit.shared.shared_store import SharedStore
from providers.kit.shared.store_backend import StoreBackend, StoreUnavailable

# Followers in other processes have this many seconds to read why a flight failed.
FAILURE_TTL = 5.0

LookUp = Callable[[], Awaitable[CacheEntry | None]]
LoadEntry = Callable[[], Awaitable[CacheEntry]]


class Origin(Enum):
    """Where the entry of a flight comes from."""

    SOURCE = auto()
    SHARED_STORE = auto()
    OTHER_PROCESS = auto()  # the flight of another process, which this one waited for


@dataclass(eq=False)
class Flight:
    """A running load, made with the credential of one scope, and its entry or error."""

    context: RequestContext
    scope: str
    task: asyncio.Task[None] = field(init=False)
    origin: Origin = Origin.SOURCE
    entry: CacheEntry | None = None
    error: Exception | None = None

    def get_result(self, source: str) -> CacheEntry:
        """Return its entry or raise its error; a cancelled flight raises `TimedOut`."""
        if self.error is not None:
            raise self.error.with_traceback(None)
        if self.entry is None:
            raise build_timeout_error(source)
        return self.entry


def with_own_deadline(context: RequestContext, seconds: float) -> RequestContext:
    """Return the context of a flight: a request that joins it late gets the whole result.

    Upstream calls count directly for the request that started it, which also adds the other
    counts when the flight is finished.
    """
    return replace(
        context,
        deadline=time.monotonic() + seconds,
        cached_count=0,
        coalesced_count=0,
        revalidations=[],
        load_state=LoadState(),
        freshness=None,  # what a value was made of is no part of the response
    )


async def lead_or_follow(
    shared_store: SharedStore,
    name: str,
    look_up: LookUp,
    load: LoadEntry,
    *,
    source: str,
    same_credential: bool = True,
) -> tuple[CacheEntry, Origin]:
    """Load the entry, or wait for the process that does and take its entry or its error.

    If that process stops its heartbeats, another one takes over. If the store is unavailable,
    load without a lease. With `same_credential` every process uses the same credential, so a rate
    limit of the leader is one of its followers too.
    """
    if shared_store.backend is None:
        return await load(), Origin.SOURCE
    key = shared_store.build_key("flight", name)
    try:
        outcome = await _acquire_or_follow(shared_store, shared_store.backend, key, look_up, source)
    except StoreUnavailable:
        return await load(), Origin.SOURCE
    if not isinstance(outcome, Lease):
        return outcome
    async with outcome as lease:
        try:
            return await load(), Origin.SOURCE
        except UpstreamFailed as error:
            if same_credential or not isinstance(error, RateLimited):
                _publish_failure(shared_store, key, lease.token, error)
            raise


async def _acquire_or_follow(
    shared_store: SharedStore, backend: StoreBackend, key: str, look_up: LookUp, source: str
) -> Lease | tuple[CacheEntry, Origin]:
    origin = Origin.SHARED_STORE
    while True:
        lease, holder = await acquire(backend, key)
        # Another process may have stored the entry just before the lease became free.
        found = await look_up()
        if found is not None:
            if lease is not None:
                lease.release()
            return found, origin
        if lease is not None:
            return lease
        origin = Origin.OTHER_PROCESS
        remaining_seconds = get_current().get_remaining_seconds()
        if not await wait_for_release(backend, key, holder, remaining_seconds):
            raise build_timeout_error(source)
        await _raise_published_failure(shared_store, key, holder)


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
    # The quota of one caller does not concern the others, so one of them takes over.
    if not isinstance(error, CallerQuotaExceeded):
        content = msgspec.msgpack.encode(encode_error(error))
        shared_store.set_nowait(_build_failure_key(key, token), content, FAILURE_TTL)


def _build_failure_key(key: str, token: bytes) -> str:
    return f"{key}:{token.decode(errors='replace')}"
