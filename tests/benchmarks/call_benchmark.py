"""A sandbox server whose upstream calls are counted and all take the same time."""

from collections import Counter
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from providers.kit.sandbox import InjectedFault
from tests.harness import RunningServer, run_server

# The time of one round; short beside every deadline, also for the most rounds of a case.
LATENCY_SECONDS = 0.001
UNLIMITED = str(10**6)
UNLIMITED_SETTINGS = {
    "PSN_CONCURRENCY": UNLIMITED,
    "RETROACHIEVEMENTS_CONCURRENCY": UNLIMITED,
    "TROPHY_SO_CONCURRENCY": UNLIMITED,
    "STEAM_CONCURRENCY": UNLIMITED,
    "XBOX_CONCURRENCY": UNLIMITED,
    "TROPHYCASE_DEADLINE": "600",
}
SIGN_IN_QUERY = """{ user(accounts: [{ source: PSN, handle: "1000000000000000006" }]) {
  accounts { ... on PsnAccount { trophySummary { level } } } } }"""


@dataclass
class Measurement:
    """Upstream calls, and how many of them had to wait for each other."""

    calls: int = 0
    rounds: float = 0
    calls_by_endpoint: Counter[str] = field(default_factory=Counter[str])


@dataclass(frozen=True)
class Benchmark:
    """A running server whose calls and time are measured."""

    server: RunningServer

    @contextmanager
    def measure(self) -> Generator[Measurement]:
        """Measure from here to the end of the block, without sign-in calls."""
        measured, calls = Measurement(), self._count_calls()
        started_at = self.server.clock.now
        yield measured
        measured.calls_by_endpoint = self._count_calls() - calls
        measured.calls = measured.calls_by_endpoint.total()
        measured.rounds = round((self.server.clock.now - started_at) / LATENCY_SECONDS, 2)

    def fail(self, path: str, status: int) -> None:
        """Fail matching calls, with the same latency as all others and without retries."""
        fault = InjectedFault(
            path, status=status, body={"error": {"code": 0}}, delay=LATENCY_SECONDS
        )
        for source, sandbox in self.server.upstreams.sandboxes.items():
            sandbox.faults.insert(0, fault)
            self.server.shared_services.retry_tokens[source.name] = -float(UNLIMITED)

    def read_all_pages(self, query: str, variables: Mapping[str, Any]) -> list[Any]:
        """Return all edges of the only connection of the only user, page by page."""
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
def start_benchmark() -> Generator[Benchmark]:
    """Start a server over fresh sandboxes that is signed in and has cached nothing else."""
    with run_server(sandbox=True, **UNLIMITED_SETTINGS) as server:
        server.upstreams.add_fault(InjectedFault(".", delay=LATENCY_SECONDS))
        server.fetch_data(SIGN_IN_QUERY)
        yield Benchmark(server)
