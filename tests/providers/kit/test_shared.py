"""The common store, and what is left of it when Redis is slow, silent or gone."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest

from providers.errors import TimedOut
from providers.kit.caching.cache import Cache
from providers.kit.caching.policy import Kind
from providers.kit.rate_limiting.rate_limiter import Gates, Rate
from providers.kit.request_context import Operation, begin
from providers.kit.shared.redis_connection import BATCH
from providers.kit.shared.shared_store import Shared
from tests.providers.kit.processes import SECRETS, asking, processes, running, until
from tests.providers.kit.redis_server import RedisServer, black_hole, free_port, redis_server

FACT: Kind[str] = Kind("PSN.fact", str, fresh=60, rescue=600)
ALWAYS_ASKED: Kind[str] = Kind("PSN.asked", str, fresh=0, rescue=600)
REST = 0.5
# How long Redis is waited for where that must not be for long; more than an operation has.
PATIENCE, TOO_LONG = 0.2, 15


@pytest.fixture(autouse=True)
def restless(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lost Redis is asked again soon."""
    monkeypatch.setattr("providers.kit.shared.redis_connection.REST", REST)
    monkeypatch.setattr("providers.kit.shared.invalidation.REST", REST)


def wait_for_redis(seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Take Redis for lost when it has said nothing for so long."""
    monkeypatch.setattr("providers.kit.shared.redis_connection.PATIENCE", seconds)


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


async def is_gone(store: Shared, name: str) -> bool:
    return await store.get(name) is None


def test_what_is_put_is_there_for_all_and_only_for_its_time() -> None:
    async def course(_: RedisServer, one: Shared, two: Shared) -> None:
        name = one.name("note", "some", "parts")
        await one.put(name, b"content", 60)
        assert await two.get(two.name("note", "some", "parts")) == b"content"
        assert await two.get(two.name("note", "other", "parts")) is None
        await one.put(name, b"content", 0.1)
        await until(lambda: is_gone(two, name))

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
                # By then anybody else's question for the lock, asked before, has been answered.
                for each in (one, two, one, two):
                    await each.get(each.name("note"))
                most = max(most, inside)
                inside -= 1

        await asyncio.gather(*(enter(store) for store in (one, two) for _turn in range(5)))
        assert (inside, most) == (0, 1)

    over_redis(course)


def test_a_lock_is_held_for_as_long_as_its_holder_lives() -> None:
    async def course(redis: RedisServer, one: Shared, two: Shared) -> None:
        async with one.lock("PSN.sign_in", ttl=1.5):
            # Four signs of life, a third of the time apart, are more than it holds without any.
            await until(lambda: redis.calls("pexpire") >= 4)
            begin(Operation(time.monotonic() + 0.5))
            with pytest.raises(TimedOut) as late:
                async with two.lock("PSN.sign_in", ttl=1.5):
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


def test_a_redis_that_says_nothing_costs_its_patience_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wait_for_redis(PATIENCE, monkeypatch)
    with black_hole() as url:

        async def course() -> None:
            async with processes(url, 1) as (store,):
                cache = Cache(shared=store)
                gate = Gates(shared=store).gate("PSN", "a-scope", Rate(1000, 1), 8)
                began = time.monotonic()
                assert await given(cache, "first") == "a fact"
                assert time.monotonic() - began >= PATIENCE
                assert store.degraded
                # Whoever waited for it once more would be late.
                wait_for_redis(TOO_LONG, monkeypatch)
                for number in range(200):
                    assert await given(cache, str(number)) == "a fact"
                    async with gate.passing():
                        pass
                wait_for_redis(PATIENCE, monkeypatch)  # as far as hanging up goes

        running(course)


def test_those_who_ask_a_silent_redis_at_once_wait_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wait_for_redis(1, monkeypatch)
    with black_hole() as url:

        async def course() -> None:
            async with processes(url, 1) as (store,):
                cache = Cache(shared=store)
                # One batch after the other would take longer than the operation has.
                await asyncio.gather(*(given(cache, str(number)) for number in range(20 * BATCH)))

        running(course)


def test_no_redis_at_all_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    wait_for_redis(TOO_LONG, monkeypatch)

    async def course() -> None:
        async with processes(f"redis://127.0.0.1:{free_port()}/0", 1) as (store,):
            assert await given(Cache(shared=store), "key") == "a fact"

    running(course)


def test_answers_go_on_when_redis_is_killed_and_are_shared_again_when_it_is_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wait_for_redis(TOO_LONG, monkeypatch)

    async def course(redis: RedisServer, one: Shared, two: Shared) -> None:
        caches = [Cache(shared=store) for store in (one, two)]
        asked = [0, 0]

        async def ask_on(number: int) -> None:
            while True:
                key = str(asked[number] % 7)
                assert await given(caches[number], key, ALWAYS_ASKED) == "a fact"
                asked[number] += 1

        async def more_is_answered() -> None:
            before = list(asked)
            await until(
                lambda: all(now >= then + 20 for now, then in zip(asked, before, strict=True))
            )

        asking_on = [asyncio.create_task(ask_on(number)) for number in (0, 1)]
        await more_is_answered()
        redis.kill()
        await until(lambda: one.degraded and two.degraded)
        await more_is_answered()
        redis.start()
        await until(lambda: not one.degraded and not two.degraded)
        await more_is_answered()
        for each in asking_on:
            assert not each.done()
            each.cancel()
        await caches[0].keep(FACT, "a-scope", ("after",), "shared again")
        found = await caches[1].recall(FACT, "a-scope", ("after",))
        assert found is not None

    over_redis(course, seconds=60)


def test_a_frozen_redis_gives_nobody_anothers_answer_when_it_thaws(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def course(redis: RedisServer, one: Shared, _: Shared) -> None:
        names = [one.name("note", str(number)) for number in range(20)]
        for number, name in enumerate(names):
            await one.put(name, str(number).encode(), 60)
        redis.freeze()
        wait_for_redis(PATIENCE, monkeypatch)
        cut_off = await asyncio.gather(*(one.get(name) for name in names))
        wait_for_redis(TOO_LONG, monkeypatch)
        redis.thaw()
        assert set(cut_off) == {None}
        await until(lambda: not one.degraded)
        found = await asyncio.gather(*(one.get(name) for name in names))
        assert found == [str(number).encode() for number in range(20)]

    over_redis(course)


@pytest.mark.parametrize("patiences", [1.05, 1.25, 1.45, 2])
def test_a_busy_event_loop_is_not_taken_for_a_lost_redis(
    patiences: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The last look is short because what it looks for is there: on a busy machine it takes longer.
    monkeypatch.setattr("providers.kit.shared.redis_connection.LAST_LOOK", 2)

    async def course(_: RedisServer, one: Shared, __: Shared) -> None:
        name = one.name("note")
        await one.put(name, b"content", 60)
        wait_for_redis(PATIENCE, monkeypatch)
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
                await gate.learn()  # asked after all that was told to Redis before
                everything = redis.everything()
                assert everything.count(b"trophycase:1:") >= 4
                for secret in (*SECRETS, scope, "somebody", "a fact"):
                    assert secret.encode() not in everything
            gate.forgive()

    over_redis(course)
