"""PSN as long as the server lives: the operator's sign-in, and those of the last callers."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from providers.errors import CallerUnauthenticated
from providers.kit.rate_limiting.settings import concurrency, rate
from providers.kit.text import fingerprint
from providers.kit.upstream.upstream_client import Kit, Upstream
from providers.psn.api import Connection
from providers.psn.auth.grants import Grants
from providers.psn.auth.sign_in import SignIn
from providers.psn.auth.token_endpoint import AuthHost
from providers.psn.auth.token_source import Strategies
from providers.psn.auth.token_store import CommonTokens, TokenFile, configured_mark
from providers.psn.client import PsnClient
from providers.psn.identifiers import NPSSO
from providers.psn.messages.remote_images import RemotePictures, listed
from providers.psn.persisted.operations import Registry, load
from providers.psn.urls import SOURCE, Hosts

MOST_CALLERS, NEWCOMERS = 1000, 100
CLIENT_ID, CLIENT_SECRET, NPSSO_HEADER = "x-client-id", "x-client-secret", "x-npsso"
HEADERS = frozenset({CLIENT_ID, CLIENT_SECRET, NPSSO_HEADER})


@dataclass(frozen=True)
class Credential:
    """A client and the NPSSO of the person it acts for."""

    client_id: str = field(repr=False)
    client_secret: str = field(repr=False)
    npsso: str | None = field(repr=False)

    @property
    def scope(self) -> str:
        """Its name in cache keys, whoever brought it."""
        # Without an NPSSO it is whoever signed in on this server: no caller can be that.
        person = ("npsso", self.npsso) if self.npsso else ("operator",)
        return fingerprint(self.client_id, self.client_secret, *person)


class PsnService:
    """Clients by credential; a process keeps some of the callers' sign-ins."""

    def __init__(self, kit: Kit, settings: Mapping[str, str]) -> None:
        self._kit = kit
        self._hosts = Hosts.of(settings)
        self._rate = rate(settings, "PSN_RATE")
        self._concurrency = concurrency(settings, "PSN_CONCURRENCY")
        self.registry: Registry = load(settings["PSN_PERSISTED_QUERIES"])
        self._pictures = RemotePictures(listed(settings["PSN_RESOURCE_HOSTS"]))
        self._auth_host = AuthHost(kit.http, self._hosts.auth)
        self._callers: OrderedDict[str, SignIn] = OrderedDict()
        self._operator = self._configured(settings)

    def operator(self) -> PsnClient | None:
        """The client of the server's own account."""
        return self._operator

    def caller(self, headers: Mapping[str, str]) -> PsnClient | None:
        """The client of a caller's own account."""
        if not any(name in headers for name in HEADERS):
            return None
        for name in (CLIENT_ID, NPSSO_HEADER):
            if not headers.get(name):
                raise CallerUnauthenticated(f"The header {name} is missing.", source=SOURCE)
        npsso = headers[NPSSO_HEADER]
        if NPSSO.fullmatch(npsso) is None:
            message = f"The header {NPSSO_HEADER} is not 64 letters and digits."
            raise CallerUnauthenticated(message, source=SOURCE)
        secret = headers.get(CLIENT_SECRET) or ""  # which a public client has none of
        credential = Credential(headers[CLIENT_ID], secret, npsso)
        return self._client(credential, self._sign_in_of(credential), caller=True)

    def _configured(self, settings: Mapping[str, str]) -> PsnClient | None:
        client_id = settings["PSN_CLIENT_ID"]
        if not client_id:
            return None
        npsso = settings["PSN_NPSSO"] or None
        credential = Credential(client_id, settings["PSN_CLIENT_SECRET"], npsso)
        folder = settings.get("TROPHYCASE_STATE_DIR", "")
        mark = configured_mark(client_id, npsso)
        file = TokenFile(Path(folder), mark) if folder else None
        return self._client(credential, self._sign_in(credential, file), caller=False)

    def _client(self, credential: Credential, sign_in: SignIn, *, caller: bool) -> PsnClient:
        upstream = Upstream(
            self._kit, SOURCE, credential.scope, self._rate, self._concurrency, sign_in
        )
        connection = Connection(self._kit, upstream, self._hosts, caller)
        return PsnClient.on(connection, sign_in, self.registry, self._pictures)

    def _sign_in_of(self, credential: Credential) -> SignIn:
        """One sign-in per credential, as many as there is room for."""
        known = self._callers.get(credential.scope)
        if known is None:
            known = self._callers[credential.scope] = self._sign_in(credential, caller=True)
        self._callers.move_to_end(credential.scope)
        if len(self._callers) > MOST_CALLERS:
            self._make_room()
        return known

    def _make_room(self) -> None:
        """Forget one: of those that nothing has come of, if they are many, else of the others.

        Anyone can invent a credential, and none of them may push out one that is signed in. But a
        part is kept for newcomers: a sign-in that is forgotten at once is gone through each time.
        """
        idle = [scope for scope, sign_in in self._callers.items() if sign_in.idle]
        signed_in = (scope for scope in self._callers if scope not in idle)
        del self._callers[idle[0] if len(idle) > NEWCOMERS else next(signed_in)]

    def _sign_in(
        self, credential: Credential, file: TokenFile | None = None, *, caller: bool = False
    ) -> SignIn:
        shared, npsso = self._kit.shared, credential.npsso
        common = CommonTokens(shared, credential.scope, npsso) if npsso and shared.wire else None
        grants = Grants(self._auth_host, credential.client_id, credential.client_secret)
        return SignIn(
            Strategies(grants, npsso, file, common),
            caller=caller,
            observer=self._kit.observer,
            shared=shared,
            scope=credential.scope,
        )
