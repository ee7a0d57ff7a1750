"""Creating message groups, uploading pictures and sending messages."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from providers.capabilities import MessagePageKey
from providers.errors import (
    BadInput,
    Forbidden,
    NotFound,
    OutcomeUnknown,
    ProviderError,
    RateLimited,
    Unavailable,
)
from providers.kit.sandbox import InjectedFault
from providers.psn.client import PsnClient
from providers.psn.sandbox.app import PsnSandbox, create_sandbox
from providers.psn.sandbox.constants import (
    DIRECT_GROUP_ID,
    FRIEND_ACCOUNT_ID,
    IMAGE_RESOURCE_ID,
    NAMED_GROUP_ID,
    OWNER_ACCOUNT_ID,
    SECOND_ACCOUNT_ID,
    STRANGER_ACCOUNT_ID,
    VOICE_RESOURCE_ID,
)
from providers.psn_records import PsnResourceKind
from tests.providers.psn.harness import JSON, count_calls, run_with_client, unwrap
from tests.providers.psn.messages.invalid_ids import INVALID_GROUP_IDS

BASE = "POST m.np.playstation.com/api/gamingLoungeGroups/v1/groups"
SEND = f"{BASE}/{DIRECT_GROUP_ID}/threads/{DIRECT_GROUP_ID}/messages"
UPLOAD = f"{BASE}/{DIRECT_GROUP_ID}/resources"
PNG = b"\x89PNG\r\n\x1a\n and so on"
JPEG = b"\xff\xd8\xff\xe0 and so on"

Write = Callable[[PsnClient], Awaitable[object]]


async def create_group(client: PsnClient) -> object:
    return await client.create_message_group([FRIEND_ACCOUNT_ID])


async def send_text(client: PsnClient) -> object:
    return await client.send_message(DIRECT_GROUP_ID, None, "hello")


async def upload_image(client: PsnClient) -> object:
    return await client.upload_resource(DIRECT_GROUP_ID, PNG)


async def send_image(client: PsnClient) -> object:
    kind = PsnResourceKind.IMAGE
    return await client.send_resource(DIRECT_GROUP_ID, None, IMAGE_RESOURCE_ID, kind)


WRITES: dict[str, tuple[Write, str]] = {
    "create": (create_group, BASE),
    "message": (send_text, SEND),
    "upload": (upload_image, UPLOAD),
    "resource": (send_image, SEND),
}
parametrize_writes = pytest.mark.parametrize(("write", "call"), WRITES.values(), ids=WRITES)


def find_request(sandbox: PsnSandbox) -> httpx.Request:
    return next(request for request in reversed(sandbox.log) if "gamingLounge" in request.url.path)


def read_body(sandbox: PsnSandbox) -> Any:
    return json.loads(find_request(sandbox).content)


def test_a_text_is_sent_into_the_main_thread() -> None:
    sandbox = create_sandbox()
    text = "Grüße,\n\tdu 🏆"
    message = run_with_client(
        lambda client: client.send_message(DIRECT_GROUP_ID, None, text), sandbox
    )
    newest = sandbox.database.message_groups[DIRECT_GROUP_ID].messages[-1]
    assert (message.message_uid, newest.body, newest.sender) == (newest.uid, text, OWNER_ACCOUNT_ID)
    assert message.thread_id == DIRECT_GROUP_ID
    assert message.created_at is not None
    assert count_calls(sandbox) == {SEND: 1}


def test_cached_messages_are_invalidated_after_sending() -> None:
    async def load_latest(client: PsnClient) -> list[str | None]:
        page = unwrap((await client.get_messages([MessagePageKey(DIRECT_GROUP_ID)]))[0])
        listed = unwrap((await client.get_message_groups([0]))[0]).groups[0].latest_message
        (group,) = await client.get_message_groups_by_id([DIRECT_GROUP_ID])
        latest = unwrap(group).latest_message
        assert listed == latest
        return [page.messages[0].body, latest.body if latest else None]

    async def scenario(client: PsnClient) -> None:
        assert await load_latest(client) == ["message 45"] * 2
        await send_text(client)
        assert await load_latest(client) == ["hello"] * 2

    run_with_client(scenario)


@pytest.mark.parametrize(
    ("kind", "number", "detail"),
    [
        (PsnResourceKind.IMAGE, 3, "imageMessageDetail"),
        (PsnResourceKind.STICKER, 1013, "stickerMessageDetail"),
        (PsnResourceKind.VOICE, 1011, "voiceMessageDetail"),
    ],
)
def test_a_resource_is_sent_with_its_message_type(
    kind: PsnResourceKind, number: int, detail: str
) -> None:
    sandbox = create_sandbox()
    answer = {"messageUid": "1#5", "createdTimestamp": "1777000000000"}
    sandbox.faults.append(InjectedFault("/messages", 201, answer, JSON))

    async def scenario(client: PsnClient) -> str:
        arguments = (DIRECT_GROUP_ID, DIRECT_GROUP_ID, VOICE_RESOURCE_ID, kind)
        return (await client.send_resource(*arguments)).message_uid

    assert run_with_client(scenario, sandbox) == "1#5"
    details = {detail: {"resourceId": VOICE_RESOURCE_ID}}
    assert read_body(sandbox) == {"messageType": number, "messageDetail": details}


@pytest.mark.parametrize(("content", "kind"), [(PNG, "image/png"), (JPEG, "image/jpeg")])
def test_a_picture_is_uploaded_and_can_be_sent_and_fetched(content: bytes, kind: str) -> None:
    sandbox = create_sandbox()

    async def scenario(client: PsnClient) -> None:
        resource_id = await client.upload_resource(DIRECT_GROUP_ID, content)
        await client.send_resource(DIRECT_GROUP_ID, None, resource_id, PsnResourceKind.IMAGE)
        found = await client.get_resource(DIRECT_GROUP_ID, resource_id)
        assert (found.content, found.content_type) == (content, kind)
        page = unwrap((await client.get_messages([MessagePageKey(DIRECT_GROUP_ID)]))[0])
        assert page.messages[0].resource_id == resource_id

    run_with_client(scenario, sandbox)
    assert count_calls(sandbox)[UPLOAD] == 1


def test_a_picture_of_exactly_a_mebibyte_is_the_largest() -> None:
    largest = PNG.ljust(1024 * 1024, b"\0")
    run_with_client(lambda client: client.upload_resource(DIRECT_GROUP_ID, largest))
    with pytest.raises(BadInput):
        run_with_client(lambda client: client.upload_resource(DIRECT_GROUP_ID, largest + b"\0"))


@pytest.mark.parametrize("content", [b"", b"\x89PN", b"GIF89a", b"<svg/>", b"%PDF-1", b" " + PNG])
def test_only_images_are_uploaded(content: bytes) -> None:
    sandbox = create_sandbox()
    with pytest.raises(BadInput) as caught:
        run_with_client(lambda client: client.upload_resource(DIRECT_GROUP_ID, content), sandbox)
    assert caught.value.argument == "contentBase64"
    assert not sandbox.calls


def test_a_group_is_created_and_a_direct_group_is_reused() -> None:
    sandbox = create_sandbox()

    async def scenario(client: PsnClient) -> None:
        before = unwrap((await client.get_message_groups([0]))[0])
        direct = await client.create_message_group([FRIEND_ACCOUNT_ID, FRIEND_ACCOUNT_ID])
        assert (direct.group_id, direct.thread_id) == (DIRECT_GROUP_ID, DIRECT_GROUP_ID)
        assert direct.all_invited
        new = await client.create_message_group([FRIEND_ACCOUNT_ID, SECOND_ACCOUNT_ID])
        after = unwrap((await client.get_message_groups([0]))[0])
        assert {group.native_id for group in after.groups} == {
            new.group_id,
            *(group.native_id for group in before.groups),
        }
        (found,) = await client.get_message_groups_by_id([new.group_id])
        assert unwrap(found).name == "sample_friend, second_player"

    run_with_client(scenario, sandbox)


def test_refused_invitations_are_reported() -> None:
    both = [FRIEND_ACCOUNT_ID, STRANGER_ACCOUNT_ID]
    assert not run_with_client(lambda client: client.create_message_group(both)).all_invited
    sandbox = create_sandbox()
    with pytest.raises(Forbidden) as caught:
        run_with_client(lambda client: client.create_message_group([STRANGER_ACCOUNT_ID]), sandbox)
    assert caught.value.source == "PSN"
    with pytest.raises(NotFound):
        run_with_client(lambda client: client.create_message_group(["12345"]))


@pytest.mark.parametrize(
    "account_ids",
    [[], ["sample_friend"], ["me"], [""], ["1", "2/3"], ["\u0661"], list(map(str, range(100)))],
)
def test_only_account_ids_are_invited(account_ids: list[str]) -> None:
    sandbox = create_sandbox()
    with pytest.raises(BadInput) as caught:
        run_with_client(lambda client: client.create_message_group(account_ids), sandbox)
    assert caught.value.argument == "inviteeIds"
    assert not sandbox.calls


@pytest.mark.parametrize(
    "text", ["", "   ", "\n", "a\x00b", "a\x1bb", "a\r\nb", "\ud800", "x" * 4001]
)
def test_invalid_texts_are_rejected_before_any_call(text: str) -> None:
    sandbox = create_sandbox()
    with pytest.raises(BadInput) as caught:
        run_with_client(lambda client: client.send_message(DIRECT_GROUP_ID, None, text), sandbox)
    assert caught.value.argument == "body"
    assert not sandbox.calls


@pytest.mark.parametrize("invalid_id", INVALID_GROUP_IDS)
def test_invalid_ids_are_rejected_before_any_call(invalid_id: str) -> None:
    sandbox = create_sandbox()

    async def scenario(client: PsnClient) -> list[str]:
        kind = PsnResourceKind.IMAGE
        writes: list[Awaitable[object]] = [
            client.send_message(invalid_id, None, "x"),
            client.send_message(DIRECT_GROUP_ID, invalid_id, "x"),
            client.send_resource(invalid_id, None, IMAGE_RESOURCE_ID, kind),
            client.send_resource(DIRECT_GROUP_ID, invalid_id, IMAGE_RESOURCE_ID, kind),
            client.upload_resource(invalid_id, PNG),
            client.upload_resource_from(invalid_id, "https://cdn.example/a.png"),
        ]
        arguments: list[str] = []
        for write in writes:
            with pytest.raises(BadInput) as caught:
                await write
            arguments.append(caught.value.argument)
        return arguments

    expected = ["groupId", "threadId", "groupId", "threadId", "groupId", "groupId"]
    assert run_with_client(scenario, sandbox) == expected
    assert not sandbox.calls


@parametrize_writes
@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (InjectedFault("v1/groups", 503, {}, JSON), OutcomeUnknown),
        (InjectedFault("v1/groups", 500, "<html>"), OutcomeUnknown),
        (InjectedFault("v1/groups", 501, {}, JSON), OutcomeUnknown),
        (InjectedFault("v1/groups", 524, "<html>"), OutcomeUnknown),
        (InjectedFault("v1/groups", reset=True), OutcomeUnknown),
        (InjectedFault("v1/groups", 307, "", {"location": "https://x.invalid"}), OutcomeUnknown),
        (InjectedFault("v1/groups", 201, {}, JSON), OutcomeUnknown),
        (InjectedFault("v1/groups", 201, b"{", JSON), OutcomeUnknown),
        (InjectedFault("v1/groups", 429, {}, {"retry-after": "1"}), RateLimited),
        (InjectedFault("v1/groups", 403, "<html>"), Unavailable),
        (InjectedFault("v1/groups", 403, {"error": {"code": 2286592}}, JSON), Forbidden),
        (InjectedFault("v1/groups", 404, {"error": {"code": 2285581}}, JSON), NotFound),
    ],
)
def test_a_write_is_sent_once_whatever_its_outcome(
    write: Write, call: str, fault: InjectedFault, kind: type[ProviderError]
) -> None:
    sandbox = create_sandbox()
    sandbox.faults.append(fault)
    with pytest.raises(kind):
        run_with_client(write, sandbox)
    assert count_calls(sandbox) == {call: 1}


@parametrize_writes
def test_a_rejected_token_is_refreshed_once(write: Write, call: str) -> None:
    sandbox = create_sandbox()
    refused = {"error": {"code": 2286081, "message": "Invalid token"}}
    sandbox.faults.append(InjectedFault("v1/groups", 401, refused, JSON, times=1))
    run_with_client(write, sandbox)
    assert count_calls(sandbox) == {call: 2}


@parametrize_writes
def test_every_write_has_the_language_of_the_request(write: Write, call: str) -> None:
    sandbox = create_sandbox()
    run_with_client(write, sandbox, language="de-DE")
    assert find_request(sandbox).headers["accept-language"] == "de-DE"
    assert call.endswith(
        find_request(sandbox).url.path.removeprefix("/api/gamingLoungeGroups/v1/groups")
    )


def test_ids_in_the_path_are_percent_encoded() -> None:
    sandbox = create_sandbox()
    run_with_client(send_text, sandbox)
    path = find_request(sandbox).url.raw_path.decode()
    assert path.count("/") == 8
    assert "#" not in path


def test_a_resource_the_group_does_not_have_is_not_found() -> None:
    async def scenario(client: PsnClient) -> None:
        kind = PsnResourceKind.IMAGE
        await client.send_resource(DIRECT_GROUP_ID, None, "resource_1", kind)

    with pytest.raises(NotFound):
        run_with_client(scenario)


def test_writing_into_a_group_of_others_is_not_found() -> None:
    with pytest.raises(NotFound):
        run_with_client(
            lambda client: client.send_message("~0000000000000000.0000000000000000", None, "x")
        )


def test_no_host_is_allowed_by_default() -> None:
    sandbox = create_sandbox()
    url = "https://cdn.example/a.png"
    with pytest.raises(BadInput) as caught:
        run_with_client(lambda client: client.upload_resource_from(NAMED_GROUP_ID, url), sandbox)
    assert caught.value.argument == "url"
    assert not sandbox.calls
