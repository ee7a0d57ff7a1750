"""Several servers on one Redis or file, and the same upstreams.

    python -m tests.benchmarks.replicas

Prints the upstream calls of all servers together, which should be those of one, and the commands
that Redis ran.
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
from server.sandbox.upstreams import SandboxTransport
from server.settings import read_settings
from tests.harness import BASE_URL, operator_settings
from tests.providers.kit.redis_server import RedisServer, run_redis_server

QUERY = """
{ viewer {
    achievements(first: 20) { edges { node { name title { name } } } }
    trophyTitles(first: 20) { edges { node { name achievements { name earned } } } }
} }
"""
REQUEST_COUNT = 40


@dataclass(frozen=True)
class FleetCost:
    """Calls to all upstreams, and commands of Redis including those of its scripts."""

    calls: int
    commands: int

    def __sub__(self, earlier: "FleetCost") -> "FleetCost":
        return FleetCost(self.calls - earlier.calls, self.commands - earlier.commands)

    def __str__(self) -> str:
        return f"{self.calls:5} {self.commands:8}"


@dataclass(frozen=True)
class Fleet:
    """Servers with the same upstreams, on one Redis or one file if there is one."""

    state_directory: str
    redis: RedisServer | None
    on_file: bool = False
    upstreams: SandboxTransport = field(default_factory=SandboxTransport)

    @asynccontextmanager
    async def start_server(self, **own_settings: str) -> AsyncGenerator[httpx.AsyncClient]:
        """Start one more server with an empty memory."""
        settings = {**operator_settings(*Source), "TROPHYCASE_STATE_DIR": self.state_directory}
        settings |= {
            f"{name}_RATE": "100000/1" for name in ("PSN", "RETROACHIEVEMENTS", "TROPHY_SO")
        }
        settings["TROPHYCASE_CACHE_URL"] = "sqlite://" if self.on_file else "memory://"
        settings["TROPHYCASE_DEADLINE"] = "60"  # also for forty servers in one process
        if self.redis is not None:
            settings["TROPHYCASE_CACHE_URL"] = self.redis.url
        settings |= own_settings
        app = create_app(read_settings(settings, sandbox=False), self.upstreams)
        transport = httpx.ASGITransport(app)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url=BASE_URL) as client,
        ):
            yield client

    def read_cost(self) -> FleetCost:
        """Return the cost of all servers so far."""
        calls = sum(
            count
            for sandbox in self.upstreams.sandboxes.values()
            for name, count in sandbox.calls.items()
            if "/oauth/" not in name
        )
        return FleetCost(calls, self.redis.count_commands() if self.redis else 0)

    async def measure_cost(
        self, clients: Sequence[httpx.AsyncClient], request_count: int
    ) -> FleetCost:
        """Send so many concurrent requests, to the servers by turns; return their cost."""
        before = self.read_cost()
        turns = [clients[turn % len(clients)] for turn in range(request_count)]
        answers = await asyncio.gather(
            *(client.post("/graphql", json={"query": QUERY}) for client in turns)
        )
        bodies: list[dict[str, Any]] = [answer.json() for answer in answers]
        assert all("errors" not in body for body in bodies), bodies[0]
        return self.read_cost() - before


async def measure_fleet(
    servers: int,
    redis: RedisServer | None,
    state_directory: str,
    request_count: int = REQUEST_COUNT,
    *,
    on_file: bool = False,
) -> tuple[FleetCost, FleetCost, FleetCost]:
    """Return the cost of concurrent requests, of the same again, and of one to a new server."""
    fleet = Fleet(state_directory, redis, on_file)
    async with AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(fleet.start_server()) for _ in range(servers)]
        cold = await fleet.measure_cost(clients, request_count)
        warm = await fleet.measure_cost(clients, request_count)
        new_server = await stack.enter_async_context(fleet.start_server())
        return cold, warm, await fleet.measure_cost([new_server], 1)


def main() -> None:
    """Print a line for one server, for two separate ones, and for some on one file or Redis."""
    headings = (f"{REQUEST_COUNT} requests", f"{REQUEST_COUNT} again", "1 to a new server")
    sys.stdout.write(f"{'':24}{''.join(f'{head:>22}' for head in headings)}\n")
    sys.stdout.write(f"{'':24}{'calls commands':>22}{'calls commands':>22}{'calls commands':>22}\n")
    for label, servers, place in (
        ("one server", 1, ""),
        ("two separate servers", 2, ""),
        ("two on one file", 2, "file"),
        ("ten on one file", 10, "file"),
        ("two on one Redis", 2, "redis"),
        ("ten on one Redis", 10, "redis"),
        ("forty on one Redis", 40, "redis"),
    ):
        with TemporaryDirectory() as state_directory, run_redis_server() as redis:
            found = asyncio.run(
                measure_fleet(
                    servers,
                    redis if place == "redis" else None,
                    state_directory,
                    on_file=place == "file",
                )
            )
        sys.stdout.write(f"{label:24}{''.join(f'{cost!s:>22}' for cost in found)}\n")


if __name__ == "__main__":
    main()
