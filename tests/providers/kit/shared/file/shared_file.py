"""A cache file for tests, and the stores of several processes on it."""

import stat
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from providers.kit.shared.file.connection import FileConnection
from providers.kit.shared.file.file_url import build_file_url
from providers.kit.shared.shared_store import SharedStore
from providers.kit.shared.store_backend import StoreBackend
from tests.providers.kit.simulated_processes import open_stores, run_scenario

NAME = "cache.db"


def run_with_file(
    path: Path, scenario: Callable[..., Awaitable[None]], processes: int = 1, seconds: float = 10
) -> None:
    """Run a scenario with the stores of some processes on one file."""

    async def run() -> None:
        async with open_stores(build_file_url(path), processes) as stores:
            await scenario(*stores)

    run_scenario(run, seconds)


def get_backend(store: SharedStore) -> StoreBackend:
    """Return the backend of a store that has one."""
    assert store.backend is not None
    return store.backend


def get_file(store: SharedStore) -> FileConnection:
    """Return the connection of a store to its file."""
    assert store.file is not None
    return store.file


async def finish_writes(store: SharedStore) -> None:
    """Wait until everything that was sent is in the file."""
    await get_file(store).execute(lambda _cursor: None)


async def store_value(store: SharedStore, label: str, content: bytes = b"a value") -> str:
    """Store a value, wait until it is in the file, and return its name."""
    name = store.build_key(label)
    store.set_nowait(name, content, 600, is_evictable=True)
    await finish_writes(store)
    return name


async def is_stored(store: SharedStore, label: str) -> bool:
    """Return whether there is a value."""
    return await store.get(store.build_key(label)) is not None


def collect_problems(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return the lines about the cache file, in their order."""
    return [each.getMessage() for each in caplog.records if "cache file" in each.getMessage()]


def take_disk_away(folder: Path) -> Path:
    """Put a file in the place of a folder; return where the folder is."""
    hidden = folder.with_name("hidden")
    folder.rename(hidden)
    folder.write_bytes(b"not a directory")
    return hidden


def give_disk_back(folder: Path, hidden: Path) -> None:
    """Undo `take_disk_away`."""
    folder.unlink()
    hidden.rename(folder)


def read_all(folder: Path) -> bytes:
    """Return the content of all files of a folder."""
    return b"".join(path.read_bytes() for path in folder.iterdir())


def read_modes(folder: Path) -> dict[str, int]:
    """Return the mode of each file of a folder, and that of the folder under an empty name."""
    paths = {"": folder} | {path.name: path for path in folder.iterdir()}
    return {name: stat.S_IMODE(path.stat().st_mode) for name, path in paths.items()}
