"""The graph's answer beside one made by hand, over the same socket, as ratios.

    python -m tests.benchmarks.fanout          # by hand with httpx's pool of connections
    python -m tests.benchmarks.fanout pools    # by hand with this server's pools

Both run in this process, in turns; the upstream is a process of its own. Latency is compared with
an upstream that takes 40 ms, the processor's time with one that answers at once. By hand nothing
is remembered, so what the graph remembers shows as ratios below one.
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

from providers.kit.upstream.connection_pool import Pools
from providers.psn.sandbox.world import FRESH_ACCOUNT_ID
from providers.registry import Source
from server.app import create_app
from server.settings import read
from tests.asking import ADDRESS, configured
from tests.benchmarks.forgetting import forget_list
from tests.benchmarks.handwritten import AT_ONCE, ByHand
from tests.benchmarks.questions import OWNER, WHOLE, titles

ROUNDS = 4
SIZES = (1, 20, 100)
DELAYS = (0.04, 0.0)
WAYS = ("cold", "list asked again", "within the list's life")
HOSTS = {
    "AUTH": "ca.account.sony.com",
    "MOBILE": "m.np.playstation.com",
    "WEB": "web.np.playstation.com",
    "LEGACY": "us-prof.np.community.playstation.net",
    "DMS": "dms.api.playstation.com",
}


@dataclass
class Took:
    """Seconds on the clock and on the processor, once for each round."""

    clock: list[float] = field(default_factory=list[float])
    processor: list[float] = field(default_factory=list[float])

    async def time(self, work: Callable[[], Awaitable[Any]]) -> Any:
        """Do it, and note how long it took."""
        clock, processor = time.perf_counter(), time.process_time()
        result = await work()
        self.clock.append(time.perf_counter() - clock)
        self.processor.append(time.process_time() - processor)
        return result


@contextmanager
def upstream(many: int, delay: float) -> Generator[str]:
    """The address of an upstream in a process of its own."""
    command = [sys.executable, "-m", "tests.benchmarks.upstream", str(many), str(delay)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - ours
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


async def one_round(
    hand: ByHand, address: str, state_dir: str, by_hand: Took, ours: dict[str, Took]
) -> None:
    """The question by hand, and three times to a server that starts out knowing nothing."""
    async with hand.http:
        expected = await by_hand.time(hand.titles)
    given = {
        **{f"PSN_{name}_URL": f"{address}/{host}" for name, host in HOSTS.items()},
        **configured(Source.PSN),
        "PSN_RATE": "1000000/1",
        "PSN_CONCURRENCY": str(AT_ONCE),
        "TROPHYCASE_MAX_CALLS": "1000000",
        "TROPHYCASE_MAX_FIELDS": "10000000",
        "TROPHYCASE_STATE_DIR": state_dir,
    }
    app = create_app(read(given, sandbox=False))
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url=ADDRESS) as http,
    ):

        async def ask(account: Any = OWNER) -> Any:
            sent = {"query": titles(WHOLE), "variables": account}
            return (await http.post("/graphql", json=sent)).json()

        nobody = {"accounts": [{"source": "PSN", "handle": FRESH_ACCOUNT_ID}]}
        assert "errors" not in await ask(nobody)  # signed in, and the question understood
        for way in WAYS:
            if way == WAYS[1]:
                forget_list(app.state.services)
            answer = await ours[way].time(ask)
            found = answer["data"]["user"]["trophyTitles"]["edges"]
            assert [edge["node"]["name"] for edge in found] == [
                row["trophyTitleName"] for row in expected
            ]


async def measured(many: int, delay: float, *, pools: bool) -> tuple[Took, dict[str, Took]]:
    """All rounds, after one that does not count."""

    def hand() -> ByHand:
        return ByHand.on(address, Pools() if pools else None)

    by_hand, ours = Took(), {way: Took() for way in WAYS}
    with upstream(many, delay) as address, tempfile.TemporaryDirectory() as state_dir:
        await one_round(hand(), address, state_dir, Took(), {way: Took() for way in WAYS})
        for _ in range(ROUNDS):
            await one_round(hand(), address, state_dir, by_hand, ours)
    return by_hand, ours


def ratio(ours: list[float], by_hand: list[float]) -> float:
    """The quickest of ours by the quickest by hand: what disturbs only ever makes slower."""
    return min(ours) / min(by_hand)


def main(arguments: list[str]) -> None:
    """Print the table."""
    pools = arguments == ["pools"]
    sys.stdout.write(f"{'titles':>6}  {'':24} {'latency at 40 ms':>17} {'processor at 0 ms':>18}\n")
    for many in SIZES:
        slow, quick = (uvloop.run(measured(many, delay, pools=pools)) for delay in DELAYS)
        for way in WAYS:
            latency = ratio(slow[1][way].clock, slow[0].clock)
            processor = ratio(quick[1][way].processor, quick[0].processor)
            sys.stdout.write(f"{many:6}  {way:24} {latency:17.2f} {processor:18.2f}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
