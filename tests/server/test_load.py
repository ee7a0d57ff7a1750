"""Who takes a turn at being worked on, and who cannot keep others from theirs."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from typing import Any

import httpx
import pytest
from starlette.types import ASGIApp

from server.app import create_app
from server.concurrency_limit import MOST_AT_ONCE, Load
from server.request_body import MOST_AT_ONCE as MOST_BODIES
from server.request_error import Refused
from server.settings import read
from tests.asking import ADDRESS

KEYS = "r:key-read:read"
READ = {"Authorization": "Bearer key-read"}
OWN = {"x-retroachievements-username": "nobody", "x-retroachievements-api-key": "bogus"}
QUERY = b'{"query": "{ __typename }"}'
HALF = QUERY[:9]
JSON = {"Content-Type": "application/json"}
POST = [(b"host", b"127.0.0.1"), (b"content-type", b"application/json")]
SCOPE = {"type": "http", "method": "POST", "path": "/graphql", "query_string": b"", "headers": POST}


async def never() -> AsyncIterator[bytes]:
    """A body that begins and never ends."""
    yield HALF
    await asyncio.Event().wait()


def whole(app: ASGIApp) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=ADDRESS)


def answered(client: httpx.AsyncClient, **headers: str) -> Coroutine[Any, Any, httpx.Response]:
    return client.post("/graphql", content=QUERY, headers={**JSON, **headers})


def unfinished(client: httpx.AsyncClient, **headers: str) -> "asyncio.Task[httpx.Response]":
    sent = client.post("/graphql", content=never(), headers={**JSON, **headers})
    return asyncio.create_task(sent)


def test_one_too_many_is_refused_until_another_is_done() -> None:
    load = Load(at_once=1)
    with load.turn():
        with pytest.raises(Refused) as refused, load.turn():
            pass
        assert refused.value.status == 503
        assert refused.value.extensions == {"code": "OVERLOADED"}
        assert refused.value.headers == {"Retry-After": "1"}
    with load.turn():
        assert load.running == 1
    assert load.running == 0


def test_bodies_that_never_come_keep_nobody_out() -> None:
    async def ask() -> tuple[list[httpx.Response], httpx.Response]:
        async with whole(create_app(read({}, sandbox=True))) as client:
            stuck = [unfinished(client) for _ in range(2 * MOST_AT_ONCE)]
            given_up = [await each for each in stuck[:-MOST_BODIES]]
            good = await answered(client)
            for each in stuck:
                each.cancel()
            return given_up, good

    given_up, good = asyncio.run(ask())
    assert good.json()["data"] == {"__typename": "Query"}
    assert len(given_up) == 2 * MOST_AT_ONCE - MOST_BODIES
    for each in given_up:
        assert each.status_code == 503
        assert each.json()["errors"][0]["extensions"] == {"code": "OVERLOADED"}
        assert each.headers["retry-after"] == "1"


def test_a_caller_without_a_key_is_refused_before_his_body_is_there() -> None:
    async def ask() -> httpx.Response:
        app = create_app(read({"TROPHYCASE_API_KEYS": KEYS}, sandbox=True))
        async with whole(app) as client:
            return await unfinished(client)

    assert asyncio.run(ask()).status_code == 401


def test_answers_that_are_not_taken_keep_nobody_out() -> None:
    async def ask() -> httpx.Response:
        app = create_app(read({"TROPHYCASE_API_KEYS": KEYS}, sandbox=True))
        begun = asyncio.Semaphore(0)

        async def receive() -> Any:
            return {"type": "http.request", "body": QUERY, "more_body": False}

        async def send(_message: Any) -> None:
            begun.release()
            await asyncio.Event().wait()

        own = [(name.encode(), text.encode()) for name, text in OWN.items()]
        scope = {**SCOPE, "headers": [*POST, *own]}
        stuck = [
            asyncio.create_task(app({**scope}, receive, send)) for _ in range(2 * MOST_AT_ONCE)
        ]
        for _ in stuck:
            await begun.acquire()
        async with whole(app) as client:
            good = await answered(client, **READ)
        for each in stuck:
            each.cancel()
        return good

    assert asyncio.run(ask()).json()["data"] == {"__typename": "Query"}
