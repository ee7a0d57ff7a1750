"""Mutations, which all write to the viewer's own PlayStation account."""

import base64
import binascii
from datetime import datetime
from typing import Annotated

import strawberry
from strawberry import UNSET

from providers.errors import BadInput
from providers.psn_records import CreatedPsnGroup, PsnResourceKind, SentPsnMessage
from providers.registry import Source
from resolvers.context import AccountRef, Owner
from resolvers.message import perform_write
from resolvers.user import account_id_or_handle
from schema.connection import or_none
from schema.from_record import from_record
from schema.message import PsnMessageGroup
from schema.node import Info
from schema.psn_account import PsnAccount, build_psn_account
from schema.scalars import URL

MAX_UPLOAD_BYTES = 1024 * 1024

IDEMPOTENCY_KEY_DESCRIPTION = (
    "With the same key and the same input the mutation is performed once, and every response is "
    "the same; with another input it is IDEMPOTENCY_CONFLICT. 1 to 255 characters, stored for a "
    "day."
)


@strawberry.input(description="The friend to remove.")
class RemovePsnFriendInput:
    handle: str = strawberry.field(description="An online id or an account id.")
    idempotency_key: str | None = strawberry.field(
        default=UNSET, description=IDEMPOTENCY_KEY_DESCRIPTION
    )


@strawberry.type(description="The result of `removePsnFriend`.")
class RemovePsnFriendPayload:
    removed: PsnAccount = strawberry.field(description="The former friend.")


@strawberry.input(description="The members to invite.")
class CreatePsnMessageGroupInput:
    invitee_ids: list[strawberry.ID] = strawberry.field(
        description="Account ids, 1 to 99. With one, an existing conversation is returned."
    )
    idempotency_key: str | None = strawberry.field(
        default=UNSET, description=IDEMPOTENCY_KEY_DESCRIPTION
    )


@strawberry.type(description="The result of `createPsnMessageGroup`.")
class CreatePsnMessageGroupPayload:
    group: PsnMessageGroup = strawberry.field(description="The new or existing group.")
    all_invited: bool = strawberry.field(
        description="Whether all invitees were accepted (`hasAllAccountInvited`)."
    )


@strawberry.input(description="The text to send, and its group.")
class SendPsnMessageInput:
    group_id: strawberry.ID = strawberry.field(description="The group.")
    thread_id: strawberry.ID | None = strawberry.field(
        default=UNSET, description="The thread; the main one if left out."
    )
    body: str = strawberry.field(
        description="The text: 1 to 4,000 characters, without control characters other than line "
        "breaks and tabs."
    )
    idempotency_key: str | None = strawberry.field(
        default=UNSET, description=IDEMPOTENCY_KEY_DESCRIPTION
    )


@strawberry.type(description="The message as PSN has accepted it.")
class SendPsnMessagePayload:
    message_uid: strawberry.ID = strawberry.field(description="`messageUid`.")
    created_at: datetime | None = strawberry.field(description="`createdTimestamp`.")
    thread_id: strawberry.ID = strawberry.field(description="The thread it is in.")


@strawberry.input(
    description="A picture to upload: exactly one of `contentBase64` and `url`. At most 1 MiB; PNG "
    "or JPEG, by its bytes."
)
class UploadPsnResourceInput:
    group_id: strawberry.ID = strawberry.field(description="The group that the picture is for.")
    content_base64: str | None = strawberry.field(
        default=UNSET, description="The bytes of the picture, in base64."
    )
    url: URL | None = strawberry.field(
        default=UNSET,
        description="An https URL on a host that the operator has allowed; redirects are not "
        "followed.",
    )
    idempotency_key: str | None = strawberry.field(
        default=UNSET, description=IDEMPOTENCY_KEY_DESCRIPTION
    )


@strawberry.type(description="The result of `uploadPsnResource`.")
class UploadPsnResourcePayload:
    resource_id: strawberry.ID = strawberry.field(description="`resourceId`.")


@strawberry.input(description="The resource to send, its kind and its group.")
class SendPsnResourceInput:
    group_id: strawberry.ID = strawberry.field(description="The group.")
    thread_id: strawberry.ID | None = strawberry.field(
        default=UNSET, description="The thread; the main one if left out."
    )
    resource_id: strawberry.ID = strawberry.field(
        description="The id that `uploadPsnResource` returned."
    )
    kind: PsnResourceKind = strawberry.field(
        default=PsnResourceKind.IMAGE, description="The kind of message."
    )
    idempotency_key: str | None = strawberry.field(
        default=UNSET, description=IDEMPOTENCY_KEY_DESCRIPTION
    )


