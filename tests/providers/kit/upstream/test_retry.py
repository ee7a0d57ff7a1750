"""Retries, what counts as a failure of the host, and what two processes share."""

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
from providers.kit.caching.policy import CachePolicy
from providers.kit.rate_limiting.caller_quota import CallerQuotaExceeded, CallerQuotas
from providers.kit.rate_limiting.rate_limiter import Rate, RateLimiters
from providers.kit.request_context import RequestContext, get_current, set_current
from providers.kit.shared.shared_store import SharedStore
from providers.kit.upstream.circuit_breaker import FAILURE_THRESHOLD, CircuitBreaker
from providers.kit.upstream.upstream_client import SharedServices, UpstreamClient, UpstreamResponse
from tests.providers.kit.redis_server import run_redis_server
from tests.providers.kit.simulated_processes import (
    open_stores,
    run_scenario,
    start_request,
    wait_until,
)
from tests.virtual_time import run_on_virtual_time

URL = "https://source.example/path"
POLICY: CachePolicy[int] = CachePolicy("PSN.value", int, max_age=60)


class FakeNetwork(httpx.AsyncBaseTransport):
    """A source that gives one response after the other, then the last one forever."""

    def __init__(self, *script: object) -> None:
        self.script = list(script)
        self.calls = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        del request
        self.calls += 1
        step = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(step, Exception):
            raise step
        if isinstance(step, asyncio.Event):
            await step.wait()
            return httpx.Response(200, stream=FakeBody(b"1"))
        assert isinstance(step, httpx.Response)
        return httpx.Response(step.status_code, headers=step.headers, stream=step.stream)


class FakeBody(httpx.AsyncByteStream):
    """A body that may be truncated."""

    def __init__(self, content: bytes = b"1", *, truncated: bool = False) -> None:
        self.content = content
        self.truncated = truncated

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self.content
        if self.truncated:
            raise httpx.RemoteProtocolError("incomplete")


OK_RESPONSE = httpx.Response(200, stream=FakeBody())
TRUNCATED_RESPONSE = httpx.Response(200, stream=FakeBody(truncated=True))
UNAVAILABLE_RESPONSE = httpx.Response(503, stream=FakeBody(b""))


def make_pending_response() -> asyncio.Event:
    """Make a response that is sent when the event is set."""
    return asyncio.Event()


@asynccontextmanager
async def open_upstream(
    network: FakeNetwork, rate: str = "", shared: SharedStore | None = None, concurrency: int = 8
) -> AsyncGenerator[UpstreamClient]:
    async with network:
        services = SharedServices(
            network,
            Cache(shared_store=shared),
            RateLimiters(shared_store=shared),
            shared_store=shared or SharedStore(),
        )
        yield UpstreamClient(services, "PSN", "a-scope", Rate.parse(rate), concurrency)


def run_with_network(
    network: FakeNetwork, scenario: Callable[[UpstreamClient], Awaitable[None]], rate: str = ""
) -> None:
    async def run_in_context() -> None:
        set_current(RequestContext(time.monotonic() + 10))
        async with open_upstream(network, rate) as upstream:
            await scenario(upstream)

    run_on_virtual_time(run_in_context())


def get_breaker(upstream: UpstreamClient) -> CircuitBreaker:
    return upstream.services.circuit_breakers[("PSN", "source.example")]


@pytest.mark.slow
def test_two_processes_on_one_redis_share_one_call(followers: list[str]) -> None:
    with run_redis_server() as redis:

        async def scenario() -> None:
            network = FakeNetwork(response := make_pending_response())
            async with (
                open_stores(redis.url) as (one, two),
                open_upstream(network, "300/900", one) as first,
                open_upstream(network, "300/900", two) as second,
            ):

                async def load_value(upstream: UpstreamClient) -> int:
                    async def load() -> int:
                        return (await upstream.read(URL)).decode(int)

                    cache = upstream.services.cache
                    return (await cache.get_or_load(POLICY, "a-scope", ("key",), load)).value

                requests = [
                    start_request(lambda upstream=upstream: load_value(upstream))
                    for _ in range(20)
                    for upstream in (first, second)
                ]
                await wait_until(lambda: network.calls and followers)
                response.set()
                outcomes = await asyncio.gather(*requests)
                assert {value for value, _ in outcomes} == {1}
                assert network.calls == 1
                assert sum(context.calls["PSN"] for _, context in outcomes) == 1

        run_scenario(scenario)


