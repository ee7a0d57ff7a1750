"""The store that all processes of one server share: a Redis, or none."""

import asyncio
import os
import struct
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Self
from weakref import WeakValueDictionary

import msgspec

from providers.errors import TimedOut
from providers.kit.request_context import build_timeout_error, get_current
from providers.kit.shared.encryption import KEY_BYTES, Cipher
from providers.kit.shared.invalidation import InvalidationSubscriber
from providers.kit.shared.lease import LEASE_TTL, Lease, acquire, wait_for_release
from providers.kit.shared.redis_connection import Command, RedisConnection, RedisUnavailable

# The number is raised when stored data keep their types and change their meaning.
KEY_PREFIX = "trophycase:2:"
MAX_CONTENT_BYTES = 8 * 1024 * 1024 + 4096
ENCRYPTION_BYTES = 64  # at most, for lifetime, nonce, time and tag
MAX_STORED_BYTES = MAX_CONTENT_BYTES + ENCRYPTION_BYTES
# By how many seconds the clock of the machine that wrote a value may be ahead.
CLOCK_TOLERANCE = 5.0
LIFETIME = struct.Struct(">d")


@dataclass(frozen=True)
class Invalidation:
    """A key that a process has deleted in Redis; times are in seconds since 1970.

    With `since` it has fetched the value again then, and older ones are meant.
    """

    key: tuple[str, ...]
    since: float | None
    written_at: float


