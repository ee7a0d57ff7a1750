"""PlayStation's conversations."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

import strawberry
from providers.psn_records import PsnMessageType
from strawberry import UNSET

from providers import psn_records
from providers.capabilities import MessagePageKey
from providers.registry import Source
from resolvers import context as asked
from resolvers import message as messages
from resolvers.context import Owner
from schema import from_record
from schema.connection import (
    AfterArgument,
    Connection,
    Edge,
    FirstArgument,
    build_page_info,
    constant,
    or_none,
    source_statuses,
    validate_first,
)
from schema.global_id import decode_cursor, encode
from schema.node import Info, Node, encode_node_id
from schema.scalars import URL

if TYPE_CHECKING:
    from schema.account import PsnAccount


@strawberry.type(description="Who takes part in a group, or wrote a message.")
class PsnGroupMember:
    account_id: strawberry.ID = strawberry.field(description="`accountId`.")
    online_id: str | None = strawberry.field(description="`onlineId`.")

    @strawberry.field(description="The member's account.")
    def account(self) -> Annotated["PsnAccount", strawberry.lazy("schema.account")]:
        from schema.account import build_psn_account  # noqa: PLC0415 - the two types name each other

        return build_psn_account(self.account_id)


@strawberry.type(description="What is attached to a message. The bytes travel by their own route.")
class PsnResource:
    resource_id: strawberry.ID = strawberry.field(description="`resourceId`.")
    url: URL = strawberry.field(description="Where this server hands it out.")


@strawberry.type(description="One message of a thread.")
class PsnMessage:
    uid: strawberry.ID = strawberry.field(description="`messageUid`.")
    type: PsnMessageType = strawberry.field(description="What it is.")
    raw_type: int = strawberry.field(description="The same as PSN writes it, `messageType`.")
    body: str | None = strawberry.field(description="The text, `body`; null where there is none.")
    created_at: datetime | None = strawberry.field(description="`createdTimestamp`.")
    sender: PsnGroupMember | None = strawberry.field(description="Who wrote it.")
    sticker_url: URL | None = strawberry.field(description="The sticker's picture.")
    group_id: strawberry.Private[str]
    resource_id: strawberry.Private[str | None]

    @strawberry.field(description="What is attached to it.")
    def resource(self, info: Info) -> PsnResource | None:
        if self.resource_id is None:
            return None
        path = f"{quote(self.group_id, safe='')}/resources/{quote(self.resource_id, safe='')}"
        url = URL(f"{info.context.public_url}/psn/groups/{path}")
        return PsnResource(resource_id=strawberry.ID(self.resource_id), url=url)

    @classmethod
    def from_record(cls, record: psn_records.PsnMessage, group_id: str) -> "PsnMessage":
        """A record of a group."""
        sender = from_record.from_record(PsnGroupMember, record.sender) if record.sender else None
        values: dict[str, Any] = {**from_record.copy_attributes(cls, record), "sender": sender}
        return cls(**values, group_id=group_id, resource_id=record.resource_id)


@strawberry.type(description="Messages of a thread, newest first.")
class PsnMessageConnection(Connection[PsnMessage]):
    pass


@strawberry.type(description="A conversation of the viewer's.")
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
        description="`groupName`; a group without one is called after its other members."
    )
    async def name(self, info: Info) -> str | None:
        record = await self._load_record(info)
        return record.name if record else None

    @strawberry.field(description="Who takes part, `members`.")
    async def members(self, info: Info) -> list[PsnGroupMember] | None:
        record = await self._load_record(info)
        if record is None or record.members is None:
            return None
        return [from_record.from_record(PsnGroupMember, each) for each in record.members]

    @strawberry.field(description="The main thread; its id is the group's.")
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
            strawberry.argument(description="Another thread than the main one."),
        ] = UNSET,
        first: FirstArgument = 20,
        after: AfterArgument = UNSET,
    ) -> PsnMessageConnection:
        validate_first(first)
        thread = or_none(thread_id)
        messages.check_group(info.context, self.native_id, thread)
        place = decode_cursor(or_none(after), "messages", tuple[str])
        key = MessagePageKey(self.native_id, thread, place[0] if place else None)
        page = await messages.get_messages(info.context, self.owner.source, key, first)
        edges = [
            Edge(
                cursor=encode("messages", each.uid),
                node=PsnMessage.from_record(each, self.native_id),
            )
            for each in page.rows
        ]
        return PsnMessageConnection(
            edges=edges,
            page_info=build_page_info(edges, after=or_none(after), has_next=page.has_next),
            sources=source_statuses(page.statuses),
            count=constant(None),
        )

    async def _load_record(self, info: Info) -> psn_records.PsnMessageGroup | None:
        if self.record is not None:
            return self.record
        return await messages.get_message_group(info.context, self.owner.source, self.native_id)

    @classmethod
    def from_record(cls, record: psn_records.PsnMessageGroup, owner: Owner) -> "PsnMessageGroup":
        """A record of the viewer's."""
        return cls(owner=owner, native_id=record.native_id, record=record)


@strawberry.type(description="Conversations, last modified first.")
class PsnMessageGroupConnection(Connection[PsnMessageGroup]):
    pass


async def get_message_groups(
    info: Info, account_ref: asked.AccountRef, first: int, after: str | None
) -> PsnMessageGroupConnection:
    """The viewer's conversations; of anybody else's account none, and the state says why."""
    validate_first(first)
    place = decode_cursor(after, "groups", tuple[int, str])
    owner, page = await messages.get_message_groups(info.context, account_ref, first, place)
    edges = [
        Edge(
            cursor=encode("groups", at, each.native_id),
            node=PsnMessageGroup.from_record(each, owner),
        )
        for at, each in page.rows
        if owner is not None
    ]
    return PsnMessageGroupConnection(
        edges=edges,
        page_info=build_page_info(edges, after=after, has_next=page.has_next),
        sources=source_statuses(page.statuses),
        count=constant(page.total),
    )


async def get_message_group(
    info: Info, account_ref: asked.AccountRef, group_id: str
) -> PsnMessageGroup | None:
    """One of the viewer's conversations; None when he is not in it."""
    messages.check_group(info.context, group_id)
    owner = await messages.require_own_account(info.context, account_ref)
    record = await messages.get_message_group(info.context, Source.PSN, group_id)
    return record and PsnMessageGroup.from_record(record, owner)
