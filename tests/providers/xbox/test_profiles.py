"""Profiles of many accounts in one call, presences and friends."""

from typing import Any

import pytest

from providers.xbox.sandbox.models import Player
from tests.harness import RunningServer
from tests.providers.xbox.harness import (
    CLOSED,
    NEW,
    PRIVATE,
    PROFILES,
    SAM,
    UNKNOWN,
    VEGA,
    count_calls,
    fetch_account,
    fetch_user,
    get_nodes,
    get_state,
    query_user,
)

FRIENDS = "friends(first: 100) { totalCount edges { node { %s } } sources { state } }"


def add_friends(server: RunningServer, count: int) -> None:
    database = server.xbox.database
    for number in range(count):
        xuid = str(2_535_400_000_001_000 + number)
        database.players[xuid] = Player(xuid, f"Friend {number}", state="Online")
        database.players[VEGA].friends.append(xuid)


def change_settings(server: RunningServer, xuid: str, **changes: Any) -> None:
    for name, value in changes.items():
        setattr(server.xbox.database.players[xuid], name, value)


def test_a_profile_has_what_its_owner_shows(server: RunningServer) -> None:
    selection = """xuid gamertag modernGamertag modernGamertagSuffix gamerscore tier tenureLevel
      reputation bio location profileUrl avatar { url }"""

    assert fetch_account(server, selection) == {
        "xuid": VEGA,
        "gamertag": "Vega North",
        "modernGamertag": "Vega North",
        "modernGamertagSuffix": None,
        "gamerscore": 3575,
        "tier": "Gold",
        "tenureLevel": 9,
        "reputation": "GoodPlayer",
        "bio": "Collects lamps.",
        "location": "Tromsø",
        "profileUrl": "https://www.xbox.com/play/user/Vega%20North",
        "avatar": {
            "url": f"https://images-eds.xboxlive.com/image?url={VEGA}&format=png",
        },
    }


def test_an_empty_setting_is_unknown(server: RunningServer) -> None:
    assert fetch_account(server, "bio location", SAM) == {"bio": None, "location": None}


def test_missing_and_malformed_settings_are_unknown(server: RunningServer) -> None:
    user = {"id": SAM, "settings": [{"id": "Gamerscore", "value": "many"}, {"id": "Bio"}, 7]}
    server.inject_fault("account/", status=200, body={"content": {"profileUsers": [user]}})

    found = fetch_account(
        server, "xuid handle displayName gamerscore bio profileUrl avatar { url }", SAM
    )

    assert found.pop("xuid") == found.pop("handle") == SAM
    assert set(found.values()) == {None}


def test_many_profiles_take_one_call_for_twenty(server: RunningServer) -> None:
    add_friends(server, 37)
    fetch_account(server, FRIENDS % "xuid", "me")

    with count_calls(server) as calls:
        found = fetch_account(server, FRIENDS % "displayName tier", "me")["friends"]

    assert calls == {PROFILES: 2}
    assert len(found["edges"]) == found["totalCount"] == 40
    assert {node["tier"] for node in get_nodes(found)} == {"Gold", "Silver"}


def test_a_batch_with_a_refused_id_is_divided(server: RunningServer) -> None:
    add_friends(server, 5)
    server.inject_fault(r"account/\d+,", status=400, body={"code": 400})

    found = fetch_account(server, FRIENDS % "displayName bio", "me")["friends"]

    assert {node["displayName"] for node in get_nodes(found)} >= {"Friend 0", "Friend 4"}


def test_profiles_are_loaded_alone_where_the_route_for_many_is_gone(server: RunningServer) -> None:
    add_friends(server, 17)
    fetch_account(server, FRIENDS % "xuid", "me")
    server.inject_fault("/account/", status=404, body={"code": "ERROR"})

    with count_calls(server) as calls:
        found = fetch_account(server, FRIENDS % "displayName bio tier", "me")["friends"]

    assert len({node["displayName"] for node in get_nodes(found)}) == 20
    # The batch and its first parts, then each account by its own route.
    assert calls == {PROFILES: 6, "player/summary/*": 20}


