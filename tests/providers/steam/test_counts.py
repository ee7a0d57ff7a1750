"""Counts come from an undocumented method for many titles, or from each title's own list."""

import pytest

from tests.harness import RunningServer
from tests.providers.steam.harness import (
    REFUSALS,
    TITLES,
    count_calls,
    fetch_user,
    get_nodes,
    get_state,
    run_steam,
)


@pytest.mark.slow
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


@pytest.mark.slow
def test_the_whole_timeline_works_by_documented_methods_alone(server: RunningServer) -> None:
    selection = "achievements(first: 100) { edges { node { nativeId name earnedAt } } }"
    with run_steam() as other:
        expected = get_nodes(fetch_user(other, selection)["achievements"])
    server.steam.settings["undocumented"] = False

    assert get_nodes(fetch_user(server, selection)["achievements"]) == expected


def test_a_source_that_fails_altogether_is_not_rescued(server: RunningServer) -> None:
    server.inject_fault("api.steampowered.com", status=500, body="<html>")

    found = fetch_user(server, TITLES)["trophyTitles"]

    assert (found["edges"], get_state(found)) == ([], "UNAVAILABLE")
