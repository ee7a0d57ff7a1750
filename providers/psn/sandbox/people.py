"""The profile service: profiles, presences, friends and the share link."""

from dataclasses import dataclass

from providers.kit.sandbox import Call, Reply
from providers.psn.sandbox import people_rows
from providers.psn.sandbox.answer import MOBILE, OTHER, PRIVATE, PROFILE, Routes, cursors, number
from providers.psn.sandbox.model import Account, Json
from providers.psn.sandbox.state import State

_ONE = f"{MOBILE}/api/userProfile/v1/internal/users"
_TWO = f"{MOBILE}/api/userProfile/v2/internal/users"


@dataclass(frozen=True)
class People:
    state: State

    def routes(self) -> Routes:
        return [
            ("GET", f"{_ONE}/profiles", self.profiles),
            ("GET", f"{_ONE}/{{account}}/profiles", self.profile),
            ("GET", f"{_TWO}/basicPresences", self.presences),
            # A published client asks with two slashes.
            ("GET", f"{_TWO}//basicPresences", self.presences),
            ("GET", f"{_ONE}/{{account}}/basicPresences", self.presence),
            ("GET", f"{_TWO}/{{account}}/basicPresences", self.presence),
            ("GET", f"{_ONE}/{{account}}/friends", self.friends),
            ("GET", f"{_TWO}/{{account}}/friends", self.friends),
            ("GET", f"{_ONE}/{{account}}/friends/receivedRequests", self.received),
            ("GET", f"{_ONE}/{{account}}/friends/subscribing/availableToPlay", self.available),
            ("GET", f"{_ONE}/{{account}}/friends/{{friend}}/summary", self.friendship),
            ("PUT", f"{_ONE}/{{account}}/friends/{{friend}}", self.accept),
            ("DELETE", f"{_ONE}/{{account}}/friends/{{friend}}", self.remove),
            ("GET", f"{_ONE}/{{account}}/blocks", self.blocks),
            ("GET", f"{MOBILE}/api/cpss/v1/share/profile/{{account}}", self.share),
            ("GET", "dms.api.playstation.com/api/v1/devices/accounts/me", self.devices),
        ]

    def profile(self, call: Call) -> Reply:
        caller = self.state.caller(call, PROFILE)
        return _private(self._profile(caller, self._account(call.parameters["account"])))

    def profiles(self, call: Call) -> Reply:
        """By position, without ids: a caller cannot see which row is missing."""
        caller = self.state.caller(call, PROFILE)
        known = self.state.world.accounts
        rows = [self._profile(caller, known[one]) for one in _account_ids(call) if one in known]
        if self.state.settings["profiles_row_missing"] and rows:
            del rows[len(rows) // 2]
        return _private({"profiles": rows})

    def presence(self, call: Call) -> Reply:
        caller = self.state.caller(call, PROFILE)
        account = self._asked(call, caller)
        return _private({"basicPresence": self._presence(account)})

    def presences(self, call: Call) -> Reply:
        caller = self.state.caller(call, PROFILE)
        known = self.state.world.accounts
        accounts = [known[one] for one in _account_ids(call) if one in known]
        rows = [
            {"accountId": account.account_id, **self._presence(account)}
            for account in accounts
            if not account.private or account == caller
        ]
        if self.state.settings["shuffle_batches"]:
            rows.reverse()
        return _private({"basicPresences": rows})

    def friends(self, call: Call) -> Reply:
        caller = self.state.caller(call, PROFILE)
        account = self._asked(call, caller)
        limit = number(call, "limit", 100, PROFILE, most=1000)
        offset = number(call, "offset", 0, PROFILE)
        every = self.state.world.friends.get(account.account_id, [])
        shown = every[offset : offset + limit]
        page = cursors(offset, len(shown), len(every))
        return _private({"friends": shown, **page, "totalItemCount": len(every)})

    def received(self, call: Call) -> Reply:
        caller = self._own(call)
        waiting = self.state.world.requests.get(caller.account_id, [])
        rows = [_request(account_id) for account_id in waiting]
        return _private({"receivedRequests": rows, "totalItemCount": len(rows)})

    def available(self, call: Call) -> Reply:
        self._own(call)
        return _private({"settings": []})

    def blocks(self, call: Call) -> Reply:
        caller = self._own(call)
        return _private({"blockList": self.state.world.blocks.get(caller.account_id, [])})

    def friendship(self, call: Call) -> Reply:
        caller = self._own(call)
        other = self._account(call.parameters["friend"])
        lists = self.state.world.friends
        mine, theirs = lists.get(caller.account_id, []), lists.get(other.account_id, [])
        relation = self.state.world.relation(caller.account_id, other.account_id)
        shared = other.shared_name is not None and relation == "friend"
        return _private(
            {
                "friendRelation": relation,
                "personalDetailSharing": "shared" if shared else "no",
                "friendsCount": 0 if other.private else len(theirs),
                "mutualFriendsCount": 0 if other.private else len(set(mine) & set(theirs)),
            }
        )

    def accept(self, call: Call) -> Reply:
        caller = self._own(call)
        other = self._account(call.parameters["friend"])
        world = self.state.world
        waiting = world.requests.get(caller.account_id, [])
        if other.account_id not in waiting:
            raise PROFILE.not_found()
        waiting.remove(other.account_id)
        world.friends.setdefault(caller.account_id, []).append(other.account_id)
        world.friends.setdefault(other.account_id, []).append(caller.account_id)
        return Reply(204)

    def remove(self, call: Call) -> Reply:
        """Ends a friendship or declines a request, whichever there is."""
        caller = self._own(call)
        other = self._account(call.parameters["friend"])
        if not self.state.part(caller.account_id, other.account_id):
            raise PROFILE.not_found()
        return Reply(204)

    def share(self, call: Call) -> Reply:
        self.state.caller(call, OTHER)
        account = self.state.world.accounts.get(call.parameters["account"])
        if account is None:
            raise OTHER.not_found()
        link = f"https://profile.invalid/{account.online_id}"
        return _private(
            {
                "shareUrl": link,
                "shareImageUrl": f"https://image.invalid/share/{account.account_id}.png",
                "shareImageUrlDestination": link,
            }
        )

    def devices(self, call: Call) -> Reply:
        caller = self.state.caller(call, OTHER)
        body: Json = {"accountId": caller.account_id}
        if "device" in call.query.get("includeFields", ""):
            body["accountDevices"] = [_device(kind) for kind in ("PS5", "PS4")]
        return _private(body)

    def _account(self, account_id: str) -> Account:
        if not account_id.isdigit():
            raise PROFILE.bad_request("path: accountId")
        account = self.state.world.accounts.get(account_id)
        if account is None:
            raise PROFILE.not_found()
        return account

    def _asked(self, call: Call, caller: Account) -> Account:
        if call.parameters["account"] == "me":
            return caller
        account = self._account(call.parameters["account"])
        if account.private and account != caller:
            raise PROFILE.not_permitted()
        return account

    def _own(self, call: Call) -> Account:
        """These are answered about oneself only."""
        caller = self.state.caller(call, PROFILE)
        if call.parameters["account"] not in ("me", caller.account_id):
            raise PROFILE.not_permitted()
        return caller

    def _profile(self, caller: Account, account: Account) -> Json:
        relation = self.state.world.relation(caller.account_id, account.account_id)
        return people_rows.profile(account, caller, friends=relation == "friend")

    def _presence(self, account: Account) -> Json:
        game = self.state.world.games.get(account.playing or "")
        return people_rows.presence(account, game)


def _account_ids(call: Call) -> list[str]:
    ids = [part for part in call.query.get("accountIds", "").split(",") if part]
    if not 1 <= len(ids) <= 100 or not all(one.isdigit() for one in ids):
        raise PROFILE.bad_request("query: accountIds")
    return ids


def _request(account_id: str) -> Json:
    return {
        "accountId": account_id,
        "relation": "requested",
        "personalDetailSharing": "no",
        "acceptSharingPersonalDetailFlag": False,
        "requestedDate": "2026-10-01T08:00:00Z",
    }


def _device(kind: str) -> Json:
    return {
        "deviceId": f"sandbox-device-{kind.lower()}",
        "deviceType": kind,
        "activationType": "PRIMARY",
        "activationDate": "2024-01-01T00:00:00.000Z",
        "accountDeviceVector": "sandbox",
    }


def _private(body: Json) -> Reply:
    return Reply(200, body, dict(PRIVATE))
