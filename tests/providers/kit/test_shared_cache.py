"""Two processes on one Redis: one memory behind both, and one flight for both."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from providers.errors import NotFound, Private, RateLimited, TimedOut, Unavailable
from providers.kit.caching.cache import Cache
from providers.kit.caching.cached import Answer
from providers.kit.caching.policy import Kind
from providers.kit.rate_limiting.caller_quota import CallerSpent
from providers.kit.request_context import current
from providers.kit.shared.lease import TTL
from providers.records import Title, TitlePage
from tests.providers.kit.processes import asking, processes, running, until
from tests.providers.kit.redis_server import RedisServer, redis_server

PAGE = TitlePage(titles=(Title(native_id="NPWR00001_00", name="A title"),), total=1)
TITLES: Kind[TitlePage] = Kind("PSN.titles", TitlePage, fresh=60, stale=120, rescue=600)
OLD = replace(TITLES, fresh=0, stale=0)
SCOPE, KEY = "a-scope", ("somebody",)


class Source:
    """A source that counts its calls, and answers when it is let."""

    def __init__(self, error: Exception | None = None, *, is_open: bool = True) -> None:
        self.calls = 0
        self.error = error
        self.open = asyncio.Event()
        if is_open:
            self.open.set()

    async def __call__(self) -> TitlePage:
        self.calls += 1
        await self.open.wait()
        if self.error is not None:
            raise self.error
        return PAGE


def shut(error: Exception | None = None) -> Source:
    """One that answers nobody yet."""
    return Source(error, is_open=False)


def over_redis(
    course: Callable[[RedisServer, Cache, Cache], Awaitable[None]], seconds: float = 10
) -> None:
    with redis_server() as redis:

        async def run() -> None:
            async with processes(redis.url) as (one, two):
                await until(lambda: redis.listeners() == 2)
                await course(redis, Cache(shared=one), Cache(shared=two))

        running(run, seconds)


def remembering(
    cache: Cache, source: Source, kind: Kind[TitlePage] = TITLES
) -> Callable[[], Awaitable[Answer[TitlePage]]]:
    return lambda: cache.remember(kind, SCOPE, KEY, source)


async def arrived(cache: Cache) -> None:
    """Be back when Redis has all that this process has told it: what is asked comes after it."""
    assert await cache.recall(TITLES, "nobody", ("nothing",)) is None


def let_pass(seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make everything that is remembered older."""
    before = time.time
    monkeypatch.setattr(time, "time", lambda: before() + seconds)


def test_what_one_process_fetched_is_remembered_in_the_other() -> None:
    async def course(_: RedisServer, one: Cache, two: Cache) -> None:
        source = Source()
        first, _operation = await asking(remembering(one, source))
        await arrived(one)
        second, operation = await asking(remembering(two, source))
        assert (second.value, source.calls) == (PAGE, 1)
        assert abs((second.fetched_at - first.fetched_at).total_seconds()) < 0.001
        assert operation.summary() == {"calls": {}, "cached": 1, "coalesced": 0}

    over_redis(course)


def test_many_who_ask_two_processes_at_once_cost_one_call(followers: list[str]) -> None:
    async def course(redis: RedisServer, one: Cache, two: Cache) -> None:
        source = shut()
        before = redis.commands()
        asked = [asking(remembering(cache, source)) for _ in range(50) for cache in (one, two)]
        await until(lambda: source.calls and followers)
        source.open.set()
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
        source = Source(NotFound("Nobody of that name.", source="PSN"))
        for cache in (one, two):
            with pytest.raises(NotFound, match=r"Nobody of that name\.") as told:
                await cache.remember(TITLES, SCOPE, KEY, source)
            assert told.value.source == "PSN"
        assert source.calls == 1

    over_redis(course)


def test_an_error_is_told_to_those_who_wait_in_other_processes(followers: list[str]) -> None:
    async def course(_: RedisServer, one: Cache, two: Cache) -> None:
        source = shut(RateLimited("Wait.", source="PSN", retry_after=7))
        asked = [asking(remembering(cache, source)) for cache in (one, two)]
        await until(lambda: source.calls and followers)
        source.open.set()
        errors = await asyncio.gather(*asked, return_exceptions=True)
        assert [type(error) for error in errors] == [RateLimited, RateLimited]
        assert source.calls == 1
        with pytest.raises(RateLimited):
            await two.remember(TITLES, SCOPE, KEY, source)
        assert source.calls == 2  # who asks later is not told of what went wrong before

    over_redis(course)


