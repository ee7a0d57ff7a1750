"""What every sandbox upstream is made of: routes, faults to switch on, and a call log."""

import asyncio
import json
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from importlib import import_module
from typing import Any, Protocol, cast
from urllib.parse import parse_qsl, unquote

import httpx

NO_CONTENT = 204


@dataclass(frozen=True)
class SandboxRequest:
    """One request as a sandbox route sees it: decoded path parameters, first query values."""

    method: str
    host: str
    path: str
    parameters: Mapping[str, str]
    query: Mapping[str, str]
    query_items: tuple[tuple[str, str], ...]
    headers: httpx.Headers
    body: bytes


@dataclass
class SandboxResponse:
    """What a route answers. A body that is not bytes or text is sent as JSON."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict[str, str])


RouteHandler = Callable[[SandboxRequest], SandboxResponse | Awaitable[SandboxResponse]]


@dataclass
class InjectedFault:
    """Something that goes wrong on purpose, on every route whose `host/path` the pattern matches.

    `path` is a regular expression searched in `host/path?query`. With `status` the answer is
    replaced; with `delay` it comes late, by so many seconds; `hang` never answers; `truncate` cuts
    the body in half while its length is still announced; `reset` breaks the connection. `times`
    counts the fault down; without it the fault stays until it is cleared.
    """

    path: str
    status: int | None = None
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict[str, str])
    delay: float = 0
    hang: bool = False
    truncate: bool = False
    reset: bool = False
    times: int | None = None


class Sandbox:
    """One upstream, invented: answers httpx requests without a network.

    `settings` are switches of the world that a route reads when it answers; each sandbox declares
    its own with their defaults.
    """

    def __init__(self, hosts: tuple[str, ...], settings: dict[str, Any] | None = None) -> None:
        self.hosts = hosts
        self.settings: dict[str, Any] = settings or {}
        self._defaults = dict(self.settings)
        self._routes: list[tuple[str, str, re.Pattern[str], RouteHandler]] = []
        self.faults: list[InjectedFault] = []
        self.calls: Counter[str] = Counter()
        self.log: list[httpx.Request] = []

    def route(self, method: str, template: str) -> Callable[[RouteHandler], RouteHandler]:
        """Register a route; `{name}` in the template (`host/path`) is one path segment."""
        host, _, path = template.partition("/")
        pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape("/" + path))

        def register(handler: RouteHandler) -> RouteHandler:
            self._routes.append((method, host, re.compile(pattern), handler))
            return handler

        return register

    def reset(self) -> None:
        """Forget faults, calls and switched settings."""
        self.faults.clear()
        self.calls.clear()
        self.log.clear()
        self.settings.clear()
        self.settings.update(self._defaults)

    async def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one request, faults first."""
        call = _parse_request(request, await request.aread())
        self.calls[f"{call.method} {call.host}{call.path}"] += 1
        self.log.append(request)
        fault = self._find_fault(call, request)
        if fault is None:
            return _build_response(await self._dispatch(call))
        await _apply_fault(fault, request)
        if fault.status is not None:
            return _build_response(SandboxResponse(fault.status, fault.body, dict(fault.headers)))
        reply = await self._dispatch(call)
        reply.headers.update(fault.headers)
        return _build_response(reply, truncate=fault.truncate)

    def _find_fault(self, call: SandboxRequest, request: httpx.Request) -> InjectedFault | None:
        target = f"{call.host}{call.path}?{request.url.query.decode()}"
        for fault in self.faults:
            if fault.times != 0 and re.search(fault.path, target):
                if fault.times is not None:
                    fault.times -= 1
                return fault
        return None

    async def _dispatch(self, call: SandboxRequest) -> SandboxResponse:
        allowed: list[str] = []
        for method, host, pattern, handler in self._routes:
            match = pattern.fullmatch(call.path) if host == call.host else None
            if match is None:
                continue
            if method != call.method:
                allowed.append(method)
                continue
            parameters = {name: unquote(value) for name, value in match.groupdict().items()}
            reply = handler(replace(call, parameters=parameters))
            return reply if isinstance(reply, SandboxResponse) else await reply
        return SandboxResponse(405 if allowed else 404, {"error": "no such route"})


class SandboxModule(Protocol):
    """The module `sandbox/app.py` of every source."""

    SANDBOX_SETTINGS: Mapping[str, str]

    def create_sandbox(self) -> Sandbox:
        """Create a sandbox with its own data."""
        ...


def load_sandbox_module(provider: object) -> SandboxModule:
    """Import `sandbox.app` from the package that defines the provider.

    By name, because no module that a server with real upstreams loads may import a sandbox.
    """
    module = import_module(f"{type(provider).__module__}.sandbox.app")
    return cast("SandboxModule", module)


async def _apply_fault(fault: InjectedFault, request: httpx.Request) -> None:
    if fault.delay:
        await asyncio.sleep(fault.delay)
    if fault.hang:
        await asyncio.Event().wait()
    if fault.reset:
        raise httpx.ReadError("the sandbox broke the connection", request=request)


def _parse_request(request: httpx.Request, body: bytes) -> SandboxRequest:
    items = tuple(parse_qsl(request.url.query.decode(), keep_blank_values=True))
    return SandboxRequest(
        method=request.method,
        host=request.url.host,
        path=request.url.raw_path.decode().partition("?")[0],
        parameters={},
        query=dict(reversed(items)),
        query_items=items,
        headers=request.headers,
        body=body,
    )


def _build_response(reply: SandboxResponse, *, truncate: bool = False) -> httpx.Response:
    headers = dict(reply.headers)
    names = {name.lower() for name in headers}
    if isinstance(reply.body, bytes):
        content = reply.body
    elif isinstance(reply.body, str):
        content = reply.body.encode()
        if "content-type" not in names:
            headers["content-type"] = "text/html; charset=utf-8"
    elif reply.body is None and reply.status == NO_CONTENT:
        content = b""
    else:
        content = json.dumps(reply.body, ensure_ascii=False).encode()
        if "content-type" not in names:
            headers["content-type"] = "application/json"
    # The length is announced before a fault cuts the body, as a broken connection would do it.
    headers.setdefault("content-length", str(len(content)))
    if truncate:
        content = content[: len(content) // 2]
    # A stream, because a response that was made from bytes counts as read already.
    return httpx.Response(reply.status, headers=headers, stream=httpx.ByteStream(content))
