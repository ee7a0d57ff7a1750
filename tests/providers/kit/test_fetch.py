"""Asking an upstream: bounded in time and size, repeated with care, never led elsewhere."""

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
from providers.kit.request_context import Operation, begin, current
from providers.kit.upstream.upstream_client import LARGEST_BODY, Reply, Upstream, wait_of
from tests.providers.kit.asking import URL, Chunks, Scripted, reply, run

BROKEN = httpx.ReadError("broken off")
UNREACHED = httpx.ConnectError("nobody there")


async def read(upstream: Upstream) -> Reply:
    return await upstream.read(URL)


async def write(upstream: Upstream) -> Reply:
    return await upstream.write(URL, json={"a": 1})


def failed(
    question: Any, script: Scripted, kind: type[ProviderError], **options: Any
) -> ProviderError:
    with pytest.raises(kind) as error:
        run(question, script, **options)
    assert error.value.source == "SOURCE"
    assert URL not in str(error.value)
    return error.value


def test_an_answer_is_read_whole() -> None:
    def chunked() -> httpx.Response:
        return httpx.Response(200, stream=Chunks([b'{"a"', b":", b"1}"]))

    answer = run(read, Scripted([chunked]))

    assert (answer.status, answer.body) == (200, b'{"a":1}')


@pytest.mark.parametrize("more", ["x" * 70_000, "\x00"])
def test_what_makes_no_address_is_bad_input_and_asks_nobody(more: str) -> None:
    async def ask(upstream: Upstream) -> Reply:
        return await upstream.read(URL + more)

    async def change(upstream: Upstream) -> Reply:
        return await upstream.write(URL + more)

    script = Scripted([])
    failed(ask, script, BadInput)
    failed(change, script, BadInput)
    assert script.seen == []


@pytest.mark.parametrize("status", [200, 201, 204, 400, 403, 404, 410, 422])
def test_what_the_source_itself_decides_comes_back_as_it_is(status: int) -> None:
    script = Scripted([reply(status, b"[]")])

    assert run(read, script).status == status
    assert len(script.seen) == 1


@pytest.mark.parametrize("problem", [reply(500), reply(503), BROKEN, UNREACHED], ids=range(4))
def test_a_reading_that_fails_once_is_repeated(problem: Any) -> None:
    script = Scripted([problem, reply(200, b"1")])

    assert run(read, script).body == b"1"
    assert len(script.seen) == 2


@pytest.mark.parametrize("problem", [reply(502), BROKEN, UNREACHED], ids=range(3))
def test_a_reading_is_repeated_but_not_for_ever(problem: Any) -> None:
    script = Scripted([problem])

    failed(read, script, Unavailable)
    assert 2 <= len(script.seen) <= 3


@pytest.mark.parametrize("status", [501, 505, 520])
def test_other_failures_of_the_source_are_its_answer(status: int) -> None:
    script = Scripted([reply(status)])

    assert run(read, script).status == status
    assert len(script.seen) == 1


def test_repetitions_are_bounded_over_all_callers() -> None:
    script = Scripted([reply(503)])

    async def many(upstream: Upstream) -> None:
        upstream.kit.retry_reserve["SOURCE"] = 0
        for number in range(4):
            with pytest.raises(Unavailable):
                await upstream.read(f"https://host{number}.example/")

    run(many, script)

    assert len(script.seen) == 4


def test_a_hanging_source_is_given_up_at_the_deadline() -> None:
    began = time.monotonic()

    failed(read, Scripted(["hang"]), TimedOut, deadline=0.1)

    assert 0.09 < time.monotonic() - began < 5


def test_a_body_of_one_byte_at_a_time_is_given_up_at_the_deadline() -> None:
    class Slow(httpx.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            while True:
                await asyncio.sleep(0.01)
                yield b"x"

    script = Scripted([lambda: httpx.Response(200, stream=Slow())])

    failed(read, script, TimedOut, deadline=0.15)


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "/other", ""])
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_nobody_is_followed_elsewhere(status: int, elsewhere: str) -> None:
    script = Scripted([reply(status, b"", {"Location": elsewhere})])

    failed(read, script, BadResponse)
    assert [request.url.host for request in script.seen] == ["upstream.example"]


