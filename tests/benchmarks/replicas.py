"""Two servers on one Redis and one network: `python -m tests.benchmarks.replicas`.

Prints the upstream calls of both together, which should be those of one.
"""

import asyncio
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from providers.registry import Source
from server.app import create_app
from server.sandbox import Upstreams
from server.settings import read
from tests.asking import configured
from tests.providers.kit.redis_server import redis_server

QUERY = """
{ viewer {
    achievements(first: 20) { edges { node { name title { name } } } }
    trophyTitles(first: 20) { edges { node { name achievements { name earned } } } }
} }
"""
ASKED = 20


async def calls(servers: int, url: str | None, folder: str) -> tuple[int, int]:
    """Calls that so many servers make for many cold requests at once, and for as many warm ones."""
    network = Upstreams()
    given = {**configured(*Source), "TROPHYCASE_STATE_DIR": folder}
    given |= {f"{name}_RATE": "100000/1" for name in ("PSN", "RETROACHIEVEMENTS", "TROPHY_SO")}
    if url is not None:
        given["TROPHYCASE_CACHE_URL"] = url
    async with AsyncExitStack() as stack:
        clients: list[httpx.AsyncClient] = []
        for _ in range(servers):
            app = create_app(read(given, sandbox=False), network)
            await stack.enter_async_context(app.router.lifespan_context(app))
            transport = httpx.ASGITransport(app)
            clients.append(httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1"))
        cold = await _together(clients, network)
        return cold, await _together(clients, network)


async def _together(clients: Sequence[httpx.AsyncClient], network: Upstreams) -> int:
    before = _counted(network)
    turns = [clients[turn % len(clients)] for turn in range(ASKED)]
    answers = await asyncio.gather(
        *(client.post("/graphql", json={"query": QUERY}) for client in turns)
    )
    bodies: list[dict[str, Any]] = [answer.json() for answer in answers]
    assert all("errors" not in body for body in bodies), bodies[0]
    return _counted(network) - before


def _counted(network: Upstreams) -> int:
    return sum(
        count
        for sandbox in network.sandboxes.values()
        for name, count in sandbox.calls.items()
        if "/oauth/" not in name
    )


def main() -> None:
    """Print a line for one server, for two that do not know each other, and for two on Redis."""
    with TemporaryDirectory() as folder, redis_server() as redis:
        for label, servers, url in (
            ("one server", 1, None),
            ("two, each on its own", 2, None),
            ("two on one Redis", 2, redis.url),
        ):
            cold, warm = asyncio.run(calls(servers, url, folder))
            line = f"{label:24} {ASKED} cold requests: {cold:3} calls   {ASKED} more: {warm} calls"
            sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    main()