def test_another_takes_over_from_a_process_that_fell_silent() -> None:
    async def course(redis: RedisServer, one: Cache, two: Cache) -> None:
        hung, source = shut(), Source()
        lost = asking(remembering(one, hung))
        await until(lambda: hung.calls)
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
        source = shut()
        asyncio.get_running_loop().call_later(TTL + 1, source.open.set)
        await asyncio.gather(*(asking(remembering(cache, source)) for cache in (one, two)))
        assert source.calls == 1

    over_redis(course)


def test_one_who_has_spent_his_share_takes_nobody_along(followers: list[str]) -> None:
    async def course(_: RedisServer, one: Cache, two: Cache) -> None:
        refusing = shut(CallerSpent("Spent.", source="PSN", retry_after=9))
        answering = Source()
        asked = [asking(remembering(one, refusing))]
        await until(lambda: refusing.calls)
        asked += [asking(remembering(each, answering)) for each in (one, two)]
        await until(lambda: followers)
        refusing.open.set()
        spent, *others = await asyncio.gather(*asked, return_exceptions=True)
        assert isinstance(spent, CallerSpent)
        assert not any(isinstance(other, BaseException) for other in others)
        assert (refusing.calls, answering.calls) == (1, 1)

    over_redis(course)


def test_a_renewal_in_the_background_is_one_flight_of_all(
    followers: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def course(_: RedisServer, one: Cache, two: Cache) -> None:
        source = Source()
        for cache in (one, two):
            await cache.remember(TITLES, SCOPE, KEY, source)
            await arrived(cache)
        let_pass(TITLES.fresh, monkeypatch)
        source.open.clear()
        for cache in (one, two) * 5:
            answer, operation = await asking(remembering(cache, source))
            assert (answer.value, operation.cached) == (PAGE, 1)
        await until(lambda: source.calls > 1 and followers)
        source.open.set()
        await until(lambda: all(cache.peek(TITLES, SCOPE, KEY) for cache in (one, two)))
        assert source.calls == 2

    over_redis(course)


def test_an_old_entry_of_another_process_stands_in_when_the_source_fails() -> None:
    async def course(_: RedisServer, one: Cache, two: Cache) -> None:
        await one.remember(OLD, SCOPE, KEY, Source())
        await arrived(one)
        answer = await two.remember(OLD, SCOPE, KEY, Source(Unavailable("Down.")))
        assert (answer.value, answer.stale) == (PAGE, True)

    over_redis(course)


def test_who_wants_it_fresh_gets_it_fresh_once_for_all_who_do(followers: list[str]) -> None:
    async def course(_: RedisServer, one: Cache, two: Cache) -> None:
        source = Source()
        for cache in (one, two):
            await cache.remember(TITLES, SCOPE, KEY, source)
            await arrived(cache)
        source.open.clear()
        asked = [asking(remembering(cache, source), fresh=True) for cache in (one, two)]
        await until(lambda: source.calls > 1 and followers)
        source.open.set()
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
        await until(lambda: two.peek(TITLES, SCOPE, KEY) is None)
        await two.remember(TITLES, SCOPE, KEY, source)
        assert source.calls == 2

    over_redis(course)


def test_what_was_asked_before_a_change_is_not_remembered_after_it() -> None:
    async def course(_: RedisServer, one: Cache, two: Cache) -> None:
        source, later = shut(), ("somebody-else",)
        await one.keep(TITLES, SCOPE, later, PAGE)
        asked = asking(remembering(one, source))
        await until(lambda: source.calls)
        for key in (KEY, later):
            two.forget(TITLES, SCOPE, key)
        await until(lambda: one.peek(TITLES, SCOPE, later) is None)  # and so has heard of both
        source.open.set()
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
        await arrived(one)
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
        await arrived(one)
        everything = redis.everything()
        assert b"trophycase:1:PSN.titles:" in everything
        for private in (b"scope-of-a-credential", b"a-handle", b"NPWR00001_00", b"A title"):
            assert private not in everything

    over_redis(course)


def test_a_follower_gives_up_at_his_own_deadline_and_the_others_do_not() -> None:
    async def course(_: RedisServer, one: Cache, two: Cache) -> None:
        source = shut()
        leader = asking(remembering(one, source), seconds=20)
        await until(lambda: source.calls)
        async with asyncio.timeout(5):  # a flight as such has ten seconds
            with pytest.raises(TimedOut):
                await asking(remembering(two, source), seconds=0.3)
        assert not leader.done()
        source.open.set()
        assert (await leader)[0].value == PAGE
        assert (await asking(remembering(two, source)))[0].value == PAGE
        assert source.calls == 1

    over_redis(course, seconds=30)


def test_a_flight_knows_its_own_deadline_and_not_the_leaders() -> None:
    async def course(_: RedisServer, one: Cache, __: Cache) -> None:
        remaining: list[float] = []

        async def load() -> TitlePage:
            remaining.append(current().remaining())
            return PAGE

        await asking(lambda: one.remember(TITLES, SCOPE, KEY, load), seconds=5)
        assert remaining[0] > 6

    over_redis(course)


def test_what_one_process_asked_for_anew_is_older_in_none() -> None:
    async def course(_: RedisServer, one: Cache, two: Cache) -> None:
        source = Source()
        for cache in (one, two):
            await asking(remembering(cache, source))
        await asking(remembering(two, source), fresh=True)
        await until(lambda: one.peek(TITLES, SCOPE, KEY) is None)
        answers = [(await asking(remembering(cache, source)))[0] for cache in (one, two)]
        assert source.calls == 2
        assert abs((answers[0].fetched_at - answers[1].fetched_at).total_seconds()) < 0.001

    over_redis(course)


def test_an_old_entry_is_not_served_where_another_process_has_renewed_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def course(_: RedisServer, one: Cache, two: Cache) -> None:
        source = Source()
        first, _operation = await asking(remembering(one, source))
        let_pass(TITLES.fresh, monkeypatch)
        _answer, operation = await asking(remembering(two, source, replace(TITLES, stale=0)))
        await arrived(two)
        second, _operation = await asking(remembering(one, source))
        assert operation.cached == 0
        assert second.fetched_at > first.fetched_at
        assert source.calls == 2

    over_redis(course)


def test_a_redis_started_anew_takes_from_no_process_what_it_remembers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("providers.kit.shared.invalidation.REST", 0.1)

    async def course(redis: RedisServer, one: Cache, two: Cache) -> None:
        source, written = Source(), replace(TITLES, name="PSN.written", written=True)
        for cache in (one, two):
            await cache.remember(TITLES, SCOPE, KEY, source)
            await cache.remember(written, SCOPE, KEY, source)
        redis.kill()
        redis.start()
        for cache in (one, two):
            # What a change elsewhere may have made untrue meanwhile is asked for again.
            await until(lambda cache=cache: cache.peek(written, SCOPE, KEY) is None)
            assert cache.peek(TITLES, SCOPE, KEY) is not None

    over_redis(course, seconds=30)


def test_a_renewal_is_in_the_summary_of_who_began_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("providers.kit.request_context.SETTLING_SECONDS", 60)

    async def course(_: RedisServer, one: Cache, two: Cache) -> None:
        source = Source()

        async def ask() -> TitlePage:
            current().ask("PSN")
            return await source()

        async def asked(cache: Cache) -> None:
            await cache.remember(replace(TITLES, fresh=0), SCOPE, KEY, ask)
            async with asyncio.timeout(10):
                await current().settled()

        await asking(lambda: asked(one))
        await arrived(one)
        source.open.clear()  # so that it has asked, and is not answered
        _answer, operation = await asking(lambda: asked(two))
        assert operation.summary() == {"calls": {"PSN": 1}, "cached": 1, "coalesced": 0}

    over_redis(course)


@pytest.mark.parametrize(
    "error", [Private("Not for you."), RateLimited("Wait.", retry_after=3600)], ids=["no", "wait"]
)
def test_what_one_viewer_is_refused_is_asked_again_for_another(
    error: Exception, followers: list[str]
) -> None:
    async def course(_redis: RedisServer, one: Cache, two: Cache) -> None:
        public = replace(TITLES, name="PSN.public", shared=True)
        refusing, allowing = shut(error), Source()
        refused = asyncio.create_task(one.remember(public, "first", KEY, refusing))
        await until(lambda: refusing.calls)
        asked = [
            asking(lambda cache=cache: cache.remember(public, "second", KEY, allowing))
            for cache in (two, one)
        ]
        await until(lambda: followers)
        refusing.open.set()
        answers = await asyncio.gather(*asked)
        assert [answer.value for answer, _ in answers] == [PAGE, PAGE]
        with pytest.raises(type(error)):
            await refused
        assert (refusing.calls, allowing.calls) == (1, 1)

    over_redis(course)
