"""What is remembered: one flight for all, old answers where they help, never another viewer's."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from providers.errors import BadInput, NotFound, Private, TimedOut, Unavailable, UpstreamFailed
from providers.kit.caching.cache import Cache
from providers.kit.caching.cached import Cached
from providers.kit.caching.memory_store import CacheEntry, MemoryStore
from providers.kit.caching.policy import NEVER_EXPIRES, CachePolicy
from providers.kit.request_context import DEFAULT_LANGUAGE, RequestContext, set_current
from tests.providers.kit.simulated_processes import wait_until

POLICY: CachePolicy[str] = CachePolicy("SOURCE.fact", str, max_age=60, stale_if_error=600)
EXPIRED_AT_ONCE = replace(POLICY, max_age=0, stale_if_error=0)
STALE_AT_ONCE = replace(POLICY, max_age=0, stale_while_revalidate=60, stale_if_error=0)
STALE_IF_ERROR = replace(POLICY, max_age=0, stale_if_error=600)


class FakeSource:
    """Counts how often it is asked, and answers when it is let."""

    def __init__(self, *answers: object) -> None:
        self.results = answers
        self.calls = 0
        self.released = asyncio.Event()
        self.released.set()

    async def __call__(self) -> str:
        self.calls += 1
        answer = self.results[min(self.calls, len(self.results)) - 1]
        await self.released.wait()
        if isinstance(answer, Exception):
            raise answer
        return str(answer)


def run_scenario(
    scenario: Callable[[Cache], Awaitable[None]], memory: MemoryStore | None = None
) -> None:
    async def run_in_context() -> None:
        set_current(RequestContext(deadline=time.monotonic() + 30))
        await scenario(Cache(memory))

    asyncio.run(run_in_context())


async def load_value(
    cache: Cache, source: FakeSource, policy: CachePolicy[str] = POLICY, scope: str = "me"
) -> str:
    return (await cache.get_or_load(policy, scope, ("key",), source)).value


async def let_tasks_run() -> None:
    """Let everything run that can."""
    for _ in range(20):
        await asyncio.sleep(0)


def test_a_fresh_entry_is_loaded_once() -> None:
    async def scenario(cache: Cache) -> None:
        source = FakeSource("one", "two")

        assert [await load_value(cache, source) for _ in range(5)] == ["one"] * 5
        assert source.calls == 1

    run_scenario(scenario)


def test_an_expired_entry_is_loaded_again() -> None:
    async def scenario(cache: Cache) -> None:
        source = FakeSource("one", "two")

        assert [await load_value(cache, source, EXPIRED_AT_ONCE) for _ in range(2)] == [
            "one",
            "two",
        ]

    run_scenario(scenario)


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


@pytest.mark.parametrize("kind", [EXPIRED_AT_ONCE, replace(STALE_IF_ERROR, stale_if_error=0)])
def test_an_entry_past_stale_if_error_is_not_served(kind: CachePolicy[str]) -> None:
    async def scenario(cache: Cache) -> None:
        source = FakeSource("one", Unavailable("down"))
        await load_value(cache, source, kind)

        with pytest.raises(Unavailable):
            await load_value(cache, source, kind)

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
        source = FakeSource(NotFound("nobody", source="SOURCE"), "somebody")
        for _ in range(3):
            with pytest.raises(NotFound, match="nobody"):
                await load_value(cache, source)

        assert source.calls == 1

    run_scenario(scenario)


def test_a_not_found_expires_after_its_negative_ttl() -> None:
    async def scenario(cache: Cache) -> None:
        source = FakeSource(NotFound("nobody"), "somebody")
        kind = replace(POLICY, negative_ttl=0)
        with pytest.raises(NotFound):
            await load_value(cache, source, kind)

        assert await load_value(cache, source, kind) == "somebody"

    run_scenario(scenario)


def test_a_cached_not_found_is_not_served_when_the_source_fails() -> None:
    async def scenario(cache: Cache) -> None:
        source = FakeSource(NotFound("nobody"), Unavailable("down"))
        kind = replace(STALE_IF_ERROR, negative_ttl=0)
        with pytest.raises(NotFound):
            await load_value(cache, source, kind)
        with pytest.raises(Unavailable):
            await load_value(cache, source, kind)

    run_scenario(scenario)


def test_scopes_have_separate_entries() -> None:
    async def scenario(cache: Cache) -> None:
        own, yours = FakeSource("mine"), FakeSource("yours")

        assert await load_value(cache, own, scope="me") == "mine"
        assert await load_value(cache, yours, scope="you") == "yours"
        assert await load_value(cache, FakeSource("nobody's"), scope="me") == "mine"

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


def test_a_shared_policy_is_loaded_once_for_all_scopes() -> None:
    async def scenario(cache: Cache) -> None:
        source = FakeSource("one", "two")
        kind = replace(POLICY, public=True)

        assert [await load_value(cache, source, kind, scope) for scope in ("me", "you")] == [
            "one"
        ] * 2

    run_scenario(scenario)


def test_a_localized_policy_is_cached_by_language() -> None:
    async def scenario(cache: Cache) -> None:
        source = FakeSource("first", "second", "third")
        for localized, expected in ((True, ["first", "second", "first"]), (False, ["third"] * 3)):
            kind = replace(POLICY, name=f"SOURCE.{localized}", localized=localized)
            found: list[str] = []
            for language in ("de-DE", "en-US", "de-DE"):
                set_current(RequestContext(deadline=time.monotonic() + 30, language=language))
                found.append(await load_value(cache, source, kind))
            assert found == expected

    run_scenario(scenario)


def test_a_request_without_a_language_uses_the_default_language() -> None:
    async def scenario(cache: Cache) -> None:
        source, kind = FakeSource("once"), replace(POLICY, localized=True)
        for language in (None, DEFAULT_LANGUAGE):
            set_current(RequestContext(deadline=time.monotonic() + 30, language=language))
            assert await load_value(cache, source, kind) == "once"
        assert source.calls == 1

    run_scenario(scenario)


def test_a_refusal_is_cached_for_the_refused_scope_only() -> None:
    async def scenario(cache: Cache) -> None:
        kind = replace(POLICY, public=True)
        source = FakeSource(Private("Not for you."), "for you")
        for _ in range(2):
            with pytest.raises(Private):
                await load_value(cache, source, kind, "first")
        assert source.calls == 1
        assert await load_value(cache, source, kind, "second") == "for you"
        assert await load_value(cache, source, kind, "first") == "for you"
        assert source.calls == 2

    run_scenario(scenario)


@pytest.mark.parametrize("stale", [0, 60])
def test_a_refusal_replaces_the_shared_entry_for_the_refused_scope(stale: float) -> None:
    async def scenario(cache: Cache) -> None:
        kind = replace(POLICY, max_age=0, stale_while_revalidate=stale, public=True)
        source = FakeSource("known", NotFound("Gone."), "known again")
        await load_value(cache, source, kind)
        if stale:
            assert await load_value(cache, source, kind) == "known"
            await let_tasks_run()

        for _ in range(3):
            with pytest.raises(NotFound):
                await load_value(cache, source, kind)

        assert source.calls == 2
        assert (
            await load_value(cache, source, replace(kind, stale_while_revalidate=0), "second")
            == "known again"
        )

    run_scenario(scenario)


def test_an_entry_without_max_age_never_expires() -> None:
    entry = CacheEntry("value", stored_at=0)
    assert entry.is_fresh(replace(POLICY, max_age=NEVER_EXPIRES))


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
        kind, other = (
            replace(POLICY, invalidated_by_writes=True),
            replace(POLICY, name="SOURCE.other"),
        )
        source = FakeSource("before")
        source.released.clear()

        async def load() -> str:
            found = await source()
            await cache.set(kind, "me", ("part",), found)
            cache.set_nowait(kind, "me", ("other part",), found)
            cache.set_nowait(other, "me", ("nobody writes it",), found)
            return found

        task = asyncio.create_task(cache.get_or_load(kind, "me", ("whole",), load))
        await let_tasks_run()
        cache.invalidate(kind, "me", ("whole",))
        source.released.set()

        assert (await task).value == "before"
        assert cache.peek(kind, "me", ("part",)) is None
        assert cache.peek(kind, "me", ("other part",)) is None
        assert cache.peek(other, "me", ("nobody writes it",)) is not None

    run_scenario(scenario)


def test_an_entry_primed_by_another_load_is_not_loaded() -> None:
    async def scenario(cache: Cache) -> None:
        cache.set_nowait(POLICY, "me", ("key",), "brought")

        assert await load_value(cache, FakeSource("asked")) == "brought"
        peeked: Cached[Any] | None = cache.peek(POLICY, "me", ("key",))
        assert peeked is not None
        assert peeked.value == "brought"
        assert cache.peek(POLICY, "you", ("key",)) is None

    run_scenario(scenario)


def test_the_request_context_counts_cache_hits_and_coalesced_loads() -> None:
    async def scenario(cache: Cache) -> None:
        operation = RequestContext(deadline=time.monotonic() + 30)
        set_current(operation)
        source = FakeSource("one")
        source.released.clear()
        callers = [asyncio.create_task(load_value(cache, source)) for _ in range(4)]
        await let_tasks_run()
        source.released.set()
        await asyncio.gather(*callers)
        await load_value(cache, source)

        assert (operation.cached_count, operation.coalesced_count) == (1, 3)

    run_scenario(scenario)


def test_the_memory_store_is_bounded_and_evicts_the_least_recently_used() -> None:
    memory = MemoryStore(capacity=40_000)

    async def scenario(cache: Cache) -> None:
        async def load(number: int, source: FakeSource) -> None:
            await cache.get_or_load(POLICY, "me", (str(number),), source)

        source = FakeSource("x" * 1000)
        for number in range(100):
            await load(number, source)
            await load(0, source)  # in use all the time
        assert source.calls == 100

        await load(0, source)
        await load(99, source)
        assert source.calls == 100
        await load(1, source)
        assert source.calls == 101

    run_scenario(scenario, memory)


def test_every_source_failure_allows_stale_if_error() -> None:
    async def scenario(cache: Cache) -> None:
        for kind in UpstreamFailed.__subclasses__():
            source = FakeSource("one", kind("down"))
            fact = replace(STALE_IF_ERROR, name=f"SOURCE.{kind.__name__}")
            await load_value(cache, source, fact)
            assert await load_value(cache, source, fact) == "one"

    run_scenario(scenario)
