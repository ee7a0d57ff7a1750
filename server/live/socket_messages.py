"""Sending and receiving of a WebSocket's messages, and the codes with which it is closed."""

from contextlib import suppress
from dataclasses import dataclass
from enum import Enum

from starlette.types import Message, Receive, Send

from server.live.live_connections import LiveConnection
from server.live.messages import (
    ClientMessage,
    MessageInvalid,
    ServerMessage,
    decode_message,
    encode_message,
)
from server.observability.metrics import Metrics


class CloseCode(Enum):
    """Why this server closes a WebSocket."""

    RESTART = 1012, "Service restart"  # clients connect and subscribe again
    OVERLOADED = 1013, "Try again later"
    BAD_REQUEST = 4400, "Invalid message received"
    UNAUTHORIZED = 4401, "Unauthorized"
    FORBIDDEN = 4403, "Forbidden"
    SUBPROTOCOL_NOT_ACCEPTABLE = 4406, "Subprotocol not acceptable"
    INIT_TIMEOUT = 4408, "Connection initialisation timeout"
    SUBSCRIBER_EXISTS = 4409, "Subscriber already exists"
    TOO_MANY_INITS = 4429, "Too many initialisation requests"
    INTERNAL_ERROR = 4500, "Internal server error"


class SocketClosed(Exception):
    """The WebSocket has to be closed with a code, or its client has closed it."""

    def __init__(self, code: CloseCode | None = None) -> None:
        super().__init__()
        self.code = code


@dataclass
class SocketChannel:
    """The messages of one WebSocket."""

    receive: Receive
    send: Send
    metrics: Metrics

    async def receive_message(
        self, connection: LiveConnection, seconds: float
    ) -> ClientMessage | None:
        """Return the next message; None after some seconds, or at the connection's end.

        Raise `SocketClosed` for what the subprotocol does not know, and when the client is gone.
        """
        message = await connection.wait(self.receive(), seconds)
        if message is None:
            return None
        if message["type"] == "websocket.disconnect":
            raise SocketClosed
        return _decode(message)

    async def send_message(self, message: ServerMessage) -> None:
        """Send a message, as soon as the client has read enough of those before.

        It is lost if the client is gone, which the next message says.
        """
        # What waited to be sent may follow the socket's end.
        with suppress(OSError, RuntimeError):
            await self.send({"type": "websocket.send", "text": encode_message(message)})

    async def close(self, code: CloseCode) -> None:
        """Close the WebSocket."""
        number, reason = code.value
        self.metrics.on_socket_close(number)
        with suppress(OSError):
            await self.send({"type": "websocket.close", "code": number, "reason": reason})


def _decode(message: Message) -> ClientMessage:
    text = message.get("text")
    if text is None:
        raise SocketClosed(CloseCode.BAD_REQUEST)
    try:
        return decode_message(text)
    except MessageInvalid:
        raise SocketClosed(CloseCode.BAD_REQUEST) from None
