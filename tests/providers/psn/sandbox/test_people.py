"""Profiles, presences, friends and searches."""

import base64
from typing import Any

import pytest

from providers.psn.sandbox.app import PsnSandbox
from providers.psn.sandbox.constants import (
    FRESH_ACCOUNT_ID,
    FRIEND_ACCOUNT_ID,
    OWNER_ACCOUNT_ID,
    RENAMED_ACCOUNT_ID,
    SECOND_ACCOUNT_ID,
    STRANGER_ACCOUNT_ID,
    get_extra_account_id,
)
from tests.providers.psn.sandbox.signed_in_caller import MOBILE, Caller, parse_error, send_request

USERS = f"{MOBILE}/api/userProfile/v1/internal/users"
USERS_TWO = f"{MOBILE}/api/userProfile/v2/internal/users"
LEGACY = "https://us-prof.np.community.playstation.net/userProfile/v1/users"
SEARCH = f"{MOBILE}/api/search/v1/universalSearch"
DEVICES = "https://dms.api.playstation.com/api/v1/devices/accounts/me"
FORBIDDEN = (403, 2281486, "Not permitted by access control")


def test_a_profile_has_no_account_id(owner: Caller) -> None:
    profile = owner.get_json(f"{USERS}/{FRIEND_ACCOUNT_ID}/profiles")
    assert "accountId" not in profile
    assert profile["onlineId"] == "sample_friend"
    assert profile["isPlus"] is True
    assert profile["isMe"] is False
    assert profile["personalDetail"]["firstName"] == "Sam"
    assert [avatar["size"] for avatar in profile["avatars"]] == ["s", "xl", "l", "m"]


def test_an_unset_description_is_empty_and_a_name_is_only_for_friends(second: Caller) -> None:
    profile = second.get_json(f"{USERS}/{STRANGER_ACCOUNT_ID}/profiles")
    assert profile["aboutMe"] == ""
    assert "personalDetail" not in profile
    assert second.get_json(f"{USERS}/{SECOND_ACCOUNT_ID}/profiles")["isMe"] is True


@pytest.mark.parametrize("asked", ["me", "sample_friend"])
def test_a_profile_wants_a_number(owner: Caller, asked: str) -> None:
    answer = owner.get(f"{USERS}/{asked}/profiles")
    assert parse_error(answer) == (400, 2281473, "Bad Request (path: accountId)")


def test_an_unknown_account_is_not_found(owner: Caller) -> None:
    answer = owner.get(f"{USERS}/9000000000000000009/profiles")
    assert parse_error(answer) == (404, 2281485, "Resource not found")


def test_profiles_come_by_position(sandbox: PsnSandbox, owner: Caller) -> None:
    ids = [RENAMED_ACCOUNT_ID, OWNER_ACCOUNT_ID, FRIEND_ACCOUNT_ID]
    rows = owner.get_json(f"{USERS}/profiles", accountIds=",".join(ids))["profiles"]
    assert [row["onlineId"] for row in rows] == ["new_name", "vega_north", "sample_friend"]
    sandbox.settings["profiles_row_missing"] = True
    rows = owner.get_json(f"{USERS}/profiles", accountIds=",".join(ids))["profiles"]
    assert [row["onlineId"] for row in rows] == ["new_name", "sample_friend"]


def test_a_hundred_profiles_are_the_most(owner: Caller) -> None:
    ids = [get_extra_account_id(number) for number in range(1, 102)]
    assert (
        len(owner.get_json(f"{USERS}/profiles", accountIds=",".join(ids[:100]))["profiles"]) == 100
    )
    answer = owner.get(f"{USERS}/profiles", accountIds=",".join(ids))
    assert parse_error(answer) == (400, 2281473, "Bad Request (query: accountIds)")


