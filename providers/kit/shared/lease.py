"""Redis lock with a heartbeat: one holder across processes, renewed every `ttl / 3` seconds."""

import asyncio
import secrets
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from providers.kit.shared.redis_connection import RedisConnection

LEASE_TTL = 3.0  # seconds
# Polling starts fast, because most loads are short, and slows down to twenty times a second.
FIRST_POLL_SECONDS, MAX_POLL_SECONDS, POLL_GROWTH = 0.005, 0.05, 1.5

TOKEN_LENGTH = 16

# A holder counts only if its time ends, and not later than that of a lease: anyone who can write to
# Redis can write one. Of its token no more is read than a token has.
ACQUIRE = """
local left = redis.call('PTTL', KEYS[1])
if left > 0 and left <= tonumber(ARGV[2]) then
  local holder = redis.pcall('GETRANGE', KEYS[1], 0, #ARGV[1] - 1)
  if type(holder) == 'string' then return holder end
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return ARGV[1]
"""
# Both compare the token first: the lease may have expired and gone to another process.
EXTEND = """
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
"""
RELEASE = """
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
"""


@dataclass
class Lease:
    """A key held in Redis until it is released, or for `ttl` seconds after the last heartbeat.

    As a context manager it sends heartbeats, and is released at the end.
    """

    redis: RedisConnection
    name: str
    token: bytes
    ttl: float = LEASE_TTL
    _heartbeat: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._heartbeat = asyncio.get_running_loop().create_task(self._send_heartbeats())
        return self

    async def __aexit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._heartbeat is not None:
            self._heartbeat.cancel()
        self.release()

    def release(self) -> None:
        """Release the key, unless another process holds it by now."""
        self.redis.send(("EVAL", RELEASE, 1, self.name, self.token))

    async def _send_heartbeats(self) -> None:
        while True:
            await asyncio.sleep(self.ttl / 3)
            self.redis.send(("EVAL", EXTEND, 1, self.name, self.token, int(self.ttl * 1000)))


async def acquire(
    redis: RedisConnection, name: str, ttl: float = LEASE_TTL
) -> tuple[Lease | None, bytes | None]:
    """Return a lease if the key was free, else the token of its holder.

    `ttl` is in seconds. Raise `RedisUnavailable`.
    """
    token = secrets.token_hex(TOKEN_LENGTH // 2).encode()
    holder_token = await redis.execute("EVAL", ACQUIRE, 1, name, token, int(ttl * 1000))
    return (Lease(redis, name, token, ttl), None) if holder_token == token else (None, holder_token)


async def wait_for_release(
    redis: RedisConnection,
    name: str,
    holder_token: bytes | None,
    max_seconds: float,
    ttl: float = LEASE_TTL,
) -> bool:
    """Wait until a holder has released or lost its lease; return False after `max_seconds`.

    One that has no end, or has more than `ttl` seconds left, holds none.

    Raise `RedisUnavailable`.
    """
    loop = asyncio.get_running_loop()
    deadline, pause = loop.time() + max_seconds, FIRST_POLL_SECONDS
    while holder_token is not None:
        remaining = deadline - loop.time()
        if remaining <= 0:
            return False
        await asyncio.sleep(min(pause, remaining))
        pause = min(MAX_POLL_SECONDS, pause * POLL_GROWTH)
        current_token, milliseconds = await redis.execute_all(
            ("GETRANGE", name, 0, TOKEN_LENGTH - 1), ("PTTL", name)
        )
        if current_token != holder_token or not 0 < milliseconds <= ttl * 1000:
            break
    return True
