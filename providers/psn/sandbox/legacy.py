"""The older profile host: profiles by name, the rich friend list, parting by name."""

import re
from dataclasses import dataclass

from providers.kit.sandbox import Call, Reply
from providers.psn.sandbox import people_rows, rules
from providers.psn.sandbox.answer import LEGACY, LEGACY_PROFILE, Routes, number
from providers.psn.sandbox.model import Account, Json
from providers.psn.sandbox.state import State

_BASE = f"{LEGACY}/userProfile/v1/users"
_DEFAULT = "onlineId,accountId,npId,avatarUrls,plus,aboutMe,languagesUsed,currentOnlineId"


@dataclass(frozen=True)
class Legacy:
    state: State

    def routes(self) -> Routes:
        return [
            ("GET", f"{_BASE}/{{name}}/profile2", self.profile),
            ("GET", f"{_BASE}/{{name}}/friends/profiles2", self.friends),
            ("DELETE", f"{_BASE}/{{name}}/friendList/{{friend}}", self.remove),
        ]

    def profile(self, call: Call) -> Reply:
        caller = self.state.caller(call, LEGACY_PROFILE)
        asked = call.parameters["name"]
        account = caller if asked == "me" else self._named(asked)
        spelled = next((one for one in account.names if one.lower() == asked.lower()), None)
        row = self._row(caller, account, spelled or account.online_id)
        return _never_stored({"profile": _picked(row, call)})

    def friends(self, call: Call) -> Reply:
        caller = self.state.caller(call, LEGACY_PROFILE)
        if call.parameters["name"].lower() not in ("me", caller.online_id.lower()):
            raise LEGACY_PROFILE.not_permitted()
        limit = number(call, "limit", 36, LEGACY_PROFILE)
        start = number(call, "offset", 0, LEGACY_PROFILE)
        accounts = self._friends(caller, call.query.get("sort", ""))
        shown = accounts[start : start + limit]
        rows = [_picked(self._row(caller, one, one.online_id), call) for one in shown]
        return _never_stored(
            {"profiles": rows, "size": len(rows), "start": start, "totalResults": len(accounts)}
        )

    def remove(self, call: Call) -> Reply:
        caller = self.state.caller(call, LEGACY_PROFILE)
        if call.parameters["name"].lower() not in ("me", caller.online_id.lower()):
            raise LEGACY_PROFILE.not_permitted()
        name = call.parameters["friend"]
        other = self._named(name)
        if not self.state.part(caller.account_id, other.account_id):
            raise LEGACY_PROFILE.refuse(404, 12, f"User not found (user: '{name}')")
        return Reply(204)

    def _named(self, name: str) -> Account:
        account = self.state.world.named(name)
        if account is None:
            raise LEGACY_PROFILE.refuse(404, 12, f"User not found (user: '{name}')")
        return account

    def _friends(self, caller: Account, sort: str) -> list[Account]:
        world = self.state.world
        accounts = [world.accounts[one] for one in world.friends.get(caller.account_id, [])]
        if sort.endswith("onlineId"):
            accounts.sort(key=lambda account: account.online_id.lower())
        return accounts

    def _row(self, caller: Account, account: Account, asked: str) -> Json:
        world = self.state.world
        summary = None
        if not account.private or account == caller:
            summary = rules.summary(account.account_id, world.held(account.account_id))
        relation = world.relation(caller.account_id, account.account_id)
        game = world.games.get(account.playing or "")
        return people_rows.older_profile(account, asked, summary, relation, game)


def _picked(row: Json, call: Call) -> Json:
    """Only what was asked for; what stands in brackets is not looked at."""
    named = re.sub(r"\([^)]*\)", "", call.query.get("fields", _DEFAULT)).split(",")
    wanted = set(_DEFAULT.split(",")) if "@default" in named else set[str]()
    return {name: value for name, value in row.items() if name in wanted.union(named)}


def _never_stored(body: Json) -> Reply:
    return Reply(200, body, {"Cache-Control": "no-store"})
