"""Two published gateways in front of the real server and another subgraph."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from providers.registry import Source
from providers.retroachievements.sandbox.member_data import OPERATOR_KEY
from tests.conformance.processes import (
    CONFORMANCE_FOLDER,
    TIMEOUT_SECONDS,
    print_sdl,
    run_script,
    start_program,
    start_server,
)

KEY_HEADERS = {"authorization": "Bearer key-of-the-gateway"}
CREDENTIAL_HEADERS = {
    "x-retroachievements-username": "VegaNorth",
    "x-retroachievements-api-key": OPERATOR_KEY,
}
IDS_QUERY = "{ viewer { id trophyTitles(first: 1, sources: PSN) { edges { node { id } } } } }"

CROSS_SUBGRAPH_QUERY = """{
  viewer {
    displayName
    notes { edges { node { text } } pageInfo { hasNextPage } }
    trophyTitles(first: 1, sources: PSN) { edges { node { id name guideUrl } } }
  }
  notes { text title { name source nativeId guideUrl } author { displayName accounts { source } } }
  node(id: "note-1") { id }
  headers
}"""
ACCOUNTS_QUERY = "{ viewer { accounts { source status { state } } } }"
NAME_QUERY = "{ viewer { displayName } }"
RENAMED_QUERY = "{ person: viewer { name: displayName } }"
TITLES_QUERY = "{ viewer { trophyTitles(first: 1) { edges { node { name } } } } }"
STATUS_QUERY = "{ viewer { trophyTitles(first: 1) { totalCount sources { state } } } }"


@pytest.fixture(scope="module")
def ours() -> Iterator[str]:
    with start_server(
        TROPHYCASE_NODE="off", TROPHYCASE_API_KEYS="gateway:key-of-the-gateway:read"
    ) as address:
        yield address


@pytest.fixture(scope="module")
def viewer(ours: str) -> Any:
    """Return the viewer and their latest title, as the server itself returns them."""
    response = httpx.post(
        ours, json={"query": IDS_QUERY}, headers=KEY_HEADERS, timeout=TIMEOUT_SECONDS
    )
    return response.json()["data"]["viewer"]


@pytest.fixture(scope="module")
def theirs(modules: str, viewer: Any) -> Iterator[str]:
    title = viewer["trophyTitles"]["edges"][0]["node"]["id"]
    command = [modules, CONFORMANCE_FOLDER / "scripts" / "neighbour.mjs"]
    with start_program(command, NOTED=f"{viewer['id']} {title}") as address:
        yield address


@pytest.fixture(scope="module", params=["apollo", "hive"])
def answers(request: pytest.FixtureRequest, ours: str, theirs: str, subgraph_sdl: str) -> Any:
    """Return a gateway's responses with a key, without one, and with a caller's credentials."""
    requests: list[dict[str, Any]] = [
        {"query": CROSS_SUBGRAPH_QUERY, "headers": KEY_HEADERS},
        {"query": ACCOUNTS_QUERY, "headers": {}},
        {"query": ACCOUNTS_QUERY, "headers": CREDENTIAL_HEADERS},
    ]
    servers = {"sdl": subgraph_sdl, "ours": ours, "theirs": theirs}
    return run_script("gateways.mjs", request.param, payload={**servers, "requests": requests})


def test_a_query_crosses_both_subgraphs_and_back(answers: Any) -> None:
    assert "errors" not in answers[0], answers[0]["errors"]
    data = answers[0]["data"]
    latest = data["viewer"]["trophyTitles"]["edges"][0]["node"]
    assert data["viewer"]["displayName"] == "vega_north"
    assert data["viewer"]["notes"]["edges"] == [{"node": {"text": "Well played."}}]
    assert latest["name"] == "Deep Signal"
    assert latest["guideUrl"] == "https://guides.example/PSN/NPWR00008_00"
    assert data["node"] == {"id": "note-1"}


def test_a_reference_by_id_alone_finds_the_title_and_the_user(answers: Any) -> None:
    note = answers[0]["data"]["notes"][0]
    assert note["title"] == {
        "name": "Deep Signal",
        "source": "PSN",
        "nativeId": "NPWR00008_00",
        "guideUrl": "https://guides.example/PSN/NPWR00008_00",
    }
    assert note["author"]["displayName"] == "vega_north"
    assert len(note["author"]["accounts"]) == len(Source)


def test_only_our_subgraph_is_sent_the_key(answers: Any) -> None:
    assert KEY_HEADERS["authorization"] not in str(answers[0]["data"]["headers"])


def test_without_a_key_the_gateway_is_rejected(answers: Any) -> None:
    assert answers[1]["data"] in (None, {"viewer": None})
    assert "API key is required" in str(answers[1]["errors"]) or "401" in str(answers[1]["errors"])


def test_a_callers_own_credentials_are_forwarded(answers: Any) -> None:
    own = [{"source": "RETRO_ACHIEVEMENTS", "status": {"state": "OK"}}]
    assert answers[2] == {"data": {"viewer": {"accounts": own}}}


@pytest.fixture(scope="module")
def stored(ours: str, theirs: str) -> list[Any]:
    """Return what Hive's gateway stores of each query, by the annotated SDL and for one session."""
    sdl = print_sdl("--annotated", TROPHYCASE_NODE="off")
    requests = [
        {"query": query, "headers": KEY_HEADERS}
        for query in (NAME_QUERY, NAME_QUERY, RENAMED_QUERY, TITLES_QUERY, STATUS_QUERY)
    ]
    servers = {"sdl": sdl, "ours": ours, "theirs": theirs}
    answers = run_script("gateways.mjs", "storing", payload={**servers, "requests": requests})
    assert all(answer["data"] for answer in answers)
    return [answer["extensions"]["responseCache"] for answer in answers]


def test_a_gateway_stores_a_response_for_as_long_as_its_values_are_fresh(stored: list[Any]) -> None:
    first, again, renamed, titles, status = stored
    assert first == {"hit": False, "didCache": True, "ttl": 300_000}
    assert again == {"hit": True}
    assert renamed["ttl"] == 300_000
    assert titles["ttl"] == 60_000
    assert status == {"hit": False, "didCache": False}


def test_a_gateway_stores_nothing_without_a_session(theirs: str) -> None:
    sdl = print_sdl("--annotated", TROPHYCASE_NODE="off")
    requests: list[dict[str, Any]] = [
        {"query": query, "headers": {}} for query in (NAME_QUERY, RENAMED_QUERY, TITLES_QUERY)
    ]
    with start_server(TROPHYCASE_NODE="off") as ours:
        servers = {"sdl": sdl, "ours": ours, "theirs": theirs}
        answers = run_script("gateways.mjs", "storing", payload={**servers, "requests": requests})
    assert all(answer["data"] for answer in answers)
    found = [answer["extensions"]["responseCache"] for answer in answers]
    assert found == [{"hit": False, "didCache": False}] * len(requests)
