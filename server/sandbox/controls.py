"""The switches of the invented upstreams: faults, settings, and what was asked."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import httpx
import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from providers.kit.sandbox import Fault, Sandbox
from providers.registry import Source
from server import graphql_request as requests
from server.request_body import Bodies
from server.request_error import Refused

LONGEST_DELAY = 3600
STATUSES = range(100, 1000)
# The world is made of dates as well, and a lifetime is added to one.
LARGEST_NUMBER = 10**9


@dataclass(frozen=True)
class Controls:
    """Routes by which people and tests switch faults and settings, and read what was asked."""

    sandboxes: Mapping[Source, Sandbox]
    admit: Callable[[Request], None] = lambda _request: None
    bodies: Bodies = field(default_factory=Bodies)

    def routes(self, prefix: str) -> list[Route]:
        """All of them."""
        return [
            self._route(f"{prefix}/faults", self._faults, "GET", "POST", "DELETE"),
            self._route(f"{prefix}/settings", self._settings, "GET", "PATCH"),
            self._route(f"{prefix}/calls", self._calls, "GET"),
        ]

    def _route(
        self, path: str, answer: Callable[[Request], Awaitable[Any]], *methods: str
    ) -> Route:
        async def answered(request: Request) -> Response:
            try:
                self.admit(request)
                return JSONResponse(await answer(request))
            except Refused as refused:
                return requests.refusal(refused)

        return Route(path, answered, methods=list(methods))

    async def _faults(self, request: Request) -> Any:
        if request.method == "POST":
            fault = _fault(await self._sent(request))
            for sandbox in self.sandboxes.values():
                sandbox.faults.append(fault)
        elif request.method == "DELETE":
            for sandbox in self.sandboxes.values():
                sandbox.reset()
        first = next(iter(self.sandboxes.values()))
        return [asdict(each) for each in first.faults]

    async def _settings(self, request: Request) -> Any:
        boxes = self.sandboxes.values()
        if request.method == "PATCH":
            sent = await self._sent(request)
            changes = [(box.settings, _changed(box.settings, sent)) for box in boxes]
            for settings, changed in changes:
                settings.update(changed)
        return {name: value for box in boxes for name, value in box.settings.items()}

    async def _calls(self, _request: Request) -> Any:
        boxes = self.sandboxes.items()
        return {source.name: dict(box.calls) for source, box in boxes}

    async def _sent(self, request: Request) -> dict[str, Any]:
        body = await self.bodies.read(request)
        return requests.members(request.headers.get("content-type"), body)


def _fault(given: dict[str, Any]) -> Fault:
    """A fault that can be suffered: what is wrong with it is told now, and not by a bug later."""
    try:
        fault = msgspec.convert(given, Fault)
        re.compile(fault.path)
        httpx.Headers(fault.headers)
    except msgspec.ValidationError as error:
        raise Refused(400, f"That is no fault: {error}.") from None
    except (re.error, OverflowError, RecursionError):
        raise Refused(400, "path has to be a regular expression.", argument="path") from None
    except UnicodeEncodeError:
        raise Refused(400, "headers have to be in ASCII.", argument="headers") from None
    if fault.status is not None and fault.status not in STATUSES:
        raise Refused(400, "status has to have three digits.", argument="status")
    if not 0 <= fault.delay <= LONGEST_DELAY:
        raise Refused(400, "delay has to be seconds, up to an hour.", argument="delay")
    return fault


def _changed(settings: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """The changes of these settings, each to a value of its own kind."""
    known = {name: changes[name] for name in changes if name in settings}
    for name, value in known.items():
        too_large = type(value) is int and abs(value) > LARGEST_NUMBER
        if too_large or type(value) is not type(settings[name]):
            raise Refused(400, f"{name} is of another kind.", argument=name)
    return known
