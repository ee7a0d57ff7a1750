"""A server on a real socket, in a thread of this process."""

import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import uvicorn
from starlette.types import ASGIApp

SECONDS = 30


class Announced(uvicorn.Server):
    """A server that says when it accepts connections."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()


@dataclass(frozen=True)
class Listening:
    """Where it listens, and who is connected."""

    port: int
    server: uvicorn.Server

    @property
    def connections(self) -> set[Any]:
        return self.server.server_state.connections

    def connect(self, receive_buffer: int = 0) -> socket.socket:
        """A connection; with a small buffer, what is not read soon stays with the server."""
        connection = socket.socket()
        if receive_buffer:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        connection.settimeout(SECONDS)
        connection.connect(("127.0.0.1", self.port))
        return connection

    def sent(self, text: str | bytes) -> str:
        """Everything that comes back on one connection until the server closes it."""
        with self.connect() as connection:
            connection.sendall(text.encode() if isinstance(text, str) else text)
            return all_of(connection)


def all_of(connection: socket.socket) -> str:
    """What comes until the other side closes."""
    received = b""
    while block := connection.recv(65_536):
        received += block
    return received.decode()


def taken(connection: socket.socket, ends: str) -> str:
    """One answer, of which the head may come before the body."""
    received = b""
    while not received.endswith(ends.encode()):
        block = connection.recv(65_536)
        assert block, received
        received += block
    return received.decode()


@contextmanager
def listening(app: ASGIApp, protocol: Any, **options: Any) -> Generator[Listening]:
    """The application behind this protocol of uvicorn's or ours."""
    config = uvicorn.Config(
        app, http=protocol, log_level="critical", access_log=False, lifespan="off", **options
    )
    server = Announced(config)
    with socket.create_server(("127.0.0.1", 0)) as bound:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
        thread.start()
        assert server.ready.wait(SECONDS)
        yield Listening(bound.getsockname()[1], server)
        server.should_exit = True
        thread.join(SECONDS)