@strawberry.type(
    description="Writes to the viewer's own PlayStation account. Each is sent once and never "
    "retried by this server; after OUTCOME_UNKNOWN, check whether it has happened before you "
    "repeat it. FORBIDDEN without credentials of your own, or an API key with scope `write`."
)
class Mutation:
    @strawberry.mutation(description="Remove a friend; NOT_FOUND if the account is not a friend.")
    async def remove_psn_friend(
        self,
        info: Info,
        input: Annotated[  # noqa: A002 - the graph's own name
            RemovePsnFriendInput, strawberry.argument(description="The friend to remove.")
        ],
    ) -> RemovePsnFriendPayload | None:
        info.context.loaders.check_handle(Source.PSN, input.handle)
        account_id = await perform_write(
            info.context,
            "removePsnFriend",
            or_none(input.idempotency_key),
            (input.handle,),
            str,
            lambda writer: writer.remove_friend(input.handle),
        )
        return RemovePsnFriendPayload(removed=build_psn_account(account_id))

    @strawberry.mutation(
        description="Create a conversation; with one invitee, return an existing one. NOT_FOUND if "
        "an account cannot be invited."
    )
    async def create_psn_message_group(
        self,
        info: Info,
        input: Annotated[  # noqa: A002 - the graph's own name
            CreatePsnMessageGroupInput, strawberry.argument(description="The invitees.")
        ],
    ) -> CreatePsnMessageGroupPayload | None:
        invitees = list(dict.fromkeys(input.invitee_ids))
        info.context.loaders.check_invitees(invitees)
        created = await perform_write(
            info.context,
            "createPsnMessageGroup",
            or_none(input.idempotency_key),
            invitees,
            CreatedPsnGroup,
            lambda writer: writer.create_message_group(invitees),
        )
        own_account = AccountRef(Source.PSN, info.context.viewer.clients[Source.PSN].own_handle)
        # The group exists now, even if the account id cannot be loaded.
        account_id = await account_id_or_handle(info.context, own_account)
        group = PsnMessageGroup(
            owner=Owner(own_account.source, own_account.handle, account_id),
            native_id=created.group_id,
            thread_id=created.thread_id,
        )
        return CreatePsnMessageGroupPayload(group=group, all_invited=created.all_invited)

    @strawberry.mutation(
        description="Send a text; NOT_FOUND if the viewer is not a member of the group."
    )
    async def send_psn_message(
        self,
        info: Info,
        input: Annotated[  # noqa: A002 - the graph's own name
            SendPsnMessageInput, strawberry.argument(description="The text and its group.")
        ],
    ) -> SendPsnMessagePayload | None:
        thread = or_none(input.thread_id)
        info.context.loaders.check_group(input.group_id, thread)
        info.context.loaders.check_message(input.body, None)
        sent = await perform_write(
            info.context,
            "sendPsnMessage",
            or_none(input.idempotency_key),
            (input.group_id, thread, input.body),
            SentPsnMessage,
            lambda writer: writer.send_message(input.group_id, thread, input.body),
        )
        return from_record(SendPsnMessagePayload, sent)

    @strawberry.mutation(
        description="Upload a picture, to send it afterwards; NOT_FOUND if the viewer is not a "
        "member of the group."
    )
    async def upload_psn_resource(
        self,
        info: Info,
        input: Annotated[  # noqa: A002 - the graph's own name
            UploadPsnResourceInput, strawberry.argument(description="The picture and its group.")
        ],
    ) -> UploadPsnResourcePayload | None:
        info.context.loaders.check_group(input.group_id)
        text, url = or_none(input.content_base64), or_none(input.url)
        content = decode_upload(text, url)
        resource_id = await perform_write(
            info.context,
            "uploadPsnResource",
            or_none(input.idempotency_key),
            (input.group_id, text, url),
            str,
            lambda writer: (
                writer.upload_resource(input.group_id, content)
                if content is not None
                else writer.upload_resource_from(input.group_id, str(url))
            ),
        )
        return UploadPsnResourcePayload(resource_id=strawberry.ID(resource_id))

    @strawberry.mutation(
        description="Send an uploaded resource; NOT_FOUND if it was not uploaded for the group, or "
        "cannot be sent as this kind."
    )
    async def send_psn_resource(
        self,
        info: Info,
        input: Annotated[  # noqa: A002 - the graph's own name
            SendPsnResourceInput, strawberry.argument(description="The resource and its group.")
        ],
    ) -> SendPsnMessagePayload | None:
        thread = or_none(input.thread_id)
        info.context.loaders.check_group(input.group_id, thread)
        info.context.loaders.check_message(None, input.resource_id)
        sent = await perform_write(
            info.context,
            "sendPsnResource",
            or_none(input.idempotency_key),
            (input.group_id, thread, input.resource_id, input.kind.name),
            SentPsnMessage,
            lambda writer: writer.send_resource(
                input.group_id, thread, input.resource_id, input.kind
            ),
        )
        return from_record(SendPsnMessagePayload, sent)


def decode_upload(text: str | None, url: str | None) -> bytes | None:
    """Return the picture in a base64 text, or None for a URL; raise `BadInput` for neither."""
    if (text is None) == (url is None):
        message = "contentBase64, url: must have exactly one of them."
        raise BadInput(message, argument="contentBase64")
    if text is None:
        return None
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        content = b""
    if not 1 <= len(content) <= MAX_UPLOAD_BYTES:
        message = "contentBase64: must be base64 of 1 byte to 1 MiB."
        raise BadInput(message, argument="contentBase64")
    return content
