"""A large sandbox world on a socket of its own, quick enough to be nobody's bottleneck.

    python -m tests.benchmarks.upstream TITLES SECONDS

Answers come after so many seconds, and the same ones are made only once.
"""

import asyncio
import math
import socket
import sys
from typing import Any, cast

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from providers.psn.sandbox.app import PsnSandbox
from providers.psn.sandbox.state import Grant
from providers.psn.sandbox.world import OWNER_ACCOUNT_ID
from providers.registry import Source
from server.sandbox.upstreams import Upstreams, sandbox_app
from tests.benchmarks.worlds import psn_titles

TOKEN = "benchmark-token"


class Replaying:
    """The application with its answers to readings kept, each given as late as the first."""

    def __init__(self, app: ASGIApp, delay: float) -> None:
        self._app = app
        self._delay = delay
        self._kept: dict[bytes, list[Message]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        await asyncio.sleep(self._delay)
        name = scope["raw_path"] + b"?" + scope["query_string"]
        if scope["method"] != "GET" or b"/oauth/" in name:
            await self._app(scope, receive, send)
            return
        if name not in self._kept:
            kept: list[Message] = []

            async def keep(message: Message) -> None:
                kept.append(message)

            await self._app(scope, receive, keep)
            self._kept[name] = kept
        for message in self._kept[name]:
            await send(message)


def main(arguments: list[str]) -> None:
    """Serve until stopped; the first line printed is the address."""
    app = sandbox_app()
    upstreams = cast("Upstreams", app.state.upstreams)
    box = cast("PsnSandbox", upstreams.sandboxes[Source.PSN])
    psn_titles(box, OWNER_ACCOUNT_ID, int(arguments[0]))
    box.state.access[TOKEN] = Grant(OWNER_ACCOUNT_ID, math.inf)
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    sys.stdout.write(f"http://127.0.0.1:{listening.getsockname()[1]}\n")
    sys.stdout.flush()
    options: dict[str, Any] = {"log_level": "warning", "access_log": False, "lifespan": "off"}
    replaying = cast("Any", Replaying(app, float(arguments[1])))
    uvicorn.Server(uvicorn.Config(replaying, **options)).run(sockets=[listening])


if __name__ == "__main__":
    main(sys.argv[1:])
