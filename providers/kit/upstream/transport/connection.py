"""One connection to a host: sends a request, receives its response, and is then free again."""

import asyncio
import socket
from collections.abc import Callable, Mapping
from typing import cast

import httpx

from providers.kit.upstream.transport.readability import Readability
from providers.kit.upstream.transport.response_parser import (
    InvalidResponse,
    ReceivedResponse,
    ResponseParser,
)

# A body that is not read is not received either.
MAX_BUFFERED_BYTES = 256 * 1024


# The seconds that httpx calls `connect`, `read`, `write` and `pool`: to wait for a new connection,
# for data in either direction, and for a free connection. None is without limit.
Timeouts = Mapping[str, float | None]


class Connection(asyncio.Protocol):
    """A connection with at most one running request.

    `on_free` is called when a request has left the connection open, and once when it is closed.
    `has_news` is for an idle one: whether it has data, or an end, that was not read yet.
    """

    has_news: Callable[[], bool]
    _transport: asyncio.Transport

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._parser = ResponseParser()
        self._response: ReceivedResponse | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._is_reading_paused = self._is_writing_paused = False
        self.on_free: Callable[[Connection], None] = _ignore
        self.is_open = False
        # When the last request ended, by the time of the event loop.
        self.idle_since = 0.0

    def send(self, request: bytes, *, has_body: bool) -> ReceivedResponse:
        """Send a request, and return its response, which is still to arrive.

        `has_body` is whether the response may have one.
        """
        response = self._response = ReceivedResponse(has_body=has_body)
        self._parser.begin(response)
        self._transport.write(request)
        return response

    async def wait(self, response: ReceivedResponse, timeouts: Timeouts) -> None:
        """Wait for more of the response; if this is cancelled, the connection is closed.

        Raise the `httpx.TransportError` with which a response has ended before.
        """
        if response.error is not None:
            raise response.error
        if self._is_reading_paused:
            self._is_reading_paused = False
            self._transport.resume_reading()
        waiter = self._waiter = self._loop.create_future()
        seconds = timeouts.get("write" if self._is_writing_paused else "read")
        timer = None if seconds is None else self._loop.call_later(seconds, self._on_timeout)
        try:
            await waiter
        except asyncio.CancelledError:
            self.drop(response)
            raise
        finally:
            if timer is not None:
                timer.cancel()

    def drop(self, response: ReceivedResponse) -> None:
        """Close the connection if the response is still running on it."""
        if response is self._response:
            self.close()

    def close(self) -> None:
        """Close the connection at once; a running request fails."""
        self._fail(httpx.ReadError("The connection was closed."))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take over an opened connection."""
        self._transport = cast("asyncio.Transport", transport)
        self.is_open = True
        opened: socket.socket = transport.get_extra_info("socket")
        self.has_news = Readability(opened.fileno()).is_readable

    def data_received(self, data: bytes) -> None:
        """Parse a part of the response; an idle connection on which data arrive is closed."""
        response = self._response
        if response is None:
            self.close()
            return
        try:
            self._parser.feed(data)
        except InvalidResponse as error:
            self._fail(httpx.RemoteProtocolError(str(error)))
            return
        if response.is_complete:
            self._finish()
        elif response.buffered_bytes > MAX_BUFFERED_BYTES and not self._is_reading_paused:
            self._is_reading_paused = True
            self._transport.pause_reading()
        self._wake()

    def eof_received(self) -> None:
        """End a response that ends with the connection, or fail it."""
        if self._response is not None:
            try:
                self._parser.feed_eof()
            except InvalidResponse as error:
                self._fail(httpx.RemoteProtocolError(str(error)))
        self._close()
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        """Fail the running request, unless its response ends with the connection."""
        if exc is None:
            self.eof_received()
        else:
            self._fail(httpx.ReadError("The connection was broken."))

    def pause_writing(self) -> None:
        """Apply the write timeout from now on."""
        self._is_writing_paused = True

    def resume_writing(self) -> None:
        """Apply the read timeout from now on."""
        self._is_writing_paused = False
        self._wake()

    def _on_timeout(self) -> None:
        error_type = httpx.WriteTimeout if self._is_writing_paused else httpx.ReadTimeout
        self._fail(error_type("The server did not take or send data in time."))

    def _finish(self) -> None:
        # A server may respond before it has read the request, of which a part is then still here.
        if self._parser.can_continue and not self._transport.get_write_buffer_size():
            self._parser.end()
            self._response = None
            self.idle_since = self._loop.time()
            self.on_free(self)
        else:
            self._close()

    def _fail(self, error: Exception) -> None:
        if self._response is not None:
            self._response.error = error
        self._close()
        self._wake()

    def _close(self) -> None:
        self._response = None
        if self.is_open:
            self.is_open = False
            self._transport.abort()
            self.on_free(self)

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


def _ignore(_: Connection) -> None:
    pass
