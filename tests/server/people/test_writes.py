"""What can be changed on the viewer's account, and what is refused before anything is sent."""

import asyncio
from typing import Any

import httpx
import pytest

from providers.psn.sandbox import world
from tests.asking import Server
from tests.server.people.psn import (
    PNG,
    account,
    asking,
    changed,
    changes,
    changing,
    encoded,
    listed,
)

REMOVED = "removed { accountId onlineId }"
CREATED = "group { groupId mainThreadId name } allInvited"
SENT = "messageUid createdAt threadId"
OWNER = world.OWNER_ACCOUNT_ID


def data(answer: Any, name: str) -> Any:
    """The payload of a mutation without any error."""
    return answer.data[name]


def newest(server: Server, group_id: str = world.DIRECT_GROUP_ID) -> Any:
    """The newest message of a group, asked for at once."""
    fields = "messages(first: 1) { edges { node { uid type body resource { resourceId } } } }"
    text = f'messageGroup(groupId: "{group_id}") {{ {fields} }}'
    return listed(account(server, text)["messageGroup"]["messages"])[0]


@pytest.mark.parametrize("handle", [world.FRIEND_ONLINE_ID, world.FRIEND_ACCOUNT_ID])
def test_a_friend_is_removed_by_either_name(server: Server, handle: str) -> None:
    answer = changed(server, "removePsnFriend", {"handle": handle}, REMOVED)
    assert data(answer, "removePsnFriend")["removed"] == {
        "accountId": world.FRIEND_ACCOUNT_ID,
        "onlineId": world.FRIEND_ONLINE_ID,
    }
    assert world.FRIEND_ACCOUNT_ID not in server.psn.world.friends[OWNER]
    assert len(changes(server)) == 1


def test_the_list_of_friends_knows_it_at_once(server: Server) -> None:
    text = "friends(first: 1) { totalCount edges { node { onlineId } } }"
    assert account(server, text)["friends"]["totalCount"] == 120
    changed(server, "removePsnFriend", {"handle": world.FRIEND_ONLINE_ID}, REMOVED)
    found = account(server, text)["friends"]
    assert (found["totalCount"], listed(found)) == (119, [{"onlineId": world.RENAMED_ONLINE_ID}])


@pytest.mark.parametrize("handle", [world.RENAMED_ONLINE_ID, world.RENAMED_ACCOUNT_ID])
def test_who_was_removed_is_no_friend_under_any_name(server: Server, handle: str) -> None:
    names = (world.RENAMED_ONLINE_ID, world.RENAMED_FORMER_ID)
    for name in names:
        assert account(server, "friendRelation", name) == {"friendRelation": "friend"}
    assert not changed(server, "removePsnFriend", {"handle": handle}, REMOVED).errors
    for name in names:
        assert account(server, "friendRelation", name) == {"friendRelation": "no"}


@pytest.mark.parametrize(
    "handle", [world.STRANGER_ONLINE_ID, world.extra_account_id(118), "nobody_at_all"]
)
def test_who_is_no_friend_cannot_be_removed_nor_his_request_declined(
    server: Server, handle: str
) -> None:
    answer = changed(server, "removePsnFriend", {"handle": handle}, REMOVED)
    assert answer.error["code"] == "NOT_FOUND"
    assert changes(server) == []
    assert len(server.psn.world.requests[OWNER]) == 2


def test_a_conversation_with_one_is_the_one_there_is_already(server: Server) -> None:
    given = {"inviteeIds": [world.FRIEND_ACCOUNT_ID]}
    answer = changed(server, "createPsnMessageGroup", given, CREATED)
    assert data(answer, "createPsnMessageGroup") == {
        "group": {
            "groupId": world.DIRECT_GROUP_ID,
            "mainThreadId": world.DIRECT_GROUP_ID,
            "name": world.FRIEND_ONLINE_ID,
        },
        "allInvited": True,
    }


def test_a_new_group_is_in_the_list_at_once(server: Server) -> None:
    text = "messageGroups { totalCount edges { node { groupId } } }"
    assert account(server, text)["messageGroups"]["totalCount"] == 3
    given = {"inviteeIds": [world.FRIEND_ACCOUNT_ID, world.RENAMED_ACCOUNT_ID]}
    created = data(
        changed(server, "createPsnMessageGroup", given, CREATED), "createPsnMessageGroup"
    )
    found = account(server, text)["messageGroups"]
    assert found["totalCount"] == 4
    assert listed(found)[0]["groupId"] == created["group"]["groupId"]


def test_a_group_that_is_there_is_answered_though_nobody_tells_whose_it_is(server: Server) -> None:
    server.fail("accounts/me", status=503)
    given = {"inviteeIds": [world.FRIEND_ACCOUNT_ID]}
    answer = changed(server, "createPsnMessageGroup", given, "group { id groupId } allInvited")
    created = data(answer, "createPsnMessageGroup")["group"]
    assert created["groupId"] == world.DIRECT_GROUP_ID
    server.mend()
    query = "query ($id: ID!) { node(id: $id) { ... on PsnMessageGroup { groupId } } }"
    found = server.data(query, {"id": created["id"]})
    assert found == {"node": {"groupId": world.DIRECT_GROUP_ID}}


def test_who_does_not_want_to_be_invited_is_told(server: Server) -> None:
    given = {"inviteeIds": [world.FRIEND_ACCOUNT_ID, world.STRANGER_ACCOUNT_ID]}
    answer = changed(server, "createPsnMessageGroup", given, CREATED)
    assert data(answer, "createPsnMessageGroup")["allInvited"] is False
    given = {"inviteeIds": [world.STRANGER_ACCOUNT_ID]}
    answer = changed(server, "createPsnMessageGroup", given, CREATED)
    assert answer.error["code"] == "FORBIDDEN"