def test_a_missing_route_of_presences_is_a_failure_and_not_unknown_accounts(
    server: RunningServer,
) -> None:
    add_friends(server, 3)
    server.inject_fault("presence", status=404, body={"code": "ERROR"})
    query = "accounts { ... on XboxAccount { " + FRIENDS % "presence { onlineStatus }" + " } }"

    response = query_user(server, query)

    assert response.error_codes == {"UPSTREAM_BAD_RESPONSE"}
    assert fetch_account(server, "xuid", "me") == {"xuid": VEGA}


def test_the_names_of_friends_come_with_their_list(server: RunningServer) -> None:
    with count_calls(server) as calls:
        found = fetch_account(server, FRIENDS % "handle displayName gamerscore avatar { url }")

    assert calls == {"friends/*": 1}
    assert get_nodes(found["friends"])[0]["handle"] == "Second Sam#4821"
    assert get_state(found["friends"]) == "OK"


@pytest.mark.parametrize(
    ("handle", "state"), [(CLOSED, "PRIVATE"), (UNKNOWN, "NOT_FOUND"), (NEW, "OK")]
)
def test_the_state_of_a_list_of_friends(server: RunningServer, handle: str, state: str) -> None:
    found = fetch_account(server, FRIENDS % "xuid", handle)["friends"]

    assert (found["edges"], get_state(found)) == ([], state)


def test_presence_tells_what_is_played(server: RunningServer) -> None:
    selection = "presence { onlineStatus titleId titleName text }"

    assert fetch_account(server, selection)["presence"] == {
        "onlineStatus": "Online",
        "titleId": "1700000001",
        "titleName": "Skylark Station",
        "text": "On deck 3",
    }
    assert fetch_account(server, selection, NEW)["presence"] == {
        "onlineStatus": "Away",
        "titleId": None,
        "titleName": None,
        "text": None,
    }


def test_presences_of_friends_take_one_call_for_twenty(server: RunningServer) -> None:
    add_friends(server, 20)
    fetch_account(server, FRIENDS % "xuid", "me")

    with count_calls(server) as calls:
        found = fetch_account(server, FRIENDS % "presence { onlineStatus }", "me")["friends"]

    assert calls == {"*/presence": 2}
    assert all(node["presence"]["onlineStatus"] for node in get_nodes(found))


def test_a_presence_that_is_not_told_is_null(server: RunningServer) -> None:
    server.inject_fault("presence", status=200, body=[{"xuid": SAM, "state": "Online"}])

    assert fetch_account(server, "presence { onlineStatus }", PRIVATE) == {"presence": None}


def test_the_profile_of_an_unknown_account_is_not_found(server: RunningServer) -> None:
    found = fetch_user(server, "displayName accounts { status { state } }", UNKNOWN)

    assert found == {"displayName": None, "accounts": [{"status": {"state": "NOT_FOUND"}}]}


def test_a_profile_that_cannot_be_read_is_an_error(server: RunningServer) -> None:
    server.inject_fault("account", status=200, body={"content": {"nothing": []}, "code": 200})
    server.inject_fault("summary", status=200, body={"content": {"nothing": []}, "code": 200})

    response = query_user(server, "accounts { ... on XboxAccount { gamerscore } }", SAM)

    assert response.error_codes == {"UPSTREAM_BAD_RESPONSE"}


def test_totals_are_the_sources_own(server: RunningServer) -> None:
    with count_calls(server) as calls:
        found = fetch_user(server, "totals { titles earned points awards earnedCounts { gold } }")

    assert found["totals"] == [
        {"titles": 9, "earned": 50, "points": 3575, "awards": None, "earnedCounts": None}
    ]
    assert calls == {"achievements/player/*": 1, PROFILES: 1}


def test_totals_of_an_account_that_hides_its_titles(server: RunningServer) -> None:
    response = query_user(server, "totals { titles points }", PRIVATE)

    assert response.body["data"]["user"]["totals"] == [{"titles": None, "points": 5400}]
    assert response.error_codes == {"PRIVATE"}


def test_a_changed_profile_is_seen_with_no_cache(server: RunningServer) -> None:
    fetch_account(server, "bio", VEGA)
    change_settings(server, VEGA, bio="Sells lamps.")

    response = query_user(
        server, "accounts { ... on XboxAccount { bio } }", VEGA, **{"Cache-Control": "no-cache"}
    )

    assert response.data["user"]["accounts"] == [{"bio": "Sells lamps."}]
