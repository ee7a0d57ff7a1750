"""PlayStation accounts: their profiles under every handle, and their friends in batches."""

import time
from collections.abc import Mapping
from typing import Any

import pytest

from providers.psn.sandbox import constants
from tests.harness import RunningServer
from tests.schema.psn_queries import get_nodes, query_account, read_account, read_all_nodes

PROFILE_FIELDS = (
    "handle accountId onlineId npId aboutMe isPlus country languages friendRelation avatar { url }"
)
STATUS_SELECTION = "status { state message }"
PRESENCE_SELECTION = "presence { onlineStatus platform lastOnlineAt titleName npTitleId }"
FRIEND_FIELDS = "accountId onlineId handle presence { onlineStatus }"
FRIENDS_SELECTION = f"""friends(first: 100) {{
  totalCount edges {{ node {{ {FRIEND_FIELDS} }} }} sources {{ state }} }}"""


def test_a_profile_by_online_id_is_complete(server: RunningServer) -> None:
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


def test_a_profile_by_account_id_is_the_same_profile(server: RunningServer) -> None:
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


def test_a_failing_profile_host_is_a_failure_and_never_a_missing_account(
    server: RunningServer,
) -> None:
    server.inject_fault("profile2", status=503)
    answer = query_account(server, f"{STATUS_SELECTION} aboutMe", constants.FRIEND_ONLINE_ID)
    assert answer.partial_data["user"]["accounts"][0]["status"]["state"] == "UNAVAILABLE"
    assert answer.error_codes == {"UPSTREAM_UNAVAILABLE"}


def build_expected_friend(server: RunningServer, account_id: str) -> dict[str, Any]:
    """Return a friend as the sandbox has it."""
    record = server.psn.database.accounts[account_id]
    return {
        "accountId": account_id,
        "onlineId": record.online_id,
        "handle": record.online_id,
        "presence": {"onlineStatus": "offline" if record.last_online_at else "online"},
    }


def list_expected_friends(server: RunningServer, account_id: str) -> list[dict[str, Any]]:
    """Return all friends as the sandbox has them."""
    return [build_expected_friend(server, each) for each in server.psn.database.friends[account_id]]


@pytest.mark.slow
def test_a_hundred_friends_with_profiles_and_presences_are_three_calls(
    server: RunningServer,
) -> None:
    answer = query_account(server, FRIENDS_SELECTION)
    found = answer.data["user"]["accounts"][0]["friends"]
    assert answer.upstream_calls == {"PSN": 3}
    assert server.count_upstream_calls() == {"PSN": 3}
    assert found["totalCount"] == 120
    assert get_nodes(found) == list_expected_friends(server, constants.OWNER_ACCOUNT_ID)[:100]


def test_friends_numbers_are_in_the_list_itself(server: RunningServer) -> None:
    answer = query_account(server, "friends(first: 3) { edges { node { id accountId nativeId } } }")
    friends = get_nodes(answer.data["user"]["accounts"][0]["friends"])
    numbers = server.psn.database.friends[constants.OWNER_ACCOUNT_ID][:3]
    assert [each["accountId"] for each in friends] == numbers
    assert [each["nativeId"] for each in friends] == numbers
    assert answer.upstream_calls == {"PSN": 1}


@pytest.mark.slow
def test_all_friends_are_reached_page_by_page(server: RunningServer) -> None:
    found = read_all_nodes(server, "friends", FRIEND_FIELDS, 33)
    assert found == list_expected_friends(server, constants.OWNER_ACCOUNT_ID)


def test_the_friends_of_another_account_are_listed(server: RunningServer) -> None:
    found = read_account(server, FRIENDS_SELECTION, constants.FRIEND_ONLINE_ID)["friends"]
    assert get_nodes(found) == list_expected_friends(server, constants.FRIEND_ACCOUNT_ID)


