"""The upstream client: bounds, retries, redirects, bodies, pauses and the circuit breaker."""

import asyncio
import gzip
import time
import zlib
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import pytest

from providers.errors import (
    BadInput,
    BadResponse,
    OutcomeUnknown,
    ProviderError,
    RateLimited,
    TimedOut,
    Unavailable,
)
from providers.kit.rate_limiting.rate_limiter import Rate
from providers.kit.request_context import RequestContext, get_current, set_current
from providers.kit.upstream.upstream_client import (
    MAX_BODY_BYTES,
    UpstreamClient,
    UpstreamResponse,
    parse_retry_after,
)
from tests.providers.kit.upstream.scripted_upstream import (
    URL,
    ChunkedBody,
    ScriptedUpstream,
    make_response,
    run_with_upstream,
)
from tests.virtual_time import use_virtual_time

READ_ERROR = httpx.ReadError("connection broken")
CONNECT_ERROR = httpx.ConnectError("connection refused")


async def read_url(upstream: UpstreamClient) -> UpstreamResponse:
    return await upstream.read(URL)


async def write_url(upstream: UpstreamClient) -> UpstreamResponse:
    return await upstream.write(URL, json={"a": 1})


def run_and_get_error(
    scenario: Any, script: ScriptedUpstream, error_type: type[ProviderError], **options: Any
) -> ProviderError:
    with pytest.raises(error_type) as error:
        run_with_upstream(scenario, script, **options)
    assert error.value.source == "SOURCE"
    assert URL not in str(error.value)
    return error.value


def test_a_chunked_body_is_read_completely() -> None:
    def chunked() -> httpx.Response:
        return httpx.Response(200, stream=ChunkedBody([b'{"a"', b":", b"1}"]))

    response = run_with_upstream(read_url, ScriptedUpstream([chunked]))

    assert (response.status, response.body) == (200, b'{"a":1}')


@pytest.mark.parametrize("more", ["x" * 70_000, "\x00"])
def test_an_invalid_url_is_bad_input_and_sends_nothing(more: str) -> None:
    async def read(upstream: UpstreamClient) -> UpstreamResponse:
        return await upstream.read(URL + more)

    async def write(upstream: UpstreamClient) -> UpstreamResponse:
        return await upstream.write(URL + more)

    script = ScriptedUpstream([])
    run_and_get_error(read, script, BadInput)
    run_and_get_error(write, script, BadInput)
    assert script.requests == []


@pytest.mark.parametrize("status", [200, 201, 204, 400, 403, 404, 410, 422])
def test_statuses_that_the_source_decides_are_returned(status: int) -> None:
    script = ScriptedUpstream([make_response(status, b"[]")])

    assert run_with_upstream(read_url, script).status == status
    assert len(script.requests) == 1


@pytest.mark.parametrize(
    "failure", [make_response(500), make_response(503), READ_ERROR, CONNECT_ERROR], ids=range(4)
)
def test_a_failed_read_is_retried(failure: Any) -> None:
    script = ScriptedUpstream([failure, make_response(200, b"1")])

    assert run_with_upstream(read_url, script).body == b"1"
    assert len(script.requests) == 2


@pytest.mark.parametrize("failure", [make_response(502), READ_ERROR, CONNECT_ERROR], ids=range(3))
def test_a_read_is_retried_a_limited_number_of_times(failure: Any) -> None:
    script = ScriptedUpstream([failure])

    run_and_get_error(read_url, script, Unavailable)
    assert 2 <= len(script.requests) <= 3


@pytest.mark.parametrize("status", [501, 505, 520])
def test_other_server_errors_are_returned(status: int) -> None:
    script = ScriptedUpstream([make_response(status)])

    assert run_with_upstream(read_url, script).status == status
    assert len(script.requests) == 1


def test_retries_are_bounded_over_all_callers() -> None:
    script = ScriptedUpstream([make_response(503)])

    async def run_many(upstream: UpstreamClient) -> None:
        upstream.services.retry_tokens["SOURCE"] = 0
        for number in range(4):
            with pytest.raises(Unavailable):
                await upstream.read(f"https://host{number}.example/")

    run_with_upstream(run_many, script)

    assert len(script.requests) == 4


def test_a_hanging_source_times_out_at_the_deadline() -> None:
    with use_virtual_time() as clock:
        started_at = clock.now

        run_and_get_error(read_url, ScriptedUpstream(["hang"]), TimedOut, deadline=10)

        assert clock.now - started_at == pytest.approx(10)


