"""The sandbox behaves as the real site is documented."""

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from providers.retroachievements.sandbox import app
from providers.retroachievements.sandbox.app import RetroAchievementsSandbox
from providers.retroachievements.sandbox.member_data import OPERATOR_KEY
from tests.providers.retroachievements.sandbox.api_calls import call_api, send_request

SAMPLES = Path(app.__file__).parent


@pytest.mark.parametrize("key", ["", "wrong"])
def test_a_missing_or_wrong_key_is_refused(key: str) -> None:
    assert call_api("GetConsoleIDs", y=key) == (
        401,
        {
            "message": "Unauthenticated.",
            "errors": [{"status": "401", "code": "unauthorized", "title": "Unauthenticated."}],
        },
    )


def test_get_and_post_are_the_same_and_the_key_may_come_as_a_token() -> None:
    url = "https://retroachievements.org/API/API_GetUserPoints.php"
    form = {"y": OPERATOR_KEY, "u": "VegaNorth"}
    expected = (200, {"Points": 446, "SoftcorePoints": 180})
    assert send_request(httpx.Request("POST", url, data=form)) == expected
    headers = {"Authorization": f"Bearer {OPERATOR_KEY}"}
    assert send_request(httpx.Request("GET", f"{url}?u=VegaNorth", headers=headers)) == expected


@pytest.mark.parametrize(
    ("endpoint", "parameters", "name", "message"),
    [
        ("GetUserAwards", {}, "u", "The u field is required."),
        ("GetUserAwards", {"u": "a_b"}, "u", "The u field must only contain letters and numbers."),
        ("GetGame", {}, "i", "The i field is required."),
        ("GetGame", {"i": "x"}, "i", "The i field must be an integer."),
        ("GetGameExtended", {"i": 1, "f": 4}, "f", "The selected f is invalid."),
        (
            "GetUserCompletionProgress",
            {"u": "VegaNorth", "c": 501},
            "c",
            "The c field must be between 1 and 500.",
        ),
        (
            "GetAchievementsEarnedOnDay",
            {"u": "VegaNorth", "d": "soon"},
            "d",
            "The d field must be a valid date.",
        ),
    ],
)
def test_a_bad_parameter_is_named(
    endpoint: str, parameters: dict[str, Any], name: str, message: str
) -> None:
    assert call_api(endpoint, **parameters) == (
        422,
        {"message": message, "errors": {name: [message]}},
    )


@pytest.mark.parametrize(
    ("endpoint", "status"), [("GetFeed", 410), ("GetGameRating", 410), ("X", 404)]
)
def test_a_retired_or_unknown_endpoint_is_an_error(endpoint: str, status: int) -> None:
    received, body = call_api(endpoint)
    assert received == status
    assert set(body) == {"message", "errors"}


NO_AWARDS: dict[str, Any] = {
    "TotalAwardsCount": 0,
    "HiddenAwardsCount": 0,
    "MasteryAwardsCount": 0,
    "CompletionAwardsCount": 0,
    "BeatenHardcoreAwardsCount": 0,
    "BeatenSoftcoreAwardsCount": 0,
    "EventAwardsCount": 0,
    "SiteAwardsCount": 0,
    "VisibleUserAwards": [],
}


UNKNOWN_USER: list[tuple[str, dict[str, Any], tuple[int, Any]]] = [
    ("GetUserProfile", {}, (404, [])),
    ("GetUserPoints", {}, (404, [])),
    ("GetUserSummary", {}, (404, {"ID": None, "User": "Nobody"})),
    ("GetUserAwards", {}, (200, NO_AWARDS)),
    ("GetUserCompletionProgress", {}, (200, {"Count": 0, "Total": 0, "Results": []})),
    ("GetUserProgress", {"i": "101"}, (200, [])),
    ("GetGameInfoAndUserProgress", {"g": 101}, (200, [])),
    ("GetUserRecentAchievements", {}, (200, [])),
    ("GetAchievementsEarnedBetween", {"f": 0, "t": 1}, (200, [])),
    ("GetAchievementsEarnedOnDay", {"d": "2024-02-03"}, (200, [])),
    ("GetUserRecentlyPlayedGames", {}, (200, [])),
    ("GetUserGameRankAndScore", {"g": 101}, (200, [])),
    ("GetUserCompletedGames", {}, (200, [])),
    (
        "GetUserRankAndScore",
        {},
        (200, {"Score": 0, "SoftcoreScore": 0, "Rank": None, "TotalRanked": 51234}),
    ),
]


