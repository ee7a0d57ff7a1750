"""Trophy titles, groups and trophies, defined and earned."""

from typing import Any

import httpx
import pytest

from providers.psn.sandbox.app import PsnSandbox
from providers.psn.sandbox.constants import (
    FRESH_ACCOUNT_ID,
    FRIEND_ACCOUNT_ID,
    OWNER_ACCOUNT_ID,
    SECOND_ACCOUNT_ID,
    STRANGER_ACCOUNT_ID,
)
from tests.providers.psn.sandbox.signed_in_caller import TROPHY, Caller, parse_error, send_request

ME = f"{TROPHY}/users/me"
QUEST = "npCommunicationIds/NPWR00001_00"
HARBOR = "npCommunicationIds/NPWR00003_00"
ORCHARD = "npCommunicationIds/NPWR00004_00"
SIGNAL = "npCommunicationIds/NPWR00008_00"
FORBIDDEN = (403, 2240526, "Not permitted by access control")
NOT_FOUND = (404, 2240525, "Resource not found")
OLD = {"npServiceName": "trophy"}


def list_titles(caller: Caller, account_id: str = "me") -> dict[str, Any]:
    rows = caller.get_json(f"{TROPHY}/users/{account_id}/trophyTitles")["trophyTitles"]
    return {row["npCommunicationId"]: row for row in rows}


def test_the_summary_follows_from_the_points(owner: Caller) -> None:
    summary = owner.get_json(f"{ME}/trophySummary")
    assert summary == {
        "accountId": OWNER_ACCOUNT_ID,
        "trophyLevel": 42,
        "trophyPoint": 2475,
        "trophyLevelBasePoint": 2460,
        "trophyLevelNextPoint": 2520,
        "progress": 25,
        "tier": 1,
        "earnedTrophies": {"bronze": 67, "silver": 12, "gold": 9, "platinum": 1},
    }


def test_a_fresh_account_starts_at_level_one(owner: Caller) -> None:
    summary = owner.get_json(f"{TROPHY}/users/{FRESH_ACCOUNT_ID}/trophySummary")
    assert (summary["trophyLevel"], summary["tier"], summary["progress"]) == (1, 1, 0)
    assert (summary["trophyLevelBasePoint"], summary["trophyLevelNextPoint"]) == (0, 60)
    page = owner.get_json(f"{TROPHY}/users/{FRESH_ACCOUNT_ID}/trophyTitles")
    assert page == {"trophyTitles": [], "totalItemCount": 0}


def test_the_level_can_come_as_text(sandbox: PsnSandbox, owner: Caller) -> None:
    sandbox.settings["trophy_level_as_string"] = True
    assert owner.get_json(f"{ME}/trophySummary")["trophyLevel"] == "42"


def test_titles_are_ordered_by_their_last_change(owner: Caller) -> None:
    response = owner.get(f"{ME}/trophyTitles")
    page = response.json()
    changed = [row["lastUpdatedDateTime"] for row in page["trophyTitles"]]
    assert changed == sorted(changed, reverse=True)
    assert page["totalItemCount"] == len(changed) == 14
    assert "nextOffset" not in page
    assert "previousOffset" not in page
    assert response.headers["cache-control"] == "private"


def test_a_title_says_where_it_belongs_and_how_far_it_is(owner: Caller) -> None:
    assert list_titles(owner)["NPWR00001_00"] == {
        "npServiceName": "trophy2",
        "npCommunicationId": "NPWR00001_00",
        "trophySetVersion": "01.02",
        "trophyTitleName": "Sample Quest",
        "trophyTitleIconUrl": "https://image.invalid/trophy/NPWR00001_00.png",
        "trophyTitlePlatform": "PS5,PSPC",
        "hasTrophyGroups": True,
        "trophyGroupCount": 2,
        "definedTrophies": {"bronze": 4, "silver": 2, "gold": 1, "platinum": 1},
        "earnedTrophies": {"bronze": 2, "silver": 0, "gold": 1, "platinum": 0},
        "progress": 57,
        "hiddenFlag": False,
        "lastUpdatedDateTime": "2026-05-04T03:02:01Z",
    }


def test_only_the_older_service_describes_a_title(owner: Caller) -> None:
    for row in list_titles(owner).values():
        assert ("trophyTitleDetail" in row) == (row["npServiceName"] == "trophy")


