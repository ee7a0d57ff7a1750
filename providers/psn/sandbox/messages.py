"""Conversations: groups, their members, threads, messages and resources."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from providers.kit.sandbox import Call, Reply
from providers.psn.sandbox import message_rows
from providers.psn.sandbox.answer import LOUNGE, MOBILE, PRIVATE, Routes, number
from providers.psn.sandbox.conversations import message_uid
from providers.psn.sandbox.model import Account, Json, Lounge, Message, Resource, mapping
from providers.psn.sandbox.state import State

_BASE = f"{MOBILE}/api/gamingLoungeGroups/v1"
_LARGEST_UPLOAD = 1024 * 1024


@dataclass(frozen=True)
class Messages:
    state: State

    def routes(self) -> Routes:
        thread = "groups/{group}/threads/{thread}/messages"
        return [
            ("GET", f"{_BASE}/members/me/groups", self.groups),
            ("GET", f"{_BASE}/members/me/groups/{{group}}", self.group),
            ("GET", f"{_BASE}/members/me/{thread}", self.read),
            ("POST", f"{_BASE}/groups", self.create),
            ("POST", f"{_BASE}/groups/{{group}}/invitees", self.invite),
            ("PATCH", f"{_BASE}/groups/{{group}}", self.rename),
            ("DELETE", f"{_BASE}/groups/{{group}}/members/{{member}}", self.remove),
            ("POST", f"{_BASE}/{thread}", self.send),
            ("POST", f"{_BASE}/groups/{{group}}/resources", self.upload),
            ("GET", f"{_BASE}/groups/{{group}}/resources/{{resource}}", self.download),
        ]

    def groups(self, call: Call) -> Reply:
        caller = self._caller(call)
        limit = number(call, "limit", 100, LOUNGE, most=200)
        offset = number(call, "offset", 0, LOUNGE)
        lounges = self._joined(caller, _favourites(call))
        fields, accounts = _fields(call), self.state.world.accounts
        rows = [
            message_rows.group(one, caller, accounts, fields)
            for one in lounges[offset : offset + limit]
        ]
        body: Json = {"groups": rows}
        # Both are always there: the end of the list is an empty page.
        body["previousOffset"] = max(offset - limit, 0)
        body["nextOffset"] = offset + limit
        if "totalGroupCount" in fields:
            body["totalGroupCount"] = len(lounges)
        return Reply(200, body, dict(PRIVATE))

    def group(self, call: Call) -> Reply:
        caller, lounge = self._lounge(call)
        accounts = self.state.world.accounts
        row = message_rows.group(lounge, caller, accounts, _fields(call))
        return Reply(200, row, dict(PRIVATE))

    def read(self, call: Call) -> Reply:
        _, lounge = self._thread(call)
        limit = number(call, "limit", 20, LOUNGE, most=200)
        older = lounge.messages[: _before(call, lounge)]
        shown = list(reversed(older[-limit:]))
        accounts = self.state.world.accounts
        body: Json = {"messages": [message_rows.message(one, accounts) for one in shown]}
        if shown:
            body["previous"], body["next"] = shown[0].uid, shown[-1].uid
        # A thread of one message never says that its end was reached.
        body["reachedEndOfPage"] = len(shown) == len(older) and len(lounge.messages) != 1
        body["messageCount"] = len(shown)
        return Reply(200, body, dict(PRIVATE))

    def create(self, call: Call) -> Reply:
        caller = self._caller(call)
        invited = self._invitees(call)
        if caller.account_id in invited:
            raise LOUNGE.bad_request("body: invitees")
        willing = self._willing(invited)
        lounge = self._direct(caller, willing) if len(invited) == 1 else None
        lounge = lounge or self._start(caller, willing, direct=len(invited) == 1)
        return Reply(
            200,
            {
                "groupId": lounge.group_id,
                "mainThread": {"threadId": lounge.group_id},
                "hasAllAccountInvited": len(willing) == len(invited),
            },
        )

    def invite(self, call: Call) -> Reply:
        _, lounge = self._lounge(call)
        if lounge.direct:
            raise LOUNGE.bad_request("path: groupId")
        invited = self._invitees(call)
        willing = self._willing(invited)
        lounge.members += [one for one in willing if one not in lounge.members]
        return Reply(200, {"hasAllAccountInvited": len(willing) == len(invited)})

    def rename(self, call: Call) -> Reply:
        _, lounge = self._lounge(call)
        if lounge.direct:
            raise LOUNGE.refuse(400, 128, "Bad Request (path: groupId)")
        name: Any = (mapping(_body(call).get("groupName")) or {}).get("value")
        if not isinstance(name, str):
            raise LOUNGE.bad_request("body: groupName")
        lounge.name = name
        return Reply(204)

    def remove(self, call: Call) -> Reply:
        caller, lounge = self._lounge(call)
        asked = call.parameters["member"]
        member = caller.account_id if asked == "me" else asked
        if member not in lounge.members:
            raise LOUNGE.not_found(f"accountId='{member}'")
        lounge.members.remove(member)
        return Reply(204)

    def send(self, call: Call) -> Reply:
        caller, lounge = self._thread(call)
        body = _body(call)
        kind, text, detail = self._content(lounge, body)
        message = Message(
            message_uid(1000 + self.state.next_number()),
            kind,
            caller.account_id,
            text,
            self._now(lounge),
            kind,
            detail,
        )
        lounge.messages.append(message)
        created = str(message.created)
        return Reply(201, {"messageUid": message.uid, "createdTimestamp": created})

    def upload(self, call: Call) -> Reply:
        _, lounge = self._lounge(call)
        content_type = call.headers.get("content-type", "")
        if content_type not in ("image/jpeg", "image/png"):
            raise LOUNGE.bad_request("header: Content-Type")
        if not 0 < len(call.body) <= _LARGEST_UPLOAD:
            raise LOUNGE.bad_request("body")
        uid = 447000000000000 + self.state.next_number()
        resource_id = f"{lounge.group_id}_message_{uid}_{self._now(lounge)}"
        kept = Resource(call.body, content_type)
        self.state.world.resources[lounge.group_id, resource_id] = kept
        return Reply(200, {"resourceId": resource_id})

    def download(self, call: Call) -> Reply:
        _, lounge = self._lounge(call)
        resource_id = call.parameters["resource"]
        kept = self.state.world.resources.get((lounge.group_id, resource_id))
        if kept is None:
            raise LOUNGE.not_found(f"resourceId='{resource_id}'")
        return Reply(200, kept.content, {**PRIVATE, "Content-Type": kept.content_type})

    def _caller(self, call: Call) -> Account:
        caller = self.state.caller(call, LOUNGE)
        if not call.headers.get("accept-language"):
            raise LOUNGE.bad_request("header: Accept-Language")
        return caller

    def _lounge(self, call: Call) -> tuple[Account, Lounge]:
        caller = self._caller(call)
        group_id = call.parameters["group"]
        lounge = self.state.world.lounges.get(group_id)
        if lounge is None or caller.account_id not in lounge.members:
            raise LOUNGE.not_found(f"groupId='{group_id}'")
        return caller, lounge

    def _thread(self, call: Call) -> tuple[Account, Lounge]:
        """The main thread is called like its group; there is no other."""
        caller, lounge = self._lounge(call)
        thread_id = call.parameters["thread"]
        if thread_id != lounge.group_id:
            raise LOUNGE.not_found(f"threadId='{thread_id}'")
        return caller, lounge

    def _joined(self, caller: Account, wanted: Callable[[bool], bool]) -> list[Lounge]:
        lounges = [
            lounge
            for lounge in self.state.world.lounges.values()
            if caller.account_id in lounge.members
            and wanted(caller.account_id in lounge.favourite_of)
        ]
        return sorted(lounges, key=lambda lounge: lounge.modified, reverse=True)

    def _invitees(self, call: Call) -> list[str]:
        given: Any = _body(call).get("invitees")
        try:
            ids = [str(one["accountId"]) for one in given]
        except (TypeError, KeyError):
            raise LOUNGE.bad_request("body: invitees") from None
        if not ids or any(one not in self.state.world.accounts for one in ids):
            raise LOUNGE.bad_request("body: invitees")
        return ids

    def _willing(self, invited: list[str]) -> list[str]:
        accounts = self.state.world.accounts
        willing = [one for one in invited if not accounts[one].private]
        if not willing:
            raise LOUNGE.refuse(403, 1024, "Request is rejected due to all targets' settings")
        return willing

    def _direct(self, caller: Account, others: list[str]) -> Lounge | None:
        pair = {caller.account_id, *others}
        lounges = self.state.world.lounges.values()
        return next((one for one in lounges if one.direct and set(one.members) == pair), None)

    def _start(self, caller: Account, others: list[str], *, direct: bool) -> Lounge:
        count = self.state.next_number()
        members = [caller.account_id, *others]
        digest = hashlib.sha256(f"{members} {count}".encode()).hexdigest()
        pair = f"~{digest[:16].upper()}.{digest[16:32].upper()}"
        group_id = pair if direct else f"{digest[:40]}-{200 + count}"
        lounge = Lounge(group_id, members, int(self.state.clock() * 1000), direct=direct)
        self.state.world.lounges[group_id] = lounge
        return lounge

    def _content(self, lounge: Lounge, body: Json) -> tuple[int, str, Json | None]:
        kind, text = body.get("messageType"), body.get("body", "")
        detail: Json = mapping(body.get("messageDetail")) or {}
        if kind == 1 and isinstance(text, str) and text:
            return 1, text, None
        if kind == 3:
            resource_id = (mapping(detail.get("imageMessageDetail")) or {}).get("resourceId")
            if (lounge.group_id, resource_id) in self.state.world.resources:
                return 3, "", detail
            raise LOUNGE.bad_request("body: resourceId")
        if kind == 1013 and "stickerMessageDetail" in detail:
            return 1013, "", detail
        raise LOUNGE.bad_request("body: messageType")

    def _now(self, lounge: Lounge) -> int:
        """Never before the newest message, whatever the clock says."""
        return max(int(self.state.clock() * 1000), lounge.modified + 1)


def _body(call: Call) -> Json:
    try:
        body = mapping(json.loads(call.body))
    except ValueError:
        raise LOUNGE.bad_request("body") from None
    if body is None:
        raise LOUNGE.bad_request("body")
    return body


def _fields(call: Call) -> set[str]:
    return set(call.query.get("includeFields", "").split(","))


def _favourites(call: Call) -> Callable[[bool], bool]:
    """Which of both kinds is wanted; without a filter, all."""
    wanted = call.query.get("favoriteFilter")
    if wanted not in (None, "favorite", "notFavorite"):
        raise LOUNGE.bad_request("query: favoriteFilter")
    return lambda favourite: wanted is None or favourite == (wanted == "favorite")


def _before(call: Call, lounge: Lounge) -> int:
    """How many messages are older than the cursor."""
    uid = call.query.get("before")
    if not uid:
        return len(lounge.messages)
    for index, message in enumerate(lounge.messages):
        if message.uid == uid:
            return index
    raise LOUNGE.bad_request("query: before")
