"""Both pages work in Chromium, and call no other server."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from server.explorer.page import (
    CONTENT_SECURITY_POLICY,
    ExampleQuery,
    is_explorer_built,
    load_example_queries,
)
from tests.server.explorer.explorer_process import REPOSITORY, start_sandbox_server
from tests.server.runtime.server_process import copy_program

pytestmark = pytest.mark.slow

BROWSE_SCRIPT = Path(__file__).with_name("browse.mjs")
PLAYWRIGHT = REPOSITORY / "server" / "explorer" / "node_modules" / "playwright-core"

NODE = shutil.which("node")
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")

needs_a_browser = pytest.mark.skipif(
    not (NODE and CHROMIUM and PLAYWRIGHT.is_dir()),
    reason="needs node, chromium and playwright-core (npm ci in server/explorer)",
)
needs_graphiql = pytest.mark.skipif(
    not is_explorer_built(), reason="GraphiQL is not built (make graphiql)"
)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with start_sandbox_server() as found:
        yield found


@pytest.fixture
def address_without_a_build(tmp_path: Path) -> Iterator[str]:
    """Serve from a copy of the project in which GraphiQL is not built."""
    copy_program(tmp_path, "dist")
    with start_sandbox_server(tmp_path) as found:
        yield found


def browse(address: str) -> dict[str, Any]:
    assert NODE
    assert CHROMIUM
    finished = subprocess.run(  # noqa: S603
        [NODE, BROWSE_SCRIPT, address, CHROMIUM],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    return json.loads(finished.stdout)


@needs_graphiql
@needs_a_browser
def test_graphiql_runs_a_query_and_documents_the_graph_from_this_server_alone(address: str) -> None:
    seen = browse(address)

    assert seen["page"] == "graphiql"
    assert seen["foreignRequests"] == []
    assert seen["consoleErrors"] == []
    assert seen["readyQueries"] == [
        "OnePerson",
        "OneTitle",
        "NearlyDone",
        "Awards",
        "Campaigns",
        "Steam",
        "Xbox",
        "Live",
    ]
    assert seen["event"]["achievement"]["name"]
    assert seen["result"]["data"]["viewer"]["displayName"]
    assert "displayName" in seen["shown"]
    assert {"Query", "User", "TrophyTitle", "Achievement"} <= set(seen["documentationTypes"])


@needs_graphiql
@needs_a_browser
def test_graphiql_stores_no_request_header(address: str) -> None:
    """Holds that a credential is neither stored nor left from before, and that none is offered."""
    seen = browse(address)

    assert seen["sent"] == [True, True]
    for stored in seen["stored"]:
        assert "OnePerson" in stored
        assert seen["credential"] not in stored
    assert "Theme" in seen["settings"]
    assert "headers" not in seen["settings"].lower()


@needs_a_browser
def test_the_plain_page_runs_a_query_from_this_server_alone(address_without_a_build: str) -> None:
    seen = browse(address_without_a_build)

    assert seen["page"] == "plain"
    assert seen["foreignRequests"] == []
    assert seen["consoleErrors"] == []
    assert seen["readyQueries"] == [ready.title for ready in load_example_queries()]
    assert seen["result"]["data"]["viewer"]["displayName"]
    assert "displayName" in seen["shown"]
    assert seen["event"]["achievement"]["name"]


def test_the_page_is_served_with_its_policy(address: str) -> None:
    response = httpx.get(address, headers={"Accept": "text/html"})

    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith("text/html")
    assert response.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY


@pytest.mark.parametrize(
    "ready", [pytest.param(each, id=each.title) for each in load_example_queries(live=False)]
)
def test_an_example_query_has_data_in_the_sandbox(address: str, ready: ExampleQuery) -> None:
    answer = httpx.post(address, json={"query": ready.query}, timeout=30).json()

    assert "errors" not in answer
    (person,) = answer["data"].values()
    assert person
