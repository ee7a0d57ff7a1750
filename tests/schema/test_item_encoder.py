"""Items of lists that are encoded as soon as they are complete."""

from datetime import datetime
from typing import Any

import msgspec
import pytest

from schema.federated_schema import FederatedSchema
from schema.item_encoder import ItemEncoder
from server.response_encoding import MAX_RESPONSE_BYTES
from tests.harness import VEGA, RunningServer

TITLES = """
query ($accounts: [AccountInput!]!) {
  user(accounts: $accounts) {
    trophyTitles(first: 3) { edges { cursor node { name platforms groups { name } } } }
  }
}
"""
ONE_TITLE = """
query ($accounts: [AccountInput!]!) {
  user(accounts: $accounts) { trophyTitle(nativeId: "NPWR00001_00") { source lastUpdatedAt } }
}
"""
REPEATED = TITLES.replace("groups { name }", "groups { name } again: groups { name }")


@pytest.fixture
def results(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Return what operations will return, before the response is encoded."""
    found: list[Any] = []
    original = FederatedSchema.run

    async def run(*arguments: Any) -> Any:
        result = await original(*arguments)
        found.append(result.data)
        return result

    monkeypatch.setattr(FederatedSchema, "run", run)
    return found


def fetch_edges(server: RunningServer, query: str, results: list[Any]) -> tuple[list[Any], Any]:
    """Return the edges of the result, and of the response."""
    response = server.fetch_data(query, {"accounts": VEGA[:1]})
    return results[-1]["user"]["trophyTitles"]["edges"], response["user"]["trophyTitles"]["edges"]


def test_no_objects_of_a_list_are_left_when_a_response_is_encoded(
    server: RunningServer, results: list[Any]
) -> None:
    edges, expected = fetch_edges(server, TITLES, results)
    assert len(edges) == 3
    assert all(isinstance(each, msgspec.Raw) for each in edges)
    assert [msgspec.json.decode(each) for each in edges] == expected


def test_items_in_which_fields_share_a_value_are_not_encoded_one_by_one(
    server: RunningServer, results: list[Any]
) -> None:
    edges, expected = fetch_edges(server, REPEATED, results)
    assert edges == expected


def test_times_are_left_to_the_encoder(server: RunningServer, results: list[Any]) -> None:
    response = server.fetch_data(ONE_TITLE, {"accounts": VEGA[:1]})["user"]["trophyTitle"]
    source, time = results[-1]["user"]["trophyTitle"].values()
    assert source == "PSN"
    assert isinstance(time, datetime)
    assert response == {"source": "PSN", "lastUpdatedAt": time.isoformat()[:-6] + "Z"}


def test_a_response_that_is_too_large_is_not_encoded_any_further() -> None:
    encoder, item = ItemEncoder(100), {"text": "x" * 60}
    assert encoder.encode(item) == msgspec.Raw(msgspec.json.encode(item))
    items = [item, item, item]
    assert encoder.encode_list(items) is items
    assert encoder.encode(item) is item


def test_a_list_is_encoded_as_a_whole() -> None:
    encoder = ItemEncoder(MAX_RESPONSE_BYTES)
    items: list[Any] = [{"a": None}, None, "b", [1]]
    for each in (items, items[:1], []):
        assert encoder.encode_list(each) == msgspec.Raw(msgspec.json.encode(each))
