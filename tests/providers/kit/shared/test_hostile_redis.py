"""What someone who can write to Redis can do: no old value, no endless lock, no huge value."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from providers.kit.caching.cache import Cache
from providers.kit.caching.entry_store import EntryStore
from providers.kit.caching.policy import CachePolicy
from providers.kit.rate_limiting.caller_quota import CallerQuotas
from providers.kit.rate_limiting.rate_limiter import Rate, RateLimiters
from providers.kit.request_context import RequestContext, set_current
from providers.kit.shared.lease import LEASE_TTL, acquire, wait_for_release
from providers.kit.shared.redis_connection import RedisConnection
from providers.kit.shared.shared_store import MAX_STORED_BYTES, SharedStore
from providers.kit.shared.store_backend import StoreBackend
from tests.providers.kit.redis_server import RedisServer, run_redis_server
from tests.providers.kit.simulated_processes import (
    SECRET,
    open_stores,
    run_scenario,
    start_request,
    wait_until,
)

FRIENDS: CachePolicy[str] = CachePolicy(
    "PSN.friends", str, max_age=60, stale_if_error=600, invalidated_by_writes=True
)
OTHERS: CachePolicy[str] = replace(FRIENDS, name="PSN.others", invalidated_by_writes=False)
SCOPE, KEY = "a-scope", ("me",)


def run_with_redis(
    scenario: Callable[[RedisServer, SharedStore, SharedStore], Awaitable[None]],
) -> None:
    with run_redis_server() as redis:

        async def run() -> None:
            async with open_stores(redis.url) as (one, two):
                await wait_until(lambda: redis.count_subscribers() == 2)
                await scenario(redis, one, two)

        run_scenario(run)


def get_redis(store: SharedStore) -> RedisConnection:
    """Return its connection, which can read and write anything in Redis."""
    assert store.redis is not None
    return store.redis


def get_backend(store: SharedStore) -> StoreBackend:
    """Return where the store keeps its leases."""
    assert store.backend is not None
    return store.backend


def build_entry_name(store: SharedStore, policy: CachePolicy[str]) -> str:
    return EntryStore(store).build_key(policy, (policy.name, SCOPE, "", *KEY))


async def load_friends(cache: Cache, value: str, policy: CachePolicy[str] = FRIENDS) -> str:
    """Return the cached value, or load this one."""

    async def load() -> str:
        return value

    cached, _context = await start_request(lambda: cache.get_or_load(policy, SCOPE, KEY, load))
    return cached.value


def test_a_value_put_back_after_its_time_is_a_miss(monkeypatch: pytest.MonkeyPatch) -> None:
    """Holds that age is judged by the time of encryption, not by the key's TTL in Redis."""

    async def scenario(_: RedisServer, one: SharedStore, two: SharedStore) -> None:
        name = one.build_key("note")
        await one.set(name, b"content", 60)
        await get_redis(one).execute("PERSIST", name)
        assert await two.get(name) == b"content"
        now = time.time()
        monkeypatch.setattr(time, "time", lambda: now + 61)
        assert await two.get(name) is None

    run_with_redis(scenario)


