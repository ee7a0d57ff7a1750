"""The messaging service's rows as records."""

from providers.kit.text import https
from providers.kit.upstream.decode import milliseconds
from providers.psn.identifiers import RESOURCE_ID
from providers.psn.messages.models import GroupRow, MemberRow, MessageRow, Messages, ThreadRow
from providers.records import (
    PsnGroupMember,
    PsnMessage,
    PsnMessageGroup,
    PsnMessagePage,
    PsnMessageType,
)

TYPES = {
    1: PsnMessageType.TEXT,
    3: PsnMessageType.IMAGE,
    210: PsnMessageType.VIDEO,
    1011: PsnMessageType.VOICE,
    1013: PsnMessageType.STICKER,
    2002: PsnMessageType.EVENT,
    2004: PsnMessageType.EVENT,
    2020: PsnMessageType.EVENT,
}


def group(row: GroupRow, own_id: str | None) -> PsnMessageGroup:
    """A group; without the viewer's own id it cannot be told who the others are."""
    thread = row.thread or ThreadRow()
    members = None if row.members is None else tuple(map(_member, row.members))
    return PsnMessageGroup(
        native_id=row.native_id,
        name=(row.name.value if row.name else None) or _label(members, own_id),
        members=members,
        main_thread_id=thread.native_id or None,
        latest_message=message(thread.latest) if thread.latest else None,
        modified_at=milliseconds(row.modified) or milliseconds(thread.modified),
    )


def page(answer: Messages, before: str | None) -> PsnMessagePage:
    """A page of a thread.

    A thread of one message never says that its end was reached: it repeats its cursor instead.
    """
    following = answer.next
    over = answer.reached_end or not answer.messages or following in (before, answer.previous)
    return PsnMessagePage(
        messages=tuple(message(row) for row in answer.messages if row.uid != before),
        next_before=None if over else following or None,
    )


def message(row: MessageRow) -> PsnMessage:
    """A message; only a text may be empty and say so."""
    kind = TYPES.get(row.kind, PsnMessageType.OTHER)
    details = [detail for detail in (row.details or {}).values() if detail]
    resources = [one.resource_id for one in details if one.resource_id]
    pictures = [https(one.image_url) for one in details if kind is PsnMessageType.STICKER]
    return PsnMessage(
        uid=row.uid,
        type=kind,
        raw_type=row.kind,
        body=row.body if kind is PsnMessageType.TEXT else row.body or None,
        created_at=milliseconds(row.created),
        sender=_member(row.sender) if row.sender else None,
        resource_id=next((one for one in resources if RESOURCE_ID.fullmatch(one)), None),
        sticker_url=next((url for url in pictures if url), None),
    )


def _member(row: MemberRow) -> PsnGroupMember:
    return PsnGroupMember(account_id=row.account_id, online_id=row.online_id or None)


def _label(members: tuple[PsnGroupMember, ...] | None, own_id: str | None) -> str | None:
    if own_id is None:
        return None
    others = [one.online_id for one in members or () if one.account_id != own_id]
    return ", ".join(name for name in others if name) or None
