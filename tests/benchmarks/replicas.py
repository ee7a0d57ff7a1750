"""Several servers on one Redis and one network: `python -m tests.benchmarks.replicas`.

Prints the upstream calls of all together, which should be those of one, and what Redis had to do.
"""

import asyncio
import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from providers.registry import Source
from server.app import create_app
from server.sandbox.upstreams import Upstreams
from server.settings import read
from tests.asking import ADDRESS, configured
from tests.providers.kit.redis_server import RedisServer, redis_server

QUERY = """
{ viewer {
    achievements(first: 20) { edges { node { name title { name } } } }
    trophyTitles(first: 20) { edges { node { name achievements { name earned } } } }
} }
"""
ASKED = 40


@dataclass(frozen=True)
class Cost:
    """Calls to all upstreams, and commands in Redis with those of its scripts."""

    calls: int
    commands: int

    def __sub__(self, earlier: "Cost") -> "Cost":
        return Cost(self.calls - earlier.calls, self.commands - earlier.commands)

    def __str__(self) -> str:
        return f"{self.calls:5} {self.commands:8}"


@dataclass(frozen=True)
class Fleet:
    """Servers on one network, on one Redis if there is one."""

    folder: str
    redis: RedisServer | None
    network: Upstreams = field(default_factory=Upstreams)

    @asynccontextmanager
    async def server(self) -> AsyncGenerator[httpx.AsyncClient]:
        """One more that remembers nothing itself."""
        given = {**configured(*Source), "TROPHYCASE_STATE_DIR": self.folder}
        given |= {f"{name}_RATE": "100000/1" for name in ("PSN", "RETROACHIEVEMENTS", "TROPHY_SO")}
        if self.redis is not None:
            given["TROPHYCASE_CACHE_URL"] = self.redis.url
        app = create_app(read(given, sandbox=False), self.network)
        transport = httpx.ASGITransport(app)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url=ADDRESS) as client,
        ):
            yield client

    def spent(self) -> Cost:
        """What all of them have cost so far."""
        calls = sum(
            count
            for sandbox in self.network.sandboxes.values()
            for name, count in sandbox.calls.items()
            if "/oauth/" not in name
        )
        return Cost(calls, self.redis.commands() if self.redis else 0)

    async def cost_of(self, clients: Sequence[httpx.AsyncClient], times: int) -> Cost:
        """Ask so many times at once, by turns."""
        before = self.spent()
        turns = [clients[turn % len(clients)] for turn in range(times)]
        answers = await asyncio.gather(
            *(client.post("/graphql", json={"query": QUERY}) for client in turns)
        )
        bodies: list[dict[str, Any]] = [answer.json() for answer in answers]
        assert all("errors" not in body for body in bodies), bodies[0]
        return self.spent() - before


async def costs(servers: int, redis: RedisServer | None, folder: str) -> tuple[Cost, Cost, Cost]:
    """Of many cold questions at once, of as many warm ones, and of the first to a new server."""
    fleet = Fleet(folder, redis)
    async with AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(fleet.server()) for _ in range(servers)]
        cold = await fleet.cost_of(clients, ASKED)
        warm = await fleet.cost_of(clients, ASKED)
        newcomer = await stack.enter_async_context(fleet.server())
        return cold, warm, await fleet.cost_of([newcomer], 1)


def main() -> None:
    """Print a line for one server, for two that do not know each other, and for some on Redis."""
    heads = (f"{ASKED} cold", f"{ASKED} more", "1 to one more server")
    sys.stdout.write(f"{'':24}{''.join(f'{head:>22}' for head in heads)}\n")
    sys.stdout.write(f"{'':24}{'calls commands':>22}{'calls commands':>22}{'calls commands':>22}\n")
    for label, servers, shares in (
        ("one server", 1, False),
        ("two, each on its own", 2, False),
        ("two on one Redis", 2, True),
        ("ten on one Redis", 10, True),
        ("forty on one Redis", 40, True),
    ):
        with TemporaryDirectory() as folder, redis_server() as redis:
            found = asyncio.run(costs(servers, redis if shares else None, folder))
        sys.stdout.write(f"{label:24}{''.join(f'{cost!s:>22}' for cost in found)}\n")


if __name__ == "__main__":
    main()
