"""The older profile host: profiles and friends by name."""

import base64
from typing import Any

from providers.psn.sandbox.constants import FRIEND_ACCOUNT_ID, RENAMED_ACCOUNT_ID
from tests.providers.psn.sandbox.signed_in_caller import MOBILE, Caller, parse_error, send_request

LEGACY = "https://us-prof.np.community.playstation.net/userProfile/v1/users"
FRIENDS = f"{MOBILE}/api/userProfile/v1/internal/users/me/friends"


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
    for name in ("old_name", "new_name", "OLD_NAME"):
        profile = get_legacy_profile(owner, name, "onlineId,accountId,currentOnlineId")
        assert profile["onlineId"] == name.lower()
        assert profile["currentOnlineId"] == "new_name"
        assert profile["accountId"] == RENAMED_ACCOUNT_ID
    assert "currentOnlineId" not in get_legacy_profile(owner, "me", "onlineId,currentOnlineId")


def test_an_unknown_name_is_not_found_without_a_reference(owner: Caller) -> None:
    response = owner.get(f"{LEGACY}/nobody_here/profile2", fields="accountId")
    error = {"code": 2105356, "message": "User not found (user: 'nobody_here')"}
    assert response.status_code == 404
    assert response.json() == {"error": error}
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
    assert owner.get_json(FRIENDS)["totalItemCount"] == 119
    assert parse_error(owner.request("DELETE", url))[:2] == (404, 2105356)
    other = owner.request("DELETE", f"{LEGACY}/second_player/friendList/sample_friend")
    assert parse_error(other)[:2] == (403, 2105358)
