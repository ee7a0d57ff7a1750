"""Messages and what is attached to them."""

from typing import Any

import pytest

from providers.capabilities import MessagesKey
from providers.errors import BadInput, BadResponse, NotFound, ProviderError
from providers.kit.sandbox import Fault
from providers.psn.client import PsnClient
from providers.psn.sandbox.app import PsnSandbox, psn_sandbox
from providers.psn.sandbox.world import (
    DIRECT_GROUP_ID,
    FRIEND_ACCOUNT_ID,
    FRIEND_ONLINE_ID,
    IMAGE_RESOURCE_ID,
    NAMED_GROUP_ID,
    SECOND_NPSSO,
    UNNAMED_GROUP_ID,
    VOICE_RESOURCE_ID,
)
from providers.records import PsnMessage, PsnMessagePage, PsnMessageType
from tests.providers.psn.asking import MOBILE, ask, calls, value
from tests.providers.psn.test_groups import HOSTILE

BASE = f"{MOBILE}/api/gamingLoungeGroups/v1"
JSON = {"content-type": "application/json"}
SECOND = {"x-client-id": "sandbox-public-client", "x-npsso": SECOND_NPSSO}


def messages(
    group_id: str,
    thread_id: str | None = None,
    before: str | None = None,
    sandbox: PsnSandbox | None = None,
) -> PsnMessagePage:
    async def question(client: PsnClient) -> PsnMessagePage:
        return value((await client.messages([MessagesKey(group_id, thread_id, before)]))[0])

    return ask(question, sandbox)


def answered(body: Any, before: str | None = None) -> PsnMessagePage:
    sandbox = psn_sandbox()
    sandbox.faults.append(Fault("/messages", 200, body, JSON))
    return messages(NAMED_GROUP_ID, before=before, sandbox=sandbox)


def uid(number: int) -> str:
    return f"1#{447000000000000 + number}"


def numbered() -> dict[int, PsnMessage]:
    found = messages(DIRECT_GROUP_ID).messages
    return {int(one.uid.partition("#")[2]) - 447000000000000: one for one in found}


def test_a_thread_comes_newest_first_by_one_call() -> None:
    sandbox = psn_sandbox()
    page = messages(DIRECT_GROUP_ID, sandbox=sandbox)
    assert [one.uid for one in page.messages] == [uid(number) for number in range(45, 0, -1)]
    assert page.next_before is None
    thread = f"{BASE}/members/me/groups/{DIRECT_GROUP_ID}/threads/{DIRECT_GROUP_ID}/messages"
    assert calls(sandbox) == {thread: 1}


def test_a_text_tells_who_said_what_and_when() -> None:
    text = numbered()[44]
    assert (text.type, text.raw_type, text.body) == (PsnMessageType.TEXT, 1, "message 44")
    assert text.sender is not None
    assert (text.sender.account_id, text.sender.online_id) == (FRIEND_ACCOUNT_ID, FRIEND_ONLINE_ID)
    assert text.created_at is not None
    assert text.created_at.isoformat() == "2026-04-24T08:14:40+00:00"
    assert (text.resource_id, text.sticker_url) == (None, None)


def test_other_kinds_are_told_apart_and_keep_their_number() -> None:
    found = numbered()
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


def test_the_next_page_begins_before_the_last_message() -> None:
    page = messages(DIRECT_GROUP_ID, before=uid(20))
    assert [one.uid for one in page.messages] == [uid(number) for number in range(19, 0, -1)]
    body = {"messages": [{"messageUid": uid(3), "messageType": 1}], "next": uid(3)}
    assert answered(body).next_before == uid(3)


def test_a_thread_of_one_message_ends_although_it_does_not_say_so() -> None:
    page = messages(UNNAMED_GROUP_ID)
    assert (len(page.messages), page.next_before) == (1, None)


@pytest.mark.parametrize(
    "body",
    [
        {"messages": [], "next": uid(1), "reachedEndOfPage": False},
        {"messages": [{"messageUid": uid(1), "messageType": 1}], "next": uid(2)},
        {"messages": [{"messageUid": uid(1), "messageType": 1}], "next": ""},
        {
            "messages": [{"messageUid": uid(1), "messageType": 1}],
            "next": uid(1),
            "reachedEndOfPage": True,
        },
    ],
)
def test_the_end_is_told_in_several_ways(body: object) -> None:
    assert answered(body, before=uid(2)).next_before is None


def test_the_message_a_page_begins_before_is_not_repeated() -> None:
    rows = [{"messageUid": uid(number), "messageType": 1} for number in (2, 1)]
    page = answered({"messages": rows, "reachedEndOfPage": True}, before=uid(2))
    assert [one.uid for one in page.messages] == [uid(1)]


def test_a_detail_of_any_name_may_hold_the_resource() -> None:
    details = {"odd": 3, "laterVoiceDetail": {"resourceId": "resource_1", "imageUrl": "https://x/"}}
    row = {"messageUid": uid(1), "messageType": 1011, "messageDetail": details}
    broken = {"messageUid": uid(2), "messageType": "?"}
    (voice,) = answered({"messages": [row, broken]}).messages
    assert (voice.resource_id, voice.sticker_url) == ("resource_1", None)


