"""What was fetched with a rejected credential is not served any more, in any process."""

import asyncio

from providers.kit.caching.cache import Cache
from providers.kit.shared.shared_store import SharedStore
from tests.providers.kit.caching.two_caches import (
    KEY,
    PAGE,
    SCOPE,
    TITLES,
    FakeSource,
    make_blocked_source,
    make_lookup,
    run_with_redis,
    wait_for_writes,
)
from tests.providers.kit.redis_server import RedisServer
from tests.providers.kit.simulated_processes import open_stores, wait_until


async def is_rejected_in_redis(redis: RedisServer) -> bool:
    """Return whether a process that starts now finds nothing."""
    async with open_stores(redis.url, 1) as (store,):
        return await Cache(shared_store=store).get(TITLES, SCOPE, KEY) is None


def test_a_rejection_empties_the_scope_in_all_processes() -> None:
    """Holds that a withdrawn credential finds nothing: not here, not elsewhere, not in Redis."""

    async def scenario(redis: RedisServer, one: Cache, two: Cache) -> None:
        await make_lookup(one, FakeSource())()
        await wait_for_writes(one)
        await make_lookup(two, FakeSource())()
        assert two.peek(TITLES, SCOPE, KEY) is not None
        one.invalidate_scope(SCOPE)
        assert one.peek(TITLES, SCOPE, KEY) is None
        await wait_until(lambda: two.peek(TITLES, SCOPE, KEY) is None)
        assert await one.get(TITLES, SCOPE, KEY) is None
        assert await two.get(TITLES, SCOPE, KEY) is None
        await wait_until(lambda: is_rejected_in_redis(redis))

    run_with_redis(scenario)


def test_what_is_fetched_after_a_rejection_is_cached_again() -> None:
    async def scenario(redis: RedisServer, one: Cache, two: Cache) -> None:
        await make_lookup(one, FakeSource())()
        await wait_for_writes(one)
        one.invalidate_scope(SCOPE)
        await wait_until(lambda: is_rejected_in_redis(redis))
        source = FakeSource()
        assert (await make_lookup(one, source)()).value == PAGE
        await wait_for_writes(one)
        assert (await make_lookup(two, source)()).value == PAGE
        assert source.calls == 1

    run_with_redis(scenario)


def test_other_scopes_keep_their_entries() -> None:
    async def scenario(_redis: RedisServer, one: Cache, _two: Cache) -> None:
        await make_lookup(one, FakeSource())()
        one.invalidate_scope("another-scope")
        assert one.peek(TITLES, SCOPE, KEY) is not None

    run_with_redis(scenario)


def test_an_invented_scope_leaves_nothing_in_redis() -> None:
    """Holds that anyone's invented credentials do not fill Redis."""

    async def scenario(redis: RedisServer, one: Cache, _two: Cache) -> None:
        await wait_for_writes(one)
        reads = redis.count_calls("getrange")
        one.invalidate_scope("an-invented-scope")
        await wait_until(lambda: redis.count_calls("getrange") > reads)
        await wait_for_writes(one)
        assert redis.count_calls("set") == 0

    run_with_redis(scenario)


def test_a_load_that_was_running_is_not_stored() -> None:
    """Holds that a response which arrives after the rejection does not bring the scope back."""

    async def scenario() -> None:
        cache, source = Cache(shared_store=SharedStore()), make_blocked_source()
        lookup = asyncio.ensure_future(make_lookup(cache, source)())
        await wait_until(lambda: source.calls)
        cache.invalidate_scope(SCOPE)
        source.released.set()
        await lookup
        assert cache.peek(TITLES, SCOPE, KEY) is None

    asyncio.run(scenario())
