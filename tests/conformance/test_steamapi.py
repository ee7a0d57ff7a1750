"""The published JavaScript client works on `python -m server sandbox` as on Steam."""

from typing import Any

import pytest

from providers.steam.sandbox import constants
from tests.conformance.processes import run_script, start_sandbox

CLIENT_INPUT = {
    "key": constants.OWNER_KEY,
    "vanity": constants.OWNER_VANITY,
    "second": constants.SECOND_ID,
    "hidden": constants.HIDDEN_GAMES_ID,
    "unknown": constants.UNKNOWN_ID,
    "app": 4010,
    "tool": 4900,
}


@pytest.fixture(scope="module")
def steam(modules: str) -> Any:
    """Return the results of the client's calls by name."""
    assert modules
    with start_sandbox() as sandbox:
        return run_script("steamapi.mjs", sandbox, payload=CLIENT_INPUT)


def test_it_resolves_names_and_addresses(steam: Any) -> None:
    assert steam["id"] == constants.OWNER_ID
    assert steam["unknownName"] == {"error": "No match"}


def test_it_reads_the_summaries_of_those_who_exist(steam: Any) -> None:
    names = {each["id"]: each["name"] for each in steam["summaries"]}
    assert names == {constants.OWNER_ID: "Vega North", constants.SECOND_ID: "Second Sam"}


def test_it_reads_friends_and_reports_hidden_ones(steam: Any) -> None:
    assert steam["friends"][0] == constants.SECOND_ID
    assert steam["hiddenFriends"] == {"error": "Unauthorized"}


def test_it_reads_the_level_and_the_badges(steam: Any) -> None:
    assert steam["level"] == steam["badges"] == 23


def test_it_reads_the_library_and_recent_games(steam: Any) -> None:
    owned = {each["id"]: each for each in steam["owned"]}
    assert len(owned) == 14
    assert owned[4010] == {"id": 4010, "name": "Harbor Lights", "minutes": 2140}
    assert steam["recent"] == [4010, 4950, 4960]
    assert steam["hiddenGames"] == {"value": []}


def test_it_joins_achievements_with_their_schema(steam: Any) -> None:
    assert steam["achievements"]["game"] == "Harbor Lights"
    assert steam["achievements"]["count"] == steam["schema"]["achievements"] == 8
    assert "THE_KEEPER" in steam["achievements"]["unlocked"]
    assert steam["percentages"][0] == {"name": "FIRST_BEAM", "percent": "91.4"}
    assert steam["players"] == 17


def test_it_reports_what_steam_refuses(steam: Any) -> None:
    assert "Requested app has no stats" in steam["noStats"]["error"]
    assert steam["hidden"] == steam["wrongKey"] == {"error": "Forbidden"}
