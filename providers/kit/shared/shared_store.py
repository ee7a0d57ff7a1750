"""What several processes and machines of one server have in common: a Redis, or nothing."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from types import TracebackType
from typing import Self
from weakref import WeakValueDictionary

import msgspec

from providers.errors import TimedOut
from providers.kit.request_context import current, late
from providers.kit.shared.encryption import Seal
from providers.kit.shared.invalidation import News
from providers.kit.shared.lease import TTL, Lease, apply, outlived
from providers.kit.shared.redis_connection import Command, Lost, Wire

Told = tuple[tuple[str, ...], float | None]

# Changed by hand when what is stored keeps its shape and changes its meaning.
PREFIX = "trophycase:1:"


class Shared:
    """The common store. Without a Redis, or while it is lost, each process is on its own.

    Names and contents leave the process sealed. `forgetful` are told what any process forgets: a
    key, or None when they may have missed some, and since when what it stands for is known anew.
    """

    def __init__(self, url: str = "memory://", secrets: Iterable[str] = ()) -> None:
        """The store at an address; `secrets` are what the processes of this server alone know."""
        self._url = url
        self.wire = None if url.startswith("memory://") else Wire(url)
        self._seal = Seal.of_settings(secrets) if self.wire else None
        self._news: News | None = None
        self.forgetful: list[Callable[[tuple[str, ...] | None, float | None], None]] = []
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def __aenter__(self) -> Self:
        if self.wire is not None:
            self._news = News(self._url, self.name("forgotten"), self._heard)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._news is not None:
            await self._news.aclose()
        if self.wire is not None:
            await self.wire.aclose()

    @property
    def degraded(self) -> bool:
        """Whether processes that should act as one are each on their own at the moment."""
        return self.wire is not None and self.wire.lost

    def name(self, label: str, *parts: str) -> str:
        """The key of something in Redis; the label is all of it that can be read."""
        return f"{PREFIX}{label}:{self._sealed().name(label, *parts)}"

    async def get(self, name: str) -> bytes | None:
        """What is stored; None also when there is no telling."""
        if self.wire is None:
            return None
        try:
            sealed = await self.wire.ask("GET", name)
        except Lost:
            return None
        return None if sealed is None else self._sealed().open(name, sealed)

    def tell(self, name: str, content: bytes, seconds: float) -> None:
        """Store something for a while, without waiting for it."""
        if self.wire is not None:
            self.wire.tell(self._set(name, content, seconds))

    async def put(self, name: str, content: bytes, seconds: float) -> None:
        """Store something for a while, and be back when it is there."""
        if self.wire is None:
            return
        try:
            await self.wire.ask(*self._set(name, content, seconds))
        except Lost:
            return

    def drop(self, name: str, key: tuple[str, ...]) -> None:
        """Forget something, and have all processes forget what they remember under the key."""
        if self.wire is not None:
            self.wire.tell(("DEL", name), self._news_of(key, None))

    def announce(self, key: tuple[str, ...], since: float) -> None:
        """Have all processes forget what they remember under the key from before a time."""
        if self.wire is not None:
            self.wire.tell(self._news_of(key, since))

    @asynccontextmanager
    async def lock(self, name: str, ttl: float = TTL) -> AsyncGenerator[bool]:
        """Be the only one in here, until the operation's deadline at the latest; `late` after it.

        Gives whether that holds for all processes, or only for this one. A holder who has been
        silent for `ttl` seconds is taken to be dead.
        """
        local = self._locks.setdefault(name, asyncio.Lock())
        try:
            async with asyncio.timeout(current().remaining()):
                await local.acquire()
        except TimeoutError:
            raise _too_late(name) from None
        try:
            lease = await self._lease(name, ttl)
            async with AsyncExitStack() as stack:
                if lease is not None:
                    await stack.enter_async_context(lease)
                yield lease is not None
        finally:
            local.release()

    async def _lease(self, name: str, ttl: float) -> Lease | None:
        if self.wire is None:
            return None
        key = self.name("lock", name)
        try:
            while True:
                lease, holder = await apply(self.wire, key, ttl)
                if lease is not None:
                    return lease
                if not await outlived(self.wire, key, holder, current().remaining()):
                    raise _too_late(name)
        except Lost:
            return None

    def _set(self, name: str, content: bytes, seconds: float) -> Command:
        sealed = self._sealed().close(name, content)
        return ("SET", name, sealed, "PX", max(1, int(seconds * 1000)))

    def _news_of(self, key: tuple[str, ...], since: float | None) -> Command:
        channel = self.name("forgotten")
        content = msgspec.msgpack.encode((key, since))
        return ("PUBLISH", channel, self._sealed().close(channel, content))

    def _sealed(self) -> Seal:
        assert self._seal is not None  # noqa: S101 - there is one wherever there is a wire
        return self._seal

    def _heard(self, message: bytes | None) -> None:
        channel = self.name("forgotten")
        content = None if message is None else self._sealed().open(channel, message)
        if message is not None and content is None:
            return
        told = (None, None) if content is None else msgspec.msgpack.decode(content, type=Told)
        for forget in self.forgetful:
            forget(*told)


def _too_late(name: str) -> TimedOut:
    return late(name.partition(".")[0])