@pytest.mark.parametrize(("endpoint", "parameters", "response"), UNKNOWN_USER)
def test_an_unknown_user_is_answered_as_each_endpoint_does(
    endpoint: str, parameters: dict[str, Any], response: tuple[int, Any]
) -> None:
    assert call_api(endpoint, u="Nobody", **parameters) == response


UNKNOWN_GAME: list[tuple[str, dict[str, Any], tuple[int, Any]]] = [
    ("GetGame", {"i": 9}, (200, [])),
    ("GetGameExtended", {"i": 9}, (200, [])),
    ("GetGameInfoAndUserProgress", {"u": "VegaNorth", "g": 9}, (200, [])),
    ("GetUserGameRankAndScore", {"u": "VegaNorth", "g": 9}, (200, [])),
    ("GetAchievementUnlocks", {"a": ""}, (200, {"Achievement": {"ID": None}})),
]


@pytest.mark.parametrize(("endpoint", "parameters", "response"), UNKNOWN_GAME)
def test_an_unknown_game_is_answered_as_each_endpoint_does(
    endpoint: str, parameters: dict[str, Any], response: tuple[int, Any]
) -> None:
    assert call_api(endpoint, **parameters) == response


def test_an_unknown_game_has_zeros_among_others() -> None:
    status, body = call_api("GetUserProgress", u="VegaNorth", i="101,9,x,-4")
    assert (status, list(body)) == (200, ["101", "9"])
    assert set(body["9"].values()) == {0}
    assert body["101"]["NumAchieved"] == 8


def test_an_unknown_achievement_is_not_found() -> None:
    status, body = call_api("GetAchievementUnlocks", a=9)
    assert (status, body["Achievement"], body["Unlocks"]) == (404, [], [])


def test_the_published_samples_are_answered_as_published() -> None:
    sample = json.loads((SAMPLES / "user_awards_http.json").read_text())
    assert call_api("GetUserAwards", u="MaxMilyin") == (200, sample)
    _, body = call_api("GetUserAwards", u="xelnia")
    assert body["HiddenAwardsCount"] == 2
    assert body["VisibleUserAwards"] == [
        {
            "AwardedAt": "2022-08-26T19:34:43+00:00",
            "AwardType": "Mastery/Completion",
            "AwardData": 802,
            "AwardDataExtra": 1,
            "DisplayOrder": 114,
            "Title": "WarioWare, Inc.: Mega Microgames!",
            "ConsoleName": "Game Boy Advance",
            "Flags": None,
            "ImageIcon": "/Images/034678.png",
        }
    ]


def test_a_game_has_dates_only_for_earned_achievements() -> None:
    _, body = call_api("GetGameInfoAndUserProgress", u="VegaNorth", g=731, a=1)
    dates = [
        {name for name in row if name.startswith("DateEarned")}
        for row in sorted(body["Achievements"].values(), key=lambda row: row["DisplayOrder"])
    ]
    both, soft, none = {"DateEarned", "DateEarnedHardcore"}, {"DateEarned"}, set[str]()
    assert dates == [both, both, soft, both, both, both, both, both, soft, none, both, none]
    assert body["UserCompletion"] == "83.33%"
    assert "Type" in body["Achievements"]["73112"]
    _, extended = call_api("GetGameExtended", i=731)
    assert "type" in extended["Achievements"]["73112"]


def test_a_subset_names_its_parent() -> None:
    assert call_api("GetGameExtended", i=306)[1]["ParentGameID"] == 305
    assert call_api("GetGameExtended", i=306, f=5)[1]["Achievements"] == {}


def test_an_unlock_changes_all_that_follows_from_it() -> None:
    sandbox = RetroAchievementsSandbox()
    when = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
    before = call_api("GetUserProfile", sandbox, u="VegaNorth")[1]["TotalPoints"]
    for achievement in (73103, 73101, 73104, 73110):
        sandbox.unlock("VegaNorth", achievement, when)
    _, profile = call_api("GetUserProfile", sandbox, u="VegaNorth")
    assert (profile["TotalPoints"] - before, profile["LastGameID"]) == (10 + 25 + 10 + 5, 731)
    _, completion = call_api("GetUserCompletionProgress", sandbox, u="VegaNorth", c=1)
    (row,) = completion["Results"]
    assert (row["GameID"], row["NumAwarded"], row["HighestAwardKind"]) == (731, 12, "mastered")
    _, awards = call_api("GetUserAwards", sandbox, u="VegaNorth")
    assert (awards["MasteryAwardsCount"], awards["BeatenHardcoreAwardsCount"]) == (2, 4)
    _, earned = call_api("GetAchievementsEarnedOnDay", sandbox, u="VegaNorth", d="2026-11-02")
    assert [row["CumulScore"] for row in earned] == [25, 35, 45, 50]


