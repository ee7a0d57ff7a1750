"""The shared store: values, locks, and what happens if Redis is slow, silent or killed."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest

from providers.errors import TimedOut
from providers.kit.caching.cache import Cache
from providers.kit.caching.policy import CachePolicy
from providers.kit.rate_limiting.rate_limiter import Rate, RateLimiters
from providers.kit.request_context import RequestContext, set_current
from providers.kit.shared.redis_connection import MAX_BATCH
from providers.kit.shared.shared_store import SharedStore
from tests.providers.kit.redis_server import (
    RedisServer,
    find_free_port,
    run_redis_server,
    run_silent_server,
)
from tests.providers.kit.simulated_processes import (
    SECRET,
    open_stores,
    run_scenario,
    start_request,
    wait_until,
)

POLICY: CachePolicy[str] = CachePolicy("PSN.value", str, max_age=60, stale_if_error=600)
NEVER_FRESH: CachePolicy[str] = CachePolicy("PSN.never_fresh", str, max_age=0, stale_if_error=600)
RETRY_SECONDS = 0.5
TIMEOUT_SECONDS = 0.2
LONG_TIMEOUT_SECONDS = 15  # longer than a request has, so a test that waits for it fails


@pytest.fixture(autouse=True)
def fast_reconnection(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try to reconnect to Redis soon."""
    monkeypatch.setattr("providers.kit.shared.redis_connection.RECONNECT_SECONDS", RETRY_SECONDS)
    monkeypatch.setattr("providers.kit.shared.redis_subscriber.RECONNECT_SECONDS", RETRY_SECONDS)


