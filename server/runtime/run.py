"""Running the application under uvicorn: in one process, in several, or with reloading."""

import errno
import os
import socket
import sys
from dataclasses import replace

import uvicorn
from starlette.applications import Starlette

from providers.registry import Source
from server.app import GRAPHQL_PATH, create_app
from server.descriptor_limits import raise_descriptor_limit
from server.observability.json_logging import configure_logging
from server.observability.redaction import collect_secrets
from server.observability.text_logging import TextFormatter
from server.runtime.connection_limit import ConnectionLimit
from server.runtime.graceful_shutdown import AnnouncingServer, supervise
from server.runtime.process_hardening import disable_core_files, warn_when_root
from server.runtime.reload import serve_with_reload
from server.runtime.socket_protocol import MAX_MESSAGE_BYTES, SocketProtocol
from server.setting_values import is_loopback
from server.settings import Settings, read_environment, read_settings
from server.shared_store_setup import check_workers
from server.start_line import describe_start, format_url

DRAIN_MARGIN_SECONDS = 5
# Longer than most gateways keep a connection: one that is closed here first may be in use by then.
KEEP_ALIVE_SECONDS = 75
# On a busy machine a worker imports the application for longer than uvicorn's five seconds, after
# which it would be replaced again and again.
WORKER_TIMEOUT_SECONDS = 30
SANDBOX_VARIABLE, HOST_VARIABLE = "_TROPHYCASE_SANDBOX", "_TROPHYCASE_HOST"
# In a sandbox that is served something happens now and then, and everyone may see it.
SERVED_SANDBOX_SETTINGS = {
    "TROPHYCASE_SANDBOX_UNLOCKS": "300",
    "TROPHYCASE_PROFILES": (
        "vega=psn:vega_north+ra:VegaNorth+trophy:vega+steam:vega_north+xbox:2535400000000001"
    ),
}


def serve(
    settings: Settings, host: str, port: int, workers: int = 1, *, reload: bool = False
) -> int:
    """Serve the graph until a signal stops it, and return the exit code."""
    _configure_logging(settings)
    raise_descriptor_limit()
    listener = _bind_socket(host, port)
    app = create_app(settings)  # also for other processes, so that an error is reported only once
    sources = [each for each in Source if app.state.services[each].get_operator_client()]
    line = describe_start(settings, sources, host, _get_port(listener), GRAPHQL_PATH)
    check_workers(settings, workers)
    if not settings.sandbox:  # which holds no secret
        warn_when_root()
    if workers == 1 and not reload:
        return _run_server(app, listener, settings.deadline, line)
    os.environ[SANDBOX_VARIABLE] = "on" if settings.sandbox else "off"
    os.environ[HOST_VARIABLE] = host
    factory = f"{create_worker_app.__module__}:{create_worker_app.__name__}"
    config = _build_config(factory, settings.deadline, workers=workers, factory=True)
    if reload:
        serve_with_reload(config, [listener], line)
        return 0
    return 0 if supervise(config, [listener], line) else 1


def read_served_settings(host: str, *, sandbox: bool) -> Settings:
    """Read the settings of a server that is to be served on a host."""
    environment = read_environment()
    if sandbox:
        environment = {**SERVED_SANDBOX_SETTINGS, **environment}
    settings = read_settings(environment, sandbox=sandbox)
    is_open = sandbox and not is_loopback(host)
    return replace(settings, is_open=is_open, has_sandbox_addresses=sandbox)


def create_worker_app() -> Starlette:
    """Create the application in a process of its own, with the settings of the parent process."""
    disable_core_files()
    sandbox = os.environ.get(SANDBOX_VARIABLE) == "on"
    settings = read_served_settings(os.environ.get(HOST_VARIABLE, ""), sandbox=sandbox)
    _configure_logging(settings)
    return create_app(settings)


def serve_sandbox(port: int) -> int:
    """Serve the sandbox upstreams on loopback until a signal stops them."""
    from server.sandbox.upstreams import create_sandbox_app  # noqa: PLC0415 - this command alone

    configure_logging()
    listener = _bind_socket("127.0.0.1", port)
    line = f"trophycase sandbox serves {format_url('127.0.0.1', _get_port(listener))}"
    return _run_server(create_sandbox_app(), listener, 1, line)


def _run_server(app: Starlette, listener: socket.socket, deadline: float, line: str) -> int:
    server = AnnouncingServer(_build_config(app, deadline), line)
    server.run(sockets=[listener])
    return 0 if server.started else 1


def _build_config(app: Starlette | str, deadline: float, **options: object) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=ConnectionLimit,
        loop="auto",
        ws=SocketProtocol,
        ws_max_size=MAX_MESSAGE_BYTES,
        ws_per_message_deflate=False,  # a small message could unpack to the largest one
        ws_ping_interval=None,  # the application's own pings are answered by every client
        lifespan="on",
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=int(deadline) + DRAIN_MARGIN_SECONDS,
        timeout_worker_healthcheck=WORKER_TIMEOUT_SECONDS,
        **options,  # pyright: ignore[reportArgumentType] - uvicorn's own option names
    )


def _bind_socket(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    # On Windows the usual option would let another program take the address over.
    option = getattr(socket, "SO_EXCLUSIVEADDRUSE", socket.SO_REUSEADDR)
    listener.setsockopt(socket.SOL_SOCKET, option, 1)
    try:
        listener.bind((host, port))
        listener.listen(2048)
    except (OSError, OverflowError) as error:
        listener.close()
        reason = getattr(error, "strerror", None) or "no such port"
        if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
            reason += "; choose another one, such as --port 8001"
        raise OSError(0, f"cannot listen on {host}:{port}: {reason}") from None
    listener.setblocking(False)  # noqa: FBT003 - the standard library's own signature
    return listener


def _get_port(listener: socket.socket) -> int:
    return listener.getsockname()[1]


def _configure_logging(settings: Settings) -> None:
    """Write text on a terminal and JSON elsewhere, unless a setting says which."""
    chosen = settings.log_format or ("text" if sys.stderr.isatty() else "json")
    configure_logging(
        collect_secrets(settings),
        formatter=TextFormatter() if chosen == "text" else None,
        level=settings.log_level,
    )
