"""Leaving in good order: first say so, then take nothing new, then answer what is under way."""

import gc
import signal
import socket
import sys
import time
from types import FrameType

import uvicorn
from uvicorn.supervisors import multiprocess
from uvicorn.supervisors.multiprocess import Process

from server.observability.health import Readiness

# Long enough for whoever watches the connections to hear it, too short to hold anybody up.
DRAIN_DELAY_SECONDS = 0.5


class GracefulServer(uvicorn.Server):
    """Ends on SIGTERM with exit code 0, after `/readyz` has said so and all are answered."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._exit_at: float | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start; what is there by then lives as long, and is not looked through for garbage."""
        await super().startup(sockets)
        gc.collect()
        gc.freeze()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Give notice; an interrupt from a keyboard does not wait for it."""
        readiness = self._get_readiness()
        if readiness is not None:
            readiness.start_draining()
        if sig != signal.SIGTERM:
            super().handle_exit(sig, frame)
        elif self._exit_at is None:
            notice = DRAIN_DELAY_SECONDS if readiness is not None else 0
            self._exit_at = time.monotonic() + notice

    async def on_tick(self, counter: int) -> bool:
        """Leave when the notice is over."""
        if self._exit_at is not None and time.monotonic() >= self._exit_at:
            self.should_exit = True
        return await super().on_tick(counter)

    def _get_readiness(self) -> Readiness | None:
        """The application's own, which it hands out when it starts."""
        lifespan = getattr(self, "lifespan", None)
        return lifespan.state.get("readiness") if lifespan is not None else None


class AnnouncingServer(GracefulServer):
    """Says where it serves once it accepts connections."""

    def __init__(self, config: uvicorn.Config, line: str) -> None:
        super().__init__(config)
        self._line = line

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        await super().startup(sockets)
        if self.started:
            _print_line(self._line)


class GracefulWorker(Process):
    """One of several processes, which leaves in good order as well."""

    def target(self, sockets: list[socket.socket] | None = None) -> None:
        """Run in the process itself."""
        self._server = GracefulServer(self.config)
        super().target(sockets)


class Supervisor(multiprocess.Multiprocess):
    """Keeps several processes running, and says where they serve once one accepts connections."""

    def __init__(self, config: uvicorn.Config, sockets: list[socket.socket], line: str) -> None:
        super().__init__(config, sockets)
        self._line = line
        self.has_served = False

    def keep_subprocess_alive(self) -> None:
        """Replace whoever has died."""
        super().keep_subprocess_alive()
        if self.has_served or self.should_exit.is_set():
            return
        self.has_served = any(process.is_ready(timeout=1) for process in self.processes)
        if self.has_served:
            _print_line(self._line)


def supervise(config: uvicorn.Config, sockets: list[socket.socket], line: str) -> bool:
    """Run several processes until told to stop; whether any of them ever served."""
    # The supervisor has no other place to say what its processes are made of.
    multiprocess.Process = GracefulWorker
    supervisor = Supervisor(config, sockets, line)
    supervisor.run()
    return supervisor.has_served


def _print_line(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
