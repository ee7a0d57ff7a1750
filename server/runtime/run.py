"""Running the application under uvicorn."""

import os
import socket
from dataclasses import replace

import uvicorn
from starlette.applications import Starlette

from server.app import GRAPHQL_PATH, create_app
from server.observability.json_logging import write_lines
from server.observability.redaction import secrets_of
from server.runtime.connection_limit import Connection
from server.runtime.graceful_shutdown import Announcing, supervise
from server.sandbox.upstreams import sandbox_app
from server.settings import Settings, environment, read

DRAIN_MARGIN = 5
# Longer than most gateways keep a connection: one closed here first may just be asked again.
KEEP_ALIVE_SECONDS = 75
SANDBOX_VARIABLE = "_TROPHYCASE_SANDBOX"


def serve(settings: Settings, host: str, port: int, workers: int) -> int:
    """Serve the graph until told to stop."""
    write_lines(secrets_of(settings))
    listening = _bound(host, port)
    address = _address(host, listening)
    settings = replace(settings, public_url=settings.public_url or address)
    line = f"trophycase serves {address}{GRAPHQL_PATH}"
    app = create_app(settings)  # also for workers: what cannot be is told once, and not by each
    if workers == 1:
        return _run(app, listening, settings.deadline, line)
    os.environ["TROPHYCASE_PUBLIC_URL"] = settings.public_url
    os.environ[SANDBOX_VARIABLE] = "on" if settings.sandbox else "off"
    config = _config(
        "server.runtime.run:application", settings.deadline, workers=workers, factory=True
    )
    return 0 if supervise(config, [listening], line) else 1


def application() -> Starlette:
    """The application of one of several workers."""
    settings = read(environment(), sandbox=os.environ.get(SANDBOX_VARIABLE) == "on")
    write_lines(secrets_of(settings))
    return create_app(settings)


def serve_sandbox(port: int) -> int:
    """Serve the invented upstreams on loopback until told to stop."""
    write_lines()
    listening = _bound("127.0.0.1", port)
    line = f"trophycase sandbox serves {_address('127.0.0.1', listening)}"
    return _run(sandbox_app(), listening, 1, line)


def _run(app: Starlette, listening: socket.socket, deadline: float, line: str) -> int:
    server = Announcing(_config(app, deadline), line)
    server.run(sockets=[listening])
    return 0 if server.started else 1


def _config(app: Starlette | str, deadline: float, **more: object) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=Connection,
        loop="uvloop",
        ws="none",
        lifespan="on",
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=int(deadline) + DRAIN_MARGIN,
        **more,  # pyright: ignore[reportArgumentType] - uvicorn's own option names
    )


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(2048)
    except (OSError, OverflowError) as error:
        listening.close()
        reason = getattr(error, "strerror", None) or "no such port"
        raise OSError(0, f"cannot listen on {host}:{port}: {reason}") from None
    listening.setblocking(False)  # noqa: FBT003 - the standard library's own signature
    return listening


def _address(host: str, listening: socket.socket) -> str:
    port = listening.getsockname()[1]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
