"""Both pages work in Chromium, and call no other server."""

import json
import re
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
from tests.conformance.processes import run_script
from tests.conformance.web_application import find_chromium
from tests.server.explorer.explorer_process import start_sandbox_server
from tests.server.runtime.server_process import copy_program

pytestmark = pytest.mark.slow

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
    return open_page("browse.mjs", address)


def open_page(script: str, address: str, *arguments: str) -> dict[str, Any]:
    return run_script(Path(__file__).with_name(script), address, find_chromium(), *arguments)


@needs_graphiql
def test_graphiql_runs_a_query_and_documents_the_graph_from_this_server_alone(address: str) -> None:
    seen = browse(address)

    assert seen["page"] == "graphiql"
    assert seen["foreignRequests"] == []
    assert seen["problems"] == []
    assert seen["readyQueries"] == [
        "OnePerson",
        "SeveralAccounts",
        "PageByPage",
        "OneTitle",
        "NearlyDone",
        "Awards",
        "Campaigns",
        "Friends",
        "Steam",
        "Xbox",
        "OpenConversation",
        "Live",
    ]
    assert seen["event"]["achievement"]["name"]
    assert seen["result"]["data"]["viewer"]["displayName"]
    assert "displayName" in seen["shown"]
    assert {"Query", "User", "TrophyTitle", "Achievement"} <= set(seen["documentationTypes"])


@needs_graphiql
def test_graphiql_stores_no_request_header(address: str) -> None:
    """Holds that a credential is neither stored nor left from before, and that none is offered."""
    seen = browse(address)

    assert seen["sent"] == [True, True]
    for stored in seen["stored"]:
        assert "OnePerson" in stored
        assert seen["credential"] not in stored
    assert "Theme" in seen["settings"]
    assert "headers" not in seen["settings"].lower()


@needs_graphiql
def test_graphiql_fits_a_phone_and_lists_what_gateways_need_last(address: str) -> None:
    seen = open_page("measure.mjs", address)

    query, response = seen["query"], seen["response"]
    assert seen["size"] == [390, 844]
    assert min(query["width"], response["width"]) > 350
    assert min(query["height"], response["height"]) > 300
    assert query["y"] + query["height"] <= response["y"]
    assert seen["marked"] == 0  # of the typographic signs
    assert not seen["isQueryShown"]  # while Docs are
    assert "`" not in seen["description"]
    assert "sources tells the state of each" in seen["description"]
    root_types, types = seen["types"][:3], seen["types"][3:]
    assert root_types == ["Query", "Mutation", "Subscription"]
    own_types = [name for name in types if "_" not in name]
    assert types[: len(own_types)] == sorted(own_types)
    assert (seen["fields"][0], seen["fields"][-2:]) == ("viewer", ["_entities", "_service"])


@needs_graphiql
def test_a_key_is_sent_as_a_header_and_kept_in_its_tab_alone() -> None:
    key = "0123456789abcdef-not-stored"
    with start_sandbox_server(TROPHYCASE_API_KEYS=f"page:{key}:read") as address:
        seen = open_page("enter_key.mjs", address, key)

    header = f"Bearer {key}"
    assert "API key" in seen["before"]
    # After it was entered, after the tab was loaded again, without it, and in another tab.
    assert seen["sent"] == [[header, 200], [header, 200], [None, 401], [None, 401]]
    assert seen["greeting"] == {"type": "connection_init", "payload": {"Authorization": header}}
    assert "OnePerson" in seen["stored"]
    assert key not in seen["stored"]
    assert any(url.startswith("ws:") for url in seen["urls"])
    assert not any(key in url for url in seen["urls"])


def test_the_plain_page_runs_a_query_from_this_server_alone(address_without_a_build: str) -> None:
    seen = browse(address_without_a_build)

    assert seen["page"] == "plain"
    assert seen["foreignRequests"] == []
    assert seen["problems"] == []
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
    "ready", [pytest.param(each, id=each.title) for each in load_example_queries()]
)
def test_an_example_query_has_data_in_the_sandbox(address: str, ready: ExampleQuery) -> None:
    answer = send(address, ready)

    assert "errors" not in answer
    (root,) = answer["data"].values()
    assert root
    assert set(re.findall(r'"state": "(\w+)"', json.dumps(answer))) <= {"OK"}


def send(address: str, ready: ExampleQuery) -> Any:
    """Return the response to a query, or the first event of a subscription."""
    variables = json.loads(ready.variables or "{}")
    body = {"query": ready.query, "variables": variables}
    headers = {"Accept": "text/event-stream" if ready.is_live else "application/json"}
    with httpx.stream("POST", address, json=body, headers=headers, timeout=30) as response:
        if not ready.is_live:
            return json.loads(response.read())
        lines = response.iter_lines()
        return json.loads(next(each for each in lines if each.startswith("data: "))[6:])
