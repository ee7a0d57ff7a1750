"""A change that is asked for twice under one key happens once."""

from typing import Any

import pytest

from providers.psn.sandbox import world
from tests.asking import Server
from tests.server.people.psn import PNG, changed, changes, changing, encoded

GROUP = world.DIRECT_GROUP_ID
# Each change with an input, the same with another, and what to ask for.
CHANGES: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "removePsnFriend": (
        {"handle": world.FRIEND_ONLINE_ID},
        {"handle": world.RENAMED_ONLINE_ID},
        "removed { accountId }",
    ),
    "createPsnMessageGroup": (
        {"inviteeIds": [world.FRIEND_ACCOUNT_ID, world.SECOND_ACCOUNT_ID]},
        {"inviteeIds": [world.FRIEND_ACCOUNT_ID]},
        "group { groupId } allInvited",
    ),
    "sendPsnMessage": (
        {"groupId": GROUP, "body": "once"},
        {"groupId": GROUP, "body": "twice"},
        "messageUid createdAt threadId",
    ),
    "uploadPsnResource": (
        {"groupId": GROUP, "contentBase64": encoded(PNG)},
        {"groupId": GROUP, "contentBase64": encoded(PNG + b"!")},
        "resourceId",
    ),
    "sendPsnResource": (
        {"groupId": GROUP, "resourceId": world.IMAGE_RESOURCE_ID},
        {"groupId": GROUP, "resourceId": world.IMAGE_RESOURCE_ID, "kind": "STICKER"},
        "messageUid createdAt threadId",
    ),
}
SENDING = changing("sendPsnMessage", "messageUid")
SECOND = {
    "x-client-id": world.CLIENT_ID,
    "x-client-secret": world.CLIENT_SECRET,
    "x-npsso": world.SECOND_NPSSO,
}


def keyed(given: dict[str, Any], key: str = "a-key") -> dict[str, Any]:
    """An input under a key."""
    return {**given, "idempotencyKey": key}


@pytest.mark.parametrize("name", CHANGES)
def test_the_same_under_the_same_key_acts_once_and_answers_alike(server: Server, name: str) -> None:
    given, _, fields = CHANGES[name]
    first = changed(server, name, keyed(given), fields).data
    assert changed(server, name, keyed(given), fields).data == first
    assert len(changes(server)) == 1


@pytest.mark.parametrize("name", CHANGES)
def test_another_input_under_the_same_key_is_a_conflict(server: Server, name: str) -> None:
    given, other, fields = CHANGES[name]
    changed(server, name, keyed(given), fields)
    answer = changed(server, name, keyed(other), fields)
    assert answer.error["code"] == "IDEMPOTENCY_CONFLICT"
    assert len(changes(server)) == 1


@pytest.mark.parametrize("name", CHANGES)
def test_twenty_at_once_under_one_key_act_once(server: Server, name: str) -> None:
    given, _, fields = CHANGES[name]
    each = [({"input": keyed(given)}, dict[str, str]())] * 20
    answers = server.together(changing(name, fields), each)
    assert len({str(answer.data) for answer in answers}) == 1
    assert len(changes(server)) == 1


def test_of_two_inputs_at_once_under_one_key_one_is_a_conflict(server: Server) -> None:
    given, other, _ = CHANGES["sendPsnMessage"]
    each = [({"input": keyed(one)}, dict[str, str]()) for one in (given, other)]
    answers = server.together(SENDING, each)
    assert [answer.error_codes for answer in answers] == [set(), {"IDEMPOTENCY_CONFLICT"}]


def test_without_a_key_and_under_another_key_it_is_another_change(server: Server) -> None:
    given = CHANGES["sendPsnMessage"][0]
    for each in (given, given, keyed(given, "one"), keyed(given, "two")):
        assert changed(server, "sendPsnMessage", each, "messageUid").data
    assert len(changes(server)) == 4


def test_a_key_is_its_changes_own(server: Server) -> None:
    for name, (given, _, fields) in CHANGES.items():
        assert changed(server, name, keyed(given), fields).data
    assert len(changes(server)) == len(CHANGES)


def test_a_key_is_its_viewers_own(server: Server) -> None:
    given = {"groupId": world.NAMED_GROUP_ID, "body": "both are in it"}
    each = [({"input": keyed(given)}, headers) for headers in (dict[str, str](), SECOND)]
    assert all(answer.data for answer in server.together(SENDING, each))
    senders = [each.sender for each in server.psn.world.lounges[world.NAMED_GROUP_ID].messages]
    assert set(senders[-2:]) == {world.OWNER_ACCOUNT_ID, world.SECOND_ACCOUNT_ID}


def test_what_failed_for_sure_may_be_done_again_under_its_key(server: Server) -> None:
    given = keyed(CHANGES["sendPsnMessage"][0])
    server.fail("/messages", status=403, body={"error": {"code": 1, "message": "no"}})
    assert changed(server, "sendPsnMessage", given, "messageUid").error["code"] == "FORBIDDEN"
    server.mend()
    assert changed(server, "sendPsnMessage", given, "messageUid").data


def test_what_became_of_it_is_answered_alike_even_when_nobody_knows(server: Server) -> None:
    given = keyed(CHANGES["sendPsnMessage"][0])
    server.fail("/messages", reset=True)
    assert changed(server, "sendPsnMessage", given, "messageUid").error["code"] == "OUTCOME_UNKNOWN"
    server.mend()
    assert changed(server, "sendPsnMessage", given, "messageUid").error["code"] == "OUTCOME_UNKNOWN"
    assert len(changes(server)) == 1
