"""The sandbox behaves as the web API is known to."""

import asyncio
import json
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from providers.steam.sandbox.app import SteamSandbox
from tests.providers.steam.harness import HIDDEN_GAMES, NEW, OWNER_KEY, PRIVATE, SAM, UNKNOWN, VEGA

HOST = "https://api.steampowered.com"


def call(
    path: str,
    sandbox: SteamSandbox | None = None,
    headers: dict[str, str] | None = None,
    apps: tuple[int, ...] = (),
    **parameters: Any,
) -> tuple[int, Any, httpx.Headers]:
    """Call a method; return status, body and headers. A page comes as text."""
    listed = {f"appids[{index}]": app_id for index, app_id in enumerate(apps)}
    key = {"key": OWNER_KEY} if headers is None else {}
    query = urlencode({**key, **parameters, **listed})
    request = httpx.Request("GET", f"{HOST}/{path}?{query}", headers=headers)

    async def send() -> tuple[int, Any, httpx.Headers]:
        response = await (sandbox or SteamSandbox()).handle_request(request)
        body = (await response.aread()).decode()
        is_json = "json" in response.headers["content-type"]
        return response.status_code, json.loads(body) if is_json else body, response.headers

    return asyncio.run(send())


@pytest.mark.parametrize("version", ["v2", "v0002", "v2/", "v0002/"])
def test_old_and_new_versions_with_and_without_a_slash_are_the_same(version: str) -> None:
    status, body, _ = call(f"ISteamUser/GetPlayerSummaries/{version}", steamids=VEGA)

    assert status == 200
    assert body["response"]["players"][0]["personaname"] == "Vega North"


def test_the_key_may_be_in_a_header() -> None:
    status, _, _ = call(
        "ISteamUser/GetPlayerSummaries/v2", headers={"x-webapi-key": OWNER_KEY}, steamids=VEGA
    )

    assert status == 200


def test_a_missing_key_is_a_page_with_400_and_a_wrong_one_with_403() -> None:
    missing = call("ISteamUser/GetPlayerSummaries/v2", headers={}, steamids=VEGA)
    wrong = call("ISteamUser/GetPlayerSummaries/v2", key="0" * 32, steamids=VEGA)

    assert missing[0] == 400
    assert "'key' is missing" in missing[1]
    assert wrong[0] == 403
    assert "key=" in wrong[1]


def test_unknown_ids_are_left_out_and_the_order_is_another() -> None:
    _, body, _ = call(
        "ISteamUser/GetPlayerSummaries/v2", steamids=f"{VEGA},{UNKNOWN},{SAM},{PRIVATE}"
    )

    players = body["response"]["players"]
    assert [each["steamid"] for each in players] == [PRIVATE, SAM, VEGA]
    assert players[0]["communityvisibilitystate"] == 1
    assert "timecreated" not in players[0]


def test_a_hundred_and_one_ids_are_too_many() -> None:
    ids = ",".join([VEGA] * 101)

    assert call("ISteamUser/GetPlayerSummaries/v2", steamids=ids)[0] == 400


@pytest.mark.parametrize(
    ("path", "parameters", "status", "body"),
    [
        ("IPlayerService/GetOwnedGames/v1", {"steamid": HIDDEN_GAMES}, 200, {"response": {}}),
        ("IPlayerService/GetOwnedGames/v1", {"steamid": UNKNOWN}, 200, {"response": {}}),
        (
            "IPlayerService/GetOwnedGames/v1",
            {"steamid": NEW},
            200,
            {"response": {"game_count": 0, "games": []}},
        ),
        (
            "IPlayerService/GetRecentlyPlayedGames/v1",
            {"steamid": NEW},
            200,
            {"response": {"total_count": 0}},
        ),
        ("IPlayerService/GetSteamLevel/v1", {"steamid": PRIVATE}, 200, {"response": {}}),
        ("ISteamUser/GetFriendList/v1", {"steamid": SAM}, 401, {}),
        (
            "ISteamUser/ResolveVanityURL/v1",
            {"vanityurl": "nobody"},
            200,
            {"response": {"success": 42, "message": "No match"}},
        ),
        (
            "ISteamUserStats/GetPlayerAchievements/v1",
            {"steamid": HIDDEN_GAMES, "appid": 4020},
            403,
            {"playerstats": {"error": "Profile is not public", "success": False}},
        ),
        (
            "ISteamUserStats/GetPlayerAchievements/v1",
            {"steamid": VEGA, "appid": 4900},
            400,
            {"playerstats": {"error": "Requested app has no stats", "success": False}},
        ),
        ("ISteamUserStats/GetSchemaForGame/v2", {"appid": 4900}, 200, {"game": {}}),
        ("ISteamUserStats/GetGlobalAchievementPercentagesForApp/v2", {"gameid": 4900}, 403, {}),
        ("IPlayerService/GetGameAchievements/v1", {"appid": 4900}, 200, {"response": {}}),
    ],
)
def test_what_is_not_there_has_an_answer_of_its_own(
    path: str, parameters: dict[str, Any], status: int, body: Any
) -> None:
    assert call(path, **parameters)[:2] == (status, body)