def test_every_platform_is_there(owner: Caller) -> None:
    platforms = {row["trophyTitlePlatform"] for row in list_titles(owner).values()}
    assert platforms == {
        "PS5,PSPC",
        "PS5",
        "PS4",
        "PS3",
        "PSVITA",
        "PS3,PSVITA,PS4",
        "PSVITA,PS4",
    }


def test_pages_of_titles_fit_together(owner: Caller) -> None:
    first = owner.get_json(f"{ME}/trophyTitles", limit=5)
    middle = owner.get_json(f"{ME}/trophyTitles", limit=5, offset=5)
    last = owner.get_json(f"{ME}/trophyTitles", limit=5, offset=10)
    assert (first["nextOffset"], first.get("previousOffset")) == (5, None)
    assert (middle["nextOffset"], middle["previousOffset"]) == (10, 4)
    assert (last.get("nextOffset"), last["previousOffset"]) == (None, 9)
    pages = [*first["trophyTitles"], *middle["trophyTitles"], *last["trophyTitles"]]
    assert pages == owner.get_json(f"{ME}/trophyTitles")["trophyTitles"]
    assert owner.get_json(f"{ME}/trophyTitles", offset=99)["trophyTitles"] == []


@pytest.mark.parametrize(
    "query", [{"limit": 801}, {"limit": 0}, {"limit": "x"}, {"offset": -1}, {"limit": "1.5"}]
)
def test_a_bad_page_is_refused(owner: Caller, query: dict[str, Any]) -> None:
    response = owner.get(f"{ME}/trophyTitles", **query)
    name = next(iter(query))
    assert parse_error(response) == (400, 2240513, f"Bad Request (query: {name})")
    assert owner.get(f"{ME}/trophyTitles", limit=800).status_code == 200


def test_only_the_owner_sees_a_hidden_title(owner: Caller, second: Caller) -> None:
    assert list_titles(owner)["NPWR00010_00"]["hiddenFlag"] is True
    assert "NPWR00010_00" not in list_titles(second, OWNER_ACCOUNT_ID)
    assert list_titles(second)["NPWR00015_00"]["hiddenFlag"] is True
    assert "NPWR00015_00" not in list_titles(owner, SECOND_ACCOUNT_ID)
    hidden = "npCommunicationIds/NPWR00010_00/trophyGroups"
    assert owner.get_json(f"{ME}/{hidden}")["hiddenFlag"] is True
    response = second.get(f"{TROPHY}/users/{OWNER_ACCOUNT_ID}/{hidden}")
    assert parse_error(response) == NOT_FOUND


def test_a_private_account_is_forbidden_everywhere(owner: Caller) -> None:
    user = f"{TROPHY}/users/{STRANGER_ACCOUNT_ID}"
    quest = "npCommunicationIds/NPWR00002_00"
    for path in (
        "trophySummary",
        "trophyTitles",
        "titles/trophyTitles?npTitleIds=CUSA00001_00",
        f"{quest}/trophyGroups?npServiceName=trophy",
        f"{quest}/trophyGroups/all/trophies?npServiceName=trophy",
    ):
        assert parse_error(
            send_request(owner.sandbox, "GET", f"{user}/{path}", headers=owner.headers)
        ) == (FORBIDDEN)


def test_a_name_instead_of_an_id_is_an_obscure_error(owner: Caller) -> None:
    response = owner.get(f"{TROPHY}/users/sample_friend/trophyTitles")
    assert parse_error(response) == (400, 2240513, "Bad Request (path: sort)")
    unknown = owner.get(f"{TROPHY}/users/9000000000000000009/trophyTitles")
    assert parse_error(unknown) == NOT_FOUND
    assert "referenceId" in unknown.json()["error"]


