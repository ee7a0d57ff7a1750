"""Malformed upstream data affects only the field or the item that it belongs to."""

from typing import Any

import pytest

from providers.psn.sandbox.constants import OWNER_ACCOUNT_ID
from tests.harness import PSN_VEGA, RETRO_VEGA, TROPHY_VEGA, RunningServer

PSN_LIST = "trophyTitles\\?"
PSN_TITLE = {
    "npServiceName": "trophy2",
    "npCommunicationId": "NPWR00001_00",
    "trophyTitleName": "Sample Quest",
    "trophySetVersion": "01.02",
    "progress": 40,
    "definedTrophies": {"bronze": 4, "silver": 2, "gold": 1, "platinum": 1},
    "earnedTrophies": {"bronze": 2, "silver": 0, "gold": 1, "platinum": 0},
    "lastUpdatedDateTime": "2026-05-04T03:02:01Z",
}
RETRO_TITLE = {
    "GameID": 101,
    "Title": "Lantern Keep",
    "MaxPossible": 8,
    "NumAwarded": 8,
    "NumAwardedHardcore": 8,
    "MostRecentAwardedDate": "2024-02-12T13:05:11+00:00",
}
TITLES_QUERY = """
query ($accounts: [AccountInput!]!) {
  user(accounts: $accounts) {
    trophyTitles {
      edges { node {
        nativeId name icon { url } platforms progress earnedCounts { total }
        definedCounts { total } achievementCount earnedCount lastUpdatedAt
      } }
      sources { state }
    }
  }
}
"""
UNTITLED_QUERY = """
query ($accounts: [AccountInput!]!) {
  user(accounts: $accounts) {
    achievements(first: 100, state: ALL) {
      edges { node {
        nativeId name description icon { url } earned earnedAt rarity { percent earners }
        progress { current target } trigger userAttributes { key value }
      } }
      sources { state }
    }
  }
}
"""


def fetch_rows(server: RunningServer, accounts: list[dict[str, str]]) -> list[Any]:
    found = server.fetch_data(TITLES_QUERY, {"accounts": accounts})["user"]["trophyTitles"]
    assert {status["state"] for status in found["sources"]} == {"OK"}
    return [edge["node"] for edge in found["edges"]]


def fetch_psn_titles(server: RunningServer, *titles: Any) -> list[Any]:
    body = {"trophyTitles": list(titles), "totalItemCount": len(titles)}
    server.inject_fault(PSN_LIST, status=200, body=body)
    return fetch_rows(server, PSN_VEGA)


def fetch_retro_titles(server: RunningServer, *titles: Any) -> list[Any]:
    body = {"Count": len(titles), "Total": len(titles), "Results": list(titles)}
    server.inject_fault("GetUserCompletionProgress", status=200, body=body)
    return fetch_rows(server, RETRO_VEGA)


def fetch_untitled(server: RunningServer, *achievements: Any) -> list[Any]:
    server.inject_fault("/achievements", status=200, body=list(achievements))
    found = server.fetch_data(UNTITLED_QUERY, {"accounts": TROPHY_VEGA})["user"]["achievements"]
    assert [status["state"] for status in found["sources"]] == ["OK"]
    return [edge["node"] for edge in found["edges"]]


@pytest.mark.parametrize("junk", [None, 7, "text", [], {}, {"npCommunicationId": {}}])
def test_an_invalid_row_is_left_out(server: RunningServer, junk: Any) -> None:
    found = fetch_psn_titles(server, junk, PSN_TITLE, junk)

    assert [row["name"] for row in found] == ["Sample Quest"]


@pytest.mark.parametrize("junk", [None, 7, "text", [], {}, {"GameID": []}])
def test_an_invalid_game_is_left_out(server: RunningServer, junk: Any) -> None:
    found = fetch_retro_titles(server, junk, RETRO_TITLE, junk)

    assert [row["name"] for row in found] == ["Lantern Keep"]


@pytest.mark.parametrize(
    ("member", "field"),
    [
        ("trophyTitleName", "name"),
        ("trophyTitleIconUrl", "icon"),
        ("progress", "progress"),
        ("definedTrophies", "definedCounts"),
        ("earnedTrophies", "earnedCounts"),
        ("lastUpdatedDateTime", "lastUpdatedAt"),
    ],
)
@pytest.mark.parametrize("junk", [{"a": [1]}, [[]], "missing"])
def test_an_invalid_field_is_null_and_the_others_are_not(
    server: RunningServer, member: str, field: str, junk: Any
) -> None:
    broken = {**PSN_TITLE, "npCommunicationId": "NPWR00002_00", member: junk}
    if junk == "missing":
        broken.pop(member)

    found = fetch_psn_titles(server, PSN_TITLE, broken)

    whole, spoiled = sorted(found, key=lambda row: row["nativeId"])
    assert spoiled[field] is None
    known = {"nativeId", "name", "progress", "lastUpdatedAt"} - {field}
    for same in known - {"nativeId"}:
        assert spoiled[same] == whole[same] is not None


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "//evil.example/a.png",
        "data:text/html,x",
        "ftp://host.example/a",
        "https://user:pass@host.example/a",
        "https://",
        "/relative.png",
        "https://host.example/a\nb",
        7,
    ],
)
def test_an_unsafe_url_is_null(server: RunningServer, url: Any) -> None:
    (row,) = fetch_psn_titles(server, {**PSN_TITLE, "trophyTitleIconUrl": url})

    assert row["icon"] is None