def set_redis_timeout(seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Set after how many seconds without a reply Redis is unavailable."""
    monkeypatch.setattr("providers.kit.shared.redis_connection.TIMEOUT_SECONDS", seconds)


def run_with_redis(
    scenario: Callable[[RedisServer, SharedStore, SharedStore], Awaitable[None]],
    seconds: float = 10,
) -> None:
    with run_redis_server() as redis:

        async def run() -> None:
            async with open_stores(redis.url) as (one, two):
                await scenario(redis, one, two)

        run_scenario(run, seconds)


async def load() -> str:
    return "a value"


async def load_value(cache: Cache, key: str, policy: CachePolicy[str] = POLICY) -> str:
    return (await cache.get_or_load(policy, "a-scope", (key,), load)).value


async def is_expired(store: SharedStore, name: str) -> bool:
    return await store.get(name) is None


@pytest.mark.slow
def test_an_entry_is_visible_to_all_processes_until_its_ttl() -> None:
    async def scenario(_: RedisServer, one: SharedStore, two: SharedStore) -> None:
        name = one.build_key("note", "some", "parts")
        await one.set(name, b"content", 60)
        assert await two.get(two.build_key("note", "some", "parts")) == b"content"
        assert await two.get(two.build_key("note", "other", "parts")) is None
        await one.set(name, b"content", 0.1)
        await wait_until(lambda: is_expired(two, name))

    run_with_redis(scenario)


def test_without_a_url_nothing_is_shared_and_nothing_fails() -> None:
    async def scenario() -> None:
        async with SharedStore() as store:
            await store.set("name", b"content", 60)
            assert await store.get("name") is None
            assert not store.is_degraded
            async with store.lock("a-name") as holds_in_all_processes:
                assert not holds_in_all_processes

    run_scenario(scenario)


@pytest.mark.parametrize("url", ["redis://:s3cret@host:port/0", "http://s3cret@host"])
def test_an_invalid_url_is_rejected_without_being_shown(url: str) -> None:
    with pytest.raises(ValueError, match="Redis URL") as error:
        SharedStore(url)
    assert "s3cret" not in str(error.value)


def test_a_lock_is_exclusive_across_processes() -> None:
    async def scenario(_: RedisServer, one: SharedStore, two: SharedStore) -> None:
        holders, max_holders = 0, 0

        async def hold(store: SharedStore) -> None:
            nonlocal holders, max_holders
            async with store.lock("PSN.sign_in") as holds_in_all_processes:
                assert holds_in_all_processes
                holders += 1
                # After these replies, every earlier attempt to acquire has had its reply too.
                for each in (one, two, one, two):
                    await each.get(each.build_key("note"))
                max_holders = max(max_holders, holders)
                holders -= 1

        await asyncio.gather(*(hold(store) for store in (one, two) for _ in range(5)))
        assert (holders, max_holders) == (0, 1)

    run_with_redis(scenario)


@pytest.mark.slow
def test_a_lock_is_kept_while_its_holder_sends_heartbeats() -> None:
    async def scenario(redis: RedisServer, one: SharedStore, two: SharedStore) -> None:
        async with one.lock("PSN.sign_in", ttl=1.5):
            # Four heartbeats, a third of the TTL apart, take longer than the TTL.
            await wait_until(lambda: redis.count_calls("pexpire") >= 4)
            set_current(RequestContext(time.monotonic() + 0.5))
            with pytest.raises(TimedOut) as error:
                async with two.lock("PSN.sign_in", ttl=1.5):
                    pass
            assert error.value.source == "PSN"

    run_with_redis(scenario)


@pytest.mark.slow
def test_a_lock_without_redis_is_exclusive_within_its_process() -> None:
    async def scenario(redis: RedisServer, one: SharedStore, two: SharedStore) -> None:
        redis.kill()
        async with one.lock("PSN.sign_in") as first, two.lock("PSN.sign_in") as second:
            assert (first, second) == (False, False)
            set_current(RequestContext(time.monotonic() + 0.1))
            with pytest.raises(TimedOut):
                async with one.lock("PSN.sign_in"):
                    pass

    run_with_redis(scenario)


@pytest.mark.slow
def test_a_silent_redis_costs_one_timeout(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    set_redis_timeout(TIMEOUT_SECONDS, monkeypatch)
    with run_silent_server() as url:

        async def scenario() -> None:
            async with open_stores(url, 1) as (store,):
                cache = Cache(shared_store=store)
                limiters = RateLimiters(shared_store=store)
                limiter = limiters.get("PSN", "a-scope", Rate(1000, 1), 8)
                started_at = time.monotonic()
                assert await load_value(cache, "first") == "a value"
                assert time.monotonic() - started_at >= TIMEOUT_SECONDS
                assert store.is_degraded
                # A second wait would exceed the deadline.
                set_redis_timeout(LONG_TIMEOUT_SECONDS, monkeypatch)
                for number in range(200):
                    assert await load_value(cache, str(number)) == "a value"
                    async with limiter.acquire():
                        pass
                set_redis_timeout(TIMEOUT_SECONDS, monkeypatch)  # for closing the connection

        run_scenario(scenario)


@pytest.mark.slow
def test_concurrent_commands_to_a_silent_redis_share_one_timeout(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    set_redis_timeout(1, monkeypatch)
    with run_silent_server() as url:

        async def scenario() -> None:
            async with open_stores(url, 1) as (store,):
                cache = Cache(shared_store=store)
                # One timeout per batch would exceed the deadline.
                await asyncio.gather(
                    *(load_value(cache, str(number)) for number in range(20 * MAX_BATCH))
                )

        run_scenario(scenario)


def test_an_unreachable_redis_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    set_redis_timeout(LONG_TIMEOUT_SECONDS, monkeypatch)

    async def scenario() -> None:
        async with open_stores(f"redis://127.0.0.1:{find_free_port()}/0", 1) as (store,):
            assert await load_value(Cache(shared_store=store), "key") == "a value"

    run_scenario(scenario)


@pytest.mark.slow
def test_loads_continue_when_redis_is_killed_and_are_shared_again_when_it_is_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    set_redis_timeout(LONG_TIMEOUT_SECONDS, monkeypatch)

    async def scenario(redis: RedisServer, one: SharedStore, two: SharedStore) -> None:
        caches = [Cache(shared_store=store) for store in (one, two)]
        loads = [0, 0]

        async def load_forever(number: int) -> None:
            while True:
                key = str(loads[number] % 7)
                assert await load_value(caches[number], key, NEVER_FRESH) == "a value"
                loads[number] += 1

        async def wait_for_progress() -> None:
            before = list(loads)
            await wait_until(
                lambda: all(now >= then + 20 for now, then in zip(loads, before, strict=True))
            )

        tasks = [asyncio.create_task(load_forever(number)) for number in (0, 1)]
        await wait_for_progress()
        redis.kill()
        await wait_until(lambda: one.is_degraded and two.is_degraded)
        await wait_for_progress()
        redis.start()
        await wait_until(lambda: not one.is_degraded and not two.is_degraded)
        await wait_for_progress()
        for task in tasks:
            assert not task.done()
            task.cancel()
        await caches[0].set(POLICY, "a-scope", ("after",), "shared again")
        assert await caches[1].get(POLICY, "a-scope", ("after",)) is not None

    run_with_redis(scenario, seconds=60)


@pytest.mark.slow
def test_replies_are_not_mixed_up_after_a_frozen_redis_resumes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def scenario(redis: RedisServer, one: SharedStore, _: SharedStore) -> None:
        names = [one.build_key("note", str(number)) for number in range(20)]
        for number, name in enumerate(names):
            await one.set(name, str(number).encode(), 60)
        redis.freeze()
        set_redis_timeout(TIMEOUT_SECONDS, monkeypatch)
        timed_out = await asyncio.gather(*(one.get(name) for name in names))
        set_redis_timeout(LONG_TIMEOUT_SECONDS, monkeypatch)
        redis.thaw()
        assert set(timed_out) == {None}
        await wait_until(lambda: not one.is_degraded)
        contents = await asyncio.gather(*(one.get(name) for name in names))
        assert contents == [str(number).encode() for number in range(20)]

    run_with_redis(scenario)


@pytest.mark.slow
@pytest.mark.parametrize("timeouts", [1.05, 1.25, 1.45, 2])
def test_a_busy_event_loop_is_not_mistaken_for_a_lost_redis(
    timeouts: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The reply has arrived by the final poll; on a busy machine reading it may take longer.
    monkeypatch.setattr("providers.kit.shared.redis_connection.FINAL_POLL_SECONDS", 2)

    async def scenario(_: RedisServer, one: SharedStore, __: SharedStore) -> None:
        name = one.build_key("note")
        await one.set(name, b"content", 60)
        set_redis_timeout(TIMEOUT_SECONDS, monkeypatch)
        for _repetition in range(3):
            command = asyncio.create_task(one.get(name))
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            time.sleep(timeouts * TIMEOUT_SECONDS)  # noqa: ASYNC251 - blocks the event loop on purpose
            assert await command == b"content"
        assert not one.is_degraded

    run_with_redis(scenario)


def test_a_cancelled_command_does_not_close_the_connection() -> None:
    async def scenario(_: RedisServer, one: SharedStore, __: SharedStore) -> None:
        name = one.build_key("note")
        await one.set(name, b"content", 60)
        for _repetition in range(50):
            command = asyncio.create_task(one.get(name))
            await asyncio.sleep(0)
            command.cancel()
            assert await one.get(name) == b"content"
        assert not one.is_degraded

    run_with_redis(scenario)


def test_a_full_redis_is_not_used() -> None:
    async def scenario(redis: RedisServer, one: SharedStore, _: SharedStore) -> None:
        redis.limit_memory()
        cache = Cache(shared_store=one)
        await cache.set(POLICY, "a-scope", ("key",), "x" * 100_000)
        assert one.is_degraded
        assert await load_value(cache, "key") == "x" * 100_000

    run_with_redis(scenario)


def test_foreign_values_in_redis_are_ignored() -> None:
    async def scenario(redis: RedisServer, one: SharedStore, two: SharedStore) -> None:
        cache = Cache(shared_store=one)
        await cache.set(POLICY, "a-scope", ("key",), "our value")
        for content in ("", "x", "cos\nsystem\n(S'true'\ntR.", "\x00" * 64):
            redis.overwrite_all(content)
            assert await Cache(shared_store=two).get(POLICY, "a-scope", ("key",)) is None

    run_with_redis(scenario)


@pytest.mark.slow
def test_no_secret_is_readable_in_redis() -> None:
    async def scenario(redis: RedisServer, one: SharedStore, two: SharedStore) -> None:
        scope = "0123456789abcdef-the-hash-of-a-credential"
        for store in (one, two):
            cache, limiters = Cache(shared_store=store), RateLimiters(shared_store=store)
            await start_request(
                lambda cache=cache: cache.get_or_load(POLICY, scope, ("a-handle",), load)
            )
            limiter = limiters.get("PSN", scope, Rate(10, 900), 8)
            async with limiter.acquire(), store.lock(f"PSN.sign_in.{scope}"):
                limiter.pause(1)
                await limiter.refresh()  # replied after all earlier commands
                content = redis.dump_all()
                assert content.count(b"trophycase:2:") >= 4
                for private in (scope, "a-handle", "a value"):
                    assert private.encode() not in content
                assert SECRET not in content
            limiter.resume()

    run_with_redis(scenario)
