"""The messaging service's rows as records."""

from providers.kit.text import sanitize_url
from providers.kit.upstream.decode import parse_milliseconds
from providers.psn.identifiers import RESOURCE_ID_PATTERN
from providers.psn.messages.models import (
    MemberRow,
    MessageGroupRow,
    MessageRow,
    MessagesResponse,
    ThreadRow,
)
from providers.psn_records import (
    PsnGroupMember,
    PsnMessage,
    PsnMessageGroup,
    PsnMessagePage,
    PsnMessageType,
)

MESSAGE_TYPES = {
    1: PsnMessageType.TEXT,
    3: PsnMessageType.IMAGE,
    210: PsnMessageType.VIDEO,
    1011: PsnMessageType.VOICE,
    1013: PsnMessageType.STICKER,
    2002: PsnMessageType.EVENT,
    2004: PsnMessageType.EVENT,
    2020: PsnMessageType.EVENT,
}


def map_group(row: MessageGroupRow, own_id: str | None) -> PsnMessageGroup:
    """A group; without the viewer's own id it cannot be told who the others are."""
    thread = row.thread or ThreadRow()
    members = None if row.members is None else tuple(map(_map_member, row.members))
    return PsnMessageGroup(
        native_id=row.native_id,
        name=(row.name.value if row.name else None) or _build_label(members, own_id),
        members=members,
        main_thread_id=thread.native_id or None,
        latest_message=map_message(thread.latest) if thread.latest else None,
        modified_at=parse_milliseconds(row.modified) or parse_milliseconds(thread.modified),
    )


def map_page(response: MessagesResponse, before: str | None) -> PsnMessagePage:
    """A page of a thread.

    A thread of one message never says that its end was reached: it repeats its cursor instead.
    """
    next_cursor = response.next
    is_last = (
        response.reached_end or not response.messages or next_cursor in (before, response.previous)
    )
    return PsnMessagePage(
        messages=tuple(map_message(row) for row in response.messages if row.uid != before),
        next_before=None if is_last else next_cursor or None,
    )


def map_message(row: MessageRow) -> PsnMessage:
    """A message; only a text may be empty and say so."""
    message_type = MESSAGE_TYPES.get(row.kind, PsnMessageType.OTHER)
    details = [detail for detail in (row.details or {}).values() if detail]
    resources = [one.resource_id for one in details if one.resource_id]
    pictures = [
        sanitize_url(one.image_url) for one in details if message_type is PsnMessageType.STICKER
    ]
    return PsnMessage(
        uid=row.uid,
        type=message_type,
        raw_type=row.kind,
        body=row.body if message_type is PsnMessageType.TEXT else row.body or None,
        created_at=parse_milliseconds(row.created),
        sender=_map_member(row.sender) if row.sender else None,
        resource_id=next((one for one in resources if RESOURCE_ID_PATTERN.fullmatch(one)), None),
        sticker_url=next((url for url in pictures if url), None),
    )


def _map_member(row: MemberRow) -> PsnGroupMember:
    return PsnGroupMember(account_id=row.account_id, online_id=row.online_id or None)


def _build_label(members: tuple[PsnGroupMember, ...] | None, own_id: str | None) -> str | None:
    if own_id is None:
        return None
    others = [one.online_id for one in members or () if one.account_id != own_id]
    return ", ".join(name for name in others if name) or None