def test_a_redirect_to_nowhere_is_a_failure_like_any_other() -> None:
    script = Scripted([reply(302, b"", {"Location": "data:,x"})])

    failed(read, script, ProviderError)
    assert {request.url.host for request in script.seen} == {"upstream.example"}


def test_a_body_that_is_too_large_is_dropped_while_it_comes() -> None:
    body = Chunks([b"x" * 65_536] * 10_000)
    script = Scripted([lambda: httpx.Response(200, stream=body)])

    failed(read, script, BadResponse)
    assert body.given <= LARGEST_BODY + 2 * 65_536
    assert body.closed


def test_a_body_of_just_the_largest_size_is_read() -> None:
    script = Scripted([reply(200, b"x" * LARGEST_BODY)])

    assert len(run(read, script).body) == LARGEST_BODY


def test_a_small_body_that_grows_without_bound_is_dropped() -> None:
    packer = zlib.compressobj(9, wbits=31)
    bomb = packer.compress(b"\0" * 200_000_000) + packer.flush()
    assert len(bomb) < 300_000
    script = Scripted([reply(200, bomb, {"Content-Encoding": "gzip"})])

    failed(read, script, BadResponse)


def test_a_compressed_body_is_inflated() -> None:
    body = gzip.compress(b'{"a": 1}')

    for chunks in ([body], [body[:5], body[5:]], [bytes([byte]) for byte in body]):
        script = Scripted([reply(200, headers={"Content-Encoding": "gzip"}, chunks=chunks)])
        assert run(read, script).body == b'{"a": 1}'


@pytest.mark.parametrize(
    ("body", "encoding"),
    [(b"not gzip", "gzip"), (b"{}", "br"), (b"{}", "deflate"), (b"{}", "gzip, gzip")],
)
def test_an_encoding_nobody_asked_for_cannot_be_read(body: bytes, encoding: str) -> None:
    script = Scripted([reply(200, body, {"Content-Encoding": encoding})])

    failed(read, script, BadResponse)


def test_a_compressed_body_that_was_cut_is_no_answer() -> None:
    body = gzip.compress(b'{"a": 1}' * 1000)[:-20]

    failed(read, Scripted([reply(200, body, {"Content-Encoding": "gzip"})]), ProviderError)


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b'{"a": NaN}', b"{", b"\xff\xfe", b"[" * 100_000, b'"\\ud800"x']
)
def test_what_is_no_json_is_a_bad_response(body: bytes) -> None:
    answer = run(read, Scripted([reply(200, body)]))

    with pytest.raises(BadResponse):
        answer.decode(dict[str, Any])


def test_a_busy_source_pauses_everybody_for_as_long_as_it_says() -> None:
    script = Scripted([reply(429, b"", {"Retry-After": "77"})])

    async def twice(upstream: Upstream) -> list[ProviderError]:
        found: list[ProviderError] = []
        for _ in range(2):
            try:
                await upstream.read(URL)
            except RateLimited as error:
                found.append(error)
        return found

    errors = run(twice, script)

    assert [error.retry_after for error in errors] == [pytest.approx(70, abs=7)] * 2
    assert len(script.seen) == 1


def test_a_short_wait_is_waited_and_the_question_repeated() -> None:
    script = Scripted([reply(429, b"", {"Retry-After": "0.05"}), reply(200, b"1")])

    assert run(read, script).body == b"1"


@pytest.mark.parametrize("script", [[BROKEN], [reply(500)], [reply(503)], ["hang"]], ids=range(4))
def test_a_change_is_never_repeated_and_its_outcome_is_not_known(script: list[Any]) -> None:
    scripted = Scripted(script)

    failed(write, scripted, OutcomeUnknown, deadline=0.3)
    assert len(scripted.seen) == 1


