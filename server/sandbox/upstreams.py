"""The invented upstreams: in this process, or on a socket of their own."""

from collections.abc import Mapping

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from providers.kit.sandbox import Fault, Sandbox
from providers.registry import Source
from server.graphql_request import check_origin
from server.sandbox.controls import Controls

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
    controls = Controls(upstreams.sandboxes, lambda request: check_origin(request.headers, ()))
    routes = [*controls.routes("/_sandbox"), everything]
    app = Starlette(routes=routes)
    app.state.upstreams = upstreams
    return app
