"""The older profile host: profiles, friend lists and the removal of friends, by name."""

import re
from dataclasses import dataclass

from providers.kit.sandbox import SandboxRequest, SandboxResponse
from providers.psn.sandbox import profile_serializers, trophy_scoring
from providers.psn.sandbox.models import Account, Json
from providers.psn.sandbox.request_handling import (
    LEGACY_HOST,
    LEGACY_PROFILE_ERRORS,
    Routes,
    parse_number,
)
from providers.psn.sandbox.state import SandboxState

_BASE = f"{LEGACY_HOST}/userProfile/v1/users"
_DEFAULT_FIELDS = "onlineId,accountId,npId,avatarUrls,plus,aboutMe,languagesUsed,currentOnlineId"


@dataclass(frozen=True)
class LegacyProfileRoutes:
    state: SandboxState

    def list_routes(self) -> Routes:
        return [
            ("GET", f"{_BASE}/{{name}}/profile2", self.get_profile),
            ("GET", f"{_BASE}/{{name}}/friends/profiles2", self.list_friends),
            ("DELETE", f"{_BASE}/{{name}}/friendList/{{friend}}", self.remove_friend),
        ]

    def get_profile(self, request: SandboxRequest) -> SandboxResponse:
        caller = self.state.authenticate(request, LEGACY_PROFILE_ERRORS)
        name = request.parameters["name"]
        account = caller if name == "me" else self._find_account(name)
        matched_name = next(
            (known for known in account.online_ids if known.lower() == name.lower()), None
        )
        row = self._serialize_profile(caller, account, matched_name or account.online_id)
        return _build_no_store_response({"profile": _select_fields(row, request)})

    def list_friends(self, request: SandboxRequest) -> SandboxResponse:
        caller = self.state.authenticate(request, LEGACY_PROFILE_ERRORS)
        if request.parameters["name"].lower() not in ("me", caller.online_id.lower()):
            raise LEGACY_PROFILE_ERRORS.build_not_permitted()
        limit = parse_number(request, "limit", 36, LEGACY_PROFILE_ERRORS)
        start = parse_number(request, "offset", 0, LEGACY_PROFILE_ERRORS)
        accounts = self._list_friend_accounts(caller, request.query.get("sort", ""))
        shown = accounts[start : start + limit]
        rows = [
            _select_fields(self._serialize_profile(caller, friend, friend.online_id), request)
            for friend in shown
        ]
        return _build_no_store_response(
            {"profiles": rows, "size": len(rows), "start": start, "totalResults": len(accounts)}
        )

    def remove_friend(self, request: SandboxRequest) -> SandboxResponse:
        caller = self.state.authenticate(request, LEGACY_PROFILE_ERRORS)
        if request.parameters["name"].lower() not in ("me", caller.online_id.lower()):
            raise LEGACY_PROFILE_ERRORS.build_not_permitted()
        name = request.parameters["friend"]
        other = self._find_account(name)
        if not self.state.remove_friendship(caller.account_id, other.account_id):
            raise LEGACY_PROFILE_ERRORS.build_error(404, 12, f"User not found (user: '{name}')")
        return SandboxResponse(204)

    def _find_account(self, name: str) -> Account:
        account = self.state.database.find_account(name)
        if account is None:
            raise LEGACY_PROFILE_ERRORS.build_error(404, 12, f"User not found (user: '{name}')")
        return account

    def _list_friend_accounts(self, caller: Account, sort: str) -> list[Account]:
        database = self.state.database
        accounts = [
            database.accounts[friend] for friend in database.friends.get(caller.account_id, [])
        ]
        if sort.endswith("onlineId"):
            accounts.sort(key=lambda account: account.online_id.lower())
        return accounts

    def _serialize_profile(self, caller: Account, account: Account, shown_online_id: str) -> Json:
        database = self.state.database
        summary = None
        if not account.private or account == caller:
            summary = trophy_scoring.build_summary(
                account.account_id, database.list_progress(account.account_id)
            )
        relation = database.get_relation(caller.account_id, account.account_id)
        game = database.games.get(account.playing_np_title_id or "")
        return profile_serializers.serialize_legacy_profile(
            account, shown_online_id, summary, relation, game
        )


def _select_fields(row: Json, request: SandboxRequest) -> Json:
    # The requested members; a list in brackets behind a name is ignored.
    field_names = re.sub(r"\([^)]*\)", "", request.query.get("fields", _DEFAULT_FIELDS)).split(",")
    default_fields = set(_DEFAULT_FIELDS.split(",")) if "@default" in field_names else set[str]()
    return {name: value for name, value in row.items() if name in default_fields.union(field_names)}


def _build_no_store_response(body: Json) -> SandboxResponse:
    return SandboxResponse(200, body, {"Cache-Control": "no-store"})