def test_a_retry_after_pauses_all_processes() -> None:
    with run_redis_server() as redis:

        async def scenario() -> None:
            busy = httpx.Response(429, headers={"Retry-After": "77"}, stream=FakeBody(b""))
            network = FakeNetwork(busy, OK_RESPONSE)
            async with (
                open_stores(redis.url) as (one, two),
                open_upstream(network, "", one) as first,
                open_upstream(network, "", two) as second,
            ):
                for upstream in (first, second):
                    with pytest.raises(RateLimited) as error:
                        await upstream.read(URL)
                    assert error.value.retry_after == pytest.approx(70, abs=7)
                    await upstream.refresh_budget()  # replied after the pause was written
                assert network.calls == 1

        run_scenario(scenario)


def test_a_burst_of_rate_limit_errors_pauses_once() -> None:
    async def scenario(upstream: UpstreamClient) -> None:
        calls = (upstream.read(URL) for _ in range(8))
        errors = await asyncio.gather(*calls, return_exceptions=True)
        assert all(isinstance(error, RateLimited) for error in errors)
        assert upstream.rate_limiter.pause_count == 1
        assert upstream.rate_limiter.paused_until < time.monotonic() + 16

    run_with_network(FakeNetwork(httpx.Response(429, stream=FakeBody(b""))), scenario)


def test_a_deadline_reached_in_the_queue_is_not_a_failure_of_the_source() -> None:
    network = FakeNetwork(response := make_pending_response())

    async def scenario(upstream: UpstreamClient) -> None:
        upstream.concurrency = 1
        first = asyncio.create_task(upstream.read(URL))
        await wait_until(lambda: network.calls)
        for _ in range(FAILURE_THRESHOLD):
            set_current(RequestContext(time.monotonic() + 0.02))
            with pytest.raises(TimedOut):
                await upstream.read(URL)
        assert get_breaker(upstream).failures == 0
        assert network.calls == 1
        response.set()
        await first

    run_with_network(network, scenario)


def test_an_acquisition_too_close_to_the_deadline_is_not_a_failure_of_the_source() -> None:
    async def scenario(upstream: UpstreamClient) -> None:
        await upstream.read(URL)
        (acquired_at,) = upstream.rate_limiter.window.times
        set_current(RequestContext(acquired_at + 0.5 + 0.1, started_at=time.time() - 0.5))
        with pytest.raises(TimedOut):
            await upstream.read(URL)
        assert get_breaker(upstream).failures == 0

    run_with_network(FakeNetwork(OK_RESPONSE, make_pending_response()), scenario, rate="1/0.5")


def test_a_source_that_does_not_respond_by_the_deadline_has_failed() -> None:
    async def scenario(upstream: UpstreamClient) -> None:
        set_current(RequestContext(time.monotonic() + 0.5))
        with pytest.raises(TimedOut):
            await upstream.read(URL)
        assert get_breaker(upstream).failures == 1

    run_with_network(FakeNetwork(make_pending_response()), scenario)


def test_an_open_circuit_breaker_acquires_nothing() -> None:
    async def scenario(upstream: UpstreamClient) -> None:
        upstream.services.retry_tokens["PSN"] = -100
        for _ in range(FAILURE_THRESHOLD):
            with pytest.raises(Unavailable):
                await upstream.read(URL)
        with pytest.raises(Unavailable) as error:
            await upstream.read(URL)
        assert error.value.retry_after is not None
        assert upstream.rate_limiter.window.total == FAILURE_THRESHOLD

    run_with_network(FakeNetwork(UNAVAILABLE_RESPONSE), scenario, rate="300/900")


@pytest.mark.parametrize(
    "ending", [httpx.ReadError("reset"), TRUNCATED_RESPONSE, make_pending_response()]
)
def test_a_probe_always_ends(ending: object) -> None:
    async def scenario(upstream: UpstreamClient) -> None:
        upstream.services.retry_tokens["PSN"] = -100
        breaker = upstream.services.circuit_breakers.setdefault(
            ("PSN", "source.example"), CircuitBreaker()
        )
        breaker.failures = FAILURE_THRESHOLD
        set_current(RequestContext(time.monotonic() + 0.1))
        with pytest.raises((Unavailable, BadResponse, TimedOut)):
            await upstream.read(URL)
        assert not breaker.is_probing

    run_with_network(FakeNetwork(ending), scenario)


def test_a_probe_that_is_cancelled_or_over_quota_is_released() -> None:
    network = FakeNetwork(make_pending_response())

    async def scenario(upstream: UpstreamClient) -> None:
        breaker = upstream.services.circuit_breakers.setdefault(
            ("PSN", "source.example"), CircuitBreaker()
        )
        breaker.failures = FAILURE_THRESHOLD
        probe = asyncio.create_task(upstream.read(URL))
        await wait_until(lambda: network.calls)
        assert breaker.is_probing
        probe.cancel()
        await asyncio.wait({probe})
        assert not breaker.is_probing
        charge = CallerQuotas(Rate(1, 900)).create_charge("a-caller")
        assert charge is not None
        await charge("PSN")
        set_current(RequestContext(time.monotonic() + 1, charge=charge))
        with pytest.raises(CallerQuotaExceeded):
            await upstream.read(URL)
        assert not breaker.is_probing

    run_with_network(network, scenario)