def test_a_text_is_sent_and_read_at_once(server: Server) -> None:
    assert newest(server)["body"] == "message 45"
    given = {"groupId": world.DIRECT_GROUP_ID, "body": "Grüße \N{GLOWING STAR}\nsecond line"}
    sent = data(changed(server, "sendPsnMessage", given, SENT), "sendPsnMessage")
    assert sent["threadId"] == world.DIRECT_GROUP_ID
    assert sent["createdAt"]
    assert newest(server) == {
        "uid": sent["messageUid"],
        "type": "TEXT",
        "body": given["body"],
        "resource": None,
    }


def test_a_list_that_was_on_its_way_tells_nothing_old_of_the_group_afterwards(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    latest = "latestMessage { body }"
    whole = asking(f"messageGroups {{ edges {{ node {{ {latest} }} }} }}")
    given = {"groupId": world.DIRECT_GROUP_ID, "body": "new words"}
    send = server.kit.http.send

    async def story() -> None:
        answered, sent = asyncio.Event(), asyncio.Event()

        async def slowly(request: httpx.Request, **options: Any) -> httpx.Response:
            response = await send(request, **options)
            if request.url.path.endswith("/members/me/groups"):
                answered.set()
                await sent.wait()
            return response

        monkeypatch.setattr(server.kit.http, "send", slowly)
        asked = asyncio.create_task(server.asks(whole, {"handle": "me"}))
        await answered.wait()
        assert not (await server.asks(changing("sendPsnMessage", SENT), {"input": given})).errors
        sent.set()
        assert not (await asked).errors

    server.run(story())

    text = f'messageGroup(groupId: "{world.DIRECT_GROUP_ID}") {{ {latest} }}'
    assert account(server, text)["messageGroup"] == {"latestMessage": {"body": "new words"}}


def test_a_picture_is_uploaded_sent_and_downloaded_again(server: Server) -> None:
    given: dict[str, Any] = {"groupId": world.DIRECT_GROUP_ID, "contentBase64": encoded(PNG)}
    uploaded = data(changed(server, "uploadPsnResource", given, "resourceId"), "uploadPsnResource")
    given = {"groupId": world.DIRECT_GROUP_ID, **uploaded}
    sent = data(changed(server, "sendPsnResource", given, SENT), "sendPsnResource")
    assert newest(server) == {
        "uid": sent["messageUid"],
        "type": "IMAGE",
        "body": None,
        "resource": uploaded,
    }
    path = f"/psn/groups/{world.DIRECT_GROUP_ID}/resources/{uploaded['resourceId']}"
    assert server.request("GET", path).content == PNG


def test_a_sticker_is_sent_as_one(server: Server) -> None:
    given = {
        "groupId": world.DIRECT_GROUP_ID,
        "resourceId": world.IMAGE_RESOURCE_ID,
        "kind": "STICKER",
    }
    answer = changed(server, "sendPsnResource", given, SENT)
    assert data(answer, "sendPsnResource")["messageUid"]
    assert newest(server)["type"] == "STICKER"


def test_a_resource_that_is_not_the_groups_is_not_found(server: Server) -> None:
    given = {"groupId": world.NAMED_GROUP_ID, "resourceId": world.IMAGE_RESOURCE_ID}
    answer = changed(server, "sendPsnResource", given, SENT)
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
        ("sendPsnMessage", {"groupId": world.DIRECT_GROUP_ID, "body": ""}, "body"),
        ("sendPsnMessage", {"groupId": world.DIRECT_GROUP_ID, "body": " \n"}, "body"),
        ("sendPsnMessage", {"groupId": world.DIRECT_GROUP_ID, "body": "\u0007"}, "body"),
        ("sendPsnMessage", {"groupId": world.DIRECT_GROUP_ID, "body": "a" * 4001}, "body"),
        (
            "sendPsnMessage",
            {"groupId": world.DIRECT_GROUP_ID, "threadId": "../x", "body": "x"},
            "threadId",
        ),
        ("sendPsnResource", {"groupId": world.DIRECT_GROUP_ID, "resourceId": "../x"}, "resourceId"),
        (
            "sendPsnMessage",
            {"groupId": world.DIRECT_GROUP_ID, "body": "x", "idempotencyKey": ""},
            "idempotencyKey",
        ),
        (
            "sendPsnMessage",
            {"groupId": world.DIRECT_GROUP_ID, "body": "x", "idempotencyKey": "k" * 256},
            "idempotencyKey",
        ),
    ],
)
def test_what_can_never_be_right_is_refused_before_anything_is_sent(
    server: Server, name: str, given: dict[str, Any], argument: str
) -> None:
    fields = {"removePsnFriend": REMOVED, "createPsnMessageGroup": CREATED}.get(name, SENT)
    answer = changed(server, name, given, fields)
    assert answer.partial == {name: None}
    assert (answer.error["code"], answer.error["argument"]) == ("BAD_USER_INPUT", argument)
    assert changes(server) == []


def test_a_group_that_one_is_not_in_cannot_be_written_to(server: Server) -> None:
    given = {"groupId": "~0000000000000000.0000000000000000", "body": "hello"}
    assert changed(server, "sendPsnMessage", given, SENT).error["code"] == "NOT_FOUND"


def test_several_changes_in_one_request_happen_in_their_order(server: Server) -> None:
    group = world.DIRECT_GROUP_ID
    fields = "".join(
        f'm{number}: sendPsnMessage(input: {{ groupId: "{group}", body: "number {number}" }}) '
        f"{{ messageUid }} "
        for number in range(5)
    )
    server.data(f"mutation {{ {fields} }}")
    bodies = [each.body for each in server.psn.world.lounges[group].messages[-5:]]
    assert bodies == [f"number {number}" for number in range(5)]