def test_a_body_sent_byte_by_byte_times_out_at_the_deadline() -> None:
    class Slow(httpx.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            while True:
                await asyncio.sleep(0.01)
                yield b"x"

    script = ScriptedUpstream([lambda: httpx.Response(200, stream=Slow())])

    run_and_get_error(read_url, script, TimedOut, deadline=0.15)


@pytest.mark.parametrize("location", ["https://evil.example/", "//evil.example", "/other", ""])
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(status: int, location: str) -> None:
    script = ScriptedUpstream([make_response(status, b"", {"Location": location})])

    run_and_get_error(read_url, script, BadResponse)
    assert [request.url.host for request in script.requests] == ["upstream.example"]


def test_a_redirect_to_an_invalid_location_is_an_error() -> None:
    script = ScriptedUpstream([make_response(302, b"", {"Location": "data:,x"})])

    run_and_get_error(read_url, script, ProviderError)
    assert {request.url.host for request in script.requests} == {"upstream.example"}


def test_a_body_that_is_too_large_is_aborted_while_streaming() -> None:
    body = ChunkedBody([b"x" * 65_536] * 10_000)
    script = ScriptedUpstream([lambda: httpx.Response(200, stream=body)])

    run_and_get_error(read_url, script, BadResponse)
    assert body.bytes_sent <= MAX_BODY_BYTES + 2 * 65_536
    assert body.closed


def test_a_body_of_the_largest_size_is_read() -> None:
    script = ScriptedUpstream([make_response(200, b"x" * MAX_BODY_BYTES)])

    assert len(run_with_upstream(read_url, script).body) == MAX_BODY_BYTES


@pytest.mark.slow
def test_a_small_body_that_grows_without_bound_is_dropped() -> None:
    compressor = zlib.compressobj(9, wbits=31)
    bomb = compressor.compress(b"\0" * 200_000_000) + compressor.flush()
    assert len(bomb) < 300_000
    script = ScriptedUpstream([make_response(200, bomb, {"Content-Encoding": "gzip"})])

    run_and_get_error(read_url, script, BadResponse)


def test_a_compressed_body_is_decompressed() -> None:
    body = gzip.compress(b'{"a": 1}')

    for chunks in ([body], [body[:5], body[5:]], [bytes([byte]) for byte in body]):
        script = ScriptedUpstream(
            [make_response(200, headers={"Content-Encoding": "gzip"}, chunks=chunks)]
        )
        assert run_with_upstream(read_url, script).body == b'{"a": 1}'


@pytest.mark.parametrize(
    ("body", "encoding"),
    [(b"not gzip", "gzip"), (b"{}", "br"), (b"{}", "deflate"), (b"{}", "gzip, gzip")],
)
def test_an_unrequested_content_encoding_is_a_bad_response(body: bytes, encoding: str) -> None:
    script = ScriptedUpstream([make_response(200, body, {"Content-Encoding": encoding})])

    run_and_get_error(read_url, script, BadResponse)


def test_a_truncated_compressed_body_is_an_error() -> None:
    body = gzip.compress(b'{"a": 1}' * 1000)[:-20]

    run_and_get_error(
        read_url,
        ScriptedUpstream([make_response(200, body, {"Content-Encoding": "gzip"})]),
        ProviderError,
    )


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b'{"a": NaN}', b"{", b"\xff\xfe", b"[" * 100_000, b'"\\ud800"x']
)
def test_a_body_that_is_not_json_is_a_bad_response(body: bytes) -> None:
    response = run_with_upstream(read_url, ScriptedUpstream([make_response(200, body)]))

    with pytest.raises(BadResponse):
        response.decode(dict[str, Any])


def test_a_retry_after_pauses_all_calls_of_the_credential() -> None:
    script = ScriptedUpstream([make_response(429, b"", {"Retry-After": "77"})])

    async def run_twice(upstream: UpstreamClient) -> list[ProviderError]:
        errors: list[ProviderError] = []
        for _ in range(2):
            try:
                await upstream.read(URL)
            except RateLimited as error:
                errors.append(error)
        return errors

    errors = run_with_upstream(run_twice, script)

    assert [error.retry_after for error in errors] == [pytest.approx(70, abs=7)] * 2
    assert len(script.requests) == 1


def test_a_short_retry_after_is_waited_and_the_call_retried() -> None:
    script = ScriptedUpstream(
        [make_response(429, b"", {"Retry-After": "0.05"}), make_response(200, b"1")]
    )

    assert run_with_upstream(read_url, script).body == b"1"


@pytest.mark.parametrize(
    "script", [[READ_ERROR], [make_response(500)], [make_response(503)], ["hang"]], ids=range(4)
)
def test_a_failed_write_is_never_retried_and_its_outcome_is_unknown(script: list[Any]) -> None:
    scripted = ScriptedUpstream(script)

    run_and_get_error(write_url, scripted, OutcomeUnknown, deadline=0.3)
    assert len(scripted.requests) == 1


