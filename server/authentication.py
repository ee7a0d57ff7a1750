"""Authentication: API keys with their scopes, and a caller's own credentials.

A request uses either the operator's accounts or those of the caller's own credentials. The two are
never mixed, and invalid credentials are an error, never a reason to use the operator's.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field

from providers.capabilities import Client, Service
from providers.errors import CallerUnauthenticated, Forbidden, ProviderError
from providers.kit.rate_limiting.caller_quota import CallerQuotas, Charge
from providers.kit.rate_limiting.rate_limiter import Rate
from providers.registry import Source
from resolvers.context import AccountRef, Viewer
from server.api_keys import ApiKey
from server.settings import Settings

READ, WRITE = "read", "write"
ANONYMOUS = "anonymous"


@dataclass(frozen=True)
class Caller:
    """The sender of a request: the name in the log and the quotas, and what they may see."""

    name: str
    viewer: Viewer
    charge: Charge | None = None


@dataclass(frozen=True)
class Authenticator:
    """Identifies callers by their API key and their own credentials."""

    services: Mapping[Source, Service]
    settings: Settings
    quotas: CallerQuotas = field(default_factory=lambda: CallerQuotas(Rate(None)))

    def authenticate(self, headers: Mapping[str, str]) -> Caller:
        """Return the caller of a request.

        Raise `CallerUnauthenticated` for a missing or unknown key, and for invalid credentials.
        """
        key = self._find_key(headers)
        caller_clients = {
            source: client
            for source, service in self.services.items()
            if (client := service.create_caller_client(headers)) is not None
        }
        if self.settings.api_keys and key is None and not caller_clients:
            raise CallerUnauthenticated("An API key is required: Authorization: Bearer KEY.")
        names = _get_quota_names(key, caller_clients)
        viewer = self._build_viewer(key, caller_clients)
        return Caller(names[0], viewer, self.quotas.create_charge(*names))

    def check_scope(self, headers: Mapping[str, str], scope: str) -> bool | None:
        """Return whether the caller's key has this scope; None for a caller without a key.

        Without API keys in the settings every caller has every scope.
        """
        key = self._find_key(headers)
        if not self.settings.api_keys:
            return True
        return None if key is None else scope in key.scopes

    def _build_viewer(self, key: ApiKey | None, caller_clients: Mapping[Source, Client]) -> Viewer:
        read_error = self._get_read_error(key)
        operator_clients = {
            source: client
            for source, service in self.services.items()
            if source not in caller_clients
            and (client := service.get_operator_client()) is not None
        }
        can_write = self._can_write(key)
        # A key for writing alone needs the clients as well; `source_errors` prevents reading.
        has_operator_clients = can_write or not read_error
        clients = {**(operator_clients if has_operator_clients else {}), **caller_clients}
        account_clients = caller_clients or clients
        return Viewer(
            clients=clients,
            accounts=tuple(
                AccountRef(source, account_clients[source].own_handle)
                for source in Source
                if source in account_clients and account_clients[source].own_handle
            ),
            source_errors=dict.fromkeys(operator_clients, read_error) if read_error else {},
            can_write=dict.fromkeys(account_clients, bool(caller_clients) or can_write),
            access_error=read_error if read_error and not caller_clients else None,
        )

    def _get_read_error(self, key: ApiKey | None) -> ProviderError | None:
        if not self.settings.api_keys or (key is not None and READ in key.scopes):
            return None
        if key is None:
            return CallerUnauthenticated("An API key is required for this source.")
        return Forbidden("An API key with scope `read` is required.")

    def _can_write(self, key: ApiKey | None) -> bool:
        if not self.settings.api_keys:
            return self.settings.sandbox
        return key is not None and WRITE in key.scopes

    def _find_key(self, headers: Mapping[str, str]) -> ApiKey | None:
        header = headers.get("authorization")
        if header is None or not self.settings.api_keys:
            return None
        scheme, _, text = header.partition(" ")
        digest = _hash(text.strip())
        found = None
        for key in self.settings.api_keys:  # all of them, so that the duration reveals nothing
            if hmac.compare_digest(_hash(key.key), digest):
                found = key
        if scheme.lower() != "bearer" or found is None:
            raise CallerUnauthenticated("Invalid API key; send Authorization: Bearer KEY.")
        return found


def _get_quota_names(key: ApiKey | None, caller_clients: Mapping[Source, Client]) -> list[str]:
    if key is not None:
        return [key.name]
    return [f"own:{client.scope[:12]}" for client in caller_clients.values()] or [ANONYMOUS]


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode(errors="surrogateescape")).digest()
