"""What can be changed, on the viewer's own PlayStation account."""

import base64
import binascii
from datetime import datetime
from typing import Annotated

import strawberry
from providers.psn_records import PsnResourceKind
from strawberry import UNSET

from providers.errors import BadInput
from providers.registry import Source
from resolvers import context as asked
from resolvers import message as messages
from resolvers import user as users
from resolvers.context import Owner
from schema import from_record
from schema.account import PsnAccount, build_psn_account
from schema.connection import or_none
from schema.message import PsnMessageGroup
from schema.node import Info
from schema.scalars import URL

MAX_UPLOAD_BYTES = 1024 * 1024
MAX_INVITEES = 99

IDEMPOTENCY_KEY_DESCRIPTION = (
    "The same key with the same input acts once and answers alike; with another input it is "
    "IDEMPOTENCY_CONFLICT. 1 to 255 characters, remembered for a day by the process that acted."
)


@strawberry.input(description="Whose friendship to end.")
class RemovePsnFriendInput:
    handle: str = strawberry.field(description="An online id or an account id.")
    idempotency_key: str | None = strawberry.field(
        default=UNSET, description=IDEMPOTENCY_KEY_DESCRIPTION
    )


@strawberry.type(description="The friendship that has ended.")
class RemovePsnFriendPayload:
    removed: PsnAccount = strawberry.field(description="The former friend.")


@strawberry.input(description="Whom to talk to.")
class CreatePsnMessageGroupInput:
    invitee_ids: list[strawberry.ID] = strawberry.field(
        description="Account ids, 1 to 99. With one, the conversation there is already is answered."
    )
    idempotency_key: str | None = strawberry.field(
        default=UNSET, description=IDEMPOTENCY_KEY_DESCRIPTION
    )


@strawberry.type(description="The group that is there now.")
class CreatePsnMessageGroupPayload:
    group: PsnMessageGroup = strawberry.field(description="The group.")
    all_invited: bool = strawberry.field(
        description="False when some invitee was refused (`hasAllAccountInvited`)."
    )


@strawberry.input(description="What to say, and where.")
class SendPsnMessageInput:
    group_id: strawberry.ID = strawberry.field(description="The group.")
    thread_id: strawberry.ID | None = strawberry.field(
        default=UNSET, description="Another thread than the main one."
    )
    body: str = strawberry.field(
        description="The text: 1 to 4,000 characters; of control characters, new lines and tabs "
        "only."
    )
    idempotency_key: str | None = strawberry.field(
        default=UNSET, description=IDEMPOTENCY_KEY_DESCRIPTION
    )


@strawberry.type(description="The message that was accepted.")
class SendPsnMessagePayload:
    message_uid: strawberry.ID = strawberry.field(description="`messageUid`.")
    created_at: datetime | None = strawberry.field(description="`createdTimestamp`.")
    thread_id: strawberry.ID = strawberry.field(description="The thread it is in.")


@strawberry.input(
    description="Exactly one of `contentBase64` and `url`. At most 1 MiB, PNG or JPEG by its bytes."
)
class UploadPsnResourceInput:
    group_id: strawberry.ID = strawberry.field(description="The group it will be sent to.")
    content_base64: str | None = strawberry.field(
        default=UNSET, description="The picture's bytes, in base64."
    )
    url: URL | None = strawberry.field(
        default=UNSET,
        description="An https address on a host that the operator has listed; fetched without "
        "redirects. Never a file path.",
    )
    idempotency_key: str | None = strawberry.field(
        default=UNSET, description=IDEMPOTENCY_KEY_DESCRIPTION
    )


@strawberry.type(description="The resource that can be sent now.")
class UploadPsnResourcePayload:
    resource_id: strawberry.ID = strawberry.field(description="`resourceId`.")


@strawberry.input(description="Which resource to send, as what, and where.")
class SendPsnResourceInput:
    group_id: strawberry.ID = strawberry.field(description="The group.")
    thread_id: strawberry.ID | None = strawberry.field(
        default=UNSET, description="Another thread than the main one."
    )
    resource_id: strawberry.ID = strawberry.field(description="What `uploadPsnResource` gave.")
    kind: PsnResourceKind = strawberry.field(
        default=PsnResourceKind.IMAGE, description="As what it is sent."
    )
    idempotency_key: str | None = strawberry.field(
        default=UNSET, description=IDEMPOTENCY_KEY_DESCRIPTION
    )


