"""A server on a real socket, in a thread of this process."""

import asyncio
import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import uvicorn
from starlette.types import ASGIApp

TIMEOUT_SECONDS = 120


class StoppableServer(uvicorn.Server):
    """A server that stops at once, where uvicorn's would find out every tenth of a second."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()

    async def main_loop(self) -> None:
        self._loop, self._stopped = asyncio.get_running_loop(), asyncio.Event()
        await self.on_tick(0)
        self.ready.set()
        await self._stopped.wait()

    def stop(self) -> None:
        """Stop the main loop from another thread."""
        self._loop.call_soon_threadsafe(self._stopped.set)


@dataclass(frozen=True)
class ListeningServer:
    """A running server, its port and its connections."""

    port: int
    uvicorn_server: uvicorn.Server

    @property
    def connections(self) -> set[Any]:
        return self.uvicorn_server.server_state.connections

    def connect(self, receive_buffer: int = 0) -> socket.socket:
        """Open a connection; with a small buffer, unread bytes stay with the server."""
        connection = socket.socket()
        if receive_buffer:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        connection.settimeout(TIMEOUT_SECONDS)
        connection.connect(("127.0.0.1", self.port))
        return connection

    def send_and_read(self, text: str | bytes) -> str:
        """Send a text, and return everything received until the server closes."""
        with self.connect() as connection:
            connection.sendall(text.encode() if isinstance(text, str) else text)
            return read_until_closed(connection)


def read_until_closed(connection: socket.socket) -> str:
    """Return everything received until the other side closes."""
    received = b""
    while block := connection.recv(65_536):
        received += block
    return received.decode()


def read_response(connection: socket.socket, suffix: str) -> str:
    """Return one response that ends with the suffix."""
    received = b""
    while not received.endswith(suffix.encode()):
        block = connection.recv(65_536)
        assert block, received
        received += block
    return received.decode()


@contextmanager
def start_server(app: ASGIApp, protocol: Any, **options: Any) -> Generator[ListeningServer]:
    """Serve an application with a protocol of uvicorn's or ours."""
    config = uvicorn.Config(
        app, http=protocol, log_level="critical", access_log=False, lifespan="off", **options
    )
    server = StoppableServer(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        assert server.ready.wait(TIMEOUT_SECONDS)
        yield ListeningServer(listener.getsockname()[1], server)
        server.stop()
        thread.join(TIMEOUT_SECONDS)
