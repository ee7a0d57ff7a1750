"""Growth of the cache file, and waits for it, while more is written than it may hold.

    python -m tests.benchmarks.cache_file

Writes three times the bound in entries of 4 KB as fast as the disk takes them, looks one up every
few milliseconds meanwhile, and opens the full file again. Then it compares the processor time of
twenty whole titles that nothing remembers, with the file and in memory alone.
"""

import asyncio
import os
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from providers.kit.request_context import RequestContext, set_current
from providers.kit.shared.encryption import Cipher
from providers.kit.shared.file import connection
from providers.kit.shared.file.file_url import build_file_url
from providers.kit.shared.shared_store import SharedStore
from providers.psn.sandbox.constants import OWNER_ACCOUNT_ID
from providers.registry import Source
from server.sandbox.upstreams import SandboxTransport
from tests.benchmarks.queries import (
    ALL_TITLE_FIELDS,
    OWNER_VARIABLES,
    USER_ID_QUERY,
    build_titles_query,
)
from tests.benchmarks.sandbox_data import add_psn_titles
from tests.harness import operator_settings, run_server
from tests.providers.kit.simulated_processes import SECRET

MEBIBYTE = 1024 * 1024
BOUND = 64 * MEBIBYTE
ENTRY_BYTES = 4000
ENTRY_COUNT = 3 * BOUND // ENTRY_BYTES
LOOKUP_SECONDS = 0.005
PATIENT_SECONDS = 30.0
COLD_ROUNDS = 12


async def write_entries(store: SharedStore) -> None:
    """Write all entries, as many at once as the queue takes."""
    content = os.urandom(ENTRY_BYTES)
    for index in range(ENTRY_COUNT):
        name = store.build_key("entry", str(index))
        store.set_nowait(name, content, 3600, is_evictable=True)
        if index % 1000 == 0:
            await finish(store)


async def finish(store: SharedStore) -> None:
    """Wait until everything is in the file."""
    assert store.file is not None
    await store.file.execute(lambda _cursor: None)


async def measure_lookups(store: SharedStore) -> list[float]:
    """Look an entry up again and again; return the milliseconds of each when cancelled."""
    waits: list[float] = []
    try:
        while True:
            began = time.perf_counter()
            await store.get(store.build_key("entry", "0"))
            waits.append((time.perf_counter() - began) * 1000)
            await asyncio.sleep(LOOKUP_SECONDS)
    except asyncio.CancelledError:
        return sorted(waits)


def measure_size(path: Path) -> str:
    """Return the MiB of the file and of its log."""
    sizes = (path, path.with_name(f"{path.name}-wal"))
    figures = (each.stat().st_size / MEBIBYTE if each.exists() else 0 for each in sizes)
    return "{:.1f} MiB, log {:.1f} MiB".format(*figures)


async def run(path: Path) -> None:
    """Fill a file three times over, and open it again."""
    set_current(RequestContext(time.monotonic() + 600))
    cipher = Cipher(SECRET)
    async with SharedStore(build_file_url(path), cipher, BOUND) as store:
        lookups = asyncio.create_task(measure_lookups(store))
        began = time.perf_counter()
        await write_entries(store)
        seconds = time.perf_counter() - began
        lookups.cancel()
        waits = await lookups
        figure = f"{ENTRY_COUNT / seconds:.0f} a second"
        print_figure(f"{ENTRY_COUNT} entries of {ENTRY_BYTES} bytes", figure)
        print_figure(f"the file, bounded by {BOUND // MEBIBYTE} MiB", measure_size(path))
        print_figure(
            f"{len(waits)} look-ups meanwhile: median, p99, longest",
            ", ".join(f"{waits[int(share * (len(waits) - 1))]:.1f} ms" for share in (0.5, 0.99, 1)),
        )
    began = time.perf_counter()
    async with SharedStore(build_file_url(path), cipher, BOUND) as store:
        print_figure("opened and checked in", f"{(time.perf_counter() - began) * 1000:.0f} ms")
        names = [store.build_key("entry", str(index)) for index in range(ENTRY_COUNT)]
        found = [await store.get(name) is not None for name in names[:100] + names[-100:]]
        print_figure(
            "of the oldest and newest hundred are left", f"{sum(found[:100])}, {sum(found[100:])}"
        )


def measure_cold(cache_url: str) -> float:
    """Return the milliseconds of processor time for twenty titles; the sandbox's are included."""
    times: list[float] = []
    for _round in range(COLD_ROUNDS):
        with (
            TemporaryDirectory() as folder,
            run_server(
                SandboxTransport(),
                sandbox=False,
                **operator_settings(Source.PSN),
                TROPHYCASE_STATE_DIR=folder,
                TROPHYCASE_CACHE_URL=cache_url,
                PSN_RATE="10000/1",
            ) as server,
        ):
            add_psn_titles(server.psn, OWNER_ACCOUNT_ID, 20)
            server.fetch_data(USER_ID_QUERY, OWNER_VARIABLES)
            began = time.process_time()
            server.fetch_data(build_titles_query(ALL_TITLE_FIELDS), OWNER_VARIABLES)
            times.append((time.process_time() - began) * 1000)
    return sorted(times)[COLD_ROUNDS // 3]


def print_figure(label: str, figure: str) -> None:
    sys.stdout.write(f"{label:56} {figure}\n")


def main() -> None:
    """Print the figures."""
    connection.TIMEOUT_SECONDS = PATIENT_SECONDS  # to see how long a look-up would take
    with TemporaryDirectory() as folder:
        asyncio.run(run(Path(folder) / "cache.db"))
    for cache_url in ("memory://", "sqlite://"):
        figure = f"{measure_cold(cache_url):.0f} ms"
        print_figure(f"processor time of twenty cold titles, {cache_url}", figure)


if __name__ == "__main__":
    main()
