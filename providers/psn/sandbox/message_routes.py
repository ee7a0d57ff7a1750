"""Message groups: their members, threads, messages and resources."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from providers.kit.sandbox import SandboxRequest, SandboxResponse
from providers.psn.sandbox import message_serializers
from providers.psn.sandbox.message_data import make_message_uid
from providers.psn.sandbox.models import (
    Account,
    Json,
    Message,
    MessageGroup,
    Resource,
    cast_to_object,
)
from providers.psn.sandbox.request_handling import (
    MESSAGE_ERRORS,
    MOBILE_HOST,
    PRIVATE_HEADERS,
    Routes,
    parse_number,
)
from providers.psn.sandbox.state import SandboxState

_BASE = f"{MOBILE_HOST}/api/gamingLoungeGroups/v1"
_MAX_UPLOAD_BYTES = 1024 * 1024


@dataclass(frozen=True)
class MessageRoutes:
    state: SandboxState

    def list_routes(self) -> Routes:
        thread = "groups/{group}/threads/{thread}/messages"
        return [
            ("GET", f"{_BASE}/members/me/groups", self.list_groups),
            ("GET", f"{_BASE}/members/me/groups/{{group}}", self.get_group),
            ("GET", f"{_BASE}/members/me/{thread}", self.list_messages),
            ("POST", f"{_BASE}/groups", self.create_group),
            ("POST", f"{_BASE}/groups/{{group}}/invitees", self.invite_members),
            ("PATCH", f"{_BASE}/groups/{{group}}", self.rename_group),
            ("DELETE", f"{_BASE}/groups/{{group}}/members/{{member}}", self.remove_member),
            ("POST", f"{_BASE}/{thread}", self.send_message),
            ("POST", f"{_BASE}/groups/{{group}}/resources", self.upload_resource),
            ("GET", f"{_BASE}/groups/{{group}}/resources/{{resource}}", self.download_resource),
        ]

    def list_groups(self, request: SandboxRequest) -> SandboxResponse:
        caller = self._authenticate(request)
        limit = self.state.parse_limit(request, 100, MESSAGE_ERRORS, "group_list_limit")
        offset = parse_number(request, "offset", 0, MESSAGE_ERRORS)
        message_groups = self._list_joined_groups(caller, _parse_favourite_filter(request))
        fields, accounts = _parse_fields(request), self.state.database.accounts
        rows = [
            message_serializers.serialize_group(message_group, caller, accounts, fields)
            for message_group in message_groups[offset : offset + limit]
        ]
        body: Json = {"groups": rows}
        # Both are always sent; the end of the list is an empty page.
        body["previousOffset"] = max(offset - limit, 0)
        body["nextOffset"] = offset + limit
        if "totalGroupCount" in fields:
            body["totalGroupCount"] = len(message_groups)
        return SandboxResponse(200, body, dict(PRIVATE_HEADERS))

    def get_group(self, request: SandboxRequest) -> SandboxResponse:
        caller, message_group = self._find_group(request)
        accounts = self.state.database.accounts
        row = message_serializers.serialize_group(
            message_group, caller, accounts, _parse_fields(request)
        )
        return SandboxResponse(200, row, dict(PRIVATE_HEADERS))

    def list_messages(self, request: SandboxRequest) -> SandboxResponse:
        _, message_group = self._find_thread(request)
        limit = self.state.parse_limit(request, 20, MESSAGE_ERRORS, "message_list_limit")
        older = message_group.messages[: _find_cursor_index(request, message_group)]
        shown = list(reversed(older[-limit:]))
        accounts = self.state.database.accounts
        body: Json = {
            "messages": [
                message_serializers.serialize_message(message, accounts) for message in shown
            ]
        }
        if shown:
            body["previous"], body["next"] = shown[0].uid, shown[-1].uid
        # The upstream never reports the end of a thread with a single message.
        body["reachedEndOfPage"] = len(shown) == len(older) and len(message_group.messages) != 1
        body["messageCount"] = len(shown)
        return SandboxResponse(200, body, dict(PRIVATE_HEADERS))

    def create_group(self, request: SandboxRequest) -> SandboxResponse:
        caller = self._authenticate(request)
        invitee_ids = self._parse_invitees(request)
        if caller.account_id in invitee_ids:
            raise MESSAGE_ERRORS.build_bad_request("body: invitees")
        accepting_ids = self._filter_accepting(invitee_ids)
        message_group = (
            self._find_direct_group(caller, accepting_ids) if len(invitee_ids) == 1 else None
        )
        message_group = message_group or self._add_group(
            caller, accepting_ids, direct=len(invitee_ids) == 1
        )
        return SandboxResponse(
            200,
            {
                "groupId": message_group.group_id,
                "mainThread": {"threadId": message_group.group_id},
                "hasAllAccountInvited": len(accepting_ids) == len(invitee_ids),
            },
        )

    def invite_members(self, request: SandboxRequest) -> SandboxResponse:
        _, message_group = self._find_group(request)
        if message_group.direct:
            raise MESSAGE_ERRORS.build_bad_request("path: groupId")
        invitee_ids = self._parse_invitees(request)
        accepting_ids = self._filter_accepting(invitee_ids)
        members = message_group.members
        members += [account_id for account_id in accepting_ids if account_id not in members]
        return SandboxResponse(
            200, {"hasAllAccountInvited": len(accepting_ids) == len(invitee_ids)}
        )

    def rename_group(self, request: SandboxRequest) -> SandboxResponse:
        _, message_group = self._find_group(request)
        if message_group.direct:
            raise MESSAGE_ERRORS.build_error(400, 128, "Bad Request (path: groupId)")
        name: Any = (cast_to_object(_parse_body(request).get("groupName")) or {}).get("value")
        if not isinstance(name, str):
            raise MESSAGE_ERRORS.build_bad_request("body: groupName")
        message_group.name = name
        return SandboxResponse(204)

    def remove_member(self, request: SandboxRequest) -> SandboxResponse:
        caller, message_group = self._find_group(request)
        member_parameter = request.parameters["member"]
        member = caller.account_id if member_parameter == "me" else member_parameter
        if member not in message_group.members:
            raise MESSAGE_ERRORS.build_not_found(f"accountId='{member}'")
        message_group.members.remove(member)
        return SandboxResponse(204)

    def send_message(self, request: SandboxRequest) -> SandboxResponse:
        caller, message_group = self._find_thread(request)
        body = _parse_body(request)
        kind, text, detail = self._parse_content(message_group, body)
        message = Message(
            make_message_uid(1000 + self.state.issue_number()),
            kind,
            caller.account_id,
            text,
            self._compute_timestamp(message_group),
            kind,
            detail,
        )
        message_group.messages.append(message)
        created = str(message.created_at_ms)
        return SandboxResponse(201, {"messageUid": message.uid, "createdTimestamp": created})

    def upload_resource(self, request: SandboxRequest) -> SandboxResponse:
        _, message_group = self._find_group(request)
        content_type = request.headers.get("content-type", "")
        if content_type not in ("image/jpeg", "image/png"):
            raise MESSAGE_ERRORS.build_bad_request("header: Content-Type")
        if not 0 < len(request.body) <= _MAX_UPLOAD_BYTES:
            raise MESSAGE_ERRORS.build_bad_request("body")
        uid = 447000000000000 + self.state.issue_number()
        resource_id = (
            f"{message_group.group_id}_message_{uid}_{self._compute_timestamp(message_group)}"
        )
        stored_resource = Resource(request.body, content_type)
        self.state.database.resources[message_group.group_id, resource_id] = stored_resource
        return SandboxResponse(200, {"resourceId": resource_id})

    def download_resource(self, request: SandboxRequest) -> SandboxResponse:
        _, message_group = self._find_group(request)
        resource_id = request.parameters["resource"]
        stored_resource = self.state.database.resources.get((message_group.group_id, resource_id))
        if stored_resource is None:
            raise MESSAGE_ERRORS.build_not_found(f"resourceId='{resource_id}'")
        return SandboxResponse(
            200,
            stored_resource.content,
            {**PRIVATE_HEADERS, "Content-Type": stored_resource.content_type},
        )

    def _authenticate(self, request: SandboxRequest) -> Account:
        caller = self.state.authenticate(request, MESSAGE_ERRORS)
        if not request.headers.get("accept-language"):
            raise MESSAGE_ERRORS.build_bad_request("header: Accept-Language")
        return caller

    def _find_group(self, request: SandboxRequest) -> tuple[Account, MessageGroup]:
        caller = self._authenticate(request)
        group_id = request.parameters["group"]
        message_group = self.state.database.message_groups.get(group_id)
        if message_group is None or caller.account_id not in message_group.members:
            raise MESSAGE_ERRORS.build_not_found(f"groupId='{group_id}'")
        return caller, message_group

    def _find_thread(self, request: SandboxRequest) -> tuple[Account, MessageGroup]:
        # A group has its main thread alone, whose id is the group's.
        caller, message_group = self._find_group(request)
        thread_id = request.parameters["thread"]
        if thread_id != message_group.group_id:
            raise MESSAGE_ERRORS.build_not_found(f"threadId='{thread_id}'")
        return caller, message_group

    def _list_joined_groups(
        self, caller: Account, matches_filter: Callable[[bool], bool]
    ) -> list[MessageGroup]:
        message_groups = [
            message_group
            for message_group in self.state.database.message_groups.values()
            if caller.account_id in message_group.members
            and matches_filter(caller.account_id in message_group.favourite_of)
        ]
        return sorted(message_groups, key=lambda group: group.modified_at_ms, reverse=True)

    def _parse_invitees(self, request: SandboxRequest) -> list[str]:
        invitees: Any = _parse_body(request).get("invitees")
        try:
            ids = [str(invitee["accountId"]) for invitee in invitees]
        except (TypeError, KeyError):
            raise MESSAGE_ERRORS.build_bad_request("body: invitees") from None
        if not ids or any(invitee_id not in self.state.database.accounts for invitee_id in ids):
            raise MESSAGE_ERRORS.build_bad_request("body: invitees")
        return ids

    def _filter_accepting(self, invitee_ids: list[str]) -> list[str]:
        accounts = self.state.database.accounts
        accepting_ids = [
            invitee_id for invitee_id in invitee_ids if not accounts[invitee_id].private
        ]
        if not accepting_ids:
            raise MESSAGE_ERRORS.build_error(
                403, 1024, "Request is rejected due to all targets' settings"
            )
        return accepting_ids

    def _find_direct_group(self, caller: Account, others: list[str]) -> MessageGroup | None:
        pair = {caller.account_id, *others}
        groups = self.state.database.message_groups.values()
        return next(
            (group for group in groups if group.direct and set(group.members) == pair), None
        )

    def _add_group(self, caller: Account, others: list[str], *, direct: bool) -> MessageGroup:
        count = self.state.issue_number()
        members = [caller.account_id, *others]
        digest = hashlib.sha256(f"{members} {count}".encode()).hexdigest()
        pair = f"~{digest[:16].upper()}.{digest[16:32].upper()}"
        group_id = pair if direct else f"{digest[:40]}-{200 + count}"
        message_group = MessageGroup(
            group_id, members, int(self.state.clock() * 1000), direct=direct
        )
        self.state.database.message_groups[group_id] = message_group
        return message_group

    def _parse_content(
        self, message_group: MessageGroup, body: Json
    ) -> tuple[int, str, Json | None]:
        kind, text = body.get("messageType"), body.get("body", "")
        detail: Json = cast_to_object(body.get("messageDetail")) or {}
        if kind == 1 and isinstance(text, str) and text:
            return 1, text, None
        if kind == 3:
            resource_id = (cast_to_object(detail.get("imageMessageDetail")) or {}).get("resourceId")
            if (message_group.group_id, resource_id) in self.state.database.resources:
                return 3, "", detail
            raise MESSAGE_ERRORS.build_bad_request("body: resourceId")
        if kind == 1013 and "stickerMessageDetail" in detail:
            return 1013, "", detail
        raise MESSAGE_ERRORS.build_bad_request("body: messageType")

    def _compute_timestamp(self, message_group: MessageGroup) -> int:
        # Later than the newest message, even if the clock is behind.
        return max(int(self.state.clock() * 1000), message_group.modified_at_ms + 1)


def _parse_body(request: SandboxRequest) -> Json:
    try:
        body = cast_to_object(json.loads(request.body))
    except ValueError:
        raise MESSAGE_ERRORS.build_bad_request("body") from None
    if body is None:
        raise MESSAGE_ERRORS.build_bad_request("body")
    return body


def _parse_fields(request: SandboxRequest) -> set[str]:
    return set(request.query.get("includeFields", "").split(","))


def _parse_favourite_filter(request: SandboxRequest) -> Callable[[bool], bool]:
    """Return a predicate on `isFavorite`; without a filter, it accepts every group."""
    filter_name = request.query.get("favoriteFilter")
    if filter_name not in (None, "favorite", "notFavorite"):
        raise MESSAGE_ERRORS.build_bad_request("query: favoriteFilter")
    return lambda favourite: filter_name is None or favourite == (filter_name == "favorite")


def _find_cursor_index(request: SandboxRequest, message_group: MessageGroup) -> int:
    """Return the number of messages that are older than the cursor."""
    uid = request.query.get("before")
    if not uid:
        return len(message_group.messages)
    for index, message in enumerate(message_group.messages):
        if message.uid == uid:
            return index
    raise MESSAGE_ERRORS.build_bad_request("query: before")