def test_a_caller_over_quota_acquires_nothing() -> None:
    async def scenario(upstream: UpstreamClient) -> None:
        charge = CallerQuotas(Rate(1, 900)).create_charge("a-caller")
        set_current(RequestContext(time.monotonic() + 5, charge=charge))
        await upstream.read(URL)
        for _ in range(3):
            with pytest.raises(CallerQuotaExceeded):
                await upstream.read(URL)
        assert upstream.rate_limiter.window.total == 1
        assert get_current().calls == {"PSN": 1}

    run_with_network(FakeNetwork(OK_RESPONSE), scenario, rate="300/900")


@pytest.mark.parametrize(
    "broken", [TRUNCATED_RESPONSE, httpx.ReadError("reset"), httpx.ReadTimeout("slow")]
)
def test_a_broken_response_is_retried_once(broken: object) -> None:
    network = FakeNetwork(broken)

    async def scenario(upstream: UpstreamClient) -> None:
        with pytest.raises((BadResponse, Unavailable, TimedOut)):
            await upstream.read(URL)

    run_with_network(network, scenario)
    assert network.calls == 2


def test_a_truncated_response_is_a_bad_response() -> None:
    async def scenario(upstream: UpstreamClient) -> None:
        upstream.services.retry_tokens["PSN"] = -100
        with pytest.raises(BadResponse):
            await upstream.read(URL)

    run_with_network(FakeNetwork(TRUNCATED_RESPONSE), scenario)


def test_a_timeout_is_retried_only_while_a_third_of_the_time_is_left() -> None:
    network = FakeNetwork(httpx.ReadTimeout("slow"))

    async def scenario(upstream: UpstreamClient) -> None:
        set_current(RequestContext(time.monotonic() + 2, started_at=time.time() - 8))
        with pytest.raises(TimedOut):
            await upstream.read(URL)

    run_with_network(network, scenario)
    assert network.calls == 1


def test_a_write_that_was_never_sent_is_retried() -> None:
    network = FakeNetwork(httpx.ConnectError("refused"), OK_RESPONSE)

    async def scenario(upstream: UpstreamClient) -> None:
        response: UpstreamResponse = await upstream.write(URL)
        assert response.status == 200

    run_with_network(network, scenario)
    assert network.calls == 2


def test_a_write_that_was_never_attempted_has_a_certain_outcome() -> None:
    async def scenario(upstream: UpstreamClient) -> None:
        upstream.services.retry_tokens["PSN"] = -100
        for _ in range(FAILURE_THRESHOLD):
            with pytest.raises(OutcomeUnknown):
                await upstream.write(URL)
        with pytest.raises(Unavailable):
            await upstream.write(URL)  # the circuit breaker is open by now
        set_current(RequestContext(time.monotonic()))
        upstream.services.circuit_breakers.clear()
        with pytest.raises(TimedOut):
            await upstream.write(URL)

    run_with_network(FakeNetwork(UNAVAILABLE_RESPONSE), scenario)


def test_a_call_that_waits_for_its_retry_holds_no_slot(monkeypatch: pytest.MonkeyPatch) -> None:
    def return_one_hour(_least: float, _most: float) -> float:
        return 3600

    monkeypatch.setattr(
        "random.uniform", return_one_hour
    )  # so that no call is retried during the test
    network = FakeNetwork(UNAVAILABLE_RESPONSE)

    async def scenario(upstream: UpstreamClient) -> None:
        upstream.concurrency = 1
        failing = [asyncio.create_task(upstream.read(URL)) for _ in range(2)]
        await wait_until(lambda: network.calls == 2)
        await wait_until(lambda: not upstream.rate_limiter.slots.locked())
        assert not any(each.done() for each in failing)
        for each in failing:
            each.cancel()

    run_with_network(network, scenario)


@pytest.mark.parametrize(
    ("name", "since"), [("x-ratelimit-reset", 0), ("x-ratelimit-next-available", 1)]
)
def test_rate_limit_reset_headers_accept_seconds_and_timestamps(name: str, since: int) -> None:
    value = str(30 + since * (int(time.time()) + 1))

    async def scenario(upstream: UpstreamClient) -> None:
        set_current(RequestContext(time.monotonic() + 2))
        with pytest.raises(RateLimited) as error:
            await upstream.read(URL)
        assert error.value.retry_after is not None
        assert 0 < error.value.retry_after <= 31

    run_with_network(
        FakeNetwork(httpx.Response(429, headers={name: value}, stream=FakeBody(b""))), scenario
    )
