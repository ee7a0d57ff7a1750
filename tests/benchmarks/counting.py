"""A server whose upstreams count, and all take the same time to answer."""

import asyncio
from collections import Counter
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from providers.kit.sandbox import Fault
from server.app import create_app
from server.settings import read
from tests.asking import Server
from tests.benchmarks.clock import LeapingLoop

# One round; short beside every deadline, which the slowest walk of titles must not meet.
LATENCY = 0.001
MANY = str(10**6)
UNBOUNDED = {
    "PSN_CONCURRENCY": MANY,
    "RETROACHIEVEMENTS_CONCURRENCY": MANY,
    "TROPHY_SO_CONCURRENCY": MANY,
    "TROPHYCASE_DEADLINE": "600",
}
SIGN_IN = """{ user(accounts: [{ source: PSN, handle: "1000000000000000006" }]) {
  accounts { ... on PsnAccount { trophySummary { level } } } } }"""


@dataclass
class Spent:
    """What something cost: upstream calls, and how many of them had to wait for each other."""

    calls: int = 0
    rounds: float = 0
    by_call: Counter[str] = field(default_factory=Counter[str])


@dataclass(frozen=True)
class Counted:
    """A running server, and what is spent on it."""

    server: Server
    loop: LeapingLoop

    @contextmanager
    def spending(self) -> Generator[Spent]:
        """Count from here to the end of the block; signing in does not count."""
        spent, calls, began = Spent(), self._calls(), self.loop.time()
        yield spent
        spent.by_call = self._calls() - calls
        spent.calls = spent.by_call.total()
        spent.rounds = round((self.loop.time() - began) / LATENCY, 2)

    def fail(self, path: str, status: int) -> None:
        """Let matching calls fail, as late as all others answer, and not be repeated."""
        fault = Fault(path, status=status, body={"error": {"code": 0}}, delay=LATENCY)
        for source, sandbox in self.server.upstreams.sandboxes.items():
            sandbox.faults.insert(0, fault)
            self.server.kit.retry_reserve[source.name] = -float(MANY)

    def pages(self, query: str, variables: Mapping[str, Any]) -> list[Any]:
        """All edges of the only connection of the only user, page by page."""
        edges: list[Any] = []
        after: str | None = None
        while True:
            data = self.server.data(query, {**variables, "after": after})
            (found,) = data["user"].values()
            edges += found["edges"]
            if not found["pageInfo"]["hasNextPage"]:
                return edges
            after = found["pageInfo"]["endCursor"]

    def _calls(self) -> Counter[str]:
        boxes = self.server.upstreams.sandboxes.values()
        every = sum((box.calls for box in boxes), Counter[str]())
        return Counter({name: many for name, many in every.items() if "/oauth/" not in name})


@contextmanager
def counted(**environment: str) -> Generator[Counted]:
    """A fresh server over fresh worlds, signed in and knowing nothing else."""
    loop = LeapingLoop()
    app = create_app(read({**UNBOUNDED, **environment}, sandbox=True))
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
            await living

        living = runner.run(start())
        server = Server(runner, app, app.state.upstreams)
        server.upstreams.fault(Fault(".", delay=LATENCY))
        server.data(SIGN_IN)
        yield Counted(server, loop)
        runner.run(end())
