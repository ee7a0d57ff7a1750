"""Who asks, and what he may see: API keys, their scopes, and a caller's own credentials.

A request speaks either for the operator or for the caller who brought credentials of his own. The
two are never mixed, and bad credentials are an error rather than the other's identity.
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
from server.settings import ApiKey, Settings

READ, WRITE = "read", "write"
ANONYMOUS = "anonymous"


@dataclass(frozen=True)
class Caller:
    """The one who asks: his name in logs and budgets, and the viewer he is."""

    name: str
    viewer: Viewer
    charge: Charge | None = None


@dataclass(frozen=True)
class Authenticator:
    """All that decides who a request speaks for."""

    services: Mapping[Source, Service]
    settings: Settings
    quotas: CallerQuotas = field(default_factory=lambda: CallerQuotas(Rate(None)))

    def authenticate(self, headers: Mapping[str, str]) -> Caller:
        """The caller of a request; raises `CallerUnauthenticated` for a bad key or credential."""
        key = self._find_key(headers)
        own = {
            source: client
            for source, service in self.services.items()
            if (client := service.create_caller_client(headers)) is not None
        }
        if self.settings.api_keys and key is None and not own:
            raise CallerUnauthenticated("An API key is needed: Authorization: Bearer KEY.")
        names = _get_quota_names(key, own)
        return Caller(names[0], self._build_viewer(key, own), self.quotas.create_charge(*names))

    def check_scope(self, headers: Mapping[str, str], scope: str) -> bool | None:
        """Whether the caller has a key of this scope, if there are any; None for nobody known."""
        key = self._find_key(headers)
        if not self.settings.api_keys:
            return True
        return None if key is None else scope in key.scopes

    def _build_viewer(self, key: ApiKey | None, own: Mapping[Source, Client]) -> Viewer:
        read_error = self._get_read_error(key)
        operators = {
            source: client
            for source, service in self.services.items()
            if source not in own and (client := service.get_operator_client()) is not None
        }
        can_write = self._can_write(key)
        # A key that may write and not read has the clients all the same: refusals bar the reading.
        clients = {**(operators if can_write or not read_error else {}), **own}
        account_clients = own or clients
        return Viewer(
            clients=clients,
            accounts=tuple(
                AccountRef(source, account_clients[source].own_handle)
                for source in Source
                if source in account_clients and account_clients[source].own_handle
            ),
            source_errors=dict.fromkeys(operators, read_error) if read_error else {},
            can_write=dict.fromkeys(account_clients, bool(own) or can_write),
            access_error=read_error if read_error and not own else None,
        )

    def _get_read_error(self, key: ApiKey | None) -> ProviderError | None:
        if not self.settings.api_keys or (key is not None and READ in key.scopes):
            return None
        if key is None:
            return CallerUnauthenticated("An API key is needed for this source.")
        return Forbidden("The API key has no scope `read`.")

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
        for key in self.settings.api_keys:  # all of them, so that time tells nothing
            if hmac.compare_digest(_hash(key.key), digest):
                found = key
        if scheme.lower() != "bearer" or found is None:
            raise CallerUnauthenticated("The API key is not one of this server's.")
        return found


def _get_quota_names(key: ApiKey | None, own: Mapping[Source, Client]) -> list[str]:
    if key is not None:
        return [key.name]
    return [f"own:{client.scope[:12]}" for client in own.values()] or [ANONYMOUS]


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode(errors="surrogateescape")).digest()
