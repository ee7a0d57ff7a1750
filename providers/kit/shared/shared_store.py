"""The store that all processes of one server share: a Redis, or none."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from types import TracebackType
from typing import Self
from weakref import WeakValueDictionary

import msgspec

from providers.errors import TimedOut
from providers.kit.request_context import build_timeout_error, get_current
from providers.kit.shared.encryption import Cipher
from providers.kit.shared.invalidation import InvalidationSubscriber
from providers.kit.shared.lease import LEASE_TTL, Lease, acquire, wait_for_release
from providers.kit.shared.redis_connection import Command, RedisConnection, RedisUnavailable

Invalidation = tuple[tuple[str, ...], float | None]

# The number is raised when stored data keep their types and change their meaning.
KEY_PREFIX = "trophycase:1:"


class SharedStore:
    """Values, locks and invalidations shared through Redis, with encrypted names and values.

    Without Redis, or while it is unavailable, each process works alone and no method fails.
    `invalidation_listeners` are called with the key that any process has deleted, or None if
    messages may have been missed, and with the time (seconds since 1970) at which the process
    has fetched the value again, or None.
    """

    def __init__(self, url: str = "memory://", secrets: Iterable[str] = ()) -> None:
        """Create the store; `memory://` is none. The key is derived from `secrets`."""
        self._url = url
        self.redis = None if url.startswith("memory://") else RedisConnection(url)
        self._cipher = Cipher.from_settings(secrets) if self.redis else None
        self._subscriber: InvalidationSubscriber | None = None
        self.invalidation_listeners: list[
            Callable[[tuple[str, ...] | None, float | None], None]
        ] = []
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
        """Build a key in Redis: a readable label and a hash of the parts."""
        return f"{KEY_PREFIX}{label}:{self._get_cipher().hash_name(label, *parts)}"

    async def get(self, name: str) -> bytes | None:
        """Return the value, or None: also if Redis is unavailable."""
        if self.redis is None:
            return None
        try:
            encrypted = await self.redis.execute("GET", name)
        except RedisUnavailable:
            return None
        return None if encrypted is None else self._get_cipher().decrypt(name, encrypted)

    def set_nowait(self, name: str, content: bytes, seconds: float) -> None:
        """Store a value for `seconds`, and do not wait for Redis."""
        if self.redis is not None:
            self.redis.send(self._build_set_command(name, content, seconds))

    async def set(self, name: str, content: bytes, seconds: float) -> None:
        """Store a value for `seconds`, and wait until Redis has it."""
        if self.redis is None:
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
                    self.redis, key, holder, get_current().get_remaining_seconds()
                ):
                    raise _build_lock_timeout(name)
        except RedisUnavailable:
            return None

    def _build_set_command(self, name: str, content: bytes, seconds: float) -> Command:
        encrypted = self._get_cipher().encrypt(name, content)
        return ("SET", name, encrypted, "PX", max(1, int(seconds * 1000)))

    def _build_invalidation_command(self, key: tuple[str, ...], since: float | None) -> Command:
        channel = self.build_key("invalidations")
        content = msgspec.msgpack.encode((key, since))
        return ("PUBLISH", channel, self._get_cipher().encrypt(channel, content))

    def _get_cipher(self) -> Cipher:
        assert self._cipher is not None  # noqa: S101 - created whenever there is a Redis
        return self._cipher

    def _on_invalidation(self, message: bytes | None) -> None:
        channel = self.build_key("invalidations")
        content = None if message is None else self._get_cipher().decrypt(channel, message)
        if message is not None and content is None:
            return
        invalidation = (
            (None, None) if content is None else msgspec.msgpack.decode(content, type=Invalidation)
        )
        for listener in self.invalidation_listeners:
            listener(*invalidation)


def _build_lock_timeout(name: str) -> TimedOut:
    return build_timeout_error(name.partition(".")[0])