def test_an_unknown_player_is_a_page_for_their_achievements() -> None:
    status, body, headers = call(
        "ISteamUserStats/GetPlayerAchievements/v1", steamid=UNKNOWN, appid=4010
    )

    assert status == 400
    assert isinstance(body, str)
    assert "html" in headers["content-type"]


def test_hidden_texts_are_missing_in_the_schema_and_empty_for_the_player() -> None:
    _, schema, _ = call("ISteamUserStats/GetSchemaForGame/v2", appid=4010)
    _, player, _ = call(
        "ISteamUserStats/GetPlayerAchievements/v1", steamid=VEGA, appid=4010, l="english"
    )
    _, game, _ = call("IPlayerService/GetGameAchievements/v1", appid=4010)

    rows = {row["name"]: row for row in schema["game"]["availableGameStats"]["achievements"]}
    assert rows["THE_KEEPER"]["hidden"] == 1
    assert "description" not in rows["THE_KEEPER"]
    stats = {row["apiname"]: row for row in player["playerstats"]["achievements"]}
    assert (stats["THE_KEEPER"]["achieved"], stats["THE_KEEPER"]["description"]) == (1, "")
    definitions = {row["internal_name"]: row for row in game["response"]["achievements"]}
    assert definitions["THE_KEEPER"]["localized_desc"].startswith("Learn who")
    assert definitions["THE_KEEPER"]["player_percent_unlocked"] == "20.3"


def test_the_batch_lists_the_unlocked_ones_rarest_first() -> None:
    _, body, _ = call(
        "IPlayerService/GetTopAchievementsForGames/v1",
        steamid=VEGA,
        max_achievements=1000,
        apps=(4010, 4030, 4100),
    )

    games = {game["appid"]: game for game in body["response"]["games"]}
    percents = [float(row["player_percent_unlocked"]) for row in games[4010]["achievements"]]
    assert percents == sorted(percents)
    assert len(percents) == 5
    assert games[4100] == {"appid": 4100, "total_achievements": 3}
    assert 4030 not in games


def test_the_batch_takes_no_plain_repetition_and_eight_by_default() -> None:
    path = "IPlayerService/GetTopAchievementsForGames/v1"

    plain = call(path, steamid=VEGA, appids=4010)[1]
    default = call(path, steamid=VEGA, apps=(4040,))[1]

    assert plain == {"response": {"games": []}}
    assert len(default["response"]["games"][0]["achievements"]) == 8


def test_the_owner_of_a_key_sees_what_they_hide() -> None:
    sandbox = SteamSandbox()
    sandbox.database.players[VEGA].shows_games = False

    own = call("IPlayerService/GetOwnedGames/v1", sandbox, steamid=VEGA)[1]

    assert own["response"]["game_count"] == 14


def test_the_supported_list_names_the_documented_methods_alone() -> None:
    _, body, _ = call("ISteamWebAPIUtil/GetSupportedAPIList/v1", headers={})

    names = {
        f"{interface['name']}/{method['name']}"
        for interface in body["apilist"]["interfaces"]
        for method in interface["methods"]
    }
    assert "IPlayerService/GetOwnedGames" in names
    assert "IPlayerService/GetGameAchievements" not in names


def test_progress_is_refused_by_get_and_unknown_methods_are_pages() -> None:
    assert call("IPlayerService/GetAchievementsProgress/v1")[0] == 405
    assert call("IPlayerService/GetNothing/v1")[0] == 404
