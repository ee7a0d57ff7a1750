"""Rows of message groups and messages; most members of a group are sent only on request."""

from collections.abc import Collection, Mapping

from providers.psn.sandbox.models import Account, Json, Message, MessageGroup

_AccountsById = Mapping[str, Account]


def serialize_group(
    message_group: MessageGroup, caller: Account, accounts: _AccountsById, fields: Collection[str]
) -> Json:
    optional = _serialize_optional_fields(message_group, caller, accounts)
    return {
        "groupId": message_group.group_id,
        "groupType": 0 if message_group.direct else 1,
        "members": [
            _serialize_member(message_group, accounts[member]) for member in message_group.members
        ],
        **{name: value for name, value in optional.items() if name in fields},
    }


def _serialize_optional_fields(
    message_group: MessageGroup, caller: Account, accounts: _AccountsById
) -> Json:
    return {
        "groupName": {"value": message_group.name, "status": 1 if message_group.name else 0},
        "groupIcon": {"status": 0},
        "joinedTimestamp": str(message_group.created_at_ms),
        "modifiedTimestamp": str(message_group.modified_at_ms),
        "isFavorite": caller.account_id in message_group.favourite_of,
        "existsNewArrival": False,
        "mainThread": _serialize_thread(message_group, accounts),
        "notificationSetting": {"isMute": False},
    }


def _serialize_thread(message_group: MessageGroup, accounts: _AccountsById) -> Json:
    latest = message_group.messages[-1] if message_group.messages else None
    thread: Json = {
        "threadId": message_group.group_id,
        "modifiedTimestamp": str(message_group.modified_at_ms),
        "readMessageUid": latest.uid if latest else "",
        "existsUnreadMessage": False,
    }
    if latest:
        thread["latestMessage"] = serialize_message(latest, accounts)
    return thread


def _serialize_member(message_group: MessageGroup, account: Account) -> Json:
    row: Json = {"accountId": account.account_id, "onlineId": account.online_id}
    if not message_group.direct:
        row["role"] = "leader" if account.account_id == message_group.members[0] else "member"
    return row


def serialize_message(message: Message, accounts: _AccountsById) -> Json:
    sender = accounts[message.sender]
    row: Json = {
        "messageUid": message.uid,
        "messageType": message.kind,
        "alternativeMessageType": message.alternative_kind,
        "body": message.body,
        "createdTimestamp": str(message.created_at_ms),
        "sender": {"accountId": sender.account_id, "onlineId": sender.online_id},
    }
    if message.detail is not None:
        row["messageDetail"] = message.detail
    return row
