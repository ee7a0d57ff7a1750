"""Authentication: API keys with their scopes, and a caller's own credentials.

A request uses either the operator's accounts or those of the caller's own credentials. The two are
never mixed, and invalid credentials are an error, never a reason to use the operator's.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field

from msgspec import Struct
from starlette.requests import HTTPConnection

from providers.capabilities import Client, Service
from providers.errors import CallerUnauthenticated, Forbidden, ProviderError
from providers.kit.rate_limiting.caller_quota import CallerQuotas, Charge
from providers.kit.rate_limiting.rate_limiter import Rate
from providers.registry import CREDENTIAL_HEADERS, Source
from resolvers.context import AccountRef, Viewer
from server.api_keys import PUBLIC, READ, WRITE, ApiKey
from server.key_guesses import KeyGuesses
from server.request_error import RequestRejected
from server.settings import Settings

ANONYMOUS = "anonymous"
# All callers whose credentials no source has accepted yet share one quota: each can be made up.
UNVERIFIED = "own:unverified"
# As whom public documents are read: without the right to write.
READER = ApiKey("public:documents", "", frozenset({READ}))
# The beginning of the name of a public profile's visitors.
VISITOR = "public:profile"
OFF, WITH_KEY = "off", "with-key"


Clients = Mapping[Source, Client]


class Caller(Struct, frozen=True):
    """The sender of a request: the name in the log and the quotas, and what they may see."""

    name: str
    viewer: Viewer
    charge: Charge | None = None
    is_stranger: bool = False  # has no API key, and no source has accepted their credential yet
    may_introspect: bool = True
    reads_public_documents: bool = False  # sees what everyone does who requests the same one


@dataclass(frozen=True)
class Authenticator:
    """Identifies callers by their API key and their own credentials."""

    services: Mapping[Source, Service]
    settings: Settings
    quotas: CallerQuotas = field(default_factory=lambda: CallerQuotas(Rate(None)))
    guesses: KeyGuesses = field(default_factory=KeyGuesses)
    _operator_viewers: dict[ApiKey | None, tuple[Clients, Viewer]] = field(
        default_factory=dict[ApiKey | None, tuple[Clients, Viewer]]
    )

    def authenticate(self, headers: Mapping[str, str], address: str = "") -> Caller:
        """Return the caller of a request from a client's address.

        Raise `CallerUnauthenticated` for a missing or unknown key, and for invalid credentials.
        """
        key = self._find_key(headers, address)
        caller_clients = self._create_caller_clients(headers)
        if caller_clients:
            self._check_own_credentials(key)
        elif self.settings.api_keys and key is None:
            raise CallerUnauthenticated("An API key is required: Authorization: Bearer KEY.")
        is_stranger = (
            key is None
            and bool(caller_clients)
            and not any(client.is_accepted for client in caller_clients.values())
        )
        names = self._get_quota_names(key, caller_clients)
        return Caller(
            names[0],
            self._get_viewer(key, caller_clients),
            self.quotas.create_charge(*names),
            is_stranger,
            self._may_introspect(key, is_stranger=is_stranger),
        )

    def authenticate_reader(self, headers: Mapping[str, str], address: str = "") -> Caller:
        """Return the caller of a public document, which needs no key.

        One who sends a key or credentials gets what these permit, or their error.
        """
        if "authorization" in headers or not CREDENTIAL_HEADERS.isdisjoint(headers.keys()):
            return self.authenticate(headers, address)
        return Caller(
            READER.name,
            self._get_viewer(READER, {}),
            self.quotas.create_charge(READER.name),
            reads_public_documents=True,
        )

    def authenticate_visitor(self, profile: str) -> Caller:
        """Return the caller of a public profile's pages, whatever the request's headers are.

        They have the rights of a key with scope `public`, and see the profile's own accounts, for
        which the operation has to be one of this server's. Nothing is written.
        """
        name = f"{VISITOR}:{profile}"
        return Caller(
            name,
            Viewer(clients=self._get_operator_clients({}), is_public=True, is_profile=True),
            self.quotas.create_charge(name),
            is_stranger=True,
            may_introspect=False,
            reads_public_documents=True,
        )

    def check_scope(self, headers: Mapping[str, str], scope: str, address: str = "") -> bool | None:
        """Return whether the caller's key has this scope; None for a caller without a key.

        Without API keys in the settings every caller has every scope.
        """
        key = self._find_key(headers, address)
        if not self.settings.api_keys:
            return True
        return None if key is None else key.grants(scope)

    def _create_caller_clients(self, headers: Mapping[str, str]) -> Clients:
        if CREDENTIAL_HEADERS.isdisjoint(headers.keys()):
            return {}
        return {
            source: client
            for source, service in self.services.items()
            if (client := service.create_caller_client(headers)) is not None
        }

    def _get_viewer(self, key: ApiKey | None, caller_clients: Clients) -> Viewer:
        """Return the viewer; the same one for each request with a key and nothing of its own."""
        operator_clients = self._get_operator_clients(caller_clients)
        if caller_clients:
            return self._build_viewer(key, operator_clients, caller_clients)
        clients, viewer = self._operator_viewers.get(key, (None, None))
        if viewer is None or clients != operator_clients:
            viewer = self._build_viewer(key, operator_clients, caller_clients)
            # An error that is raised again and again keeps the frames of all who raised it.
            if not (viewer.source_errors or viewer.access_error):
                self._operator_viewers[key] = operator_clients, viewer
        return viewer

    def _get_operator_clients(self, caller_clients: Clients) -> Clients:
        """Return the operator's clients of the sources for which the caller has none."""
        return {
            source: client
            for source, service in self.services.items()
            if source not in caller_clients
            and (client := service.get_operator_client()) is not None
        }

    def _build_viewer(
        self, key: ApiKey | None, operator_clients: Clients, caller_clients: Clients
    ) -> Viewer:
        read_error = self._get_read_error(key)
        can_write = self._can_write(key)
        # A key for writing alone needs the clients as well; `source_errors` prevents reading.
        has_operator_clients = can_write or not read_error
        clients = {**(operator_clients if has_operator_clients else {}), **caller_clients}
        is_public = key is not None and READ not in key.scopes and key.grants(PUBLIC)
        account_clients = caller_clients or ({} if is_public and not can_write else clients)
        return Viewer(
            clients=clients,
            accounts=tuple(
                AccountRef(source, account_clients[source].own_handle)
                for source in Source
                if source in account_clients and account_clients[source].own_handle
            ),
            source_errors=dict.fromkeys(operator_clients, read_error) if read_error else {},
            can_write=dict.fromkeys(account_clients, bool(caller_clients) or can_write),
            access_error=None if caller_clients else read_error or self._get_viewer_error(key),
            is_public=is_public,
        )

    def _get_read_error(self, key: ApiKey | None) -> ProviderError | None:
        if not self.settings.api_keys or (key is not None and _can_read(key)):
            return None
        if key is None:
            return CallerUnauthenticated("An API key is required for this source.")
        return Forbidden("An API key with scope `read` is required.")

    def _get_viewer_error(self, key: ApiKey | None) -> ProviderError | None:
        if key is None or READ in key.scopes:
            return None
        return Forbidden("The operator's accounts require an API key with scope `read`.")

    def _can_write(self, key: ApiKey | None) -> bool:
        if not self.settings.api_keys:
            return self.settings.sandbox
        return key is not None and WRITE in key.scopes

    def _check_own_credentials(self, key: ApiKey | None) -> None:
        mode = self.settings.own_credentials
        if mode == OFF or (mode == WITH_KEY and key is None):
            raise CallerUnauthenticated("Credentials of your own are not accepted here.")

    def _may_introspect(self, key: ApiKey | None, *, is_stranger: bool) -> bool:
        if not self.settings.api_keys or key is not None:
            return True
        return self.settings.introspection and not is_stranger

    def _get_quota_names(
        self, key: ApiKey | None, caller_clients: Mapping[Source, Client]
    ) -> list[str]:
        if key is not None:
            return [key.name]
        if not caller_clients:
            return [ANONYMOUS]
        names = [_get_quota_name(client) for client in caller_clients.values()]
        # Without API keys the operator's accounts also answer, so everybody shares one quota.
        return [*dict.fromkeys(names), *([] if self.settings.api_keys else [ANONYMOUS])]

    def _find_key(self, headers: Mapping[str, str], address: str) -> ApiKey | None:
        header = headers.get("authorization") if self.settings.api_keys else None
        if header is None:
            return None
        scheme, _, text = header.partition(" ")
        digest = _hash(text.strip())
        found = None
        for key in self.settings.api_keys:  # all of them, so that the duration reveals nothing
            if hmac.compare_digest(_hash(key.key), digest):
                found = key
        if scheme.lower() != "bearer" or found is None:
            if self.guesses.record(address):
                raise make_too_many_guesses()
            raise CallerUnauthenticated("Invalid API key; send Authorization: Bearer KEY.")
        return found


def _can_read(key: ApiKey) -> bool:
    # With `write`, the operator's clients are there, so that reading needs the scope for them.
    return READ in key.scopes or (key.grants(PUBLIC) and WRITE not in key.scopes)


def get_client_address(request: HTTPConnection) -> str:
    """Return the address of a request's client, as trusted proxies forward it."""
    client = request.scope.get("client")
    return client[0] if client else ""


def make_too_many_guesses() -> RequestRejected:
    """Make the rejection of an address that has sent too many wrong keys."""
    message = "Too many wrong API keys; try again in a minute."
    rejection = RequestRejected(429, message, CallerUnauthenticated.code)
    rejection.headers["Retry-After"] = "60"
    return rejection


def _get_quota_name(client: Client) -> str:
    return f"own:{client.scope[:12]}" if client.is_accepted else UNVERIFIED


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode(errors="surrogateescape")).digest()