def test_a_value_of_the_future_is_a_miss(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(_: RedisServer, one: SharedStore, two: SharedStore) -> None:
        name, now = one.build_key("note"), time.time()
        monkeypatch.setattr(time, "time", lambda: now + 3600)
        await one.set(name, b"content", 7200)
        monkeypatch.undo()
        assert await two.get(name) is None

    run_with_redis(scenario)


def test_a_value_that_was_moved_or_forged_is_a_miss() -> None:
    async def scenario(_: RedisServer, one: SharedStore, two: SharedStore) -> None:
        name, other = one.build_key("note", "one"), one.build_key("note", "two")
        await one.set(name, b"content", 60)
        await get_redis(one).execute("COPY", name, other)
        assert await two.get(other) is None
        async with open_stores("memory://", 1, b"an attacker's own secret") as (foreign,):
            forged = foreign._cipher.encrypt(name, bytes(8) + b"forged")  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - what an attacker can compute
        await get_redis(one).execute("SET", name, forged)
        assert await two.get(name) is None

    run_with_redis(scenario)


def test_a_value_larger_than_any_of_ours_is_not_read() -> None:
    """Holds that at most the largest size is transferred and kept in memory."""

    async def scenario(redis: RedisServer, one: SharedStore, _: SharedStore) -> None:
        name = one.build_key("note")
        await get_redis(one).execute("SETRANGE", name, 4 * MAX_STORED_BYTES, b"x")
        before = redis.count_sent_bytes()
        assert await one.get(name) is None
        assert redis.count_sent_bytes() - before < 1.1 * MAX_STORED_BYTES
        largest = bytes(MAX_STORED_BYTES)
        await one.set(name, largest, 60)  # not stored, because it would not be read
        assert await one.get(name) is None
        assert not one.is_degraded

    run_with_redis(scenario)


def test_a_key_of_another_type_is_a_miss_and_redis_is_used_on() -> None:
    async def scenario(_: RedisServer, one: SharedStore, __: SharedStore) -> None:
        name = one.build_key("note")
        await get_redis(one).execute("LPUSH", name, "x")
        assert await one.get(name) is None
        assert not one.is_degraded
        await one.set(name, b"content", 60)
        assert await one.get(name) == b"content"

    run_with_redis(scenario)


@pytest.mark.parametrize(
    "write_holder",
    [
        ("SET", "{name}", "0123456789abcdef"),
        ("SET", "{name}", "0123456789abcdef", "PX", 86_400_000),
        ("SET", "{name}", "x" * 1_000_000),
        ("LPUSH", "{name}", "x"),
    ],
    ids=["without an end", "with more time than a lease", "large", "of another type"],
)
def test_a_forged_holder_stops_nobody(write_holder: tuple[str | int, ...]) -> None:
    """Holds that a lock without an end, or with a late one, is taken over at once."""

    async def scenario(redis: RedisServer, one: SharedStore, two: SharedStore) -> None:
        name = one.build_key("lock", "PSN.sign_in")
        command = [name if each == "{name}" else each for each in write_holder]
        await get_redis(one).execute(*command)
        before = redis.count_sent_bytes()
        set_current(RequestContext(time.monotonic() + LEASE_TTL / 2))
        async with one.lock("PSN.sign_in") as holds_in_all_processes:
            assert holds_in_all_processes
            lease, holder = await acquire(get_backend(two), name)
            assert lease is None  # the lock that has replaced it holds in other processes
            assert holder is not None
            assert len(holder) == 16
        assert redis.count_sent_bytes() - before < 100_000

    run_with_redis(scenario)


def test_a_holder_that_loses_its_end_is_not_waited_for() -> None:
    async def scenario(_: RedisServer, one: SharedStore, two: SharedStore) -> None:
        name = one.build_key("lock", "PSN.sign_in")
        lease, _holder = await acquire(get_backend(one), name)
        assert lease is not None
        waiting = asyncio.create_task(
            wait_for_release(get_backend(two), name, lease.token, max_seconds=5)
        )
        await get_redis(one).execute("PERSIST", name)
        assert await waiting
        assert (await acquire(get_backend(two), name))[0] is not None

    run_with_redis(scenario)


def test_an_entry_put_back_never_brings_back_what_a_write_has_removed() -> None:
    """Holds in the process that wrote, and in another that runs, while the entry is fresh."""

    async def scenario(_: RedisServer, one: SharedStore, two: SharedStore) -> None:
        caches = [Cache(shared_store=store) for store in (one, two)]
        name = build_entry_name(one, FRIENDS)
        assert [await load_friends(cache, "before") for cache in caches] == ["before"] * 2
        old_entry = await get_redis(one).execute("GET", name)
        caches[0].invalidate(FRIENDS, SCOPE, KEY)
        await wait_until(lambda: caches[1].peek(FRIENDS, SCOPE, KEY) is None)
        for cache in caches:
            await get_redis(one).execute("SET", name, old_entry)
            assert await load_friends(cache, "after") == "after"
        for cache in caches:
            cache.invalidate(OTHERS, SCOPE, KEY)  # of another kind
            await get_redis(one).execute("SET", name, old_entry)
            assert await load_friends(cache, "later") == "after"

    run_with_redis(scenario)


@pytest.mark.slow
def test_an_entry_put_back_while_messages_were_missed_is_not_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Holds that closing the subscriptions of others does not hide a write from them."""
    monkeypatch.setattr("providers.kit.shared.redis_subscriber.RECONNECT_SECONDS", 0.1)

    async def scenario(redis: RedisServer, one: SharedStore, _: SharedStore) -> None:
        cache = Cache(shared_store=one)
        name = build_entry_name(one, FRIENDS)
        for policy in (FRIENDS, OTHERS):
            assert await load_friends(cache, "before", policy) == "before"
        old_entry = await get_redis(one).execute("GET", name)
        await get_redis(one).execute("CLIENT", "KILL", "TYPE", "pubsub")
        await wait_until(lambda: cache.peek(FRIENDS, SCOPE, KEY) is None)
        await get_redis(one).execute("SET", name, old_entry)
        assert await load_friends(cache, "after") == "after"
        assert await load_friends(cache, "after", OTHERS) == "before"
        assert redis.count_subscribers() == 2

    run_with_redis(scenario)


def test_a_repeated_invalidation_has_no_effect(monkeypatch: pytest.MonkeyPatch) -> None:
    """Holds that a recorded message cannot be sent again and again to empty the caches."""

    async def scenario(_: RedisServer, one: SharedStore, two: SharedStore) -> None:
        writer, cache = (Cache(shared_store=store) for store in (one, two))
        recorded: list[bytes] = []
        publish = get_redis(one).send

        def record(*commands: tuple[str | bytes | int, ...]) -> None:
            recorded.extend(each[-1] for each in commands if isinstance(each[-1], bytes))
            publish(*commands)

        assert await load_friends(cache, "value") == "value"
        monkeypatch.setattr(get_redis(one), "send", record)
        writer.invalidate(FRIENDS, SCOPE, KEY)
        await wait_until(lambda: cache.peek(FRIENDS, SCOPE, KEY) is None)
        assert await load_friends(cache, "value") == "value"
        for policy in (FRIENDS, OTHERS):
            cache.set_nowait(policy, SCOPE, ("marker",), "value")
        channel = one.build_key("invalidations")
        await get_redis(one).execute("PUBLISH", channel, recorded[-1])
        writer.invalidate(OTHERS, SCOPE, ("marker",))  # arrives after it
        await wait_until(lambda: cache.peek(OTHERS, SCOPE, ("marker",)) is None)
        assert cache.peek(FRIENDS, SCOPE, KEY) is not None

    run_with_redis(scenario)


async def write_all_kinds(redis: RedisServer, secret: bytes) -> set[bytes]:
    """Write everything that has a name to an empty Redis, and return the names."""
    async with open_stores(redis.url, 1, secret) as (store,):
        await get_redis(store).execute("FLUSHALL")
        limiters = RateLimiters(shared_store=store)
        charge = CallerQuotas(Rate(10, 900), store).create_charge("a-caller")
        assert charge is not None
        await charge("PSN")
        async with limiters.get("PSN", SCOPE, Rate(10, 900), 8).acquire():
            limiters.get("PSN", SCOPE, Rate(10, 900), 8).pause(60)
            async with store.lock("PSN.sign_in"):
                await Cache(shared_store=store).set(OTHERS, SCOPE, KEY, "value")
                await acquire(get_backend(store), store.build_key("flight", "name"))
                names = await get_redis(store).execute("KEYS", "*")
        return set(names)


def test_no_name_is_the_same_under_another_secret() -> None:
    """Holds that names in a dump confirm no suspected credential or name of an API key."""
    with run_redis_server() as redis:

        async def scenario() -> None:
            names = await write_all_kinds(redis, SECRET)
            labels = {name.split(b":")[2] for name in names}
            assert labels >= {b"caller", b"pace", b"lock", b"PSN.others", b"flight"}
            assert names.isdisjoint(await write_all_kinds(redis, b"another"))
            assert await write_all_kinds(redis, SECRET) == names

        run_scenario(scenario)
