"""The cache in one process: single flight, stale values, scopes, languages, invalidation."""

import asyncio
import gc
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any
from weakref import ReferenceType, ref

import pytest

from providers.errors import BadInput, NotFound, Private, TimedOut, Unavailable, UpstreamFailed
from providers.kit.caching.cache import Cache
from providers.kit.caching.cached import Cached
from providers.kit.caching.policy import CachePolicy
from providers.kit.language import DEFAULT_LANGUAGE
from providers.kit.request_context import RequestContext, set_current
from tests.providers.kit.simulated_processes import wait_until

POLICY: CachePolicy[str] = CachePolicy("SOURCE.value", str, max_age=60, stale_if_error=600)
EXPIRED_AT_ONCE = replace(POLICY, max_age=0, stale_if_error=0)
STALE_AT_ONCE = replace(POLICY, max_age=0, stale_while_revalidate=60, stale_if_error=0)
STALE_IF_ERROR = replace(POLICY, max_age=0, stale_if_error=600)


class FakeSource:
    """Counts its loads, and returns or raises one result after the other once it is released."""

    def __init__(self, *results: object) -> None:
        self.results = results
        self.calls = 0
        self.released = asyncio.Event()
        self.released.set()

    async def __call__(self) -> str:
        self.calls += 1
        result = self.results[min(self.calls, len(self.results)) - 1]
        await self.released.wait()
        if isinstance(result, Exception):
            raise result
        return str(result)


def run_scenario(scenario: Callable[[Cache], Awaitable[None]]) -> None:
    async def run_in_context() -> None:
        set_current(RequestContext(deadline=time.monotonic() + 30))
        await scenario(Cache())

    asyncio.run(run_in_context())


async def load_value(
    cache: Cache, source: FakeSource, policy: CachePolicy[str] = POLICY, scope: str = "me"
) -> str:
    return (await cache.get_or_load(policy, scope, ("key",), source)).value


async def let_tasks_run() -> None:
    """Run the other tasks until all of them wait."""
    for _ in range(20):
        await asyncio.sleep(0)


def test_a_fresh_entry_is_loaded_once() -> None:
    async def scenario(cache: Cache) -> None:
        source = FakeSource("one", "two")

        assert [await load_value(cache, source) for _ in range(5)] == ["one"] * 5
        assert source.calls == 1

    run_scenario(scenario)


def test_a_finished_load_leaves_nothing_to_the_garbage_collector() -> None:
    tasks: list[ReferenceType[object]] = []

    async def load() -> str:
        tasks.append(ref(asyncio.current_task()))
        return "value"

    async def scenario(cache: Cache) -> None:
        gc.disable()
        try:
            await cache.get_or_load(POLICY, "me", ("key",), load)
            await let_tasks_run()
            assert [each() for each in tasks] == [None]
        finally:
            gc.enable()

    run_scenario(scenario)


def test_an_expired_entry_is_loaded_again() -> None:
    async def scenario(cache: Cache) -> None:
        source = FakeSource("one", "two")

        assert [await load_value(cache, source, EXPIRED_AT_ONCE) for _ in range(2)] == [
            "one",
            "two",
        ]

    run_scenario(scenario)


@pytest.mark.slow
def test_ten_thousand_callers_share_one_load() -> None:
    async def scenario(cache: Cache) -> None:
        source = FakeSource("one", "two")
        source.released.clear()
        callers = [asyncio.create_task(load_value(cache, source)) for _ in range(10_000)]
        await let_tasks_run()
        source.released.set()

        assert set(await asyncio.gather(*callers)) == {"one"}
        assert source.calls == 1

    run_scenario(scenario)


def test_followers_get_the_result_when_the_leader_is_cancelled() -> None:
    async def scenario(cache: Cache) -> None:
        source = FakeSource("one")
        source.released.clear()
        leader, *followers = [asyncio.create_task(load_value(cache, source)) for _ in range(5)]
        await let_tasks_run()
        leader.cancel()
        followers[1].cancel()
        await let_tasks_run()
        source.released.set()

        results = await asyncio.gather(leader, *followers, return_exceptions=True)

        assert isinstance(results[0], asyncio.CancelledError)
        assert isinstance(results[2], asyncio.CancelledError)
        assert [results[1], *results[3:]] == ["one"] * 3
        assert source.calls == 1

    run_scenario(scenario)


