"""Conversations in the sandbox."""

from typing import Any
from urllib.parse import quote

import httpx
import pytest

from providers.psn.sandbox.constants import (
    DIRECT_GROUP_ID,
    FRESH_ACCOUNT_ID,
    FRIEND_ACCOUNT_ID,
    IMAGE_RESOURCE_ID,
    NAMED_GROUP_ID,
    OWNER_ACCOUNT_ID,
    RENAMED_ACCOUNT_ID,
    SECOND_ACCOUNT_ID,
    STRANGER_ACCOUNT_ID,
    UNNAMED_GROUP_ID,
)
from tests.providers.psn.sandbox.signed_in_caller import MOBILE, Caller, parse_error, send_request

BASE = f"{MOBILE}/api/gamingLoungeGroups/v1"
OWN_GROUPS = f"{BASE}/members/me/groups"
FIELDS = "groupName,groupIcon,members,mainThread,joinedTimestamp,modifiedTimestamp,isFavorite"
PICTURE = b"\x89PNG\r\n\x1a\n"


def build_thread_path(group_id: str) -> str:
    return f"groups/{quote(group_id, safe='')}/threads/{quote(group_id, safe='')}/messages"


def create_group(caller: Caller, *account_ids: str) -> httpx.Response:
    invitees = [{"accountId": account_id} for account_id in account_ids]
    return caller.request("POST", f"{BASE}/groups", json={"invitees": invitees})


def test_a_language_must_be_named(owner: Caller) -> None:
    headers = {"Authorization": owner.headers["Authorization"]}
    response = send_request(owner.sandbox, "GET", OWN_GROUPS, headers=headers)
    assert parse_error(response) == (400, 2285569, "Bad Request (header: Accept-Language)")
    assert parse_error(send_request(owner.sandbox, "GET", OWN_GROUPS))[:2] == (401, 2286081)


def test_groups_are_listed_newest_first_with_ids_alone(owner: Caller) -> None:
    body = owner.get_json(OWN_GROUPS)
    assert body.keys() == {"groups", "previousOffset", "nextOffset"}
    assert [row["groupId"] for row in body["groups"]] == [
        DIRECT_GROUP_ID,
        UNNAMED_GROUP_ID,
        NAMED_GROUP_ID,
    ]
    assert body["groups"][0].keys() == {"groupId", "groupType", "members"}
    assert [row["groupType"] for row in body["groups"]] == [0, 1, 1]


def test_the_end_of_the_groups_is_an_empty_page(owner: Caller) -> None:
    page = owner.get_json(OWN_GROUPS, limit=2, offset=2, includeFields="totalGroupCount")
    assert (len(page["groups"]), page["nextOffset"], page["previousOffset"]) == (1, 4, 0)
    assert page["totalGroupCount"] == 3
    assert owner.get_json(OWN_GROUPS, limit=2, offset=4)["groups"] == []
    assert parse_error(owner.get(OWN_GROUPS, limit=201))[:2] == (400, 2285569)


def test_favourites_and_others_are_listed_separately(owner: Caller) -> None:
    favourite = owner.get_json(OWN_GROUPS, favoriteFilter="favorite")["groups"]
    others = owner.get_json(OWN_GROUPS, favoriteFilter="notFavorite")["groups"]
    assert [row["groupId"] for row in favourite] == [NAMED_GROUP_ID]
    assert len(others) == 2
    assert parse_error(owner.get(OWN_GROUPS, favoriteFilter="x"))[:2] == (400, 2285569)


def test_a_group_shows_the_fields_that_were_named(owner: Caller) -> None:
    row = owner.get_json(f"{OWN_GROUPS}/{NAMED_GROUP_ID}", includeFields=FIELDS)
    assert row["groupName"] == {"value": "Trophy Hunters", "status": 1}
    assert row["isFavorite"] is True
    assert row["modifiedTimestamp"] == row["mainThread"]["modifiedTimestamp"] == "1777006120000"
    assert row["mainThread"]["threadId"] == NAMED_GROUP_ID
    assert row["mainThread"]["latestMessage"]["body"] == "four of nine"
    assert row["members"][0] == {
        "accountId": OWNER_ACCOUNT_ID,
        "onlineId": "vega_north",
        "role": "leader",
    }
    unnamed = owner.get_json(f"{OWN_GROUPS}/{UNNAMED_GROUP_ID}", includeFields="groupName")
    assert unnamed["groupName"]["value"] == ""


def test_a_group_is_only_for_its_members(owner: Caller, second: Caller) -> None:
    message = f"Resource not found (groupId='{DIRECT_GROUP_ID}')"
    assert parse_error(second.get(f"{OWN_GROUPS}/{DIRECT_GROUP_ID}")) == (404, 2285581, message)
    assert owner.get(f"{BASE}/groups/{DIRECT_GROUP_ID}").status_code == 405
    response = owner.get(f"{BASE}/members/me/groups/{DIRECT_GROUP_ID}/threads/other/messages")
    assert parse_error(response) == (404, 2285581, "Resource not found (threadId='other')")