def test_a_presence_has_the_running_title_or_the_last_online_time(owner: Caller) -> None:
    url = f"{USERS_TWO}/{FRIEND_ACCOUNT_ID}/basicPresences"
    online = owner.get_json(url, type="primary")["basicPresence"]
    assert online["availability"] == "availableToPlay"
    assert online["gameTitleInfoList"][0]["npTitleId"] == "PPSA00001_00"
    assert "lastAvailableDate" not in online
    url = f"{USERS}/{FRESH_ACCOUNT_ID}/basicPresences"
    offline = owner.get_json(url, type="primary")["basicPresence"]
    assert offline["lastAvailableDate"] == "2026-10-31T23:59:59.999Z"
    assert offline["primaryPlatformInfo"]["lastOnlineDate"] == offline["lastAvailableDate"]
    assert "gameTitleInfoList" not in offline


def test_presences_come_by_account_without_the_private(sandbox: PsnSandbox, owner: Caller) -> None:
    ids = [FRIEND_ACCOUNT_ID, STRANGER_ACCOUNT_ID, SECOND_ACCOUNT_ID]
    query = {"type": "primary", "accountIds": ",".join(ids)}
    rows = owner.get_json(f"{USERS_TWO}/basicPresences", **query)["basicPresences"]
    assert [row["accountId"] for row in rows] == [FRIEND_ACCOUNT_ID, SECOND_ACCOUNT_ID]
    sandbox.settings["shuffle_batches"] = True
    rows = owner.get_json(f"{USERS_TWO}/basicPresences", **query)["basicPresences"]
    assert [row["accountId"] for row in rows] == [SECOND_ACCOUNT_ID, FRIEND_ACCOUNT_ID]
    answer = owner.get(f"{USERS_TWO}/{STRANGER_ACCOUNT_ID}/basicPresences", type="primary")
    assert parse_error(answer) == FORBIDDEN


@pytest.mark.parametrize("users", [USERS, USERS_TWO])
def test_friends_are_ids_in_pages(owner: Caller, users: str) -> None:
    first = owner.get_json(f"{users}/me/friends", limit=100)
    assert first["totalItemCount"] == 120
    assert first["nextOffset"] == 100
    assert "previousOffset" not in first
    last = owner.get_json(f"{users}/me/friends", limit=100, offset=100)
    assert "nextOffset" not in last
    every = owner.get_json(f"{users}/{OWNER_ACCOUNT_ID}/friends", limit=1000)["friends"]
    assert every == [*first["friends"], *last["friends"]]
    answer = owner.get(f"{users}/me/friends", limit=1001)
    assert parse_error(answer) == (400, 2281473, "Bad Request (query: limit)")
    assert parse_error(owner.get(f"{users}/{STRANGER_ACCOUNT_ID}/friends")) == FORBIDDEN


def test_a_friendship_can_be_summed_up(owner: Caller) -> None:
    summary = owner.get_json(f"{USERS}/me/friends/{FRIEND_ACCOUNT_ID}/summary")
    assert summary == {
        "friendRelation": "friend",
        "personalDetailSharing": "shared",
        "friendsCount": 2,
        "mutualFriendsCount": 1,
    }
    stranger = owner.get_json(f"{USERS}/me/friends/{STRANGER_ACCOUNT_ID}/summary")
    assert stranger["friendRelation"] == "no"


def test_a_request_can_be_accepted_or_declined(owner: Caller) -> None:
    received = f"{USERS}/me/friends/receivedRequests"
    waiting = [row["accountId"] for row in owner.get_json(received)["receivedRequests"]]
    assert waiting == [get_extra_account_id(118), get_extra_account_id(119)]
    assert owner.request("PUT", f"{USERS}/me/friends/{waiting[0]}").status_code == 204
    assert owner.request("DELETE", f"{USERS}/me/friends/{waiting[1]}").status_code == 204
    assert owner.get_json(received) == {"receivedRequests": [], "totalItemCount": 0}
    assert owner.get_json(f"{USERS}/me/friends")["totalItemCount"] == 121
    answer = owner.request("PUT", f"{USERS}/me/friends/{waiting[1]}")
    assert parse_error(answer)[:2] == (404, 2281485)


