"""The profile service: profiles, presences, friends, the share link and the devices."""

from collections.abc import Sequence
from dataclasses import dataclass

from providers.kit.sandbox import SandboxRequest, SandboxResponse
from providers.psn.sandbox import profile_serializers
from providers.psn.sandbox.models import Account, Json
from providers.psn.sandbox.request_handling import (
    MOBILE_HOST,
    OTHER_ERRORS,
    PRIVATE_HEADERS,
    PROFILE_ERRORS,
    Routes,
    build_page_offsets,
    parse_number,
)
from providers.psn.sandbox.state import SandboxState

_V1_BASE = f"{MOBILE_HOST}/api/userProfile/v1/internal/users"
_V2_BASE = f"{MOBILE_HOST}/api/userProfile/v2/internal/users"


@dataclass(frozen=True)
class ProfileRoutes:
    state: SandboxState

    def list_routes(self) -> Routes:
        return [
            ("GET", f"{_V1_BASE}/profiles", self.list_profiles),
            ("GET", f"{_V1_BASE}/{{account}}/profiles", self.get_profile),
            ("GET", f"{_V2_BASE}/basicPresences", self.list_presences),
            # A published client sends two slashes.
            ("GET", f"{_V2_BASE}//basicPresences", self.list_presences),
            ("GET", f"{_V1_BASE}/{{account}}/basicPresences", self.get_presence),
            ("GET", f"{_V2_BASE}/{{account}}/basicPresences", self.get_presence),
            ("GET", f"{_V1_BASE}/{{account}}/friends", self.list_friends),
            ("GET", f"{_V2_BASE}/{{account}}/friends", self.list_friends),
            (
                "GET",
                f"{_V1_BASE}/{{account}}/friends/receivedRequests",
                self.list_received_requests,
            ),
            (
                "GET",
                f"{_V1_BASE}/{{account}}/friends/subscribing/availableToPlay",
                self.list_available_friends,
            ),
            ("GET", f"{_V1_BASE}/{{account}}/friends/{{friend}}/summary", self.get_friendship),
            ("PUT", f"{_V1_BASE}/{{account}}/friends/{{friend}}", self.accept_request),
            ("DELETE", f"{_V1_BASE}/{{account}}/friends/{{friend}}", self.remove_friend),
            ("GET", f"{_V1_BASE}/{{account}}/blocks", self.list_blocks),
            ("GET", f"{MOBILE_HOST}/api/cpss/v1/share/profile/{{account}}", self.get_share_link),
            ("GET", "dms.api.playstation.com/api/v1/devices/accounts/me", self.list_devices),
        ]

    def get_profile(self, request: SandboxRequest) -> SandboxResponse:
        caller = self.state.authenticate(request, PROFILE_ERRORS)
        return _build_private_response(
            self._serialize_profile(caller, self._find_account(request.parameters["account"]))
        )

    def list_profiles(self, request: SandboxRequest) -> SandboxResponse:
        # Rows have no ids, only their order: a client cannot see which one is missing.
        caller = self.state.authenticate(request, PROFILE_ERRORS)
        accounts = self.state.database.accounts
        rows = [
            self._serialize_profile(caller, accounts[account_id])
            for account_id in self._parse_account_ids(request, "profile_batch_limit")
            if account_id in accounts
        ]
        if self.state.settings["profiles_row_missing"] and rows:
            del rows[len(rows) // 2]
        return _build_private_response({"profiles": rows})

    def get_presence(self, request: SandboxRequest) -> SandboxResponse:
        caller = self.state.authenticate(request, PROFILE_ERRORS)
        account = self._find_visible_account(request, caller)
        return _build_private_response({"basicPresence": self._serialize_presence(account)})

    def list_presences(self, request: SandboxRequest) -> SandboxResponse:
        caller = self.state.authenticate(request, PROFILE_ERRORS)
        accounts_by_id = self.state.database.accounts
        accounts = [
            accounts_by_id[account_id]
            for account_id in self._parse_account_ids(request, "presence_batch_limit")
            if account_id in accounts_by_id
        ]
        rows = [
            {"accountId": account.account_id, **self._serialize_presence(account)}
            for account in accounts
            if not account.private or account == caller
        ]
        if self.state.settings["shuffle_batches"]:
            rows.reverse()
        return _build_private_response({"basicPresences": rows})

    def _parse_account_ids(self, request: SandboxRequest, limit: str) -> Sequence[str]:
        ids = [part for part in request.query.get("accountIds", "").split(",") if part]
        if not ids or not all(account_id.isdigit() for account_id in ids):
            raise PROFILE_ERRORS.build_bad_request("query: accountIds")
        return self.state.apply_limit(
            limit, ids, lambda: PROFILE_ERRORS.build_bad_request("query: accountIds")
        )

    def list_friends(self, request: SandboxRequest) -> SandboxResponse:
        caller = self.state.authenticate(request, PROFILE_ERRORS)
        account = self._find_visible_account(request, caller)
        limit = self.state.parse_limit(request, 100, PROFILE_ERRORS, "friend_list_limit")
        offset = parse_number(request, "offset", 0, PROFILE_ERRORS)
        friend_ids = self.state.database.friends.get(account.account_id, [])
        shown = friend_ids[offset : offset + limit]
        page = build_page_offsets(offset, len(shown), len(friend_ids))
        return _build_private_response(
            {"friends": shown, **page, "totalItemCount": len(friend_ids)}
        )

    def list_received_requests(self, request: SandboxRequest) -> SandboxResponse:
        caller = self._authenticate_self(request)
        requester_ids = self.state.database.friend_requests.get(caller.account_id, [])
        rows = [_serialize_request(account_id) for account_id in requester_ids]
        return _build_private_response({"receivedRequests": rows, "totalItemCount": len(rows)})

    def list_available_friends(self, request: SandboxRequest) -> SandboxResponse:
        self._authenticate_self(request)
        return _build_private_response({"settings": []})

    def list_blocks(self, request: SandboxRequest) -> SandboxResponse:
        caller = self._authenticate_self(request)
        return _build_private_response(
            {"blockList": self.state.database.blocks.get(caller.account_id, [])}
        )

    def get_friendship(self, request: SandboxRequest) -> SandboxResponse:
        caller = self._authenticate_self(request)
        other = self._find_account(request.parameters["friend"])
        lists = self.state.database.friends
        caller_friends, other_friends = (
            lists.get(caller.account_id, []),
            lists.get(other.account_id, []),
        )
        relation = self.state.database.get_relation(caller.account_id, other.account_id)
        is_name_shared = other.real_name is not None and relation == "friend"
        return _build_private_response(
            {
                "friendRelation": relation,
                "personalDetailSharing": "shared" if is_name_shared else "no",
                "friendsCount": 0 if other.private else len(other_friends),
                "mutualFriendsCount": 0
                if other.private
                else len(set(caller_friends) & set(other_friends)),
            }
        )

    def accept_request(self, request: SandboxRequest) -> SandboxResponse:
        caller = self._authenticate_self(request)
        other = self._find_account(request.parameters["friend"])
        database = self.state.database
        requester_ids = database.friend_requests.get(caller.account_id, [])
        if other.account_id not in requester_ids:
            raise PROFILE_ERRORS.build_not_found()
        requester_ids.remove(other.account_id)
        database.friends.setdefault(caller.account_id, []).append(other.account_id)
        database.friends.setdefault(other.account_id, []).append(caller.account_id)
        return SandboxResponse(204)

    def remove_friend(self, request: SandboxRequest) -> SandboxResponse:
        """End a friendship, or decline a request."""
        caller = self._authenticate_self(request)
        other = self._find_account(request.parameters["friend"])
        if not self.state.remove_friendship(caller.account_id, other.account_id):
            raise PROFILE_ERRORS.build_not_found()
        return SandboxResponse(204)

    def get_share_link(self, request: SandboxRequest) -> SandboxResponse:
        self.state.authenticate(request, OTHER_ERRORS)
        account = self.state.database.accounts.get(request.parameters["account"])
        if account is None:
            raise OTHER_ERRORS.build_not_found()
        link = f"https://profile.invalid/{account.online_id}"
        return _build_private_response(
            {
                "shareUrl": link,
                "shareImageUrl": f"https://image.invalid/share/{account.account_id}.png",
                "shareImageUrlDestination": link,
            }
        )

    def list_devices(self, request: SandboxRequest) -> SandboxResponse:
        caller = self.state.authenticate(request, OTHER_ERRORS)
        body: Json = {"accountId": caller.account_id}
        if "device" in request.query.get("includeFields", ""):
            body["accountDevices"] = [_serialize_device(kind) for kind in ("PS5", "PS4")]
        return _build_private_response(body)

    def _find_account(self, account_id: str) -> Account:
        if not account_id.isdigit():
            raise PROFILE_ERRORS.build_bad_request("path: accountId")
        account = self.state.database.accounts.get(account_id)
        if account is None:
            raise PROFILE_ERRORS.build_not_found()
        return account

    def _find_visible_account(self, request: SandboxRequest, caller: Account) -> Account:
        if request.parameters["account"] == "me":
            return caller
        account = self._find_account(request.parameters["account"])
        if account.private and account != caller:
            raise PROFILE_ERRORS.build_not_permitted()
        return account

    def _authenticate_self(self, request: SandboxRequest) -> Account:
        """Return the caller; raise for any other account in the path."""
        caller = self.state.authenticate(request, PROFILE_ERRORS)
        if request.parameters["account"] not in ("me", caller.account_id):
            raise PROFILE_ERRORS.build_not_permitted()
        return caller

    def _serialize_profile(self, caller: Account, account: Account) -> Json:
        relation = self.state.database.get_relation(caller.account_id, account.account_id)
        return profile_serializers.serialize_profile(
            account, caller, is_friend=relation == "friend"
        )

    def _serialize_presence(self, account: Account) -> Json:
        game = self.state.database.games.get(account.playing_np_title_id or "")
        return profile_serializers.serialize_presence(account, game)


def _serialize_request(account_id: str) -> Json:
    return {
        "accountId": account_id,
        "relation": "requested",
        "personalDetailSharing": "no",
        "acceptSharingPersonalDetailFlag": False,
        "requestedDate": "2026-10-01T08:00:00Z",
    }


def _serialize_device(kind: str) -> Json:
    return {
        "deviceId": f"sandbox-device-{kind.lower()}",
        "deviceType": kind,
        "activationType": "PRIMARY",
        "activationDate": "2024-01-01T00:00:00.000Z",
        "accountDeviceVector": "sandbox",
    }


def _build_private_response(body: Json) -> SandboxResponse:
    return SandboxResponse(200, body, dict(PRIVATE_HEADERS))
