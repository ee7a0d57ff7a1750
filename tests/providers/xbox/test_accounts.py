"""Every spelling of a handle leads to the same account, and no malformed one to a call."""

import pytest

from tests.harness import NO_CACHE_HEADERS, RunningServer
from tests.providers.xbox.harness import (
    ACCOUNT,
    NEW,
    PRIVATE,
    PROFILES,
    SAM,
    SAM_HEADERS,
    UNKNOWN,
    VEGA,
    count_calls,
    fetch_account,
    fetch_user,
    get_nodes,
    query_user,
)

SEARCH = """query ($term: String!) { searchAccounts(source: XBOX, term: $term) {
  totalCount edges { node { handle displayName ... on XboxAccount { xuid gamerscore } } } } }"""


@pytest.mark.parametrize(
    "handle",
    [
        SAM,
        "Second Sam#4821",
        "second sam#4821",
        "SecondSam#4821",
        "Second Sam4821",
        "secondsam4821",
        " Second  Sam #4821 ",
    ],
)
def test_every_spelling_leads_to_the_same_account(server: RunningServer, handle: str) -> None:
    found = fetch_account(server, "id xuid nativeId handle displayName gamertag", handle)

    assert found["xuid"] == found["nativeId"] == SAM
    assert found["handle"] == "Second Sam#4821"
    assert (found["displayName"], found["gamertag"]) == ("Second Sam", "Second Sam4821")
    assert found["id"] == fetch_account(server, "id", SAM)["id"]


def test_me_is_the_owner_of_the_key(server: RunningServer) -> None:
    with count_calls(server) as calls:
        assert fetch_account(server, "xuid", "me") == {"xuid": VEGA}
    assert calls[ACCOUNT] == 1

    with count_calls(server) as calls:
        fetch_user(server, "totals { titles } displayName", "me")
    assert ACCOUNT not in calls


def test_me_is_the_caller_with_a_key_of_their_own(server: RunningServer) -> None:
    response = query_user(server, "accounts { ... on XboxAccount { xuid } }", "me", **SAM_HEADERS)

    assert response.data["user"]["accounts"] == [{"xuid": SAM}]


def test_the_viewer_of_a_callers_key_is_that_caller_alone(server: RunningServer) -> None:
    query = "{ viewer { accounts { source handle nativeId } } }"

    accounts = server.fetch_data(query, headers=SAM_HEADERS)["viewer"]["accounts"]

    assert accounts == [{"source": "XBOX", "handle": "Second Sam#4821", "nativeId": SAM}]


@pytest.mark.parametrize(
    "handle",
    [
        "",
        " ",
        "..",
        "a/b",
        "Ada#",
        "Ada#12x",
        "Ada#123456789",
        "Ada?gt=x",
        "Ada%2F",
        "x" * 21,
        "1" * 24,
        "Ada\n",
        "Ada\u202e",
        "#1234",
    ],
)
def test_a_malformed_handle_never_reaches_an_address(server: RunningServer, handle: str) -> None:
    response = query_user(server, "displayName", handle)

    assert response.error["code"] == "BAD_USER_INPUT"
    assert server.xbox.log == []


@pytest.mark.parametrize("handle", ["Nobody Here", "Second Sam", "Sam", "Second Sam#1", UNKNOWN])
def test_a_handle_that_nobody_has_is_not_found(server: RunningServer, handle: str) -> None:
    selection = """displayName accounts { status { state } }
      trophyTitles { edges { cursor } sources { state } } achievements { sources { state } }"""
    found = fetch_user(server, selection, handle)

    assert found["displayName"] is None
    assert found["accounts"] == [{"status": {"state": "NOT_FOUND"}}]
    assert found["trophyTitles"] == {"edges": [], "sources": [{"state": "NOT_FOUND"}]}
    assert found["achievements"] == {"sources": [{"state": "NOT_FOUND"}]}


def test_a_gamertag_is_looked_up_once_a_day(server: RunningServer) -> None:
    fetch_account(server, "xuid", "Second Sam#4821")

    with count_calls(server) as calls:
        fetch_account(server, "xuid displayName", "second sam4821")

    assert calls == {}


def test_a_gamertag_in_a_path_is_one_segment(server: RunningServer) -> None:
    fetch_account(server, "xuid", "Second Sam#4821")

    assert server.xbox.log[0].url.raw_path == b"/api/v2/search/Second%20Sam4821"


def test_letters_with_marks_are_part_of_a_gamertag(server: RunningServer) -> None:
    found = query_user(server, "displayName", "विजय")

    assert found.data == {"user": {"displayName": None}}
    assert len(server.xbox.log) >= 1


def test_an_id_contains_the_xuid_whatever_the_handle(server: RunningServer) -> None:
    selection = "id trophyTitles(first: 1) { edges { node { id } } }"

    assert fetch_user(server, selection, "vega north") == fetch_user(server, selection, VEGA)


def test_a_search_finds_parts_and_puts_an_exact_match_first(server: RunningServer) -> None:
    server.xbox.database.players[NEW].modern_gamertag = "Grey"

    def search(term: str) -> list[str]:
        found = server.fetch_data(SEARCH, {"term": term})["searchAccounts"]
        assert found["totalCount"] == len(found["edges"])
        return [edge["node"]["xuid"] for edge in found["edges"]]

    assert search("grey") == [NEW, PRIVATE]
    assert search("Second Sam#4821") == search("second") == search(SAM) == [SAM]
    assert search("nobody") == search("me") == search("a/b") == search(UNKNOWN) == []


def test_a_search_result_takes_no_further_call_for_its_name(server: RunningServer) -> None:
    server.fetch_data(SEARCH, {"term": "second"})

    with count_calls(server) as calls:
        found = fetch_account(server, "handle gamerscore", SAM)

    assert (found, calls) == ({"handle": "Second Sam#4821", "gamerscore": 85}, {})


def test_an_account_is_found_by_its_xuid_as_an_entity(server: RunningServer) -> None:
    query = """{ _entities(representations: [{ __typename: "XboxAccount", xuid: "%s" }]) {
      ... on XboxAccount { gamertag tier } } }"""

    with count_calls(server) as calls:
        found = server.fetch_data(query % SAM)["_entities"]

    assert found == [{"gamertag": "Second Sam4821", "tier": "Gold"}]
    assert calls == {PROFILES: 1}


def test_an_id_shows_the_first_account_after_its_gamertag_has_changed_hands(
    server: RunningServer,
) -> None:
    node = "query ($id: ID!) { node(id: $id) { ... on TrophyTitle { name earnedCount } } }"
    selection = "trophyTitles(first: 1) { edges { node { id name earnedCount } } }"
    (title,) = get_nodes(fetch_user(server, selection, "Second Sam#4821")["trophyTitles"])
    first, second = (server.xbox.database.players[xuid] for xuid in (SAM, NEW))
    first.modern_gamertag, second.modern_gamertag = "Old Sam", "Second Sam"
    first.suffix, second.suffix = "", "4821"

    found = server.execute(node, {"id": title.pop("id")}, NO_CACHE_HEADERS).data["node"]
    account = query_user(
        server,
        "accounts { ... on XboxAccount { xuid } }",
        "Second Sam#4821",
        **NO_CACHE_HEADERS,
    )

    assert found == title
    assert account.data["user"]["accounts"] == [{"xuid": NEW}]
