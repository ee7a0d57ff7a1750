"""Messages and what is attached to them."""

from typing import Any

import pytest

from providers.capabilities import MessagePageKey
from providers.errors import BadInput, BadResponse, NotFound, ProviderError
from providers.kit.sandbox import InjectedFault
from providers.psn.client import PsnClient
from providers.psn.sandbox.app import PsnSandbox, create_sandbox
from providers.psn.sandbox.constants import (
    DIRECT_GROUP_ID,
    FRIEND_ACCOUNT_ID,
    FRIEND_ONLINE_ID,
    IMAGE_RESOURCE_ID,
    NAMED_GROUP_ID,
    SECOND_NPSSO,
    UNNAMED_GROUP_ID,
    VOICE_RESOURCE_ID,
)
from providers.psn_records import PsnMessage, PsnMessagePage, PsnMessageType
from tests.providers.psn.harness import JSON, MOBILE, count_calls, run_with_client, unwrap
from tests.providers.psn.messages.test_message_groups import HOSTILE_IDS

BASE = f"{MOBILE}/api/gamingLoungeGroups/v1"
SECOND = {"x-client-id": "sandbox-public-client", "x-npsso": SECOND_NPSSO}


def load_messages(
    group_id: str,
    thread_id: str | None = None,
    before: str | None = None,
    sandbox: PsnSandbox | None = None,
) -> PsnMessagePage:
    async def scenario(client: PsnClient) -> PsnMessagePage:
        return unwrap((await client.get_messages([MessagePageKey(group_id, thread_id, before)]))[0])

    return run_with_client(scenario, sandbox)


def load_messages_from(body: Any, before: str | None = None) -> PsnMessagePage:
    sandbox = create_sandbox()
    sandbox.faults.append(InjectedFault("/messages", 200, body, JSON))
    return load_messages(NAMED_GROUP_ID, before=before, sandbox=sandbox)


def make_uid(number: int) -> str:
    return f"1#{447000000000000 + number}"


def load_by_number() -> dict[int, PsnMessage]:
    found = load_messages(DIRECT_GROUP_ID).messages
    return {int(one.uid.partition("#")[2]) - 447000000000000: one for one in found}


def test_a_thread_is_listed_newest_first_by_one_call() -> None:
    sandbox = create_sandbox()
    page = load_messages(DIRECT_GROUP_ID, sandbox=sandbox)
    assert [one.uid for one in page.messages] == [make_uid(number) for number in range(45, 0, -1)]
    assert page.next_before is None
    thread = f"{BASE}/members/me/groups/{DIRECT_GROUP_ID}/threads/{DIRECT_GROUP_ID}/messages"
    assert count_calls(sandbox) == {thread: 1}


def test_a_text_message_has_sender_body_and_time() -> None:
    text = load_by_number()[44]
    assert (text.type, text.raw_type, text.body) == (PsnMessageType.TEXT, 1, "message 44")
    assert text.sender is not None
    assert (text.sender.account_id, text.sender.online_id) == (FRIEND_ACCOUNT_ID, FRIEND_ONLINE_ID)
    assert text.created_at is not None
    assert text.created_at.isoformat() == "2026-04-24T08:14:40+00:00"
    assert (text.resource_id, text.sticker_url) == (None, None)


def test_message_types_are_mapped_and_keep_their_raw_type() -> None:
    found = load_by_number()
    kinds = {
        number: (found[number].type.name, found[number].raw_type)
        for number in (5, 12, 18, 22, 27, 31, 36, 40)
    }
    assert kinds == {
        5: ("STICKER", 1013),
        12: ("VIDEO", 210),
        18: ("IMAGE", 3),
        22: ("EVENT", 2020),
        27: ("VOICE", 1011),
        31: ("EVENT", 2004),
        36: ("EVENT", 2002),
        40: ("OTHER", 7777),
    }
    assert {found[number].body for number in kinds} == {None}
    assert (found[18].resource_id, found[27].resource_id) == (IMAGE_RESOURCE_ID, VOICE_RESOURCE_ID)
    assert found[5].sticker_url == "https://image.invalid/sticker/7.png"


