"""Definitions come from an undocumented method, or from the documented ones in its place."""

import pytest

from tests.harness import RunningServer
from tests.providers.steam.harness import REFUSALS, count_calls, fetch_user, run_steam

TITLE = """trophyTitle(source: STEAM, nativeId: "%s") { name achievementCount earnedCount
  achievements(revealHidden: true) {
    nativeId name description hidden earned icon { url lockedUrl } rarity { percent } } }"""


@pytest.mark.slow
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
