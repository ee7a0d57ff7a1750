"""A tiny application for the tests of connections, and connections in a hurry."""

import asyncio
import threading
from dataclasses import dataclass, field

from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from server.runtime.connection_limit import Connection

LARGE = 16 * 1024 * 1024


class Hasty(Connection):
    """Waits for nothing as long as it usually does, and holds less."""

    head_seconds = 0.3
    linger_seconds = 0.3
    look_seconds = 0.3
    patience_seconds = 0.0
    most_unsent = 2 * LARGE


@dataclass
class Answering:
    """Says what it was asked; remembers the paths and the headers it saw."""

    paths: list[str] = field(default_factory=list[str])
    answered: list[str] = field(default_factory=list[str])
    headers: list[bytes] = field(default_factory=list[bytes])
    gone: threading.Event = field(default_factory=threading.Event)
    go: threading.Event = field(default_factory=threading.Event)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        self.paths.append(path)
        await PlainTextResponse(await self._answer(path, scope, receive))(scope, receive, send)
        self.answered.append(path)

    async def _answer(self, path: str, scope: Scope, receive: Receive) -> bytes:
        if path == "/large":
            return bytes(LARGE)
        if path == "/slow":
            await asyncio.to_thread(self.go.wait, 30)
        if path == "/body":
            return await self._body(scope, receive)
        return path.encode()

    async def _body(self, scope: Scope, receive: Receive) -> bytes:
        try:
            body = await Request(scope, receive).body()
        except ClientDisconnect:
            self.gone.set()
            return b"nothing"
        self.headers += [name for name, _ in scope["headers"]]
        return f"a body of {len(body)}".encode()
