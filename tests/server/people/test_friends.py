"""Friends: ids at once, then profiles and presences by the hundred."""

from collections.abc import Mapping
from typing import Any

import pytest

from providers.psn.sandbox import world
from tests.asking import Server
from tests.server.people.psn import account, answered, listed, walked

ROW = "accountId onlineId handle presence { onlineStatus }"
FRIENDS = f"friends(first: 100) {{ totalCount edges {{ node {{ {ROW} }} }} sources {{ state }} }}"


def truth(server: Server, account_id: str) -> dict[str, Any]:
    """A friend as the sandbox has him."""
    known = server.psn.world.accounts[account_id]
    return {
        "accountId": account_id,
        "onlineId": known.online_id,
        "handle": known.online_id,
        "presence": {"onlineStatus": "offline" if known.last_online else "online"},
    }


def friends_of(server: Server, account_id: str) -> list[dict[str, Any]]:
    """All friends as the sandbox has them."""
    return [truth(server, each) for each in server.psn.world.friends[account_id]]


def test_a_hundred_friends_with_profiles_and_presences_are_three_calls(server: Server) -> None:
    answer = answered(server, FRIENDS)
    found = answer.data["user"]["accounts"][0]["friends"]
    assert answer.calls == {"PSN": 3}
    assert server.asked() == {"PSN": 3}
    assert found["totalCount"] == 120
    assert listed(found) == friends_of(server, world.OWNER_ACCOUNT_ID)[:100]


def test_friends_numbers_are_in_the_list_itself(server: Server) -> None:
    answer = answered(server, "friends(first: 3) { edges { node { id accountId nativeId } } }")
    friends = listed(answer.data["user"]["accounts"][0]["friends"])
    numbers = server.psn.world.friends[world.OWNER_ACCOUNT_ID][:3]
    assert [each["accountId"] for each in friends] == numbers
    assert [each["nativeId"] for each in friends] == numbers
    assert answer.calls == {"PSN": 1}


def test_all_friends_are_reached_page_by_page(server: Server) -> None:
    found = walked(server, "friends", ROW, 33)
    assert found == friends_of(server, world.OWNER_ACCOUNT_ID)


def test_somebody_elses_friends_are_his(server: Server) -> None:
    found = account(server, FRIENDS, world.FRIEND_ONLINE_ID)["friends"]
    assert listed(found) == friends_of(server, world.FRIEND_ACCOUNT_ID)


@pytest.mark.parametrize("settings", [{"profiles_row_missing": True}, {"shuffle_batches": True}])
def test_a_batch_that_is_short_or_shuffled_gives_nobody_anothers_profile(
    server: Server, settings: Mapping[str, Any]
) -> None:
    server.psn.settings.update(settings)
    found = account(server, FRIENDS.replace("first: 100", "first: 40"))["friends"]
    assert listed(found) == friends_of(server, world.OWNER_ACCOUNT_ID)[:40]


def test_whose_row_was_missing_is_asked_for_alone(server: Server) -> None:
    server.psn.settings["profiles_row_missing"] = True
    answered(server, "friends(first: 5) { edges { node { onlineId } } }")
    alone = [name for name in server.psn.calls if name.endswith("/profiles")]
    assert sum(server.psn.calls[name] for name in alone) == 1 + 5


def test_a_friend_that_cannot_be_asked_about_fails_alone(server: Server) -> None:
    server.psn.settings["profiles_row_missing"] = True
    server.fail(f"/{world.RENAMED_ACCOUNT_ID}/profiles", status=503)
    answer = answered(server, "friends(first: 3) { edges { node { accountId onlineId } } }")
    found = listed(answer.partial["user"]["accounts"][0]["friends"])
    assert [each["onlineId"] for each in found] == ["sample_friend", None, "second_player"]
    assert answer.error_codes == {"UPSTREAM_UNAVAILABLE"}


def test_hidden_friends_are_said_to_be_hidden(server: Server) -> None:
    fields = "friends { totalCount edges { cursor } sources { source state } }"
    found = account(server, fields, world.STRANGER_ONLINE_ID)["friends"]
    assert found == {
        "totalCount": None,
        "edges": [],
        "sources": [{"source": "PSN", "state": "PRIVATE"}],
    }


def test_friends_that_cannot_be_asked_for_are_not_shown_as_none(server: Server) -> None:
    server.fail("/friends", status=503)
    found = account(server, "friends { totalCount sources { state } }")["friends"]
    assert found == {"totalCount": None, "sources": [{"state": "UNAVAILABLE"}]}


@pytest.mark.parametrize("argument", ["first: 0", "first: 101", 'after: "x"', "first: -1"])
def test_a_page_that_cannot_be_is_refused(server: Server, argument: str) -> None:
    answer = answered(server, f"friends({argument}) {{ totalCount }}")
    assert answer.error["code"] == "BAD_USER_INPUT"
    assert server.asked() == {}


def test_a_cursor_of_another_list_is_refused(server: Server) -> None:
    fields = "playedGames(first: 1) { pageInfo { endCursor } }"
    cursor = account(server, fields)["playedGames"]["pageInfo"]["endCursor"]
    answer = answered(server, f'friends(after: "{cursor}") {{ totalCount }}')
    assert answer.error["code"] == "BAD_USER_INPUT"
