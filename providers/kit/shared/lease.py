"""One holder at a time among all processes, who proves now and then that he still lives."""

import asyncio
import secrets
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from providers.kit.shared.redis_connection import Wire

TTL = 3.0
# A follower looks again soon at first, and never more often than twenty times a second later.
FIRST_LOOK, LONGEST_LOOK, GROWTH = 0.005, 0.05, 1.5

EXTEND = """
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
"""
RELEASE = """
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
"""


@dataclass
class Lease:
    """A name that is held until it is given back, or until its holder has fallen silent."""

    wire: Wire
    name: str
    token: bytes
    ttl: float = TTL
    _beating: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._beating = asyncio.get_running_loop().create_task(self._beat())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._beating is not None:
            self._beating.cancel()
        self.release()

    def release(self) -> None:
        """Give it back, unless it has already gone to another."""
        self.wire.tell(("EVAL", RELEASE, 1, self.name, self.token))

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(self.ttl / 3)
            self.wire.tell(("EVAL", EXTEND, 1, self.name, self.token, int(self.ttl * 1000)))


async def apply(wire: Wire, name: str, ttl: float = TTL) -> tuple[Lease | None, bytes | None]:
    """The lease when it was free, and its holder's token otherwise; raises `Lost`."""
    token = secrets.token_hex(8).encode()
    _, holder = await wire.ask_all(("SET", name, token, "NX", "PX", int(ttl * 1000)), ("GET", name))
    return (Lease(wire, name, token, ttl), None) if holder == token else (None, holder)


async def outlived(wire: Wire, name: str, holder: bytes | None, seconds: float) -> bool:
    """Wait until a holder has given it back or fallen silent: whether he has, in so many seconds.

    Raises `Lost`.
    """
    loop = asyncio.get_running_loop()
    ends, pause = loop.time() + seconds, FIRST_LOOK
    while holder is not None:
        left = ends - loop.time()
        if left <= 0:
            return False
        await asyncio.sleep(min(pause, left))
        pause = min(LONGEST_LOOK, pause * GROWTH)
        if await wire.ask("GET", name) != holder:
            break
    return True
