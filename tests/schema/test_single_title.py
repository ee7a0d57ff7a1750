"""One title of a user, with and without the list that contains its row."""

import pytest

from providers.psn.sandbox.constants import FRESH_ACCOUNT_ID
from tests.harness import PSN_VEGA, RETRO_VEGA, RunningServer

TITLE = 'trophyTitle(nativeId: "NPWR00001_00")'
LIST_PATH = "/trophyTitles"


def fetch_user(server: RunningServer, fields: str) -> dict[str, object]:
    query = f"query ($accounts: [AccountInput!]!) {{ user(accounts: $accounts) {{ {fields} }} }}"
    return server.fetch_data(query, {"accounts": PSN_VEGA})["user"]


def count_list_calls(server: RunningServer) -> int:
    return sum(count for path, count in server.psn.calls.items() if path.endswith(LIST_PATH))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fields", "calls"),
    [
        ("achievements { nativeId earned }", 0),
        ("name achievements(revealHidden: true) { name earned }", 0),
        ("progress earnedCount achievements(revealHidden: true) { name earned }", 0),
        ("name groups { name progress }", 0),
        ("name", 1),
        ("groups { name }", 1),
        ("achievements(revealHidden: true) { name }", 1),
        ("hiddenByOwner achievements { earned }", 1),
        ("name progress achievements { earned }", 1),
    ],
)
def test_the_list_is_read_only_for_what_the_title_lacks(
    server: RunningServer, fields: str, calls: int
) -> None:
    found = fetch_user(server, f"{TITLE} {{ {fields} }}")["trophyTitle"]
    assert count_list_calls(server) == calls
    alone = fetch_user(server, f"{TITLE} {{ hiddenByOwner {fields} }}")["trophyTitle"]
    assert isinstance(found, dict)
    assert isinstance(alone, dict)
    assert {**found, "hiddenByOwner": alone["hiddenByOwner"]} == alone


def test_a_list_in_the_same_operation_is_shared(server: RunningServer) -> None:
    listed = "trophyTitles(first: 5) { edges { node { achievements { earned } } } }"
    fetch_user(server, f"{listed} {TITLE} {{ achievements {{ earned }} }}")
    assert count_list_calls(server) == 1
    assert sum("NPWR00001_00" in path for path in server.psn.calls) == 1


def test_a_title_that_the_account_does_not_have_is_null(server: RunningServer) -> None:
    fields = f"a: {TITLE} {{ achievements {{ earned }} }} b: {TITLE} {{ name }}"
    query = f"""{{ user(accounts: [{{ source: PSN, handle: "{FRESH_ACCOUNT_ID}" }}])
        {{ {TITLE} {{ achievements {{ earned }} }} }} }}"""
    assert server.fetch_data(query) == {"user": {"trophyTitle": None}}
    assert count_list_calls(server) == 0
    query = query.replace(f"{TITLE} {{ achievements {{ earned }} }}", fields)
    assert server.fetch_data(query) == {"user": {"a": None, "b": None}}


def test_a_source_that_answers_for_any_player_is_asked_for_its_list(server: RunningServer) -> None:
    query = """query ($accounts: [AccountInput!]!) { user(accounts: $accounts) {
        trophyTitle(source: RETRO_ACHIEVEMENTS, nativeId: "999999") {
            achievements { earned } } } }"""
    data = server.fetch_data(query, {"accounts": RETRO_VEGA})
    assert data == {"user": {"trophyTitle": None}}
