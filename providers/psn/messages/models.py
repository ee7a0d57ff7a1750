"""Responses of the messaging service. Times are milliseconds since 1970, mostly as text."""

from msgspec import field

from providers.kit.upstream.decode import Int32, Model, NonNegativeInt32


class MemberRow(Model, kw_only=True):
    """A member of a group, or the sender of a message."""

    account_id: str = field(name="accountId")
    online_id: str | None = field(name="onlineId", default=None)


class MessageDetail(Model, kw_only=True):
    """What is attached to a message; the key in `messageDetail` depends on the message type."""

    resource_id: str | None = field(name="resourceId", default=None)
    image_url: str | None = field(name="imageUrl", default=None)


class MessageRow(Model, kw_only=True):
    """A message."""

    uid: str = field(name="messageUid")
    kind: Int32 = field(name="messageType")
    body: str | None = None
    created: str | int | None = field(name="createdTimestamp", default=None)
    sender: MemberRow | None = None
    details: dict[str, MessageDetail | None] | None = field(name="messageDetail", default=None)


class GroupName(Model, kw_only=True):
    """A group's name; empty for a group without one."""

    value: str | None = None


class ThreadRow(Model, kw_only=True):
    """A group's main thread."""

    native_id: str | None = field(name="threadId", default=None)
    modified: str | int | None = field(name="modifiedTimestamp", default=None)
    latest: MessageRow | None = field(name="latestMessage", default=None)


class MessageGroupRow(Model, kw_only=True):
    """A group with the fields that `includeFields` names."""

    native_id: str = field(name="groupId")
    name: GroupName | None = field(name="groupName", default=None)
    members: list[MemberRow] | None = None
    thread: ThreadRow | None = field(name="mainThread", default=None)
    modified: str | int | None = field(name="modifiedTimestamp", default=None)


class MessageGroupsResponse(Model, kw_only=True):
    """A page of groups; nothing in it says that it is the last one."""

    groups: list[MessageGroupRow]
    total: NonNegativeInt32 | None = field(name="totalGroupCount", default=None)


class MessagesResponse(Model, kw_only=True):
    """A page of a thread, newest message first."""

    messages: list[MessageRow]
    next: str | None = None
    previous: str | None = None
    reached_end: bool | None = field(name="reachedEndOfPage", default=None)


class CreatedGroupResponse(Model, kw_only=True):
    """The response to the creation of a group, which may exist already."""

    group_id: str = field(name="groupId")
    thread: ThreadRow | None = field(name="mainThread", default=None)
    all_invited: bool | None = field(name="hasAllAccountInvited", default=None)


class SentMessageResponse(Model, kw_only=True):
    """The response to a sent message."""

    uid: str = field(name="messageUid")
    created: str | int | None = field(name="createdTimestamp", default=None)


class UploadResponse(Model, kw_only=True):
    """The response to an upload."""

    resource_id: str = field(name="resourceId")