def test_a_failure_reaches_all_waiters_and_is_not_cached() -> None:
    async def scenario(cache: Cache) -> None:
        source = FakeSource(Unavailable("down"), "two")
        source.released.clear()
        callers = [asyncio.create_task(load_value(cache, source)) for _ in range(3)]
        await let_tasks_run()
        source.released.set()

        results = await asyncio.gather(*callers, return_exceptions=True)

        assert {type(result) for result in results} == {Unavailable}
        assert await load_value(cache, source) == "two"

    run_scenario(scenario)


def test_a_stale_entry_is_served_while_one_load_revalidates_it() -> None:
    async def scenario(cache: Cache) -> None:
        source = FakeSource("one", "two", "three")
        await load_value(cache, source, STALE_AT_ONCE)
        source.released.clear()

        served = [await load_value(cache, source, STALE_AT_ONCE) for _ in range(4)]
        source.released.set()
        await let_tasks_run()

        assert served == ["one"] * 4
        assert source.calls == 2
        assert await load_value(cache, source, POLICY) == "two"

    run_scenario(scenario)


def test_a_failed_revalidation_keeps_the_stale_entry() -> None:
    async def scenario(cache: Cache) -> None:
        source = FakeSource("one", Unavailable("down"))
        await load_value(cache, source, STALE_AT_ONCE)
        await load_value(cache, source, STALE_AT_ONCE)
        await let_tasks_run()

        assert await load_value(cache, source, POLICY) == "one"

    run_scenario(scenario)


def test_an_expired_entry_is_served_marked_stale_when_the_source_fails() -> None:
    async def scenario(cache: Cache) -> None:
        source = FakeSource("one", Unavailable("down"))
        first = await cache.get_or_load(STALE_IF_ERROR, "me", ("key",), source)

        second = await cache.get_or_load(STALE_IF_ERROR, "me", ("key",), source)

        assert (first.stale, second.stale) == (False, True)
        assert (second.value, second.fetched_at) == ("one", first.fetched_at)

    run_scenario(scenario)


@pytest.mark.parametrize("policy", [EXPIRED_AT_ONCE, replace(STALE_IF_ERROR, stale_if_error=0)])
def test_an_entry_past_stale_if_error_is_not_served(policy: CachePolicy[str]) -> None:
    async def scenario(cache: Cache) -> None:
        source = FakeSource("one", Unavailable("down"))
        await load_value(cache, source, policy)

        with pytest.raises(Unavailable):
            await load_value(cache, source, policy)

    run_scenario(scenario)


@pytest.mark.parametrize("error", [BadInput("no", argument="x"), KeyError("bug")])
def test_a_caller_error_or_bug_is_never_replaced_by_a_stale_entry(error: Exception) -> None:
    async def scenario(cache: Cache) -> None:
        source = FakeSource("one", error)
        await load_value(cache, source, STALE_IF_ERROR)

        with pytest.raises(type(error)):
            await load_value(cache, source, STALE_IF_ERROR)

    run_scenario(scenario)


def test_a_not_found_is_cached_and_raised_again() -> None:
    async def scenario(cache: Cache) -> None:
        source = FakeSource(NotFound("No such account.", source="SOURCE"), "an account")
        for _ in range(3):
            with pytest.raises(NotFound, match="No such account"):
                await load_value(cache, source)

        assert source.calls == 1

    run_scenario(scenario)


def test_a_not_found_expires_after_its_negative_ttl() -> None:
    async def scenario(cache: Cache) -> None:
        source = FakeSource(NotFound("No such account."), "an account")
        policy = replace(POLICY, negative_ttl=0)
        with pytest.raises(NotFound):
            await load_value(cache, source, policy)

        assert await load_value(cache, source, policy) == "an account"

    run_scenario(scenario)


def test_a_cached_not_found_is_not_served_when_the_source_fails() -> None:
    async def scenario(cache: Cache) -> None:
        source = FakeSource(NotFound("No such account."), Unavailable("down"))
        policy = replace(STALE_IF_ERROR, negative_ttl=0)
        with pytest.raises(NotFound):
            await load_value(cache, source, policy)
        with pytest.raises(Unavailable):
            await load_value(cache, source, policy)

    run_scenario(scenario)


