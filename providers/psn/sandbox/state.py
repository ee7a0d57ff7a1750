"""The state of one sandbox: its database, its tokens and its clock."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from providers.kit.sandbox import SandboxRequest
from providers.psn.sandbox.models import Account, Database
from providers.psn.sandbox.request_handling import ErrorCodes, parse_number

T = TypeVar("T")


@dataclass
class Grant:
    account_id: str
    expires_at: float


@dataclass
class SandboxState:
    database: Database
    settings: dict[str, Any]
    clock: Callable[[], float] = time.time
    authorization_codes: dict[str, str] = field(default_factory=dict[str, str])
    access_tokens: dict[str, Grant] = field(default_factory=dict[str, Grant])
    refresh_tokens: dict[str, Grant] = field(default_factory=dict[str, Grant])
    _last_number: int = 0

    def issue_number(self) -> int:
        self._last_number += 1
        return self._last_number

    def find_token_owner(self, token: str) -> Account | None:
        """Return the account of a valid access token; None for any other token."""
        grant = self.access_tokens.get(token)
        if grant is None or grant.expires_at <= self.clock() or self.settings["expired_tokens"]:
            return None
        return self.database.accounts[grant.account_id]

    def apply_limit(
        self, name: str, items: Sequence[T], error: Callable[[], Exception]
    ) -> Sequence[T]:
        """Return as many items as the limit of this name allows; raise the error for more."""
        limit = self.settings[name]
        if len(items) > limit and not self.settings["cut_silently"]:
            raise error()
        return items[:limit]

    def parse_limit(
        self, request: SandboxRequest, default: int, errors: ErrorCodes, name: str
    ) -> int:
        """Return the requested number of rows; the allowed one for a larger, if that is cut."""
        allowed = self.settings[name]
        if self.settings["cut_silently"]:
            return min(parse_number(request, "limit", default, errors), allowed)
        return parse_number(request, "limit", min(default, allowed), errors, maximum=allowed)

    def authenticate(self, request: SandboxRequest, errors: ErrorCodes) -> Account:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        account = self.find_token_owner(token) if scheme.lower() == "bearer" else None
        if account is None:
            raise errors.build_invalid_token()
        return account

    def remove_friendship(self, account_id: str, other: str) -> bool:
        """End a friendship or remove a request; return False when there is neither."""
        friends, requests = self.database.friends, self.database.friend_requests
        lists = [friends.get(account_id, []), requests.get(account_id, [])]
        matching_lists = [account_ids for account_ids in lists if other in account_ids]
        for account_ids in matching_lists:
            account_ids.remove(other)
        if account_id in friends.get(other, []):
            friends[other].remove(account_id)
        return bool(matching_lists)
