"""One connection's way in: bounded before there is a request that anybody could refuse.

Uvicorn keeps whatever is sent until a request's headers are complete, and every request that is
sent before the last was answered; it waits for either as long as it takes.
"""

import asyncio
import secrets
from collections.abc import Callable
from typing import Any, ClassVar

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

from server.middleware.request_checks import (
    HEADERS_TOO_LARGE,
    LONGEST_URL,
    URL_TOO_LONG,
    Refusal,
    headers_of,
    told,
)
from server.middleware.request_guard import ADDED, REQUEST_ID
from server.runtime.response_timeout import Outgoing

MALFORMED = Refusal(400, "This is not HTTP as it is spoken here.")
TOO_LATE = Refusal(408, "The headers did not arrive in time.")
TOO_SHORT = Refusal(400, "The body did not arrive.")


class TooMany(Exception):
    """One request more than are kept for later; it stops the parser."""


class WayOut(asyncio.Transport):
    """What an answer is written to; behind it the connection may close, and does so its own way."""

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


class Incoming(Outgoing):
    """Takes so much and no more before something comes of it, and waits for it only so long."""

    # More than the guard lets through: what comes up to here is refused there, in more detail.
    largest_head: ClassVar[int] = 100_000
    most_queued: ClassVar[int] = 16
    head_seconds: ClassVar[float] = 10
    linger_seconds: ClassVar[float] = 2

    _in_head: bool = False
    _deaf: bool = False
    _something_came: bool = False
    _taken_in: int = 0
    _limit: asyncio.TimerHandle | None = None

    def connection_made(  # pyright: ignore[reportIncompatibleMethodOverride] - uvicorn narrows it
        self, transport: asyncio.Transport
    ) -> None:
        super().connection_made(transport)
        self._way_out = WayOut(transport, self._leave)
        self._limit = self.loop.call_later(self.head_seconds, self._too_late)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        cycle.transport = self._way_out
        super()._start_asgi_task(cycle, app)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._unset_keepalive_if_required()
        self._wait_no_more()

    def data_received(self, data: bytes) -> None:
        if self._deaf:
            return
        self._something_came = False
        super().data_received(data)
        self._taken_in = 0 if self._something_came else self._taken_in + len(data)
        if self._taken_in > self.largest_head:
            self._refuse(self._too_long or HEADERS_TOO_LARGE)
        if self._limit is None and self._asked is None and not self._deaf:
            self._limit = self.loop.call_later(self.head_seconds, self._too_late)

    def eof_received(self) -> bool:  # pyright: ignore[reportIncompatibleMethodOverride] - likewise
        """Whoever has no more to say still hears the answers to what he said."""
        if self._asked is None:
            return False  # which closes the connection
        self._refuse(TOO_SHORT)
        return True

    def on_message_begin(self) -> None:
        if len(self.pipeline) >= self.most_queued:
            raise TooMany
        super().on_message_begin()
        self._in_head = True

    def on_headers_complete(self) -> None:
        self._something_came, self._in_head = True, False
        self._wait_no_more()
        super().on_headers_complete()
        self.headers = []  # what comes behind a body is no header of the request

    def on_body(self, body: bytes) -> None:
        self._something_came = True
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._something_came = True
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - the parser's words
        self._refuse(self._too_long or MALFORMED)

    @property
    def _too_long(self) -> Refusal | None:
        # As many bytes are no URL for httptools, so this is never one that was taken apart.
        return URL_TOO_LONG if len(self.url) >= LONGEST_URL else None

    @property
    def _asked(self) -> RequestResponseCycle | None:
        """The newest request, while it is not answered."""
        return self.cycle if self.cycle and not self.cycle.response_complete else None

    def _wait_no_more(self) -> None:
        if self._limit is not None:
            self._limit.cancel()
            self._limit = None

    def _too_late(self) -> None:
        if self._in_head:
            self._refuse(TOO_LATE)
        else:  # nothing was begun, or it is a body whose request was answered long ago
            self.drop()

    def _refuse(self, refusal: Refusal) -> None:
        """Take nothing more. What was asked before is answered, and then the connection ends."""
        if self._deaf:
            return
        self._deaf = True
        asked = self._asked
        if asked is None:
            self._end_with(refusal)
        elif asked.more_body and not asked.response_started and not self.pipeline:
            asked.disconnected = True  # it is its own body that is refused
            asked.waiting_for_100_continue = False
            asked.message_event.set()
            self._end_with(refusal)
        else:
            asked.keep_alive = False

    def _end_with(self, refusal: Refusal) -> None:
        """Say why, and leave."""
        self.transport.write(self._said(refusal))
        self._linger()

    def _leave(self) -> None:
        """Close behind an answer, at once when all was read that it is about."""
        if self._running is not None and self._running.more_body:
            self._linger()
        else:
            self.transport.close()

    def _linger(self) -> None:
        """A connection closed at once, with something unread, would lose what was said last."""
        self._deaf = True
        self.transport.write_eof()
        self._wait_no_more()
        self._limit = self.loop.call_later(self.linger_seconds, self.drop)

    def _said(self, refusal: Refusal) -> bytes:
        request_id = secrets.token_hex(8)
        body = told(refusal, request_id)
        headers = [
            *self.server_state.default_headers,
            *headers_of(refusal, body),
            *ADDED,
            (REQUEST_ID, request_id.encode()),
        ]
        lines = [name + b": " + value + b"\r\n" for name, value in headers]
        return b"".join([STATUS_LINE[refusal.status], *lines, b"\r\n", body])
