"""Beginning conversations and sending into them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from providers.errors import BadInput
from providers.kit.text import segment
from providers.kit.upstream.decode import milliseconds
from providers.kit.upstream.upstream_client import Reply
from providers.psn import errors
from providers.psn.api import Connection
from providers.psn.identifiers import check_body, check_group, check_resource, is_account_id
from providers.psn.messages.message_groups import MessageGroups
from providers.psn.messages.models import CreatedGroup, SentMessage, Uploaded
from providers.psn.messages.remote_images import LARGEST, RemotePictures, content_type
from providers.psn.messages.threads import Threads, lounges, thread_of
from providers.psn.urls import SOURCE
from providers.psn.writes import REFUSED, confirmed, write
from providers.records import CreatedPsnGroup, PsnResourceKind, SentPsnMessage

MOST_INVITEES = 99
TEXT = 1
KINDS = {
    PsnResourceKind.IMAGE: (3, "imageMessageDetail"),
    PsnResourceKind.STICKER: (1013, "stickerMessageDetail"),
    PsnResourceKind.VOICE: (1011, "voiceMessageDetail"),
}
MEMBER = errors.Refusals(2285568, "You are not in such a group.", REFUSED)
# The service says 400 to an account that nobody has, as to one that is one's own.
INVITER = errors.Refusals(
    2285568,
    "One of the accounts cannot be invited.",
    "None of the accounts lets you.",
    frozenset({errors.BAD_REQUEST, errors.NOT_FOUND}),
)
# The same for a resource that the group does not have.
SENDER = errors.Refusals(
    2285568,
    "The group has no such resource to be sent like this.",
    REFUSED,
    frozenset({errors.BAD_REQUEST, errors.NOT_FOUND}),
)


@dataclass(frozen=True)
class Posting:
    """What the viewer may do in conversations."""

    connection: Connection
    groups: MessageGroups
    threads: Threads
    pictures: RemotePictures

    async def create_group(self, account_ids: Sequence[str]) -> CreatedPsnGroup:
        """Begin a conversation; with one person, the one there is already."""
        invited = list(dict.fromkeys(account_ids))
        _check_invitees(invited)
        body = {"invitees": [{"accountId": account_id} for account_id in invited]}
        try:
            reply = await write(self.connection, lounges(self.connection), INVITER, json=body)
        finally:
            await self.groups.forget()
        answer = confirmed(reply, CreatedGroup)
        thread_id = answer.thread.native_id if answer.thread else None
        return CreatedPsnGroup(
            group_id=answer.group_id,
            thread_id=thread_id or answer.group_id,
            # Whoever was not confirmed as invited may have been refused.
            all_invited=answer.all_invited or False,
        )

    async def send_text(self, group_id: str, thread_id: str | None, body: str) -> SentPsnMessage:
        """Send a text."""
        check_body(body)
        message = {"messageType": TEXT, "body": body}
        return await self._send(group_id, thread_id, message, MEMBER)

    async def send_resource(
        self, group_id: str, thread_id: str | None, resource_id: str, kind: PsnResourceKind
    ) -> SentPsnMessage:
        """Send what was uploaded."""
        check_resource(resource_id)
        number, detail = KINDS[kind]
        message = {"messageType": number, "messageDetail": {detail: {"resourceId": resource_id}}}
        return await self._send(group_id, thread_id, message, SENDER)

    async def upload(self, group_id: str, content: bytes) -> str:
        """Put a picture where it can be sent from; answers its id."""
        check_group(group_id)
        kind = content_type(content)
        if kind is None or len(content) > LARGEST:
            message = "contentBase64: a PNG or JPEG picture of at most 1 MiB."
            raise BadInput(message, argument="contentBase64", source=SOURCE)
        url = f"{lounges(self.connection)}/{segment(group_id)}/resources"
        reply = await write(self.connection, url, MEMBER, content=content, content_type=kind)
        return confirmed(reply, Uploaded).resource_id

    async def upload_from(self, group_id: str, url: str) -> str:
        """The same with a picture on a host that the operator has listed."""
        check_group(group_id)
        return await self.upload(group_id, await self.pictures.fetch(url))

    async def _send(
        self,
        group_id: str,
        thread_id: str | None,
        message: Mapping[str, object],
        refusals: errors.Refusals,
    ) -> SentPsnMessage:
        check_group(group_id)
        thread = thread_of(group_id, thread_id)
        group = f"{lounges(self.connection)}/{segment(group_id)}"
        url = f"{group}/threads/{segment(thread)}/messages"
        try:
            reply = await write(self.connection, url, refusals, json=message)
        finally:
            await self.groups.forget([group_id])
            await self.threads.forget(group_id, thread)
        return _sent(reply, thread)


def _sent(reply: Reply, thread_id: str) -> SentPsnMessage:
    answer = confirmed(reply, SentMessage)
    return SentPsnMessage(
        message_uid=answer.uid,
        thread_id=thread_id,
        created_at=milliseconds(answer.created),
    )


def _check_invitees(account_ids: Sequence[str]) -> None:
    if 1 <= len(account_ids) <= MOST_INVITEES and all(map(is_account_id, account_ids)):
        return
    message = f"inviteeIds: 1 to {MOST_INVITEES} account ids, which are digits."
    raise BadInput(message, argument="inviteeIds", source=SOURCE)
