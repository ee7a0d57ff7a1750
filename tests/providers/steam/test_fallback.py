"""Documented methods serve where an undocumented one is gone or fails, and that is remembered."""

from typing import Any

import pytest

from tests.harness import RunningServer
from tests.providers.steam.harness import (
    TITLES,
    count_calls,
    fetch_user,
    get_nodes,
    get_state,
    run_steam,
)

TITLE = """trophyTitle(source: STEAM, nativeId: "%s") { name achievementCount earnedCount
  achievements(revealHidden: true) {
    nativeId name description hidden earned icon { url lockedUrl } rarity { percent } } }"""

REFUSALS: dict[str, dict[str, Any]] = {
    "404": {"status": 404, "body": "<html>Not Found</html>"},
    "405": {"status": 405, "body": "<html>Method Not Allowed</html>"},
    "401": {"status": 401, "body": "<html>Unauthorized</html>"},
    "403": {"status": 403, "body": "<html>Forbidden</html>"},
    "denied": {"status": 200, "body": {"response": {}}, "headers": {"x-eresult": "15"}},
    "500": {"status": 500, "body": "<html>"},
    "busy": {"status": 200, "body": {"response": {}}, "headers": {"x-eresult": "10"}},
    "unreadable": {"status": 200, "body": "nothing"},
}


@pytest.mark.parametrize("refusal", REFUSALS)
def test_the_schema_and_the_percentages_serve_as_definitions(refusal: str) -> None:
    with run_steam() as server:
        expected = fetch_user(server, TITLE % "4010")["trophyTitle"]
    with run_steam() as server:
        server.inject_fault("GetGameAchievements", **REFUSALS[refusal])
        with count_calls(server) as calls:
            found = fetch_user(server, TITLE % "4010")["trophyTitle"]

        assert calls["GetSchemaForGame"] == calls["GetGlobalAchievementPercentagesForApp"] == 1
        for before, now in zip(expected["achievements"], found["achievements"], strict=True):
            if before["hidden"]:
                assert now["description"] is None
            assert {**now, "description": None, "icon": None} == {
                **before,
                "description": None,
                "icon": None,
            }
            assert now["icon"]["url"].startswith("https://steamcdn-a.akamaihd.net/")
        with count_calls(server) as calls:
            fetch_user(server, TITLE % "4020")
        assert "GetGameAchievements" not in calls


@pytest.mark.parametrize("refusal", REFUSALS)
def test_each_titles_own_list_serves_as_counts(refusal: str) -> None:
    with run_steam() as server:
        expected = get_nodes(fetch_user(server, TITLES)["trophyTitles"])
    with run_steam() as server:
        server.inject_fault("GetTopAchievementsForGames", **REFUSALS[refusal])

        found = fetch_user(server, TITLES)["trophyTitles"]

        assert get_nodes(found) == expected
        assert get_state(found) == "OK"


def test_a_refused_batch_is_not_asked_again_and_pages_are_short(server: RunningServer) -> None:
    server.steam.settings["undocumented"] = False
    fetch_user(server, TITLES)

    with count_calls(server) as calls:
        fetch_user(server, TITLES, "second_sam")

    assert calls["GetTopAchievementsForGames"] == 0
    assert calls["GetPlayerAchievements"] == 2


def test_the_whole_timeline_works_by_documented_methods_alone(server: RunningServer) -> None:
    selection = "achievements(first: 100) { edges { node { nativeId name earnedAt } } }"
    with run_steam() as other:
        expected = get_nodes(fetch_user(other, selection)["achievements"])
    server.steam.settings["undocumented"] = False

    assert get_nodes(fetch_user(server, selection)["achievements"]) == expected


def test_an_app_without_percentages_has_no_rarity(server: RunningServer) -> None:
    server.steam.settings["undocumented"] = False
    server.inject_fault("GetGlobalAchievementPercentagesForApp", status=403, body={})

    found = fetch_user(server, TITLE % "4020")["trophyTitle"]

    assert {each["rarity"] for each in found["achievements"]} == {None}
    assert found["achievementCount"] == 6


def test_percentages_are_read_as_numbers_too(server: RunningServer) -> None:
    server.steam.settings.update(undocumented=False, percent_as_number=True)

    found = fetch_user(server, TITLE % "4020")["trophyTitle"]

    assert found["achievements"][0]["rarity"] == {"percent": 91.4}


def test_a_source_that_fails_altogether_is_not_rescued(server: RunningServer) -> None:
    server.inject_fault("api.steampowered.com", status=500, body="<html>")

    found = fetch_user(server, TITLES)["trophyTitles"]

    assert (found["edges"], get_state(found)) == ([], "UNAVAILABLE")
