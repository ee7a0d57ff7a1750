"""The viewer's groups and what is said in them."""

import pytest

from providers.psn.sandbox import world
from providers.psn.sandbox.conversations import message_uid
from tests.asking import Server
from tests.server.people.psn import account, answered, listed

MESSAGE = "uid type rawType body createdAt sender { accountId onlineId } stickerUrl"
GROUP = "groupId name mainThreadId members { accountId onlineId } latestMessage { uid }"
GROUPS = f"messageGroups {{ totalCount edges {{ node {{ {GROUP} }} }} sources {{ state }} }}"
OWNER = {"accountId": world.OWNER_ACCOUNT_ID, "onlineId": world.OWNER_ONLINE_ID}
FRIEND = {"accountId": world.FRIEND_ACCOUNT_ID, "onlineId": world.FRIEND_ONLINE_ID}
ELSEWHERE = "~0000000000000000.0000000000000000"


def messages(arguments: str, group_id: str = world.DIRECT_GROUP_ID, fields: str = MESSAGE) -> str:
    """A question about the messages of a group."""
    paging = "totalCount sources { state } pageInfo { hasNextPage endCursor }"
    page = f"messages{arguments} {{ edges {{ node {{ {fields} }} }} {paging} }}"
    return f'messageGroup(groupId: "{group_id}") {{ {page} }}'


def test_the_groups_come_last_modified_first_with_whom_and_where(server: Server) -> None:
    found = account(server, GROUPS)["messageGroups"]
    groups = listed(found)
    assert found["totalCount"] == 3
    assert [each["groupId"] for each in groups] == [
        world.DIRECT_GROUP_ID,
        world.UNNAMED_GROUP_ID,
        world.NAMED_GROUP_ID,
    ]
    assert groups[0] == {
        "groupId": world.DIRECT_GROUP_ID,
        "name": world.FRIEND_ONLINE_ID,
        "mainThreadId": world.DIRECT_GROUP_ID,
        "members": [OWNER, FRIEND],
        "latestMessage": {"uid": message_uid(45)},
    }
    assert groups[1]["name"] == "second_player, extra_001"
    assert groups[2]["name"] == "Trophy Hunters"


def test_groups_are_paged_through(server: Server) -> None:
    fields = "messageGroups(first: 2) { edges { cursor } pageInfo { hasNextPage endCursor } }"
    page = account(server, fields)["messageGroups"]["pageInfo"]
    assert page["hasNextPage"]
    after = f'messageGroups(first: 2, after: "{page["endCursor"]}")'
    rest = account(server, f"{after} {{ edges {{ node {{ name }} }} }}")["messageGroups"]
    assert [each["name"] for each in listed(rest)] == ["Trophy Hunters"]


def test_a_thread_is_read_newest_first_to_its_very_beginning(server: Server) -> None:
    uids: list[str] = []
    after = ""
    while True:
        text = messages(f"(first: 12{after})", fields="uid")
        page = account(server, text)["messageGroup"]["messages"]
        uids += [each["uid"] for each in listed(page)]
        after = f', after: "{page["pageInfo"]["endCursor"]}"'
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert uids == [message_uid(number) for number in range(45, 0, -1)]


def test_every_kind_of_message_is_told_and_an_unknown_one_kept_as_it_is(server: Server) -> None:
    text = messages("(first: 45)", fields=f"{MESSAGE} resource {{ resourceId url }}")
    page = account(server, text)["messageGroup"]["messages"]
    kinds = {each["rawType"]: each for each in listed(page)}
    assert {number: each["type"] for number, each in kinds.items()} == {
        1: "TEXT",
        3: "IMAGE",
        210: "VIDEO",
        1011: "VOICE",
        1013: "STICKER",
        2002: "EVENT",
        2004: "EVENT",
        2020: "EVENT",
        7777: "OTHER",
    }
    assert kinds[7777]["body"] is None
    assert kinds[1013]["stickerUrl"] == "https://image.invalid/sticker/7.png"
    assert kinds[3]["resource"]["resourceId"] == world.IMAGE_RESOURCE_ID
    assert kinds[3]["resource"]["url"].endswith(
        f"/psn/groups/{world.DIRECT_GROUP_ID}/resources/{world.IMAGE_RESOURCE_ID}"
    )
    assert kinds[1011]["resource"]["resourceId"] == world.VOICE_RESOURCE_ID
    assert kinds[1]["resource"] is None
    assert kinds[1]["createdAt"].endswith("Z")


