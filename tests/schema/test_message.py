"""The viewer's message groups and their messages."""

import pytest

from providers.psn.sandbox import constants
from providers.psn.sandbox.message_data import make_message_uid
from tests.harness import RunningServer
from tests.schema.psn_queries import get_nodes, query_account, read_account

MESSAGE_FIELDS = "uid type rawType body createdAt sender { accountId onlineId } stickerUrl"
GROUP_FIELDS = "groupId name mainThreadId members { accountId onlineId } latestMessage { uid }"
GROUPS_SELECTION = (
    f"messageGroups {{ totalCount edges {{ node {{ {GROUP_FIELDS} }} }} sources {{ state }} }}"
)
OWNER = {"accountId": constants.OWNER_ACCOUNT_ID, "onlineId": constants.OWNER_ONLINE_ID}
FRIEND = {"accountId": constants.FRIEND_ACCOUNT_ID, "onlineId": constants.FRIEND_ONLINE_ID}
UNKNOWN_GROUP_ID = "~0000000000000000.0000000000000000"


def build_messages_selection(
    arguments: str, group_id: str = constants.DIRECT_GROUP_ID, fields: str = MESSAGE_FIELDS
) -> str:
    """A question about the messages of a group."""
    paging = "totalCount sources { state } pageInfo { hasNextPage endCursor }"
    page = f"messages{arguments} {{ edges {{ node {{ {fields} }} }} {paging} }}"
    return f'messageGroup(groupId: "{group_id}") {{ {page} }}'


def test_groups_come_last_modified_first_with_members_and_thread(server: RunningServer) -> None:
    found = read_account(server, GROUPS_SELECTION)["messageGroups"]
    groups = get_nodes(found)
    assert found["totalCount"] == 3
    assert [each["groupId"] for each in groups] == [
        constants.DIRECT_GROUP_ID,
        constants.UNNAMED_GROUP_ID,
        constants.NAMED_GROUP_ID,
    ]
    assert groups[0] == {
        "groupId": constants.DIRECT_GROUP_ID,
        "name": constants.FRIEND_ONLINE_ID,
        "mainThreadId": constants.DIRECT_GROUP_ID,
        "members": [OWNER, FRIEND],
        "latestMessage": {"uid": make_message_uid(45)},
    }
    assert groups[1]["name"] == "second_player, extra_001"
    assert groups[2]["name"] == "Trophy Hunters"


def test_groups_are_paged_through(server: RunningServer) -> None:
    fields = "messageGroups(first: 2) { edges { cursor } pageInfo { hasNextPage endCursor } }"
    page = read_account(server, fields)["messageGroups"]["pageInfo"]
    assert page["hasNextPage"]
    after = f'messageGroups(first: 2, after: "{page["endCursor"]}")'
    rest = read_account(server, f"{after} {{ edges {{ node {{ name }} }} }}")["messageGroups"]
    assert [each["name"] for each in get_nodes(rest)] == ["Trophy Hunters"]


def test_a_thread_is_read_newest_first_to_its_very_beginning(server: RunningServer) -> None:
    uids: list[str] = []
    after = ""
    while True:
        text = build_messages_selection(f"(first: 12{after})", fields="uid")
        page = read_account(server, text)["messageGroup"]["messages"]
        uids += [each["uid"] for each in get_nodes(page)]
        after = f', after: "{page["pageInfo"]["endCursor"]}"'
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert uids == [make_message_uid(number) for number in range(45, 0, -1)]


def test_every_message_type_is_mapped_and_an_unknown_one_is_other(server: RunningServer) -> None:
    text = build_messages_selection(
        "(first: 45)", fields=f"{MESSAGE_FIELDS} resource {{ resourceId url }}"
    )
    page = read_account(server, text)["messageGroup"]["messages"]
    kinds = {each["rawType"]: each for each in get_nodes(page)}
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
    assert kinds[3]["resource"]["resourceId"] == constants.IMAGE_RESOURCE_ID
    assert kinds[3]["resource"]["url"].endswith(
        f"/psn/groups/{constants.DIRECT_GROUP_ID}/resources/{constants.IMAGE_RESOURCE_ID}"
    )
    assert kinds[1011]["resource"]["resourceId"] == constants.VOICE_RESOURCE_ID
    assert kinds[1]["resource"] is None
    assert kinds[1]["createdAt"].endswith("Z")


