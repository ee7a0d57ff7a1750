"""Profiles, presences, friends, the share link and the devices."""

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


@pytest.mark.parametrize("handle", ["me", "sample_friend"])
def test_a_profile_is_requested_by_number(owner: Caller, handle: str) -> None:
    response = owner.get(f"{USERS}/{handle}/profiles")
    assert parse_error(response) == (400, 2281473, "Bad Request (path: accountId)")


def test_an_unknown_account_is_not_found(owner: Caller) -> None:
    response = owner.get(f"{USERS}/9000000000000000009/profiles")
    assert parse_error(response) == (404, 2281485, "Resource not found")


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
    response = owner.get(f"{USERS}/profiles", accountIds=",".join(ids))
    assert parse_error(response) == (400, 2281473, "Bad Request (query: accountIds)")


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
    response = owner.get(f"{USERS_TWO}/{STRANGER_ACCOUNT_ID}/basicPresences", type="primary")
    assert parse_error(response) == FORBIDDEN


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
    response = owner.get(f"{users}/me/friends", limit=1001)
    assert parse_error(response) == (400, 2281473, "Bad Request (query: limit)")
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
    response = owner.request("PUT", f"{USERS}/me/friends/{waiting[1]}")
    assert parse_error(response)[:2] == (404, 2281485)


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
