"""Queries of Steam accounts through the real application over the sandbox."""

from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from tests.harness import GraphQLResponse, RunningServer, run_server

VEGA, SAM = "76561190000000001", "76561190000000002"
HIDDEN_GAMES, PRIVATE, NEW = "76561190000000003", "76561190000000004", "76561190000000005"
UNKNOWN = "76561190000000099"
SAM_HEADERS = {"x-steam-id": "second_sam", "x-steam-api-key": "5AD0B0C5A1E000000000000000000002"}
OWNER_KEY = "5AD0B0C5A1E000000000000000000001"

TIMELINE = """achievements(first: %d) {
  edges { node { nativeId earnedAt title { nativeId } } } sources { state message } }"""
TITLES = """trophyTitles(first: 50) {
  totalCount edges { node { nativeId earnedCount achievementCount } } sources { state } }"""

# How an undocumented method can be gone, refused or failing.
REFUSALS: dict[str, dict[str, Any]] = {
    "404": {"status": 404, "body": "<html>Not Found</html>"},
    "405": {"status": 405, "body": "<html>Method Not Allowed</html>"},
    "401": {"status": 401, "body": "<html>Unauthorized</html>"},
    "403": {"status": 403, "body": "<html>Forbidden</html>"},
    "denied": {"status": 200, "body": {"response": {}}, "headers": {"x-eresult": "15"}},
    "500": {"status": 500, "body": "<html>"},
    "busy": {"status": 200, "body": {"response": {}}, "headers": {"x-eresult": "10"}},
    "unreadable": {"status": 200, "body": "nothing"},
}


def query_user(
    server: RunningServer, selection: str, handle: str = VEGA, **headers: str
) -> GraphQLResponse:
    """Send a query of the Steam account with this handle."""
    query = f"""query ($handle: String!) {{
      user(accounts: [{{ source: STEAM, handle: $handle }}]) {{ {selection} }} }}"""
    return server.execute(query, {"handle": handle}, headers)


def fetch_user(server: RunningServer, selection: str, handle: str = VEGA) -> Any:
    """Return what a query of the account selects; fail if there are errors."""
    return query_user(server, selection, handle).data["user"]


def fetch_account(server: RunningServer, selection: str, handle: str = VEGA) -> Any:
    """Return what a query selects on the account itself."""
    selected = f"accounts {{ ... on SteamAccount {{ {selection} }} }}"
    (account,) = fetch_user(server, selected, handle)["accounts"]
    return account


def get_nodes(connection: Any) -> list[Any]:
    """Return the nodes of a connection."""
    return [edge["node"] for edge in connection["edges"]]


def get_state(connection: Any) -> str:
    """Return the state of the only source of a connection."""
    (source,) = connection["sources"]
    return source["state"]


@contextmanager
def count_calls(server: RunningServer) -> Generator[Counter[str]]:
    """Count the calls in this block by the method's name."""
    counted = Counter[str]()
    before = server.steam.calls.copy()
    yield counted
    for path, count in (server.steam.calls - before).items():
        counted[path.split("/")[2]] += count


@contextmanager
def run_steam(*, sandbox: bool = True, **settings: str) -> Generator[RunningServer]:
    """Run a server whose calls are not repeated, because retries wait."""
    with run_server(sandbox=sandbox, **settings) as server:
        server.shared_services.retry_tokens["STEAM"] = -1000.0
        yield server
