"""A minimal application for the tests of WebSockets, and a protocol with short times."""

import threading
from dataclasses import dataclass, field

from starlette.types import Message, Receive, Scope, Send

from server.runtime.connection_limit import ConnectionLimit
from server.runtime.socket_protocol import SocketProtocol
from tests.server.runtime.minimal_app import RecordingApp

LARGE_TEXT = "x" * (1024 * 1024)


class ShortSocket(SocketProtocol):
    """The protocol with short times."""

    check_interval_seconds = 0.3
    shutdown_seconds = 0.3
    close_seconds = 0.3


class TwoConnections(ConnectionLimit):
    """The protocol with at most two connections beside WebSockets."""

    max_connections = 2


@dataclass
class SocketApp(RecordingApp):
    """An application that echoes the texts of a WebSocket, or sends without end, or closes it."""

    texts: list[str] = field(default_factory=list[str])
    codes: list[int] = field(default_factory=list[int])
    has_ended: threading.Event = field(default_factory=threading.Event)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await super().__call__(scope, receive, send)
            return
        await receive()
        if scope["query_string"] == b"rejected":
            await send({"type": "websocket.http.response.start", "status": 403, "headers": []})
            await send({"type": "websocket.http.response.body", "body": b"no"})
            return
        await send({"type": "websocket.accept", "subprotocol": "graphql-transport-ws"})
        try:
            while (message := await receive())["type"] == "websocket.receive":
                await self._answer(message, send)
            self.codes.append(message["code"])
        except OSError:
            self.codes.append(0)
        finally:
            self.has_ended.set()

    async def _answer(self, message: Message, send: Send) -> None:
        text = message.get("text") or ""
        self.texts.append(text)
        if text == "close":
            await send({"type": "websocket.close", "code": 4400, "reason": "x"})
        while text == "flood":
            await send({"type": "websocket.send", "text": LARGE_TEXT})
        if text != "close":
            await send({"type": "websocket.send", "text": text})
