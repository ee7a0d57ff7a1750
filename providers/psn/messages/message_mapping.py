"""Maps the messaging service's rows to records."""

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
    """Map a group; an unnamed one is named after its other members, if `own_id` is known."""
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
    """Map a page of a thread, which holds the messages older than `before`.

    A thread of one message never sends `reachedEndOfPage`: it repeats its cursor instead.
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
    """Map a message; an empty body is None unless the message is a text."""
    message_type = MESSAGE_TYPES.get(row.kind, PsnMessageType.OTHER)
    details = [detail for detail in (row.details or {}).values() if detail]
    resource_ids = (detail.resource_id or "" for detail in details)
    sticker_urls = (
        sanitize_url(detail.image_url)
        for detail in details
        if message_type is PsnMessageType.STICKER
    )
    return PsnMessage(
        uid=row.uid,
        type=message_type,
        raw_type=row.kind,
        body=row.body if message_type is PsnMessageType.TEXT else row.body or None,
        created_at=parse_milliseconds(row.created),
        sender=_map_member(row.sender) if row.sender else None,
        resource_id=next(filter(RESOURCE_ID_PATTERN.fullmatch, resource_ids), None),
        sticker_url=next(filter(None, sticker_urls), None),
    )


def _map_member(row: MemberRow) -> PsnGroupMember:
    return PsnGroupMember(account_id=row.account_id, online_id=row.online_id or None)


def _build_label(members: tuple[PsnGroupMember, ...] | None, own_id: str | None) -> str | None:
    if own_id is None:
        return None
    others = [member.online_id for member in members or () if member.account_id != own_id]
    return ", ".join(filter(None, others)) or None