def test_a_thread_is_read_backwards(owner: Caller) -> None:
    url = f"{BASE}/members/me/{build_thread_path(DIRECT_GROUP_ID)}"
    pages: list[dict[str, Any]] = [owner.get_json(url)]
    while not pages[-1]["reachedEndOfPage"]:
        pages.append(owner.get_json(url, before=pages[-1]["next"]))
    assert [page["messageCount"] for page in pages] == [20, 20, 5]
    messages = [message for page in pages for message in page["messages"]]
    assert len({message["messageUid"] for message in messages}) == 45
    created = [int(message["createdTimestamp"]) for message in messages]
    assert created == sorted(created, reverse=True)
    assert pages[0]["previous"] == messages[0]["messageUid"] == "1#447000000000045"
    after = owner.get_json(url, before=pages[-1]["next"])
    assert (after["messages"], after["messageCount"]) == ([], 0)
    assert parse_error(owner.get(url, before="1"))[:2] == (400, 2285569)


def test_a_thread_of_one_message_never_ends(owner: Caller) -> None:
    page = owner.get_json(f"{BASE}/members/me/{build_thread_path(UNNAMED_GROUP_ID)}")
    assert page["reachedEndOfPage"] is False
    assert page["previous"] == page["next"] == "1#447000000000201"
    assert page["messageCount"] == 1


def test_messages_of_every_kind_are_there(owner: Caller) -> None:
    url = f"{BASE}/members/me/{build_thread_path(DIRECT_GROUP_ID)}"
    messages = owner.get_json(url, limit=100)["messages"]
    kinds = {message["messageType"]: message for message in messages}
    assert kinds.keys() == {1, 3, 210, 1011, 1013, 2002, 2004, 2020, 7777}
    assert "messageDetail" not in kinds[1]
    assert kinds[3]["messageDetail"] == {"imageMessageDetail": {"resourceId": IMAGE_RESOURCE_ID}}
    assert kinds[3]["body"] == ""
    sticker = kinds[1013]["messageDetail"]["stickerMessageDetail"]
    assert sticker.keys() == {"imageUrl", "manifestFileUrl", "number", "packageId", "type"}
    assert kinds[7777]["alternativeMessageType"] == 1


def test_a_sent_text_is_the_newest_message(owner: Caller) -> None:
    body = {"messageType": 1, "body": "Grüße"}
    response = owner.request("POST", f"{BASE}/{build_thread_path(DIRECT_GROUP_ID)}", json=body)
    assert response.status_code == 201
    sent = response.json()
    newest = owner.get_json(f"{BASE}/members/me/{build_thread_path(DIRECT_GROUP_ID)}", limit=1)[
        "messages"
    ][0]
    assert newest["messageUid"] == sent["messageUid"]
    assert newest["createdTimestamp"] == sent["createdTimestamp"]
    assert newest["body"] == "Grüße"
    assert newest["sender"] == {"accountId": OWNER_ACCOUNT_ID, "onlineId": "vega_north"}
    row = owner.get_json(f"{OWN_GROUPS}/{DIRECT_GROUP_ID}", includeFields="modifiedTimestamp")
    assert row["modifiedTimestamp"] == sent["createdTimestamp"]


def test_an_image_is_uploaded_sent_and_fetched(owner: Caller) -> None:
    group = f"{BASE}/groups/{DIRECT_GROUP_ID}"
    headers = {"Content-Type": "image/png"}
    upload = owner.request("POST", f"{group}/resources", headers, content=PICTURE)
    resource_id = upload.json()["resourceId"]
    detail = {"imageMessageDetail": {"resourceId": resource_id}}
    body = {"messageType": 3, "messageDetail": detail}
    sent = owner.request("POST", f"{BASE}/{build_thread_path(DIRECT_GROUP_ID)}", json=body)
    assert sent.status_code == 201
    newest = owner.get_json(f"{BASE}/members/me/{build_thread_path(DIRECT_GROUP_ID)}", limit=1)[
        "messages"
    ][0]
    assert newest["messageDetail"] == detail
    fetched = owner.get(f"{group}/resources/{resource_id}")
    assert fetched.content == PICTURE
    assert fetched.headers["content-type"] == "image/png"
    missing = owner.get(f"{group}/resources/none")
    assert parse_error(missing) == (404, 2285581, "Resource not found (resourceId='none')")


def test_the_prepared_image_can_be_fetched(owner: Caller) -> None:
    url = f"{BASE}/groups/{DIRECT_GROUP_ID}/resources/{IMAGE_RESOURCE_ID}"
    assert owner.get(url).content.startswith(PICTURE)


@pytest.mark.parametrize(
    ("content_type", "content"),
    [("image/gif", PICTURE), ("image/png", b""), ("image/png", b"x" * (1024 * 1024 + 1))],
)
def test_an_upload_may_be_refused(owner: Caller, content_type: str, content: bytes) -> None:
    url = f"{BASE}/groups/{DIRECT_GROUP_ID}/resources"
    response = owner.request("POST", url, {"Content-Type": content_type}, content=content)
    assert parse_error(response)[:2] == (400, 2285569)


