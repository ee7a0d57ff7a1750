"""The route `/export`."""

from typing import Any

import httpx
import pytest

from providers.registry import Source
from server.middleware.request_guard import ResponseAborted
from tests.harness import RunningServer, run_server
from tests.server.caller_headers import SECOND_ON_RETRO
from tests.server.export.exported import parse_csv, parse_json_lines

ALL_SOURCES = {source.name for source in Source}
KEYS = "reader:reader-key-000001:read,site:public-key-000001:public,meter:metrics-key-00001:metrics"
GRAPH_QUERY = """
query Titles($after: String) {
  viewer {
    trophyTitles(first: 20, after: $after) {
      edges { node {
        source nativeId name
        achievements { nativeId name description earned earnedAt hidden points { value } }
      } }
      pageInfo { hasNextPage endCursor }
    }
    achievements(first: 100, sources: [TROPHY_SO], state: ALL) {
      edges { node { nativeId name description earned earnedAt hidden points { value } } }
    }
  }
}
"""


def export(server: RunningServer, parameters: str = "", **options: Any) -> httpx.Response:
    """Request an export."""
    return server.request("GET", f"/export{parameters}", **options)


def authorize(key: str) -> dict[str, str]:
    """Return the header of a key."""
    return {"Authorization": f"Bearer {key}"}


def fetch_achievements_of_graph(server: RunningServer) -> dict[tuple[str, str | None, str], Any]:
    """Return the achievements of the viewer as the graph shows them."""
    found: dict[tuple[str, str | None, str], Any] = {}
    after = None
    while True:
        viewer = server.fetch_data(GRAPH_QUERY, {"after": after})["viewer"]
        for title in (edge["node"] for edge in viewer["trophyTitles"]["edges"]):
            for each in title["achievements"] or ():
                found[title["source"], title["nativeId"], each["nativeId"]] = each
        page = viewer["trophyTitles"]["pageInfo"]
        after = page["endCursor"]
        if not page["hasNextPage"]:
            break
    for each in (edge["node"] for edge in viewer["achievements"]["edges"]):
        found["TROPHY_SO", None, each["nativeId"]] = each
    return found


@pytest.mark.slow
def test_an_export_has_what_the_graph_shows() -> None:
    with run_server() as server:
        rows = parse_json_lines(export(server).text)
        graph = fetch_achievements_of_graph(server)

    exported = {
        (row["source"], row["titleId"], row["achievementId"]): row
        for row in rows
        if row["achievementId"]
    }
    assert exported.keys() == graph.keys()
    for key, each in graph.items():
        names = ("name", "description", "earned", "earnedAt", "hidden")
        assert [exported[key][name] for name in names] == [each[name] for name in names]
        assert exported[key]["points"] == (each["points"] and each["points"]["value"])


@pytest.mark.slow
def test_both_formats_have_the_same_rows() -> None:
    with run_server() as server:
        as_json = parse_json_lines(export(server).text)
        response = export(server, "?format=csv")
        as_csv = parse_csv(response.text)

    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert {row["source"] for row in as_csv} == ALL_SOURCES
    assert [row["name"] for row in as_csv] == [row["name"] or "" for row in as_json]
    assert [row["earned"] for row in as_csv] == [
        {True: "true", False: "false", None: ""}[row["earned"]] for row in as_json
    ]


def test_named_accounts_are_exported() -> None:
    with run_server() as server:
        text = export(server, "?account=RETRO_ACHIEVEMENTS:SecondSam&account=trophy-so:vega").text

    accounts = {(row["source"], row["account"]) for row in parse_json_lines(text)}
    assert accounts == {("RETRO_ACHIEVEMENTS", "SecondSam"), ("TROPHY_SO", "vega")}


@pytest.mark.parametrize(
    "parameters",
    ["?format=xml", "?account=PSN", "?account=NOTHING:me", "?account=PSN:", "?account=PSN:a%00b"],
)
def test_a_wrong_parameter_is_named(parameters: str) -> None:
    with run_server() as server:
        response = export(server, parameters)

    (error,) = response.json()["errors"]
    assert (response.status_code, error["extensions"]["code"]) == (400, "BAD_USER_INPUT")
    assert parameters[1:7] in error["message"] or "handle" in error["message"]


@pytest.mark.parametrize(
    ("key", "status"),
    [
        ("reader-key-000001", 200),
        ("public-key-000001", 403),
        ("metrics-key-00001", 403),
        ("some-other-key-001", 401),
        (None, 401),
    ],
)
def test_an_export_needs_a_key_that_may_read(key: str | None, status: int) -> None:
    with run_server(TROPHYCASE_API_KEYS=KEYS) as server:
        response = export(
            server, "?account=TROPHY_SO:vega", headers=authorize(key) if key else None
        )

    assert response.status_code == status


def test_an_account_that_does_not_exist_is_an_error() -> None:
    with run_server() as server:
        response = export(server, "?account=RETRO_ACHIEVEMENTS:Nobody")

    (error,) = response.json()["errors"]
    assert error["extensions"]["code"] == "NOT_FOUND"
    assert response.status_code == 404


def test_a_caller_with_credentials_exports_their_own_accounts() -> None:
    with run_server() as server:
        rows = parse_json_lines(export(server, headers=SECOND_ON_RETRO).text)

    assert {row["source"] for row in rows} == {"RETRO_ACHIEVEMENTS"}


def test_an_export_waits_for_the_rate_of_the_source() -> None:
    with run_server(RETROACHIEVEMENTS_RATE="2/60") as server:
        before = server.clock.now
        rows = parse_json_lines(export(server, "?account=RETRO_ACHIEVEMENTS:VegaNorth").text)
        calls = server.count_upstream_calls()["RETRO_ACHIEVEMENTS"]
        seconds = server.clock.now - before

    assert rows
    assert seconds >= (calls // 2 - 1) * 60


@pytest.mark.slow
@pytest.mark.parametrize(("number", "is_first"), [(0, True), (-1, False)])
def test_an_export_that_cannot_be_finished_is_no_short_export(number: int, is_first: bool) -> None:
    path = "?account=RETRO_ACHIEVEMENTS:VegaNorth"
    with run_server() as server:
        titles = [row["titleId"] for row in parse_json_lines(export(server, path).text)]

    with run_server() as server:
        server.inject_fault(f"API_GetGameInfoAndUserProgress.*g={titles[number]}&", status=500)
        if is_first:
            assert export(server, path).status_code == 502
        else:
            with pytest.raises(ResponseAborted):
                export(server, path)
