"""Rate limiter in Redis, by Redis' clock: exact over all processes.

The scripts run atomically. Their times and durations are in microseconds. They take nothing in
Redis for granted, because anyone who can write to it can write times of the future: calls and
processes of the future do not count, a pause ends a day after it began, and a probe after its time.
"""

from collections.abc import Iterable
from typing import Any

from providers.kit.rate_limiting.shared_rate_limiter import (
    MAX_PAUSE_SECONDS,
    PROBE_POLL_SECONDS,
    PROBE_TTL,
    STATE_TTL,
    Acquisition,
)
from providers.kit.shared.redis_connection import Argument, RedisConnection, RedisUnavailable

MICROSECONDS = 1_000_000

# `future` tolerates a clock that was set back.
READ_CLOCK = f"""
local t = redis.call('TIME')
local now = t[1] * {MICROSECONDS} + t[2]
local future = now + {MICROSECONDS}
local longest_pause = {MAX_PAUSE_SECONDS * MICROSECONDS}
local function to_number(value)
  value = tonumber(value or 0) or 0
  return value == value and value or 0
end
local function read_pause(since, ends)
  since, ends = to_number(since), to_number(ends)
  if since > future then return 0, 0 end
  return since, math.min(ends, since + longest_pause)
end
"""

# KEYS: the calls in the window, the state of the pauses, the processes that made calls recently.
# ARGV: calls (0 is no limit), window, member, process id, duration of a probe, poll interval.
ACQUIRE = (
    READ_CLOCK
    + """
local calls, window = tonumber(ARGV[1]), tonumber(ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - window)
local recent = math.max(window, 60000000)
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', now - recent)
redis.call('ZADD', KEYS[3], now, ARGV[4])
redis.call('PEXPIRE', KEYS[3], math.ceil(recent / 1000))
local state = redis.call('HMGET', KEYS[2], 'since', 'until', 'probe')
local since, paused = read_pause(state[1], state[2])
local probe = to_number(state[3])
if probe > now + tonumber(ARGV[5]) then probe = 0 end
local used = redis.call('ZCOUNT', KEYS[1], '-inf', future)
local wait = 0
if paused > now then
  wait = paused - now
elseif paused > 0 and probe > now then
  wait = math.min(probe - now, tonumber(ARGV[6]))
elseif calls > 0 and used >= calls then
  local oldest = redis.call('ZRANGE', KEYS[1], used - calls, used - calls, 'WITHSCORES')
  wait = math.max(1, tonumber(oldest[2]) + window - now)
else
  if paused > 0 then redis.call('HSET', KEYS[2], 'probe', now + tonumber(ARGV[5])) end
  if calls > 0 then
    redis.call('ZADD', KEYS[1], now, ARGV[3])
    used = used + 1
  end
end
local resets = 0
if used > 0 then
  local newest = redis.call('ZRANGE', KEYS[1], used - 1, used - 1, 'WITHSCORES')
  resets = tonumber(newest[2]) + window - now
  redis.call('PEXPIRE', KEYS[1], math.ceil(window / 1000) + 1000)
end
local processes = redis.call('ZCOUNT', KEYS[3], '-inf', future)
return {wait, used, resets, processes, paused > 0 and math.max(1, paused - now) or 0}
"""
)

PEEK = (
    READ_CLOCK
    + """
local window = tonumber(ARGV[1])
local used = redis.call('ZCOUNT', KEYS[1], now - window, future)
local resets = 0
if used > 0 then
  local newest = redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')
  resets = math.min(window, tonumber(newest[2]) + window - now)
end
local state = redis.call('HMGET', KEYS[2], 'since', 'until')
local since, paused = read_pause(state[1], state[2])
local left = paused > 0 and math.max(1, paused - now) or 0
return {used, resets, redis.call('ZCOUNT', KEYS[3], '-inf', future), left}
"""
)

# Adds calls that were made while Redis was unavailable, or that it has lost in a restart.
RESYNC = (
    READ_CLOCK
    + """
for i = 2, #ARGV, 2 do
  redis.call('ZADD', KEYS[1], 'NX', now - tonumber(ARGV[i + 1]), ARGV[i])
end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
"""
)