def test_a_write_that_was_never_sent_is_unavailable() -> None:
    run_and_get_error(write_url, ScriptedUpstream([CONNECT_ERROR]), Unavailable)


@pytest.mark.parametrize("status", [200, 204, 400, 404, 409])
def test_the_response_to_a_write_is_returned(status: int) -> None:
    script = ScriptedUpstream([make_response(status)])

    assert run_with_upstream(write_url, script).status == status
    assert len(script.requests) == 1


def test_the_circuit_breaker_opens_for_the_failing_host_alone() -> None:
    script = ScriptedUpstream([make_response(503)])

    async def run_many(upstream: UpstreamClient) -> None:
        upstream.services.retry_tokens["SOURCE"] = -100
        for _ in range(20):
            with pytest.raises(Unavailable):
                await upstream.read(URL)
        assert len(script.requests) == 5
        with pytest.raises(Unavailable):
            await upstream.read("https://other.example/")
        assert len(script.requests) == 6

    run_with_upstream(run_many, script)


def test_cancelled_calls_do_not_open_the_circuit_breaker() -> None:
    script = ScriptedUpstream([*["hang"] * 30, make_response(200, b"1")])

    async def run_many(upstream: UpstreamClient) -> bytes:
        for number in range(30):
            task = asyncio.create_task(upstream.read(URL))
            await script.wait_for_requests(number + 1)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        return (await upstream.read(URL)).body

    assert run_with_upstream(run_many, script) == b"1"


def test_the_request_context_counts_every_attempt() -> None:
    script = ScriptedUpstream([make_response(503), make_response(200)])

    async def count_calls(upstream: UpstreamClient) -> dict[str, int]:
        await upstream.read(URL)
        return dict(get_current().calls)

    assert run_with_upstream(count_calls, script) == {"SOURCE": 2}


def test_the_rate_limit_of_a_credential_holds_over_all_its_calls() -> None:
    script = ScriptedUpstream([make_response(200)])

    async def run_many(upstream: UpstreamClient) -> int:
        outcomes = await asyncio.gather(
            *(upstream.read(URL) for _ in range(9)), return_exceptions=True
        )
        return sum(isinstance(each, RateLimited) for each in outcomes)

    assert run_with_upstream(run_many, script, rate=Rate(4, 900)) == 5
    assert len(script.requests) == 4


def test_headers_and_cookies_of_other_requests_are_not_sent() -> None:
    script = ScriptedUpstream(
        [make_response(200, b"{}", {"Set-Cookie": "a=secret"}), make_response(200)]
    )

    async def run_twice(upstream: UpstreamClient) -> None:
        await upstream.read(URL, headers={"X-Key": "secret"})
        await upstream.read(URL)

    run_with_upstream(run_twice, script)

    assert "x-key" not in script.requests[1].headers
    assert script.requests[0].headers["accept-encoding"] == "gzip"


def format_after(seconds: float) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": "77"}, 77),
        ({"Retry-After": "0"}, 0),
        ({"Retry-After": "-5"}, 0),
        ({"Retry-After": "1e30"}, 86_400),
        ({"Retry-After": "999999999"}, 86_400),
        ({"Retry-After": "nan"}, None),
        ({"Retry-After": "inf"}, None),
        ({"Retry-After": ""}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": lambda: format_datetime(format_after(90), usegmt=True)}, 90),
        ({"X-RateLimit-Next-Available": lambda: format_after(60).isoformat()}, 60),
        ({"X-RateLimit-Next-Available": lambda: str(time.time() + 30)}, 30),
        ({"X-RateLimit-Reset": lambda: str(int(time.time()) + 45)}, 45),
        ({"Retry-After": "soon", "X-RateLimit-Reset": lambda: str(time.time() + 20)}, 20),
    ],
    ids=range(15),
)
def test_retry_after_headers_are_parsed(
    headers: dict[str, str | Callable[[], str]], seconds: float | None
) -> None:
    values = {name: value() if callable(value) else value for name, value in headers.items()}

    parsed = parse_retry_after(httpx.Headers(values))

    assert parsed == (None if seconds is None else pytest.approx(seconds, abs=2))


def test_without_a_request_context_a_call_has_ten_seconds() -> None:
    async def get_remaining() -> float:
        return get_current().get_remaining_seconds()

    assert 9 < asyncio.run(get_remaining()) <= 10


def test_the_remaining_time_is_never_negative() -> None:
    async def get_remaining() -> float:
        set_current(RequestContext(deadline=time.monotonic() - 100))
        return get_current().get_remaining_seconds()

    assert asyncio.run(get_remaining()) == 0
