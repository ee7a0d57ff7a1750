"""The common store, and what is left of it when Redis is slow, silent or gone."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest

from providers.errors import TimedOut
from providers.kit.cache import Cache, Kind
from providers.kit.operation import Operation, begin
from providers.kit.pace import Gates, Rate
from providers.kit.redis_wire import PATIENCE
from providers.kit.shared import Shared
from tests.providers.kit.processes import SECRETS, asking, processes, running
from tests.providers.kit.redis_server import RedisServer, black_hole, free_port, redis_server

FACT: Kind[str] = Kind("PSN.fact", str, fresh=60, rescue=600)
ALWAYS_ASKED: Kind[str] = Kind("PSN.asked", str, fresh=0, rescue=600)
# What a busy machine may add to any measured time.
SLACK = 0.3
REST = 0.5


@pytest.fixture(autouse=True)
def restless(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lost Redis is asked again soon."""
    monkeypatch.setattr("providers.kit.redis_wire.REST", REST)
    monkeypatch.setattr("providers.kit.redis_news.REST", REST)


def over_redis(
    course: Callable[[RedisServer, Shared, Shared], Awaitable[None]], seconds: float = 10
) -> None:
    with redis_server() as redis:

        async def run() -> None:
            async with processes(redis.url) as (one, two):
                await course(redis, one, two)

        running(run, seconds)


async def fact() -> str:
    return "a fact"


async def given(cache: Cache, key: str, kind: Kind[str] = FACT) -> str:
    return (await cache.remember(kind, "a-scope", (key,), fact)).value


def test_what_is_put_is_there_for_all_and_only_for_its_time() -> None:
    async def course(_: RedisServer, one: Shared, two: Shared) -> None:
        name = one.name("note", "some", "parts")
        await one.put(name, b"content", 0.2)
        assert await two.get(two.name("note", "some", "parts")) == b"content"
        assert await two.get(two.name("note", "other", "parts")) is None
        await asyncio.sleep(0.3)
        assert await two.get(name) is None

    over_redis(course)


def test_without_an_address_nothing_is_shared_and_nothing_fails() -> None:
    async def course() -> None:
        async with Shared() as alone:
            await alone.put("name", b"content", 60)
            assert await alone.get("name") is None
            assert not alone.degraded
            async with alone.lock("a-name") as everywhere:
                assert not everywhere

    running(course)


@pytest.mark.parametrize("url", ["redis://:s3cret@host:port/0", "http://s3cret@host"])
def test_an_address_that_cannot_be_right_is_refused_without_being_told(url: str) -> None:
    with pytest.raises(ValueError, match="Redis address") as refused:
        Shared(url)
    assert "s3cret" not in str(refused.value)


def test_only_one_of_all_processes_is_in_a_lock() -> None:
    async def course(_: RedisServer, one: Shared, two: Shared) -> None:
        inside, most = 0, 0

        async def enter(store: Shared) -> None:
            nonlocal inside, most
            async with store.lock("PSN.sign_in") as everywhere:
                assert everywhere
                inside += 1
                most = max(most, inside)
                await asyncio.sleep(0.02)
                inside -= 1

        await asyncio.gather(*(enter(store) for store in (one, two) for _turn in range(5)))
        assert (inside, most) == (0, 1)

    over_redis(course)


def test_a_lock_is_held_for_as_long_as_its_holder_lives() -> None:
    async def course(_: RedisServer, one: Shared, two: Shared) -> None:
        async with one.lock("PSN.sign_in", ttl=0.3):
            await asyncio.sleep(0.8)
            begin(Operation(time.monotonic() + 0.2))
            with pytest.raises(TimedOut) as late:
                async with two.lock("PSN.sign_in", ttl=0.3):
                    pass
            assert late.value.source == "PSN"

    over_redis(course)


def test_a_lock_without_redis_holds_in_its_process() -> None:
    async def course(redis: RedisServer, one: Shared, two: Shared) -> None:
        redis.kill()
        async with one.lock("PSN.sign_in") as mine, two.lock("PSN.sign_in") as other:
            assert (mine, other) == (False, False)
            begin(Operation(time.monotonic() + 0.1))
            with pytest.raises(TimedOut):
                async with one.lock("PSN.sign_in"):
                    pass

    over_redis(course)


def test_a_redis_that_says_nothing_costs_its_patience_once() -> None:
    with black_hole() as url:

        async def course() -> None:
            async with processes(url, 1) as (store,):
                cache = Cache(shared=store)
                gate = Gates(shared=store).gate("PSN", "a-scope", Rate(1000, 1), 8)
                began = time.monotonic()
                assert await given(cache, "first") == "a fact"
                assert PATIENCE <= time.monotonic() - began < PATIENCE + SLACK
                assert store.degraded
                began = time.monotonic()
                for number in range(200):
                    assert await given(cache, str(number)) == "a fact"
                    async with gate.passing():
                        pass
                assert time.monotonic() - began < SLACK

        running(course)


def test_those_who_ask_a_silent_redis_at_once_wait_together() -> None:
    with black_hole() as url:

        async def course() -> None:
            async with processes(url, 1) as (store,):
                cache = Cache(shared=store)
                began = time.monotonic()
                await asyncio.gather(*(given(cache, str(number)) for number in range(500)))
                assert time.monotonic() - began < PATIENCE + 2 * SLACK

        running(course)


