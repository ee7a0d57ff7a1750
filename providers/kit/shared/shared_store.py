"""What several processes and machines of one server have in common: a Redis, or nothing."""

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

# Changed by hand when what is stored keeps its shape and changes its meaning.
KEY_PREFIX = "trophycase:1:"


class SharedStore:
    """The common store. Without a Redis, or while it is lost, each process is on its own.

    Names and contents leave the process sealed. `forgetful` are told what any process forgets: a
    key, or None when they may have missed some, and since when what it stands for is known anew.
    """

    def __init__(self, url: str = "memory://", secrets: Iterable[str] = ()) -> None:
        """The store at an address; `secrets` are what the processes of this server alone know."""
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
                self._url, self.build_key("forgotten"), self._on_invalidation
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
        """Whether processes that should act as one are each on their own at the moment."""
        return self.redis is not None and self.redis.is_unavailable

    def build_key(self, label: str, *parts: str) -> str:
        """The key of something in Redis; the label is all of it that can be read."""
        return f"{KEY_PREFIX}{label}:{self._get_cipher().hash_name(label, *parts)}"

    async def get(self, name: str) -> bytes | None:
        """What is stored; None also when there is no telling."""
        if self.redis is None:
            return None
        try:
            encrypted = await self.redis.execute("GET", name)
        except RedisUnavailable:
            return None
        return None if encrypted is None else self._get_cipher().decrypt(name, encrypted)

    def set_nowait(self, name: str, content: bytes, seconds: float) -> None:
        """Store something for a while, without waiting for it."""
        if self.redis is not None:
            self.redis.send(self._build_set_command(name, content, seconds))

    async def set(self, name: str, content: bytes, seconds: float) -> None:
        """Store something for a while, and be back when it is there."""
        if self.redis is None:
            return
        try:
            await self.redis.execute(*self._build_set_command(name, content, seconds))
        except RedisUnavailable:
            return

    def delete(self, name: str, key: tuple[str, ...]) -> None:
        """Forget something, and have all processes forget what they remember under the key."""
        if self.redis is not None:
            self.redis.send(("DEL", name), self._build_invalidation_command(key, None))

    def publish_invalidation(self, key: tuple[str, ...], since: float) -> None:
        """Have all processes forget what they remember under the key from before a time."""
        if self.redis is not None:
            self.redis.send(self._build_invalidation_command(key, since))

    @asynccontextmanager
    async def lock(self, name: str, ttl: float = LEASE_TTL) -> AsyncGenerator[bool]:
        """Be the only one in here, until the operation's deadline at the latest; `late` after it.

        Gives whether that holds for all processes, or only for this one. A holder who has been
        silent for `ttl` seconds is taken to be dead.
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
        channel = self.build_key("forgotten")
        content = msgspec.msgpack.encode((key, since))
        return ("PUBLISH", channel, self._get_cipher().encrypt(channel, content))

    def _get_cipher(self) -> Cipher:
        assert self._cipher is not None  # noqa: S101 - there is one wherever there is a wire
        return self._cipher

    def _on_invalidation(self, message: bytes | None) -> None:
        channel = self.build_key("forgotten")
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
