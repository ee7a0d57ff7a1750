"""What a thousand WebSockets on one account cost: memory, time for each event, upstream calls.

    python -m tests.benchmarks.sockets [SOCKETS]    # by default 1,000

The server and its upstreams are processes of their own. All sockets send the same subscription,
with five API keys in turns; the first of them alone is measured for comparison.
"""

import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from providers.registry import Source
from tests.harness import operator_settings, sandbox_url_settings
from tests.server.runtime.server_process import Process, build_environment, start_process

SOCKETS = 1_000
EVENTS = 10
KEYS = [f"the-benchmark-key-number-{number}" for number in range(5)]
SUBSCRIPTION = """subscription {
  achievementUnlocked {
    eventId cursor detectedAt
    account { source handle }
    achievement { name description earnedAt rarity { percent } title { name } }
  }
}"""
SETTLE_SECONDS = 4  # several polls of the account
KILOBYTE = 1_000
MILLISECONDS = 1_000
TICKS = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


@dataclass
class Usage:
    """What a process has used so far: bytes of memory and seconds of the processor."""

    memory: int
    seconds: float

    @classmethod
    def read(cls, process: Process) -> "Usage":
        """Read it from the system."""
        folder = Path(f"/proc/{process.popen.pid}")
        fields = (folder / "stat").read_text().rpartition(")")[2].split()
        pages = int((folder / "statm").read_text().split()[1])
        return cls(pages * PAGE_BYTES, (int(fields[11]) + int(fields[12])) / TICKS)


@dataclass
class Audience:
    """Subscribed sockets, and how many events have arrived on all of them."""

    address: str
    received: int = 0
    has_news: asyncio.Event = field(default_factory=asyncio.Event)
    sockets: list[ClientConnection] = field(default_factory=list[ClientConnection])
    readers: list["asyncio.Task[None]"] = field(default_factory=list["asyncio.Task[None]"])

    async def grow(self, stack: AsyncExitStack, count: int) -> None:
        """Open sockets until there are so many."""
        for number in range(len(self.sockets), count):
            socket = await stack.enter_async_context(self._connect())
            key = KEYS[number % len(KEYS)]
            payload = {"authorization": f"Bearer {key}"}
            await socket.send(json.dumps({"type": "connection_init", "payload": payload}))
            await socket.recv()
            message = {"type": "subscribe", "id": "1", "payload": {"query": SUBSCRIPTION}}
            await socket.send(json.dumps(message))
            self.sockets.append(socket)
            self.readers.append(asyncio.create_task(self._read(socket)))

    async def wait_for(self, count: int) -> None:
        """Wait until so many events have arrived in all."""
        while self.received < count:
            self.has_news.clear()
            await self.has_news.wait()

    def _connect(self) -> Any:
        address = self.address.replace("http", "ws") + "/graphql"
        protocols = [Subprotocol("graphql-transport-ws")]
        return connect(address, subprotocols=protocols, compression=None, ping_interval=None)

    async def _read(self, socket: ClientConnection) -> None:
        async for text in socket:
            kind = json.loads(text)["type"]
            if kind == "ping":
                await socket.send('{"type":"pong"}')
            self.received += kind == "next"
            self.has_news.set()


@contextmanager
def start_programs() -> Generator[tuple[Process, str]]:
    """Start the upstreams and the server; yield the server and the address of the upstreams."""
    sandbox_environment = build_environment()
    with (
        tempfile.TemporaryDirectory() as folder,
        start_process("sandbox", env=sandbox_environment) as sandbox,
    ):
        environment = build_environment(
            **operator_settings(Source.PSN),
            **sandbox_url_settings(sandbox.address),
            PSN_RATE="100000/1",
            TROPHYCASE_API_KEYS=",".join(
                f"key{number}:{key}:read" for number, key in enumerate(KEYS)
            ),
            TROPHYCASE_LIVE_INTERVAL="1",
            TROPHYCASE_STATE_DIR=folder,
        )
        with start_process("serve", env=environment) as server:
            yield server, sandbox.address


def count_calls(upstreams: str) -> int:
    calls = httpx.get(f"{upstreams}/_sandbox/calls").json()["PSN"]
    return sum(count for name, count in calls.items() if "/oauth/" not in name)


async def measure_events(server: Process, upstreams: str, audience: Audience) -> dict[str, float]:
    """Unlock some trophies one after the other; return what each event has taken."""
    await asyncio.sleep(SETTLE_SECONDS)
    idle_before = Usage.read(server)
    await asyncio.sleep(SETTLE_SECONDS)
    idle_rate = (Usage.read(server).seconds - idle_before.seconds) / SETTLE_SECONDS
    events, calls = 0, count_calls(upstreams)
    before, began_at = Usage.read(server), time.perf_counter()
    first_received = audience.received
    async with httpx.AsyncClient() as http:
        for _ in range(EVENTS):
            response = await http.post(f"{upstreams}/_sandbox/unlocks", json={"source": "PSN"})
            events += len(response.json()["unlocks"])
            await audience.wait_for(first_received + events * len(audience.sockets))
    elapsed = time.perf_counter() - began_at
    used = Usage.read(server).seconds - before.seconds - idle_rate * elapsed
    return {
        "milliseconds": used / events * MILLISECONDS,
        "calls_a_second": (count_calls(upstreams) - calls) / elapsed,
    }


async def run(count: int) -> None:
    """Measure, and print the results."""
    with start_programs() as (server, upstreams):
        audience = Audience(server.address)
        async with AsyncExitStack() as stack:
            await audience.grow(stack, 1)
            alone = await measure_events(server, upstreams, audience)
            before = Usage.read(server)
            await audience.grow(stack, count)
            await asyncio.sleep(SETTLE_SECONDS)
            opened = Usage.read(server)
            together = await measure_events(server, upstreams, audience)
            after = Usage.read(server)
    more = count - 1
    report("sockets", f"{count:,}")
    report("memory, a socket", f"{(opened.memory - before.memory) / more / KILOBYTE:.1f} kB")
    grown = (after.memory - before.memory) / more / KILOBYTE
    report(f"memory, a socket after {EVENTS} unlocks", f"{grown:.1f} kB")
    opening = (opened.seconds - before.seconds) / more * MILLISECONDS
    report("processor, opening a socket", f"{opening:.2f} ms")
    for name, found in (("of one socket", alone), ("of all sockets", together)):
        report(f"processor, an event {name}", f"{found['milliseconds']:.1f} ms")
        report(f"calls in a second {name}", f"{found['calls_a_second']:.2f}")


def report(label: str, figure: str) -> None:
    """Print one figure."""
    sys.stdout.write(f"{label:40} {figure}\n")


if __name__ == "__main__":
    asyncio.run(run(int(sys.argv[1]) if sys.argv[1:] else SOCKETS))