def test_messages_have_their_senders(server: RunningServer) -> None:
    page = read_account(server, build_messages_selection("(first: 2)"))["messageGroup"]["messages"]
    assert [(each["body"], each["sender"]) for each in get_nodes(page)] == [
        ("message 45", OWNER),
        ("message 44", FRIEND),
    ]


def test_a_member_has_an_account(server: RunningServer) -> None:
    members = "members { account { aboutMe } }"
    text = f'messageGroup(groupId: "{constants.DIRECT_GROUP_ID}") {{ {members} }}'
    found = read_account(server, text)["messageGroup"]["members"]
    assert [each["account"]["aboutMe"] for each in found] == ["Collects lighthouses.", "hello"]


def test_a_thread_is_named_like_its_group_or_by_itself(server: RunningServer) -> None:
    by_name = build_messages_selection(
        f'(threadId: "{constants.DIRECT_GROUP_ID}", first: 3)', fields="uid"
    )
    assert read_account(server, by_name) == read_account(
        server, build_messages_selection("(first: 3)", fields="uid")
    )


def test_an_unknown_thread_is_not_found(server: RunningServer) -> None:
    text = build_messages_selection(f'(threadId: "{constants.NAMED_GROUP_ID}")', fields="uid")
    page = read_account(server, text)["messageGroup"]["messages"]
    assert (page["edges"], page["sources"]) == ([], [{"state": "NOT_FOUND"}])


def test_a_group_that_the_viewer_is_not_in_is_null(server: RunningServer) -> None:
    text = f'messageGroup(groupId: "{UNKNOWN_GROUP_ID}") {{ name }}'
    assert read_account(server, text)["messageGroup"] is None


def test_a_group_is_found_again_by_its_id(server: RunningServer) -> None:
    group = f'messageGroup(groupId: "{constants.NAMED_GROUP_ID}") {{ id }}'
    found = read_account(server, group)["messageGroup"]["id"]
    query = "query ($id: ID!) { node(id: $id) { ... on PsnMessageGroup { groupId name } } }"
    assert server.fetch_data(query, {"id": found})["node"] == {
        "groupId": constants.NAMED_GROUP_ID,
        "name": "Trophy Hunters",
    }


def test_conversations_of_other_accounts_are_not_shown(server: RunningServer) -> None:
    answer = query_account(server, GROUPS_SELECTION, constants.FRIEND_ONLINE_ID)
    found = answer.data["user"]["accounts"][0]["messageGroups"]
    assert found["edges"] == []
    assert found["totalCount"] is None
    assert found["sources"] != [{"state": "OK"}]
    group = f'messageGroup(groupId: "{constants.DIRECT_GROUP_ID}") {{ name }}'
    answer = query_account(server, group, constants.FRIEND_ONLINE_ID)
    assert answer.partial_data["user"]["accounts"][0]["messageGroup"] is None
    assert answer.error["code"] == "FORBIDDEN"


@pytest.mark.parametrize("group_id", ["", "x", "../..", "~1/2", "group_", "a" * 300, "me"])
def test_an_invalid_group_id_is_rejected_before_any_call(
    server: RunningServer, group_id: str
) -> None:
    answer = query_account(server, f'messageGroup(groupId: "{group_id}") {{ name }}')
    assert (answer.error["code"], answer.error["argument"]) == ("BAD_USER_INPUT", "groupId")
    assert server.count_upstream_calls() == {}


def test_unavailable_conversations_are_not_an_empty_list(server: RunningServer) -> None:
    server.inject_fault("gamingLoungeGroups", status=503)
    found = read_account(server, GROUPS_SELECTION)["messageGroups"]
    assert (found["totalCount"], found["sources"]) == (None, [{"state": "UNAVAILABLE"}])


def test_private_messages_are_never_served_stale(server: RunningServer) -> None:
    text = build_messages_selection("(first: 1)", fields="uid")
    read_account(server, text)
    server.inject_fault("gamingLoungeGroups", status=503)
    answer = query_account(server, text, headers={"Cache-Control": "no-cache"})
    assert answer.error_codes == {"UPSTREAM_UNAVAILABLE"}
