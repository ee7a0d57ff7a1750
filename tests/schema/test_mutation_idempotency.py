"""A mutation that is sent twice with one idempotency key is performed once."""

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
# Each mutation with an input, another input, and the selected fields.
MUTATIONS: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
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


def add_key(input_fields: dict[str, Any], key: str = "a-key") -> dict[str, Any]:
    """Return the input with an idempotency key."""
    return {**input_fields, "idempotencyKey": key}


@pytest.mark.parametrize("name", MUTATIONS)
def test_the_same_input_with_the_same_key_is_performed_once(
    server: RunningServer, name: str
) -> None:
    input_fields, _, fields = MUTATIONS[name]
    first = send_mutation(server, name, add_key(input_fields), fields).data
    assert send_mutation(server, name, add_key(input_fields), fields).data == first
    assert len(list_write_requests(server)) == 1


@pytest.mark.parametrize("name", MUTATIONS)
def test_another_input_with_the_same_key_is_a_conflict(server: RunningServer, name: str) -> None:
    input_fields, other, fields = MUTATIONS[name]
    send_mutation(server, name, add_key(input_fields), fields)
    answer = send_mutation(server, name, add_key(other), fields)
    assert answer.error["code"] == "IDEMPOTENCY_CONFLICT"
    assert len(list_write_requests(server)) == 1


@pytest.mark.parametrize("name", MUTATIONS)
def test_twenty_concurrent_requests_with_one_key_are_performed_once(
    server: RunningServer, name: str
) -> None:
    input_fields, _, fields = MUTATIONS[name]
    each = [({"input": add_key(input_fields)}, dict[str, str]())] * 20
    answers = server.execute_concurrently(build_mutation(name, fields), each)
    assert len({str(answer.data) for answer in answers}) == 1
    assert len(list_write_requests(server)) == 1


def test_one_of_two_concurrent_inputs_with_one_key_is_a_conflict(server: RunningServer) -> None:
    input_fields, other, _ = MUTATIONS["sendPsnMessage"]
    each = [({"input": add_key(one)}, dict[str, str]()) for one in (input_fields, other)]
    answers = server.execute_concurrently(SEND_MUTATION, each)
    assert [answer.error_codes for answer in answers] == [set(), {"IDEMPOTENCY_CONFLICT"}]


def test_without_a_key_or_with_another_key_it_is_performed_again(server: RunningServer) -> None:
    input_fields = MUTATIONS["sendPsnMessage"][0]
    for each in (
        input_fields,
        input_fields,
        add_key(input_fields, "one"),
        add_key(input_fields, "two"),
    ):
        assert send_mutation(server, "sendPsnMessage", each, "messageUid").data
    assert len(list_write_requests(server)) == 4


def test_a_key_belongs_to_its_mutation(server: RunningServer) -> None:
    for name, (input_fields, _, fields) in MUTATIONS.items():
        assert send_mutation(server, name, add_key(input_fields), fields).data
    assert len(list_write_requests(server)) == len(MUTATIONS)


def test_a_key_belongs_to_its_viewer(server: RunningServer) -> None:
    input_fields = {"groupId": constants.NAMED_GROUP_ID, "body": "both are in it"}
    each = [({"input": add_key(input_fields)}, headers) for headers in (dict[str, str](), SECOND)]
    assert all(answer.data for answer in server.execute_concurrently(SEND_MUTATION, each))
    senders = [
        each.sender
        for each in server.psn.database.message_groups[constants.NAMED_GROUP_ID].messages
    ]
    assert set(senders[-2:]) == {constants.OWNER_ACCOUNT_ID, constants.SECOND_ACCOUNT_ID}


def test_a_certain_failure_can_be_retried_with_its_key(server: RunningServer) -> None:
    input_fields = add_key(MUTATIONS["sendPsnMessage"][0])
    server.inject_fault("/messages", status=403, body={"error": {"code": 1, "message": "no"}})
    assert (
        send_mutation(server, "sendPsnMessage", input_fields, "messageUid").error["code"]
        == "FORBIDDEN"
    )
    server.clear_faults()
    assert send_mutation(server, "sendPsnMessage", input_fields, "messageUid").data


def test_an_unknown_outcome_is_repeated_with_its_key(server: RunningServer) -> None:
    input_fields = add_key(MUTATIONS["sendPsnMessage"][0])
    server.inject_fault("/messages", reset=True)
    assert (
        send_mutation(server, "sendPsnMessage", input_fields, "messageUid").error["code"]
        == "OUTCOME_UNKNOWN"
    )
    server.clear_faults()
    assert (
        send_mutation(server, "sendPsnMessage", input_fields, "messageUid").error["code"]
        == "OUTCOME_UNKNOWN"
    )
    assert len(list_write_requests(server)) == 1
