"""Mutations on the viewer's account, and input that is rejected before anything is sent."""

import asyncio
from typing import Any

import httpx
import pytest

from providers.psn.sandbox import constants
from tests.harness import RunningServer
from tests.schema.psn_queries import (
    PNG,
    build_account_query,
    build_mutation,
    encode_base64,
    get_nodes,
    list_write_requests,
    read_account,
    send_mutation,
)

REMOVED_FIELDS = "removed { accountId onlineId }"
CREATED_FIELDS = "group { groupId mainThreadId name } allInvited"
SENT_FIELDS = "messageUid createdAt threadId"
OWNER = constants.OWNER_ACCOUNT_ID


def get_payload(answer: Any, name: str) -> Any:
    """The payload of a mutation without any error."""
    return answer.data[name]


def read_newest_message(server: RunningServer, group_id: str = constants.DIRECT_GROUP_ID) -> Any:
    """The newest message of a group, asked for at once."""
    fields = "messages(first: 1) { edges { node { uid type body resource { resourceId } } } }"
    text = f'messageGroup(groupId: "{group_id}") {{ {fields} }}'
    return get_nodes(read_account(server, text)["messageGroup"]["messages"])[0]


@pytest.mark.parametrize("handle", [constants.FRIEND_ONLINE_ID, constants.FRIEND_ACCOUNT_ID])
def test_a_friend_is_removed_by_either_name(server: RunningServer, handle: str) -> None:
    answer = send_mutation(server, "removePsnFriend", {"handle": handle}, REMOVED_FIELDS)
    assert get_payload(answer, "removePsnFriend")["removed"] == {
        "accountId": constants.FRIEND_ACCOUNT_ID,
        "onlineId": constants.FRIEND_ONLINE_ID,
    }
    assert constants.FRIEND_ACCOUNT_ID not in server.psn.database.friends[OWNER]
    assert len(list_write_requests(server)) == 1


def test_a_removed_friend_is_gone_from_the_list_at_once(server: RunningServer) -> None:
    text = "friends(first: 1) { totalCount edges { node { onlineId } } }"
    assert read_account(server, text)["friends"]["totalCount"] == 120
    send_mutation(server, "removePsnFriend", {"handle": constants.FRIEND_ONLINE_ID}, REMOVED_FIELDS)
    found = read_account(server, text)["friends"]
    assert (found["totalCount"], get_nodes(found)) == (
        119,
        [{"onlineId": constants.RENAMED_ONLINE_ID}],
    )


@pytest.mark.parametrize("handle", [constants.RENAMED_ONLINE_ID, constants.RENAMED_ACCOUNT_ID])
def test_a_removed_friend_is_no_friend_under_any_handle(server: RunningServer, handle: str) -> None:
    names = (constants.RENAMED_ONLINE_ID, constants.RENAMED_FORMER_ID)
    for name in names:
        assert read_account(server, "friendRelation", name) == {"friendRelation": "friend"}
    assert not send_mutation(server, "removePsnFriend", {"handle": handle}, REMOVED_FIELDS).errors
    for name in names:
        assert read_account(server, "friendRelation", name) == {"friendRelation": "no"}


@pytest.mark.parametrize(
    "handle", [constants.STRANGER_ONLINE_ID, constants.get_extra_account_id(118), "nobody_at_all"]
)
def test_only_friends_can_be_removed_and_no_request_is_declined(
    server: RunningServer, handle: str
) -> None:
    answer = send_mutation(server, "removePsnFriend", {"handle": handle}, REMOVED_FIELDS)
    assert answer.error["code"] == "NOT_FOUND"
    assert list_write_requests(server) == []
    assert len(server.psn.database.friend_requests[OWNER]) == 2


def test_a_group_with_one_invitee_is_the_existing_one(server: RunningServer) -> None:
    given = {"inviteeIds": [constants.FRIEND_ACCOUNT_ID]}
    answer = send_mutation(server, "createPsnMessageGroup", given, CREATED_FIELDS)
    assert get_payload(answer, "createPsnMessageGroup") == {
        "group": {
            "groupId": constants.DIRECT_GROUP_ID,
            "mainThreadId": constants.DIRECT_GROUP_ID,
            "name": constants.FRIEND_ONLINE_ID,
        },
        "allInvited": True,
    }