@pytest.mark.parametrize("resource_id", ["../x", "..", "a/b", "a b", ""])
def test_a_resource_that_cannot_be_asked_for_is_not_told(resource_id: str) -> None:
    details = {"imageMessageDetail": {"resourceId": resource_id}}
    row = {"messageUid": uid(1), "messageType": 3, "messageDetail": details}
    assert answered({"messages": [row]}).messages[0].resource_id is None


def test_an_address_of_a_sticker_is_shown_only_when_it_is_safe() -> None:
    for url, shown in (("javascript:x", None), ("http://a.invalid/b", "https://a.invalid/b")):
        details = {"stickerMessageDetail": {"imageUrl": url}}
        row = {"messageUid": uid(1), "messageType": 1013, "messageDetail": details}
        assert answered({"messages": [row]}).messages[0].sticker_url == shown


def test_an_empty_text_stays_a_text() -> None:
    rows = [{"messageUid": uid(1), "messageType": kind, "body": ""} for kind in (1, 3)]
    assert [one.body for one in answered({"messages": rows}).messages] == ["", None]


def test_a_smaller_limit_is_tried_where_the_large_one_is_refused() -> None:
    sandbox = psn_sandbox()
    body = {"error": {"code": 2285569, "message": "Bad Request (query: limit)"}}
    sandbox.faults.append(Fault("limit=100", 400, body, JSON))
    assert len(messages(DIRECT_GROUP_ID, sandbox=sandbox).messages) == 20


def test_what_is_not_there_is_not_found() -> None:
    with pytest.raises(NotFound):
        messages("~0000000000000000.0000000000000000")
    with pytest.raises(NotFound):
        messages(DIRECT_GROUP_ID, NAMED_GROUP_ID)


def test_a_foreign_cursor_is_the_callers_fault() -> None:
    for before in (uid(9999), "x", "", f"{uid(1)}&limit=1"):
        with pytest.raises(BadInput) as caught:
            messages(DIRECT_GROUP_ID, before=before)
        assert caught.value.argument == "after"


@pytest.mark.parametrize("thread_id", HOSTILE)
def test_what_no_thread_can_be_called_is_refused_before_any_call(thread_id: str) -> None:
    sandbox = psn_sandbox()
    with pytest.raises(BadInput) as caught:
        messages(DIRECT_GROUP_ID, thread_id, sandbox=sandbox)
    assert caught.value.argument == "threadId"
    assert not sandbox.calls


def test_a_resource_comes_with_what_it_is_called_and_is_never_remembered() -> None:
    sandbox = psn_sandbox()

    async def question(client: PsnClient) -> list[tuple[bytes, str]]:
        asked = (IMAGE_RESOURCE_ID, IMAGE_RESOURCE_ID, VOICE_RESOURCE_ID)
        found = [await client.resource(DIRECT_GROUP_ID, one) for one in asked]
        return [(one.content, one.content_type) for one in found]

    image, again, voice = ask(question, sandbox)
    assert image == again
    assert image[0].startswith(b"\x89PNG")
    assert (image[1], voice[1]) == ("image/png", "audio/3gpp")
    assert sum(calls(sandbox).values()) == 3


def test_another_viewer_is_not_shown_a_resource_of_a_group_he_is_not_in() -> None:
    with pytest.raises(NotFound):
        ask(lambda client: client.resource(DIRECT_GROUP_ID, IMAGE_RESOURCE_ID), caller=SECOND)


@pytest.mark.parametrize(
    ("content_type", "told"),
    [
        ("IMAGE/PNG; charset=x", "image/png"),
        ("image/<png>", "application/octet-stream"),
        ("", "application/octet-stream"),
        ("nonsense", "application/octet-stream"),
    ],
)
def test_a_type_that_is_none_is_not_passed_on(content_type: str, told: str) -> None:
    sandbox = psn_sandbox()
    headers = {"content-type": content_type}
    sandbox.faults.append(Fault("/resources/", 200, b"x", headers))
    found = ask(lambda client: client.resource(DIRECT_GROUP_ID, IMAGE_RESOURCE_ID), sandbox)
    assert found.content_type == told


def test_a_resource_beyond_four_mebibytes_is_not_taken() -> None:
    sandbox = psn_sandbox()
    body = b"\0" * (4 * 1024 * 1024 + 1)
    sandbox.faults.append(Fault("/resources/", 200, body, {"content-type": "image/png"}))
    with pytest.raises(BadResponse):
        ask(lambda client: client.resource(DIRECT_GROUP_ID, IMAGE_RESOURCE_ID), sandbox)


@pytest.mark.parametrize(
    "resource_id", ["", ".", "..", "a..b", "a/b", "a%2fb", "a b", "a\n", "é", "x" * 201, "?", "#"]
)
def test_what_no_resource_can_be_called_is_refused_before_any_call(resource_id: str) -> None:
    sandbox = psn_sandbox()

    async def question(client: PsnClient) -> None:
        with pytest.raises(BadInput):
            client.check_resource(resource_id)
        with pytest.raises(BadInput) as caught:
            await client.resource(DIRECT_GROUP_ID, resource_id)
        assert caught.value.argument == "resourceId"
        with pytest.raises(ProviderError):
            await client.resource("..", IMAGE_RESOURCE_ID)

    ask(question, sandbox)
    assert not sandbox.calls
