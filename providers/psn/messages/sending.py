"""Creates message groups, uploads pictures and sends messages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from providers.errors import BadInput
from providers.kit.text import quote_segment
from providers.kit.upstream.decode import parse_milliseconds
from providers.kit.upstream.upstream_client import UpstreamResponse
from providers.psn import errors
from providers.psn.api import PsnApi
from providers.psn.identifiers import (
    check_body,
    check_invitees,
    check_message_group,
    check_resource,
)
from providers.psn.messages.message_groups import GROUP_NOT_FOUND_MESSAGE, MessageGroups
from providers.psn.messages.models import CreatedGroupResponse, SentMessageResponse, UploadResponse
from providers.psn.messages.remote_images import MAX_IMAGE_BYTES, RemoteImages, detect_image_type
from providers.psn.messages.threads import Threads, resolve_thread_id
from providers.psn.urls import SOURCE
from providers.psn.writes import NOT_ALLOWED_MESSAGE, decode_confirmation, send_write
from providers.psn_records import CreatedPsnGroup, PsnResourceKind, SentPsnMessage

TEXT_TYPE = 1
# `messageType` and the key in `messageDetail`.
RESOURCE_TYPES = {
    PsnResourceKind.IMAGE: (3, "imageMessageDetail"),
    PsnResourceKind.STICKER: (1013, "stickerMessageDetail"),
    PsnResourceKind.VOICE: (1011, "voiceMessageDetail"),
}
MEMBER_RULES = errors.ErrorRules(2285568, GROUP_NOT_FOUND_MESSAGE, NOT_ALLOWED_MESSAGE)
# The service answers 400 for an unknown account and for the viewer's own.
INVITATION_RULES = errors.ErrorRules(
    2285568,
    "One of the accounts does not exist or is your own.",
    "The privacy settings of the accounts do not allow messages from you.",
    frozenset({errors.BAD_REQUEST, errors.NOT_FOUND}),
)
# The service answers 400 for a resource that is not in the group.
RESOURCE_RULES = errors.ErrorRules(
    2285568,
    "The message group has no resource of this kind with this id.",
    NOT_ALLOWED_MESSAGE,
    frozenset({errors.BAD_REQUEST, errors.NOT_FOUND}),
)


@dataclass(frozen=True)
class MessageSender:
    """Changes to the viewer's conversations; each request is sent once."""

    api: PsnApi
    groups: MessageGroups
    threads: Threads
    remote_images: RemoteImages

    async def create_message_group(self, account_ids: Sequence[str]) -> CreatedPsnGroup:
        """Create a group; for one other account, return the group that may exist already."""
        invitees = list(dict.fromkeys(account_ids))
        check_invitees(invitees)
        body = {"invitees": [{"accountId": account_id} for account_id in invitees]}
        try:
            reply = await send_write(self.api, self._groups_url, INVITATION_RULES, json=body)
        finally:
            await self.groups.invalidate()
        return _map_created_group(decode_confirmation(reply, CreatedGroupResponse))

    async def send_message(self, group_id: str, thread_id: str | None, body: str) -> SentPsnMessage:
        """Send a text; without a thread id, into the main thread."""
        check_body(body)
        message = {"messageType": TEXT_TYPE, "body": body}
        return await self._send(group_id, thread_id, message, MEMBER_RULES)

    async def send_resource(
        self, group_id: str, thread_id: str | None, resource_id: str, kind: PsnResourceKind
    ) -> SentPsnMessage:
        """Send an uploaded resource; without a thread id, into the main thread."""
        check_resource(resource_id)
        message_type, detail_key = RESOURCE_TYPES[kind]
        details = {detail_key: {"resourceId": resource_id}}
        message = {"messageType": message_type, "messageDetail": details}
        return await self._send(group_id, thread_id, message, RESOURCE_RULES)

    async def upload_resource(self, group_id: str, content: bytes) -> str:
        """Upload a PNG or JPEG picture of at most 1 MiB to a group; return its resource id."""
        check_message_group(group_id)
        image_type = detect_image_type(content)
        if image_type is None or len(content) > MAX_IMAGE_BYTES:
            message = "contentBase64 must be a PNG or JPEG picture of at most 1 MiB."
            raise BadInput(message, argument="contentBase64", source=SOURCE)
        url = f"{self._groups_url}/{quote_segment(group_id)}/resources"
        reply = await send_write(
            self.api, url, MEMBER_RULES, content=content, content_type=image_type
        )
        return decode_confirmation(reply, UploadResponse).resource_id

    async def upload_resource_from(self, group_id: str, url: str) -> str:
        """Upload a picture from one of the operator's allowed hosts; return its resource id."""
        check_message_group(group_id)
        return await self.upload_resource(group_id, await self.remote_images.fetch(url))

    async def _send(
        self,
        group_id: str,
        thread_id: str | None,
        message: Mapping[str, object],
        rules: errors.ErrorRules,
    ) -> SentPsnMessage:
        check_message_group(group_id)
        thread_id = resolve_thread_id(group_id, thread_id)
        group_url = f"{self._groups_url}/{quote_segment(group_id)}"
        url = f"{group_url}/threads/{quote_segment(thread_id)}/messages"
        try:
            reply = await send_write(self.api, url, rules, json=message)
        finally:
            self.threads.invalidate_newest(group_id, thread_id)
            await self.groups.invalidate([group_id])
        return _map_sent_message(reply, thread_id)

    @property
    def _groups_url(self) -> str:
        return f"{self.api.urls.messages}/groups"


def _map_created_group(response: CreatedGroupResponse) -> CreatedPsnGroup:
    thread_id = response.thread.native_id if response.thread else None
    return CreatedPsnGroup(
        group_id=response.group_id,
        thread_id=thread_id or response.group_id,
        # Without `hasAllAccountInvited` one of the invitations may have been refused.
        all_invited=response.all_invited or False,
    )


def _map_sent_message(reply: UpstreamResponse, thread_id: str) -> SentPsnMessage:
    response = decode_confirmation(reply, SentMessageResponse)
    return SentPsnMessage(
        message_uid=response.uid,
        thread_id=thread_id,
        created_at=parse_milliseconds(response.created),
    )
