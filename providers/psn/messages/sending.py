"""Beginning conversations and sending into them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from providers.errors import BadInput
from providers.kit.text import quote_segment
from providers.kit.upstream.decode import parse_milliseconds
from providers.kit.upstream.upstream_client import UpstreamResponse
from providers.psn import errors
from providers.psn.api import PsnApi
from providers.psn.identifiers import check_body, check_message_group, check_resource, is_account_id
from providers.psn.messages.message_groups import MessageGroups
from providers.psn.messages.models import CreatedGroupResponse, SentMessageResponse, UploadResponse
from providers.psn.messages.remote_images import MAX_IMAGE_BYTES, RemoteImages, detect_image_type
from providers.psn.messages.threads import Threads, build_groups_url, resolve_thread_id
from providers.psn.urls import SOURCE
from providers.psn.writes import NOT_ALLOWED_MESSAGE, decode_confirmation, send_write
from providers.psn_records import CreatedPsnGroup, PsnResourceKind, SentPsnMessage

MAX_INVITEES = 99
TEXT_TYPE = 1
RESOURCE_TYPES = {
    PsnResourceKind.IMAGE: (3, "imageMessageDetail"),
    PsnResourceKind.STICKER: (1013, "stickerMessageDetail"),
    PsnResourceKind.VOICE: (1011, "voiceMessageDetail"),
}
MEMBER_RULES = errors.ErrorRules(2285568, "You are not in such a group.", NOT_ALLOWED_MESSAGE)
# The service says 400 to an account that nobody has, as to one that is one's own.
INVITATION_RULES = errors.ErrorRules(
    2285568,
    "One of the accounts cannot be invited.",
    "None of the accounts lets you.",
    frozenset({errors.BAD_REQUEST, errors.NOT_FOUND}),
)
# The same for a resource that the group does not have.
RESOURCE_RULES = errors.ErrorRules(
    2285568,
    "The group has no such resource to be sent like this.",
    NOT_ALLOWED_MESSAGE,
    frozenset({errors.BAD_REQUEST, errors.NOT_FOUND}),
)


@dataclass(frozen=True)
class MessageSender:
    """What the viewer may do in conversations."""

    api: PsnApi
    groups: MessageGroups
    threads: Threads
    remote_images: RemoteImages

    async def create_group(self, account_ids: Sequence[str]) -> CreatedPsnGroup:
        """Begin a conversation; with one person, the one there is already."""
        invited = list(dict.fromkeys(account_ids))
        _check_invitees(invited)
        body = {"invitees": [{"accountId": account_id} for account_id in invited]}
        try:
            reply = await send_write(
                self.api, build_groups_url(self.api), INVITATION_RULES, json=body
            )
        finally:
            await self.groups.invalidate()
        response = decode_confirmation(reply, CreatedGroupResponse)
        thread_id = response.thread.native_id if response.thread else None
        return CreatedPsnGroup(
            group_id=response.group_id,
            thread_id=thread_id or response.group_id,
            # Whoever was not confirmed as invited may have been refused.
            all_invited=response.all_invited or False,
        )

    async def send_text(self, group_id: str, thread_id: str | None, body: str) -> SentPsnMessage:
        """Send a text."""
        check_body(body)
        message = {"messageType": TEXT_TYPE, "body": body}
        return await self._send(group_id, thread_id, message, MEMBER_RULES)

    async def send_resource(
        self, group_id: str, thread_id: str | None, resource_id: str, kind: PsnResourceKind
    ) -> SentPsnMessage:
        """Send what was uploaded."""
        check_resource(resource_id)
        number, detail = RESOURCE_TYPES[kind]
        message = {"messageType": number, "messageDetail": {detail: {"resourceId": resource_id}}}
        return await self._send(group_id, thread_id, message, RESOURCE_RULES)

    async def upload(self, group_id: str, content: bytes) -> str:
        """Put a picture where it can be sent from; answers its id."""
        check_message_group(group_id)
        image_type = detect_image_type(content)
        if image_type is None or len(content) > MAX_IMAGE_BYTES:
            message = "contentBase64: a PNG or JPEG picture of at most 1 MiB."
            raise BadInput(message, argument="contentBase64", source=SOURCE)
        url = f"{build_groups_url(self.api)}/{quote_segment(group_id)}/resources"
        reply = await send_write(
            self.api, url, MEMBER_RULES, content=content, content_type=image_type
        )
        return decode_confirmation(reply, UploadResponse).resource_id

    async def upload_from_url(self, group_id: str, url: str) -> str:
        """The same with a picture on a host that the operator has listed."""
        check_message_group(group_id)
        return await self.upload(group_id, await self.remote_images.fetch(url))

    async def _send(
        self,
        group_id: str,
        thread_id: str | None,
        message: Mapping[str, object],
        rules: errors.ErrorRules,
    ) -> SentPsnMessage:
        check_message_group(group_id)
        thread = resolve_thread_id(group_id, thread_id)
        group = f"{build_groups_url(self.api)}/{quote_segment(group_id)}"
        url = f"{group}/threads/{quote_segment(thread)}/messages"
        try:
            reply = await send_write(self.api, url, rules, json=message)
        finally:
            await self.groups.invalidate([group_id])
            await self.threads.invalidate_newest(group_id, thread)
        return _map_sent_message(reply, thread)


def _map_sent_message(reply: UpstreamResponse, thread_id: str) -> SentPsnMessage:
    response = decode_confirmation(reply, SentMessageResponse)
    return SentPsnMessage(
        message_uid=response.uid,
        thread_id=thread_id,
        created_at=parse_milliseconds(response.created),
    )


def _check_invitees(account_ids: Sequence[str]) -> None:
    if 1 <= len(account_ids) <= MAX_INVITEES and all(map(is_account_id, account_ids)):
        return
    message = f"inviteeIds: 1 to {MAX_INVITEES} account ids, which are digits."
    raise BadInput(message, argument="inviteeIds", source=SOURCE)
