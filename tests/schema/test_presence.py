"""Who somebody is, and whether he is online."""

import time

import pytest

from providers.psn.sandbox import constants
from tests.harness import RunningServer
from tests.schema.psn_queries import query_account, read_account

PROFILE_FIELDS = (
    "handle accountId onlineId npId aboutMe isPlus country languages friendRelation avatar { url }"
)
STATUS_SELECTION = "status { state message }"
PRESENCE_SELECTION = "presence { onlineStatus platform lastOnlineAt titleName npTitleId }"


def test_a_profile_by_online_id_is_whole(server: RunningServer) -> None:
    found = read_account(server, PROFILE_FIELDS, "SAMPLE_friend")
    assert found.pop("avatar")["url"].startswith("https://")
    assert found.pop("npId")
    assert found == {
        "handle": constants.FRIEND_ONLINE_ID,
        "accountId": constants.FRIEND_ACCOUNT_ID,
        "onlineId": constants.FRIEND_ONLINE_ID,
        "aboutMe": "hello",
        "isPlus": True,
        "country": "GB",
        "languages": ["en"],
        "friendRelation": "friend",
    }


def test_a_profile_by_account_id_is_the_same_person(server: RunningServer) -> None:
    found = read_account(server, "handle accountId aboutMe isPlus", constants.FRIEND_ACCOUNT_ID)
    assert found == {
        "handle": constants.FRIEND_ONLINE_ID,
        "accountId": constants.FRIEND_ACCOUNT_ID,
        "aboutMe": "hello",
        "isPlus": True,
    }


@pytest.mark.parametrize(
    "handle",
    [constants.FRIEND_ONLINE_ID, constants.FRIEND_ACCOUNT_ID, constants.FRIEND_ONLINE_ID.upper()],
)
def test_an_account_has_the_same_id_under_every_handle(server: RunningServer, handle: str) -> None:
    expected = read_account(server, "id", constants.FRIEND_ONLINE_ID)
    assert read_account(server, "id", handle) == expected


def test_the_handle_me_is_the_viewers_profile(server: RunningServer) -> None:
    found = read_account(server, "accountId onlineId aboutMe")
    assert found == {
        "accountId": constants.OWNER_ACCOUNT_ID,
        "onlineId": constants.OWNER_ONLINE_ID,
        "aboutMe": "Collects lighthouses.",
    }


def test_a_renamed_account_is_found_by_its_former_name(server: RunningServer) -> None:
    found = read_account(server, "handle onlineId accountId", constants.RENAMED_FORMER_ID)
    assert found == {
        "handle": constants.RENAMED_ONLINE_ID,
        "onlineId": constants.RENAMED_ONLINE_ID,
        "accountId": constants.RENAMED_ACCOUNT_ID,
    }


@pytest.mark.parametrize("handle", ["nobody_at_all", "99999999999999999999"])
def test_an_unknown_account_is_not_found(server: RunningServer, handle: str) -> None:
    found = read_account(
        server, f"{STATUS_SELECTION} displayName accountId {PRESENCE_SELECTION}", handle
    )
    assert found["status"]["state"] == "NOT_FOUND"
    assert found["displayName"] is found["accountId"] is found["presence"] is None


def test_unknown_accounts_are_not_requested_again_at_once(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = " ".join(
        f'a{number}: user(accounts: [{{ source: PSN, handle: "{number}" }}]) {{ displayName }}'
        for number in range(3)
    )
    now = time.time
    missing = {f"a{number}": {"displayName": None} for number in range(3)}
    assert server.fetch_data(f"{{ {query} }}") == missing

    monkeypatch.setattr("time.time", lambda: now() + 10)
    answer = server.execute(f"{{ {query} }}")

    assert (answer.data, answer.upstream_calls) == (missing, {})


@pytest.mark.parametrize("handle", ["", "ab", "1a", "../me", "a/../b", "ünï_code", "a" * 17])
def test_an_invalid_handle_is_rejected_before_any_call(server: RunningServer, handle: str) -> None:
    answer = query_account(server, "displayName", handle)
    assert answer.error["code"] == "BAD_USER_INPUT"
    assert answer.error["argument"] == "handle"
    assert server.count_upstream_calls() == {}


def test_a_playing_account_is_online_with_platform_and_title(server: RunningServer) -> None:
    assert read_account(server, PRESENCE_SELECTION, constants.FRIEND_ONLINE_ID)["presence"] == {
        "onlineStatus": "online",
        "platform": "PS5",
        "lastOnlineAt": None,
        "titleName": "Sample Quest",
        "npTitleId": "PPSA00001_00",
    }


def test_an_offline_account_has_the_time_it_was_last_online(server: RunningServer) -> None:
    assert read_account(server, PRESENCE_SELECTION)["presence"] == {
        "onlineStatus": "offline",
        "platform": "PS4",
        "lastOnlineAt": "2026-10-30T21:14:05.120000Z",
        "titleName": None,
        "npTitleId": None,
    }


def test_a_hidden_presence_is_null_with_an_error_and_the_rest_is_there(
    server: RunningServer,
) -> None:
    answer = query_account(server, f"onlineId {PRESENCE_SELECTION}", constants.STRANGER_ONLINE_ID)
    found = answer.partial_data["user"]["accounts"][0]
    assert found == {"onlineId": constants.STRANGER_ONLINE_ID, "presence": None}
    assert answer.error_codes == {"PRIVATE"}


def test_a_failing_profile_host_is_a_failure_and_never_a_missing_account(
    server: RunningServer,
) -> None:
    server.inject_fault("profile2", status=503)
    answer = query_account(server, f"{STATUS_SELECTION} aboutMe", constants.FRIEND_ONLINE_ID)
    assert answer.partial_data["user"]["accounts"][0]["status"]["state"] == "UNAVAILABLE"
    assert answer.error_codes == {"UPSTREAM_UNAVAILABLE"}
