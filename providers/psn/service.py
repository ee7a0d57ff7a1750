"""PSN for as long as the server runs: the operator's client and clients of callers."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from providers.errors import CallerUnauthenticated
from providers.kit.rate_limiting.rate_limiter import RateLimiter
from providers.kit.rate_limiting.settings import parse_concurrency, parse_rate
from providers.kit.text import hash_credential, unwrap_pasted
from providers.kit.upstream.upstream_client import SharedServices, UpstreamClient
from providers.psn.api import PsnApi
from providers.psn.auth.caller_sign_ins import CallerSignIns
from providers.psn.auth.grants import Grants
from providers.psn.auth.npsso import NPSSO_HINT, parse_npsso
from providers.psn.auth.sign_in import SignIn
from providers.psn.auth.token_endpoint import AuthorizationServer
from providers.psn.auth.token_source import TokenSource
from providers.psn.auth.token_store import SharedTokens, TokenFile
from providers.psn.cached_api import CachedApi
from providers.psn.client import PsnClient
from providers.psn.messages.remote_images import RemoteImages, parse_allowed_hosts
from providers.psn.operator import OperatorClient
from providers.psn.persisted.registry import OperationRegistry, load_registry
from providers.psn.urls import SOURCE, BaseUrls

CLIENT_ID_HEADER, CLIENT_SECRET_HEADER, NPSSO_HEADER = "x-client-id", "x-client-secret", "x-npsso"
# All callers' sign-ins together; no credential's scope, which is a hash.
SIGN_IN_SCOPE, SIGN_IN_CONCURRENCY = "sign-ins", 30
CREDENTIAL_HEADERS = frozenset({CLIENT_ID_HEADER, CLIENT_SECRET_HEADER, NPSSO_HEADER})


@dataclass(frozen=True)
class Credential:
    """An OAuth client and the NPSSO of the person it acts for."""

    client_id: str = field(repr=False)
    client_secret: str = field(repr=False)
    npsso: str | None = field(repr=False)
    sign_in_id: str = field(default="", repr=False)

    @property
    def scope(self) -> str:
        """Return the credential's name in cache keys, the same for the operator and a caller."""
        # Without an NPSSO it is the operator's stored sign-in, which no caller can present, and
        # which another person may replace.
        person = ("npsso", self.npsso) if self.npsso else ("operator", self.sign_in_id)
        return hash_credential(self.client_id, self.client_secret, *person)