def test_scopes_have_separate_entries() -> None:
    async def scenario(cache: Cache) -> None:
        mine, yours = FakeSource("mine"), FakeSource("yours")

        assert await load_value(cache, mine, scope="me") == "mine"
        assert await load_value(cache, yours, scope="you") == "yours"
        assert await load_value(cache, FakeSource("another"), scope="me") == "mine"

    run_scenario(scenario)


def test_concurrent_loads_of_different_scopes_are_not_shared() -> None:
    async def scenario(cache: Cache) -> None:
        sources = {scope: FakeSource(scope) for scope in ("me", "you")}
        for source in sources.values():
            source.released.clear()
        tasks = {
            scope: asyncio.create_task(load_value(cache, source, scope=scope))
            for scope, source in sources.items()
        }
        await let_tasks_run()
        for source in sources.values():
            source.released.set()

        assert {scope: await task for scope, task in tasks.items()} == {"me": "me", "you": "you"}

    run_scenario(scenario)


def test_a_public_policy_is_loaded_once_for_all_scopes() -> None:
    async def scenario(cache: Cache) -> None:
        source = FakeSource("one", "two")
        policy = replace(POLICY, public=True)

        assert [await load_value(cache, source, policy, scope) for scope in ("me", "you")] == [
            "one"
        ] * 2

    run_scenario(scenario)


def test_a_localized_policy_is_cached_by_the_language_of_the_source() -> None:
    async def scenario(cache: Cache) -> None:
        source = FakeSource("first", "second", "third")
        cases = ((("de", "en"), ["first", "second", "first"]), ((), ["third"] * 3))
        for languages, expected in cases:
            policy = replace(POLICY, name=f"SOURCE.{len(languages)}", languages=languages)
            values: list[str] = []
            for language in ("de-DE", "en-US", "de-AT"):
                set_current(RequestContext(deadline=time.monotonic() + 30, languages=(language,)))
                values.append(await load_value(cache, source, policy))
            assert values == expected

    run_scenario(scenario)


def test_a_request_without_a_language_uses_the_default_language() -> None:
    async def scenario(cache: Cache) -> None:
        source, policy = FakeSource("once"), replace(POLICY, languages=("de", DEFAULT_LANGUAGE))
        for languages in ((), (DEFAULT_LANGUAGE,)):
            set_current(RequestContext(deadline=time.monotonic() + 30, languages=languages))
            assert await load_value(cache, source, policy) == "once"
        assert source.calls == 1

    run_scenario(scenario)


def test_a_refusal_is_cached_for_the_refused_scope_only() -> None:
    async def scenario(cache: Cache) -> None:
        policy = replace(POLICY, public=True)
        source = FakeSource(Private("Not shown."), "shown")
        for _ in range(2):
            with pytest.raises(Private):
                await load_value(cache, source, policy, "first")
        assert source.calls == 1
        assert await load_value(cache, source, policy, "second") == "shown"
        assert await load_value(cache, source, policy, "first") == "shown"
        assert source.calls == 2

    run_scenario(scenario)


@pytest.mark.parametrize("stale", [0, 60])
def test_a_refusal_replaces_the_public_entry_for_the_refused_scope(stale: float) -> None:
    async def scenario(cache: Cache) -> None:
        policy = replace(POLICY, max_age=0, stale_while_revalidate=stale, public=True)
        source = FakeSource("known", NotFound("Gone."), "known again")
        await load_value(cache, source, policy)
        if stale:
            assert await load_value(cache, source, policy) == "known"
            await let_tasks_run()

        for _ in range(3):
            with pytest.raises(NotFound):
                await load_value(cache, source, policy)

        assert source.calls == 2
        assert (
            await load_value(cache, source, replace(policy, stale_while_revalidate=0), "second")
            == "known again"
        )

    run_scenario(scenario)


def test_bypassing_the_cache_loads_once_per_request() -> None:
    async def scenario(cache: Cache) -> None:
        source = FakeSource("one", "two", "three")
        first = await cache.get_or_load(POLICY, "me", ("key",), source)
        await wait_until(lambda: time.time() > first.fetched_at.timestamp())
        set_current(RequestContext(deadline=time.monotonic() + 30, bypass_cache=True))

        assert [await load_value(cache, source) for _ in range(3)] == ["two"] * 3

    run_scenario(scenario)