def test_an_unlock_of_an_unknown_member_or_achievement_is_an_error() -> None:
    sandbox = RetroAchievementsSandbox()
    for handle, achievement in (("Nobody", 10101), ("VegaNorth", 9)):
        with pytest.raises(LookupError):
            sandbox.unlock(handle, achievement)


def test_a_fresh_unlock_is_a_recent_one() -> None:
    sandbox = RetroAchievementsSandbox()
    sandbox.unlock("VegaNorth", 41801, hardcore=False)
    _, recent = call_api("GetUserRecentAchievements", sandbox, u="VegaNorth", m=5)
    assert [(row["AchievementID"], row["HardcoreMode"]) for row in recent] == [(41801, 0)]


@pytest.mark.parametrize(("user", "games"), [("VegaNorth", 0), ("EmptyEda", 0), ("EmptyEda", 3)])
def test_a_summary_without_games_has_an_empty_list_or_no_key(user: str, games: int) -> None:
    _, body = call_api("GetUserSummary", u=user, g=games)
    values = [body.get(name, "missing") for name in ("Awarded", "RecentAchievements")]
    assert values == (["missing", "missing"] if games else [{}, {}])


def test_a_summary_asked_for_no_achievements_gives_all() -> None:
    _, body = call_api("GetUserSummary", u="VegaNorth", g=2, a=0)
    recent = body["RecentAchievements"]
    assert {game: len(rows) for game, rows in recent.items()} == {"850": 10, "731": 12}
    assert {row["IsAwarded"] for row in recent["850"].values()} == {"0", "1"}
    assert body["LastGame"]["ID"] == 850
    _, few = call_api("GetUserSummary", u="VegaNorth", g=2, a=3)
    assert sum(len(rows) for rows in few["RecentAchievements"].values()) == 3


def test_the_lists_of_games_agree() -> None:
    _, completion = call_api("GetUserCompletionProgress", u="VegaNorth")
    _, recent = call_api("GetUserRecentlyPlayedGames", u="VegaNorth", c=50)
    _, legacy = call_api("GetUserCompletedGames", u="VegaNorth")
    listed = [row["GameID"] for row in completion["Results"]]
    assert listed == [row["GameID"] for row in recent]
    assert set(listed) == {row["GameID"] for row in legacy}
    assert {row["HardcoreMode"] for row in legacy} == {"0", "1"}
    kinds = {row["GameID"]: row["HighestAwardKind"] for row in completion["Results"]}
    assert kinds == {
        850: "beaten-hardcore",
        731: None,
        640: None,
        523: "beaten-softcore",
        418: None,
        306: None,
        305: "completed",
        212: "beaten-hardcore",
        101: "mastered",
    }


def test_scores_and_holders_are_known_by_two_names() -> None:
    _, (row,) = call_api("GetUserGameRankAndScore", u="SecondSam", g=919)
    assert (row["User"], row["TotalScore"]) == ("SamuelOne", 85)
    _, unlocks = call_api("GetAchievementUnlocks", a=10108)
    holders = [(holder["User"], holder["HardcoreMode"]) for holder in unlocks["Unlocks"]]
    assert holders == [("SecondSam", 1), ("VegaNorth", 1)]
    _, rank = call_api("GetUserRankAndScore", u="VegaNorth")
    assert (rank["Score"], rank["Rank"]) == (446, 1)


def test_consoles_are_listed_and_games_named() -> None:
    _, consoles = call_api("GetConsoleIDs", g=1)
    assert {row["ID"] for row in consoles} == {1, 2, 3, 4, 5, 7, 12, 18}
    _, game = call_api("GetGame", i=101)
    assert (game["GameTitle"], "ID" in game) == ("Lantern Keep", False)


def test_numbers_may_be_sent_as_text() -> None:
    sandbox = RetroAchievementsSandbox()
    sandbox.settings["numbers_as_text"] = True
    assert call_api("GetUserPoints", sandbox, u="VegaNorth")[1]["Points"] == "446"


@pytest.mark.parametrize("host", ["retroachievements.org", "media.retroachievements.org"])
@pytest.mark.parametrize("path", ["Badge/10101.png", "Images/000101.png", "UserPic/VegaNorth.png"])
def test_images_are_images(host: str, path: str) -> None:
    async def fetch_image() -> tuple[str, bytes]:
        request = httpx.Request("GET", f"https://{host}/{path}")
        response = await RetroAchievementsSandbox().handle_request(request)
        return response.headers["content-type"], await response.aread()

    kind, body = asyncio.run(fetch_image())
    assert kind == "image/png"
    assert body.startswith(b"\x89PNG\r\n\x1a\n")
    assert body.endswith(b"IEND\xaeB`\x82")