class PsnService:
    """PSN's clients: the operator's, and one for each request of a caller with a credential."""

    def __init__(self, services: SharedServices, settings: Mapping[str, str]) -> None:
        self._services = services
        self._urls = BaseUrls.from_settings(settings)
        self._rate = parse_rate(settings["PSN_RATE"])
        self._concurrency = parse_concurrency(settings["PSN_CONCURRENCY"])
        self._sign_in_rate = parse_rate(settings["PSN_SIGN_IN_RATE"])
        self.registry: OperationRegistry = load_registry(settings["PSN_PERSISTED_QUERIES"])
        self._remote_images = RemoteImages(parse_allowed_hosts(settings["PSN_RESOURCE_HOSTS"]))
        self._authorization_server = AuthorizationServer(
            services.transport, self._urls.auth, instrumentation=services.instrumentation
        )
        self._caller_sign_ins = CallerSignIns()
        self._operator = self._create_operator(settings)

    def get_operator_client(self) -> PsnClient | None:
        """Return the operator's client, or None without `PSN_CLIENT_ID`."""
        operator = self._operator
        return operator.get() if isinstance(operator, OperatorClient) else operator

    def create_caller_client(self, headers: Mapping[str, str]) -> PsnClient | None:
        """Create the client for a caller's own credential; None if the headers contain none.

        Raise `CallerUnauthenticated` for an incomplete or malformed credential.
        """
        if not any(name in headers for name in CREDENTIAL_HEADERS):
            return None
        credential = _parse_credential(headers)
        sign_in = self._caller_sign_ins.get_or_create(
            credential.scope, lambda: self._create_sign_in(credential, is_caller=True)
        )
        return self._create_client(credential, sign_in, is_caller=True)

    def _create_operator(self, settings: Mapping[str, str]) -> PsnClient | OperatorClient | None:
        client_id = settings["PSN_CLIENT_ID"]
        if not client_id:
            return None
        npsso = _parse_npsso_setting(settings["PSN_NPSSO"])
        credential = Credential(client_id, settings["PSN_CLIENT_SECRET"], npsso)
        folder = settings.get("TROPHYCASE_STATE_DIR", "")
        create = partial(self._create_operator_client, credential)
        try:
            if npsso or not folder:
                return create(TokenFile(Path(folder), client_id) if folder else None)
            return OperatorClient(partial(TokenFile, Path(folder), client_id), create)
        except ValueError as error:
            raise ValueError(f"TROPHYCASE_STATE_DIR: {error}") from None

    def _create_operator_client(
        self, configured: Credential, token_file: TokenFile | None
    ) -> PsnClient:
        sign_in_id = token_file.sign_in_id if token_file else None
        credential = replace(configured, sign_in_id=sign_in_id or "")
        sign_in = self._create_sign_in(credential, token_file)
        return self._create_client(credential, sign_in, is_caller=False)

    def _create_client(
        self, credential: Credential, sign_in: SignIn, *, is_caller: bool
    ) -> PsnClient:
        upstream = UpstreamClient(
            self._services,
            SOURCE,
            credential.scope,
            self._rate,
            self._concurrency,
            sign_in,
            is_caller=is_caller,
        )
        cached_api = CachedApi(PsnApi(upstream, self._urls, is_caller), self._services.cache)
        return PsnClient.create(cached_api, sign_in, self.registry, self._remote_images)

    def _create_sign_in(
        self,
        credential: Credential,
        token_file: TokenFile | None = None,
        *,
        is_caller: bool = False,
    ) -> SignIn:
        shared_store, npsso = self._services.shared_store, credential.npsso
        shared_tokens = (
            SharedTokens(shared_store, credential.scope, npsso)
            if npsso and shared_store.backend
            else None
        )
        grants = Grants(
            self._authorization_server,
            credential.client_id,
            credential.client_secret,
            is_caller=is_caller,
        )
        token_source = TokenSource(
            grants,
            npsso,
            token_file,
            shared_tokens,
            get_sign_in_limiter=self._get_sign_in_limiter if is_caller else None,
        )
        return SignIn(
            token_source,
            is_caller=is_caller,
            instrumentation=self._services.instrumentation,
            shared_store=shared_store,
            scope=credential.scope,
            credentials=self._services.credentials,
        )

    def _get_sign_in_limiter(self) -> RateLimiter:
        return self._services.rate_limiters.get(
            SOURCE, SIGN_IN_SCOPE, self._sign_in_rate, SIGN_IN_CONCURRENCY
        )


def _parse_npsso_setting(text: str) -> str | None:
    npsso = parse_npsso(text)
    if text and npsso is None:
        raise ValueError(f"PSN_NPSSO must be {NPSSO_HINT}")
    return npsso


def _parse_credential(headers: Mapping[str, str]) -> Credential:
    values = {name: unwrap_pasted(headers.get(name, "")) for name in CREDENTIAL_HEADERS}
    for name in (CLIENT_ID_HEADER, NPSSO_HEADER):
        if not values[name]:
            message = f"Send the header {name} as well: a PSN credential needs it."
            raise CallerUnauthenticated(message, source=SOURCE)
    npsso = parse_npsso(values[NPSSO_HEADER])
    if npsso is None:
        message = f"The header {NPSSO_HEADER} must be {NPSSO_HINT}."
        raise CallerUnauthenticated(message, source=SOURCE)
    # A public OAuth client has no secret.
    return Credential(values[CLIENT_ID_HEADER], values[CLIENT_SECRET_HEADER], npsso)
