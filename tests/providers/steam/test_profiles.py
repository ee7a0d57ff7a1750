"""Profiles, presences and levels; what is hidden is null, and never a guess."""

import pytest

from tests.harness import RunningServer
from tests.providers.steam.harness import (
    HIDDEN_GAMES,
    NEW,
    PRIVATE,
    SAM,
    UNKNOWN,
    count_calls,
    fetch_account,
    get_nodes,
    get_state,
)

PROFILE = """handle displayName avatar { url } profileUrl isPublic country createdAt level
  status { state } presence { onlineStatus appId titleName lastOnlineAt }"""


def test_a_public_profile_has_everything(server: RunningServer) -> None:
    found = fetch_account(server, PROFILE)

    assert found["avatar"]["url"].endswith("_full.jpg")
    assert found == {
        "handle": "vega_north",
        "displayName": "Vega North",
        "avatar": found["avatar"],
        "profileUrl": "https://steamcommunity.com/id/vega_north/",
        "isPublic": True,
        "country": "NO",
        "createdAt": "2008-01-01T15:06:40Z",
        "level": 23,
        "status": {"state": "OK"},
        "presence": {
            "onlineStatus": "online",
            "appId": "4010",
            "titleName": "Harbor Lights",
            "lastOnlineAt": "2026-10-14T17:46:40Z",
        },
    }


def test_a_private_profile_exists_and_hides_the_rest(server: RunningServer) -> None:
    found = fetch_account(server, PROFILE, PRIVATE)

    assert found["status"] == {"state": "OK"}
    assert (found["displayName"], found["isPublic"], found["handle"]) == ("Shade", False, PRIVATE)
    assert found["level"] is found["country"] is found["createdAt"] is None
    assert found["presence"] == {
        "onlineStatus": "offline",
        "appId": None,
        "titleName": None,
        "lastOnlineAt": None,
    }


def test_a_profile_and_a_presence_share_one_call(server: RunningServer) -> None:
    with count_calls(server) as calls:
        fetch_account(server, "displayName presence { onlineStatus }")

    assert calls == {"GetPlayerSummaries": 1}


@pytest.mark.slow
def test_friends_are_loaded_a_hundred_to_a_call(server: RunningServer) -> None:
    vega = server.steam.database.players["76561190000000001"]
    for number in range(180):
        vega.friends[str(76_561_190_000_001_000 + number)] = 0
    selection = """friends(first: 100) { totalCount
      edges { node { steamId displayName presence { onlineStatus } } } sources { state } }"""

    with count_calls(server) as calls:
        friends = fetch_account(server, selection)["friends"]

    assert friends["totalCount"] == 184
    assert len(friends["edges"]) == 100
    assert get_state(friends) == "OK"
    assert calls == {"GetFriendList": 1, "GetPlayerSummaries": 1}


def test_a_friend_without_a_profile_spoils_only_themselves(server: RunningServer) -> None:
    friends = fetch_account(
        server, "friends { edges { node { steamId displayName status { state } } } }"
    )["friends"]

    found = {node["steamId"]: node for node in get_nodes(friends)}
    assert found[SAM]["displayName"] == "Second Sam"
    assert found[UNKNOWN] == {
        "steamId": UNKNOWN,
        "displayName": None,
        "status": {"state": "NOT_FOUND"},
    }


def test_hidden_friends_are_told_from_none(server: RunningServer) -> None:
    selection = "friends { totalCount edges { cursor } sources { state } }"

    hidden = fetch_account(server, selection, SAM)["friends"]
    none = fetch_account(server, selection, NEW)["friends"]

    assert (hidden["edges"], get_state(hidden)) == ([], "PRIVATE")
    assert none == {"totalCount": 0, "edges": [], "sources": [{"state": "OK"}]}


def test_hidden_games_are_told_from_none(server: RunningServer) -> None:
    selection = "playedGames { totalCount edges { cursor } sources { state } }"

    hidden = fetch_account(server, selection, HIDDEN_GAMES)["playedGames"]
    none = fetch_account(server, selection, NEW)["playedGames"]

    assert (hidden["edges"], get_state(hidden)) == ([], "PRIVATE")
    assert none == {"totalCount": 0, "edges": [], "sources": [{"state": "OK"}]}


def test_played_games_lead_to_their_titles(server: RunningServer) -> None:
    selection = """playedGames(first: 100) { totalCount edges { node { appId name image { url }
      playDurationSeconds recentPlayDurationSeconds lastPlayedAt
      trophyTitle { nativeId earnedCount } } } }"""

    with count_calls(server) as calls:
        games = {
            node["appId"]: node
            for node in get_nodes(fetch_account(server, selection)["playedGames"])
        }

    assert games["4010"]["trophyTitle"] == {"nativeId": "4010", "earnedCount": 5}
    assert games["4010"]["playDurationSeconds"] == 2140 * 60
    assert games["4010"]["recentPlayDurationSeconds"] == 310 * 60
    assert games["4010"]["lastPlayedAt"] == "2026-10-14T21:30:00Z"
    assert games["4950"]["lastPlayedAt"] is None
    assert games["4900"]["trophyTitle"] is None
    assert games["4900"]["image"] is None
    assert "4120" not in games
    assert calls["GetOwnedGames"] == calls["GetTopAchievementsForGames"] == 1
