"""Graceful shutdown: report draining, accept no more connections, complete running requests."""

import gc
import signal
import socket
import sys
import time
from types import FrameType
from typing import TypeVar

import uvicorn
from uvicorn.supervisors import multiprocess
from uvicorn.supervisors.multiprocess import Process

from server.live.live_connections import LiveConnections
from server.observability.health import Readiness

T = TypeVar("T")

# Long enough for a load balancer that probes continually, too short to delay anyone.
DRAIN_DELAY_SECONDS = 0.5
# More objects than this, and not yet examined, make the garbage collector look through them.
YOUNG_OBJECTS = 10_000


class GracefulServer(uvicorn.Server):
    """A server that ends on SIGTERM with exit code 0, after `/readyz` has reported draining."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._exit_at: float | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and exempt the objects that exist by then from garbage collection.

        The others are searched for garbage fourteen times less often than by default: a response
        may consist of thousands of objects, of which hardly any are garbage that refers to itself.
        """
        await super().startup(sockets)
        gc.collect()
        gc.freeze()
        gc.set_threshold(YOUNG_OBJECTS)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Report draining and exit after the delay; on SIGINT, from a keyboard, exit at once."""
        readiness = self._get_state("readiness", Readiness)
        if readiness is not None:
            readiness.start_draining()
        if sig != signal.SIGTERM:
            super().handle_exit(sig, frame)
        elif self._exit_at is None:
            delay = DRAIN_DELAY_SECONDS if readiness is not None else 0
            self._exit_at = time.monotonic() + delay

    async def on_tick(self, counter: int) -> bool:
        """End the live connections when draining begins, and exit once the delay is over."""
        readiness = self._get_state("readiness", Readiness)
        live_connections = self._get_state("live_connections", LiveConnections)
        if readiness and live_connections and readiness.is_draining:
            live_connections.start_draining()
        if self._exit_at is not None and time.monotonic() >= self._exit_at:
            self.should_exit = True
        return await super().on_tick(counter)

    def _get_state(self, name: str, expected: type[T]) -> T | None:
        # The application's lifespan puts it into the state.
        lifespan = getattr(self, "lifespan", None)
        found = lifespan.state.get(name) if lifespan is not None else None
        return found if isinstance(found, expected) else None


class AnnouncingServer(GracefulServer):
    """A server that prints a line with its address once it accepts connections."""

    def __init__(self, config: uvicorn.Config, line: str) -> None:
        super().__init__(config)
        self._line = line

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then print the line."""
        await super().startup(sockets)
        if self.started:
            _print_line(self._line)


class GracefulWorker(Process):
    """One of several processes, with a graceful server in it."""

    def target(self, sockets: list[socket.socket] | None = None) -> None:
        """Run in the process itself."""
        self._server = GracefulServer(self.config)
        super().target(sockets)


class Supervisor(multiprocess.Multiprocess):
    """uvicorn's supervisor, which prints the line once one of its processes is ready."""

    def __init__(self, config: uvicorn.Config, sockets: list[socket.socket], line: str) -> None:
        super().__init__(config, sockets)
        self._line = line
        self.has_served = False

    def keep_subprocess_alive(self) -> None:
        """Replace processes that have ended, and print the line as soon as one is ready."""
        super().keep_subprocess_alive()
        if self.has_served or self.should_exit.is_set():
            return
        self.has_served = any(process.is_ready(timeout=1) for process in self.processes)
        if self.has_served:
            _print_line(self._line)


def supervise(config: uvicorn.Config, sockets: list[socket.socket], line: str) -> bool:
    """Run several processes until a signal ends them; return whether any of them was ready."""
    # uvicorn's supervisor has no parameter for the class of its processes.
    multiprocess.Process = GracefulWorker
    supervisor = Supervisor(config, sockets, line)
    supervisor.run()
    return supervisor.has_served


def _print_line(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
