"""A server whose upstreams count, and all take the same time to answer."""

import asyncio
from collections import Counter
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from providers.kit.sandbox import InjectedFault
from server.app import create_app
from server.settings import read_settings
from tests.benchmarks.virtual_time import VirtualTimeLoop
from tests.harness import RunningServer

# One round; short beside every deadline, which the slowest walk of titles must not meet.
LATENCY = 0.001
UNLIMITED = str(10**6)
UNLIMITED_SETTINGS = {
    "PSN_CONCURRENCY": UNLIMITED,
    "RETROACHIEVEMENTS_CONCURRENCY": UNLIMITED,
    "TROPHY_SO_CONCURRENCY": UNLIMITED,
    "TROPHYCASE_DEADLINE": "600",
}
SIGN_IN_QUERY = """{ user(accounts: [{ source: PSN, handle: "1000000000000000006" }]) {
  accounts { ... on PsnAccount { trophySummary { level } } } } }"""


@dataclass
class Measurement:
    """What something cost: upstream calls, and how many of them had to wait for each other."""

    calls: int = 0
    rounds: float = 0
    calls_by_endpoint: Counter[str] = field(default_factory=Counter[str])


@dataclass(frozen=True)
class Benchmark:
    """A running server, and what is spent on it."""

    server: RunningServer
    loop: VirtualTimeLoop

    @contextmanager
    def measure(self) -> Generator[Measurement]:
        """Count from here to the end of the block; signing in does not count."""
        measured, calls, began = Measurement(), self._count_calls(), self.loop.time()
        yield measured
        measured.calls_by_endpoint = self._count_calls() - calls
        measured.calls = measured.calls_by_endpoint.total()
        measured.rounds = round((self.loop.time() - began) / LATENCY, 2)

    def fail(self, path: str, status: int) -> None:
        """Let matching calls fail, as late as all others answer, and not be repeated."""
        fault = InjectedFault(path, status=status, body={"error": {"code": 0}}, delay=LATENCY)
        for source, sandbox in self.server.upstreams.sandboxes.items():
            sandbox.faults.insert(0, fault)
            self.server.shared_services.retry_tokens[source.name] = -float(UNLIMITED)

    def read_all_pages(self, query: str, variables: Mapping[str, Any]) -> list[Any]:
        """All edges of the only connection of the only user, page by page."""
        edges: list[Any] = []
        after: str | None = None
        while True:
            data = self.server.fetch_data(query, {**variables, "after": after})
            (found,) = data["user"].values()
            edges += found["edges"]
            if not found["pageInfo"]["hasNextPage"]:
                return edges
            after = found["pageInfo"]["endCursor"]

    def _count_calls(self) -> Counter[str]:
        boxes = self.server.upstreams.sandboxes.values()
        every = sum((box.calls for box in boxes), Counter[str]())
        return Counter({name: many for name, many in every.items() if "/oauth/" not in name})


@contextmanager
def start_benchmark(**environment: str) -> Generator[Benchmark]:
    """A fresh server over fresh worlds, signed in and knowing nothing else."""
    loop = VirtualTimeLoop()
    app = create_app(read_settings({**UNLIMITED_SETTINGS, **environment}, sandbox=True))
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        stop, started = asyncio.Event(), asyncio.Event()

        async def live() -> None:
            async with app.router.lifespan_context(app):
                started.set()
                await stop.wait()

        async def start() -> "asyncio.Task[None]":
            living = asyncio.create_task(live())
            await started.wait()
            return living

        async def end() -> None:
            stop.set()
            await lifespan_task

        lifespan_task = runner.run(start())
        server = RunningServer(runner, app, app.state.upstreams)
        server.upstreams.add_fault(InjectedFault(".", delay=LATENCY))
        server.fetch_data(SIGN_IN_QUERY)
        yield Benchmark(server, loop)
        runner.run(end())
