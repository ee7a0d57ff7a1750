"""Two processes on one Redis: entries that one stores, the other reads."""

from dataclasses import replace

import pytest

from providers.errors import NotFound, Unavailable
from providers.kit.caching.cache import Cache
from providers.kit.caching.policy import CachePolicy
from providers.records import Title
from tests.providers.kit.caching.two_caches import (
    EXPIRED,
    KEY,
    PAGE,
    SCOPE,
    TITLES,
    FakeSource,
    advance_clock,
    make_blocked_source,
    make_lookup,
    run_with_redis,
    wait_for_writes,
)
from tests.providers.kit.redis_server import RedisServer, run_redis_server
from tests.providers.kit.simulated_processes import (
    open_stores,
    run_scenario,
    start_request,
    wait_until,
)


def test_an_entry_loaded_by_one_process_is_cached_for_the_other() -> None:
    async def scenario(_: RedisServer, one: Cache, two: Cache) -> None:
        source = FakeSource()
        first, _context = await start_request(make_lookup(one, source))
        await wait_for_writes(one)
        second, context = await start_request(make_lookup(two, source))
        assert (second.value, source.calls) == (PAGE, 1)
        assert abs((second.fetched_at - first.fetched_at).total_seconds()) < 0.001
        assert context.build_summary() == {"calls": {}, "cached": 1, "coalesced": 0}

    run_with_redis(scenario)


def test_scopes_are_separate_unless_the_policy_is_public() -> None:
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
        source = FakeSource(NotFound("No such account.", source="PSN"))
        for cache in (one, two):
            with pytest.raises(NotFound, match=r"No such account\.") as error:
                await cache.get_or_load(TITLES, SCOPE, KEY, source)
            assert error.value.source == "PSN"
        assert source.calls == 1

    run_with_redis(scenario)


def test_a_stale_entry_of_another_process_is_served_when_the_source_fails() -> None:
    async def scenario(_: RedisServer, one: Cache, two: Cache) -> None:
        await one.get_or_load(EXPIRED, SCOPE, KEY, FakeSource())
        await wait_for_writes(one)
        cached = await two.get_or_load(EXPIRED, SCOPE, KEY, FakeSource(Unavailable("Down.")))
        assert (cached.value, cached.stale) == (PAGE, True)

    run_with_redis(scenario)


def test_a_stored_entry_is_read_by_another_process() -> None:
    async def scenario(_: RedisServer, one: Cache, two: Cache) -> None:
        texts: CachePolicy[str] = CachePolicy("server.query", str, max_age=60, public=True)
        assert await two.get(texts, "", ("hash",)) is None
        await one.set(texts, "", ("hash",), "{ sources { name } }")
        cached = await two.get(texts, "", ("hash",))
        assert cached is not None
        assert cached.value == "{ sources { name } }"
        assert two.peek(texts, "", ("hash",)) == cached

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
        source, other_key = make_blocked_source(), ("another-handle",)
        await one.set(TITLES, SCOPE, other_key, PAGE)
        request = start_request(make_lookup(one, source))
        await wait_until(lambda: source.calls)
        for key in (KEY, other_key):
            two.invalidate(TITLES, SCOPE, key)
        # The second of two messages has arrived, and so has the first.
        await wait_until(lambda: one.peek(TITLES, SCOPE, other_key) is None)
        source.released.set()
        await request
        for cache in (one, two):
            assert await cache.get(TITLES, SCOPE, KEY) is None

    run_with_redis(scenario)


def test_a_process_local_policy_is_never_written_to_redis() -> None:
    async def scenario(redis: RedisServer, one: Cache, two: Cache) -> None:
        source = FakeSource()
        local = replace(TITLES, name="PSN.local", process_local=True)
        await one.get_or_load(local, SCOPE, KEY, source)
        await one.set(local, SCOPE, ("other",), PAGE)
        one.set_nowait(local, SCOPE, ("third",), PAGE)
        await wait_for_writes(one)
        assert await two.get(local, SCOPE, ("other",)) is None
        await two.get_or_load(local, SCOPE, KEY, source)
        assert source.calls == 2
        assert b"PSN.local" not in redis.dump_all()

    run_with_redis(scenario)


def test_an_entry_of_another_type_is_ignored() -> None:
    async def scenario(_: RedisServer, one: Cache, two: Cache) -> None:
        await one.set(TITLES, SCOPE, KEY, PAGE)
        changed: CachePolicy[Title] = CachePolicy("PSN.titles", Title, max_age=60)
        assert await two.get(changed, SCOPE, KEY) is None

    run_with_redis(scenario)


def test_a_server_with_another_secret_shares_nothing() -> None:
    with run_redis_server() as redis:

        async def scenario() -> None:
            async with (
                open_stores(redis.url, 1) as (one,),
                open_stores(redis.url, 1, b"another secret") as (two,),
            ):
                await Cache(shared_store=one).set(TITLES, SCOPE, KEY, PAGE)
                assert await Cache(shared_store=two).get(TITLES, SCOPE, KEY) is None
                # It cannot read a value of the other server under its own key either.
                name = two.build_key("note")
                await one.set(name, b"content", 60)
                assert (await one.get(name), await two.get(name)) == (b"content", None)

        run_scenario(scenario)


def test_keys_and_values_in_redis_are_unreadable() -> None:
    async def scenario(redis: RedisServer, one: Cache, _: Cache) -> None:
        await one.get_or_load(TITLES, "scope-of-a-credential", ("a-handle",), FakeSource())
        await wait_for_writes(one)
        content = redis.dump_all()
        assert b"trophycase:2:PSN.titles:" in content
        for private in (b"scope-of-a-credential", b"a-handle", b"NPWR00001_00", b"A title"):
            assert private not in content

    run_with_redis(scenario)


def test_a_cache_bypass_renews_the_entry_in_all_processes() -> None:
    async def scenario(_: RedisServer, one: Cache, two: Cache) -> None:
        source = FakeSource()
        for cache in (one, two):
            await start_request(make_lookup(cache, source))
        await start_request(make_lookup(two, source), bypass_cache=True)
        await wait_until(lambda: one.peek(TITLES, SCOPE, KEY) is None)
        values = [(await start_request(make_lookup(cache, source)))[0] for cache in (one, two)]
        assert source.calls == 2
        assert abs((values[0].fetched_at - values[1].fetched_at).total_seconds()) < 0.001

    run_with_redis(scenario)


def test_a_stale_entry_is_not_served_when_another_process_has_renewed_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def scenario(_: RedisServer, one: Cache, two: Cache) -> None:
        source = FakeSource()
        first, _context = await start_request(make_lookup(one, source))
        advance_clock(TITLES.max_age, monkeypatch)
        _cached, context = await start_request(
            make_lookup(two, source, replace(TITLES, stale_while_revalidate=0))
        )
        await wait_for_writes(two)
        second, _context = await start_request(make_lookup(one, source))
        assert context.cached_count == 0
        assert second.fetched_at > first.fetched_at
        assert source.calls == 2

    run_with_redis(scenario)


@pytest.mark.slow
def test_a_redis_restart_keeps_entries_in_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("providers.kit.shared.redis_subscriber.RECONNECT_SECONDS", 0.1)

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
            # An invalidation may have been missed, so values that a write may change are deleted.
            await wait_until(lambda cache=cache: cache.peek(written, SCOPE, KEY) is None)
            assert cache.peek(TITLES, SCOPE, KEY) is not None

    run_with_redis(scenario, seconds=30)
