"""Every spelling of a handle leads to the same account, and no malformed one to a call."""

import pytest

from tests.harness import RunningServer
from tests.providers.steam.harness import (
    SAM_HEADERS,
    UNKNOWN,
    VEGA,
    count_calls,
    fetch_account,
    fetch_user,
    query_user,
)


@pytest.mark.parametrize(
    "handle",
    [
        VEGA,
        "vega_north",
        "VEGA_North",
        "me",
        f"https://steamcommunity.com/profiles/{VEGA}",
        f"http://www.steamcommunity.com/profiles/{VEGA}/games/?tab=all",
        "steamcommunity.com/id/vega_north/",
        "https://steamcommunity.com/id/Vega_North",
    ],
)
def test_every_spelling_leads_to_the_same_account(server: RunningServer, handle: str) -> None:
    found = fetch_account(server, "id steamId nativeId handle displayName", handle)

    assert found["steamId"] == found["nativeId"] == VEGA
    assert found["handle"] == "vega_north"
    assert found["displayName"] == "Vega North"
    assert found["id"] == fetch_account(server, "id")["id"]


@pytest.mark.parametrize(
    ("handle", "steam_id"),
    [
        ("[U:1:1]", "76561197960265729"),
        ("U:1:22", "76561197960265750"),
        ("STEAM_0:1:10", "76561197960265749"),
        ("STEAM_1:0:10", "76561197960265748"),
    ],
)
def test_the_older_spellings_are_computed(
    server: RunningServer, handle: str, steam_id: str
) -> None:
    fetch_account(server, "status { state } displayName", handle)

    (request,) = server.steam.log
    assert request.url.params["steamids"] == steam_id


@pytest.mark.parametrize(
    "handle",
    [
        "",
        "a",
        "a b",
        "x" * 33,
        "../GetFriendList",
        "name&steamids=1",
        "name%26",
        "é" * 5,
        "https://steamcommunity.com/groups/valve",
        "https://example.org/id/vega_north",
        "[U:1:0]",
        "U:1:4294967296",
        "STEAM_0:2:1",
    ],
)
def test_a_malformed_handle_never_reaches_an_address(server: RunningServer, handle: str) -> None:
    response = query_user(server, "displayName", handle)

    assert response.error["code"] == "BAD_USER_INPUT"
    assert server.steam.log == []


@pytest.mark.parametrize("handle", ["nobody_here", UNKNOWN, "12345678901234567"])
def test_a_handle_that_nobody_has_is_not_found(server: RunningServer, handle: str) -> None:
    selection = """displayName accounts { status { state } }
      trophyTitles { edges { cursor } sources { state } } achievements { sources { state } }"""
    found = fetch_user(server, selection, handle)

    assert found["displayName"] is None
    assert found["accounts"] == [{"status": {"state": "NOT_FOUND"}}]
    assert found["trophyTitles"] == {"edges": [], "sources": [{"state": "NOT_FOUND"}]}
    assert found["achievements"] == {"sources": [{"state": "NOT_FOUND"}]}


def test_a_vanity_name_is_looked_up_once_a_day(server: RunningServer) -> None:
    fetch_account(server, "level", "vega_north")

    with count_calls(server) as calls:
        fetch_account(server, "level displayName", "Vega_North")

    assert calls == {"GetPlayerSummaries": 1}


def test_an_id_contains_the_steam_id_whatever_the_handle(server: RunningServer) -> None:
    by_name = fetch_user(
        server, "id trophyTitles(first: 1) { edges { node { id } } }", "vega_north"
    )
    by_id = fetch_user(server, "id trophyTitles(first: 1) { edges { node { id } } }", VEGA)

    assert by_name == by_id


def test_me_is_the_caller_with_credentials_of_their_own(server: RunningServer) -> None:
    (account,) = query_user(
        server, "accounts { ... on SteamAccount { steamId } }", "me", **SAM_HEADERS
    ).data["user"]["accounts"]

    assert account == {"steamId": "76561190000000002"}


def test_callers_with_one_key_and_different_ids_get_their_own_stored_responses(
    server: RunningServer,
) -> None:
    def fetch_own_name(own_id: str) -> str:
        headers = {**SAM_HEADERS, "x-steam-id": own_id}
        return server.fetch_data("{ viewer { displayName } }", headers=headers)["viewer"][
            "displayName"
        ]

    names = [[fetch_own_name(each) for each in ("second_sam", VEGA)] for _ in range(3)]

    assert names == [["Second Sam", "Vega North"]] * 3


def test_an_account_is_found_by_its_exact_name_alone(server: RunningServer) -> None:
    query = """query ($term: String!) { searchAccounts(source: STEAM, term: $term) {
      totalCount edges { node { handle displayName ... on SteamAccount { steamId } } } } }"""

    def search(term: str) -> list[str]:
        found = server.fetch_data(query, {"term": term})["searchAccounts"]
        assert found["totalCount"] == len(found["edges"])
        return [edge["node"]["steamId"] for edge in found["edges"]]

    assert search("second_sam") == search("76561190000000002") == ["76561190000000002"]
    assert search("second") == search("Second Sam") == search("me") == []