def test_a_sticker_can_be_sent(owner: Caller) -> None:
    sticker = {"number": "1", "packageId": "SAMPLE-STICKERS", "type": "2"}
    body = {"messageType": 1013, "messageDetail": {"stickerMessageDetail": sticker}}
    response = owner.request("POST", f"{BASE}/{build_thread_path(NAMED_GROUP_ID)}", json=body)
    assert response.status_code == 201


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"messageType": 1},
        {"messageType": 1, "body": ""},
        {"messageType": 3},
        {"messageType": 3, "messageDetail": {"imageMessageDetail": {"resourceId": "none"}}},
        {"messageType": 1013},
        {"messageType": 99, "body": "x"},
        [],
    ],
)
def test_a_malformed_message_is_refused(owner: Caller, body: Any) -> None:
    response = owner.request("POST", f"{BASE}/{build_thread_path(DIRECT_GROUP_ID)}", json=body)
    assert parse_error(response)[:2] == (400, 2285569)


def test_the_same_two_people_keep_their_group(owner: Caller) -> None:
    body = create_group(owner, FRIEND_ACCOUNT_ID).json()
    assert body["groupId"] == body["mainThread"]["threadId"] == DIRECT_GROUP_ID
    assert body["hasAllAccountInvited"] is True
    fresh = create_group(owner, FRESH_ACCOUNT_ID).json()["groupId"]
    assert fresh == create_group(owner, FRESH_ACCOUNT_ID).json()["groupId"]
    assert fresh.startswith("~")


def test_a_larger_group_is_new_every_time(owner: Caller, second: Caller) -> None:
    first = create_group(owner, FRIEND_ACCOUNT_ID, SECOND_ACCOUNT_ID).json()["groupId"]
    assert first != create_group(owner, FRIEND_ACCOUNT_ID, SECOND_ACCOUNT_ID).json()["groupId"]
    assert second.get_json(f"{OWN_GROUPS}/{first}")["groupType"] == 1


def test_some_or_all_may_refuse_an_invitation(owner: Caller) -> None:
    body = create_group(owner, FRIEND_ACCOUNT_ID, STRANGER_ACCOUNT_ID).json()
    assert body["hasAllAccountInvited"] is False
    response = create_group(owner, STRANGER_ACCOUNT_ID)
    message = "Request is rejected due to all targets' settings"
    assert parse_error(response) == (403, 2286592, message)
    invalid: tuple[Any, ...] = (
        [],
        [{"accountId": "0"}],
        "x",
        [{}],
        [{"accountId": OWNER_ACCOUNT_ID}],
    )
    for invitees in invalid:
        response = owner.request("POST", f"{BASE}/groups", json={"invitees": invitees})
        assert parse_error(response)[:2] == (400, 2285569)


def test_more_people_can_be_invited(owner: Caller) -> None:
    url = f"{BASE}/groups/{NAMED_GROUP_ID}/invitees"
    invitees = [{"accountId": FRESH_ACCOUNT_ID}, {"accountId": RENAMED_ACCOUNT_ID}]
    assert owner.request("POST", url, json={"invitees": invitees}).status_code == 200
    members = owner.get_json(f"{OWN_GROUPS}/{NAMED_GROUP_ID}")["members"]
    assert [member["accountId"] for member in members][-1] == FRESH_ACCOUNT_ID
    assert len(members) == 5


def test_a_group_can_be_renamed_but_not_a_pair(owner: Caller) -> None:
    body = {"groupName": {"value": "Lantern Club"}}
    url = f"{BASE}/groups"
    assert owner.request("PATCH", f"{url}/{UNNAMED_GROUP_ID}", json=body).status_code == 204
    row = owner.get_json(f"{OWN_GROUPS}/{UNNAMED_GROUP_ID}", includeFields="groupName")
    assert row["groupName"]["value"] == "Lantern Club"
    response = owner.request("PATCH", f"{url}/{DIRECT_GROUP_ID}", json=body)
    assert parse_error(response)[:2] == (400, 2285696)
    response = owner.request("PATCH", f"{url}/{UNNAMED_GROUP_ID}", json={})
    assert parse_error(response)[:2] == (400, 2285569)


def test_a_member_can_be_removed_and_one_can_leave(owner: Caller, second: Caller) -> None:
    members = f"{BASE}/groups/{NAMED_GROUP_ID}/members"
    assert owner.request("DELETE", f"{members}/{RENAMED_ACCOUNT_ID}").status_code == 204
    assert parse_error(owner.request("DELETE", f"{members}/{RENAMED_ACCOUNT_ID}"))[:2] == (
        404,
        2285581,
    )
    assert owner.request("DELETE", f"{members}/me").status_code == 204
    assert owner.get(f"{OWN_GROUPS}/{NAMED_GROUP_ID}").status_code == 404
    left = second.get_json(f"{OWN_GROUPS}/{NAMED_GROUP_ID}")["members"]
    assert [member["onlineId"] for member in left] == ["sample_friend", "second_player"]