def test_the_next_page_starts_before_the_last_message() -> None:
    page = load_messages(DIRECT_GROUP_ID, before=make_uid(20))
    assert [one.uid for one in page.messages] == [make_uid(number) for number in range(19, 0, -1)]
    body = {"messages": [{"messageUid": make_uid(3), "messageType": 1}], "next": make_uid(3)}
    assert load_messages_from(body).next_before == make_uid(3)


def test_a_thread_of_one_message_ends_although_it_does_not_say_so() -> None:
    page = load_messages(UNNAMED_GROUP_ID)
    assert (len(page.messages), page.next_before) == (1, None)


@pytest.mark.parametrize(
    "body",
    [
        {"messages": [], "next": make_uid(1), "reachedEndOfPage": False},
        {"messages": [{"messageUid": make_uid(1), "messageType": 1}], "next": make_uid(2)},
        {"messages": [{"messageUid": make_uid(1), "messageType": 1}], "next": ""},
        {
            "messages": [{"messageUid": make_uid(1), "messageType": 1}],
            "next": make_uid(1),
            "reachedEndOfPage": True,
        },
    ],
)
def test_every_end_marker_ends_the_thread(body: object) -> None:
    assert load_messages_from(body, before=make_uid(2)).next_before is None


def test_the_message_a_page_begins_before_is_not_repeated() -> None:
    rows = [{"messageUid": make_uid(number), "messageType": 1} for number in (2, 1)]
    page = load_messages_from({"messages": rows, "reachedEndOfPage": True}, before=make_uid(2))
    assert [one.uid for one in page.messages] == [make_uid(1)]


def test_a_detail_of_any_name_may_hold_the_resource() -> None:
    details = {"odd": 3, "laterVoiceDetail": {"resourceId": "resource_1", "imageUrl": "https://x/"}}
    row = {"messageUid": make_uid(1), "messageType": 1011, "messageDetail": details}
    broken = {"messageUid": make_uid(2), "messageType": "?"}
    (voice,) = load_messages_from({"messages": [row, broken]}).messages
    assert (voice.resource_id, voice.sticker_url) == ("resource_1", None)


@pytest.mark.parametrize("resource_id", ["../x", "..", "a/b", "a b", ""])
def test_an_invalid_resource_id_is_null(resource_id: str) -> None:
    details = {"imageMessageDetail": {"resourceId": resource_id}}
    row = {"messageUid": make_uid(1), "messageType": 3, "messageDetail": details}
    assert load_messages_from({"messages": [row]}).messages[0].resource_id is None


def test_an_address_of_a_sticker_is_shown_only_when_it_is_safe() -> None:
    for url, shown in (("javascript:x", None), ("http://a.invalid/b", "https://a.invalid/b")):
        details = {"stickerMessageDetail": {"imageUrl": url}}
        row = {"messageUid": make_uid(1), "messageType": 1013, "messageDetail": details}
        assert load_messages_from({"messages": [row]}).messages[0].sticker_url == shown


def test_an_empty_text_stays_a_text() -> None:
    rows = [{"messageUid": make_uid(1), "messageType": kind, "body": ""} for kind in (1, 3)]
    assert [one.body for one in load_messages_from({"messages": rows}).messages] == ["", None]


def test_a_smaller_limit_is_tried_where_the_large_one_is_refused() -> None:
    sandbox = create_sandbox()
    body = {"error": {"code": 2285569, "message": "Bad Request (query: limit)"}}
    sandbox.faults.append(InjectedFault("limit=100", 400, body, JSON))
    assert len(load_messages(DIRECT_GROUP_ID, sandbox=sandbox).messages) == 20


