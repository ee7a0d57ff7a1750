"""Queries of Xbox accounts through the real application over the sandbox."""

import time
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import pytest

from providers.xbox.sandbox import constants
from tests.harness import GraphQLResponse, RunningServer, run_server

VEGA, SAM = constants.OWNER_XUID, constants.SECOND_XUID
PRIVATE, CLOSED, NEW = constants.PRIVATE_XUID, constants.FORBIDDEN_XUID, constants.NEW_XUID
UNKNOWN = constants.UNKNOWN_XUID
OWNER_KEY = constants.OWNER_KEY
SAM_HEADERS = {"x-xbox-api-key": constants.SECOND_KEY}

SKYLARK, LEDGER, ORCHARD = "1700000001", "1700000002", "1700000004"
FERRY, MOONS = "1290000001", "1290000002"

TITLES = """trophyTitles(first: 50) {
  totalCount edges { node { nativeId earnedCount achievementCount progress } }
  sources { state message } }"""
# The paths of the calls, without the base and the ids.
ACCOUNT, PROFILES = "account", "account/*"
LIST, SECOND_LIST = "achievements/player/*", "titles/*"
MODERN, SET, UNLOCKED = (
    "achievements/player/*/*",
    "achievements/player/*/title/*",
    "achievements/x360/*/title/*",
)


def query_user(
    server: RunningServer, selection: str, handle: str = VEGA, **headers: str
) -> GraphQLResponse:
    """Send a query of the Xbox account with this handle."""
    query = f"""query ($handle: String!) {{
      user(accounts: [{{ source: XBOX, handle: $handle }}]) {{ {selection} }} }}"""
    return server.execute(query, {"handle": handle}, headers)


def fetch_user(server: RunningServer, selection: str, handle: str = VEGA) -> Any:
    """Return what a query of the account selects; fail if there are errors."""
    return query_user(server, selection, handle).data["user"]


def fetch_account(server: RunningServer, selection: str, handle: str = VEGA) -> Any:
    """Return what a query selects on the account itself."""
    selected = f"accounts {{ ... on XboxAccount {{ {selection} }} }}"
    (account,) = fetch_user(server, selected, handle)["accounts"]
    return account


def fetch_title(
    server: RunningServer, selection: str, title_id: str = SKYLARK, handle: str = VEGA
) -> Any:
    """Return what a query selects on a title of the account."""
    selected = f'trophyTitle(source: XBOX, nativeId: "{title_id}") {{ {selection} }}'
    return fetch_user(server, selected, handle)["trophyTitle"]


def get_nodes(connection: Any) -> list[Any]:
    """Return the nodes of a connection."""
    return [edge["node"] for edge in connection["edges"]]


def get_state(connection: Any) -> str:
    """Return the state of the only source of a connection."""
    (source,) = connection["sources"]
    return source["state"]


@contextmanager
def count_calls(server: RunningServer) -> Generator[Counter[str]]:
    """Count the calls in this block by their paths, with a star for each id."""
    counted = Counter[str]()
    before = server.xbox.calls.copy()
    yield counted
    for call, count in (server.xbox.calls - before).items():
        path = call.partition("/api/v2/")[2]
        parts = ["*" if part[0].isdigit() else part for part in path.split("/")]
        counted["/".join(parts)] += count


def pass_time(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """Let cached values become older."""
    now = time.time
    monkeypatch.setattr("time.time", lambda: now() + seconds)


@contextmanager
def run_xbox(*, sandbox: bool = True, **settings: str) -> Generator[RunningServer]:
    """Run a server whose calls are not repeated, because retries wait."""
    with run_server(sandbox=sandbox, **settings) as server:
        server.shared_services.retry_tokens["XBOX"] = -1000.0
        yield server