PAUSE = (
    READ_CLOCK
    + """
local seconds, age = tonumber(ARGV[1]), tonumber(ARGV[2])
local state = redis.call('HMGET', KEYS[1], 'since', 'until', 'pauses')
local since, paused = read_pause(state[1], state[2])
if seconds < 0 then
  if age >= 0 and now - age < since then return 0 end
  local pauses = to_number(state[3])
  seconds = math.min(tonumber(ARGV[4]), tonumber(ARGV[3]) * 2 ^ pauses)
  redis.call('HSET', KEYS[1], 'pauses', pauses + 1)
end
paused = math.max(paused, now + math.min(longest_pause, seconds))
redis.call('HSET', KEYS[1], 'until', paused, 'since', now)
redis.call('HDEL', KEYS[1], 'probe')
redis.call('PEXPIRE', KEYS[1], math.ceil((paused - now) / 1000) + tonumber(ARGV[5]))
return 1
"""
)

RESUME = (
    READ_CLOCK
    + """
local state = redis.call('HMGET', KEYS[1], 'since', 'until')
local since, paused = read_pause(state[1], state[2])
if paused <= now and now - tonumber(ARGV[1]) >= since then redis.call('DEL', KEYS[1]) end
"""
)


class RedisRateLimiter:
    """The calls of one name, such as a credential, counted for all processes."""

    def __init__(self, redis: RedisConnection, name: str) -> None:
        self._redis = redis
        self._window, self._state, self._users = (
            f"{name}:{part}" for part in ("window", "state", "users")
        )

    @property
    def reserved_count(self) -> int:
        """How many calls this process has reserved: none, because Redis is asked for each."""
        return 0

    def take_reserved(self) -> bool:
        """Take a call that this process has reserved: there is none."""
        return False

    async def acquire(self, calls: int | None, seconds: float, now: float) -> Acquisition | None:
        """Acquire a call made at `now`, or get the time to wait; None if Redis is unavailable."""
        limits = (
            calls or 0,
            _to_microseconds(seconds),
            self._format_member(now),
            self._redis.process_id,
        )
        probe_times = (PROBE_TTL * MICROSECONDS, _to_microseconds(PROBE_POLL_SECONDS))
        keys = (self._window, self._state, self._users)
        reply = await self._execute("EVAL", ACQUIRE, 3, *keys, *limits, *probe_times)
        if reply is None:
            return None
        wait, used, resets_in, processes, paused = reply
        left = paused / MICROSECONDS if paused else None
        return Acquisition(wait / MICROSECONDS, used, resets_in / MICROSECONDS, processes, left)

    async def peek(self, seconds: float) -> Acquisition | None:
        """Return the state of the window without acquiring; None if Redis is unavailable."""
        keys = (self._window, self._state, self._users)
        reply = await self._execute("EVAL", PEEK, 3, *keys, _to_microseconds(seconds))
        if reply is None:
            return None
        used, resets_in, processes, paused = reply
        left = paused / MICROSECONDS if paused else None
        return Acquisition(0, used, resets_in / MICROSECONDS, max(1, processes), left)

    def resync(self, seconds: float, now: float, acquisitions: Iterable[float]) -> None:
        """Add this process's calls of the last `seconds`; those that are known are not added."""
        members = [
            argument
            for acquired_at in acquisitions
            for argument in (
                self._format_member(acquired_at),
                _to_microseconds(now - acquired_at),
            )
        ]
        if members:
            ttl = int(seconds * 1000) + 1000
            self._redis.send(("EVAL", RESYNC, 1, self._window, ttl, *members))

    def pause(
        self, seconds: float | None, age: float | None, first_pause: float, max_pause: float
    ) -> None:
        """Pause all processes.

        Without `seconds` the pauses double from `first_pause` to `max_pause`; a call whose `age`
        shows that it was made before the current pause starts no other. All are in seconds.
        """
        duration = -1 if seconds is None else _to_microseconds(seconds)
        since = -1 if age is None else _to_microseconds(age)
        lengths = (_to_microseconds(first_pause), _to_microseconds(max_pause), STATE_TTL * 1000)
        self._redis.send(("EVAL", PAUSE, 1, self._state, duration, since, *lengths))

    def resume(self, age: float | None) -> None:
        """Reset the pauses, unless the successful call was made before the current one."""
        self._redis.send(("EVAL", RESUME, 1, self._state, _to_microseconds(age or 0)))

    def end_probe(self) -> None:
        """Allow the next probe."""
        self._redis.send(("HDEL", self._state, "probe"))

    async def _execute(self, *command: Argument) -> Any:
        try:
            return await self._redis.execute(*command)
        except RedisUnavailable:
            return None

    def _format_member(self, acquired_at: float) -> str:
        return f"{self._redis.process_id}:{_to_microseconds(acquired_at)}"


def _to_microseconds(seconds: float) -> int:
    return round(seconds * MICROSECONDS)
