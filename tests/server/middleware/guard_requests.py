"""Requests to an application behind the request guard."""

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from server.middleware.request_guard import RequestGuard

ADDRESS = "http://127.0.0.1"


async def echo_app(scope: Scope, receive: Receive, send: Send) -> None:
    """Respond with the path and the request id."""
    content = {"path": scope["path"], "id": scope["state"]["request_id"]}
    await JSONResponse(content, headers={"x-request-id": "mine"})(scope, receive, send)


def send_request(
    app: ASGIApp, method: str = "GET", path: str = "/", **options: Any
) -> httpx.Response:
    """Send a request to an application, and return the response."""

    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url=ADDRESS) as client:
            return await client.request(method, path, **options)

    return asyncio.run(send())


def send_raw_scope(overrides: Mapping[str, Any]) -> dict[str, Any]:
    """Send a scope that no client can produce, and return the start of the response."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "GET",
        "path": "/",
        "headers": [(b"host", b"a")],
        **overrides,
    }
    asyncio.run(RequestGuard(PlainTextResponse("ok"))(scope, receive_disconnect, send))
    return sent[0]


async def receive_disconnect() -> Any:
    return {"type": "http.disconnect"}


async def discard_message(_message: Any) -> None: ...