def test_removing_a_friend_changes_both_sides(owner: Caller, second: Caller) -> None:
    assert owner.request("DELETE", f"{USERS}/me/friends/{SECOND_ACCOUNT_ID}").status_code == 204
    assert SECOND_ACCOUNT_ID not in owner.get_json(f"{USERS}/me/friends")["friends"]
    assert second.get_json(f"{USERS}/me/friends")["friends"] == [FRIEND_ACCOUNT_ID]
    again = owner.request("DELETE", f"{USERS}/me/friends/{SECOND_ACCOUNT_ID}")
    assert parse_error(again)[:2] == (404, 2281485)


def test_blocks_have_no_total(owner: Caller) -> None:
    assert owner.get_json(f"{USERS}/me/blocks") == {"blockList": [get_extra_account_id(120)]}
    assert parse_error(owner.get(f"{USERS}/{FRIEND_ACCOUNT_ID}/blocks")) == FORBIDDEN
    assert owner.get_json(f"{USERS}/me/friends/subscribing/availableToPlay") == {"settings": []}


def test_a_profile_can_be_shared(owner: Caller) -> None:
    link = owner.get_json(f"{MOBILE}/api/cpss/v1/share/profile/{OWNER_ACCOUNT_ID}")
    assert link.keys() == {"shareUrl", "shareImageUrl", "shareImageUrlDestination"}


def test_the_device_service_returns_the_account_of_the_token(owner: Caller, second: Caller) -> None:
    assert owner.get_json(DEVICES) == {"accountId": OWNER_ACCOUNT_ID}
    body = second.get_json(DEVICES, includeFields="device,systemData", platform="PS5,PS4")
    assert body["accountId"] == SECOND_ACCOUNT_ID
    assert [device["deviceType"] for device in body["accountDevices"]] == ["PS5", "PS4"]
    assert send_request(owner.sandbox, "GET", DEVICES).status_code == 401


def get_legacy_profile(caller: Caller, name: str, fields: str) -> dict[str, Any]:
    return caller.get_json(f"{LEGACY}/{name}/profile2", fields=fields)["profile"]


def test_a_legacy_profile_has_the_requested_fields(owner: Caller) -> None:
    fields = "accountId,onlineId,plus,trophySummary(@default,level,progress,earnedTrophies)"
    profile = get_legacy_profile(owner, "sample_friend", fields)
    assert profile.keys() == {"accountId", "onlineId", "plus", "trophySummary"}
    assert profile["accountId"] == FRIEND_ACCOUNT_ID
    assert profile["plus"] == 1
    summary = owner.get_json(
        f"{MOBILE}/api/trophy/v1/users/{FRIEND_ACCOUNT_ID}/trophySummary",
    )
    assert profile["trophySummary"]["level"] == summary["trophyLevel"]
    region = base64.b64decode(get_legacy_profile(owner, "sample_friend", "npId")["npId"]).decode()
    assert region.endswith(".gb")


def test_a_renamed_account_is_found_under_both_names(owner: Caller) -> None:
    for asked in ("old_name", "new_name", "OLD_NAME"):
        profile = get_legacy_profile(owner, asked, "onlineId,accountId,currentOnlineId")
        assert profile["onlineId"] == asked.lower()
        assert profile["currentOnlineId"] == "new_name"
        assert profile["accountId"] == RENAMED_ACCOUNT_ID
    assert "currentOnlineId" not in get_legacy_profile(owner, "me", "onlineId,currentOnlineId")


def test_an_unknown_name_is_not_found_without_a_reference(owner: Caller) -> None:
    answer = owner.get(f"{LEGACY}/nobody_here/profile2", fields="accountId")
    said = {"code": 2105356, "message": "User not found (user: 'nobody_here')"}
    assert answer.status_code == 404
    assert answer.json() == {"error": said}
    assert send_request(owner.sandbox, "GET", f"{LEGACY}/me/profile2").json() == {
        "error": {"code": 2105857, "message": "Invalid token"}
    }


