"""The limit of concurrent operations, and clients that cannot block others."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from typing import Any

import httpx
import pytest
from starlette.types import ASGIApp

from server.app import create_app
from server.concurrency_limit import MAX_CONCURRENT_OPERATIONS, ConcurrencyLimit
from server.request_body import MAX_CONCURRENT_BODIES as MOST_BODIES
from server.request_error import RequestRejected
from server.settings import read_settings
from tests.harness import BASE_URL

KEYS = "r:key-of-the-reader:read"
READ_HEADERS = {"Authorization": "Bearer key-of-the-reader"}
OWN_CREDENTIALS = {"x-retroachievements-username": "nobody", "x-retroachievements-api-key": "bogus"}
QUERY = b'{"query": "{ __typename }"}'
PARTIAL_QUERY = QUERY[:9]
JSON_HEADERS = {"Content-Type": "application/json"}
POST_HEADERS = [(b"host", b"127.0.0.1"), (b"content-type", b"application/json")]
SCOPE = {
    "type": "http",
    "method": "POST",
    "path": "/graphql",
    "query_string": b"",
    "headers": POST_HEADERS,
}


async def send_unfinished_body() -> AsyncIterator[bytes]:
    """Yield a body that begins and never ends."""
    yield PARTIAL_QUERY
    await asyncio.Event().wait()


def create_client(app: ASGIApp) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE_URL)


def post_query(client: httpx.AsyncClient, **headers: str) -> Coroutine[Any, Any, httpx.Response]:
    return client.post("/graphql", content=QUERY, headers={**JSON_HEADERS, **headers})


def start_unfinished_request(
    client: httpx.AsyncClient, **headers: str
) -> "asyncio.Task[httpx.Response]":
    sent = client.post(
        "/graphql", content=send_unfinished_body(), headers={**JSON_HEADERS, **headers}
    )
    return asyncio.create_task(sent)


def test_a_request_over_the_limit_is_rejected_until_another_ends() -> None:
    limit = ConcurrencyLimit(limit=1)
    with limit.slot():
        with pytest.raises(RequestRejected) as refused, limit.slot():
            pass
        assert refused.value.status == 503
        assert refused.value.extensions == {"code": "OVERLOADED"}
        assert refused.value.headers == {"Retry-After": "1"}
    with limit.slot():
        assert limit.in_flight == 1
    assert limit.in_flight == 0


@pytest.mark.slow
def test_bodies_that_never_arrive_block_no_other_request() -> None:
    async def ask() -> tuple[list[httpx.Response], httpx.Response]:
        async with create_client(create_app(read_settings({}, sandbox=True))) as client:
            stuck = [start_unfinished_request(client) for _ in range(2 * MAX_CONCURRENT_OPERATIONS)]
            given_up = [await each for each in stuck[:-MOST_BODIES]]
            good = await post_query(client)
            for each in stuck:
                each.cancel()
            return given_up, good

    given_up, good = asyncio.run(ask())
    assert good.json()["data"] == {"__typename": "Query"}
    assert len(given_up) == 2 * MAX_CONCURRENT_OPERATIONS - MOST_BODIES
    for each in given_up:
        assert each.status_code == 503
        assert each.json()["errors"][0]["extensions"] == {"code": "OVERLOADED"}
        assert each.headers["retry-after"] == "1"


def test_a_caller_without_a_key_is_rejected_before_the_body_arrives() -> None:
    async def ask() -> httpx.Response:
        app = create_app(read_settings({"TROPHYCASE_API_KEYS": KEYS}, sandbox=True))
        async with create_client(app) as client:
            return await start_unfinished_request(client)

    assert asyncio.run(ask()).status_code == 401


@pytest.mark.slow
def test_responses_that_are_not_read_block_no_other_request() -> None:
    async def ask() -> httpx.Response:
        app = create_app(read_settings({"TROPHYCASE_API_KEYS": KEYS}, sandbox=True))
        begun = asyncio.Semaphore(0)

        async def receive() -> Any:
            return {"type": "http.request", "body": QUERY, "more_body": False}

        async def send(_message: Any) -> None:
            begun.release()
            await asyncio.Event().wait()

        own = [(name.encode(), text.encode()) for name, text in OWN_CREDENTIALS.items()]
        scope = {**SCOPE, "headers": [*POST_HEADERS, *own]}
        stuck = [
            asyncio.create_task(app({**scope}, receive, send))
            for _ in range(2 * MAX_CONCURRENT_OPERATIONS)
        ]
        for _ in stuck:
            await begun.acquire()
        async with create_client(app) as client:
            good = await post_query(client, **READ_HEADERS)
        for each in stuck:
            each.cancel()
        return good

    assert asyncio.run(ask()).json()["data"] == {"__typename": "Query"}


def test_large_operations_share_a_number_of_values() -> None:
    limit = ConcurrencyLimit(max_values=100_000)
    with limit.reserve(60_000), limit.reserve(900):
        with pytest.raises(RequestRejected) as rejected, limit.reserve(60_000):
            pass
        assert rejected.value.extensions["code"] == "OVERLOADED"
        assert limit.values_in_flight == 60_000
    with limit.reserve(1_000_000):  # alone it fits, whatever the operator allows
        assert limit.values_in_flight == 1_000_000
    assert limit.values_in_flight == 0


def test_strangers_have_places_of_their_own() -> None:
    limit = ConcurrencyLimit(limit=1, stranger_limit=1)
    with limit.slot(is_stranger=True), limit.slot():
        for is_stranger in (True, False):
            with pytest.raises(RequestRejected), limit.slot(is_stranger=is_stranger):
                pass
    with limit.slot(is_stranger=True):
        assert (limit.in_flight, limit.strangers_in_flight) == (0, 1)