class SharedStore:
    """Values, locks and invalidations shared through Redis, with encrypted names and values.

    Without Redis, or while it is unavailable, each process works alone and no method fails.
    `invalidation_listeners` are called with what any process has deleted, or None if messages may
    have been missed.
    """

    def __init__(self, url: str = "memory://", cipher: Cipher | None = None) -> None:
        """Create the store; `memory://` is none. Processes with equal ciphers share it."""
        self._url = url
        self.redis = None if url.startswith("memory://") else RedisConnection(url)
        # Without a given one nothing is shared: no other process has the secret.
        self._cipher = cipher or Cipher(os.urandom(KEY_BYTES))
        self._subscriber: InvalidationSubscriber | None = None
        self.invalidation_listeners: list[Callable[[Invalidation | None], None]] = []
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def __aenter__(self) -> Self:
        if self.redis is not None:
            self._subscriber = InvalidationSubscriber(
                self._url, self.build_key("invalidations"), self._on_invalidation
            )
        return self

    async def __aexit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._subscriber is not None:
            await self._subscriber.aclose()
        if self.redis is not None:
            await self.redis.aclose()

    @property
    def is_degraded(self) -> bool:
        """Whether there is a Redis and it is unavailable."""
        return self.redis is not None and self.redis.is_unavailable

    def build_key(self, label: str, *parts: str) -> str:
        """Build a key in Redis: a readable label and a keyed hash of the parts.

        In a cluster all names that begin with one key are in the same slot.
        """
        return f"{KEY_PREFIX}{label}:{{{self._cipher.hash_name(label, *parts)}}}"

    async def get(self, name: str) -> bytes | None:
        """Return the value, or None: also if Redis is unavailable.

        A value that another server wrote, or that was moved or put back after its time, is none.
        """
        if self.redis is None:
            return None
        try:
            encrypted = await self.redis.execute("GETRANGE", name, 0, MAX_STORED_BYTES)
        except RedisUnavailable:
            return None
        if not encrypted or len(encrypted) > MAX_STORED_BYTES:
            return None
        return self.decrypt(name, encrypted)

    def hash_name(self, *parts: str) -> str:
        """Return a keyed hash of a name: the same in all processes with this secret."""
        return self._cipher.hash_name(*parts)

    def encrypt(self, name: str, content: bytes, seconds: float) -> bytes:
        """Encrypt a value that is stored under a name and ends after `seconds`."""
        return self._cipher.encrypt(name, LIFETIME.pack(seconds) + content)

    def decrypt(self, name: str, encrypted: bytes) -> bytes | None:
        """Decrypt a value; None if it has ended or was not encrypted under this name."""
        dated = self._cipher.decrypt_dated(name, encrypted)
        return None if dated is None else _read_living(*dated)

    def set_nowait(self, name: str, content: bytes, seconds: float) -> None:
        """Store a value for `seconds`, and do not wait for Redis."""
        if self.redis is not None and len(content) <= MAX_CONTENT_BYTES:
            self.redis.send(self._build_set_command(name, content, seconds))

    async def set(self, name: str, content: bytes, seconds: float) -> None:
        """Store a value for `seconds`, and wait until Redis has it."""
        if self.redis is None or len(content) > MAX_CONTENT_BYTES:
            return
        try:
            await self.redis.execute(*self._build_set_command(name, content, seconds))
        except RedisUnavailable:
            return

    def delete(self, name: str, key: tuple[str, ...]) -> None:
        """Delete a value, and make all processes delete their cache entry under `key`."""
        if self.redis is not None:
            self.redis.send(("DEL", name), self._build_invalidation_command(key, None))

    def publish_invalidation(self, key: tuple[str, ...], since: float) -> None:
        """Make all processes delete their entry under `key` if it is older than `since`."""
        if self.redis is not None:
            self.redis.send(self._build_invalidation_command(key, since))

    @asynccontextmanager
    async def lock(self, name: str, ttl: float = LEASE_TTL) -> AsyncGenerator[bool]:
        """Hold a lock during the block; yield whether it holds in all processes or only here.

        Raise `TimedOut` if it is not free by the request's deadline. A process that sends no
        heartbeat for `ttl` seconds loses the lock.
        """
        local = self._locks.setdefault(name, asyncio.Lock())
        try:
            async with asyncio.timeout(get_current().get_remaining_seconds()):
                await local.acquire()
        except TimeoutError:
            raise _build_lock_timeout(name) from None
        try:
            lease = await self._acquire_lease(name, ttl)
            async with AsyncExitStack() as stack:
                if lease is not None:
                    await stack.enter_async_context(lease)
                yield lease is not None
        finally:
            local.release()

    async def _acquire_lease(self, name: str, ttl: float) -> Lease | None:
        if self.redis is None:
            return None
        key = self.build_key("lock", name)
        try:
            while True:
                lease, holder = await acquire(self.redis, key, ttl)
                if lease is not None:
                    return lease
                if not await wait_for_release(
                    self.redis, key, holder, get_current().get_remaining_seconds(), ttl
                ):
                    raise _build_lock_timeout(name)
        except RedisUnavailable:
            return None

    def _build_set_command(self, name: str, content: bytes, seconds: float) -> Command:
        encrypted = self.encrypt(name, content, seconds)
        return ("SET", name, encrypted, "PX", max(1, int(seconds * 1000)))

    def _build_invalidation_command(self, key: tuple[str, ...], since: float | None) -> Command:
        channel = self.build_key("invalidations")
        content = msgspec.msgpack.encode((key, since))
        return ("PUBLISH", channel, self._cipher.encrypt(channel, content))

    def _on_invalidation(self, message: bytes | None) -> None:
        invalidation = None if message is None else self._read_invalidation(message)
        if message is None or invalidation is not None:
            for listener in self.invalidation_listeners:
                listener(invalidation)

    def _read_invalidation(self, message: bytes) -> Invalidation | None:
        dated = self._cipher.decrypt_dated(self.build_key("invalidations"), message)
        if dated is None:
            return None
        key, since = msgspec.msgpack.decode(
            dated.content, type=tuple[tuple[str, ...], float | None]
        )
        return Invalidation(key, since, min(dated.written_at, time.time()))


def _read_living(content: bytes, written_at: float) -> bytes | None:
    """Return the value unless its lifetime, which was encrypted with it, is over."""
    (lifetime,) = LIFETIME.unpack_from(content)
    age = time.time() - written_at
    return content[LIFETIME.size :] if -CLOCK_TOLERANCE <= age < lifetime else None


def _build_lock_timeout(name: str) -> TimedOut:
    return build_timeout_error(name.partition(".")[0])
