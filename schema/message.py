"""PlayStation's conversations."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

import strawberry
from strawberry import UNSET

from providers import psn_records
from providers.capabilities import MessagePageKey
from providers.psn_records import PsnMessageType
from providers.registry import Source
from resolvers.context import AccountRef, Owner
from resolvers.message import (
    get_message_group,
    get_message_groups,
    get_messages,
    require_own_account,
)
from schema.connection import (
    AfterArgument,
    Connection,
    FirstArgument,
    build_connection,
    or_none,
    parse_page_request,
)
from schema.from_record import copy_attributes, from_record
from schema.list_cursors import MESSAGE_GROUPS, MESSAGES
from schema.node import Info, Node, encode_node_id
from schema.scalars import URL

if TYPE_CHECKING:
    from schema.psn_account import PsnAccount


@strawberry.type(description="A member of a group, or the sender of a message.")
class PsnGroupMember:
    account_id: strawberry.ID = strawberry.field(description="`accountId`.")
    online_id: str | None = strawberry.field(description="`onlineId`.")

    @strawberry.field(description="The member's account.")
    def account(self) -> Annotated["PsnAccount", strawberry.lazy("schema.psn_account")]:
        from schema.psn_account import (  # noqa: PLC0415 - the two types name each other
            build_psn_account,
        )

        return build_psn_account(self.account_id)


@strawberry.type(description="An attachment of a message. Its bytes have a URL of their own.")
class PsnResource:
    resource_id: strawberry.ID = strawberry.field(description="`resourceId`.")
    url: URL = strawberry.field(description="The URL of the bytes, on this server.")


@strawberry.type(description="One message of a thread.")
class PsnMessage:
    uid: strawberry.ID = strawberry.field(description="`messageUid`.")
    type: PsnMessageType = strawberry.field(description="The type of the message.")
    raw_type: int = strawberry.field(description="PSN's own value, `messageType`.")
    body: str | None = strawberry.field(
        description="The text, `body`; null for a message without text."
    )
    created_at: datetime | None = strawberry.field(description="`createdTimestamp`.")
    sender: PsnGroupMember | None = strawberry.field(description="The member who sent it.")
    sticker_url: URL | None = strawberry.field(description="The URL of the sticker's picture.")
    group_id: strawberry.Private[str]
    resource_id: strawberry.Private[str | None]

    @strawberry.field(description="The attachment; null for a message without one.")
    def resource(self, info: Info) -> PsnResource | None:
        if self.resource_id is None:
            return None
        path = f"{quote(self.group_id, safe='')}/resources/{quote(self.resource_id, safe='')}"
        url = URL(f"{info.context.public_url}/psn/groups/{path}")
        return PsnResource(resource_id=strawberry.ID(self.resource_id), url=url)

    @classmethod
    def from_record(cls, record: psn_records.PsnMessage, group_id: str) -> "PsnMessage":
        """Build the type from a record of a group's message."""
        sender = from_record(PsnGroupMember, record.sender) if record.sender else None
        values: dict[str, Any] = {**copy_attributes(cls, record), "sender": sender}
        return cls(**values, group_id=group_id)


@strawberry.type(description="Messages of a thread, newest first.")
class PsnMessageConnection(Connection[PsnMessage]):
    pass


@strawberry.type(description="One of the viewer's conversations.")
class PsnMessageGroup(Node):
    owner: strawberry.Private[Owner]
    native_id: strawberry.Private[str]
    record: strawberry.Private[psn_records.PsnMessageGroup | None] = None
    thread_id: strawberry.Private[str | None] = None

    @strawberry.field(description="Opaque and lasting; contains the account.")
    def id(self) -> strawberry.ID:
        return encode_node_id("PsnMessageGroup", self.owner, self.native_id)

    @strawberry.field(description="`groupId`.")
    def group_id(self) -> strawberry.ID:
        return strawberry.ID(self.native_id)

    @strawberry.field(
        description="`groupName`; for a group without one, the names of the other members."
    )
    async def name(self, info: Info) -> str | None:
        record = await self._load_record(info)
        return record.name if record else None

    @strawberry.field(description="The members of the group, `members`.")
    async def members(self, info: Info) -> list[PsnGroupMember] | None:
        record = await self._load_record(info)
        if record is None or record.members is None:
            return None
        return [from_record(PsnGroupMember, each) for each in record.members]

    @strawberry.field(description="The id of the main thread, which is the group's.")
    async def main_thread_id(self, info: Info) -> strawberry.ID | None:
        record = self.record if self.thread_id else await self._load_record(info)
        found = self.thread_id or (record.main_thread_id if record else None)
        return strawberry.ID(found) if found else None

    @strawberry.field(description="The newest message of the main thread.")
    async def latest_message(self, info: Info) -> PsnMessage | None:
        record = await self._load_record(info)
        latest = record.latest_message if record else None
        return latest and PsnMessage.from_record(latest, self.native_id)

    @strawberry.field(description="Messages, newest first.")
    async def messages(
        self,
        info: Info,
        thread_id: Annotated[
            strawberry.ID | None,
            strawberry.argument(description="The thread; the main one if left out."),
        ] = UNSET,
        first: FirstArgument = 20,
        after: AfterArgument = UNSET,
    ) -> PsnMessageConnection:
        request = parse_page_request(MESSAGES, first, after)
        thread = or_none(thread_id)
        info.context.loaders.check_group(self.native_id, thread)
        before = request.position[0] if request.position else None
        key = MessagePageKey(self.native_id, thread, before)
        page = await get_messages(info.context, self.owner.source, key, request.first)
        return build_connection(
            PsnMessageConnection,
            request,
            page,
            lambda message: PsnMessage.from_record(message, self.native_id),
        )

    async def _load_record(self, info: Info) -> psn_records.PsnMessageGroup | None:
        if self.record is not None:
            return self.record
        return await get_message_group(info.context, self.owner.source, self.native_id)

    @classmethod
    def from_record(cls, record: psn_records.PsnMessageGroup, owner: Owner) -> "PsnMessageGroup":
        """Build the type from a record of one of the viewer's groups."""
        return cls(owner=owner, native_id=record.native_id, record=record)


@strawberry.type(description="Conversations, last modified first.")
class PsnMessageGroupConnection(Connection[PsnMessageGroup]):
    pass


async def list_message_groups(
    info: Info, account_ref: AccountRef, first: int, after: str | None
) -> PsnMessageGroupConnection:
    """Return the viewer's conversations; for any other account none, with the reason."""
    request = parse_page_request(MESSAGE_GROUPS, first, after)
    page = await get_message_groups(info.context, account_ref, request.first, request.position)
    return build_connection(
        PsnMessageGroupConnection,
        request,
        page,
        lambda row: PsnMessageGroup.from_record(row[1], row[0]),
    )


async def find_message_group(
    info: Info, account_ref: AccountRef, group_id: str
) -> PsnMessageGroup | None:
    """Return one of the viewer's conversations; None if the viewer is not a member of it."""
    info.context.loaders.check_group(group_id)
    owner = await require_own_account(info.context, account_ref)
    record = await get_message_group(info.context, Source.PSN, group_id)
    return record and PsnMessageGroup.from_record(record, owner)
