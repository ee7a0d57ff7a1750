"""The invented upstreams: in this process, or on a socket of their own."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import httpx
import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from providers.kit.sandbox import Fault, Sandbox
from providers.registry import Source

HOP_BY_HOP = frozenset({"content-length", "connection", "transfer-encoding", "host"})
EVERY_METHOD = ["GET", "POST", "PUT", "PATCH", "DELETE"]


class Upstreams(httpx.AsyncBaseTransport):
    """Every source's sandbox behind one transport, told apart by host."""

    def __init__(self) -> None:
        self.sandboxes: Mapping[Source, Sandbox] = {
            source: source.value.sandbox() for source in Source
        }
        self._hosts = {host: box for box in self.sandboxes.values() for host in box.hosts}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer as the upstream of that host would."""
        sandbox = self._hosts.get(request.url.host)
        if sandbox is None:
            raise httpx.ConnectError("no such sandbox", request=request)
        return await sandbox.answer(request)

    def fault(self, fault: Fault) -> None:
        """Switch a fault on wherever its pattern matches."""
        for sandbox in self.sandboxes.values():
            sandbox.faults.append(fault)

    def clear(self) -> None:
        """Everything works again, and nothing has been asked."""
        for sandbox in self.sandboxes.values():
            sandbox.reset()


def control_routes(upstreams: Upstreams, prefix: str) -> list[Route]:
    """Routes by which people and tests switch faults and settings, and read what was asked."""

    async def faults(request: Request) -> Response:
        if request.method == "POST":
            try:
                upstreams.fault(msgspec.json.decode(await request.body(), type=Fault))
            except msgspec.MsgspecError as error:
                return JSONResponse({"error": str(error)}, 400)
        elif request.method == "DELETE":
            upstreams.clear()
        return JSONResponse(
            [asdict(each) for each in next(iter(upstreams.sandboxes.values())).faults]
        )

    async def settings(request: Request) -> Response:
        changes: dict[str, Any] = await request.json() if request.method == "PATCH" else {}
        for sandbox in upstreams.sandboxes.values():
            known = {name: changes[name] for name in changes if name in sandbox.settings}
            sandbox.settings.update(known)
        known = [box.settings for box in upstreams.sandboxes.values()]
        return JSONResponse({name: value for each in known for name, value in each.items()})

    async def calls(_request: Request) -> Response:
        return JSONResponse(
            {source.name: dict(box.calls) for source, box in upstreams.sandboxes.items()}
        )

    return [
        Route(f"{prefix}/faults", faults, methods=["GET", "POST", "DELETE"]),
        Route(f"{prefix}/settings", settings, methods=["GET", "PATCH"]),
        Route(f"{prefix}/calls", calls, methods=["GET"]),
    ]


def sandbox_app() -> Starlette:
    """All upstreams on one socket; the original host is the first path segment."""
    upstreams = Upstreams()

    async def forward(request: Request) -> Response:
        raw = request.scope["raw_path"].decode() + (
            "?" + request.url.query if request.url.query else ""
        )
        host, _, path = raw.lstrip("/").partition("/")
        headers = [(name, value) for name, value in request.headers.items() if name != "host"]
        inner = httpx.Request(
            request.method,
            httpx.URL(scheme="https", host=host, raw_path=f"/{path}".encode()),
            headers=headers,
            content=await request.body(),
        )
        try:
            answer = await upstreams.handle_async_request(inner)
            content = await answer.aread()
        except httpx.TransportError as error:
            return JSONResponse({"error": str(error)}, 502)
        kept = {name: value for name, value in answer.headers.items() if name not in HOP_BY_HOP}
        return Response(content, answer.status_code, kept)

    everything = Route("/{path:path}", forward, methods=EVERY_METHOD)
    routes = [*control_routes(upstreams, "/_sandbox"), everything]
    app = Starlette(routes=routes)
    app.state.upstreams = upstreams
    return app