@pytest.mark.parametrize("header", [None, "Bearer nonsense", "Basic abc", "Bearer"])
def test_a_bad_token_is_refused(sandbox: PsnSandbox, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    response = send_request(sandbox, "GET", f"{ME}/trophySummary", headers=headers)
    assert parse_error(response) == (401, 2241025, "Invalid token")


def list_titles_of_games(caller: Caller, ids: str, user: str = "me", **more: str) -> httpx.Response:
    return caller.get(f"{TROPHY}/users/{user}/titles/trophyTitles", npTitleIds=ids, **more)


def test_games_lead_to_their_trophy_sets_in_another_order(owner: Caller) -> None:
    np_title_ids = ["PPSA00001_00", "CUSA00001_00", "PPSA00017_00"]
    rows = list_titles_of_games(owner, ",".join(np_title_ids)).json()["titles"]
    assert [row["npTitleId"] for row in rows] != np_title_ids
    sets = {
        row["npTitleId"]: [title["npCommunicationId"] for title in row["trophyTitles"]]
        for row in rows
    }
    assert sets == {
        "PPSA00001_00": ["NPWR00001_00"],
        "CUSA00001_00": ["NPWR00002_00"],
        "PPSA00017_00": [],
    }


def test_a_title_of_a_game_has_its_own_members(owner: Caller) -> None:
    response = list_titles_of_games(owner, "PPSA00003_00,", includeNotEarnedTrophyIds="true")
    row = response.json()["titles"][0]["trophyTitles"][0]
    assert not {"trophySetVersion", "trophyTitlePlatform", "hiddenFlag"} & row.keys()
    assert row["notEarnedTrophyIds"] == []
    assert [trophy["trophyName"] for trophy in row["rarestTrophies"]] == [
        "Lighthouse Keeper",
        "Every Ship Home",
    ]
    assert {trophy["trophyEarnedRate"] for trophy in row["rarestTrophies"]} == {"3.1"}
    quest = list_titles_of_games(owner, "PPSA00001_00").json()["titles"][0]["trophyTitles"][0]
    assert "notEarnedTrophyIds" not in quest


def test_six_games_are_too_many(owner: Caller) -> None:
    ids = "PPSA00001_00,CUSA00001_00,PPSA00003_00,CUSA00004_00,CUSA00007_00"
    assert list_titles_of_games(owner, ids).status_code == 200
    response = list_titles_of_games(owner, f"{ids},PPSA00008_00")
    assert parse_error(response) == (400, 2240513, "Bad Request (query: npTitleId)")
    assert parse_error(list_titles_of_games(owner, ""))[:2] == (400, 2240513)


@pytest.mark.parametrize("unknown", ["PPSA99999_00", "PPSA00090_00", "BLUS00001_00"])
def test_one_unknown_game_fails_the_whole_call_by_name(owner: Caller, unknown: str) -> None:
    response = list_titles_of_games(owner, f"PPSA00001_00,{unknown}")
    assert parse_error(response) == (404, 2240525, f"Resource not found (npTitleId='{unknown}')")


def test_batches_can_be_shuffled(sandbox: PsnSandbox, owner: Caller) -> None:
    sandbox.settings["shuffle_batches"] = True
    ids = ["PPSA00001_00", "CUSA00001_00", "PPSA00003_00", "CUSA00004_00"]
    rows = list_titles_of_games(owner, ",".join(ids)).json()["titles"]
    assert sorted(row["npTitleId"] for row in rows) == sorted(ids)


def test_groups_have_names_for_everyone(owner: Caller) -> None:
    response = owner.get(f"{TROPHY}/{HARBOR}/trophyGroups", npServiceName="trophy2")
    body = response.json()
    assert response.headers["cache-control"] == "max-age=300"
    assert [group["trophyGroupId"] for group in body["trophyGroups"]] == ["default", "001"]
    assert body["trophyGroups"][1]["trophyGroupName"] == "Winter Harbor"
    total = sum(sum(group["definedTrophies"].values()) for group in body["trophyGroups"])
    assert total == sum(body["definedTrophies"].values()) == 12
    assert "trophyTitleDetail" not in body


def test_progress_by_group_leaves_the_platinum_out(owner: Caller) -> None:
    body = owner.get_json(f"{ME}/{QUEST}/trophyGroups", npServiceName="trophy2")
    assert body == {
        "trophySetVersion": "01.02",
        "hiddenFlag": False,
        "progress": 57,
        "earnedTrophies": {"bronze": 2, "silver": 0, "gold": 1, "platinum": 0},
        "lastUpdatedDateTime": "2026-05-04T03:02:01Z",
        "trophyGroups": [
            {
                "trophyGroupId": "default",
                "progress": 72,
                "earnedTrophies": {"bronze": 2, "silver": 0, "gold": 1, "platinum": 0},
                "lastUpdatedDateTime": "2026-05-04T03:02:01Z",
            },
            {
                "trophyGroupId": "001",
                "progress": 0,
                "earnedTrophies": {"bronze": 0, "silver": 0, "gold": 0, "platinum": 0},
            },
        ],
    }


def test_a_wrong_service_name_answers_not_found(owner: Caller) -> None:
    for path in (
        f"{TROPHY}/{ORCHARD}/trophyGroups",
        f"{TROPHY}/{ORCHARD}/trophyGroups/all/trophies",
        f"{ME}/{ORCHARD}/trophyGroups",
        f"{ME}/{ORCHARD}/trophyGroups/all/trophies",
    ):
        assert parse_error(owner.get(path, npServiceName="trophy2")) == NOT_FOUND
        assert parse_error(owner.get(path)) == NOT_FOUND
        assert owner.get(path, **OLD).status_code == 200
    assert parse_error(owner.get(f"{TROPHY}/{QUEST}/trophyGroups", **OLD)) == NOT_FOUND
    assert parse_error(owner.get(f"{TROPHY}/{QUEST}/trophyGroups", npServiceName="x"))[0] == 400


def test_without_a_service_name_the_newer_service_is_meant(owner: Caller) -> None:
    assert owner.get(f"{TROPHY}/{QUEST}/trophyGroups").status_code == 200
    assert owner.get(f"{ME}/{QUEST}/trophyGroups/all/trophies").status_code == 200


def test_a_set_that_was_never_synced_is_not_found(owner: Caller) -> None:
    unopened = "npCommunicationIds/NPWR00017_00/trophyGroups"
    assert parse_error(owner.get(f"{ME}/{unopened}")) == NOT_FOUND
    assert owner.get(f"{TROPHY}/{unopened}").status_code == 200
    missing = "npCommunicationIds/NPWR99999_00/trophyGroups"
    assert parse_error(owner.get(f"{TROPHY}/{missing}")) == NOT_FOUND


def test_trophies_are_defined_for_everyone(owner: Caller) -> None:
    response = owner.get(f"{TROPHY}/{SIGNAL}/trophyGroups/all/trophies")
    body = response.json()
    assert response.headers["cache-control"] == "max-age=300"
    assert [row["trophyId"] for row in body["trophies"]] == list(range(10))
    assert body["trophies"][2] == {
        "trophyId": 2,
        "trophyHidden": False,
        "trophyType": "silver",
        "trophyName": "Echo",
        "trophyDetail": "Hear 50 echoes.",
        "trophyIconUrl": "https://image.invalid/trophy/NPWR00008_00/2.png",
        "trophyGroupId": "default",
        "trophyProgressTargetValue": "50",
    }
    assert (body["totalItemCount"], body["hasTrophyGroups"]) == (10, True)


def test_one_trophy_carries_a_reward(owner: Caller) -> None:
    rows = owner.get_json(f"{TROPHY}/{HARBOR}/trophyGroups/all/trophies")["trophies"]
    rewarded = [row for row in rows if "trophyRewardName" in row]
    assert [row["trophyRewardName"] for row in rewarded] == ["Yellow Raincoat"]
    assert rewarded[0]["trophyRewardImageUrl"].startswith("https://image.invalid/")


def test_a_group_of_trophies_can_be_paged(owner: Caller) -> None:
    url = f"{ME}/{ORCHARD}/trophyGroups/001/trophies"
    every = owner.get_json(url, **OLD)
    assert every["totalItemCount"] == len(every["trophies"]) == 10
    page = owner.get_json(url, limit=4, offset=4, **OLD)
    assert page["trophies"] == every["trophies"][4:8]
    assert (page["nextOffset"], page["previousOffset"]) == (8, 3)
    assert parse_error(owner.get(f"{ME}/{ORCHARD}/trophyGroups/009/trophies", **OLD)) == NOT_FOUND


def test_counters_show_only_while_they_count(owner: Caller) -> None:
    rows = owner.get_json(f"{ME}/{SIGNAL}/trophyGroups/all/trophies")["trophies"]
    assert rows[2] == {
        "trophyId": 2,
        "trophyHidden": False,
        "earned": False,
        "progress": "31",
        "progressRate": 62,
        "progressedDateTime": "2026-10-20T20:20:20Z",
        "trophyType": "silver",
        "trophyRare": 2,
        "trophyEarnedRate": "29.5",
    }
    # The third has a counter that was never moved, the fourth is already earned.
    assert not {"progress", "progressRate", "progressedDateTime"} & rows[3].keys()
    assert rows[4]["earned"] is True
    assert not {"progress", "progressRate", "progressedDateTime"} & rows[4].keys()


def test_a_secret_trophy_stays_marked_after_it_is_earned(owner: Caller) -> None:
    rows = owner.get_json(f"{ME}/{SIGNAL}/trophyGroups/all/trophies")["trophies"]
    secret = {row["trophyId"]: row["earned"] for row in rows if row["trophyHidden"]}
    assert secret == {1: False, 6: True}


def test_an_earned_date_is_there_only_for_what_is_earned(owner: Caller) -> None:
    for set_id in ("NPWR00001_00", "NPWR00008_00", "NPWR00012_00"):
        body = owner.get_json(f"{ME}/npCommunicationIds/{set_id}/trophyGroups/all/trophies")
        for row in body["trophies"]:
            assert ("earnedDateTime" in row) == row["earned"]


def test_the_rarest_trophies_may_tie_or_be_absent(owner: Caller) -> None:
    harbor = owner.get_json(f"{ME}/{HARBOR}/trophyGroups/all/trophies")
    assert [row["trophyId"] for row in harbor["rarestTrophies"]] == [0, 1]
    assert "trophyName" not in harbor["rarestTrophies"][0]
    bell = f"{ME}/npCommunicationIds/NPWR00009_00/trophyGroups/all/trophies"
    assert "rarestTrophies" not in owner.get_json(bell, **OLD)


def test_rarity_follows_the_rate(owner: Caller) -> None:
    rows = owner.get_json(f"{ME}/{HARBOR}/trophyGroups/all/trophies")["trophies"]
    bands = {row["trophyEarnedRate"]: row["trophyRare"] for row in rows}
    assert bands["5.0"] == 0
    assert bands["6.6"] == 1
    assert bands["15.0"] == 1
    assert bands["50.0"] == 2
    assert bands["95.2"] == 3


def test_a_single_trophy_can_be_asked_for(owner: Caller) -> None:
    defined = owner.get_json(f"{TROPHY}/{QUEST}/trophies/2")
    assert defined["trophyName"] == "Nine Lanterns"
    assert defined["trophySetVersion"] == "01.02"
    earned = owner.get_json(f"{ME}/{QUEST}/trophies/2")
    assert (earned["progress"], earned["progressRate"]) == ("4", 44)
    assert parse_error(owner.get(f"{TROPHY}/{QUEST}/trophies/99")) == NOT_FOUND


def test_the_language_is_chosen_by_header(owner: Caller) -> None:
    url = f"{TROPHY}/{QUEST}/trophies/1"
    for header, name in (
        ("de-DE", "Der lange Weg"),
        ("en-US", "The Long Road"),
        ("fr-FR", "The Long Road"),
        ("fr, de;q=0.8, en;q=0.9", "The Long Road"),
        ("fr-FR,de;q=0.5", "Der lange Weg"),
    ):
        response = owner.get(url, {"Accept-Language": header})
        assert response.json()["trophyName"] == name
    titles = owner.get(f"{ME}/trophyTitles", {"Accept-Language": "de"}).json()["trophyTitles"]
    assert titles[0]["trophyTitleName"] == "Tiefes Signal"


def test_two_titles_share_an_exact_moment(owner: Caller) -> None:
    moments: list[str] = []
    for set_id, service in (("NPWR00011_00", "trophy"), ("NPWR00012_00", "trophy2")):
        url = f"{ME}/npCommunicationIds/{set_id}/trophyGroups/all/trophies"
        rows = owner.get_json(url, npServiceName=service)["trophies"]
        moments += [row["earnedDateTime"] for row in rows if row["earned"]]
    assert moments.count("2026-02-14T19:30:00Z") == 2


def test_the_same_set_has_other_progress_for_others(owner: Caller) -> None:
    mine, theirs = list_titles(owner), list_titles(owner, FRIEND_ACCOUNT_ID)
    assert len(theirs) == 3
    assert mine["NPWR00001_00"]["progress"] == 57
    assert theirs["NPWR00001_00"]["progress"] == 100


def test_visibility_settings_of_a_title_are_shown_to_its_owner_alone(owner: Caller) -> None:
    setting = owner.get_json(f"{ME}/{QUEST}/appearanceSetting")
    assert setting["visibility"] == "public"
    url = f"{TROPHY}/users/{FRIEND_ACCOUNT_ID}/{QUEST}/appearanceSetting"
    assert parse_error(owner.get(url)) == FORBIDDEN
