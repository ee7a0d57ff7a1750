"""The invented upstreams: in this process, or on a socket of their own."""

from collections.abc import Mapping

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from providers.kit.sandbox import InjectedFault, Sandbox
from providers.registry import Source
from server.graphql_request import check_origin
from server.sandbox.controls import SandboxControls

HOP_BY_HOP_HEADERS = frozenset({"content-length", "connection", "transfer-encoding", "host"})
ALL_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


class SandboxTransport(httpx.AsyncBaseTransport):
    """Every source's sandbox behind one transport, told apart by host."""

    def __init__(self) -> None:
        self.sandboxes: Mapping[Source, Sandbox] = {
            source: source.value.create_sandbox() for source in Source
        }
        self._sandboxes_by_host = {
            host: box for box in self.sandboxes.values() for host in box.hosts
        }

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer as the upstream of that host would."""
        sandbox = self._sandboxes_by_host.get(request.url.host)
        if sandbox is None:
            raise httpx.ConnectError("no such sandbox", request=request)
        return await sandbox.handle_request(request)

    def add_fault(self, fault: InjectedFault) -> None:
        """Switch a fault on wherever its pattern matches."""
        for sandbox in self.sandboxes.values():
            sandbox.faults.append(fault)


def create_sandbox_app() -> Starlette:
    """All upstreams on one socket; the original host is the first path segment."""
    upstreams = SandboxTransport()

    async def forward(request: Request) -> Response:
        raw = request.scope["raw_path"].decode() + (
            "?" + request.url.query if request.url.query else ""
        )
        host, _, path = raw.lstrip("/").partition("/")
        headers = [(name, value) for name, value in request.headers.items() if name != "host"]
        upstream_request = httpx.Request(
            request.method,
            httpx.URL(scheme="https", host=host, raw_path=f"/{path}".encode()),
            headers=headers,
            content=await request.body(),
        )
        try:
            response = await upstreams.handle_async_request(upstream_request)
            content = await response.aread()
        except httpx.TransportError as error:
            return JSONResponse({"error": str(error)}, 502)
        headers_to_forward = {
            name: value
            for name, value in response.headers.items()
            if name not in HOP_BY_HOP_HEADERS
        }
        return Response(content, response.status_code, headers_to_forward)

    catch_all = Route("/{path:path}", forward, methods=ALL_METHODS)
    controls = SandboxControls(
        upstreams.sandboxes, lambda request: check_origin(request.headers, ())
    )
    routes = [*controls.build_routes("/_sandbox"), catch_all]
    app = Starlette(routes=routes)
    app.state.upstreams = upstreams
    return app