def test_messages_say_who_wrote_them(server: Server) -> None:
    page = account(server, messages("(first: 2)"))["messageGroup"]["messages"]
    assert [(each["body"], each["sender"]) for each in listed(page)] == [
        ("message 45", OWNER),
        ("message 44", FRIEND),
    ]


def test_a_member_leads_to_his_account(server: Server) -> None:
    members = "members { account { aboutMe } }"
    text = f'messageGroup(groupId: "{world.DIRECT_GROUP_ID}") {{ {members} }}'
    found = account(server, text)["messageGroup"]["members"]
    assert [each["account"]["aboutMe"] for each in found] == ["Collects lighthouses.", "hello"]


def test_a_thread_is_named_like_its_group_or_by_itself(server: Server) -> None:
    by_name = messages(f'(threadId: "{world.DIRECT_GROUP_ID}", first: 3)', fields="uid")
    assert account(server, by_name) == account(server, messages("(first: 3)", fields="uid"))


def test_an_unknown_thread_is_said_to_be_unknown(server: Server) -> None:
    text = messages(f'(threadId: "{world.NAMED_GROUP_ID}")', fields="uid")
    page = account(server, text)["messageGroup"]["messages"]
    assert (page["edges"], page["sources"]) == ([], [{"state": "NOT_FOUND"}])


def test_a_group_that_the_viewer_is_not_in_is_null(server: Server) -> None:
    text = f'messageGroup(groupId: "{ELSEWHERE}") {{ name }}'
    assert account(server, text)["messageGroup"] is None


def test_a_group_is_found_again_by_its_id(server: Server) -> None:
    group = f'messageGroup(groupId: "{world.NAMED_GROUP_ID}") {{ id }}'
    found = account(server, group)["messageGroup"]["id"]
    query = "query ($id: ID!) { node(id: $id) { ... on PsnMessageGroup { groupId name } } }"
    assert server.data(query, {"id": found})["node"] == {
        "groupId": world.NAMED_GROUP_ID,
        "name": "Trophy Hunters",
    }


def test_anybody_elses_conversations_are_not_shown(server: Server) -> None:
    answer = answered(server, GROUPS, world.FRIEND_ONLINE_ID)
    found = answer.data["user"]["accounts"][0]["messageGroups"]
    assert found["edges"] == []
    assert found["totalCount"] is None
    assert found["sources"] != [{"state": "OK"}]
    group = f'messageGroup(groupId: "{world.DIRECT_GROUP_ID}") {{ name }}'
    answer = answered(server, group, world.FRIEND_ONLINE_ID)
    assert answer.partial["user"]["accounts"][0]["messageGroup"] is None
    assert answer.error["code"] == "FORBIDDEN"


@pytest.mark.parametrize("group_id", ["", "x", "../..", "~1/2", "group_", "a" * 300, "me"])
def test_what_no_group_can_be_called_is_refused_before_any_call(
    server: Server, group_id: str
) -> None:
    answer = answered(server, f'messageGroup(groupId: "{group_id}") {{ name }}')
    assert (answer.error["code"], answer.error["argument"]) == ("BAD_USER_INPUT", "groupId")
    assert server.asked() == {}


def test_conversations_that_cannot_be_asked_for_are_not_shown_as_none(server: Server) -> None:
    server.fail("gamingLoungeGroups", status=503)
    found = account(server, GROUPS)["messageGroups"]
    assert (found["totalCount"], found["sources"]) == (None, [{"state": "UNAVAILABLE"}])


def test_private_talk_never_stands_in_for_a_failure(server: Server) -> None:
    text = messages("(first: 1)", fields="uid")
    account(server, text)
    server.fail("gamingLoungeGroups", status=503)
    answer = answered(server, text, headers={"Cache-Control": "no-cache"})
    assert answer.error_codes == {"UPSTREAM_UNAVAILABLE"}
