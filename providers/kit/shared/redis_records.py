"""Records in Redis: strings and streams, and for each owner an index of their values."""

from typing import Any

from providers.kit.shared.record_backend import (
    SEQUENCE_BITS,
    BackendUnavailable,
    LogEntry,
    LogKind,
    RecordKind,
    RecordName,
    get_oldest_position,
)
from providers.kit.shared.redis_connection import Argument, RedisConnection, RedisUnavailable

MAX_RECORD_BYTES = 1024 * 1024
MAX_MILLISECOND_DIGITS = 15  # of a time until the year 33658

# KEYS: the value, the index of its owner. ARGV: content, lifetime in milliseconds, bound.
SET = """
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now - tonumber(ARGV[2]))
redis.call('ZADD', KEYS[2], now, KEYS[1])
redis.call('PEXPIRE', KEYS[2], ARGV[2])
local excess = redis.call('ZCARD', KEYS[2]) - tonumber(ARGV[3])
if excess > 0 then
  for _, name in ipairs(redis.call('ZRANGE', KEYS[2], 0, excess - 1)) do
    redis.call('DEL', name)
    redis.call('ZREM', KEYS[2], name)
  end
end
return 1
"""
SET_IF_ABSENT = """
local found = redis.call('GETRANGE', KEYS[1], 0, ARGV[3])
if found ~= '' and found ~= ARGV[4] then return found end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return false
"""
APPEND = """
local id = redis.call('XADD', KEYS[1], 'MAXLEN', ARGV[3], '*', 'e', ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return id
"""
# ARGV: the position to begin after, the most entries, the most bytes of one.
READ_AFTER = """
local entries = {}
for _, entry in ipairs(redis.call('XRANGE', KEYS[1], ARGV[1], '+', 'COUNT', ARGV[2])) do
  local content = entry[2][2]
  if #content <= tonumber(ARGV[3]) then table.insert(entries, {entry[1], content}) end
end
return entries
"""


class RedisRecords:
    """Values and logs in a Redis."""

    def __init__(self, redis: RedisConnection) -> None:
        self._redis = redis

    async def get(self, kind: RecordKind, name: RecordName) -> bytes | None:
        """Return a value."""
        del kind
        return await self._execute("GETRANGE", name.name, 0, MAX_RECORD_BYTES) or None

    async def set(self, kind: RecordKind, name: RecordName, content: bytes) -> None:
        """Store a value, and delete the oldest ones of its owner beyond the kind's bound."""
        keys = (name.name, _build_index_name(name))
        lifetime = int(kind.seconds * 1000)
        await self._execute("EVAL", SET, 2, *keys, content, lifetime, kind.max_per_owner)

    async def set_if_absent(
        self, kind: RecordKind, name: RecordName, content: bytes, invalid: bytes = b""
    ) -> bytes | None:
        """Store a value unless there is one, which is returned then; `invalid` counts as none."""
        arguments = (content, int(kind.seconds * 1000), MAX_RECORD_BYTES, invalid)
        return await self._execute("EVAL", SET_IF_ABSENT, 1, name.name, *arguments)

    async def delete(self, kind: RecordKind, name: RecordName) -> None:
        """Delete a value."""
        del kind
        await self._execute("DEL", name.name)

    async def append(self, kind: LogKind, name: str, content: bytes) -> int:
        """Append an entry to a log, and return its position."""
        arguments = (content, int(kind.seconds * 1000), kind.max_entries)
        added = await self._execute("EVAL", APPEND, 1, name, *arguments)
        position = None if added is None else _parse_position(added)
        if position is None:
            raise BackendUnavailable
        return position

    async def read_after(self, kind: LogKind, name: str, position: int) -> list[LogEntry]:
        """Return the entries after a position, oldest first."""
        start = max(position, get_oldest_position(kind))
        after = f"({start >> SEQUENCE_BITS}-{start % (1 << SEQUENCE_BITS)}"
        limits = (kind.max_entries, MAX_RECORD_BYTES)
        rows = await self._execute("EVAL", READ_AFTER, 1, name, after, *limits)
        entries = ((_parse_position(entry_id), content) for entry_id, content in rows or ())
        return [LogEntry(at, content) for at, content in entries if at is not None]

    async def _execute(self, *command: Argument) -> Any:
        try:
            return await self._redis.execute(*command)
        except RedisUnavailable:
            raise BackendUnavailable from None


def _build_index_name(name: RecordName) -> str:
    return f"{name.owner}:index"


def _parse_position(entry_id: bytes) -> int | None:
    """Return the position of a stream's entry; None for an id that no clock has given."""
    milliseconds, _, sequence = entry_id.partition(b"-")
    if len(milliseconds) > MAX_MILLISECOND_DIGITS or int(sequence) >= 1 << SEQUENCE_BITS:
        return None
    return (int(milliseconds) << SEQUENCE_BITS) + int(sequence)
