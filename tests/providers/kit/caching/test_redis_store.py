"""Two processes on one Redis: one memory behind both, and one flight for both."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from providers.errors import NotFound, Private, RateLimited, TimedOut, Unavailable
from providers.kit.caching.cache import Cache
from providers.kit.caching.cached import Cached
from providers.kit.caching.policy import CachePolicy
from providers.kit.rate_limiting.caller_quota import CallerQuotaExceeded
from providers.kit.request_context import get_current
from providers.kit.shared.lease import LEASE_TTL
from providers.records import Title, TitlePage
from tests.providers.kit.redis_server import RedisServer, run_redis_server
from tests.providers.kit.simulated_processes import (
    open_stores,
    run_scenario,
    start_request,
    wait_until,
)

PAGE = TitlePage(titles=(Title(native_id="NPWR00001_00", name="A title"),), total=1)
TITLES: CachePolicy[TitlePage] = CachePolicy(
    "PSN.titles", TitlePage, max_age=60, stale_while_revalidate=120, stale_if_error=600
)
EXPIRED = replace(TITLES, max_age=0, stale_while_revalidate=0)
SCOPE, KEY = "a-scope", ("somebody",)


class FakeSource:
    """A source that counts its calls, and answers when it is let."""

    def __init__(self, error: Exception | None = None, *, released: bool = True) -> None:
        self.calls = 0
        self.error = error
        self.released = asyncio.Event()
        if released:
            self.released.set()

    async def __call__(self) -> TitlePage:
        self.calls += 1
        await self.released.wait()
        if self.error is not None:
            raise self.error
        return PAGE


def make_blocked_source(error: Exception | None = None) -> FakeSource:
    """One that answers nobody yet."""
    return FakeSource(error, released=False)


def run_with_redis(
    scenario: Callable[[RedisServer, Cache, Cache], Awaitable[None]], seconds: float = 10
) -> None:
    with run_redis_server() as redis:

        async def run() -> None:
            async with open_stores(redis.url) as (one, two):
                await wait_until(lambda: redis.count_subscribers() == 2)
                await scenario(redis, Cache(shared_store=one), Cache(shared_store=two))

        run_scenario(run, seconds)


def make_lookup(
    cache: Cache, source: FakeSource, policy: CachePolicy[TitlePage] = TITLES
) -> Callable[[], Awaitable[Cached[TitlePage]]]:
    return lambda: cache.get_or_load(policy, SCOPE, KEY, source)


async def wait_for_writes(cache: Cache) -> None:
    """Be back when Redis has all that this process has told it: what is asked comes after it."""
    assert await cache.get(TITLES, "nobody", ("nothing",)) is None


def advance_clock(seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make everything that is remembered older."""
    before = time.time
    monkeypatch.setattr(time, "time", lambda: before() + seconds)


def test_an_entry_loaded_by_one_process_is_cached_for_the_other() -> None:
    async def scenario(_: RedisServer, one: Cache, two: Cache) -> None:
        source = FakeSource()
        first, _operation = await start_request(make_lookup(one, source))
        await wait_for_writes(one)
        second, operation = await start_request(make_lookup(two, source))
        assert (second.value, source.calls) == (PAGE, 1)
        assert abs((second.fetched_at - first.fetched_at).total_seconds()) < 0.001
        assert operation.build_summary() == {"calls": {}, "cached": 1, "coalesced": 0}

    run_with_redis(scenario)


def test_concurrent_lookups_in_two_processes_cost_one_call(followers: list[str]) -> None:
    async def scenario(redis: RedisServer, one: Cache, two: Cache) -> None:
        source = make_blocked_source()
        before = redis.count_commands()
        asked = [
            start_request(make_lookup(cache, source)) for _ in range(50) for cache in (one, two)
        ]
        await wait_until(lambda: source.calls and followers)
        source.released.set()
        answers = await asyncio.gather(*asked)
        assert source.calls == 1
        assert {answer.value for answer, _ in answers} == {PAGE}
        assert sum(operation.coalesced_count for _, operation in answers) == 99
        assert redis.count_commands() - before < 60

    run_with_redis(scenario)


