"""What one sandbox remembers: its world, its tokens and its clock."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from providers.kit.sandbox import Call
from providers.psn.sandbox.answer import Service
from providers.psn.sandbox.model import Account, World


@dataclass
class Grant:
    account_id: str
    expires: float


@dataclass
class State:
    world: World
    settings: dict[str, Any]
    clock: Callable[[], float] = time.time
    codes: dict[str, str] = field(default_factory=dict[str, str])
    access: dict[str, Grant] = field(default_factory=dict[str, Grant])
    refresh: dict[str, Grant] = field(default_factory=dict[str, Grant])
    _issued: int = 0

    def next_number(self) -> int:
        self._issued += 1
        return self._issued

    def holder(self, token: str) -> Account | None:
        """Whose access token this is, while it is valid."""
        grant = self.access.get(token)
        if grant is None or grant.expires <= self.clock() or self.settings["expired_tokens"]:
            return None
        return self.world.accounts[grant.account_id]

    def caller(self, call: Call, service: Service) -> Account:
        scheme, _, token = call.headers.get("authorization", "").partition(" ")
        account = self.holder(token) if scheme.lower() == "bearer" else None
        if account is None:
            raise service.invalid_token()
        return account

    def part(self, account_id: str, other: str) -> bool:
        """End a friendship or a waiting request; false when there is neither."""
        friends, requests = self.world.friends, self.world.requests
        held = [friends.get(account_id, []), requests.get(account_id, [])]
        there = [people for people in held if other in people]
        for people in there:
            people.remove(other)
        if account_id in friends.get(other, []):
            friends[other].remove(account_id)
        return bool(there)
