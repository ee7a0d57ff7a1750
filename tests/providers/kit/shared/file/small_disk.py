"""A disk of its own for the cache file, which becomes full or read-only.

    unshare --mount python -m tests.providers.kit.shared.file.small_disk full FOLDER

Mounts a file system of two megabytes in a folder, for this process alone, and prints the log lines.
"""

import logging
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from providers.kit.caching.cache import Cache
from providers.kit.caching.policy import CachePolicy
from providers.kit.shared.file import connection
from providers.kit.shared.shared_store import SharedStore
from tests.providers.kit.shared.file.shared_file import (
    NAME,
    is_stored,
    run_with_file,
    store_value,
)
from tests.providers.kit.simulated_processes import wait_until

POLICY: CachePolicy[str] = CachePolicy("PSN.value", str, max_age=600)
SMALL, LARGE = "mode=700,size=2m", "size=64m"


def mount(folder: Path, *options: str) -> None:
    """Mount the disk, or change its options."""
    command = ("mount", "-t", "tmpfs", "-o", ",".join(options), "none", str(folder))
    subprocess.run(command, check=True)  # noqa: S603 - constants


async def load() -> str:
    return "a value"


async def use_until_it_recovers(store: SharedStore, repair: Callable[[], None]) -> None:
    """Check that memory serves while the disk fails, and that the file is used afterwards."""
    assert store.is_degraded
    cache = Cache(shared_store=store)
    assert (await cache.get_or_load(POLICY, "a-scope", ("key",), load)).value == "a value"
    assert cache.peek(POLICY, "a-scope", ("key",)) is not None
    repair()
    await wait_until(lambda: not store.is_degraded)
    await store_value(store, "after")
    assert await is_stored(store, "after")
    assert await is_stored(store, "before")


def fill_disk(folder: Path) -> None:
    """Write more than fits, and give the disk more room."""
    mount(folder, SMALL)

    async def scenario(store: SharedStore) -> None:
        await store_value(store, "before")
        for index in range(2000):
            store.set_nowait(store.build_key(str(index)), bytes(4000), 600, is_evictable=True)
        await wait_until(lambda: store.is_degraded)
        await use_until_it_recovers(store, lambda: mount(folder, "remount", LARGE))

    run_with_file(folder / NAME, scenario)


def write_nothing(folder: Path) -> None:
    """Start on a disk that is read-only, and make it writable."""
    mount(folder, SMALL)

    async def make(store: SharedStore) -> None:
        await store_value(store, "before")

    async def scenario(store: SharedStore) -> None:
        await use_until_it_recovers(store, lambda: mount(folder, "remount", "rw"))

    run_with_file(folder / NAME, make)
    mount(folder, "remount", "ro")
    run_with_file(folder / NAME, scenario)


SCENARIOS: dict[str, Callable[[Path], None]] = {"full": fill_disk, "read-only": write_nothing}

if __name__ == "__main__":
    connection.RECOVERY_SECONDS = 0.02
    connection.TIMEOUT_SECONDS = 30
    logging.basicConfig(stream=sys.stdout, format="%(message)s")
    SCENARIOS[sys.argv[1]](Path(sys.argv[2]))
