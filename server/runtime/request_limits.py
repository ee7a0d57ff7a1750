"""Limits on what a connection receives: size and duration of a request's head, and pipelining.

uvicorn keeps everything that is sent until a request's head is complete, and every request sent
before the last one has its response. It waits for both without a limit.
"""

import asyncio
import secrets
from collections.abc import Callable
from typing import Any, ClassVar

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

from server.middleware.request_checks import (
    HEADERS_TOO_LARGE,
    MAX_URL_BYTES,
    URL_TOO_LONG,
    Rejection,
    build_rejection_body,
    build_rejection_headers,
)
from server.middleware.request_guard import DEFAULT_HEADERS, REQUEST_ID
from server.runtime.write_timeout import WriteTimeout

MALFORMED = Rejection(400, "Malformed HTTP request.")
HEAD_TIMEOUT = Rejection(408, "The headers did not arrive in time.")
BODY_INCOMPLETE = Rejection(400, "The body is incomplete.")


class PipelineFull(Exception):
    """One pipelined request too many; raised in a callback, it stops the parser."""


class ResponseTransport(asyncio.Transport):
    """The transport that a response is written to; closing it is up to the protocol."""

    def __init__(self, transport: asyncio.Transport, close: Callable[[], None]) -> None:
        super().__init__()
        self._transport = transport
        self._close = close

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self._transport.write(data)

    def is_closing(self) -> bool:
        return self._transport.is_closing()

    def close(self) -> None:
        self._close()


class RequestLimits(WriteTimeout):
    """Protocol that rejects a long or late head, and too many pipelined requests."""

    # More than the request guard allows, which rejects a smaller head with a more precise error.
    max_head_bytes: ClassVar[int] = 100_000
    max_pipelined: ClassVar[int] = 16
    head_timeout_seconds: ClassVar[float] = 10
    linger_seconds: ClassVar[float] = 2  # for reading on after a response that ends the connection

    _is_reading_head: bool = False
    _ignores_input: bool = False
    _is_lingering: bool = False
    _made_progress: bool = False
    _unparsed_bytes: int = 0
    _timer: asyncio.TimerHandle | None = None

    def connection_made(  # pyright: ignore[reportIncompatibleMethodOverride] - uvicorn narrows it
        self, transport: asyncio.Transport
    ) -> None:
        super().connection_made(transport)
        self._response_transport = ResponseTransport(transport, self._close_after_response)
        self._timer = self.loop.call_later(self.head_timeout_seconds, self._on_timeout)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        cycle.transport = self._response_transport
        super()._start_asgi_task(cycle, app)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._unset_keepalive_if_required()
        self._cancel_timeout()

    def data_received(self, data: bytes) -> None:
        if self._ignores_input:
            return
        self._made_progress = False
        super().data_received(data)
        self._unparsed_bytes = 0 if self._made_progress else self._unparsed_bytes + len(data)
        if self._unparsed_bytes > self.max_head_bytes:
            self._reject(self._url_rejection or HEADERS_TOO_LARGE)
        if self._timer is None and self._pending_cycle is None and not self._ignores_input:
            self._timer = self.loop.call_later(self.head_timeout_seconds, self._on_timeout)

    def eof_received(self) -> bool:  # pyright: ignore[reportIncompatibleMethodOverride] - likewise
        """Keep a half-closed connection open until every response is sent."""
        if self._pending_cycle is not None:
            self._reject(BODY_INCOMPLETE)
        # False closes the connection: nothing more can arrive that would be worth lingering for.
        return self._pending_cycle is not None and not self._is_lingering

    def open_websocket(self, data: bytes) -> None:
        self._ignores_input = True  # nothing more comes here
        self._cancel_timeout()
        super().open_websocket(data)

    def on_message_begin(self) -> None:
        if len(self.pipeline) >= self.max_pipelined:
            raise PipelineFull
        super().on_message_begin()
        self._is_reading_head = True

    def on_headers_complete(self) -> None:
        self._made_progress, self._is_reading_head = True, False
        self._cancel_timeout()
        super().on_headers_complete()
        self.headers = []  # trailers, which follow a body, are no headers of the request

    def on_body(self, body: bytes) -> None:
        self._made_progress = True
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._made_progress = True
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - the parser's own message
        self._reject(self._url_rejection or MALFORMED)

    @property
    def _url_rejection(self) -> Rejection | None:
        # httptools rejects such a URL itself, as malformed, so it belongs to no earlier request.
        return URL_TOO_LONG if len(self.url) >= MAX_URL_BYTES else None

    @property
    def _pending_cycle(self) -> RequestResponseCycle | None:
        """The newest request, while its response is incomplete."""
        return self.cycle if self.cycle and not self.cycle.response_complete else None

    def _cancel_timeout(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _on_timeout(self) -> None:
        if self._is_reading_head:
            self._reject(HEAD_TIMEOUT)
        else:  # no request has begun, or the rest of a body still arrives after its response
            self.drop()

    def _reject(self, rejection: Rejection) -> None:
        """Read nothing more, and close the connection after the responses to earlier requests."""
        if self._ignores_input:
            return
        self._ignores_input = True
        cycle = self._pending_cycle
        if cycle is None:
            self._send_rejection(rejection)
        elif cycle.more_body and not cycle.response_started and not self.pipeline:
            # The rejected bytes are the body of the request that the application is reading.
            cycle.disconnected = True
            cycle.waiting_for_100_continue = False
            cycle.message_event.set()
            self._send_rejection(rejection)
        else:
            cycle.keep_alive = False

    def _send_rejection(self, rejection: Rejection) -> None:
        self.transport.write(self._format_rejection(rejection))
        self._start_lingering_close()

    def _close_after_response(self) -> None:
        # With a part of the request's body unread, closing at once could lose the response.
        if self._current_cycle is not None and self._current_cycle.more_body:
            self._start_lingering_close()
        else:
            self.transport.close()

    def _start_lingering_close(self) -> None:
        # The system resets a connection that is closed with unread bytes (RFC 9112, 9.6).
        self._ignores_input = self._is_lingering = True
        self.transport.write_eof()
        self._cancel_timeout()
        self._timer = self.loop.call_later(self.linger_seconds, self.drop)

    def _format_rejection(self, rejection: Rejection) -> bytes:
        request_id = secrets.token_hex(8)
        body = build_rejection_body(rejection, request_id)
        headers = [
            *self.server_state.default_headers,
            *build_rejection_headers(rejection, body),
            *DEFAULT_HEADERS,
            (REQUEST_ID, request_id.encode()),
        ]
        lines = [name + b": " + value + b"\r\n" for name, value in headers]
        return b"".join([STATUS_LINE[rejection.status], *lines, b"\r\n", body])
