"""What is remembered: one flight for all, old answers where they help, never another viewer's."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from providers.errors import BadInput, Failed, NotFound, Private, TimedOut, Unavailable
from providers.kit.caching.cache import Cache
from providers.kit.caching.cached import Answer
from providers.kit.caching.memory_store import Entry, Memory
from providers.kit.caching.policy import UNTIL_CHANGED, Kind
from providers.kit.request_context import LANGUAGE, Operation, begin
from tests.providers.kit.processes import until

FACT: Kind[str] = Kind("SOURCE.fact", str, fresh=60, rescue=600)
OLD_AT_ONCE = replace(FACT, fresh=0, rescue=0)
STALE_AT_ONCE = replace(FACT, fresh=0, stale=60, rescue=0)
RESCUED = replace(FACT, fresh=0, rescue=600)


class Source:
    """Counts how often it is asked, and answers when it is let."""

    def __init__(self, *answers: object) -> None:
        self.answers = answers
        self.asked = 0
        self.open = asyncio.Event()
        self.open.set()

    async def __call__(self) -> str:
        self.asked += 1
        answer = self.answers[min(self.asked, len(self.answers)) - 1]
        await self.open.wait()
        if isinstance(answer, Exception):
            raise answer
        return str(answer)


def run(story: Callable[[Cache], Awaitable[None]], memory: Memory | None = None) -> None:
    async def told() -> None:
        begin(Operation(deadline=time.monotonic() + 30))
        await story(Cache(memory))

    asyncio.run(told())


async def given(cache: Cache, source: Source, kind: Kind[str] = FACT, scope: str = "me") -> str:
    return (await cache.remember(kind, scope, ("key",), source)).value


async def settled() -> None:
    """Let everything run that can."""
    for _ in range(20):
        await asyncio.sleep(0)


def test_a_fresh_fact_is_asked_for_once() -> None:
    async def story(cache: Cache) -> None:
        source = Source("one", "two")

        assert [await given(cache, source) for _ in range(5)] == ["one"] * 5
        assert source.asked == 1

    run(story)


def test_an_old_fact_is_asked_for_again() -> None:
    async def story(cache: Cache) -> None:
        source = Source("one", "two")

        assert [await given(cache, source, OLD_AT_ONCE) for _ in range(2)] == ["one", "two"]

    run(story)


def test_ten_thousand_callers_are_one_flight() -> None:
    async def story(cache: Cache) -> None:
        source = Source("one", "two")
        source.open.clear()
        callers = [asyncio.create_task(given(cache, source)) for _ in range(10_000)]
        await settled()
        source.open.set()

        assert set(await asyncio.gather(*callers)) == {"one"}
        assert source.asked == 1

    run(story)


def test_followers_are_answered_when_the_leader_goes_away() -> None:
    async def story(cache: Cache) -> None:
        source = Source("one")
        source.open.clear()
        leader, *followers = [asyncio.create_task(given(cache, source)) for _ in range(5)]
        await settled()
        leader.cancel()
        followers[1].cancel()
        await settled()
        source.open.set()

        results = await asyncio.gather(leader, *followers, return_exceptions=True)

        assert isinstance(results[0], asyncio.CancelledError)
        assert isinstance(results[2], asyncio.CancelledError)
        assert [results[1], *results[3:]] == ["one"] * 3
        assert source.asked == 1

    run(story)


def test_a_failure_reaches_all_who_wait_and_is_not_remembered() -> None:
    async def story(cache: Cache) -> None:
        source = Source(Unavailable("down"), "two")
        source.open.clear()
        callers = [asyncio.create_task(given(cache, source)) for _ in range(3)]
        await settled()
        source.open.set()

        results = await asyncio.gather(*callers, return_exceptions=True)

        assert {type(result) for result in results} == {Unavailable}
        assert await given(cache, source) == "two"

    run(story)


def test_a_stale_fact_is_served_while_one_flight_renews_it() -> None:
    async def story(cache: Cache) -> None:
        source = Source("one", "two", "three")
        await given(cache, source, STALE_AT_ONCE)
        source.open.clear()

        served = [await given(cache, source, STALE_AT_ONCE) for _ in range(4)]
        source.open.set()
        await settled()

        assert served == ["one"] * 4
        assert source.asked == 2
        assert await given(cache, source, FACT) == "two"

    run(story)


def test_a_renewal_that_fails_leaves_what_is_there() -> None:
    async def story(cache: Cache) -> None:
        source = Source("one", Unavailable("down"))
        await given(cache, source, STALE_AT_ONCE)
        await given(cache, source, STALE_AT_ONCE)
        await settled()

        assert await given(cache, source, FACT) == "one"

    run(story)


def test_an_old_fact_stands_in_for_a_source_that_fails_and_says_so() -> None:
    async def story(cache: Cache) -> None:
        source = Source("one", Unavailable("down"))
        first = await cache.remember(RESCUED, "me", ("key",), source)

        second = await cache.remember(RESCUED, "me", ("key",), source)

        assert (first.stale, second.stale) == (False, True)
        assert (second.value, second.fetched_at) == ("one", first.fetched_at)

    run(story)


@pytest.mark.parametrize("kind", [OLD_AT_ONCE, replace(RESCUED, rescue=0)])
def test_a_fact_that_is_too_old_stands_in_for_nothing(kind: Kind[str]) -> None:
    async def story(cache: Cache) -> None:
        source = Source("one", Unavailable("down"))
        await given(cache, source, kind)

        with pytest.raises(Unavailable):
            await given(cache, source, kind)

    run(story)


@pytest.mark.parametrize("error", [BadInput("no", argument="x"), KeyError("bug")])
def test_a_mistake_is_never_hidden_behind_an_old_fact(error: Exception) -> None:
    async def story(cache: Cache) -> None:
        source = Source("one", error)
        await given(cache, source, RESCUED)

        with pytest.raises(type(error)):
            await given(cache, source, RESCUED)

    run(story)


def test_an_absence_is_remembered_and_raised_again() -> None:
    async def story(cache: Cache) -> None:
        source = Source(NotFound("nobody", source="SOURCE"), "somebody")
        for _ in range(3):
            with pytest.raises(NotFound, match="nobody"):
                await given(cache, source)

        assert source.asked == 1

    run(story)


def test_an_absence_is_forgotten_in_its_own_time() -> None:
    async def story(cache: Cache) -> None:
        source = Source(NotFound("nobody"), "somebody")
        kind = replace(FACT, missing=0)
        with pytest.raises(NotFound):
            await given(cache, source, kind)

        assert await given(cache, source, kind) == "somebody"

    run(story)


def test_an_absence_stands_in_for_no_failure() -> None:
    async def story(cache: Cache) -> None:
        source = Source(NotFound("nobody"), Unavailable("down"))
        kind = replace(RESCUED, missing=0)
        with pytest.raises(NotFound):
            await given(cache, source, kind)
        with pytest.raises(Unavailable):
            await given(cache, source, kind)

    run(story)


def test_viewers_are_kept_apart() -> None:
    async def story(cache: Cache) -> None:
        mine, yours = Source("mine"), Source("yours")

        assert await given(cache, mine, scope="me") == "mine"
        assert await given(cache, yours, scope="you") == "yours"
        assert await given(cache, Source("nobody's"), scope="me") == "mine"

    run(story)


def test_viewers_who_ask_at_once_do_not_share_a_flight() -> None:
    async def story(cache: Cache) -> None:
        sources = {scope: Source(scope) for scope in ("me", "you")}
        for source in sources.values():
            source.open.clear()
        asked = {
            scope: asyncio.create_task(given(cache, source, scope=scope))
            for scope, source in sources.items()
        }
        await settled()
        for source in sources.values():
            source.open.set()

        assert {scope: await task for scope, task in asked.items()} == {"me": "me", "you": "you"}

    run(story)


def test_what_is_the_same_for_everybody_is_fetched_once_for_all() -> None:
    async def story(cache: Cache) -> None:
        source = Source("one", "two")
        kind = replace(FACT, shared=True)

        assert [await given(cache, source, kind, scope) for scope in ("me", "you")] == ["one"] * 2

    run(story)


def test_languages_are_kept_apart_where_texts_are() -> None:
    async def story(cache: Cache) -> None:
        source = Source("first", "second", "third")
        for localized, expected in ((True, ["first", "second", "first"]), (False, ["third"] * 3)):
            kind = replace(FACT, name=f"SOURCE.{localized}", localized=localized)
            found: list[str] = []
            for language in ("de-DE", "en-US", "de-DE"):
                begin(Operation(deadline=time.monotonic() + 30, language=language))
                found.append(await given(cache, source, kind))
            assert found == expected

    run(story)


def test_who_names_no_language_is_asked_for_in_the_usual_one() -> None:
    async def story(cache: Cache) -> None:
        source, kind = Source("once"), replace(FACT, localized=True)
        for language in (None, LANGUAGE):
            begin(Operation(deadline=time.monotonic() + 30, language=language))
            assert await given(cache, source, kind) == "once"
        assert source.asked == 1

    run(story)


def test_what_one_viewer_is_refused_is_asked_for_again_by_the_others_and_not_by_him() -> None:
    async def story(cache: Cache) -> None:
        kind = replace(FACT, shared=True)
        source = Source(Private("Not for you."), "for you")
        for _ in range(2):
            with pytest.raises(Private):
                await given(cache, source, kind, "first")
        assert source.asked == 1
        assert await given(cache, source, kind, "second") == "for you"
        assert await given(cache, source, kind, "first") == "for you"
        assert source.asked == 2

    run(story)


@pytest.mark.parametrize("stale", [0, 60])
def test_what_a_viewer_is_refused_counts_for_him_though_it_was_known_before(stale: float) -> None:
    async def story(cache: Cache) -> None:
        kind = replace(FACT, fresh=0, stale=stale, shared=True)
        source = Source("known", NotFound("Gone."), "known again")
        await given(cache, source, kind)
        if stale:
            assert await given(cache, source, kind) == "known"
            await settled()

        for _ in range(3):
            with pytest.raises(NotFound):
                await given(cache, source, kind)

        assert source.asked == 2
        assert await given(cache, source, replace(kind, stale=0), "second") == "known again"

    run(story)


def test_what_lives_until_it_changes_is_never_too_old() -> None:
    entry = Entry("value", stored=0)
    assert entry.fresh(replace(FACT, fresh=UNTIL_CHANGED))


def test_who_asks_for_fresh_facts_gets_them_once() -> None:
    async def story(cache: Cache) -> None:
        source = Source("one", "two", "three")
        first = await cache.remember(FACT, "me", ("key",), source)
        await until(lambda: time.time() > first.fetched_at.timestamp())
        begin(Operation(deadline=time.monotonic() + 30, fresh=True))

        assert [await given(cache, source) for _ in range(3)] == ["two"] * 3

    run(story)


def test_who_cannot_wait_any_longer_gives_up_and_the_others_do_not() -> None:
    async def story(cache: Cache) -> None:
        source = Source("one")
        source.open.clear()

        async def impatient() -> str:
            begin(Operation(deadline=time.monotonic() + 0.02))
            return await given(cache, source)

        hasty = asyncio.create_task(impatient())
        patient = asyncio.create_task(given(cache, source))
        with pytest.raises(TimedOut):
            await hasty
        source.open.set()

        assert await patient == "one"
        assert source.asked == 1

    run(story)


def test_what_was_forgotten_is_asked_for_again() -> None:
    async def story(cache: Cache) -> None:
        source = Source("one", "two")
        await given(cache, source)
        cache.forget(FACT, "me", ("key",))

        assert await given(cache, source) == "two"

    run(story)


def test_what_comes_along_with_a_fact_that_was_forgotten_meanwhile_is_not_kept() -> None:
    async def story(cache: Cache) -> None:
        kind, other = replace(FACT, written=True), replace(FACT, name="SOURCE.other")
        source = Source("before")
        source.open.clear()

        async def load() -> str:
            found = await source()
            await cache.keep(kind, "me", ("part",), found)
            cache.store(kind, "me", ("other part",), found)
            cache.store(other, "me", ("nobody writes it",), found)
            return found

        asked = asyncio.create_task(cache.remember(kind, "me", ("whole",), load))
        await settled()
        cache.forget(kind, "me", ("whole",))
        source.open.set()

        assert (await asked).value == "before"
        assert cache.peek(kind, "me", ("part",)) is None
        assert cache.peek(kind, "me", ("other part",)) is None
        assert cache.peek(other, "me", ("nobody writes it",)) is not None

    run(story)


def test_what_another_answer_brought_along_is_not_asked_for() -> None:
    async def story(cache: Cache) -> None:
        cache.store(FACT, "me", ("key",), "brought")

        assert await given(cache, Source("asked")) == "brought"
        peeked: Answer[Any] | None = cache.peek(FACT, "me", ("key",))
        assert peeked is not None
        assert peeked.value == "brought"
        assert cache.peek(FACT, "you", ("key",)) is None

    run(story)


def test_the_operation_counts_what_was_remembered_and_what_was_joined() -> None:
    async def story(cache: Cache) -> None:
        operation = Operation(deadline=time.monotonic() + 30)
        begin(operation)
        source = Source("one")
        source.open.clear()
        callers = [asyncio.create_task(given(cache, source)) for _ in range(4)]
        await settled()
        source.open.set()
        await asyncio.gather(*callers)
        await given(cache, source)

        assert (operation.cached, operation.coalesced) == (1, 3)

    run(story)


def test_what_is_remembered_is_bounded_and_the_least_used_goes_first() -> None:
    memory = Memory(capacity=40_000)

    async def story(cache: Cache) -> None:
        async def ask(number: int, source: Source) -> None:
            await cache.remember(FACT, "me", (str(number),), source)

        source = Source("x" * 1000)
        for number in range(100):
            await ask(number, source)
            await ask(0, source)  # in use all the time
        assert source.asked == 100

        await ask(0, source)
        await ask(99, source)
        assert source.asked == 100
        await ask(1, source)
        assert source.asked == 101

    run(story, memory)


def test_every_failure_of_a_source_can_be_stood_in_for() -> None:
    async def story(cache: Cache) -> None:
        for kind in Failed.__subclasses__():
            source = Source("one", kind("down"))
            fact = replace(RESCUED, name=f"SOURCE.{kind.__name__}")
            await given(cache, source, fact)
            assert await given(cache, source, fact) == "one"

    run(story)
