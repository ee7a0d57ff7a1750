"""PlayStation's conversations."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

import strawberry
from strawberry import UNSET

from providers import records
from providers.capabilities import MessagesKey
from providers.records import PsnMessageType
from providers.registry import Source
from resolvers import context as asked
from resolvers import message as messages
from resolvers.context import Shelf
from schema import from_record
from schema.connection import (
    After,
    Connection,
    Edge,
    First,
    checked_first,
    given,
    known,
    page_info,
    statuses,
)
from schema.global_id import packed, placed
from schema.node import Info, Node, node_id
from schema.scalars import URL

if TYPE_CHECKING:
    from schema.account import PsnAccount


@strawberry.type(description="Who takes part in a group, or wrote a message.")
class PsnGroupMember:
    account_id: strawberry.ID = strawberry.field(description="`accountId`.")
    online_id: str | None = strawberry.field(description="`onlineId`.")

    @strawberry.field(description="The member's account.")
    def account(self) -> Annotated["PsnAccount", strawberry.lazy("schema.account")]:
        from schema.account import psn_account  # noqa: PLC0415 - the two types name each other

        return psn_account(self.account_id)


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
        url = URL(f"{info.context.address}/psn/groups/{path}")
        return PsnResource(resource_id=strawberry.ID(self.resource_id), url=url)

    @classmethod
    def of(cls, record: records.PsnMessage, group_id: str) -> "PsnMessage":
        """A record of a group."""
        sender = from_record.of(PsnGroupMember, record.sender) if record.sender else None
        values: dict[str, Any] = {**from_record.copied(cls, record), "sender": sender}
        return cls(**values, group_id=group_id, resource_id=record.resource_id)


@strawberry.type(description="Messages of a thread, newest first.")
class PsnMessageConnection(Connection[PsnMessage]):
    pass


@strawberry.type(description="A conversation of the viewer's.")
class PsnMessageGroup(Node):
    shelf: strawberry.Private[Shelf]
    native_id: strawberry.Private[str]
    record: strawberry.Private[records.PsnMessageGroup | None] = None
    thread_id: strawberry.Private[str | None] = None

    @strawberry.field(description="Opaque and lasting; contains the account.")
    def id(self) -> strawberry.ID:
        return node_id("PsnMessageGroup", self.shelf, self.native_id)

    @strawberry.field(description="`groupId`.")
    def group_id(self) -> strawberry.ID:
        return strawberry.ID(self.native_id)

    @strawberry.field(
        description="`groupName`; a group without one is called after its other members."
    )
    async def name(self, info: Info) -> str | None:
        record = await self._known(info)
        return record.name if record else None

    @strawberry.field(description="Who takes part, `members`.")
    async def members(self, info: Info) -> list[PsnGroupMember] | None:
        record = await self._known(info)
        if record is None or record.members is None:
            return None
        return [from_record.of(PsnGroupMember, each) for each in record.members]

    @strawberry.field(description="The main thread; its id is the group's.")
    async def main_thread_id(self, info: Info) -> strawberry.ID | None:
        record = self.record if self.thread_id else await self._known(info)
        found = self.thread_id or (record.main_thread_id if record else None)
        return strawberry.ID(found) if found else None

    @strawberry.field(description="The newest message of the main thread.")
    async def latest_message(self, info: Info) -> PsnMessage | None:
        record = await self._known(info)
        latest = record.latest_message if record else None
        return latest and PsnMessage.of(latest, self.native_id)

    @strawberry.field(description="Messages, newest first.")
    async def messages(
        self,
        info: Info,
        thread_id: Annotated[
            strawberry.ID | None,
            strawberry.argument(description="Another thread than the main one."),
        ] = UNSET,
        first: First = 20,
        after: After = UNSET,
    ) -> PsnMessageConnection:
        checked_first(first)
        thread = given(thread_id)
        messages.check_group(info.context, self.native_id, thread)
        place = placed(given(after), "messages", tuple[str])
        key = MessagesKey(self.native_id, thread, place[0] if place else None)
        page = await messages.messages(info.context, self.shelf.source, key, first)
        edges = [
            Edge(cursor=packed("messages", each.uid), node=PsnMessage.of(each, self.native_id))
            for each in page.messages
        ]
        return PsnMessageConnection(
            edges=edges,
            page_info=page_info(edges, after=given(after), has_next=page.has_next),
            sources=statuses(page.statuses),
            count=known(None),
        )

    async def _known(self, info: Info) -> records.PsnMessageGroup | None:
        if self.record is not None:
            return self.record
        return await messages.group(info.context, self.shelf.source, self.native_id)

    @classmethod
    def of(cls, record: records.PsnMessageGroup, shelf: Shelf) -> "PsnMessageGroup":
        """A record of the viewer's."""
        return cls(shelf=shelf, native_id=record.native_id, record=record)


@strawberry.type(description="Conversations, last modified first.")
class PsnMessageGroupConnection(Connection[PsnMessageGroup]):
    pass


async def groups_of(
    info: Info, account: asked.Account, first: int, after: str | None
) -> PsnMessageGroupConnection:
    """The viewer's conversations; of anybody else's account none, and the state says why."""
    checked_first(first)
    place = placed(after, "groups", tuple[int, str])
    shelf, page = await messages.groups(info.context, account, first, place)
    edges = [
        Edge(cursor=packed("groups", at, each.native_id), node=PsnMessageGroup.of(each, shelf))
        for at, each in page.groups
        if shelf is not None
    ]
    return PsnMessageGroupConnection(
        edges=edges,
        page_info=page_info(edges, after=after, has_next=page.has_next),
        sources=statuses(page.statuses),
        count=known(page.total),
    )


async def group_of(info: Info, account: asked.Account, group_id: str) -> PsnMessageGroup | None:
    """One of the viewer's conversations; None when he is not in it."""
    messages.check_group(info.context, group_id)
    shelf = await messages.own_shelf(info.context, account)
    record = await messages.group(info.context, Source.PSN, group_id)
    return record and PsnMessageGroup.of(record, shelf)