def test_scopes_are_separate_unless_the_policy_is_shared() -> None:
    async def scenario(_: RedisServer, one: Cache, two: Cache) -> None:
        source = FakeSource()
        await one.get_or_load(TITLES, "first", KEY, source)
        await two.get_or_load(TITLES, "second", KEY, source)
        assert source.calls == 2
        public = replace(TITLES, name="PSN.public", public=True)
        await one.get_or_load(public, "first", KEY, source)
        await two.get_or_load(public, "second", KEY, source)
        assert source.calls == 3

    run_with_redis(scenario)


def test_a_not_found_is_shared_with_its_message() -> None:
    async def scenario(_: RedisServer, one: Cache, two: Cache) -> None:
        source = FakeSource(NotFound("Nobody of that name.", source="PSN"))
        for cache in (one, two):
            with pytest.raises(NotFound, match=r"Nobody of that name\.") as told:
                await cache.get_or_load(TITLES, SCOPE, KEY, source)
            assert told.value.source == "PSN"
        assert source.calls == 1

    run_with_redis(scenario)


def test_an_error_reaches_followers_in_other_processes(followers: list[str]) -> None:
    async def scenario(_: RedisServer, one: Cache, two: Cache) -> None:
        source = make_blocked_source(RateLimited("Wait.", source="PSN", retry_after=7))
        asked = [start_request(make_lookup(cache, source)) for cache in (one, two)]
        await wait_until(lambda: source.calls and followers)
        source.released.set()
        errors = await asyncio.gather(*asked, return_exceptions=True)
        assert [type(error) for error in errors] == [RateLimited, RateLimited]
        assert source.calls == 1
        with pytest.raises(RateLimited):
            await two.get_or_load(TITLES, SCOPE, KEY, source)
        assert source.calls == 2  # who asks later is not told of what went wrong before

    run_with_redis(scenario)


def test_another_process_takes_over_when_the_leader_stops_its_heartbeat() -> None:
    async def scenario(redis: RedisServer, one: Cache, two: Cache) -> None:
        hung, source = make_blocked_source(), FakeSource()
        lost = start_request(make_lookup(one, hung))
        await wait_until(lambda: hung.calls)
        # The process is gone as if it had been killed: it neither answers nor says goodbye.
        for task in asyncio.all_tasks():
            if "_send_heartbeats" in repr(task):
                task.cancel()
        answer, _operation = await start_request(make_lookup(two, source), seconds=8)
        assert (answer.value, source.calls) == (PAGE, 1)
        assert redis.count_commands() < 500
        lost.cancel()

    run_with_redis(scenario)


def test_a_slow_leader_is_waited_for_while_it_sends_heartbeats() -> None:
    async def scenario(_: RedisServer, one: Cache, two: Cache) -> None:
        source = make_blocked_source()
        asyncio.get_running_loop().call_later(LEASE_TTL + 1, source.released.set)
        await asyncio.gather(*(start_request(make_lookup(cache, source)) for cache in (one, two)))
        assert source.calls == 1

    run_with_redis(scenario)


def test_a_leader_over_quota_does_not_fail_its_followers(followers: list[str]) -> None:
    async def scenario(_: RedisServer, one: Cache, two: Cache) -> None:
        refusing = make_blocked_source(CallerQuotaExceeded("Spent.", source="PSN", retry_after=9))
        answering = FakeSource()
        asked = [start_request(make_lookup(one, refusing))]
        await wait_until(lambda: refusing.calls)
        asked += [start_request(make_lookup(each, answering)) for each in (one, two)]
        await wait_until(lambda: followers)
        refusing.released.set()
        spent, *others = await asyncio.gather(*asked, return_exceptions=True)
        assert isinstance(spent, CallerQuotaExceeded)
        assert not any(isinstance(other, BaseException) for other in others)
        assert (refusing.calls, answering.calls) == (1, 1)

    run_with_redis(scenario)


