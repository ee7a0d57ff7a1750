"""Time of the graph divided by the time of a client written by hand, over the same socket.

    python -m tests.benchmarks.fanout          # by hand with httpx's connection pool
    python -m tests.benchmarks.fanout pools    # by hand with this server's transport

Both run in this process, by turns; the upstream is a process of its own. Latency is compared with
an upstream that takes 40 ms, processor time with one that responds at once. The client written by
hand has no cache, so a ratio below one is what the graph's cache saves.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import uvloop

from providers.kit.upstream.transport.http_transport import HttpTransport
from providers.psn.sandbox.constants import FRESH_ACCOUNT_ID
from providers.registry import Source
from server.app import create_app
from server.settings import read_settings
from tests.benchmarks.cache_expiry import expire_title_list
from tests.benchmarks.direct_client import MAX_CONCURRENCY, DirectClient
from tests.benchmarks.queries import ALL_TITLE_FIELDS, OWNER_VARIABLES, build_titles_query
from tests.harness import BASE_URL, operator_settings

ROUNDS = 4
TITLE_COUNTS = (1, 20, 100)
DELAYS = (0.04, 0.0)
CACHE_STATES = ("nothing cached", "list revalidated", "within the list's max-age")
HOSTS = {
    "AUTH": "ca.account.sony.com",
    "MOBILE": "m.np.playstation.com",
    "WEB": "web.np.playstation.com",
    "LEGACY": "us-prof.np.community.playstation.net",
    "DMS": "dms.api.playstation.com",
}


@dataclass
class Timings:
    """Wall-clock and processor time of each round, in seconds."""

    wall_seconds: list[float] = field(default_factory=list[float])
    cpu_seconds: list[float] = field(default_factory=list[float])

    async def measure(self, work: Callable[[], Awaitable[Any]]) -> Any:
        """Await the work and record how long it took."""
        clock, processor = time.perf_counter(), time.process_time()
        result = await work()
        self.wall_seconds.append(time.perf_counter() - clock)
        self.cpu_seconds.append(time.process_time() - processor)
        return result


@contextmanager
def start_upstream(title_count: int, delay: float) -> Generator[str]:
    """Start an upstream in a process of its own and yield its URL."""
    command = [
        sys.executable,
        "-m",
        "tests.benchmarks.sandbox_upstream",
        str(title_count),
        str(delay),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - ours
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


async def run_round(
    direct_client: DirectClient,
    address: str,
    state_dir: str,
    direct_timings: Timings,
    server_timings: dict[str, Timings],
) -> None:
    """Load the titles by hand, and three times from a server that starts with an empty cache."""
    async with direct_client.http:
        expected = await direct_timings.measure(direct_client.fetch_titles)
    settings = {
        **{f"PSN_{name}_URL": f"{address}/{host}" for name, host in HOSTS.items()},
        **operator_settings(Source.PSN),
        "PSN_RATE": "1000000/1",
        "PSN_CONCURRENCY": str(MAX_CONCURRENCY),
        "TROPHYCASE_MAX_CALLS": "1000000",
        "TROPHYCASE_MAX_FIELDS": "10000000",
        "TROPHYCASE_STATE_DIR": state_dir,
    }
    app = create_app(read_settings(settings, sandbox=False))
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url=BASE_URL) as http,
    ):

        async def ask(account: Any = OWNER_VARIABLES) -> Any:
            sent = {"query": build_titles_query(ALL_TITLE_FIELDS), "variables": account}
            return (await http.post("/graphql", json=sent)).json()

        unknown_account = {"accounts": [{"source": "PSN", "handle": FRESH_ACCOUNT_ID}]}
        assert "errors" not in await ask(unknown_account)  # sign in, and cache the document
        for cache_state in CACHE_STATES:
            if cache_state == CACHE_STATES[1]:
                expire_title_list(app.state.services)
            answer = await server_timings[cache_state].measure(ask)
            found = answer["data"]["user"]["trophyTitles"]["edges"]
            assert [edge["node"]["name"] for edge in found] == [
                row["trophyTitleName"] for row in expected
            ]


async def measure_rounds(
    title_count: int, delay: float, *, pools: bool
) -> tuple[Timings, dict[str, Timings]]:
    """Run all rounds, after one that is not counted."""

    def create_direct_client() -> DirectClient:
        return DirectClient.create(address, HttpTransport() if pools else None)

    direct_timings, server_timings = Timings(), {way: Timings() for way in CACHE_STATES}
    with start_upstream(title_count, delay) as address, tempfile.TemporaryDirectory() as state_dir:
        await run_round(
            create_direct_client(),
            address,
            state_dir,
            Timings(),
            {way: Timings() for way in CACHE_STATES},
        )
        for _ in range(ROUNDS):
            await run_round(
                create_direct_client(), address, state_dir, direct_timings, server_timings
            )
    return direct_timings, server_timings


def compute_ratio(server_seconds: list[float], direct_seconds: list[float]) -> float:
    """Return the fastest round of the graph divided by the fastest by hand: noise only slows."""
    return min(server_seconds) / min(direct_seconds)


def main(arguments: list[str]) -> None:
    """Print the table."""
    pools = arguments == ["pools"]
    sys.stdout.write(f"{'titles':>6}  {'':26} {'latency at 40 ms':>17} {'processor at 0 ms':>18}\n")
    for many in TITLE_COUNTS:
        slow, quick = (uvloop.run(measure_rounds(many, delay, pools=pools)) for delay in DELAYS)
        for way in CACHE_STATES:
            latency = compute_ratio(slow[1][way].wall_seconds, slow[0].wall_seconds)
            processor = compute_ratio(quick[1][way].cpu_seconds, quick[0].cpu_seconds)
            sys.stdout.write(f"{many:6}  {way:26} {latency:17.2f} {processor:18.2f}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