def test_no_redis_at_all_costs_nothing() -> None:
    async def course() -> None:
        async with processes(f"redis://127.0.0.1:{free_port()}/0", 1) as (store,):
            began = time.monotonic()
            assert await given(Cache(shared=store), "key") == "a fact"
            assert time.monotonic() - began < SLACK

    running(course)


def test_answers_go_on_when_redis_is_killed_and_are_shared_again_when_it_is_back() -> None:
    async def course(redis: RedisServer, one: Shared, two: Shared) -> None:
        caches = [Cache(shared=store) for store in (one, two)]
        stop = asyncio.Event()
        slowest = 0.0

        async def ask_on(cache: Cache) -> int:
            nonlocal slowest
            asked = 0
            while not stop.is_set():
                began = time.monotonic()
                assert await given(cache, str(asked % 7), ALWAYS_ASKED) == "a fact"
                slowest = max(slowest, time.monotonic() - began)
                asked += 1
                await asyncio.sleep(0.005)
            return asked

        asking_on = [asyncio.create_task(ask_on(cache)) for cache in caches]
        await asyncio.sleep(0.3)
        redis.kill()
        await asyncio.sleep(0.5)
        assert one.degraded
        redis.start()
        await asyncio.sleep(REST + 0.5)
        stop.set()
        assert min(await asyncio.gather(*asking_on)) > 50
        assert slowest < 2 * PATIENCE + SLACK
        assert not one.degraded
        assert not two.degraded
        await caches[0].keep(FACT, "a-scope", ("after",), "shared again")
        found = await caches[1].recall(FACT, "a-scope", ("after",))
        assert found is not None

    over_redis(course)


def test_a_frozen_redis_gives_nobody_anothers_answer_when_it_thaws() -> None:
    async def course(redis: RedisServer, one: Shared, _: Shared) -> None:
        names = [one.name("note", str(number)) for number in range(20)]
        for number, name in enumerate(names):
            await one.put(name, str(number).encode(), 60)
        redis.freeze()
        cut_off = await asyncio.gather(*(one.get(name) for name in names))
        redis.thaw()
        assert set(cut_off) == {None}
        await asyncio.sleep(REST + 0.5)
        found = await asyncio.gather(*(one.get(name) for name in names))
        assert found == [str(number).encode() for number in range(20)]

    over_redis(course)


@pytest.mark.parametrize("patiences", [1.05, 1.25, 1.45, 2])
def test_a_busy_event_loop_is_not_taken_for_a_lost_redis(patiences: float) -> None:
    async def course(_: RedisServer, one: Shared, __: Shared) -> None:
        name = one.name("note")
        await one.put(name, b"content", 60)
        for _turn in range(3):
            asked = asyncio.create_task(one.get(name))
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            time.sleep(patiences * PATIENCE)  # noqa: ASYNC251 - just what must not matter
            assert await asked == b"content"
        assert not one.degraded

    over_redis(course)


def test_one_who_goes_away_does_not_take_the_connection_with_him() -> None:
    async def course(_: RedisServer, one: Shared, __: Shared) -> None:
        name = one.name("note")
        await one.put(name, b"content", 60)
        for _turn in range(50):
            gone = asyncio.create_task(one.get(name))
            await asyncio.sleep(0)
            gone.cancel()
            assert await one.get(name) == b"content"
        assert not one.degraded

    over_redis(course)


def test_a_full_redis_is_left_alone() -> None:
    async def course(redis: RedisServer, one: Shared, _: Shared) -> None:
        redis.limit_memory()
        cache = Cache(shared=one)
        await cache.keep(FACT, "a-scope", ("key",), "x" * 100_000)
        assert one.degraded
        assert await given(cache, "key") == "x" * 100_000

    over_redis(course)


def test_what_others_write_into_redis_is_never_taken_for_ours() -> None:
    async def course(redis: RedisServer, one: Shared, two: Shared) -> None:
        cache = Cache(shared=one)
        await cache.keep(FACT, "a-scope", ("key",), "ours")
        for content in ("", "x", "cos\nsystem\n(S'true'\ntR.", "\x00" * 64):
            redis.overwrite_all(content)
            found = await Cache(shared=two).recall(FACT, "a-scope", ("key",))
            assert found is None

    over_redis(course)


def test_no_secret_and_no_credential_is_to_be_read_in_redis() -> None:
    async def course(redis: RedisServer, one: Shared, two: Shared) -> None:
        scope = "0123456789abcdef-the-name-of-a-credential"
        for store in (one, two):
            cache, gates = Cache(shared=store), Gates(shared=store)
            await asking(lambda cache=cache: cache.remember(FACT, scope, ("somebody",), fact))
            gate = gates.gate("PSN", scope, Rate(10, 900), 8)
            async with gate.passing(), store.lock(f"PSN.sign_in.{scope}"):
                gate.punish(1)
                await asyncio.sleep(0.05)
                everything = redis.everything()
                assert everything.count(b"trophycase:1:") >= 4
                for secret in (*SECRETS, scope, "somebody", "a fact"):
                    assert secret.encode() not in everything
            gate.forgive()

    over_redis(course)
