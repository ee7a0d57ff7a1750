"""Base of the sandbox upstreams: routes, injected faults and a call log."""

import asyncio
import json
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from importlib import import_module
from typing import Any, Protocol, cast
from urllib.parse import parse_qsl, unquote

import httpx

NO_CONTENT = 204


@dataclass(frozen=True)
class SandboxRequest:
    """A request to a route: decoded path parameters, the first value of each query parameter."""

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
    """The response of a route. A body that is neither bytes nor text is sent as JSON."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict[str, str])


RouteHandler = Callable[[SandboxRequest], SandboxResponse | Awaitable[SandboxResponse]]


@dataclass
class InjectedFault:
    """A fault of every request that the pattern matches.

    `path` is a regular expression that is searched in `host/path?query`. `status` replaces the
    response; `delay` delays it by so many seconds; with `hang` there is no response; `truncate`
    cuts the body in half but not its announced length; `reset` breaks the connection. The fault
    applies to the next `times` requests, or to all until it is cleared.
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


@dataclass(frozen=True)
class SandboxAchievement:
    """An achievement of an account, by the ids of its source, and its name in English."""

    account: str
    title: str | None
    achievement: str
    name: str


class Sandbox:
    """An invented upstream that responds to httpx requests without a network.

    `settings` are switches that the routes read at each request; every sandbox declares its own,
    with their defaults.
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

        def register(handler: RouteHandler) -> RouteHandler:
            self._routes.append((method, host, _compile_path(path), handler))
            return handler

        return register

    def reset(self) -> None:
        """Clear faults, calls and log, and set the settings to their defaults."""
        self.faults.clear()
        self.calls.clear()
        self.log.clear()
        self.settings.clear()
        self.settings.update(self._defaults)

    def list_locked(self, account: str = "") -> Iterator[SandboxAchievement]:
        """Iterate over what an account can earn next, in the order of the schedule.

        Without an account it is the operator's; one that does not exist can earn nothing. A sandbox
        that does not override this has nothing to earn.
        """
        del account
        return iter(())

    def earn(self, locked: SandboxAchievement, when: datetime) -> list[SandboxAchievement]:
        """Let the account play and earn it; return it with what it completes at the same time."""
        del locked, when
        return []

    async def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Respond to a request, or apply the first fault that matches it."""
        call = _parse_request(request, await request.aread())
        self.calls[f"{call.method} {call.host}{call.path}"] += 1
        self.log.append(request)
        fault = self._find_fault(call, request)
        if fault is None:
            return _build_response(await self._dispatch(call))
        await _apply_fault(fault, request)
        if fault.status is not None:
            return _build_response(SandboxResponse(fault.status, fault.body, dict(fault.headers)))
        response = await self._dispatch(call)
        response.headers.update(fault.headers)
        return _build_response(response, truncate=fault.truncate)

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
            response = handler(replace(call, parameters=parameters))
            return response if isinstance(response, SandboxResponse) else await response
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


@cache  # the tests create sandboxes by the thousand
def _compile_path(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape("/" + template)))


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


def _build_response(response: SandboxResponse, *, truncate: bool = False) -> httpx.Response:
    headers = dict(response.headers)
    names = {name.lower() for name in headers}
    if isinstance(response.body, bytes):
        content = response.body
    elif isinstance(response.body, str):
        content = response.body.encode()
        if "content-type" not in names:
            headers["content-type"] = "text/html; charset=utf-8"
    elif response.body is None and response.status == NO_CONTENT:
        content = b""
    else:
        content = json.dumps(response.body, ensure_ascii=False).encode()
        if "content-type" not in names:
            headers["content-type"] = "application/json"
    # The length is that of the whole body: a connection that breaks has announced it before.
    headers.setdefault("content-length", str(len(content)))
    if truncate:
        content = content[: len(content) // 2]
    # As a stream: a response made from bytes counts as read, which a real one does not.
    return httpx.Response(response.status, headers=headers, stream=httpx.ByteStream(content))
