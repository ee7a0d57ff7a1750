"""One credential's pace, counted in Redis by Redis' own clock: exact over all processes."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from providers.kit.shared.redis_connection import RedisConnection, RedisUnavailable

MICROSECONDS = 1_000_000
# A probe that nobody has heard of for so long is taken to be lost.
PROBE_TTL = 10
# Who waits for a probe's outcome looks again this often.
PROBE_POLL_SECONDS = 0.05
STATE_TTL = 3600

# One credential's calls (the window), its pauses (the state), and who has lately used it.
ACQUIRE = """
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local calls, window = tonumber(ARGV[1]), tonumber(ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - window)
local lately = math.max(window, 60000000)
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', now - lately)
redis.call('ZADD', KEYS[3], now, ARGV[4])
redis.call('PEXPIRE', KEYS[3], math.ceil(lately / 1000))
local state = redis.call('HMGET', KEYS[2], 'until', 'probe')
local paused, probe = tonumber(state[1] or 0), tonumber(state[2] or 0)
local used = redis.call('ZCARD', KEYS[1])
local wait, probes = 0, 0
if paused > now then
  wait = paused - now
elseif paused > 0 and probe > now then
  wait = math.min(probe - now, tonumber(ARGV[6]))
elseif calls > 0 and used >= calls then
  local oldest = redis.call('ZRANGE', KEYS[1], used - calls, used - calls, 'WITHSCORES')
  wait = math.max(1, tonumber(oldest[2]) + window - now)
else
  if paused > 0 then
    probes = 1
    redis.call('HSET', KEYS[2], 'probe', now + tonumber(ARGV[5]))
  end
  if calls > 0 then
    redis.call('ZADD', KEYS[1], now, ARGV[3])
    used = used + 1
  end
end
local whole = 0
if used > 0 then
  local newest = redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')
  whole = tonumber(newest[2]) + window - now
  redis.call('PEXPIRE', KEYS[1], math.ceil(window / 1000) + 1000)
end
local sharers = redis.call('ZCARD', KEYS[3])
return {wait, used, whole, sharers, paused > 0 and math.max(1, paused - now) or 0, probes}
"""

PEEK = """
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local window = tonumber(ARGV[1])
local used = redis.call('ZCOUNT', KEYS[1], '(' .. (now - window), '+inf')
local whole = 0
if used > 0 then
  local newest = redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')
  whole = tonumber(newest[2]) + window - now
end
local paused = tonumber(redis.call('HGET', KEYS[2], 'until') or 0)
local left = paused > 0 and math.max(1, paused - now) or 0
return {used, whole, redis.call('ZCARD', KEYS[3]), left}
"""

# Turns that were taken while Redis was away, or before it has forgotten them.
RESYNC = """
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
for i = 2, #ARGV, 2 do
  redis.call('ZADD', KEYS[1], 'NX', now - tonumber(ARGV[i + 1]), ARGV[i])
end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
"""

PAUSE = """
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local seconds, age = tonumber(ARGV[1]), tonumber(ARGV[2])
local state = redis.call('HMGET', KEYS[1], 'until', 'since', 'pauses')
local paused, since = tonumber(state[1] or 0), tonumber(state[2] or 0)
if seconds < 0 then
  if age >= 0 and now - age < since then return 0 end
  local pauses = tonumber(state[3] or 0)
  seconds = math.min(tonumber(ARGV[4]), tonumber(ARGV[3]) * 2 ^ pauses)
  redis.call('HINCRBY', KEYS[1], 'pauses', 1)
