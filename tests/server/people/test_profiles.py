"""Who somebody is, and whether he is online."""

import time

import pytest

from providers.psn.sandbox import world
from tests.asking import Server
from tests.server.people.psn import account, answered

WHO = (
    "handle accountId onlineId npId aboutMe isPlus country languages friendRelation avatar { url }"
)
STATUS = "status { state message }"
PRESENCE = "presence { onlineStatus platform lastOnlineAt titleName npTitleId }"


def test_a_profile_by_online_id_is_whole(server: Server) -> None:
    found = account(server, WHO, "SAMPLE_friend")
    assert found.pop("avatar")["url"].startswith("https://")
    assert found.pop("npId")
    assert found == {
        "handle": world.FRIEND_ONLINE_ID,
        "accountId": world.FRIEND_ACCOUNT_ID,
        "onlineId": world.FRIEND_ONLINE_ID,
        "aboutMe": "hello",
        "isPlus": True,
        "country": "GB",
        "languages": ["en"],
        "friendRelation": "friend",
    }


def test_a_profile_by_account_id_is_the_same_person(server: Server) -> None:
    found = account(server, "handle accountId aboutMe isPlus", world.FRIEND_ACCOUNT_ID)
    assert found == {
        "handle": world.FRIEND_ONLINE_ID,
        "accountId": world.FRIEND_ACCOUNT_ID,
        "aboutMe": "hello",
        "isPlus": True,
    }


@pytest.mark.parametrize(
    "handle", [world.FRIEND_ONLINE_ID, world.FRIEND_ACCOUNT_ID, world.FRIEND_ONLINE_ID.upper()]
)
def test_an_account_has_one_id_whatever_it_was_reached_by(server: Server, handle: str) -> None:
    expected = account(server, "id", world.FRIEND_ONLINE_ID)
    assert account(server, "id", handle) == expected


def test_ones_own_profile_is_the_viewers(server: Server) -> None:
    found = account(server, "accountId onlineId aboutMe")
    assert found == {
        "accountId": world.OWNER_ACCOUNT_ID,
        "onlineId": world.OWNER_ONLINE_ID,
        "aboutMe": "Collects lighthouses.",
    }


def test_who_was_renamed_is_found_by_the_former_name_under_the_present_one(server: Server) -> None:
    found = account(server, "handle onlineId accountId", world.RENAMED_FORMER_ID)
    assert found == {
        "handle": world.RENAMED_ONLINE_ID,
        "onlineId": world.RENAMED_ONLINE_ID,
        "accountId": world.RENAMED_ACCOUNT_ID,
    }


@pytest.mark.parametrize("handle", ["nobody_at_all", "99999999999999999999"])
def test_an_account_that_nobody_has_is_said_to_be_none(server: Server, handle: str) -> None:
    found = account(server, f"{STATUS} displayName accountId {PRESENCE}", handle)
    assert found["status"]["state"] == "NOT_FOUND"
    assert found["displayName"] is found["accountId"] is found["presence"] is None


def test_accounts_that_nobody_has_are_not_looked_for_again_at_once(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = " ".join(
        f'a{number}: user(accounts: [{{ source: PSN, handle: "{number}" }}]) {{ displayName }}'
        for number in range(3)
    )
    now = time.time
    nobody = {f"a{number}": {"displayName": None} for number in range(3)}
    assert server.data(f"{{ {query} }}") == nobody

    monkeypatch.setattr("time.time", lambda: now() + 10)
    answer = server.ask(f"{{ {query} }}")

    assert (answer.data, answer.calls) == (nobody, {})


@pytest.mark.parametrize("handle", ["", "ab", "1a", "../me", "a/../b", "ünï_code", "a" * 17])
def test_what_no_account_can_be_called_is_refused_before_any_call(
    server: Server, handle: str
) -> None:
    answer = answered(server, "displayName", handle)
    assert answer.error["code"] == "BAD_USER_INPUT"
    assert answer.error["argument"] == "handle"
    assert server.asked() == {}


def test_who_plays_is_online_and_says_where_and_what(server: Server) -> None:
    assert account(server, PRESENCE, world.FRIEND_ONLINE_ID)["presence"] == {
        "onlineStatus": "online",
        "platform": "PS5",
        "lastOnlineAt": None,
        "titleName": "Sample Quest",
        "npTitleId": "PPSA00001_00",
    }


def test_who_is_offline_was_last_seen_then(server: Server) -> None:
    assert account(server, PRESENCE)["presence"] == {
        "onlineStatus": "offline",
        "platform": "PS4",
        "lastOnlineAt": "2026-10-30T21:14:05.120000Z",
        "titleName": None,
        "npTitleId": None,
    }


def test_a_hidden_presence_is_null_with_an_error_and_the_rest_is_there(server: Server) -> None:
    answer = answered(server, f"onlineId {PRESENCE}", world.STRANGER_ONLINE_ID)
    found = answer.partial["user"]["accounts"][0]
    assert found == {"onlineId": world.STRANGER_ONLINE_ID, "presence": None}
    assert answer.error_codes == {"PRIVATE"}


def test_a_failing_profile_host_is_a_failure_and_never_a_missing_account(server: Server) -> None:
    server.fail("profile2", status=503)
    answer = answered(server, f"{STATUS} aboutMe", world.FRIEND_ONLINE_ID)
    assert answer.partial["user"]["accounts"][0]["status"]["state"] == "UNAVAILABLE"
    assert answer.error_codes == {"UPSTREAM_UNAVAILABLE"}