@pytest.mark.slow
@pytest.mark.parametrize("settings", [{"profiles_row_missing": True}, {"shuffle_batches": True}])
def test_a_short_or_shuffled_batch_does_not_mix_profiles(
    server: RunningServer, settings: Mapping[str, Any]
) -> None:
    server.psn.settings.update(settings)
    found = read_account(server, FRIENDS_SELECTION.replace("first: 100", "first: 40"))["friends"]
    assert get_nodes(found) == list_expected_friends(server, constants.OWNER_ACCOUNT_ID)[:40]


def test_a_friend_whose_row_is_missing_is_requested_alone(server: RunningServer) -> None:
    server.psn.settings["profiles_row_missing"] = True
    query_account(server, "friends(first: 5) { edges { node { onlineId } } }")
    alone = [name for name in server.psn.calls if name.endswith("/profiles")]
    assert sum(server.psn.calls[name] for name in alone) == 1 + 5


def test_a_friend_that_cannot_be_fetched_fails_alone(server: RunningServer) -> None:
    server.psn.settings["profiles_row_missing"] = True
    server.inject_fault(f"/{constants.RENAMED_ACCOUNT_ID}/profiles", status=503)
    answer = query_account(server, "friends(first: 3) { edges { node { accountId onlineId } } }")
    found = get_nodes(answer.partial_data["user"]["accounts"][0]["friends"])
    assert [each["onlineId"] for each in found] == ["sample_friend", None, "second_player"]
    assert answer.error_codes == {"UPSTREAM_UNAVAILABLE"}


def test_hidden_friends_are_reported_as_private(server: RunningServer) -> None:
    fields = "friends { totalCount edges { cursor } sources { source state } }"
    found = read_account(server, fields, constants.STRANGER_ONLINE_ID)["friends"]
    assert found == {
        "totalCount": None,
        "edges": [],
        "sources": [{"source": "PSN", "state": "PRIVATE"}],
    }


def test_unavailable_friends_are_not_an_empty_list(server: RunningServer) -> None:
    server.inject_fault("/friends", status=503)
    found = read_account(server, "friends { totalCount sources { state } }")["friends"]
    assert found == {"totalCount": None, "sources": [{"state": "UNAVAILABLE"}]}


@pytest.mark.parametrize("argument", ["first: 0", "first: 101", 'after: "x"', "first: -1"])
def test_an_invalid_page_is_rejected(server: RunningServer, argument: str) -> None:
    answer = query_account(server, f"friends({argument}) {{ totalCount }}")
    assert answer.error["code"] == "BAD_USER_INPUT"
    assert server.count_upstream_calls() == {}


def test_a_cursor_of_another_list_is_rejected(server: RunningServer) -> None:
    fields = "playedGames(first: 1) { pageInfo { endCursor } }"
    cursor = read_account(server, fields)["playedGames"]["pageInfo"]["endCursor"]
    answer = query_account(server, f'friends(after: "{cursor}") {{ totalCount }}')
    assert answer.error["code"] == "BAD_USER_INPUT"


@pytest.mark.parametrize("name", ["sample_friend", constants.FRIEND_ACCOUNT_ID])
def test_fields_that_need_a_name_are_loaded_for_an_account_id_as_well(
    server: RunningServer, name: str
) -> None:
    fields = "npId country friendRelation avatar { url }"

    found = read_account(server, fields, name)

    assert found["country"] == "GB"
    assert found["friendRelation"] == "friend"
    assert found["npId"]


def test_fields_that_need_a_name_are_null_while_names_cannot_be_loaded(
    server: RunningServer,
) -> None:
    server.inject_fault("profile2", status=503)
    fields = "npId country onlineId"

    found = read_account(server, fields, constants.FRIEND_ACCOUNT_ID)

    assert found == {"npId": None, "country": None, "onlineId": "sample_friend"}


def test_friends_of_the_viewer_are_friends_without_a_call(server: RunningServer) -> None:
    answer = query_account(server, "friends(first: 3) { edges { node { friendRelation } } }")

    friends = get_nodes(answer.data["user"]["accounts"][0]["friends"])
    assert friends == 3 * [{"friendRelation": "friend"}]
    assert answer.upstream_calls == {"PSN": 1}
