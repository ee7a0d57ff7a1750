"""Messages of threads, and the resources attached to them."""

import pytest

from providers.errors import BadInput, BadResponse, NotFound, ProviderError
from providers.kit.sandbox import InjectedFault
from providers.psn.client import PsnClient
from providers.psn.sandbox.app import create_sandbox
from providers.psn.sandbox.constants import (
    DIRECT_GROUP_ID,
    IMAGE_RESOURCE_ID,
    NAMED_GROUP_ID,
    SECOND_NPSSO,
    VOICE_RESOURCE_ID,
)
from tests.providers.psn.harness import JSON, MOBILE, count_calls, run_with_client
from tests.providers.psn.messages.invalid_ids import INVALID_GROUP_IDS, INVALID_RESOURCE_IDS
from tests.providers.psn.messages.message_harness import load_messages, load_messages_from, make_uid

BASE = f"{MOBILE}/api/gamingLoungeGroups/v1"

SECOND = {"x-client-id": "sandbox-public-client", "x-npsso": SECOND_NPSSO}


def test_a_thread_is_listed_newest_first_by_one_call() -> None:
    sandbox = create_sandbox()
    page = load_messages(DIRECT_GROUP_ID, sandbox=sandbox)
    assert [message.uid for message in page.messages] == [
        make_uid(number) for number in range(45, 0, -1)
    ]
    assert page.next_before is None
    thread = f"{BASE}/members/me/groups/{DIRECT_GROUP_ID}/threads/{DIRECT_GROUP_ID}/messages"
    assert count_calls(sandbox) == {thread: 1}


def test_the_next_page_starts_before_the_last_message() -> None:
    page = load_messages(DIRECT_GROUP_ID, before=make_uid(20))
    assert [message.uid for message in page.messages] == [
        make_uid(number) for number in range(19, 0, -1)
    ]
    body = {"messages": [{"messageUid": make_uid(3), "messageType": 1}], "next": make_uid(3)}
    assert load_messages_from(body).next_before == make_uid(3)


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


@pytest.mark.parametrize("thread_id", INVALID_GROUP_IDS)
def test_invalid_thread_ids_are_rejected_before_any_call(thread_id: str) -> None:
    sandbox = create_sandbox()
    with pytest.raises(BadInput) as caught:
        load_messages(DIRECT_GROUP_ID, thread_id, sandbox=sandbox)
    assert caught.value.argument == "threadId"
    assert not sandbox.calls


def test_a_resource_has_its_content_type_and_is_never_cached() -> None:
    sandbox = create_sandbox()

    async def scenario(client: PsnClient) -> list[tuple[bytes, str]]:
        resource_ids = (IMAGE_RESOURCE_ID, IMAGE_RESOURCE_ID, VOICE_RESOURCE_ID)
        found = [
            await client.get_resource(DIRECT_GROUP_ID, resource_id) for resource_id in resource_ids
        ]
        return [(resource.content, resource.content_type) for resource in found]

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


@pytest.mark.parametrize("resource_id", INVALID_RESOURCE_IDS)
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
