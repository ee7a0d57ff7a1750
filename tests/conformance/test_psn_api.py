"""The published JavaScript client works on `python -m server sandbox` as on PSN."""

from typing import Any

import pytest

from providers.psn.sandbox import constants
from tests.conformance.processes import run_script, start_sandbox

CLIENT_INPUT = {
    "npsso": constants.OWNER_NPSSO,
    "clientId": constants.CLIENT_ID,
    "clientSecret": constants.CLIENT_SECRET,
    "title": "Sample Quest",
    "friend": constants.FRIEND_ONLINE_ID,
}


@pytest.fixture(scope="module")
def psn(modules: str) -> Any:
    """Return the results of the client's calls by name."""
    assert modules
    with start_sandbox() as sandbox:
        return run_script("psn_api.mjs", sandbox, payload=CLIENT_INPUT)


def test_it_signs_in_and_refreshes(psn: Any) -> None:
    assert psn["signIn"] == {"code": "v3.", "expires": 3599, "rotated": True}


def test_it_reports_a_bad_npsso(psn: Any) -> None:
    assert "Is your NPSSO code valid?" in psn["badNpsso"]["error"]


def test_it_reads_the_summary(psn: Any) -> None:
    summary = psn["summary"]
    assert summary["accountId"] == constants.OWNER_ACCOUNT_ID
    assert (summary["trophyLevel"], summary["tier"], summary["progress"]) == (42, 1, 25)


def test_it_pages_through_the_titles(psn: Any) -> None:
    assert psn["titles"] == {"first": 5, "next": 5, "total": 14, "later": 5}
    assert psn["chosen"]["npCommunicationId"] == "NPWR00001_00"
    assert psn["chosen"]["trophyTitlePlatform"] == "PS5,PSPC"


def test_it_joins_a_titles_trophies_with_what_was_earned(psn: Any) -> None:
    trophies, counts = psn["trophies"], psn["chosen"]["earnedTrophies"]
    assert trophies["defined"] == trophies["earned"] == list(range(8))
    assert trophies["count"] == sum(counts.values())
    assert all(isinstance(rate, str) for rate in trophies["rarities"])


def test_it_joins_a_titles_groups_with_what_was_earned(psn: Any) -> None:
    groups = ["default", "001"]
    assert psn["groups"] == {"defined": groups, "earned": groups, "progress": 57}


def test_it_finds_the_title_of_a_game(psn: Any) -> None:
    (found,) = psn["byProduct"]["titles"]
    assert found["npTitleId"] == "PPSA00001_00"
    assert found["trophyTitles"][0]["npCommunicationId"] == "NPWR00001_00"


def test_it_reports_an_unknown_title(psn: Any) -> None:
    assert psn["unknownTitle"] == {"error": "Resource not found"}


def test_it_reports_an_expired_token(psn: Any) -> None:
    assert psn["expired"]["error"]["code"] == 2241025


def test_it_reads_a_profile_by_name_and_by_id(psn: Any) -> None:
    profile = psn["profile"]
    assert profile["friend"]["accountId"] == constants.FRIEND_ACCOUNT_ID
    assert profile["own"]["onlineId"] == profile["friend"]["onlineId"] == CLIENT_INPUT["friend"]
    assert psn["region"] == "GB"
    assert psn["link"]["shareUrl"].endswith(CLIENT_INPUT["friend"])


def test_it_reads_presence(psn: Any) -> None:
    presence = psn["presence"]["basicPresence"]
    assert presence["primaryPlatformInfo"] == {"onlineStatus": "online", "platform": "PS5"}
    assert presence["gameTitleInfoList"][0]["titleName"] == "Sample Quest"


def test_it_finds_people(psn: Any) -> None:
    assert CLIENT_INPUT["friend"] in psn["search"]
    assert constants.OWNER_ONLINE_ID not in psn["search"]


def test_it_lists_friends_requests_blocks_and_devices(psn: Any) -> None:
    assert constants.FRIEND_ACCOUNT_ID in psn["friends"]
    assert psn["requests"]["totalItemCount"] == len(psn["requests"]["receivedRequests"])
    assert psn["blocked"]["blockList"]
    assert psn["devices"] == 2


def test_it_runs_persisted_operations_of_the_library(psn: Any) -> None:
    for name, operation, root in (
        ("played", "getUserGameList", "gameLibraryTitlesRetrieve"),
        ("purchased", "getPurchasedGameList", "purchasedTitlesRetrieve"),
    ):
        echo = psn[name]["data"][root]
        assert echo["operationName"] == operation
        assert echo["accountId"] == constants.OWNER_ACCOUNT_ID
        assert 3 in echo["variables"].values()
