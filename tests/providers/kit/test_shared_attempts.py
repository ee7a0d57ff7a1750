"""Whose fault a failed attempt is, and who may try again: for two kits on one Redis as for one."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx
import pytest

from providers.errors import (
    BadResponse,
    OutcomeUnknown,
    RateLimited,
    TimedOut,
    Unavailable,
)
from providers.kit.caching.cache import Cache
from providers.kit.caching.policy import Kind
from providers.kit.rate_limiting.caller_quota import CallerBudget, CallerSpent
from providers.kit.rate_limiting.rate_limiter import Gates, Rate
from providers.kit.request_context import Operation, begin, current
from providers.kit.shared.shared_store import Shared
from providers.kit.upstream.circuit_breaker import THRESHOLD, Breaker
from providers.kit.upstream.upstream_client import Kit, Reply, Upstream
from tests.providers.kit.processes import asking, processes, running, until
from tests.providers.kit.redis_server import redis_server

URL = "https://source.example/path"
FACT: Kind[int] = Kind("PSN.fact", int, fresh=60)


class Network(httpx.AsyncBaseTransport):
    """A source that gives the scripted answers, the last of them for ever."""

    def __init__(self, *script: object) -> None:
        self.script = list(script)
        self.asked = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        del request
        self.asked += 1
        answer = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, asyncio.Event):
            await answer.wait()
            return httpx.Response(200, stream=Body(b"1"))
        assert isinstance(answer, httpx.Response)
        return httpx.Response(answer.status_code, headers=answer.headers, stream=answer.stream)


class Body(httpx.AsyncByteStream):
    """A body that may end before its end."""

    def __init__(self, content: bytes = b"1", *, broken: bool = False) -> None:
        self.content = content
        self.broken = broken

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self.content
        if self.broken:
            raise httpx.RemoteProtocolError("incomplete")


FINE = httpx.Response(200, stream=Body())
CUT = httpx.Response(200, stream=Body(broken=True))
DOWN = httpx.Response(503, stream=Body(b""))


def later() -> asyncio.Event:
    """An answer that is given when it is let."""
    return asyncio.Event()


@asynccontextmanager
async def upstream_over(
    network: Network, rate: str = "", shared: Shared | None = None, concurrency: int = 8
) -> AsyncGenerator[Upstream]:
    async with httpx.AsyncClient(transport=network) as http:
        kit = Kit(http, Cache(shared=shared), Gates(shared=shared), shared=shared or Shared())
        yield Upstream(kit, "PSN", "a-scope", Rate.parse(rate), concurrency)


def told(network: Network, question: Callable[[Upstream], Awaitable[None]], rate: str = "") -> None:
    async def course() -> None:
        async with upstream_over(network, rate) as upstream:
            await question(upstream)

    running(course)


def breaker_of(upstream: Upstream) -> Breaker:
    return upstream.kit.breakers[("PSN", "source.example")]


def test_two_kits_on_one_redis_make_the_calls_of_one(followers: list[str]) -> None:
    with redis_server() as redis:

        async def course() -> None:
            network = Network(given := later())
            async with (
                processes(redis.url) as (one, two),
                upstream_over(network, "300/900", one) as first,
                upstream_over(network, "300/900", two) as second,
            ):

                async def ask(upstream: Upstream) -> int:
                    async def load() -> int:
                        return (await upstream.read(URL)).decode(int)

                    cache = upstream.kit.cache
                    return (await cache.remember(FACT, "a-scope", ("key",), load)).value

                asked = [
                    asking(lambda upstream=upstream: ask(upstream))
                    for _turn in range(20)
                    for upstream in (first, second)
                ]
                await until(lambda: network.asked and followers)
                given.set()
                answers = await asyncio.gather(*asked)
                assert {answer for answer, _ in answers} == {1}
                assert network.asked == 1
                assert sum(operation.calls["PSN"] for _, operation in answers) == 1

        running(course)


def test_one_process_is_told_to_wait_and_all_do() -> None:
    with redis_server() as redis:

        async def course() -> None:
            busy = httpx.Response(429, headers={"Retry-After": "77"}, stream=Body(b""))
            network = Network(busy, FINE)
            async with (
                processes(redis.url) as (one, two),
                upstream_over(network, "", one) as first,
                upstream_over(network, "", two) as second,
            ):
                for upstream in (first, second):
                    with pytest.raises(RateLimited) as refused:
                        await upstream.read(URL)
                    assert refused.value.retry_after == pytest.approx(70, abs=7)
                    await upstream.learn_budget()  # answered after what Redis was told before
                assert network.asked == 1

        running(course)


def test_a_burst_that_is_turned_away_pauses_once() -> None:
    async def question(upstream: Upstream) -> None:
        asked = (upstream.read(URL) for _turn in range(8))
        errors = await asyncio.gather(*asked, return_exceptions=True)
        assert all(isinstance(error, RateLimited) for error in errors)
        assert upstream.gate.pauses == 1
        assert upstream.gate.paused_until < time.monotonic() + 16

    told(Network(httpx.Response(429, stream=Body(b""))), question)


def test_a_deadline_that_passes_in_the_queue_is_not_the_sources_fault() -> None:
    network = Network(given := later())

    async def question(upstream: Upstream) -> None:
        upstream.concurrency = 1
        holding = asyncio.create_task(upstream.read(URL))
        await until(lambda: network.asked)
        for _turn in range(THRESHOLD):
            begin(Operation(time.monotonic() + 0.02))
            with pytest.raises(TimedOut):
                await upstream.read(URL)
        assert breaker_of(upstream).failures == 0
        assert network.asked == 1
        given.set()
        await holding

    told(network, question)


def test_a_turn_that_came_too_late_to_ask_is_not_the_sources_fault() -> None:
    async def question(upstream: Upstream) -> None:
        await upstream.read(URL)
        turn = upstream.gate.taken[-1] + 0.5
        begin(Operation(turn + 0.1))
        with pytest.raises(TimedOut):
            await upstream.read(URL)
        assert breaker_of(upstream).failures == 0

    told(Network(FINE, later()), question, rate="1/0.5")


def test_a_source_that_had_its_time_has_failed() -> None:
    async def question(upstream: Upstream) -> None:
        begin(Operation(time.monotonic() + 0.5))
        with pytest.raises(TimedOut):
            await upstream.read(URL)
        assert breaker_of(upstream).failures == 1

    told(Network(later()), question)


def test_a_source_that_is_left_alone_costs_no_turn() -> None:
    async def question(upstream: Upstream) -> None:
        upstream.kit.retry_reserve["PSN"] = -100
        for _turn in range(THRESHOLD):
            with pytest.raises(Unavailable):
                await upstream.read(URL)
        with pytest.raises(Unavailable) as refused:
            await upstream.read(URL)
        assert refused.value.retry_after is not None
        assert len(upstream.gate.taken) == THRESHOLD

    told(Network(DOWN), question, rate="300/900")


@pytest.mark.parametrize("ending", [httpx.ReadError("reset"), CUT, later()])
def test_a_probe_always_ends(ending: object) -> None:
    async def question(upstream: Upstream) -> None:
        upstream.kit.retry_reserve["PSN"] = -100
        breaker = upstream.kit.breakers.setdefault(("PSN", "source.example"), Breaker())
        breaker.failures = THRESHOLD
        begin(Operation(time.monotonic() + 0.1))
        with pytest.raises((Unavailable, BadResponse, TimedOut)):
            await upstream.read(URL)
        assert not breaker.probing

    told(Network(ending), question)


def test_a_probe_whose_caller_goes_away_or_has_spent_his_share_makes_room() -> None:
    network = Network(later())

    async def question(upstream: Upstream) -> None:
        breaker = upstream.kit.breakers.setdefault(("PSN", "source.example"), Breaker())
        breaker.failures = THRESHOLD
        gone = asyncio.create_task(upstream.read(URL))
        await until(lambda: network.asked)
        assert breaker.probing
        gone.cancel()
        await asyncio.wait({gone})
        assert not breaker.probing
        spent = CallerBudget(Rate(1, 900)).spend_for("somebody")
        assert spent is not None
        await spent("PSN")
        current().spend = spent
        begin(Operation(time.monotonic() + 1, spend=spent))
        with pytest.raises(CallerSpent):
            await upstream.read(URL)
        assert not breaker.probing

    told(network, question)


def test_one_who_has_spent_his_share_takes_no_turn() -> None:
    async def question(upstream: Upstream) -> None:
        spend = CallerBudget(Rate(1, 900)).spend_for("somebody")
        begin(Operation(time.monotonic() + 5, spend=spend))
        await upstream.read(URL)
        for _turn in range(3):
            with pytest.raises(CallerSpent):
                await upstream.read(URL)
        assert len(upstream.gate.taken) == 1
        assert current().calls == {"PSN": 1}

    told(Network(FINE), question, rate="300/900")


@pytest.mark.parametrize("broken", [CUT, httpx.ReadError("reset"), httpx.ReadTimeout("slow")])
def test_what_broke_off_is_asked_for_once_more_and_not_twice(broken: object) -> None:
    network = Network(broken)

    async def question(upstream: Upstream) -> None:
        with pytest.raises((BadResponse, Unavailable, TimedOut)):
            await upstream.read(URL)

    told(network, question)
    assert network.asked == 2


def test_a_truncated_answer_is_unreadable_and_not_an_outage() -> None:
    async def question(upstream: Upstream) -> None:
        upstream.kit.retry_reserve["PSN"] = -100
        with pytest.raises(BadResponse):
            await upstream.read(URL)

    told(Network(CUT), question)


def test_a_time_out_is_tried_again_only_while_a_third_of_the_time_is_left() -> None:
    network = Network(httpx.ReadTimeout("slow"))

    async def question(upstream: Upstream) -> None:
        begin(Operation(time.monotonic() + 2, started=time.time() - 8))
        with pytest.raises(TimedOut):
            await upstream.read(URL)

    told(network, question)
    assert network.asked == 1


def test_a_change_that_was_never_sent_is_tried_again() -> None:
    network = Network(httpx.ConnectError("refused"), FINE)

    async def question(upstream: Upstream) -> None:
        reply: Reply = await upstream.write(URL)
        assert reply.status == 200

    told(network, question)
    assert network.asked == 2


def test_a_change_is_certain_not_to_have_happened_when_it_was_never_asked_for() -> None:
    async def question(upstream: Upstream) -> None:
        upstream.kit.retry_reserve["PSN"] = -100
        for _turn in range(THRESHOLD):
            with pytest.raises(OutcomeUnknown):
                await upstream.write(URL)
        with pytest.raises(Unavailable):
            await upstream.write(URL)  # the source is left alone by now
        begin(Operation(time.monotonic()))
        upstream.kit.breakers.clear()
        with pytest.raises(TimedOut):
            await upstream.write(URL)

    told(Network(DOWN), question)


def test_a_call_that_waits_to_be_repeated_holds_no_place(monkeypatch: pytest.MonkeyPatch) -> None:
    def an_hour(_least: float, _most: float) -> float:
        return 3600

    monkeypatch.setattr("random.uniform", an_hour)  # so that nobody comes back
    network = Network(DOWN)

    async def question(upstream: Upstream) -> None:
        upstream.concurrency = 1
        failing = [asyncio.create_task(upstream.read(URL)) for _turn in range(2)]
        await until(lambda: network.asked == 2)
        await until(lambda: not upstream.gate.slots.locked())
        assert not any(each.done() for each in failing)
        for each in failing:
            each.cancel()

    told(network, question)


@pytest.mark.parametrize(
    ("name", "since"), [("x-ratelimit-reset", 0), ("x-ratelimit-next-available", 1)]
)
def test_the_siblings_of_retry_after_are_understood_both_ways(name: str, since: int) -> None:
    value = str(30 + since * (int(time.time()) + 1))

    async def question(upstream: Upstream) -> None:
        begin(Operation(time.monotonic() + 2))
        with pytest.raises(RateLimited) as refused:
            await upstream.read(URL)
        assert refused.value.retry_after is not None
        assert 0 < refused.value.retry_after <= 31

    told(Network(httpx.Response(429, headers={name: value}, stream=Body(b""))), question)
