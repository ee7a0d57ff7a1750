"""The sandbox upstreams: in this process, or on a socket of their own."""

import asyncio
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Self

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from providers.kit.sandbox import InjectedFault, Sandbox, load_sandbox_module
from providers.registry import Source
from schema.sandbox_addresses import IMAGES_PATH, PROFILES_PATH
from server.graphql_request import check_origin
from server.sandbox.controls import SandboxControls
from server.sandbox.images import build_image_routes
from server.sandbox.unlocks import SandboxUnlocks

BAD_GATEWAY = 502
CONTROL_PATH = "/_sandbox"
ALL_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
# They describe the connection to the upstream, not the one to the client.
HOP_BY_HOP_HEADERS = frozenset({"content-length", "connection", "transfer-encoding", "host"})


class SandboxTransport(httpx.AsyncBaseTransport):
    """A transport that answers every request with the sandbox of its host, without a network.

    While it is open an achievement is unlocked every `unlock_seconds`; None is never.
    """

    def __init__(self, unlock_seconds: float | None = None) -> None:
        self.sandboxes: Mapping[Source, Sandbox] = {
            source: load_sandbox_module(source.value).create_sandbox() for source in Source
        }
        self.unlocks = SandboxUnlocks(self.sandboxes)
        self._unlock_seconds = unlock_seconds
        self._schedule: asyncio.Task[None] | None = None
        self._sandboxes_by_host = {
            host: sandbox for sandbox in self.sandboxes.values() for host in sandbox.hosts
        }

    async def __aenter__(self) -> Self:
        if self._unlock_seconds is not None:
            schedule = self.unlocks.run_schedule(self._unlock_seconds)
            self._schedule = asyncio.get_running_loop().create_task(schedule)
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        if self._schedule is not None:
            self._schedule.cancel()
            await asyncio.wait({self._schedule})

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Return the response of the host's sandbox; raise `ConnectError` for an unknown host."""
        sandbox = self._sandboxes_by_host.get(request.url.host)
        if sandbox is None:
            raise httpx.ConnectError("no such sandbox", request=request)
        return await sandbox.handle_request(request)

    def add_fault(self, fault: InjectedFault) -> None:
        """Enable a fault in every sandbox."""
        for sandbox in self.sandboxes.values():
            sandbox.faults.append(fault)

    def build_control_routes(
        self, prefix: str, authorize: Callable[[Request], None]
    ) -> list[Route]:
        """Build the control routes; `authorize` raises for a caller who may not use them."""
        return SandboxControls(self.sandboxes, self.unlocks, authorize).build_routes(prefix)

    @staticmethod
    def build_image_routes() -> list[Route]:
        """Build the routes of the pictures and profile pages, which every caller may read."""
        return build_image_routes(IMAGES_PATH, PROFILES_PATH)


def create_sandbox_app() -> Starlette:
    """Serve all upstreams on one socket; the first path segment is the original host."""
    upstreams = SandboxTransport()

    async def forward(request: Request) -> Response:
        try:
            response = await upstreams.handle_async_request(
                _build_upstream_request(request, await request.body())
            )
            content = await response.aread()
        except httpx.TransportError as error:
            return JSONResponse({"error": str(error)}, BAD_GATEWAY)
        return Response(content, response.status_code, _select_headers(response.headers))

    controls = upstreams.build_control_routes(
        CONTROL_PATH, lambda request: check_origin(request.headers, ())
    )
    images = upstreams.build_image_routes()
    app = Starlette(
        routes=[*controls, *images, Route("/{path:path}", forward, methods=ALL_METHODS)]
    )
    app.state.upstreams = upstreams
    return app


def _build_upstream_request(request: Request, content: bytes) -> httpx.Request:
    # The raw path, because decoding would lose an escaped slash in a segment.
    host, _, path = request.scope["raw_path"].decode().lstrip("/").partition("/")
    query = f"?{request.url.query}" if request.url.query else ""
    return httpx.Request(
        request.method,
        httpx.URL(scheme="https", host=host, raw_path=f"/{path}{query}".encode()),
        headers=[(name, value) for name, value in request.headers.items() if name != "host"],
        content=content,
    )


def _select_headers(headers: httpx.Headers) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name not in HOP_BY_HOP_HEADERS}
