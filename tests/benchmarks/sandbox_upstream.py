"""A large sandbox on a socket of its own, fast enough not to be the bottleneck.

    python -m tests.benchmarks.sandbox_upstream TITLES SECONDS

Every response is delayed by SECONDS; repeated reads are replayed.
"""

import asyncio
import math
import socket
import sys
from typing import Any, cast

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from providers.psn.sandbox.app import PsnSandbox
from providers.psn.sandbox.constants import OWNER_ACCOUNT_ID
from providers.psn.sandbox.state import Grant
from providers.registry import Source
from server.sandbox.upstreams import SandboxTransport, create_sandbox_app
from tests.benchmarks.sandbox_data import add_psn_titles

TOKEN = "benchmark-token"


class ReplayMiddleware:
    """Records the responses to reads and replays them, each with the same delay."""

    def __init__(self, app: ASGIApp, delay: float) -> None:
        self._app = app
        self._delay = delay
        self._recorded: dict[bytes, list[Message]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Respond to one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        await asyncio.sleep(self._delay)
        name = scope["raw_path"] + b"?" + scope["query_string"]
        if scope["method"] != "GET" or b"/oauth/" in name:
            await self._app(scope, receive, send)
            return
        if name not in self._recorded:
            messages: list[Message] = []

            async def record(message: Message) -> None:
                messages.append(message)

            await self._app(scope, receive, record)
            self._recorded[name] = messages
        for message in self._recorded[name]:
            await send(message)


def main(arguments: list[str]) -> None:
    """Serve until stopped; print the URL as the first line."""
    app = create_sandbox_app()
    upstreams = cast("SandboxTransport", app.state.upstreams)
    sandbox = cast("PsnSandbox", upstreams.sandboxes[Source.PSN])
    add_psn_titles(sandbox, OWNER_ACCOUNT_ID, int(arguments[0]))
    sandbox.state.access_tokens[TOKEN] = Grant(OWNER_ACCOUNT_ID, math.inf)
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    sys.stdout.write(f"http://127.0.0.1:{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    options: dict[str, Any] = {"log_level": "warning", "access_log": False, "lifespan": "off"}
    replay_app = cast("Any", ReplayMiddleware(app, float(arguments[1])))
    uvicorn.Server(uvicorn.Config(replay_app, **options)).run(sockets=[listener])


if __name__ == "__main__":
    main(sys.argv[1:])
