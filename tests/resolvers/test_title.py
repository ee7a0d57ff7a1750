"""Titles by id, and hidden achievements, which are masked until they are earned or revealed."""

from typing import Any, cast

import pytest

from providers.psn.sandbox.constants import OWNER_ACCOUNT_ID
from tests.harness import NO_CACHE_HEADERS, PSN_VEGA, VEGA, RunningServer
from tests.schema.rejected_input import assert_rejected

FIELDS = """
    id nativeId hidden earned name description icon { url } reward { name }
    progress { current target }
"""
MASKED_FIELDS = ("name", "description", "icon", "reward", "progress")
# Two hidden trophies: one with a counter that is not full, and one without progress.
TROPHY_WITH_PROGRESS, TROPHY_WITHOUT_PROGRESS = ("NPWR00001_00", "2"), ("NPWR00002_00", "5")

TITLE_QUERY = """
query ($accounts: [AccountInput!]!, $title: ID!, $reveal: Boolean!) {
  user(accounts: $accounts) {
    trophyTitle(nativeId: $title) { achievements(revealHidden: $reveal) { %s } }
  }
}
"""
GROUPS_QUERY = """
query ($accounts: [AccountInput!]!, $title: ID!, $reveal: Boolean!) {
  user(accounts: $accounts) {
    trophyTitle(nativeId: $title) { groups { achievements(revealHidden: $reveal) { %s } } }
  }
}
"""
TIMELINE_QUERY = """
query ($accounts: [AccountInput!]!, $reveal: Boolean!) {
  user(accounts: $accounts) {
    achievements(first: 100, state: LOCKED, revealHidden: $reveal) { edges { node { %s } } }
  }
}
"""
DEFINITION_QUERY = """
query ($title: ID!, $reveal: Boolean!) {
  trophyTitle(nativeId: $title) { achievements(revealHidden: $reveal) { %s } }
}
"""
NODE_QUERY = "query ($id: ID!) { node(id: $id) { ... on Achievement { %s } } }"


def find_achievements(found: Any) -> list[Any]:
    """Return every achievement anywhere in a response."""
    if isinstance(found, dict) and "hidden" in found:
        return [cast("Any", found)]
    inner = cast("list[Any]", found) if isinstance(found, list) else []
    if isinstance(found, dict):
        inner = list(cast("dict[str, Any]", found).values())
    return [node for each in inner for node in find_achievements(each)]


def fetch_hidden(
    server: RunningServer, query: str, *, reveal: bool, title: str = TROPHY_WITH_PROGRESS[0]
) -> list[Any]:
    variables: dict[str, Any] = {"reveal": reveal}
    if "$accounts" in query:
        variables["accounts"] = PSN_VEGA
    if "$title" in query:
        variables["title"] = title
    nodes = find_achievements(server.fetch_data(query % FIELDS, variables, NO_CACHE_HEADERS))
    assert nodes
    return [node for node in nodes if node["hidden"]]


@pytest.mark.parametrize("query", [TITLE_QUERY, GROUPS_QUERY, TIMELINE_QUERY, DEFINITION_QUERY])
def test_a_locked_hidden_trophy_is_masked(server: RunningServer, query: str) -> None:
    hidden = fetch_hidden(server, query, reveal=False)

    for trophy in hidden:
        assert not trophy["earned"]
        assert {trophy[field_name] for field_name in MASKED_FIELDS} == {None}
    assert hidden


@pytest.mark.parametrize("query", [TITLE_QUERY, GROUPS_QUERY, TIMELINE_QUERY, DEFINITION_QUERY])
def test_a_hidden_trophy_is_revealed_on_request(server: RunningServer, query: str) -> None:
    hidden = fetch_hidden(server, query, reveal=True)

    for trophy in hidden:
        assert trophy["name"]
        assert trophy["description"]
        assert trophy["icon"]["url"]
    assert "Nine Lanterns" in [trophy["name"] for trophy in hidden]


@pytest.mark.parametrize("query", [TITLE_QUERY, GROUPS_QUERY])
def test_an_earned_hidden_trophy_is_revealed(server: RunningServer, query: str) -> None:
    server.psn.unlock(
        OWNER_ACCOUNT_ID,
        *TROPHY_WITH_PROGRESS[:1],
        int(TROPHY_WITH_PROGRESS[1]),
        "2026-11-10T10:00:00Z",
    )

    (trophy,) = fetch_hidden(server, query, reveal=False)

    assert trophy["earned"] is True
    assert (trophy["name"], trophy["description"]) == ("Nine Lanterns", "Light nine lanterns.")
    assert trophy["progress"] == {"current": 9, "target": 9}


def test_an_earned_hidden_trophy_has_its_name_on_the_timeline(server: RunningServer) -> None:
    query = TIMELINE_QUERY.replace("LOCKED", "EARNED")

    named = {trophy["name"] for trophy in fetch_hidden(server, query, reveal=False)}

    assert {"Behind the Falls", "It Answers"} <= named
    assert None not in named


