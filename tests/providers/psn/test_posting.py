"""Beginning conversations and sending into them."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from providers.capabilities import MessagesKey
from providers.errors import (
    BadInput,
    Forbidden,
    NotFound,
    OutcomeUnknown,
    ProviderError,
    RateLimited,
    Unavailable,
)
from providers.kit.sandbox import Fault
from providers.kit.upstream.upstream_client import Kit
from providers.psn import Psn
from providers.psn.client import PsnClient
from providers.psn.sandbox.app import PsnSandbox, psn_sandbox
from providers.psn.sandbox.world import (
    DIRECT_GROUP_ID,
    FRIEND_ACCOUNT_ID,
    IMAGE_RESOURCE_ID,
    NAMED_GROUP_ID,
    OWNER_ACCOUNT_ID,
    SECOND_ACCOUNT_ID,
    STRANGER_ACCOUNT_ID,
    VOICE_RESOURCE_ID,
)
from providers.records import PsnResourceKind
from tests.providers.psn.asking import ask, calls, value
from tests.providers.psn.test_groups import HOSTILE

BASE = "POST m.np.playstation.com/api/gamingLoungeGroups/v1/groups"
SEND = f"{BASE}/{DIRECT_GROUP_ID}/threads/{DIRECT_GROUP_ID}/messages"
UPLOAD = f"{BASE}/{DIRECT_GROUP_ID}/resources"
PNG = b"\x89PNG\r\n\x1a\n and so on"
JPEG = b"\xff\xd8\xff\xe0 and so on"
JSON = {"content-type": "application/json"}

Write = Callable[[PsnClient], Awaitable[object]]


async def create(client: PsnClient) -> object:
    return await client.create_message_group([FRIEND_ACCOUNT_ID])


async def say(client: PsnClient) -> object:
    return await client.send_message(DIRECT_GROUP_ID, None, "hello")


async def upload(client: PsnClient) -> object:
    return await client.upload_resource(DIRECT_GROUP_ID, PNG)


async def show(client: PsnClient) -> object:
    kind = PsnResourceKind.IMAGE
    return await client.send_resource(DIRECT_GROUP_ID, None, IMAGE_RESOURCE_ID, kind)


WRITES: dict[str, tuple[Write, str]] = {
    "create": (create, BASE),
    "say": (say, SEND),
    "upload": (upload, UPLOAD),
    "show": (show, SEND),
}
each = pytest.mark.parametrize(("write", "call"), WRITES.values(), ids=WRITES)


def sent(sandbox: PsnSandbox) -> httpx.Request:
    return next(one for one in reversed(sandbox.log) if "gamingLounge" in one.url.path)


def body(sandbox: PsnSandbox) -> Any:
    return json.loads(sent(sandbox).content)


def test_a_text_is_sent_into_the_main_thread() -> None:
    sandbox = psn_sandbox()
    text = "Grüße,\n\tdu 🏆"
    message = ask(lambda client: client.send_message(DIRECT_GROUP_ID, None, text), sandbox)
    newest = sandbox.world.lounges[DIRECT_GROUP_ID].messages[-1]
    assert (message.message_uid, newest.body, newest.sender) == (newest.uid, text, OWNER_ACCOUNT_ID)
    assert message.thread_id == DIRECT_GROUP_ID
    assert message.created_at is not None
    assert calls(sandbox) == {SEND: 1}


def test_the_conversation_is_looked_at_again_after_a_message() -> None:
    async def seen(client: PsnClient) -> list[str | None]:
        page = value((await client.messages([MessagesKey(DIRECT_GROUP_ID)]))[0])
        listed = value((await client.message_groups([0]))[0]).groups[0].latest_message
        (group,) = await client.message_group([DIRECT_GROUP_ID])
        latest = value(group).latest_message
        assert listed == latest
        return [page.messages[0].body, latest.body if latest else None]

    async def question(client: PsnClient) -> None:
        assert await seen(client) == ["message 45"] * 2
        await say(client)
        assert await seen(client) == ["hello"] * 2

    ask(question)


@pytest.mark.parametrize(
    ("kind", "number", "detail"),
    [
        (PsnResourceKind.IMAGE, 3, "imageMessageDetail"),
        (PsnResourceKind.STICKER, 1013, "stickerMessageDetail"),
        (PsnResourceKind.VOICE, 1011, "voiceMessageDetail"),
    ],
)
def test_a_resource_is_sent_as_what_it_is(kind: PsnResourceKind, number: int, detail: str) -> None:
    sandbox = psn_sandbox()
    answer = {"messageUid": "1#5", "createdTimestamp": "1777000000000"}
    sandbox.faults.append(Fault("/messages", 201, answer, JSON))

    async def question(client: PsnClient) -> str:
        asked = (DIRECT_GROUP_ID, DIRECT_GROUP_ID, VOICE_RESOURCE_ID, kind)
        return (await client.send_resource(*asked)).message_uid

    assert ask(question, sandbox) == "1#5"
    details = {detail: {"resourceId": VOICE_RESOURCE_ID}}
    assert body(sandbox) == {"messageType": number, "messageDetail": details}


@pytest.mark.parametrize(("content", "kind"), [(PNG, "image/png"), (JPEG, "image/jpeg")])
def test_a_picture_is_uploaded_and_can_be_sent_and_fetched(content: bytes, kind: str) -> None:
    sandbox = psn_sandbox()

    async def question(client: PsnClient) -> None:
        resource_id = await client.upload_resource(DIRECT_GROUP_ID, content)
        await client.send_resource(DIRECT_GROUP_ID, None, resource_id, PsnResourceKind.IMAGE)
        found = await client.resource(DIRECT_GROUP_ID, resource_id)
        assert (found.content, found.content_type) == (content, kind)
        page = value((await client.messages([MessagesKey(DIRECT_GROUP_ID)]))[0])
        assert page.messages[0].resource_id == resource_id

    ask(question, sandbox)
    assert calls(sandbox)[UPLOAD] == 1


def test_a_picture_of_exactly_a_mebibyte_is_the_largest() -> None:
    largest = PNG.ljust(1024 * 1024, b"\0")
    ask(lambda client: client.upload_resource(DIRECT_GROUP_ID, largest))
    with pytest.raises(BadInput):
        ask(lambda client: client.upload_resource(DIRECT_GROUP_ID, largest + b"\0"))


@pytest.mark.parametrize("content", [b"", b"\x89PN", b"GIF89a", b"<svg/>", b"%PDF-1", b" " + PNG])
def test_what_is_no_picture_is_not_uploaded(content: bytes) -> None:
    sandbox = psn_sandbox()
    with pytest.raises(BadInput) as caught:
        ask(lambda client: client.upload_resource(DIRECT_GROUP_ID, content), sandbox)
    assert caught.value.argument == "contentBase64"
    assert not sandbox.calls


def test_a_group_is_created_and_one_for_two_is_the_one_there_is() -> None:
    sandbox = psn_sandbox()

    async def question(client: PsnClient) -> None:
        before = value((await client.message_groups([0]))[0])
        direct = await client.create_message_group([FRIEND_ACCOUNT_ID, FRIEND_ACCOUNT_ID])
        assert (direct.group_id, direct.thread_id) == (DIRECT_GROUP_ID, DIRECT_GROUP_ID)
        assert direct.all_invited
        new = await client.create_message_group([FRIEND_ACCOUNT_ID, SECOND_ACCOUNT_ID])
        after = value((await client.message_groups([0]))[0])
        assert {one.native_id for one in after.groups} == {
            new.group_id,
            *(one.native_id for one in before.groups),
        }
        (found,) = await client.message_group([new.group_id])
        assert value(found).name == "sample_friend, second_player"

    ask(question, sandbox)


def test_who_did_not_let_himself_be_invited_is_told_of() -> None:
    both = [FRIEND_ACCOUNT_ID, STRANGER_ACCOUNT_ID]
    assert not ask(lambda client: client.create_message_group(both)).all_invited
    sandbox = psn_sandbox()
    with pytest.raises(Forbidden) as caught:
        ask(lambda client: client.create_message_group([STRANGER_ACCOUNT_ID]), sandbox)
    assert caught.value.source == "PSN"
    with pytest.raises(NotFound):
        ask(lambda client: client.create_message_group(["12345"]))


@pytest.mark.parametrize(
    "account_ids",
    [[], ["sample_friend"], ["me"], [""], ["1", "2/3"], ["\u0661"], list(map(str, range(100)))],
)
def test_only_account_ids_are_invited(account_ids: list[str]) -> None:
    sandbox = psn_sandbox()
    with pytest.raises(BadInput) as caught:
        ask(lambda client: client.create_message_group(account_ids), sandbox)
    assert caught.value.argument == "inviteeIds"
    assert not sandbox.calls


@pytest.mark.parametrize(
    "text", ["", "   ", "\n", "a\x00b", "a\x1bb", "a\r\nb", "\ud800", "x" * 4001]
)
def test_what_cannot_be_said_is_refused_before_any_call(text: str) -> None:
    sandbox = psn_sandbox()
    with pytest.raises(BadInput) as caught:
        ask(lambda client: client.send_message(DIRECT_GROUP_ID, None, text), sandbox)
    assert caught.value.argument == "body"
    assert not sandbox.calls


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_ids_are_refused_before_any_call(hostile: str) -> None:
    sandbox = psn_sandbox()

    async def question(client: PsnClient) -> list[str]:
        kind = PsnResourceKind.IMAGE
        asked: list[Awaitable[object]] = [
            client.send_message(hostile, None, "x"),
            client.send_message(DIRECT_GROUP_ID, hostile, "x"),
            client.send_resource(hostile, None, IMAGE_RESOURCE_ID, kind),
            client.send_resource(DIRECT_GROUP_ID, hostile, IMAGE_RESOURCE_ID, kind),
            client.upload_resource(hostile, PNG),
            client.upload_resource_from(hostile, "https://cdn.example/a.png"),
        ]
        refused: list[str] = []
        for one in asked:
            with pytest.raises(BadInput) as caught:
                await one
            refused.append(caught.value.argument)
        return refused

    arguments = ["groupId", "threadId", "groupId", "threadId", "groupId", "groupId"]
    assert ask(question, sandbox) == arguments
    assert not sandbox.calls


@each
@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault("v1/groups", 503, {}, JSON), OutcomeUnknown),
        (Fault("v1/groups", 500, "<html>"), OutcomeUnknown),
        (Fault("v1/groups", 501, {}, JSON), OutcomeUnknown),
        (Fault("v1/groups", 524, "<html>"), OutcomeUnknown),
        (Fault("v1/groups", reset=True), OutcomeUnknown),
        (Fault("v1/groups", 307, "", {"location": "https://x.invalid"}), OutcomeUnknown),
        (Fault("v1/groups", 201, {}, JSON), OutcomeUnknown),
        (Fault("v1/groups", 201, b"{", JSON), OutcomeUnknown),
        (Fault("v1/groups", 429, {}, {"retry-after": "1"}), RateLimited),
        (Fault("v1/groups", 403, "<html>"), Unavailable),
        (Fault("v1/groups", 403, {"error": {"code": 2286592}}, JSON), Forbidden),
        (Fault("v1/groups", 404, {"error": {"code": 2285581}}, JSON), NotFound),
    ],
)
def test_a_change_is_sent_once_whatever_comes_of_it(
    write: Write, call: str, fault: Fault, kind: type[ProviderError]
) -> None:
    sandbox = psn_sandbox()
    sandbox.faults.append(fault)
    with pytest.raises(kind):
        ask(write, sandbox)
    assert calls(sandbox) == {call: 1}


@each
def test_a_refused_token_is_renewed_once(write: Write, call: str) -> None:
    sandbox = psn_sandbox()
    refused = {"error": {"code": 2286081, "message": "Invalid token"}}
    sandbox.faults.append(Fault("v1/groups", 401, refused, JSON, times=1))
    ask(write, sandbox)
    assert calls(sandbox) == {call: 2}


@each
def test_every_change_names_a_language(write: Write, call: str) -> None:
    sandbox = psn_sandbox()
    ask(write, sandbox, language="de-DE")
    assert sent(sandbox).headers["accept-language"] == "de-DE"
    assert call.endswith(sent(sandbox).url.path.removeprefix("/api/gamingLoungeGroups/v1/groups"))


def test_what_is_named_is_encoded_wholly() -> None:
    sandbox = psn_sandbox()
    ask(say, sandbox)
    path = sent(sandbox).url.raw_path.decode()
    assert path.count("/") == 8
    assert "#" not in path


def test_a_resource_the_group_does_not_have_is_not_found() -> None:
    async def question(client: PsnClient) -> None:
        kind = PsnResourceKind.IMAGE
        await client.send_resource(DIRECT_GROUP_ID, None, "resource_1", kind)

    with pytest.raises(NotFound):
        ask(question)


def test_nobody_writes_into_a_group_he_is_not_in() -> None:
    with pytest.raises(NotFound):
        ask(lambda client: client.send_message("~0000000000000000.0000000000000000", None, "x"))


def test_no_host_is_listed_unless_the_operator_lists_it() -> None:
    sandbox = psn_sandbox()
    url = "https://cdn.example/a.png"
    with pytest.raises(BadInput) as caught:
        ask(lambda client: client.upload_resource_from(NAMED_GROUP_ID, url), sandbox)
    assert caught.value.argument == "url"
    assert not sandbox.calls


@pytest.mark.parametrize("hosts", ["https://cdn.example", "*.example", "cdn.example:8443", "a b"])
def test_a_listed_host_that_is_none_is_refused_at_the_start(hosts: str) -> None:
    source = Psn()
    settings = {**source.settings, **source.sandbox_settings, "PSN_RESOURCE_HOSTS": hosts}
    with pytest.raises(ValueError, match="PSN_RESOURCE_HOSTS"):
        source.open(Kit(httpx.AsyncClient()), settings)
