"""Friends: ids at once, then profiles and presences by the hundred."""

from collections.abc import Mapping
from typing import Any

import pytest

from providers.psn.sandbox import constants
from tests.harness import RunningServer
from tests.schema.psn_queries import get_nodes, query_account, read_account, read_all_nodes

FRIEND_FIELDS = "accountId onlineId handle presence { onlineStatus }"
FRIENDS_SELECTION = f"friends(first: 100) {{ totalCount edges {{ node {{ {FRIEND_FIELDS} }} }} sources {{ state }} }}"


def build_expected_friend(server: RunningServer, account_id: str) -> dict[str, Any]:
    """A friend as the sandbox has him."""
    record = server.psn.database.accounts[account_id]
    return {
        "accountId": account_id,
        "onlineId": record.online_id,
        "handle": record.online_id,
        "presence": {"onlineStatus": "offline" if record.last_online_at else "online"},
    }


def list_expected_friends(server: RunningServer, account_id: str) -> list[dict[str, Any]]:
    """All friends as the sandbox has them."""
    return [build_expected_friend(server, each) for each in server.psn.database.friends[account_id]]


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


def test_all_friends_are_reached_page_by_page(server: RunningServer) -> None:
    found = read_all_nodes(server, "friends", FRIEND_FIELDS, 33)
    assert found == list_expected_friends(server, constants.OWNER_ACCOUNT_ID)


def test_the_friends_of_another_account_are_listed(server: RunningServer) -> None:
    found = read_account(server, FRIENDS_SELECTION, constants.FRIEND_ONLINE_ID)["friends"]
    assert get_nodes(found) == list_expected_friends(server, constants.FRIEND_ACCOUNT_ID)


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


def test_a_cursor_of_another_list_is_refused(server: RunningServer) -> None:
    fields = "playedGames(first: 1) { pageInfo { endCursor } }"
    cursor = read_account(server, fields)["playedGames"]["pageInfo"]["endCursor"]
    answer = query_account(server, f'friends(after: "{cursor}") {{ totalCount }}')
    assert answer.error["code"] == "BAD_USER_INPUT"
