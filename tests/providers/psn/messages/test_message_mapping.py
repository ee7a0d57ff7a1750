"""Messages and message groups as records."""

import pytest

from providers.psn.sandbox.constants import (
    DIRECT_GROUP_ID,
    FRIEND_ACCOUNT_ID,
    FRIEND_ONLINE_ID,
    IMAGE_RESOURCE_ID,
    UNNAMED_GROUP_ID,
    VOICE_RESOURCE_ID,
)
from providers.psn_records import PsnMessage, PsnMessageType
from tests.providers.psn.messages.message_harness import load_messages, load_messages_from, make_uid


def load_by_number() -> dict[int, PsnMessage]:
    found = load_messages(DIRECT_GROUP_ID).messages
    return {int(message.uid.partition("#")[2]) - 447000000000000: message for message in found}


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
    assert [message.uid for message in page.messages] == [make_uid(1)]


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
    assert [message.body for message in load_messages_from({"messages": rows}).messages] == [
        "",
        None,
    ]
