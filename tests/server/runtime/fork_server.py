"""A process that has imported the server, and runs each command in a fork of itself.

Importing takes most of the time of a command. A message consists of the arguments, environment and
folder of a command, a socket for its process id and exit code, and its three standard streams.
"""

import gc
import json
import os
import runpy
import signal
import socket
import sys
from dataclasses import dataclass
from importlib import import_module

from providers.kit.sandbox import load_sandbox_module
from providers.registry import Source
from schema.graph import build_schema

# The last ones are otherwise imported by a command that serves.
PRELOADED = (
    "server.commands",
    "server.runtime.run",
    "server.sandbox.upstreams",
    "uvicorn.lifespan.on",
    "uvicorn.loops.uvloop",
)
MAX_MESSAGE_BYTES = 200_000


@dataclass(frozen=True)
class Command:
    """What a process is started with."""

    arguments: list[str]
    environment: dict[str, str]
    folder: str


def main() -> None:
    """Fork until the socket is closed; in a fork, run its command as `python -m server` does."""
    control = socket.socket(fileno=int(sys.argv[1]))
    preload()
    command = fork_for_commands(control)
    if command is not None:
        adopt(command)
        runpy.run_module("server", run_name="__main__", alter_sys=True)


def preload() -> None:
    """Do what each command would do again: import the server, and build the schema."""
    gc.disable()
    for name in PRELOADED:
        import_module(name)
    for source in Source:
        load_sandbox_module(source.value).create_sandbox()
    build_schema(with_node=True, introspection=True, live=True)
    gc.freeze()
    gc.enable()


def fork_for_commands(control: socket.socket) -> Command | None:
    """Return a command in each fork, and nothing in this process once the socket is closed."""
    with control:
        while True:
            message, descriptors, _, _ = socket.recv_fds(control, MAX_MESSAGE_BYTES, 4)
            wait_for_ended_forks(0 if not message else os.WNOHANG)
            if not message:
                return None
            report, *streams = descriptors
            if os.fork() == 0:
                fork_command(report, streams)
                return Command(**json.loads(message))
            for each in descriptors:
                os.close(each)


def wait_for_ended_forks(options: int) -> None:
    """Wait for the forks, or only for those that have ended."""
    try:
        while os.waitpid(-1, options)[0]:
            pass
    except ChildProcessError:
        pass


def fork_command(report_descriptor: int, streams: list[int]) -> None:
    """Return in another fork, whose exit code this one reports."""
    with socket.socket(fileno=report_descriptor) as report:
        process_id = os.fork()
        if process_id == 0:
            os.setsid()
            report.send(str(os.getpid()).encode())
            replace_streams(streams)
            return
        for each in streams:
            os.close(each)
        _, status = os.waitpid(process_id, 0)
        report.send(str(os.waitstatus_to_exitcode(status)).encode())
    os._exit(0)


def replace_streams(streams: list[int]) -> None:
    """Replace the standard input, output and error output."""
    for number, descriptor in enumerate(streams):
        os.dup2(descriptor, number)
        os.close(descriptor)


def adopt(command: Command) -> None:
    """Give this process the arguments, environment and folder of a command."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update(command.environment)
    os.chdir(command.folder)
    sys.argv[1:] = command.arguments


if __name__ == "__main__":
    main()