def test_a_change_that_was_never_sent_surely_did_not_happen() -> None:
    failed(write, Scripted([UNREACHED]), Unavailable)


@pytest.mark.parametrize("status", [200, 204, 400, 404, 409])
def test_a_change_that_was_answered_is_answered(status: int) -> None:
    script = Scripted([reply(status)])

    assert run(write, script).status == status
    assert len(script.seen) == 1


def test_a_failing_host_is_left_alone_and_another_one_is_not() -> None:
    script = Scripted([reply(503)])

    async def many(upstream: Upstream) -> None:
        upstream.kit.retry_reserve["SOURCE"] = -100
        for _ in range(20):
            with pytest.raises(Unavailable):
                await upstream.read(URL)
        assert len(script.seen) == 5
        with pytest.raises(Unavailable):
            await upstream.read("https://other.example/")
        assert len(script.seen) == 6

    run(many, script)


def test_those_who_go_away_do_not_make_a_host_look_broken() -> None:
    script = Scripted([*["hang"] * 30, reply(200, b"1")])

    async def many(upstream: Upstream) -> bytes:
        for number in range(30):
            asking = asyncio.create_task(upstream.read(URL))
            await script.reached(number + 1)
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)
        return (await upstream.read(URL)).body

    assert run(many, script) == b"1"


def test_calls_are_counted_for_the_operation_with_every_repetition() -> None:
    script = Scripted([reply(503), reply(200)])

    async def counted(upstream: Upstream) -> dict[str, int]:
        await upstream.read(URL)
        return dict(current().calls)

    assert run(counted, script) == {"SOURCE": 2}


def test_the_pace_of_a_credential_holds_over_all_its_questions() -> None:
    script = Scripted([reply(200)])

    async def many(upstream: Upstream) -> int:
        found = await asyncio.gather(
            *(upstream.read(URL) for _ in range(9)), return_exceptions=True
        )
        return sum(isinstance(each, RateLimited) for each in found)

    assert run(many, script, rate=Rate(4, 900)) == 5
    assert len(script.seen) == 4


def test_no_header_and_no_cookie_of_another_question_travels_along() -> None:
    script = Scripted([reply(200, b"{}", {"Set-Cookie": "a=secret"}), reply(200)])

    async def twice(upstream: Upstream) -> None:
        await upstream.read(URL, headers={"X-Key": "secret"})
        await upstream.read(URL)

    run(twice, script)

    assert "x-key" not in script.seen[1].headers
    assert script.seen[0].headers["accept-encoding"] == "gzip"


def after(seconds: float) -> datetime:
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
        ({"Retry-After": lambda: format_datetime(after(90), usegmt=True)}, 90),
        ({"X-RateLimit-Next-Available": lambda: after(60).isoformat()}, 60),
        ({"X-RateLimit-Next-Available": lambda: str(time.time() + 30)}, 30),
        ({"X-RateLimit-Reset": lambda: str(int(time.time()) + 45)}, 45),
        ({"Retry-After": "soon", "X-RateLimit-Reset": lambda: str(time.time() + 20)}, 20),
    ],
    ids=range(15),
)
def test_how_long_a_source_asks_to_wait(
    headers: dict[str, str | Callable[[], str]], seconds: float | None
) -> None:
    given = {name: value() if callable(value) else value for name, value in headers.items()}

    found = wait_of(httpx.Headers(given))

    assert found == (None if seconds is None else pytest.approx(seconds, abs=2))


def test_outside_of_any_operation_a_question_has_ten_seconds() -> None:
    async def outside() -> float:
        return current().remaining()

    assert 9 < asyncio.run(outside()) <= 10


def test_an_operation_never_has_less_than_no_time() -> None:
    async def late_already() -> float:
        begin(Operation(deadline=time.monotonic() - 100))
        return current().remaining()

    assert asyncio.run(late_already()) == 0