def test_a_private_legacy_profile_is_short(owner: Caller) -> None:
    profile = get_legacy_profile(
        owner, "quiet_stranger", "onlineId,trophySummary(@default),presences(@default)"
    )
    assert profile == {"onlineId": "quiet_stranger"}


def test_the_rich_friend_list_is_paged_and_sorted(owner: Caller) -> None:
    url = f"{LEGACY}/me/friends/profiles2"
    page = owner.get_json(url, fields="onlineId", sort="name-onlineId", offset=110, limit=36)
    assert (page["size"], page["start"], page["totalResults"]) == (10, 110, 120)
    names = [row["onlineId"] for row in page["profiles"]]
    assert names == sorted(names)
    assert names[-3:] == ["new_name", "sample_friend", "second_player"]


def test_a_friend_can_be_removed_by_name(owner: Caller) -> None:
    url = f"{LEGACY}/vega_north/friendList/sample_friend"
    assert owner.request("DELETE", url).status_code == 204
    assert owner.get_json(f"{USERS}/me/friends")["totalItemCount"] == 119
    assert parse_error(owner.request("DELETE", url))[:2] == (404, 2105356)
    other = owner.request("DELETE", f"{LEGACY}/second_player/friendList/sample_friend")
    assert parse_error(other)[:2] == (403, 2105358)


def run_search(caller: Caller, term: str, **page: Any) -> dict[str, Any]:
    request = (
        {"domain": "SocialAllAccounts", "pagination": page}
        if page
        else {"domain": "SocialAllAccounts"}
    )
    body = {"searchTerm": term, "domainRequests": [request]}
    answer = caller.request("POST", SEARCH, json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()["domainResponses"][0]


def get_online_ids(block: dict[str, Any]) -> list[str]:
    return [row["socialMetadata"]["onlineId"] for row in block["results"]]


def test_an_exact_name_need_not_come_first(owner: Caller) -> None:
    block = run_search(owner, "sample_friend")
    assert get_online_ids(block) == ["sample_friend_tv", "sample_friend"]
    assert block["results"][1]["type"] == "social"
    assert block["results"][1]["socialMetadata"]["accountId"] == FRIEND_ACCOUNT_ID
    assert (block["next"], block["totalResultCount"], block["zeroState"]) == ("", 2, False)


def test_a_search_misses_the_caller_and_some_others(owner: Caller, second: Caller) -> None:
    assert get_online_ids(run_search(owner, "vega_north")) == []
    assert get_online_ids(run_search(second, "vega_north")) == ["vega_north"]
    assert run_search(owner, "quiet_stranger")["zeroState"] is True
    assert get_online_ids(run_search(owner, "old_name")) == ["new_name"]


def test_a_search_goes_on_by_cursor(owner: Caller) -> None:
    names: list[str] = []
    cursor = ""
    while True:
        block = run_search(owner, "extra_", cursor=cursor, pageSize=50)
        names += get_online_ids(block)
        cursor = block["next"]
        if not cursor:
            break
    assert len(set(names)) == len(names) == block["totalResultCount"] == 129


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"searchTerm": "x"},
        {"searchTerm": "", "domainRequests": []},
        {
            "searchTerm": "x",
            "domainRequests": [{"domain": "SocialAllAccounts", "pagination": {"pageSize": 51}}],
        },
        {
            "searchTerm": "x",
            "domainRequests": [{"domain": "SocialAllAccounts", "pagination": {"cursor": "?"}}],
        },
    ],
)
def test_a_malformed_search_is_refused(owner: Caller, body: dict[str, Any]) -> None:
    assert parse_error(owner.request("POST", SEARCH, json=body))[:2] == (400, 2121729)