@strawberry.type(
    description="What can be changed. Everything is sent once and never repeated by this server: "
    "OUTCOME_UNKNOWN means look before you repeat it. FORBIDDEN without credentials of your own "
    "or an API key with scope `write`."
)
class Mutation:
    @strawberry.mutation(description="End a friendship; NOT_FOUND when there is none.")
    async def remove_psn_friend(
        self,
        info: Info,
        input: Annotated[  # noqa: A002 - the graph's own name
            RemovePsnFriendInput, strawberry.argument(description="Whose.")
        ],
    ) -> RemovePsnFriendPayload | None:
        info.context.loaders.check_handle(Source.PSN, input.handle)
        account_id = await messages.write(
            info.context,
            "removePsnFriend",
            or_none(input.idempotency_key),
            (input.handle,),
            lambda writer: writer.remove_friend(input.handle),
        )
        return RemovePsnFriendPayload(removed=build_psn_account(account_id))

    @strawberry.mutation(
        description="Begin a conversation; with one person, the one there is already. NOT_FOUND "
        "when an account cannot be invited."
    )
    async def create_psn_message_group(
        self,
        info: Info,
        input: Annotated[  # noqa: A002 - the graph's own name
            CreatePsnMessageGroupInput, strawberry.argument(description="With whom.")
        ],
    ) -> CreatePsnMessageGroupPayload | None:
        invitees = list(dict.fromkeys(input.invitee_ids))
        if not 1 <= len(invitees) <= MAX_INVITEES:
            message = f"inviteeIds: 1 to {MAX_INVITEES}."
            raise BadInput(message, argument="inviteeIds")
        created = await messages.write(
            info.context,
            "createPsnMessageGroup",
            or_none(input.idempotency_key),
            invitees,
            lambda writer: writer.create_message_group(invitees),
        )
        own_account = asked.AccountRef(
            Source.PSN, info.context.viewer.clients[Source.PSN].own_handle
        )
        # It is there now, whether or not the source can tell whose it is.
        account_id = await users.account_id_or_handle(info.context, own_account)
        group = PsnMessageGroup(
            owner=Owner(own_account.source, own_account.handle, account_id),
            native_id=created.group_id,
            thread_id=created.thread_id,
        )
        return CreatePsnMessageGroupPayload(group=group, all_invited=created.all_invited)

    @strawberry.mutation(description="Send a text; NOT_FOUND when the viewer is not in the group.")
    async def send_psn_message(
        self,
        info: Info,
        input: Annotated[  # noqa: A002 - the graph's own name
            SendPsnMessageInput, strawberry.argument(description="What, and where.")
        ],
    ) -> SendPsnMessagePayload | None:
        thread = or_none(input.thread_id)
        messages.check_group(info.context, input.group_id, thread)
        sent = await messages.write(
            info.context,
            "sendPsnMessage",
            or_none(input.idempotency_key),
            (input.group_id, thread, input.body),
            lambda writer: writer.send_message(input.group_id, thread, input.body),
        )
        return from_record.from_record(SendPsnMessagePayload, sent)

    @strawberry.mutation(
        description="Put a picture where it can be sent from; NOT_FOUND when the viewer is not in "
        "the group."
    )
    async def upload_psn_resource(
        self,
        info: Info,
        input: Annotated[  # noqa: A002 - the graph's own name
            UploadPsnResourceInput, strawberry.argument(description="Which, and for which group.")
        ],
    ) -> UploadPsnResourcePayload | None:
        messages.check_group(info.context, input.group_id)
        text, url = or_none(input.content_base64), or_none(input.url)
        if (text is None) == (url is None):
            message = "contentBase64, url: exactly one of them."
            raise BadInput(message, argument="contentBase64")
        content = None if text is None else _decode_upload(text)
        resource_id = await messages.write(
            info.context,
            "uploadPsnResource",
            or_none(input.idempotency_key),
            (input.group_id, text, url),
            lambda writer: (
                writer.upload_resource(input.group_id, content)
                if content is not None
                else writer.upload_resource_from(input.group_id, str(url))
            ),
        )
        return UploadPsnResourcePayload(resource_id=strawberry.ID(resource_id))

    @strawberry.mutation(
        description="Send what was uploaded; NOT_FOUND when the group does not have it, or cannot "
        "be sent it like this."
    )
    async def send_psn_resource(
        self,
        info: Info,
        input: Annotated[  # noqa: A002 - the graph's own name
            SendPsnResourceInput, strawberry.argument(description="Which, and where.")
        ],
    ) -> SendPsnMessagePayload | None:
        thread = or_none(input.thread_id)
        messages.check_group(info.context, input.group_id, thread)
        sent = await messages.write(
            info.context,
            "sendPsnResource",
            or_none(input.idempotency_key),
            (input.group_id, thread, input.resource_id, input.kind.name),
            lambda writer: writer.send_resource(
                input.group_id, thread, input.resource_id, input.kind
            ),
        )
        return from_record.from_record(SendPsnMessagePayload, sent)


def _decode_upload(text: str) -> bytes:
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        content = b""
    if not 1 <= len(content) <= MAX_UPLOAD_BYTES:
        message = "contentBase64: base64 of 1 byte to 1 MiB."
        raise BadInput(message, argument="contentBase64")
    return content