def test_a_new_group_is_in_the_list_at_once(server: RunningServer) -> None:
    text = "messageGroups { totalCount edges { node { groupId } } }"
    assert read_account(server, text)["messageGroups"]["totalCount"] == 3
    given = {"inviteeIds": [constants.FRIEND_ACCOUNT_ID, constants.RENAMED_ACCOUNT_ID]}
    created = get_payload(
        send_mutation(server, "createPsnMessageGroup", given, CREATED_FIELDS),
        "createPsnMessageGroup",
    )
    found = read_account(server, text)["messageGroups"]
    assert found["totalCount"] == 4
    assert get_nodes(found)[0]["groupId"] == created["group"]["groupId"]


def test_an_existing_group_is_returned_without_knowing_the_account(server: RunningServer) -> None:
    server.inject_fault("accounts/me", status=503)
    given = {"inviteeIds": [constants.FRIEND_ACCOUNT_ID]}
    answer = send_mutation(
        server, "createPsnMessageGroup", given, "group { id groupId } allInvited"
    )
    created = get_payload(answer, "createPsnMessageGroup")["group"]
    assert created["groupId"] == constants.DIRECT_GROUP_ID
    server.clear_faults()
    query = "query ($id: ID!) { node(id: $id) { ... on PsnMessageGroup { groupId } } }"
    found = server.fetch_data(query, {"id": created["id"]})
    assert found == {"node": {"groupId": constants.DIRECT_GROUP_ID}}


def test_invitees_that_were_not_accepted_are_reported(server: RunningServer) -> None:
    given = {"inviteeIds": [constants.FRIEND_ACCOUNT_ID, constants.STRANGER_ACCOUNT_ID]}
    answer = send_mutation(server, "createPsnMessageGroup", given, CREATED_FIELDS)
    assert get_payload(answer, "createPsnMessageGroup")["allInvited"] is False
    given = {"inviteeIds": [constants.STRANGER_ACCOUNT_ID]}
    answer = send_mutation(server, "createPsnMessageGroup", given, CREATED_FIELDS)
    assert answer.error["code"] == "FORBIDDEN"


def test_a_text_is_sent_and_read_at_once(server: RunningServer) -> None:
    assert read_newest_message(server)["body"] == "message 45"
    given = {"groupId": constants.DIRECT_GROUP_ID, "body": "Grüße \N{GLOWING STAR}\nsecond line"}
    sent = get_payload(
        send_mutation(server, "sendPsnMessage", given, SENT_FIELDS), "sendPsnMessage"
    )
    assert sent["threadId"] == constants.DIRECT_GROUP_ID
    assert sent["createdAt"]
    assert read_newest_message(server) == {
        "uid": sent["messageUid"],
        "type": "TEXT",
        "body": given["body"],
        "resource": None,
    }


