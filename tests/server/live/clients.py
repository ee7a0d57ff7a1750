"""A WebSocket and an event stream to a running server, in its process and on its clock."""

import asyncio
import json
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from starlette.types import Message

from server.live.messages import SUBPROTOCOL
from tests.harness import RunningServer

UNLOCKS = """
subscription ($accounts: [AccountInput!], $after: String) {
  achievementUnlocked(accounts: $accounts, after: $after) {
    eventId cursor
    achievement { name nativeId }
  }
}
"""
ADDRESS = ("127.0.0.1", 40_000)
ACK = {"type": "connection_ack"}
END = ("", None)


class AsgiConnection:
    """One request to the application, which sends and receives messages as a server does."""

    def __init__(self, server: RunningServer, scope: Mapping[str, Any]) -> None:
        self.server = server
        self._to_app: asyncio.Queue[Message] = asyncio.Queue()
        self._from_app: asyncio.Queue[Message] = asyncio.Queue()
        self._can_send = asyncio.Event()
        self._can_send.set()
        self._scope: dict[str, Any] = {
            "http_version": "1.1",
            "path": "/graphql",
            "raw_path": b"/graphql",
            "query_string": b"",
            "root_path": "",
            "server": ("127.0.0.1", 8000),
            "client": ADDRESS,
            "state": dict[str, Any](),
            **scope,
        }

    def start(self) -> None:
        """Call the application."""
        self.server.run(self._start())

    def put(self, message: Message) -> None:
        """Give the application a message."""
        self._to_app.put_nowait(message)

    def get(self) -> Message:
        """Wait for a message of the application."""
        return self.server.run(self._from_app.get())

    def list_sent(self) -> list[Message]:
        """Return what the application has sent so far and nothing has waited for."""
        return [self._from_app.get_nowait() for _ in range(self._from_app.qsize())]

    def pause_reading(self) -> None:
        """Let the application wait with everything that it sends."""
        self._can_send.clear()

    def resume_reading(self) -> None:
        """Read again."""
        self._can_send.set()

    @property
    def has_ended(self) -> bool:
        """Whether the application has returned."""
        return self._task.done()

    def wait_for_end(self) -> None:
        """Wait until the application has returned."""
        self.server.run(asyncio.wait_for(self._task, 600))

    async def _start(self) -> None:
        self._task = asyncio.create_task(self.server.app(self._scope, self._to_app.get, self._send))

    async def _send(self, message: Message) -> None:
        await self._can_send.wait()
        self._from_app.put_nowait(message)


class Socket(AsgiConnection):
    """A WebSocket; pings are answered and not shown unless they are asked for."""

    def __init__(
        self,
        server: RunningServer,
        headers: Mapping[str, str] | None = None,
        subprotocols: Sequence[str] = (SUBPROTOCOL,),
        *,
        shows_pings: bool = False,
        **scope: Any,
    ) -> None:
        given = {"host": "127.0.0.1:8000", **(headers or {})}
        encoded = [(name.lower().encode(), value.encode()) for name, value in given.items()]
        super().__init__(
            server,
            {
                "type": "websocket",
                "scheme": "ws",
                "headers": encoded,
                "subprotocols": list(subprotocols),
                **scope,
            },
        )
        self._shows_pings = shows_pings
        self.put({"type": "websocket.connect"})
        self.start()
        self.opening = self.get()

    def init(self, payload: Any = None) -> Any:
        """Send the first message, and return the answer to it."""
        return self.ask({"type": "connection_init", "payload": payload})

    def send(self, message: Any) -> None:
        """Send a message, as JSON unless it is a text."""
        text = message if isinstance(message, str) else json.dumps(message)
        self.put({"type": "websocket.receive", "text": text})

    def subscribe(self, operation_id: str, query: str | None, **payload: Any) -> None:
        """Start an operation."""
        given = {"query": query, **payload}
        self.send({"type": "subscribe", "id": operation_id, "payload": given})

    def receive(self) -> Any:
        """Return the next message; the code of a close."""
        while True:
            message = self.get()
            if message["type"] == "websocket.close":
                return message["code"]
            content = json.loads(message["text"])
            if content["type"] != "ping" or self._shows_pings:
                return content
            self.send({"type": "pong"})

    def ask(self, message: Any) -> Any:
        """Send a message, and return the next one."""
        self.send(message)
        return self.receive()

    def execute(self, query: str | None, **payload: Any) -> Any:
        """Execute an operation to its end; return its result, or its errors."""
        self.subscribe("only", query, **payload)
        first = self.receive()
        if first["type"] == "next":
            assert self.receive() == {"type": "complete", "id": "only"}
        return first["payload"]

    def disconnect(self) -> None:
        """Close the connection from the client's side, and wait for the application."""
        self.put({"type": "websocket.disconnect", "code": 1001})
        self.wait_for_end()


class Stream(AsgiConnection):
    """A response with server-sent events."""

    def __init__(
        self,
        server: RunningServer,
        query: str,
        headers: Mapping[str, str] | None = None,
        **payload: Any,
    ) -> None:
        given = {
            "host": "127.0.0.1:8000",
            "accept": "text/event-stream",
            "content-type": "application/json",
            **(headers or {}),
        }
        encoded = [(name.lower().encode(), value.encode()) for name, value in given.items()]
        scope = {"type": "http", "method": "POST", "scheme": "http", "headers": encoded}
        super().__init__(server, scope)
        body = json.dumps({"query": query, **payload}).encode()
        self.put({"type": "http.request", "body": body, "more_body": False})
        self.start()
        self.opening = self.get()
        self.headers = {name.decode(): value.decode() for name, value in self.opening["headers"]}
        self._buffer = ""
        self.is_over = False

    @property
    def status(self) -> int:
        return self.opening["status"]

    def receive(self, *, shows_comments: bool = False) -> tuple[str, Any]:
        """Return the name and the content of the next event; nothing of both at the end."""
        while True:
            frame, separator, rest = self._buffer.partition("\n\n")
            if separator:
                self._buffer = rest
                if frame == ":" and not shows_comments:
                    continue
                return _parse_frame(frame)
            if self.is_over:
                return END
            message = self.get()
            self._buffer += message["body"].decode()
            self.is_over = not message.get("more_body", False)

    def disconnect(self) -> None:
        """Close the connection from the client's side, and wait for the application."""
        self.put({"type": "http.disconnect"})
        self.wait_for_end()


def _parse_frame(frame: str) -> tuple[str, Any]:
    if frame == ":":
        return "comment", None
    name, data = frame.split("\n")
    text = data.removeprefix("data:").strip()
    return name.removeprefix("event: "), json.loads(text) if text else None


@contextmanager
def open_socket(server: RunningServer, payload: Any = None, **options: Any) -> Generator[Socket]:
    """Open a WebSocket whose caller is accepted, and close it after the block."""
    socket = Socket(server, **options)
    assert socket.init(payload) == ACK
    yield socket
    socket.disconnect()
