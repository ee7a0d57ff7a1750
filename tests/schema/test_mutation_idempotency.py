"""A change that is asked for twice under one key happens once."""

from typing import Any

import pytest

from providers.psn.sandbox import constants
from tests.harness import RunningServer
from tests.schema.psn_queries import (
    PNG,
    build_mutation,
    encode_base64,
    list_write_requests,
    send_mutation,
)

GROUP_ID = constants.DIRECT_GROUP_ID
# Each change with an input, the same with another, and what to ask for.
CHANGES: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "removePsnFriend": (
        {"handle": constants.FRIEND_ONLINE_ID},
        {"handle": constants.RENAMED_ONLINE_ID},
        "removed { accountId }",
    ),
    "createPsnMessageGroup": (
        {"inviteeIds": [constants.FRIEND_ACCOUNT_ID, constants.SECOND_ACCOUNT_ID]},
        {"inviteeIds": [constants.FRIEND_ACCOUNT_ID]},
        "group { groupId } allInvited",
    ),
    "sendPsnMessage": (
        {"groupId": GROUP_ID, "body": "once"},
        {"groupId": GROUP_ID, "body": "twice"},
        "messageUid createdAt threadId",
    ),
    "uploadPsnResource": (
        {"groupId": GROUP_ID, "contentBase64": encode_base64(PNG)},
        {"groupId": GROUP_ID, "contentBase64": encode_base64(PNG + b"!")},
        "resourceId",
    ),
    "sendPsnResource": (
        {"groupId": GROUP_ID, "resourceId": constants.IMAGE_RESOURCE_ID},
        {"groupId": GROUP_ID, "resourceId": constants.IMAGE_RESOURCE_ID, "kind": "STICKER"},
        "messageUid createdAt threadId",
    ),
}
SEND_MUTATION = build_mutation("sendPsnMessage", "messageUid")
SECOND = {
    "x-client-id": constants.CLIENT_ID,
    "x-client-secret": constants.CLIENT_SECRET,
    "x-npsso": constants.SECOND_NPSSO,
}


def add_key(given: dict[str, Any], key: str = "a-key") -> dict[str, Any]:
    """An input under a key."""
    return {**given, "idempotencyKey": key}


@pytest.mark.parametrize("name", CHANGES)
def test_the_same_under_the_same_key_acts_once_and_answers_alike(
    server: RunningServer, name: str
) -> None:
    given, _, fields = CHANGES[name]
    first = send_mutation(server, name, add_key(given), fields).data
    assert send_mutation(server, name, add_key(given), fields).data == first
    assert len(list_write_requests(server)) == 1


@pytest.mark.parametrize("name", CHANGES)
def test_another_input_under_the_same_key_is_a_conflict(server: RunningServer, name: str) -> None:
    given, other, fields = CHANGES[name]
    send_mutation(server, name, add_key(given), fields)
    answer = send_mutation(server, name, add_key(other), fields)
    assert answer.error["code"] == "IDEMPOTENCY_CONFLICT"
    assert len(list_write_requests(server)) == 1


@pytest.mark.parametrize("name", CHANGES)
def test_twenty_at_once_under_one_key_act_once(server: RunningServer, name: str) -> None:
    given, _, fields = CHANGES[name]
    each = [({"input": add_key(given)}, dict[str, str]())] * 20
    answers = server.execute_concurrently(build_mutation(name, fields), each)
    assert len({str(answer.data) for answer in answers}) == 1
    assert len(list_write_requests(server)) == 1


def test_of_two_inputs_at_once_under_one_key_one_is_a_conflict(server: RunningServer) -> None:
    given, other, _ = CHANGES["sendPsnMessage"]
    each = [({"input": add_key(one)}, dict[str, str]()) for one in (given, other)]
    answers = server.execute_concurrently(SEND_MUTATION, each)
    assert [answer.error_codes for answer in answers] == [set(), {"IDEMPOTENCY_CONFLICT"}]


def test_without_a_key_and_under_another_key_it_is_another_change(server: RunningServer) -> None:
    given = CHANGES["sendPsnMessage"][0]
    for each in (given, given, add_key(given, "one"), add_key(given, "two")):
        assert send_mutation(server, "sendPsnMessage", each, "messageUid").data
    assert len(list_write_requests(server)) == 4


def test_a_key_belongs_to_its_mutation(server: RunningServer) -> None:
    for name, (given, _, fields) in CHANGES.items():
        assert send_mutation(server, name, add_key(given), fields).data
    assert len(list_write_requests(server)) == len(CHANGES)


def test_a_key_belongs_to_its_viewer(server: RunningServer) -> None:
    given = {"groupId": constants.NAMED_GROUP_ID, "body": "both are in it"}
    each = [({"input": add_key(given)}, headers) for headers in (dict[str, str](), SECOND)]
    assert all(answer.data for answer in server.execute_concurrently(SEND_MUTATION, each))
    senders = [
        each.sender
        for each in server.psn.database.message_groups[constants.NAMED_GROUP_ID].messages
    ]
    assert set(senders[-2:]) == {constants.OWNER_ACCOUNT_ID, constants.SECOND_ACCOUNT_ID}


def test_a_certain_failure_may_be_retried_under_its_key(server: RunningServer) -> None:
    given = add_key(CHANGES["sendPsnMessage"][0])
    server.inject_fault("/messages", status=403, body={"error": {"code": 1, "message": "no"}})
    assert send_mutation(server, "sendPsnMessage", given, "messageUid").error["code"] == "FORBIDDEN"
    server.clear_faults()
    assert send_mutation(server, "sendPsnMessage", given, "messageUid").data


def test_an_unknown_outcome_is_answered_alike_under_its_key(server: RunningServer) -> None:
    given = add_key(CHANGES["sendPsnMessage"][0])
    server.inject_fault("/messages", reset=True)
    assert (
        send_mutation(server, "sendPsnMessage", given, "messageUid").error["code"]
        == "OUTCOME_UNKNOWN"
    )
    server.clear_faults()
    assert (
        send_mutation(server, "sendPsnMessage", given, "messageUid").error["code"]
        == "OUTCOME_UNKNOWN"
    )
    assert len(list_write_requests(server)) == 1