def test_a_list_in_flight_during_a_write_does_not_cache_the_old_group(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    latest = "latestMessage { body }"
    whole = build_account_query(f"messageGroups {{ edges {{ node {{ {latest} }} }} }}")
    given = {"groupId": constants.DIRECT_GROUP_ID, "body": "new words"}
    transport = server.shared_services.transport
    send = transport.handle_async_request

    async def scenario() -> None:
        answered, sent = asyncio.Event(), asyncio.Event()

        async def slowly(request: httpx.Request) -> httpx.Response:
            response = await send(request)
            if request.url.path.endswith("/members/me/groups"):
                answered.set()
                await sent.wait()
            return response

        monkeypatch.setattr(transport, "handle_async_request", slowly)
        asked = asyncio.create_task(server.execute_async(whole, {"handle": "me"}))
        await answered.wait()
        assert not (
            await server.execute_async(
                build_mutation("sendPsnMessage", SENT_FIELDS), {"input": given}
            )
        ).errors
        sent.set()
        assert not (await asked).errors

    server.run(scenario())

    text = f'messageGroup(groupId: "{constants.DIRECT_GROUP_ID}") {{ {latest} }}'
    assert read_account(server, text)["messageGroup"] == {"latestMessage": {"body": "new words"}}


def test_a_picture_is_uploaded_sent_and_downloaded_again(server: RunningServer) -> None:
    given: dict[str, Any] = {
        "groupId": constants.DIRECT_GROUP_ID,
        "contentBase64": encode_base64(PNG),
    }
    uploaded = get_payload(
        send_mutation(server, "uploadPsnResource", given, "resourceId"), "uploadPsnResource"
    )
    given = {"groupId": constants.DIRECT_GROUP_ID, **uploaded}
    sent = get_payload(
        send_mutation(server, "sendPsnResource", given, SENT_FIELDS), "sendPsnResource"
    )
    assert read_newest_message(server) == {
        "uid": sent["messageUid"],
        "type": "IMAGE",
        "body": None,
        "resource": uploaded,
    }
    path = f"/psn/groups/{constants.DIRECT_GROUP_ID}/resources/{uploaded['resourceId']}"
    assert server.request("GET", path).content == PNG


def test_a_sticker_is_sent_as_one(server: RunningServer) -> None:
    given = {
        "groupId": constants.DIRECT_GROUP_ID,
        "resourceId": constants.IMAGE_RESOURCE_ID,
        "kind": "STICKER",
    }
    answer = send_mutation(server, "sendPsnResource", given, SENT_FIELDS)
    assert get_payload(answer, "sendPsnResource")["messageUid"]
    assert read_newest_message(server)["type"] == "STICKER"


def test_a_resource_that_is_not_the_groups_is_not_found(server: RunningServer) -> None:
    given = {"groupId": constants.NAMED_GROUP_ID, "resourceId": constants.IMAGE_RESOURCE_ID}
    answer = send_mutation(server, "sendPsnResource", given, SENT_FIELDS)
    assert answer.error["code"] == "NOT_FOUND"


@pytest.mark.parametrize(
    ("name", "given", "argument"),
    [
        ("removePsnFriend", {"handle": "../me"}, "handle"),
        ("removePsnFriend", {"handle": ""}, "handle"),
        ("createPsnMessageGroup", {"inviteeIds": []}, "inviteeIds"),
        ("createPsnMessageGroup", {"inviteeIds": [str(n) for n in range(100)]}, "inviteeIds"),
        ("createPsnMessageGroup", {"inviteeIds": ["sample_friend"]}, "inviteeIds"),
        ("sendPsnMessage", {"groupId": "..", "body": "x"}, "groupId"),
        ("sendPsnMessage", {"groupId": constants.DIRECT_GROUP_ID, "body": ""}, "body"),
        ("sendPsnMessage", {"groupId": constants.DIRECT_GROUP_ID, "body": " \n"}, "body"),
        ("sendPsnMessage", {"groupId": constants.DIRECT_GROUP_ID, "body": "\u0007"}, "body"),
        ("sendPsnMessage", {"groupId": constants.DIRECT_GROUP_ID, "body": "a" * 4001}, "body"),
        (
            "sendPsnMessage",
            {"groupId": constants.DIRECT_GROUP_ID, "threadId": "../x", "body": "x"},
            "threadId",
        ),
        (
            "sendPsnResource",
            {"groupId": constants.DIRECT_GROUP_ID, "resourceId": "../x"},
            "resourceId",
        ),
        (
            "sendPsnMessage",
            {"groupId": constants.DIRECT_GROUP_ID, "body": "x", "idempotencyKey": ""},
            "idempotencyKey",
        ),
        (
            "sendPsnMessage",
            {"groupId": constants.DIRECT_GROUP_ID, "body": "x", "idempotencyKey": "k" * 256},
            "idempotencyKey",
        ),
    ],
)
def test_invalid_input_is_rejected_before_anything_is_sent(
    server: RunningServer, name: str, given: dict[str, Any], argument: str
) -> None:
    fields = {"removePsnFriend": REMOVED_FIELDS, "createPsnMessageGroup": CREATED_FIELDS}.get(
        name, SENT_FIELDS
    )
    answer = send_mutation(server, name, given, fields)
    assert "data" not in answer.body
    assert (answer.error["code"], answer.error["argument"]) == ("BAD_USER_INPUT", argument)
    assert list_write_requests(server) == []


def test_a_group_without_the_viewer_cannot_be_written_to(server: RunningServer) -> None:
    given = {"groupId": "~0000000000000000.0000000000000000", "body": "hello"}
    assert send_mutation(server, "sendPsnMessage", given, SENT_FIELDS).error["code"] == "NOT_FOUND"


def test_several_mutations_in_one_request_are_performed_in_order(server: RunningServer) -> None:
    group = constants.DIRECT_GROUP_ID
    fields = "".join(
        f'm{number}: sendPsnMessage(input: {{ groupId: "{group}", body: "number {number}" }}) '
        f"{{ messageUid }} "
        for number in range(5)
    )
    server.fetch_data(f"mutation {{ {fields} }}")
    bodies = [each.body for each in server.psn.database.message_groups[group].messages[-5:]]
    assert bodies == [f"number {number}" for number in range(5)]