def test_missing_groups_and_threads_are_not_found() -> None:
    with pytest.raises(NotFound):
        load_messages("~0000000000000000.0000000000000000")
    with pytest.raises(NotFound):
        load_messages(DIRECT_GROUP_ID, NAMED_GROUP_ID)


def test_an_invalid_cursor_is_bad_input() -> None:
    for before in (make_uid(9999), "x", "", f"{make_uid(1)}&limit=1"):
        with pytest.raises(BadInput) as caught:
            load_messages(DIRECT_GROUP_ID, before=before)
        assert caught.value.argument == "after"


@pytest.mark.parametrize("thread_id", HOSTILE_IDS)
def test_invalid_thread_ids_are_rejected_before_any_call(thread_id: str) -> None:
    sandbox = create_sandbox()
    with pytest.raises(BadInput) as caught:
        load_messages(DIRECT_GROUP_ID, thread_id, sandbox=sandbox)
    assert caught.value.argument == "threadId"
    assert not sandbox.calls


def test_a_resource_has_its_content_type_and_is_never_cached() -> None:
    sandbox = create_sandbox()

    async def scenario(client: PsnClient) -> list[tuple[bytes, str]]:
        asked = (IMAGE_RESOURCE_ID, IMAGE_RESOURCE_ID, VOICE_RESOURCE_ID)
        found = [await client.get_resource(DIRECT_GROUP_ID, one) for one in asked]
        return [(one.content, one.content_type) for one in found]

    image, again, voice = run_with_client(scenario, sandbox)
    assert image == again
    assert image[0].startswith(b"\x89PNG")
    assert (image[1], voice[1]) == ("image/png", "audio/3gpp")
    assert sum(count_calls(sandbox).values()) == 3


def test_a_resource_of_a_group_of_others_is_not_found() -> None:
    with pytest.raises(NotFound):
        run_with_client(
            lambda client: client.get_resource(DIRECT_GROUP_ID, IMAGE_RESOURCE_ID), caller=SECOND
        )


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        ("IMAGE/PNG; charset=x", "image/png"),
        ("image/<png>", "application/octet-stream"),
        ("", "application/octet-stream"),
        ("nonsense", "application/octet-stream"),
    ],
)
def test_an_invalid_content_type_is_replaced(content_type: str, expected: str) -> None:
    sandbox = create_sandbox()
    headers = {"content-type": content_type}
    sandbox.faults.append(InjectedFault("/resources/", 200, b"x", headers))
    found = run_with_client(
        lambda client: client.get_resource(DIRECT_GROUP_ID, IMAGE_RESOURCE_ID), sandbox
    )
    assert found.content_type == expected


def test_a_resource_beyond_four_mebibytes_is_a_bad_response() -> None:
    sandbox = create_sandbox()
    body = b"\0" * (4 * 1024 * 1024 + 1)
    sandbox.faults.append(InjectedFault("/resources/", 200, body, {"content-type": "image/png"}))
    with pytest.raises(BadResponse):
        run_with_client(
            lambda client: client.get_resource(DIRECT_GROUP_ID, IMAGE_RESOURCE_ID), sandbox
        )


@pytest.mark.parametrize(
    "resource_id", ["", ".", "..", "a..b", "a/b", "a%2fb", "a b", "a\n", "é", "x" * 201, "?", "#"]
)
def test_invalid_resource_ids_are_rejected_before_any_call(resource_id: str) -> None:
    sandbox = create_sandbox()

    async def scenario(client: PsnClient) -> None:
        with pytest.raises(BadInput):
            client.check_resource(resource_id)
        with pytest.raises(BadInput) as caught:
            await client.get_resource(DIRECT_GROUP_ID, resource_id)
        assert caught.value.argument == "resourceId"
        with pytest.raises(ProviderError):
            await client.get_resource("..", IMAGE_RESOURCE_ID)

    run_with_client(scenario, sandbox)
    assert not sandbox.calls
