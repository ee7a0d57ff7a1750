"""The store that all processes of one server share: a file, a Redis, or none."""

import asyncio
import os
import struct
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import Self
from weakref import WeakValueDictionary

import msgspec

from providers.errors import TimedOut
from providers.kit.request_context import build_timeout_error, get_current
from providers.kit.shared.encryption import KEY_BYTES, Cipher
from providers.kit.shared.file.connection import FileConnection
from providers.kit.shared.file.database import DEFAULT_MAX_BYTES
from providers.kit.shared.file.file_backend import FileBackend
from providers.kit.shared.file.file_url import FILE_URL, parse_file_url
from providers.kit.shared.lease import LEASE_TTL, Lease, acquire, wait_for_release
from providers.kit.shared.redis_backend import RedisBackend
from providers.kit.shared.redis_connection import RedisConnection
from providers.kit.shared.store_backend import LazyValue, StoreBackend, StoreUnavailable

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


@dataclass(frozen=True)
class Message:
    """What a process has published, and when, in seconds since 1970."""

    content: bytes
    written_at: float


class SharedStore:
    """Values, locks and messages of all processes of a server, with encrypted names and values.

    They are in a file or in Redis, the `backend`. Without one, or while it is unavailable, each
    process works alone and no method fails. `invalidation_listeners` are called with what any
    process has deleted, or None if messages may have been missed.
    """

    def __init__(
        self,
        url: str = "memory://",
        cipher: Cipher | None = None,
        max_file_bytes: int = DEFAULT_MAX_BYTES,
    ) -> None:
        """Create the store; `memory://` is none. Processes with equal ciphers share it.

        Raise `ValueError` for a bad URL.
        """
        self.backend = create_backend(url, max_file_bytes)
        # Without a given one nothing is shared: no other process has the secret.
        self._cipher = cipher or Cipher(os.urandom(KEY_BYTES))
        self.invalidation_listeners: list[Callable[[Invalidation | None], None]] = []
        self.subscribe("invalidations", self._on_invalidation)
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def __aenter__(self) -> Self:
        if self.backend is not None:
            await self.backend.open()
        return self

    async def __aexit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self.backend is not None:
            await self.backend.aclose()

    @property
    def redis(self) -> RedisConnection | None:
        """The connection to Redis, for what has commands of its own; None without one."""
        return self.backend.redis if isinstance(self.backend, RedisBackend) else None

    @property
    def file(self) -> FileConnection | None:
        """The connection to the file, for what has tables of its own; None without one."""
        return self.backend.file if isinstance(self.backend, FileBackend) else None

    @property
    def is_degraded(self) -> bool:
        """Whether there is a backend and it is unavailable."""
        return self.backend is not None and self.backend.is_unavailable

    @property
    def has_others(self) -> bool:
        """Whether other processes may be using the same store now."""
        return self.backend is not None and self.backend.has_others

    def build_key(self, label: str, *parts: str) -> str:
        """Build a name in the backend: a readable label and a keyed hash of the parts.

        In a cluster of Redis all names that begin with one key are in the same slot.
        """
        return f"{KEY_PREFIX}{label}:{{{self._cipher.hash_name(label, *parts)}}}"

    def is_absent(self, name: str, since: float) -> bool:
        """Return whether there is no value, if this process knows that without looking.

        It may not know what others have stored after `since`, in seconds since 1970.
        """
        return self.backend is None or self.backend.is_absent(name, since)

    async def get(self, name: str) -> bytes | None:
        """Return the value, or None: also if the backend is unavailable.

        A value that another server wrote, or that was moved or put back after its time, is none.
        """
        if self.backend is None:
            return None
        try:
            encrypted = await self.backend.get(name, MAX_STORED_BYTES)
        except StoreUnavailable:
            return None
        return None if encrypted is None else self.decrypt(name, encrypted)

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

    def set_nowait(
        self, name: str, content: bytes, seconds: float, *, is_evictable: bool = False
    ) -> None:
        """Store a value for `seconds`, and do not wait until it is there.

        An evictable one may be deleted before, to make room.
        """
        if self.backend is not None and len(content) <= MAX_CONTENT_BYTES:
            value = self._build_lazily(name, content, seconds)
            self.backend.set_nowait(value, seconds, is_evictable=is_evictable)

    def set_lazily(
        self,
        build_name: Callable[[], str],
        build_content: Callable[[], bytes],
        max_bytes: int,
        seconds: float,
    ) -> None:
        """Store a value of at most so many bytes as `set_nowait` does; it is evictable.

        The functions may be called in another thread, and more than once.
        """
        if self.backend is not None and max_bytes <= MAX_CONTENT_BYTES:
            encrypt = partial(self._encrypt_lazily, build_content, seconds, time.time())
            value = LazyValue(build_name, encrypt, max_bytes + ENCRYPTION_BYTES)
            self.backend.set_nowait(value, seconds, is_evictable=True)

    async def set(
        self, name: str, content: bytes, seconds: float, *, is_evictable: bool = False
    ) -> None:
        """Store a value for `seconds`, and wait until every process finds it."""
        if self.backend is None or len(content) > MAX_CONTENT_BYTES:
            return
        value = self._build_lazily(name, content, seconds)
        with suppress(StoreUnavailable):
            await self.backend.set(value, seconds, is_evictable=is_evictable)

    def delete(self, name: str, key: tuple[str, ...]) -> None:
        """Delete a value, and make all processes delete their cache entry under `key`."""
        if self.backend is not None:
            self.backend.delete_nowait(name)
            self._publish_invalidation(key, None)

    async def finish_writes(self) -> None:
        """Wait until what was stored and deleted so far outlasts the end of this process."""
        if self.backend is not None:
            with suppress(StoreUnavailable):
                await self.backend.finish_writes()

    def publish_invalidation(self, key: tuple[str, ...], since: float) -> None:
        """Make all processes delete their entry under `key` if it is older than `since`."""
        self._publish_invalidation(key, since)

    def publish(self, topic: str, content: bytes) -> None:
        """Send a message to all processes that have subscribed to the topic, this one included.

        Without a backend, and while it is unavailable, it reaches no process.
        """
        if self.backend is not None:
            name = self.build_key(topic)
            self.backend.publish(name, self._cipher.encrypt(name, content))

    def subscribe(self, topic: str, on_message: Callable[[Message | None], None]) -> None:
        """Call a function with each message, and with None if messages may have been missed."""
        if self.backend is not None:
            name = self.build_key(topic)
            self.backend.subscribe(name, partial(self._on_message, name, on_message))

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

    def _build_lazily(self, name: str, content: bytes, seconds: float) -> LazyValue:
        encrypt = partial(self._encrypt_lazily, lambda: content, seconds, time.time())
        return LazyValue(lambda: name, encrypt, len(content) + ENCRYPTION_BYTES)

    def _encrypt_lazily(
        self, build_content: Callable[[], bytes], seconds: float, written_at: float, name: str
    ) -> bytes:
        content = LIFETIME.pack(seconds) + build_content()
        return self._cipher.encrypt(name, content, written_at)

    async def _acquire_lease(self, name: str, ttl: float) -> Lease | None:
        if self.backend is None:
            return None
        key = self.build_key("lock", name)
        try:
            while True:
                lease, holder = await acquire(self.backend, key, ttl)
                if lease is not None:
                    return lease
                if not await wait_for_release(
                    self.backend, key, holder, get_current().get_remaining_seconds(), ttl
                ):
                    raise _build_lock_timeout(name)
        except StoreUnavailable:
            return None

    def _publish_invalidation(self, key: tuple[str, ...], since: float | None) -> None:
        self.publish("invalidations", msgspec.msgpack.encode((key, since)))

    def _on_message(
        self, name: str, on_message: Callable[[Message | None], None], encrypted: bytes | None
    ) -> None:
        if encrypted is None:
            on_message(None)
            return
        dated = self._cipher.decrypt_dated(name, encrypted)
        if dated is not None:
            on_message(Message(dated.content, min(dated.written_at, time.time())))

    def _on_invalidation(self, message: Message | None) -> None:
        invalidation = None if message is None else _read_invalidation(message)
        for listener in self.invalidation_listeners:
            listener(invalidation)


def create_backend(url: str, max_file_bytes: int) -> StoreBackend | None:
    """Return the backend of a URL, None for `memory://`; raise `ValueError` for a bad one."""
    if url.startswith("memory://"):
        return None
    if url.startswith(FILE_URL):
        return FileBackend(FileConnection(parse_file_url(url), max_file_bytes))
    return RedisBackend(url)


def _read_invalidation(message: Message) -> Invalidation:
    key, since = msgspec.msgpack.decode(message.content, type=tuple[tuple[str, ...], float | None])
    return Invalidation(key, since, message.written_at)


def _read_living(content: bytes, written_at: float) -> bytes | None:
    """Return the value unless its lifetime, which was encrypted with it, is over."""
    (lifetime,) = LIFETIME.unpack_from(content)
    age = time.time() - written_at
    return content[LIFETIME.size :] if -CLOCK_TOLERANCE <= age < lifetime else None


def _build_lock_timeout(name: str) -> TimedOut:
    return build_timeout_error(name.partition(".")[0])