end
paused = math.max(paused, now + seconds)
redis.call('HSET', KEYS[1], 'until', paused, 'since', now)
redis.call('HDEL', KEYS[1], 'probe')
redis.call('PEXPIRE', KEYS[1], math.ceil((paused - now) / 1000) + tonumber(ARGV[5]))
return 1
"""

RESUME = """
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local state = redis.call('HMGET', KEYS[1], 'until', 'since')
local paused, since = tonumber(state[1] or 0), tonumber(state[2] or 0)
if paused <= now and now - tonumber(ARGV[1]) >= since then redis.call('DEL', KEYS[1]) end
"""


@dataclass(frozen=True)
class Acquisition:
    """The answer to one who wants to call: how long to wait, and how the window stands.

    `paused` is None when no pause is on record, and what is left of one otherwise.
    """

    wait: float
    used: int
    resets_in: float
    process_count: int
    pause_left: float | None
    is_probe: bool


class RedisRateLimiter:
    """The pace of one name, common to all processes that know it."""

    def __init__(self, redis: RedisConnection, prefix: str, *parts: str) -> None:
        # Not under this server's own seal: whoever has the credential spends the same budget.
        content = msgspec.msgpack.encode(parts)
        name = hashlib.blake2b(content, digest_size=16).hexdigest()
        self._redis = redis
        self._window, self._state, self._users = (
            f"{prefix}:{{{name}}}:{part}" for part in ("window", "state", "users")
        )

    async def acquire(self, calls: int | None, seconds: float, now: float) -> Acquisition | None:
        """Take a turn that is called `now` here, or learn how long to wait; None without Redis."""
        limits = (
            calls or 0,
            _to_microseconds(seconds),
            self._format_member(now),
            self._redis.process_id,
        )
        probing = (PROBE_TTL * MICROSECONDS, _to_microseconds(PROBE_POLL_SECONDS))
        keys = (self._window, self._state, self._users)
        try:
            answer = await self._redis.execute("EVAL", ACQUIRE, 3, *keys, *limits, *probing)
        except RedisUnavailable:
            return None
        wait, used, full_key, sharers, paused, probes = answer
        left = paused / MICROSECONDS if paused else None
        return Acquisition(
            wait / MICROSECONDS, used, full_key / MICROSECONDS, sharers, left, bool(probes)
        )

    async def peek(self, seconds: float) -> Acquisition | None:
        """How the window stands, without taking a turn; None without Redis."""
        keys = (self._window, self._state, self._users)
        try:
            answer = await self._redis.execute("EVAL", PEEK, 3, *keys, _to_microseconds(seconds))
        except RedisUnavailable:
            return None
        used, full_key, sharers, paused = answer
        left = paused / MICROSECONDS if paused else None
        return Acquisition(0, used, full_key / MICROSECONDS, max(1, sharers), left, is_probe=False)

    def resync(self, seconds: float, now: float, acquisitions: Iterable[float]) -> None:
        """Say again which turns this process has taken in the window that ends now."""
        members = [
            text
            for each in acquisitions
            for text in (self._format_member(each), _to_microseconds(now - each))
        ]
        if members:
            ttl = int(seconds * 1000) + 1000
            self._redis.send(("EVAL", RESYNC, 1, self._window, ttl, *members))

    def pause(
        self, seconds: float | None, age: float | None, first_pause: float, max_pause: float
    ) -> None:
        """Pause everyone, unless a nameless pause answers a call from before the present one."""
        named = -1 if seconds is None else _to_microseconds(seconds)
        since = -1 if age is None else _to_microseconds(age)
        lengths = (_to_microseconds(first_pause), _to_microseconds(max_pause), STATE_TTL * 1000)
        self._redis.send(("EVAL", PAUSE, 1, self._state, named, since, *lengths))

    def resume(self, age: float | None) -> None:
        """Forget the pauses, unless the call that went well is older than they are."""
        self._redis.send(("EVAL", RESUME, 1, self._state, _to_microseconds(age or 0)))

    def end_probe(self) -> None:
        """Let the next one try."""
        self._redis.send(("HDEL", self._state, "probe"))

    def _format_member(self, acquired_at: float) -> str:
        return f"{self._redis.process_id}:{_to_microseconds(acquired_at)}"


def _to_microseconds(seconds: float) -> int:
    return round(seconds * MICROSECONDS)
