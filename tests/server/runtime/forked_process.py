"""Commands of the server in processes of their own, which need no time to import it."""

import atexit
import json
import os
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from multiprocessing.connection import wait
from pathlib import Path
from typing import IO, Any, Protocol

REPOSITORY = Path(__file__).parents[3]
CAN_FORK = sys.platform == "linux"
TIMEOUT_SECONDS = 120  # for a busy machine; nothing waits that long on an idle one
Stream = IO[Any]


class RunningProcess(Protocol):
    """What `ForkedProcess` and `subprocess.Popen` have in common."""

    @property
    def pid(self) -> int: ...
    def poll(self) -> int | None: ...
    def wait(self, timeout: float | None = None) -> int: ...
    def send_signal(self, sig: int) -> None: ...


class ForkedProcess:
    """A process that runs in a fork, or has ended."""

    def __init__(self, report: socket.socket) -> None:
        self._report = report
        self._exit_code: int | None = None
        self.pid = self._receive_number(TIMEOUT_SECONDS)

    def poll(self) -> int | None:
        """Return the exit code, if it has ended."""
        if self._exit_code is None and wait([self._report], 0):
            self.wait()
        return self._exit_code

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit code once it has ended."""
        if self._exit_code is None:
            self._exit_code = self._receive_number(timeout)
            self._report.close()
        return self._exit_code

    def send_signal(self, sig: int) -> None:
        """Send it a signal, if it has not ended."""
        if self.poll() is None:
            os.kill(self.pid, sig)

    def _receive_number(self, timeout: float | None) -> int:
        if not wait([self._report], timeout):
            raise subprocess.TimeoutExpired("server", timeout or 0)
        return int(self._report.recv(64))


def fork_command(
    arguments: Sequence[str],
    environment: Mapping[str, str],
    folder: Path,
    streams: Sequence[Stream],
) -> RunningProcess:
    """Run a command of the server in a process and session of its own.

    It is a fork of a process that has imported the server, where the system can do that.
    """
    if not CAN_FORK:
        return start_command(arguments, environment, folder, streams)
    content = {"arguments": arguments, "environment": dict(environment), "folder": str(folder)}
    report, remote_report = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with remote_report:
        descriptors = [remote_report.fileno(), *(each.fileno() for each in streams)]
        socket.send_fds(start_fork_server(), [json.dumps(content).encode()], descriptors)
    return ForkedProcess(report)


def start_command(
    arguments: Sequence[str],
    environment: Mapping[str, str],
    folder: Path,
    streams: Sequence[Stream],
    prefix: Sequence[str] = (),
) -> RunningProcess:
    """Run a command of the server in a new interpreter and session of its own."""
    stdin, stdout, stderr = streams
    return subprocess.Popen(  # noqa: S603 - our own program
        [*prefix, sys.executable, "-m", "server", *arguments],
        cwd=folder,
        env=environment,
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        start_new_session=True,
    )


@cache
def start_fork_server() -> socket.socket:
    """Return the socket of a process that forks, which ends with this process."""
    control, remote_control = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with remote_control:
        number = remote_control.fileno()
        process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-m", "tests.server.runtime.fork_server", str(number)],
            cwd=REPOSITORY,
            pass_fds=[number],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,  # no terminal, which would change its buffer
            start_new_session=True,
        )

    def end() -> None:
        control.close()
        process.wait(TIMEOUT_SECONDS)

    atexit.register(end)
    return control