@pytest.mark.parametrize(
    "when", ["yesterday", "0001-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "", 10**40]
)
def test_an_impossible_time_is_null(server: RunningServer, when: Any) -> None:
    (row,) = fetch_psn_titles(server, {**PSN_TITLE, "lastUpdatedDateTime": when})

    assert row["lastUpdatedAt"] is None


@pytest.mark.parametrize("number", [2**31, -(2**31) - 1, 10**30, "NaN", 1e308])
def test_a_number_beyond_int32_is_null(server: RunningServer, number: Any) -> None:
    (row,) = fetch_retro_titles(server, {**RETRO_TITLE, "MaxPossible": number})

    assert row["achievementCount"] is None
    assert row["earnedCount"] == 8


def test_numbers_sent_as_text_are_numbers(server: RunningServer) -> None:
    server.retro.settings["numbers_as_text"] = True
    server.psn.settings["trophy_level_as_string"] = True
    query = """
        query ($psn: [AccountInput!]!, $retro: [AccountInput!]!) {
          psn: user(accounts: $psn) {
            accounts { ... on PsnAccount { trophySummary { level } } }
          }
          retro: user(accounts: $retro) {
            totals { titles points awards }
            awards(first: 1) { summary { total } edges { node { displayOrder nativeData } } }
          }
        }
    """

    data = server.fetch_data(query, {"psn": PSN_VEGA, "retro": RETRO_VEGA})

    assert isinstance(data["psn"]["accounts"][0]["trophySummary"]["level"], int)
    assert data["retro"]["totals"][0] == {"titles": 9, "points": 446, "awards": 18}
    assert isinstance(data["retro"]["awards"]["edges"][0]["node"]["nativeData"], int)


def test_an_invalid_achievement_is_left_out(server: RunningServer) -> None:
    fine = {"id": "a", "key": "a", "name": "A", "trigger": "api", "achievedAt": None}

    found = fetch_untitled(server, None, 7, [], fine, {"name": "no id"}, "text")

    assert [each["name"] for each in found] == ["A"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("member", "value", "field"),
    [
        ("rarity", "often", "rarity"),
        ("rarity", None, "rarity"),
        ("badgeUrl", "javascript:x", "icon"),
        ("description", {"a": 1}, "description"),
        ("userAttributes", "plan", "userAttributes"),
        ("metricValue", [], "progress"),
        ("metricValue", -5, "progress"),
        ("metricValue", 0, "progress"),
    ],
)
def test_an_invalid_field_of_an_achievement_is_null(
    server: RunningServer, member: str, value: Any, field: str
) -> None:
    known = {
        "id": "a",
        "name": "A",
        "trigger": "metric",
        "metricId": "00000001-3e72-4000-8000-000000000001",
        "metricValue": 9000,
        "description": "D",
        "badgeUrl": "https://badges.example/a.png",
        "rarity": 12.5,
        "userAttributes": [{"key": "plan", "value": "pro"}],
    }

    spoiled, whole = fetch_untitled(server, {**known, member: value}, {**known, "id": "b"})

    assert spoiled[field] is None
    assert {**spoiled, field: whole[field], "nativeId": "b"} == whole
    assert whole[field] is not None


def test_a_rarity_is_clamped_to_its_bounds(server: RunningServer) -> None:
    found = fetch_untitled(
        server,
        {"id": "a", "name": "A", "rarity": 250},
        {"id": "b", "name": "B", "rarity": -3},
    )

    assert [each["rarity"]["percent"] for each in found] == [100, 0]


def test_one_invalid_title_does_not_fail_another(server: RunningServer) -> None:
    server.inject_fault("NPWR00003_00/trophyGroups/all/trophies", status=200, body="<html>")
    query = """
        query ($accounts: [AccountInput!]!) {
          user(accounts: $accounts) {
            trophyTitles(first: 100) { edges { node { nativeId achievements { earned } } } }
          }
        }
    """

    answer = server.execute(query, {"accounts": PSN_VEGA})

    titles = [edge["node"] for edge in answer.partial_data["user"]["trophyTitles"]["edges"]]
    assert [each["nativeId"] for each in titles if each["achievements"] is None] == ["NPWR00003_00"]
    assert len(titles) == 14
    assert set(answer.codes.values()) == {"UPSTREAM_BAD_RESPONSE"}


def test_a_truncated_response_is_an_error_and_not_half_a_list(server: RunningServer) -> None:
    server.inject_fault("GetUserAwards", truncate=True)
    query = """
        query ($accounts: [AccountInput!]!) {
          user(accounts: $accounts) { awards { edges { cursor } sources { state } } }
        }
    """

    awards = server.fetch_data(query, {"accounts": RETRO_VEGA})["user"]["awards"]

    assert awards == {"edges": [], "sources": [{"state": "UNAVAILABLE"}]}


def test_a_trophy_without_a_definition_has_its_earned_state(server: RunningServer) -> None:
    trophy_id = server.psn.add_trophy("NPWR00001_00", "Brand New")
    server.psn.unlock(OWNER_ACCOUNT_ID, "NPWR00001_00", trophy_id, "2026-11-10T10:00:00Z")
    url = "v1/npCommunicationIds/NPWR00001_00/trophyGroups/all/trophies"
    body = {
        "trophySetVersion": "01.02",
        "hasTrophyGroups": True,
        "trophies": [{"trophyId": 0, "trophyName": "Old"}],
    }
    server.inject_fault(url, status=200, body=body)
    query = """
        query ($accounts: [AccountInput!]!) {
          user(accounts: $accounts) {
            trophyTitle(nativeId: "NPWR00001_00") { achievements { nativeId name earned } }
          }
        }
    """

    found = server.fetch_data(query, {"accounts": PSN_VEGA})["user"]["trophyTitle"]["achievements"]

    assert {"nativeId": "0", "name": "Old", "earned": False} in found
    assert {"nativeId": str(trophy_id), "name": None, "earned": True} in found
