"""Entities that a gateway requests by reference from the real server."""

import re
from typing import Any

import httpx
import pytest

from tests.conformance.processes import TIMEOUT_SECONDS

VIEWER_QUERY = """{ viewer {
  __typename id
  accounts { __typename id handle ... on PsnAccount { accountId } ... on SteamAccount { steamId }
    ... on XboxAccount { xuid } }
  trophyTitles(first: 1, sources: PSN) { edges { node { __typename id groups { __typename id } } } }
  achievements(first: 1) { edges { node { __typename id } } }
  awards(first: 1) { edges { node { __typename id } } }
  campaigns { __typename id }
} }"""
ENTITIES_QUERY = """query ($these: [_Any!]!) {
  _entities(representations: $these) { __typename ... on Node { id } }
}"""


def ask(address: str, text: str, **variables: Any) -> Any:
    sent = {"query": text, "variables": variables}
    return httpx.post(address, json=sent, timeout=TIMEOUT_SECONDS).json()


def query_entities(address: str, *representations: Any) -> Any:
    return ask(address, ENTITIES_QUERY, these=representations)


@pytest.fixture(scope="module")
def own(address: str) -> Any:
    answer = ask(address, VIEWER_QUERY)
    assert "errors" not in answer
    return answer["data"]["viewer"]


@pytest.fixture(scope="module")
def things(own: Any) -> list[dict[str, str]]:
    """Return one entity of every type, as its `__typename` and `id`."""
    title = own["trophyTitles"]["edges"][0]["node"]
    lists = (own["achievements"]["edges"], own["awards"]["edges"])
    found = [own, *own["accounts"], title, title["groups"][0], own["campaigns"][0]]
    found += [edges[0]["node"] for edges in lists]
    return [{"__typename": each["__typename"], "id": each["id"]} for each in found]


def test_every_type_of_entity_is_found_by_its_id(address: str, things: Any) -> None:
    answer = query_entities(address, *things)
    assert answer["data"]["_entities"] == things
    assert "errors" not in answer
    assert len({each["__typename"] for each in things}) == 11


def test_every_type_with_a_key_may_be_referred_to(address: str, subgraph_sdl: str) -> None:
    keyed = set(re.findall(r"^type (\w+) .*@key", subgraph_sdl, re.MULTILINE))
    union = ask(address, '{ __type(name: "_Entity") { possibleTypes { name } } }')
    assert {each["name"] for each in union["data"]["__type"]["possibleTypes"]} == keyed


def test_an_account_is_found_by_its_other_key(address: str, own: Any) -> None:
    keys = {"PsnAccount": "accountId", "RetroAchievementsAccount": "handle"}
    keys["TrophySoAccount"] = "handle"
    keys["SteamAccount"] = "steamId"
    keys["XboxAccount"] = "xuid"
    representations = [
        {"__typename": each["__typename"], keys[each["__typename"]]: each[keys[each["__typename"]]]}
        for each in own["accounts"]
    ]
    answer = query_entities(address, *representations)
    assert [each["id"] for each in answer["data"]["_entities"]] == [
        each["id"] for each in own["accounts"]
    ]


@pytest.mark.parametrize(
    "bad",
    [
        "User",
        1,
        [],
        {},
        {"__typename": "User"},
        {"__typename": "User", "id": None},
        {"__typename": "User", "id": 1},
        {"__typename": "User", "id": ["x"]},
        {"__typename": "User", "id": "x"},
        {"__typename": "User", "handle": "vega"},
        {"__typename": "Nothing", "id": "x"},
        {"__typename": "Query", "id": "x"},
        {"__typename": "PageInfo", "id": "x"},
        {"__typename": "Node", "id": "x"},
        {"__typename": ["User"], "id": "x"},
        {"__typename": "PsnAccount", "accountId": "not a number"},
        {"__typename": "TrophyTitle", "source": "PSN", "nativeId": "NPWR00001_00"},
    ],
    ids=repr,
)
def test_a_bad_reference_fails_alone(address: str, own: Any, bad: Any) -> None:
    good = {"__typename": "User", "id": own["id"]}
    answer = query_entities(address, good, bad, good)
    assert answer["data"]["_entities"] == [good, None, good]
    assert [error["path"] for error in answer["errors"]] == [["_entities", 1]]
    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


def test_the_id_of_another_type_is_rejected(address: str, own: Any) -> None:
    answer = query_entities(address, {"__typename": "TrophyTitle", "id": own["id"]})
    assert answer["data"]["_entities"] == [None]
    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


def test_references_are_resolved_in_one_batch(address: str) -> None:
    """Holds that ten titles of one account cost as many calls as its title list."""
    titles_query = "{ viewer { trophyTitles(first: 10, sources: PSN) { edges { node { id } } } } }"
    edges = ask(address, titles_query)["data"]["viewer"]["trophyTitles"]["edges"]
    representations = [{"__typename": "TrophyTitle", "id": edge["node"]["id"]} for edge in edges]
    answer = query_entities(address, *representations)
    assert answer["data"]["_entities"] == representations
    assert sum(answer["extensions"]["upstream"]["calls"].values()) <= 2
