"""A minimal application for the tests of connections, and a protocol with short timeouts."""

import asyncio
import threading
from dataclasses import dataclass, field

from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from server.response_parts import make_response
from server.runtime.connection_limit import ConnectionLimit

LARGE_SIZE = 16 * 1024 * 1024
PARTS = [bytes(LARGE_SIZE // 256)] * 256


class ShortTimeouts(ConnectionLimit):
    """The protocol with short timeouts and a small limit of unsent bytes."""

    head_timeout_seconds = 0.3
    linger_seconds = 0.3
    check_interval_seconds = 0.3
    grace_seconds = 0.0
    max_unsent_bytes = 2 * LARGE_SIZE


@dataclass
class RecordingApp:
    """An application that responds with the path, and records paths and headers."""

    paths: list[str] = field(default_factory=list[str])
    answered_paths: list[str] = field(default_factory=list[str])
    headers: list[bytes] = field(default_factory=list[bytes])
    disconnected: threading.Event = field(default_factory=threading.Event)
    release: threading.Event = field(default_factory=threading.Event)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        self.paths.append(path)
        response: Response = (
            make_response(PARTS, 200, {})
            if path == "/parts"
            else PlainTextResponse(await self._respond(path, scope, receive))
        )
        await response(scope, receive, send)
        self.answered_paths.append(path)

    async def _respond(self, path: str, scope: Scope, receive: Receive) -> bytes:
        if path == "/large":
            return bytes(LARGE_SIZE)
        if path == "/slow":
            await asyncio.to_thread(self.release.wait, 30)
        if path == "/body":
            return await self._read_body(scope, receive)
        return path.encode()

    async def _read_body(self, scope: Scope, receive: Receive) -> bytes:
        try:
            body = await Request(scope, receive).body()
        except ClientDisconnect:
            self.disconnected.set()
            return b"nothing"
        self.headers += [name for name, _ in scope["headers"]]
        return f"a body of {len(body)}".encode()
