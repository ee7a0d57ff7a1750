"""A hidden trophy keeps its secret until it is earned, or until somebody asks for it."""

from typing import Any, cast

import pytest

from providers.psn.sandbox.world import OWNER_ACCOUNT_ID
from tests.asking import FRESH, PSN_VEGA, Server

FIELDS = """
    id nativeId hidden earned name description icon { url } reward { name }
    progress { current target }
"""
SECRETS = ("name", "description", "icon", "reward", "progress")
# Both of them hidden: one with a counter that is not yet full, and one nobody has begun.
COUNTED, PLAIN = ("NPWR00001_00", "2"), ("NPWR00002_00", "5")

OF_TITLE = """
query ($accounts: [AccountInput!]!, $title: ID!, $reveal: Boolean!) {
  user(accounts: $accounts) {
    trophyTitle(nativeId: $title) { achievements(revealHidden: $reveal) { %s } }
  }
}
"""
OF_GROUPS = """
query ($accounts: [AccountInput!]!, $title: ID!, $reveal: Boolean!) {
  user(accounts: $accounts) {
    trophyTitle(nativeId: $title) { groups { achievements(revealHidden: $reveal) { %s } } }
  }
}
"""
ON_TIMELINE = """
query ($accounts: [AccountInput!]!, $reveal: Boolean!) {
  user(accounts: $accounts) {
    achievements(first: 100, state: LOCKED, revealHidden: $reveal) { edges { node { %s } } }
  }
}
"""
BARE = """
query ($title: ID!, $reveal: Boolean!) {
  trophyTitle(nativeId: $title) { achievements(revealHidden: $reveal) { %s } }
}
"""
NODE = "query ($id: ID!) { node(id: $id) { ... on Achievement { %s } } }"


def nodes_in(found: Any) -> list[Any]:
    """Every achievement somewhere in an answer."""
    if isinstance(found, dict) and "hidden" in found:
        return [cast("Any", found)]
    inner = cast("list[Any]", found) if isinstance(found, list) else []
    if isinstance(found, dict):
        inner = list(cast("dict[str, Any]", found).values())
    return [node for each in inner for node in nodes_in(each)]


def hidden_ones(server: Server, query: str, *, reveal: bool, title: str = COUNTED[0]) -> list[Any]:
    variables: dict[str, Any] = {"reveal": reveal}
    if "$accounts" in query:
        variables["accounts"] = PSN_VEGA
    if "$title" in query:
        variables["title"] = title
    nodes = nodes_in(server.data(query % FIELDS, variables, FRESH))
    assert nodes
    return [node for node in nodes if node["hidden"]]


@pytest.mark.parametrize("query", [OF_TITLE, OF_GROUPS, ON_TIMELINE, BARE])
def test_a_hidden_trophy_that_is_locked_keeps_its_secret(server: Server, query: str) -> None:
    hidden = hidden_ones(server, query, reveal=False)

    for trophy in hidden:
        assert not trophy["earned"]
        assert {trophy[secret] for secret in SECRETS} == {None}
    assert hidden


@pytest.mark.parametrize("query", [OF_TITLE, OF_GROUPS, ON_TIMELINE, BARE])
def test_a_hidden_trophy_is_named_when_that_is_asked_for(server: Server, query: str) -> None:
    hidden = hidden_ones(server, query, reveal=True)

    for trophy in hidden:
        assert trophy["name"]
        assert trophy["description"]
        assert trophy["icon"]["url"]
    assert "Nine Lanterns" in [trophy["name"] for trophy in hidden]


@pytest.mark.parametrize("query", [OF_TITLE, OF_GROUPS])
def test_a_hidden_trophy_is_named_once_it_is_earned(server: Server, query: str) -> None:
    server.psn.unlock(OWNER_ACCOUNT_ID, *COUNTED[:1], int(COUNTED[1]), "2026-11-10T10:00:00Z")

    (trophy,) = hidden_ones(server, query, reveal=False)

    assert trophy["earned"] is True
    assert (trophy["name"], trophy["description"]) == ("Nine Lanterns", "Light nine lanterns.")
    assert trophy["progress"] == {"current": 9, "target": 9}


def test_an_earned_hidden_trophy_has_its_name_on_the_timeline(server: Server) -> None:
    query = ON_TIMELINE.replace("LOCKED", "EARNED")

    named = {trophy["name"] for trophy in hidden_ones(server, query, reveal=False)}

    assert {"Behind the Falls", "It Answers"} <= named
    assert None not in named


def test_a_node_keeps_the_secret_as_well(server: Server) -> None:
    (hidden,) = hidden_ones(server, OF_TITLE, reveal=True)

    node = server.data(NODE % FIELDS, {"id": hidden["id"]})["node"]

    assert {node[secret] for secret in SECRETS} == {None}
    assert node["earned"] is False


def test_a_definition_keeps_the_secret_even_of_a_trophy_that_somebody_has(server: Server) -> None:
    trophies = hidden_ones(
        server, OF_TITLE.replace("%s", "definitionId %s"), reveal=False, title=PLAIN[0]
    )
    (hidden,) = [trophy for trophy in trophies if trophy["nativeId"] == PLAIN[1]]
    assert hidden["name"] == "Behind the Falls"

    node = server.data(NODE % FIELDS, {"id": hidden["definitionId"]})["node"]

    assert {node[secret] for secret in SECRETS} == {None}
    assert node["earned"] is None


@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_is_kept_whichever_field_is_asked_for_alone(server: Server, secret: str) -> None:
    field = {"icon": "icon { url }", "reward": "reward { name }", "progress": "progress { target }"}
    query = OF_TITLE % f"nativeId {field.get(secret, secret)}"
    variables = {"accounts": PSN_VEGA, "title": COUNTED[0], "reveal": False}

    trophies = server.data(query, variables)["user"]["trophyTitle"]["achievements"]

    assert [each[secret] for each in trophies if each["nativeId"] == COUNTED[1]] == [None]


def test_what_is_worth_and_how_rare_is_no_secret(server: Server) -> None:
    query = OF_TITLE % "hidden grade points { value } rarity { percent } group { nativeId }"
    variables = {"accounts": PSN_VEGA, "title": COUNTED[0], "reveal": False}

    trophies = server.data(query, variables)["user"]["trophyTitle"]["achievements"]

    (hidden,) = [each for each in trophies if each["hidden"]]
    assert hidden == {
        "hidden": True,
        "grade": "BRONZE",
        "points": {"value": 15},
        "rarity": {"percent": 61.5},
        "group": {"nativeId": "default"},
    }


def test_an_alias_that_reveals_does_not_reveal_the_other(server: Server) -> None:
    query = """
        query ($accounts: [AccountInput!]!) {
          user(accounts: $accounts) {
            trophyTitle(nativeId: "NPWR00001_00") {
              kept: achievements { nativeId name }
              told: achievements(revealHidden: true) { nativeId name }
            }
          }
        }
    """

    title = server.data(query, {"accounts": PSN_VEGA})["user"]["trophyTitle"]

    kept, told = (
        {each["nativeId"]: each["name"] for each in title[name]} for name in ("kept", "told")
    )
    assert kept[COUNTED[1]] is None
    assert told[COUNTED[1]] == "Nine Lanterns"
    assert {**kept, COUNTED[1]: "Nine Lanterns"} == told
