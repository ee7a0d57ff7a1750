"""Two processes on one Redis: one memory behind both, and one flight for both."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from providers.errors import NotFound, Private, RateLimited, Unavailable
from providers.kit.cache import Answer, Cache, Kind
from providers.kit.caller import CallerSpent
from providers.kit.operation import current
from providers.kit.redis_wire import REST
from providers.records import Title, TitlePage
from tests.providers.kit.processes import asking, processes, running
from tests.providers.kit.redis_server import RedisServer, redis_server

PAGE = TitlePage(titles=(Title(native_id="NPWR00001_00", name="A title"),), total=1)
TITLES: Kind[TitlePage] = Kind("PSN.titles", TitlePage, fresh=60, stale=120, rescue=600)
OLD = replace(TITLES, fresh=0, stale=0)
SCOPE, KEY = "a-scope", ("somebody",)


class Source:
    """A source that counts its calls and takes its time."""

    def __init__(self, seconds: float = 0.05, error: Exception | None = None) -> None:
        self.calls = 0
        self.seconds = seconds
        self.error = error

    async def __call__(self) -> TitlePage:
        self.calls += 1
        await asyncio.sleep(self.seconds)
        if self.error is not None:
            raise self.error
        return PAGE


def over_redis(
    course: Callable[[RedisServer, Cache, Cache], Awaitable[None]], seconds: float = 10
) -> None:
    with redis_server() as redis:

        async def run() -> None:
            async with processes(redis.url) as (one, two):
                await course(redis, Cache(shared=one), Cache(shared=two))

        running(run, seconds)


def remembering(
    cache: Cache, source: Source, kind: Kind[TitlePage] = TITLES
) -> Callable[[], Awaitable[Answer[TitlePage]]]:
    return lambda: cache.remember(kind, SCOPE, KEY, source)


def test_what_one_process_fetched_is_remembered_in_the_other() -> None:
    async def course(_: RedisServer, one: Cache, two: Cache) -> None:
        source = Source()
        first, _operation = await asking(remembering(one, source))
        second, operation = await asking(remembering(two, source))
        assert (second.value, source.calls) == (PAGE, 1)
        assert abs((second.fetched_at - first.fetched_at).total_seconds()) < 0.001
        assert operation.summary() == {"calls": {}, "cached": 1, "coalesced": 0}

    over_redis(course)


def test_many_who_ask_two_processes_at_once_cost_one_call() -> None:
    async def course(redis: RedisServer, one: Cache, two: Cache) -> None:
        source = Source(0.3)
        before = redis.commands()
        asked = [asking(remembering(cache, source)) for _ in range(50) for cache in (one, two)]
        answers = await asyncio.gather(*asked)
        assert source.calls == 1
        assert {answer.value for answer, _ in answers} == {PAGE}
        assert sum(operation.coalesced for _, operation in answers) == 99
        assert redis.commands() - before < 60

    over_redis(course)


def test_viewers_are_apart_and_what_is_shared_is_not() -> None:
    async def course(_: RedisServer, one: Cache, two: Cache) -> None:
        source = Source()
        await one.remember(TITLES, "first", KEY, source)
        await two.remember(TITLES, "second", KEY, source)
        assert source.calls == 2
        public = replace(TITLES, name="PSN.public", shared=True)
        await one.remember(public, "first", KEY, source)
        await two.remember(public, "second", KEY, source)
        assert source.calls == 3

    over_redis(course)


def test_an_absence_is_known_to_all_with_its_words() -> None:
    async def course(_: RedisServer, one: Cache, two: Cache) -> None:
        source = Source(error=NotFound("Nobody of that name.", source="PSN"))
        for cache in (one, two):
            with pytest.raises(NotFound, match=r"Nobody of that name\.") as told:
                await cache.remember(TITLES, SCOPE, KEY, source)
            assert told.value.source == "PSN"
        assert source.calls == 1

    over_redis(course)


def test_an_error_is_told_to_those_who_wait_in_other_processes() -> None:
    async def course(_: RedisServer, one: Cache, two: Cache) -> None:
        source = Source(0.2, RateLimited("Wait.", source="PSN", retry_after=7))
        asked = [asking(remembering(cache, source)) for cache in (one, two)]
        errors = await asyncio.gather(*asked, return_exceptions=True)
        assert [type(error) for error in errors] == [RateLimited, RateLimited]
        assert source.calls == 1
        with pytest.raises(RateLimited):
            await two.remember(TITLES, SCOPE, KEY, source)
        assert source.calls == 2  # who asks later is not told of what went wrong before

    over_redis(course)


def test_another_takes_over_from_a_process_that_fell_silent() -> None:
    async def course(redis: RedisServer, one: Cache, two: Cache) -> None:
        hung, source = Source(60), Source()
        lost = asking(remembering(one, hung))
        await asyncio.sleep(0.1)
        # The process is gone as if it had been killed: it neither answers nor says goodbye.
        for task in asyncio.all_tasks():
            if "_beat" in repr(task):
                task.cancel()
        answer, _operation = await asking(remembering(two, source), seconds=8)
        assert (answer.value, source.calls) == (PAGE, 1)
        assert redis.commands() < 500
        lost.cancel()

    over_redis(course)


def test_a_slow_leader_is_waited_for_as_long_as_he_lives() -> None:
    async def course(_: RedisServer, one: Cache, two: Cache) -> None:
        source = Source(4)
        await asyncio.gather(*(asking(remembering(cache, source)) for cache in (one, two)))
        assert source.calls == 1

    over_redis(course)


def test_one_who_has_spent_his_share_takes_nobody_along() -> None:
    async def course(_: RedisServer, one: Cache, two: Cache) -> None:
        calls = 0

        async def load() -> TitlePage:
            nonlocal calls
            calls += 1
            mine = calls
            await asyncio.sleep(0.1)
            if mine == 1:
                raise CallerSpent("Spent.", source="PSN", retry_after=9)
            return PAGE

        def question(cache: Cache) -> Callable[[], Awaitable[Answer[TitlePage]]]:
            return lambda: cache.remember(TITLES, SCOPE, KEY, load)

        asked = [asking(question(one))]
        await asyncio.sleep(0.02)
        asked += [asking(question(each)) for each in (one, two)]
        spent, *others = await asyncio.gather(*asked, return_exceptions=True)
        assert isinstance(spent, CallerSpent)
        assert not any(isinstance(other, BaseException) for other in others)
        assert calls == 2

    over_redis(course)


def test_a_renewal_in_the_background_is_one_flight_of_all() -> None:
    async def course(_: RedisServer, one: Cache, two: Cache) -> None:
        source = Source(0.1)
        aging = replace(TITLES, fresh=0.2, stale=60)
        await one.remember(aging, SCOPE, KEY, source)
        await two.remember(aging, SCOPE, KEY, source)
        await asyncio.sleep(0.3)
        for cache in (one, two) * 5:
            answer, operation = await asking(remembering(cache, source, aging))
            assert (answer.value, operation.cached) == (PAGE, 1)
        await asyncio.sleep(0.2)
        assert source.calls == 2

    over_redis(course)


def test_an_old_entry_of_another_process_stands_in_when_the_source_fails() -> None:
    async def course(_: RedisServer, one: Cache, two: Cache) -> None:
        await one.remember(OLD, SCOPE, KEY, Source())
        answer = await two.remember(OLD, SCOPE, KEY, Source(error=Unavailable("Down.")))
        assert (answer.value, answer.stale) == (PAGE, True)

    over_redis(course)


def test_who_wants_it_fresh_gets_it_fresh_once_for_all_who_do() -> None:
    async def course(_: RedisServer, one: Cache, two: Cache) -> None:
        source = Source(0.2)
        await one.remember(TITLES, SCOPE, KEY, source)
        await two.remember(TITLES, SCOPE, KEY, source)
        asked = [asking(remembering(cache, source), fresh=True) for cache in (one, two)]
        await asyncio.gather(*asked)
        assert source.calls == 2
        _answer, operation = await asking(remembering(two, source))
        assert (source.calls, operation.cached) == (2, 1)

    over_redis(course)


def test_a_kept_fact_is_recalled_by_another_process() -> None:
    async def course(_: RedisServer, one: Cache, two: Cache) -> None:
        texts: Kind[str] = Kind("server.query", str, fresh=60, shared=True)
        assert await two.recall(texts, "", ("hash",)) is None
        await one.keep(texts, "", ("hash",), "{ sources { name } }")
        found = await two.recall(texts, "", ("hash",))
        assert found is not None
        assert found.value == "{ sources { name } }"
        assert two.peek(texts, "", ("hash",)) == found

    over_redis(course)


def test_what_one_process_forgets_all_forget() -> None:
    async def course(_: RedisServer, one: Cache, two: Cache) -> None:
        source = Source()
        for cache in (one, two):
            await cache.remember(TITLES, SCOPE, KEY, source)
        one.forget(TITLES, SCOPE, KEY)
        await asyncio.sleep(0.1)
        assert two.peek(TITLES, SCOPE, KEY) is None
        await two.remember(TITLES, SCOPE, KEY, source)
        assert source.calls == 2

    over_redis(course)


def test_what_was_asked_before_a_change_is_not_remembered_after_it() -> None:
    async def course(_: RedisServer, one: Cache, two: Cache) -> None:
        source = Source(0.2)
        asked = asking(remembering(one, source))
        await asyncio.sleep(0.05)
        two.forget(TITLES, SCOPE, KEY)
        await asked
        for cache in (one, two):
            assert await cache.recall(TITLES, SCOPE, KEY) is None

    over_redis(course)


def test_a_local_kind_never_leaves_the_process() -> None:
    async def course(redis: RedisServer, one: Cache, two: Cache) -> None:
        source = Source()
        talk = replace(TITLES, name="PSN.talk", local=True)
        await one.remember(talk, SCOPE, KEY, source)
        await one.keep(talk, SCOPE, ("other",), PAGE)
        one.store(talk, SCOPE, ("third",), PAGE)
        assert await two.recall(talk, SCOPE, ("other",)) is None
        await two.remember(talk, SCOPE, KEY, source)
        assert source.calls == 2
        assert b"PSN.talk" not in redis.everything()

    over_redis(course)


def test_another_shape_of_the_type_is_never_read() -> None:
    async def course(_: RedisServer, one: Cache, two: Cache) -> None:
        await one.keep(TITLES, SCOPE, KEY, PAGE)
        changed: Kind[Title] = Kind("PSN.titles", Title, fresh=60)
        assert await two.recall(changed, SCOPE, KEY) is None

    over_redis(course)


def test_a_server_with_other_secrets_shares_nothing() -> None:
    with redis_server() as redis:

        async def course() -> None:
            async with (
                processes(redis.url, 1) as (one,),
                processes(redis.url, 1, ("other",)) as (two,),
            ):
                await Cache(shared=one).keep(TITLES, SCOPE, KEY, PAGE)
                assert await Cache(shared=two).recall(TITLES, SCOPE, KEY) is None
                # Not even what it finds under its own name.
                name = two.name("note")
                await one.put(name, b"content", 60)
                assert (await one.get(name), await two.get(name)) == (b"content", None)

        running(course)


def test_neither_keys_nor_values_tell_who_was_asked_about() -> None:
    async def course(redis: RedisServer, one: Cache, _: Cache) -> None:
        await one.remember(TITLES, "scope-of-a-credential", ("a-handle",), Source())
        everything = redis.everything()
        assert b"trophycase:1:PSN.titles:" in everything
        for private in (b"scope-of-a-credential", b"a-handle", b"NPWR00001_00", b"A title"):
            assert private not in everything

    over_redis(course)


def test_a_follower_gives_up_at_his_own_deadline_and_the_others_do_not() -> None:
    async def course(_: RedisServer, one: Cache, two: Cache) -> None:
        source = Source(1)
        leader = asking(remembering(one, source))
        await asyncio.sleep(0.05)
        began = time.monotonic()
        with pytest.raises(Exception, match="in time"):
            await asking(remembering(two, source), seconds=0.3)
        assert time.monotonic() - began < 0.6
        assert (await leader)[0].value == PAGE
        assert (await asking(remembering(two, source)))[0].value == PAGE
        assert source.calls == 1

    over_redis(course)


def test_a_flight_knows_its_own_deadline_and_not_the_leaders() -> None:
    async def course(_: RedisServer, one: Cache, __: Cache) -> None:
        remaining: list[float] = []

        async def load() -> TitlePage:
            remaining.append(current().remaining())
            return PAGE

        await asking(lambda: one.remember(TITLES, SCOPE, KEY, load), seconds=1)
        assert remaining[0] > 5

    over_redis(course)


def test_what_one_process_asked_for_anew_is_older_in_none() -> None:
    async def course(_: RedisServer, one: Cache, two: Cache) -> None:
        source = Source()
        for cache in (one, two):
            await asking(remembering(cache, source))
        await asking(remembering(two, source), fresh=True)
        await asyncio.sleep(0.1)
        answers = [(await asking(remembering(cache, source)))[0] for cache in (one, two)]
        assert source.calls == 2
        assert abs((answers[0].fetched_at - answers[1].fetched_at).total_seconds()) < 0.001

    over_redis(course)


def test_an_old_entry_is_not_served_where_another_process_has_renewed_it() -> None:
    async def course(_: RedisServer, one: Cache, two: Cache) -> None:
        source = Source()
        stale = replace(TITLES, fresh=0.2)
        first, _operation = await asking(remembering(one, source, stale))
        await asyncio.sleep(0.25)
        _answer, operation = await asking(remembering(two, source, replace(stale, stale=0)))
        second, _operation = await asking(remembering(one, source, stale))
        assert operation.cached == 0
        assert second.fetched_at > first.fetched_at
        assert source.calls == 2

    over_redis(course)


def test_a_redis_started_anew_takes_from_no_process_what_it_remembers() -> None:
    async def course(redis: RedisServer, one: Cache, two: Cache) -> None:
        source, written = Source(), replace(TITLES, name="PSN.written", written=True)
        for cache in (one, two):
            await cache.remember(TITLES, SCOPE, KEY, source)
            await cache.remember(written, SCOPE, KEY, source)
        redis.kill()
        redis.start()
        await asyncio.sleep(REST + 1.5)
        for cache in (one, two):
            assert cache.peek(TITLES, SCOPE, KEY) is not None
            # What a change elsewhere may have made untrue meanwhile is asked for again.
            assert cache.peek(written, SCOPE, KEY) is None

    over_redis(course, seconds=20)


def test_a_renewal_is_in_the_summary_of_who_began_it() -> None:
    async def course(_: RedisServer, one: Cache, two: Cache) -> None:
        async def ask() -> TitlePage:
            current().ask("PSN")
            await asyncio.sleep(0.5)
            return PAGE

        async def asked(cache: Cache) -> None:
            await cache.remember(replace(TITLES, fresh=0), SCOPE, KEY, ask)
            await current().settled()

        await asking(lambda: asked(one))
        _answer, operation = await asking(lambda: asked(two))
        assert operation.summary() == {"calls": {"PSN": 1}, "cached": 1, "coalesced": 0}

    over_redis(course)


@pytest.mark.parametrize(
    "error", [Private("Not for you."), RateLimited("Wait.", retry_after=3600)], ids=["no", "wait"]
)
def test_what_one_viewer_is_refused_is_asked_again_for_another(error: Exception) -> None:
    async def course(_redis: RedisServer, one: Cache, two: Cache) -> None:
        public = replace(TITLES, name="PSN.public", shared=True)
        refusing, allowing = Source(0.2, error), Source()
        refused = asyncio.create_task(one.remember(public, "first", KEY, refusing))
        await asyncio.sleep(0.05)
        for cache in (two, one):
            answer = await cache.remember(public, "second", KEY, allowing)
            assert answer.value == PAGE
        with pytest.raises(type(error)):
            await refused
        assert (refusing.calls, allowing.calls) == (1, 1)

    over_redis(course)
