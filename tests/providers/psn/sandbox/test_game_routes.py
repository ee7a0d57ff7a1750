"""The game list, the catalogue and the entitlements."""

from typing import Any

import pytest

from providers.psn.sandbox.app import PsnSandbox
from providers.psn.sandbox.constants import FRESH_ACCOUNT_ID, FRIEND_ACCOUNT_ID, STRANGER_ACCOUNT_ID
from tests.providers.psn.sandbox.signed_in_caller import MOBILE, TROPHY, Caller, send_request

GAMES = f"{MOBILE}/api/gamelist/v2/users"
ENTITLEMENTS = f"{MOBILE}/api/entitlement/v2/users/me/internal/entitlements"


def test_played_games_come_newest_first(owner: Caller) -> None:
    body = owner.get_json(f"{GAMES}/me/titles", limit=200)
    last = [row["lastPlayedDateTime"] for row in body["titles"]]
    assert last == sorted(last, reverse=True)
    assert body["totalItemCount"] == len(last) == 13
    assert body["nextOffset"] is None
    assert body["previousOffset"] == 0
    assert body["titles"][2]["concept"]["titleIds"] == ["PPSA00001_00", "CUSA00001_00"]
    assert body["titles"][2]["concept"]["id"] == 10000001
    assert body["titles"][2]["playDuration"] == "PT92H42M16S"


def test_ten_games_are_a_page(owner: Caller) -> None:
    first = owner.get_json(f"{GAMES}/me/titles")
    assert (len(first["titles"]), first["nextOffset"]) == (10, 10)
    rest = owner.get_json(f"{GAMES}/me/titles", offset=10)
    assert (len(rest["titles"]), rest["nextOffset"], rest["previousOffset"]) == (3, None, 0)


def test_categories_choose_games(owner: Caller) -> None:
    body = owner.get_json(f"{GAMES}/me/titles", categories="ps4_game,pspc_game", limit=200)
    assert {row["category"] for row in body["titles"]} == {"ps4_game"}
    media = owner.get_json(f"{GAMES}/me/titles", categories="ps5_native_media_app")
    assert [row["titleId"] for row in media["titles"]] == ["PPSA00090_00"]


def test_names_are_localised(owner: Caller) -> None:
    response = owner.get(f"{GAMES}/me/titles", {"Accept-Language": "de-DE"})
    row = response.json()["titles"][0]
    assert (row["name"], row["localizedName"]) == ("Deep Signal", "Tiefes Signal")
    assert response.headers["cache-control"] == "max-age=0, no-cache, no-store"


@pytest.mark.parametrize("limit", [201, 1000, 0, "x"])
def test_a_limit_above_the_cap_names_both(owner: Caller, limit: Any) -> None:
    response = owner.get(f"{GAMES}/me/titles", limit=limit)
    error = response.json()["error"]
    assert response.status_code == 400
    assert (error["code"], error["reason"], error["source"]) == (3239940, "BadRequest", "Gamelist")
    if limit in (201, 1000):
        assert str(limit) in error["message"]
        assert "200" in error["message"]


def test_the_cap_can_move(sandbox: PsnSandbox, owner: Caller) -> None:
    sandbox.settings["game_list_limit"] = 100
    assert owner.get(f"{GAMES}/me/titles", limit=200).status_code == 400
    assert owner.get(f"{GAMES}/me/titles", limit=100).status_code == 200


def test_the_lower_case_scheme_is_refused_here_alone(owner: Caller) -> None:
    header = {"Authorization": owner.headers["Authorization"].replace("Bearer", "bearer")}
    response = owner.get(f"{GAMES}/me/titles", header)
    error = response.json()["error"]
    assert response.status_code == 401
    assert error["namespace"] == "aang"
    assert (error["code"], error["reason"]) == (3239954, "MissingAuthCredentials")
    assert error["source"] is None
    assert error["referenceId"] is None
    assert error["details"]["httpStatusCode"] == 401
    assert owner.get(f"{TROPHY}/users/me/trophySummary", header).status_code == 200
    assert send_request(owner.sandbox, "GET", f"{GAMES}/me/titles").status_code == 401


def test_a_game_list_can_be_hidden_or_empty(owner: Caller) -> None:
    response = owner.get(f"{GAMES}/{STRANGER_ACCOUNT_ID}/titles")
    error = response.json()["error"]
    assert (response.status_code, error["code"], error["reason"]) == (
        403,
        3241984,
        "HiddenGamelist",
    )
    assert owner.get_json(f"{GAMES}/{FRESH_ACCOUNT_ID}/titles")["titles"] == []
    assert owner.get_json(f"{GAMES}/{FRIEND_ACCOUNT_ID}/titles")["totalItemCount"] == 3


def test_played_games_lead_to_the_trophy_sets(owner: Caller) -> None:
    played = owner.get_json(f"{GAMES}/me/titles", limit=200)["titles"]
    ids = [row["titleId"] for row in played if "media_app" not in row["category"]]
    joined: dict[str, int] = {}
    for start in range(0, len(ids), 5):
        query = {"npTitleIds": ",".join(ids[start : start + 5])}
        for row in owner.get_json(f"{TROPHY}/users/me/titles/trophyTitles", **query)["titles"]:
            joined[row["npTitleId"]] = len(row["trophyTitles"])
    assert joined.keys() == set(ids)
    assert [title for title, count in joined.items() if count == 0] == ["PPSA00017_00"]


def test_the_catalogue_answers_with_a_list(owner: Caller) -> None:
    concepts = owner.get_json(f"{MOBILE}/api/catalog/v2/titles/PPSA00003_00/concepts", country="US")
    assert [concept["id"] for concept in concepts] == [10000003]
    assert owner.get(f"{MOBILE}/api/catalog/v2/titles/NOPE/concepts").status_code == 404


def test_entitlements_say_the_concept_as_text(owner: Caller) -> None:
    body = owner.get_json(ENTITLEMENTS, limit=5, offset=10)
    assert (body["start"], body["totalResults"], len(body["entitlements"])) == (10, 13, 3)
    assert body["entitlements"][0]["conceptMeta"]["conceptId"] == "10000013"


def test_a_game_may_have_no_concept(second: Caller) -> None:
    row = second.get_json(f"{GAMES}/me/titles")["titles"][0]
    assert (row["titleId"], row["category"], row["concept"]) == ("CUSA00091_00", "unknown", None)