def test_a_follower_times_out_at_its_own_deadline_and_the_others_do_not() -> None:
    async def scenario(cache: Cache) -> None:
        source = FakeSource("one")
        source.released.clear()

        async def load_with_short_deadline() -> str:
            set_current(RequestContext(deadline=time.monotonic() + 0.02))
            return await load_value(cache, source)

        short = asyncio.create_task(load_with_short_deadline())
        long = asyncio.create_task(load_value(cache, source))
        with pytest.raises(TimedOut):
            await short
        source.released.set()

        assert await long == "one"
        assert source.calls == 1

    run_scenario(scenario)


def test_an_invalidated_entry_is_loaded_again() -> None:
    async def scenario(cache: Cache) -> None:
        source = FakeSource("one", "two")
        await load_value(cache, source)
        cache.invalidate(POLICY, "me", ("key",))

        assert await load_value(cache, source) == "two"

    run_scenario(scenario)


def test_entries_stored_by_a_load_that_was_invalidated_meanwhile_are_not_kept() -> None:
    async def scenario(cache: Cache) -> None:
        policy, other = (
            replace(POLICY, invalidated_by_writes=True),
            replace(POLICY, name="SOURCE.other"),
        )
        source = FakeSource("before")
        source.released.clear()

        async def load() -> str:
            value = await source()
            await cache.set(policy, "me", ("part",), value)
            cache.set_nowait(policy, "me", ("other part",), value)
            cache.set_nowait(other, "me", ("never written",), value)
            return value

        task = asyncio.create_task(cache.get_or_load(policy, "me", ("whole",), load))
        await let_tasks_run()
        cache.invalidate(policy, "me", ("whole",))
        source.released.set()

        assert (await task).value == "before"
        assert cache.peek(policy, "me", ("part",)) is None
        assert cache.peek(policy, "me", ("other part",)) is None
        assert cache.peek(other, "me", ("never written",)) is not None

    run_scenario(scenario)


def test_an_entry_primed_by_another_load_is_not_loaded() -> None:
    async def scenario(cache: Cache) -> None:
        cache.set_nowait(POLICY, "me", ("key",), "primed")

        assert await load_value(cache, FakeSource("loaded")) == "primed"
        peeked: Cached[Any] | None = cache.peek(POLICY, "me", ("key",))
        assert peeked is not None
        assert peeked.value == "primed"
        assert cache.peek(POLICY, "you", ("key",)) is None

    run_scenario(scenario)


def test_a_value_that_several_responses_to_a_request_contain_is_stored_once() -> None:
    async def scenario(cache: Cache) -> None:
        cache.set_nowait(POLICY, "me", ("key",), "value")
        changes = cache.changes

        cache.set_nowait(POLICY, "me", ("key",), "value")
        assert cache.changes == changes
        cache.set_nowait(POLICY, "me", ("key",), "another value")
        assert cache.changes > changes

    run_scenario(scenario)


def test_a_value_from_before_a_request_that_bypasses_the_cache_is_stored_again() -> None:
    async def scenario(cache: Cache) -> None:
        cache.set_nowait(POLICY, "me", ("key",), "value")
        set_current(RequestContext(deadline=time.monotonic() + 30, bypass_cache=True))

        cache.set_nowait(POLICY, "me", ("key",), "value")

        assert cache.peek(POLICY, "me", ("key",)) is not None

    run_scenario(scenario)


def test_the_request_context_counts_cache_hits_and_coalesced_loads() -> None:
    async def scenario(cache: Cache) -> None:
        context = RequestContext(deadline=time.monotonic() + 30)
        set_current(context)
        source = FakeSource("one")
        source.released.clear()
        callers = [asyncio.create_task(load_value(cache, source)) for _ in range(4)]
        await let_tasks_run()
        source.released.set()
        await asyncio.gather(*callers)
        await load_value(cache, source)

        assert (context.cached_count, context.coalesced_count) == (1, 3)

    run_scenario(scenario)


def test_every_source_failure_allows_stale_if_error() -> None:
    async def scenario(cache: Cache) -> None:
        for error_class in UpstreamFailed.__subclasses__():
            source = FakeSource("one", error_class("down"))
            policy = replace(STALE_IF_ERROR, name=f"SOURCE.{error_class.__name__}")
            await load_value(cache, source, policy)
            assert await load_value(cache, source, policy) == "one"

    run_scenario(scenario)
