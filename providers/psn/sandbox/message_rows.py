"""Rows of conversations; most members of a group are told only when they are named."""

from collections.abc import Collection, Mapping

from providers.psn.sandbox.model import Account, Json, Lounge, Message

_Accounts = Mapping[str, Account]


def group(lounge: Lounge, caller: Account, accounts: _Accounts, fields: Collection[str]) -> Json:
    optional = _optional(lounge, caller, accounts)
    return {
        "groupId": lounge.group_id,
        "groupType": 0 if lounge.direct else 1,
        "members": [_member(lounge, accounts[one]) for one in lounge.members],
        **{name: value for name, value in optional.items() if name in fields},
    }


def _optional(lounge: Lounge, caller: Account, accounts: _Accounts) -> Json:
    return {
        "groupName": {"value": lounge.name, "status": 1 if lounge.name else 0},
        "groupIcon": {"status": 0},
        "joinedTimestamp": str(lounge.started),
        "modifiedTimestamp": str(lounge.modified),
        "isFavorite": caller.account_id in lounge.favourite_of,
        "existsNewArrival": False,
        "mainThread": _thread(lounge, accounts),
        "notificationSetting": {"isMute": False},
    }


def _thread(lounge: Lounge, accounts: _Accounts) -> Json:
    latest = lounge.messages[-1] if lounge.messages else None
    thread: Json = {
        "threadId": lounge.group_id,
        "modifiedTimestamp": str(lounge.modified),
        "readMessageUid": latest.uid if latest else "",
        "existsUnreadMessage": False,
    }
    if latest:
        thread["latestMessage"] = message(latest, accounts)
    return thread


def _member(lounge: Lounge, account: Account) -> Json:
    row: Json = {"accountId": account.account_id, "onlineId": account.online_id}
    if not lounge.direct:
        row["role"] = "leader" if account.account_id == lounge.members[0] else "member"
    return row


def message(sent: Message, accounts: _Accounts) -> Json:
    sender = accounts[sent.sender]
    row: Json = {
        "messageUid": sent.uid,
        "messageType": sent.kind,
        "alternativeMessageType": sent.alternative,
        "body": sent.body,
        "createdTimestamp": str(sent.created),
        "sender": {"accountId": sender.account_id, "onlineId": sender.online_id},
    }
    if sent.detail is not None:
        row["messageDetail"] = sent.detail
    return row
