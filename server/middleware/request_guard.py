"""Outermost middleware: rejects malformed requests, and completes every response's headers."""

import logging
import os
import re
import traceback
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.middleware.allowed_hosts import ANY_HOST, AllowedHosts
from server.middleware.cors import AddCors, leave_without_cors
from server.middleware.rejection_log import RejectionLog
from server.middleware.request_checks import (
    CONNECTION_CLOSE,
    INTERNAL_ERROR,
    Headers,
    Rejection,
    check_request,
    get_header_values,
    send_rejection,
)

log = logging.getLogger("trophycase.requests")

REQUEST_ID = b"x-request-id"
WELL_FORMED_ID = re.compile(rb"[\w.:=/+-]{1,128}", re.ASCII)
DEFAULT_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
)
RESPONSE_STARTS = frozenset({"http.response.start", "websocket.http.response.start"})
SOCKET_ACCEPT = "websocket.accept"
SOCKET_FAILED: Message = {
    "type": "websocket.close",
    "code": 4500,
    "reason": "Internal server error",
}


class ResponseAborted(Exception):
    """The application failed after the response began; the server closes the connection."""


@dataclass
class RequestGuard:
    """Middleware that lets only requests through that pass the checks.

    While draining, requests are still served, and their connections closed after the response.
    """

    app: ASGIApp
    allowed_hosts: AllowedHosts = ANY_HOST
    check_peer: Callable[[Scope], Rejection | None] = lambda _scope: None
    is_draining: Callable[[], bool] = lambda: False
    on_rejected: Callable[[str], None] = lambda _code: None
    add_cors: AddCors = leave_without_cors
    rejection_log: RejectionLog = field(default_factory=RejectionLog)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        sender = ResponseSender(send, os.urandom(8).hex(), closes_connection=self.is_draining())
        scope.setdefault("state", {})["request_id"] = sender.request_id
        rejection = (
            check_request(scope) or self.allowed_hosts.check_host(scope) or self.check_peer(scope)
        )
        if rejection is None:
            sender.request_id = scope["state"]["request_id"] = _choose_request_id(scope)
            await self._run_app(scope, receive, sender)
            return
        self.on_rejected(rejection.code)
        self.rejection_log.note(rejection, scope)
        await self._reject(rejection, scope, receive, sender)

    async def _reject(
        self, rejection: Rejection, scope: Scope, receive: Receive, sender: "ResponseSender"
    ) -> None:
        """Send a rejection, which a page that may read the response may read as well."""

        async def respond(scope: Scope, _receive: Receive, send: Send) -> None:
            await send_rejection(rejection, sender.request_id, scope, send)

        is_preflight = scope.get("method") == "OPTIONS"  # which the middleware would accept
        await (respond if is_preflight else self.add_cors(respond))(scope, receive, sender)

    async def _run_app(self, scope: Scope, receive: Receive, sender: "ResponseSender") -> None:
        try:
            await self.app(scope, receive, sender)
        except ResponseAborted:
            raise
        except Exception as error:  # noqa: BLE001 - no exception may show its text to the client
            log.error("unexpected %s", _format_location(error, sender.request_id))  # noqa: TRY400 - nor to the log
            if scope["type"] == "websocket" and sender.has_started:
                with suppress(OSError, RuntimeError):  # it may have ended
                    await sender(SOCKET_FAILED)
                return
            if sender.has_started:
                raise ResponseAborted from None
            await self._reject(INTERNAL_ERROR, scope, receive, sender)


@dataclass
class ResponseSender:
    """Sends a response with the headers that every response must have."""

    send: Send
    request_id: str
    closes_connection: bool
    has_started: bool = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == SOCKET_ACCEPT:
            self.has_started = True
            message = {**message, "headers": [(REQUEST_ID, self.request_id.encode())]}
        elif message["type"] in RESPONSE_STARTS:
            self.has_started = True
            message = {**message, "headers": self._complete_headers(message.get("headers", ()))}
        await self.send(message)

    def _complete_headers(self, headers: Iterable[tuple[bytes, bytes]]) -> Headers:
        own_headers = list(headers)
        present = _lower_all(tuple([name for name, _ in own_headers]))
        if REQUEST_ID in present:
            own_headers = [each for each in own_headers if each[0].lower() != REQUEST_ID]
        added = (*DEFAULT_HEADERS, CONNECTION_CLOSE) if self.closes_connection else DEFAULT_HEADERS
        missing = [each for each in added if each[0] not in present]
        return [*own_headers, *missing, (REQUEST_ID, self.request_id.encode())]


@lru_cache(128)
def _lower_all(names: tuple[bytes, ...]) -> frozenset[bytes]:
    return frozenset(name.lower() for name in names)


def _choose_request_id(scope: Scope) -> str:
    """Return the id that a trusted proxy has given the request, or the one that was drawn here."""
    state = scope["state"]
    given = get_header_values(scope["headers"], REQUEST_ID) if state.get("is_peer_trusted") else ()
    if len(given) == 1 and WELL_FORMED_ID.fullmatch(given[0]):
        return given[0].decode()
    return state["request_id"]


def _format_location(error: Exception, request_id: str) -> str:
    """Return the error's type and innermost frames; its message may hold a secret."""
    frames = reversed(traceback.extract_tb(error.__traceback__)[-6:])
    path = " < ".join(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames)
    return f"{type(error).__name__} ({request_id}): {path}"
