"""The secret of what servers share: who can read it, and what is refused at start."""

import asyncio
import base64
import logging
from pathlib import Path

import httpx
import pytest

from server.app import create_app
from server.observability.redaction import collect_secrets
from server.settings import SettingError, read_settings
from server.shared_store_setup import check_workers, warn_about_plain_redis
from tests.benchmarks.replicas import Fleet
from tests.providers.kit.redis_server import RedisServer, run_redis_server

ONE, OTHER = (base64.b64encode(bytes([each]) * 32).decode() for each in (1, 2))
QUERY = "{ viewer { trophyTitles(first: 3) { edges { node { name } } } } }"
KEY = "a-key-of-the-first-server"
KEYS = f"one:{KEY}:read"


async def ask(client: httpx.AsyncClient) -> int:
    """Send the query; return how many upstream calls it took."""
    headers = {"authorization": f"Bearer {KEY}"}
    body = (await client.post("/graphql", json={"query": QUERY}, headers=headers)).json()
    assert "errors" not in body, body
    return sum(body["extensions"]["upstream"]["calls"].values())


def ask_two_servers(
    redis: RedisServer, folders: tuple[Path, Path], one: dict[str, str], two: dict[str, str]
) -> tuple[int, int]:
    """Ask a server and, after it has ended, another; return the calls of each."""

    async def run() -> tuple[int, int]:
        calls: list[int] = []
        fleets = [Fleet(str(folder), redis) for folder in folders]
        for fleet, settings in zip(fleets, (one, two), strict=True):
            async with fleet.start_server(**settings) as client:
                calls.append(await ask(client))
        return calls[0], calls[1]

    return asyncio.run(run())


@pytest.mark.slow
def test_servers_with_one_secret_share_whatever_their_keys(tmp_path: Path) -> None:
    """Holds that changing an API key does not throw the cache away, on any machine."""
    secret = {"TROPHYCASE_CACHE_SECRET": ONE}
    keys = {"TROPHYCASE_API_KEYS": KEYS}
    with run_redis_server() as redis:
        folders = (tmp_path / "one", tmp_path / "two")
        first, second = ask_two_servers(redis, folders, secret, secret | keys)
    assert first > 0
    assert second == 0


@pytest.mark.slow
def test_a_server_with_another_secret_reads_nothing(tmp_path: Path) -> None:
    """Holds that all settings but the secret open no entry."""
    with run_redis_server() as redis:
        folders = (tmp_path, tmp_path)
        first, second = ask_two_servers(
            redis, folders, {"TROPHYCASE_CACHE_SECRET": ONE}, {"TROPHYCASE_CACHE_SECRET": OTHER}
        )
    assert first > 0
    assert second >= first


@pytest.mark.slow
def test_a_drawn_secret_is_found_again_after_a_restart_and_by_no_other_directory(
    tmp_path: Path,
) -> None:
    """Holds that nothing is derived from the other settings, which are equal here."""
    with run_redis_server() as redis:
        first, restarted = ask_two_servers(redis, (tmp_path / "one", tmp_path / "one"), {}, {})
        _, elsewhere = ask_two_servers(redis, (tmp_path / "one", tmp_path / "two"), {}, {})
    assert (restarted, elsewhere) == (0, first)
    assert first > 0


@pytest.mark.parametrize(
    "value",
    [base64.b64encode(bytes(31)).decode(), "a password that a person chose, and no base64"],
)
def test_a_secret_that_was_not_drawn_is_refused_in_one_line(value: str) -> None:
    with pytest.raises(SettingError) as error:
        read_settings({"TROPHYCASE_CACHE_SECRET": value}, sandbox=False)
    line = str(error.value)
    assert line.startswith("TROPHYCASE_CACHE_SECRET: must be base64 of 32 random bytes")
    assert value not in line
    assert "\n" not in line


@pytest.mark.parametrize(
    ("mode", "problem"),
    [
        (None, "TROPHYCASE_CACHE_SECRET: needed, because none can be stored"),
        (0o777, "TROPHYCASE_STATE_DIR: the state directory can be written by others"),
    ],
)
def test_a_secret_that_cannot_be_stored_safely_is_asked_for(
    tmp_path: Path, mode: int | None, problem: str
) -> None:
    folder = tmp_path / "state"
    if mode is None:
        folder.write_text("not a directory")
    else:
        folder.mkdir()
        folder.chmod(mode)
    given = {
        "TROPHYCASE_CACHE_URL": "redis://127.0.0.1:1",
        "TROPHYCASE_STATE_DIR": str(folder),
    }
    with pytest.raises(SettingError, match=problem):
        create_app(read_settings(given, sandbox=False))
    create_app(read_settings(given | {"TROPHYCASE_CACHE_SECRET": ONE}, sandbox=False))


def test_in_memory_no_secret_is_drawn(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    given = {"TROPHYCASE_STATE_DIR": str(folder), "TROPHYCASE_CACHE_URL": "memory://"}
    create_app(read_settings(given, sandbox=False))
    assert not folder.exists()


def test_several_workers_need_a_secret_that_each_of_them_finds(tmp_path: Path) -> None:
    """Holds because each of them would otherwise make as many calls as the rate allows."""
    folder = tmp_path / "state"
    folder.write_text("not a directory")
    settings = read_settings({"TROPHYCASE_STATE_DIR": str(folder)}, sandbox=False)
    check_workers(settings, 1)
    with pytest.raises(SettingError, match=r"^TROPHYCASE_CACHE_SECRET: needed"):
        check_workers(settings, 2)


def test_the_secret_is_neither_shown_nor_logged() -> None:
    settings = read_settings({"TROPHYCASE_CACHE_SECRET": ONE}, sandbox=False)
    assert ONE not in repr(settings)
    assert ONE in collect_secrets(settings)


@pytest.mark.parametrize(
    ("url", "is_warned"),
    [
        ("redis://user:a-password@192.0.2.1:6379/0", True),
        ("redis://cache.example", True),
        ("rediss://192.0.2.1", False),
        ("redis://127.0.0.1", False),
        ("redis://[::1]:6379", False),
        ("redis://localhost", False),
        ("memory://", False),
    ],
)
def test_a_plain_connection_to_another_machine_is_warned_about(
    url: str, caplog: pytest.LogCaptureFixture, *, is_warned: bool
) -> None:
    """Holds that names and the password of Redis do not cross a network unnoticed."""
    settings = read_settings({"TROPHYCASE_CACHE_URL": url}, sandbox=False)
    with caplog.at_level(logging.WARNING):
        warn_about_plain_redis(settings)
    assert [("rediss://" in each) for each in caplog.messages] == [True] * is_warned
    assert "a-password" not in caplog.text