def test_a_background_revalidation_is_shared_by_all_processes(
    followers: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario(_: RedisServer, one: Cache, two: Cache) -> None:
        source = FakeSource()
        for cache in (one, two):
            await cache.get_or_load(TITLES, SCOPE, KEY, source)
            await wait_for_writes(cache)
        advance_clock(TITLES.max_age, monkeypatch)
        source.released.clear()
        for cache in (one, two) * 5:
            answer, operation = await start_request(make_lookup(cache, source))
            assert (answer.value, operation.cached_count) == (PAGE, 1)
        await wait_until(lambda: source.calls > 1 and followers)
        source.released.set()
        await wait_until(lambda: all(cache.peek(TITLES, SCOPE, KEY) for cache in (one, two)))
        assert source.calls == 2

    run_with_redis(scenario)


def test_a_stale_entry_of_another_process_is_served_when_the_source_fails() -> None:
    async def scenario(_: RedisServer, one: Cache, two: Cache) -> None:
        await one.get_or_load(EXPIRED, SCOPE, KEY, FakeSource())
        await wait_for_writes(one)
        answer = await two.get_or_load(EXPIRED, SCOPE, KEY, FakeSource(Unavailable("Down.")))
        assert (answer.value, answer.stale) == (PAGE, True)

    run_with_redis(scenario)


def test_concurrent_cache_bypasses_share_one_load(followers: list[str]) -> None:
    async def scenario(_: RedisServer, one: Cache, two: Cache) -> None:
        source = FakeSource()
        for cache in (one, two):
            await cache.get_or_load(TITLES, SCOPE, KEY, source)
            await wait_for_writes(cache)
        source.released.clear()
        asked = [
            start_request(make_lookup(cache, source), bypass_cache=True) for cache in (one, two)
        ]
        await wait_until(lambda: source.calls > 1 and followers)
        source.released.set()
        await asyncio.gather(*asked)
        assert source.calls == 2
        _answer, operation = await start_request(make_lookup(two, source))
        assert (source.calls, operation.cached_count) == (2, 1)

    run_with_redis(scenario)


def test_a_stored_entry_is_read_by_another_process() -> None:
    async def scenario(_: RedisServer, one: Cache, two: Cache) -> None:
        texts: CachePolicy[str] = CachePolicy("server.query", str, max_age=60, public=True)
        assert await two.get(texts, "", ("hash",)) is None
        await one.set(texts, "", ("hash",), "{ sources { name } }")
        found = await two.get(texts, "", ("hash",))
        assert found is not None
        assert found.value == "{ sources { name } }"
        assert two.peek(texts, "", ("hash",)) == found

    run_with_redis(scenario)


def test_an_invalidation_reaches_all_processes() -> None:
    async def scenario(_: RedisServer, one: Cache, two: Cache) -> None:
        source = FakeSource()
        for cache in (one, two):
            await cache.get_or_load(TITLES, SCOPE, KEY, source)
        one.invalidate(TITLES, SCOPE, KEY)
        await wait_until(lambda: two.peek(TITLES, SCOPE, KEY) is None)
        await two.get_or_load(TITLES, SCOPE, KEY, source)
        assert source.calls == 2

    run_with_redis(scenario)


def test_a_load_started_before_an_invalidation_is_not_cached() -> None:
    async def scenario(_: RedisServer, one: Cache, two: Cache) -> None:
        source, later = make_blocked_source(), ("somebody-else",)
        await one.set(TITLES, SCOPE, later, PAGE)
        asked = start_request(make_lookup(one, source))
        await wait_until(lambda: source.calls)
        for key in (KEY, later):
            two.invalidate(TITLES, SCOPE, key)
        await wait_until(lambda: one.peek(TITLES, SCOPE, later) is None)  # and so has heard of both
        source.released.set()
        await asked
        for cache in (one, two):
            assert await cache.get(TITLES, SCOPE, KEY) is None

    run_with_redis(scenario)


def test_a_local_policy_is_never_written_to_redis() -> None:
    async def scenario(redis: RedisServer, one: Cache, two: Cache) -> None:
        source = FakeSource()
        talk = replace(TITLES, name="PSN.talk", process_local=True)
        await one.get_or_load(talk, SCOPE, KEY, source)
        await one.set(talk, SCOPE, ("other",), PAGE)
        one.set_nowait(talk, SCOPE, ("third",), PAGE)
        await wait_for_writes(one)
        assert await two.get(talk, SCOPE, ("other",)) is None
        await two.get_or_load(talk, SCOPE, KEY, source)
        assert source.calls == 2
        assert b"PSN.talk" not in redis.dump_all()

    run_with_redis(scenario)


def test_an_entry_of_another_type_shape_is_ignored() -> None:
    async def scenario(_: RedisServer, one: Cache, two: Cache) -> None:
        await one.set(TITLES, SCOPE, KEY, PAGE)
        changed: CachePolicy[Title] = CachePolicy("PSN.titles", Title, max_age=60)
        assert await two.get(changed, SCOPE, KEY) is None

    run_with_redis(scenario)


def test_a_server_with_other_secrets_shares_nothing() -> None:
    with run_redis_server() as redis:

        async def scenario() -> None:
            async with (
                open_stores(redis.url, 1) as (one,),
                open_stores(redis.url, 1, ("other",)) as (two,),
            ):
                await Cache(shared_store=one).set(TITLES, SCOPE, KEY, PAGE)
                assert await Cache(shared_store=two).get(TITLES, SCOPE, KEY) is None
                # Not even what it finds under its own name.
                name = two.build_key("note")
                await one.set(name, b"content", 60)
                assert (await one.get(name), await two.get(name)) == (b"content", None)

        run_scenario(scenario)


def test_keys_and_values_in_redis_are_unreadable() -> None:
    async def scenario(redis: RedisServer, one: Cache, _: Cache) -> None:
        await one.get_or_load(TITLES, "scope-of-a-credential", ("a-handle",), FakeSource())
        await wait_for_writes(one)
        everything = redis.dump_all()
        assert b"trophycase:1:PSN.titles:" in everything
        for private in (b"scope-of-a-credential", b"a-handle", b"NPWR00001_00", b"A title"):
            assert private not in everything

    run_with_redis(scenario)


def test_a_follower_times_out_at_its_own_deadline_and_the_others_do_not() -> None:
    async def scenario(_: RedisServer, one: Cache, two: Cache) -> None:
        source = make_blocked_source()
        leader = start_request(make_lookup(one, source), seconds=20)
        await wait_until(lambda: source.calls)
        async with asyncio.timeout(5):  # a flight as such has ten seconds
            with pytest.raises(TimedOut):
                await start_request(make_lookup(two, source), seconds=0.3)
        assert not leader.done()
        source.released.set()
        assert (await leader)[0].value == PAGE
        assert (await start_request(make_lookup(two, source)))[0].value == PAGE
        assert source.calls == 1

    run_with_redis(scenario, seconds=30)


def test_a_load_has_its_own_deadline() -> None:
    async def scenario(_: RedisServer, one: Cache, __: Cache) -> None:
        remaining: list[float] = []

        async def load() -> TitlePage:
            remaining.append(get_current().get_remaining_seconds())
            return PAGE

        await start_request(lambda: one.get_or_load(TITLES, SCOPE, KEY, load), seconds=5)
        assert remaining[0] > 6

    run_with_redis(scenario)


def test_a_cache_bypass_renews_the_entry_in_all_processes() -> None:
    async def scenario(_: RedisServer, one: Cache, two: Cache) -> None:
        source = FakeSource()
        for cache in (one, two):
            await start_request(make_lookup(cache, source))
        await start_request(make_lookup(two, source), bypass_cache=True)
        await wait_until(lambda: one.peek(TITLES, SCOPE, KEY) is None)
        answers = [(await start_request(make_lookup(cache, source)))[0] for cache in (one, two)]
        assert source.calls == 2
        assert abs((answers[0].fetched_at - answers[1].fetched_at).total_seconds()) < 0.001

    run_with_redis(scenario)


def test_a_stale_entry_is_not_served_when_another_process_has_renewed_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def scenario(_: RedisServer, one: Cache, two: Cache) -> None:
        source = FakeSource()
        first, _operation = await start_request(make_lookup(one, source))
        advance_clock(TITLES.max_age, monkeypatch)
        _answer, operation = await start_request(
            make_lookup(two, source, replace(TITLES, stale_while_revalidate=0))
        )
        await wait_for_writes(two)
        second, _operation = await start_request(make_lookup(one, source))
        assert operation.cached_count == 0
        assert second.fetched_at > first.fetched_at
        assert source.calls == 2

    run_with_redis(scenario)


def test_a_redis_restart_keeps_entries_in_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("providers.kit.shared.invalidation.RECONNECT_SECONDS", 0.1)

    async def scenario(redis: RedisServer, one: Cache, two: Cache) -> None:
        source, written = (
            FakeSource(),
            replace(TITLES, name="PSN.written", invalidated_by_writes=True),
        )
        for cache in (one, two):
            await cache.get_or_load(TITLES, SCOPE, KEY, source)
            await cache.get_or_load(written, SCOPE, KEY, source)
        redis.kill()
        redis.start()
        for cache in (one, two):
            # What a change elsewhere may have made untrue meanwhile is asked for again.
            await wait_until(lambda cache=cache: cache.peek(written, SCOPE, KEY) is None)
            assert cache.peek(TITLES, SCOPE, KEY) is not None

    run_with_redis(scenario, seconds=30)


def test_a_revalidation_is_counted_in_the_request_that_started_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("providers.kit.request_context.REVALIDATION_WAIT_SECONDS", 60)

    async def scenario(_: RedisServer, one: Cache, two: Cache) -> None:
        source = FakeSource()

        async def load() -> TitlePage:
            get_current().count_call("PSN")
            return await source()

        async def look_up(cache: Cache) -> None:
            await cache.get_or_load(replace(TITLES, max_age=0), SCOPE, KEY, load)
            async with asyncio.timeout(10):
                await get_current().wait_for_revalidations()

        await start_request(lambda: look_up(one))
        await wait_for_writes(one)
        source.released.clear()  # so that it has asked, and is not answered
        _answer, operation = await start_request(lambda: look_up(two))
        assert operation.build_summary() == {"calls": {"PSN": 1}, "cached": 1, "coalesced": 0}

    run_with_redis(scenario)


@pytest.mark.parametrize(
    "error", [Private("Not for you."), RateLimited("Wait.", retry_after=3600)], ids=["no", "wait"]
)
def test_a_refusal_of_one_scope_is_loaded_again_for_another(
    error: Exception, followers: list[str]
) -> None:
    async def scenario(_redis: RedisServer, one: Cache, two: Cache) -> None:
        public = replace(TITLES, name="PSN.public", public=True)
        refusing, allowing = make_blocked_source(error), FakeSource()
        refused = asyncio.create_task(one.get_or_load(public, "first", KEY, refusing))
        await wait_until(lambda: refusing.calls)
        asked = [
            start_request(lambda cache=cache: cache.get_or_load(public, "second", KEY, allowing))
            for cache in (two, one)
        ]
        await wait_until(lambda: followers)
        refusing.released.set()
        answers = await asyncio.gather(*asked)
        assert [answer.value for answer, _ in answers] == [PAGE, PAGE]
        with pytest.raises(type(error)):
            await refused
        assert (refusing.calls, allowing.calls) == (1, 1)

    run_with_redis(scenario)
