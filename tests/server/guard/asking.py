"""How these tests put a request to the guard."""

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from server.middleware.request_guard import Guard

ADDRESS = "http://127.0.0.1"


async def inside(scope: Scope, receive: Receive, send: Send) -> None:
    """An application that says what it was asked."""
    known = {"path": scope["path"], "id": scope["state"]["request_id"]}
    await JSONResponse(known, headers={"x-request-id": "mine"})(scope, receive, send)


def asked(app: ASGIApp, method: str = "GET", path: str = "/", **options: Any) -> httpx.Response:
    """What a client gets."""

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url=ADDRESS) as client:
            return await client.request(method, path, **options)

    return asyncio.run(ask())


def raw(changed: Mapping[str, Any]) -> dict[str, Any]:
    """The start of the answer to a scope that no client would send."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": "/", "headers": [(b"host", b"a")], **changed}
    asyncio.run(Guard(PlainTextResponse("ok"))(scope, nothing, send))
    return sent[0]


async def nothing() -> Any:
    return {"type": "http.disconnect"}


async def ignored(_message: Any) -> None: ...
