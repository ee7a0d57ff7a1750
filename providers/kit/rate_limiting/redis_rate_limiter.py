"""One credential's pace, counted in Redis by Redis' own clock: exact over all processes."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from providers.kit.shared.redis_connection import Lost, Wire

MICRO = 1_000_000
# A probe that nobody has heard of for so long is taken to be lost.
PROBE_SECONDS = 10
# Who waits for a probe's outcome looks again this often.
PROBE_LOOK = 0.05
REMEMBERED = 3600

# One credential's calls (the window), its pauses (the state), and who has lately used it.
TURN = """
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

STANDING = """
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
RETELL = """
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
for i = 2, #ARGV, 2 do
  redis.call('ZADD', KEYS[1], 'NX', now - tonumber(ARGV[i + 1]), ARGV[i])
end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
"""

PUNISH = """
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

FORGIVE = """
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local state = redis.call('HMGET', KEYS[1], 'until', 'since')
local paused, since = tonumber(state[1] or 0), tonumber(state[2] or 0)
if paused <= now and now - tonumber(ARGV[1]) >= since then redis.call('DEL', KEYS[1]) end
"""


@dataclass(frozen=True)
class Turn:
    """The answer to one who wants to call: how long to wait, and how the window stands.

    `paused` is None when no pause is on record, and what is left of one otherwise.
    """

    wait: float
    used: int
    whole_in: float
    sharers: int
    paused: float | None
    probes: bool


class CommonPace:
    """The pace of one name, common to all processes that know it."""

    def __init__(self, wire: Wire, prefix: str, *parts: str) -> None:
        # Not under this server's own seal: whoever has the credential spends the same budget.
        content = msgspec.msgpack.encode(parts)
        name = hashlib.blake2b(content, digest_size=16).hexdigest()
        self._wire = wire
        self._window, self._state, self._users = (
            f"{prefix}:{{{name}}}:{part}" for part in ("window", "state", "users")
        )

    async def turn(self, calls: int | None, seconds: float, now: float) -> Turn | None:
        """Take a turn that is called `now` here, or learn how long to wait; None without Redis."""
        limits = (calls or 0, _micros(seconds), self._member(now), self._wire.process)
        probing = (PROBE_SECONDS * MICRO, _micros(PROBE_LOOK))
        keys = (self._window, self._state, self._users)
        try:
            answer = await self._wire.ask("EVAL", TURN, 3, *keys, *limits, *probing)
        except Lost:
            return None
        wait, used, whole, sharers, paused, probes = answer
        left = paused / MICRO if paused else None
        return Turn(wait / MICRO, used, whole / MICRO, sharers, left, bool(probes))

    async def standing(self, seconds: float) -> Turn | None:
        """How the window stands, without taking a turn; None without Redis."""
        keys = (self._window, self._state, self._users)
        try:
            answer = await self._wire.ask("EVAL", STANDING, 3, *keys, _micros(seconds))
        except Lost:
            return None
        used, whole, sharers, paused = answer
        left = paused / MICRO if paused else None
        return Turn(0, used, whole / MICRO, max(1, sharers), left, probes=False)

    def retell(self, seconds: float, now: float, taken: Iterable[float]) -> None:
        """Say again which turns this process has taken in the window that ends now."""
        turns = [text for each in taken for text in (self._member(each), _micros(now - each))]
        if turns:
            lasts = int(seconds * 1000) + 1000
            self._wire.tell(("EVAL", RETELL, 1, self._window, lasts, *turns))

    def punish(
        self, seconds: float | None, age: float | None, first: float, longest: float
    ) -> None:
        """Pause everyone, unless a nameless pause answers a call from before the present one."""
        named = -1 if seconds is None else _micros(seconds)
        since = -1 if age is None else _micros(age)
        lengths = (_micros(first), _micros(longest), REMEMBERED * 1000)
        self._wire.tell(("EVAL", PUNISH, 1, self._state, named, since, *lengths))

    def forgive(self, age: float | None) -> None:
        """Forget the pauses, unless the call that went well is older than they are."""
        self._wire.tell(("EVAL", FORGIVE, 1, self._state, _micros(age or 0)))

    def probed(self) -> None:
        """Let the next one try."""
        self._wire.tell(("HDEL", self._state, "probe"))

    def _member(self, stamp: float) -> str:
        return f"{self._wire.process}:{_micros(stamp)}"


def _micros(seconds: float) -> int:
    return round(seconds * MICRO)
