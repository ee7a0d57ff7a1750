"""WebSocket protocol with bounds that uvicorn's own has not, and an end that the application sets.

A client that sends and does not read must not fill the memory, and a shutdown waits neither for a
client nor for a socket.
"""

import asyncio
from typing import Any, ClassVar

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import CloseCode, Frame

from server.runtime.write_progress import WriteProgress

MAX_MESSAGE_BYTES = 64 * 1024
MAX_FRAGMENTS = 1_000  # of one message; empty ones take memory as well


class SocketProtocol(WriteProgress, WebSocketsSansIOProtocol):
    """uvicorn's protocol, in which a connection ends whether its client reads or not."""

    # The application ends its sockets when it begins to drain; this is for what is left.
    shutdown_seconds: ClassVar[float] = 5
    close_seconds: ClassVar[float] = 2  # for the client's answer to a close frame

    _shutdown_timer: asyncio.TimerHandle | None = None

    def connection_made(  # pyright: ignore[reportIncompatibleMethodOverride] - uvicorn narrows it
        self, transport: asyncio.Transport
    ) -> None:
        super().connection_made(transport)
        self.close_timeout = self.close_seconds
        self.start_checks()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self.stop_checks()
        if self._shutdown_timer is not None:
            self._shutdown_timer.cancel()

    def pause_writing(self) -> None:
        super().pause_writing()
        self.note_pause(self.connections)

    def resume_writing(self) -> None:
        super().resume_writing()
        self.note_resume()

    async def send(self, message: Any) -> None:
        """Send a message; after a response in place of the handshake there is nothing to miss."""
        await super().send(message)
        if message["type"] == "websocket.http.response.body":
            self.handshake_complete = True

    def shutdown(self) -> None:
        """Give the application some seconds to end the socket by itself."""
        if self._shutdown_timer is None:
            self._shutdown_timer = self.loop.call_later(self.shutdown_seconds, self.drop)

    def handle_ping(self) -> None:
        """Answer a ping, unless the client does not read the answers."""
        answer = b"".join(self.conn.data_to_send())
        if not self.is_write_paused:
            self.transport.write(answer)

    def handle_cont(self, event: Frame) -> None:
        """Add a fragment to the message, up to a limit."""
        if len(self.frames) >= MAX_FRAGMENTS:
            self.conn.fail(CloseCode.MESSAGE_TOO_BIG, "too many fragments")
            self.handle_parser_exception()
            return
        super().handle_cont(event)
