"""The shared store in a Redis or Valkey."""

from collections.abc import Callable

from providers.kit.shared.redis_connection import RedisConnection
from providers.kit.shared.redis_subscriber import RedisSubscriber
from providers.kit.shared.store_backend import LazyValue, OnMessage

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
MAX_TOKEN_LENGTH = 16


class RedisBackend:
    """What all processes with one Redis share; it evicts by its own settings."""

    def __init__(self, url: str) -> None:
        """Raise `ValueError` for a bad URL."""
        self.redis = RedisConnection(url)
        self._subscriber = RedisSubscriber(url)

    @property
    def process_id(self) -> str:
        """The name of this process."""
        return self.redis.process_id

    @property
    def is_unavailable(self) -> bool:
        """Whether Redis was lost and is not back."""
        return self.redis.is_unavailable

    @property
    def has_others(self) -> bool:
        """Whether other processes may be using it: nothing tells that there are none."""
        return True

    @property
    def reconnect_listeners(self) -> list[Callable[[], None]]:
        """The functions that are called after each reconnection."""
        return self.redis.reconnect_listeners

    async def open(self) -> None:
        """Subscribe."""
        self._subscriber.start()

    async def aclose(self) -> None:
        """Send what waits, and close the connections."""
        await self._subscriber.aclose()
        await self.redis.aclose()

    def is_absent(self, name: str, since: float) -> bool:  # noqa: ARG002 - others write at any time
        """Return False: only Redis knows."""
        return False

    async def get(self, name: str, max_bytes: int) -> bytes | None:
        """Return a value; None if there is none, or a longer one."""
        content = await self.redis.execute("GETRANGE", name, 0, max_bytes)
        return content if content and len(content) <= max_bytes else None

    async def set(
        self,
        value: LazyValue,
        seconds: float,
        *,
        is_evictable: bool,  # noqa: ARG002 - Redis' own setting says what it evicts
    ) -> None:
        """Store a value, and wait until Redis has it."""
        name = value.build_name()
        await self.redis.execute("SET", name, value.encrypt(name), "PX", _to_milliseconds(seconds))

    def set_nowait(
        self,
        value: LazyValue,
        seconds: float,
        *,
        is_evictable: bool,  # noqa: ARG002 - Redis' own setting says what it evicts
    ) -> None:
        """Store a value."""
        name = value.build_name()
        self.redis.send(("SET", name, value.encrypt(name), "PX", _to_milliseconds(seconds)))

    def delete_nowait(self, name: str) -> None:
        """Delete a value."""
        self.redis.send(("DEL", name))

    async def finish_writes(self) -> None:
        """Wait until Redis has done what was sent so far."""
        await self.redis.execute("PING")

    def publish(self, topic: str, content: bytes) -> None:
        """Send a message to the subscribers in all processes."""
        self.redis.send(("PUBLISH", topic, content))

    def subscribe(self, topic: str, on_message: OnMessage) -> None:
        """Call a function with each message, and with None after a reconnection."""
        self._subscriber.subscribe(topic, on_message)

    async def acquire_lease(self, name: str, token: bytes, ttl: float) -> bytes | None:
        """Become the holder of a name unless it has one; return the token of the holder."""
        return await self.redis.execute("EVAL", ACQUIRE, 1, name, token, _to_milliseconds(ttl))

    async def read_lease(self, name: str, ttl: float) -> bytes | None:
        """Return the token of the holder; None if there is none, or one without a valid end."""
        token, milliseconds = await self.redis.execute_all(
            ("GETRANGE", name, 0, MAX_TOKEN_LENGTH - 1), ("PTTL", name)
        )
        return token if 0 < milliseconds <= ttl * 1000 else None

    def extend_lease(self, name: str, token: bytes, ttl: float) -> None:
        """Hold a name for `ttl` from now on, unless it has another holder by now."""
        self.redis.send(("EVAL", EXTEND, 1, name, token, _to_milliseconds(ttl)))

    def release_lease(self, name: str, token: bytes) -> None:
        """Release a name, unless it has another holder by now."""
        self.redis.send(("EVAL", RELEASE, 1, name, token))


def _to_milliseconds(seconds: float) -> int:
    return max(1, int(seconds * 1000))