def test_a_hidden_trophy_is_masked_as_a_node(server: RunningServer) -> None:
    (hidden,) = fetch_hidden(server, TITLE_QUERY, reveal=True)

    node = server.fetch_data(NODE_QUERY % FIELDS, {"id": hidden["id"]})["node"]

    assert {node[field_name] for field_name in MASKED_FIELDS} == {None}
    assert node["earned"] is False


def test_a_definition_is_masked_even_if_the_trophy_is_earned(server: RunningServer) -> None:
    trophies = fetch_hidden(
        server,
        TITLE_QUERY.replace("%s", "definitionId %s"),
        reveal=False,
        title=TROPHY_WITHOUT_PROGRESS[0],
    )
    (hidden,) = [trophy for trophy in trophies if trophy["nativeId"] == TROPHY_WITHOUT_PROGRESS[1]]
    assert hidden["name"] == "Behind the Falls"

    node = server.fetch_data(NODE_QUERY % FIELDS, {"id": hidden["definitionId"]})["node"]

    assert {node[field_name] for field_name in MASKED_FIELDS} == {None}
    assert node["earned"] is None


@pytest.mark.parametrize("field_name", MASKED_FIELDS)
def test_each_hidden_field_is_masked_when_selected_alone(
    server: RunningServer, field_name: str
) -> None:
    field = {"icon": "icon { url }", "reward": "reward { name }", "progress": "progress { target }"}
    query = TITLE_QUERY % f"nativeId {field.get(field_name, field_name)}"
    variables = {"accounts": PSN_VEGA, "title": TROPHY_WITH_PROGRESS[0], "reveal": False}

    trophies = server.fetch_data(query, variables)["user"]["trophyTitle"]["achievements"]

    assert [
        each[field_name] for each in trophies if each["nativeId"] == TROPHY_WITH_PROGRESS[1]
    ] == [None]


def test_points_and_rarity_are_not_masked(server: RunningServer) -> None:
    query = TITLE_QUERY % "hidden grade points { value } rarity { percent } group { nativeId }"
    variables = {"accounts": PSN_VEGA, "title": TROPHY_WITH_PROGRESS[0], "reveal": False}

    trophies = server.fetch_data(query, variables)["user"]["trophyTitle"]["achievements"]

    (hidden,) = [each for each in trophies if each["hidden"]]
    assert hidden == {
        "hidden": True,
        "grade": "BRONZE",
        "points": {"value": 15},
        "rarity": {"percent": 61.5},
        "group": {"nativeId": "default"},
    }


def test_an_alias_that_reveals_does_not_reveal_the_other(server: RunningServer) -> None:
    query = """
        query ($accounts: [AccountInput!]!) {
          user(accounts: $accounts) {
            trophyTitle(nativeId: "NPWR00001_00") {
              masked: achievements { nativeId name }
              revealed: achievements(revealHidden: true) { nativeId name }
            }
          }
        }
    """

    title = server.fetch_data(query, {"accounts": PSN_VEGA})["user"]["trophyTitle"]

    masked, revealed = (
        {each["nativeId"]: each["name"] for each in title[name]} for name in ("masked", "revealed")
    )
    assert masked[TROPHY_WITH_PROGRESS[1]] is None
    assert revealed[TROPHY_WITH_PROGRESS[1]] == "Nine Lanterns"
    assert {**masked, TROPHY_WITH_PROGRESS[1]: "Nine Lanterns"} == revealed


@pytest.mark.parametrize(
    ("source", "native_id"),
    [
        ("PSN", ""),
        ("PSN", "101"),
        ("PSN", "NPWR1_00"),
        ("PSN", "NPWR00001_00/.."),
        ("PSN", "npwr00001_00"),
        ("PSN", "NPWR00001_00\n"),
        ("RETRO_ACHIEVEMENTS", ""),
        ("RETRO_ACHIEVEMENTS", "0"),
        ("RETRO_ACHIEVEMENTS", "-1"),
        ("RETRO_ACHIEVEMENTS", "1.5"),
        ("RETRO_ACHIEVEMENTS", "²"),
        ("RETRO_ACHIEVEMENTS", "NPWR00001_00"),
        ("RETRO_ACHIEVEMENTS", "1" * 11),
    ],
)
@pytest.mark.parametrize("is_of_player", [False, True])
def test_an_invalid_title_id_is_rejected(
    server: RunningServer, source: str, native_id: str, is_of_player: bool
) -> None:
    field = "trophyTitle(source: $source, nativeId: $id) { name }"
    query = f"query ($source: Source!, $id: ID!) {{ {field} }}"
    if is_of_player:
        query = f"""query ($source: Source!, $id: ID!, $accounts: [AccountInput!]!) {{
          user(accounts: $accounts) {{ {field} }} }}"""
    accounts: dict[str, Any] = {"accounts": VEGA} if is_of_player else {}
    variables = {"source": source, "id": native_id, **accounts}

    assert_rejected(server, server.execute(query, variables), "nativeId")


def test_a_source_without_titles_is_rejected(server: RunningServer) -> None:
    answer = server.execute('{ trophyTitle(source: TROPHY_SO, nativeId: "1") { name } }')

    assert_rejected(server, answer, "source")
