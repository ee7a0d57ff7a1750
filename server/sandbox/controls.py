"""The control API of the sandbox upstreams: faults, settings, recorded calls and unlocks."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import httpx
import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from providers.kit.sandbox import InjectedFault, Sandbox
from providers.registry import Source
from server import graphql_request as requests
from server.request_body import BodyReader
from server.request_error import RequestRejected
from server.sandbox.unlocks import SandboxUnlocks, WantedUnlock

MAX_DELAY_SECONDS = 3600
STATUS_CODES = range(100, 1000)
# Settings are added to dates, which have a maximum.
MAX_NUMBER = 10**9


@dataclass(frozen=True)
class SandboxControls:
    """Routes to change faults, settings and unlocks of all sandboxes, and to read their calls."""

    sandboxes: Mapping[Source, Sandbox]
    unlocks: SandboxUnlocks
    authorize: Callable[[Request], None] = lambda _request: None
    body_reader: BodyReader = field(default_factory=BodyReader)

    def build_routes(self, prefix: str) -> list[Route]:
        """Build the routes below a path."""
        return [
            self._build_route(f"{prefix}/faults", self._handle_faults, "GET", "POST", "DELETE"),
            self._build_route(f"{prefix}/settings", self._handle_settings, "GET", "PATCH"),
            self._build_route(f"{prefix}/calls", self._handle_calls, "GET"),
            self._build_route(f"{prefix}/unlocks", self._handle_unlocks, "POST"),
        ]

    def _build_route(
        self, path: str, handler: Callable[[Request], Awaitable[Any]], *methods: str
    ) -> Route:
        async def respond(request: Request) -> Response:
            try:
                self.authorize(request)
                return JSONResponse(await handler(request))
            except RequestRejected as rejection:
                return requests.build_error_response(rejection)

        return Route(path, respond, methods=list(methods))

    async def _handle_faults(self, request: Request) -> Any:
        if request.method == "POST":
            fault = _parse_fault(await self._read_object(request))
            for sandbox in self.sandboxes.values():
                sandbox.faults.append(fault)
        elif request.method == "DELETE":
            for sandbox in self.sandboxes.values():
                sandbox.reset()
        # All sandboxes have the same faults.
        first = next(iter(self.sandboxes.values()))
        return [asdict(fault) for fault in first.faults]

    async def _handle_settings(self, request: Request) -> Any:
        sandboxes = self.sandboxes.values()
        if request.method == "PATCH":
            patch = await self._read_object(request)
            # All are validated before the first one changes.
            changes = [_select_changes(sandbox.settings, patch) for sandbox in sandboxes]
            for sandbox, changed in zip(sandboxes, changes, strict=True):
                sandbox.settings.update(changed)
        return {name: value for sandbox in sandboxes for name, value in sandbox.settings.items()}

    async def _handle_calls(self, _request: Request) -> Any:
        return {source.name: dict(sandbox.calls) for source, sandbox in self.sandboxes.items()}

    async def _handle_unlocks(self, request: Request) -> Any:
        body = await self.body_reader.read(request)
        members = _parse_members(request, body) if body.strip() else {}
        earned = self.unlocks.unlock(_parse_wanted_unlock(members))
        if members and not earned:
            raise RequestRejected(404, "There is no such locked achievement.", "NOT_FOUND")
        return {"unlocks": earned}

    async def _read_object(self, request: Request) -> dict[str, Any]:
        return _parse_members(request, await self.body_reader.read(request))


def _parse_members(request: Request, body: bytes) -> dict[str, Any]:
    return requests.parse_object(request.headers.get("content-type"), body)


def _parse_wanted_unlock(members: dict[str, Any]) -> WantedUnlock:
    try:
        return msgspec.convert(members, WantedUnlock)
    except msgspec.ValidationError as error:
        raise RequestRejected(400, f"This is not an unlock: {error}.") from None


def _parse_fault(members: dict[str, Any]) -> InjectedFault:
    """Decode a fault; raise `RequestRejected` for one that could not be applied later."""
    try:
        fault = msgspec.convert(members, InjectedFault)
        re.compile(fault.path)
        httpx.Headers(fault.headers)
    except msgspec.ValidationError as error:
        raise RequestRejected(400, f"This is not a fault: {error}.") from None
    except (re.error, OverflowError, RecursionError):
        raise RequestRejected(400, "path must be a regular expression.", argument="path") from None
    except UnicodeEncodeError:
        raise RequestRejected(400, "headers must be ASCII.", argument="headers") from None
    if fault.status is not None and fault.status not in STATUS_CODES:
        raise RequestRejected(400, "status must have three digits.", argument="status")
    if not 0 <= fault.delay <= MAX_DELAY_SECONDS:
        raise RequestRejected(400, "delay must be seconds, up to an hour.", argument="delay")
    return fault


def _select_changes(settings: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """Return the changes of these settings; raise for a value of another type."""
    accepted = {name: changes[name] for name in changes if name in settings}
    for name, value in accepted.items():
        too_large = type(value) is int and abs(value) > MAX_NUMBER
        if too_large or type(value) is not type(settings[name]):
            raise RequestRejected(400, f"{name} has another type.", argument=name)
    return accepted
