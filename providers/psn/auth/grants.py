"""OAuth grants for PSN: by an NPSSO, by an authorization code, or by a refresh token."""

import base64
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

from msgspec.structs import replace

from providers.kit.upstream.decode import build_unreadable_error
from providers.kit.upstream.upstream_client import UpstreamResponse
from providers.psn.auth.models import SessionCookieResponse, TokenResponse
from providers.psn.auth.sign_in_pauses import Requester
from providers.psn.auth.token_endpoint import (
    AuthorizationServer,
    SignInRejected,
    check_accepted,
    parse_rejection,
)
from providers.psn.auth.token_store import Tokens
from providers.psn.urls import SOURCE

OAUTH_SCOPE = "psn:mobile.v2.core psn:clientapp"
REDIRECT_URI = "com.scee.psxandroid.scecompcall://redirect"
OAUTH_PATH = "/api/authz/v3/oauth"
HEADER_SAFE = re.compile(r"[\x21-\x7e]{1,8000}")
MAX_LIFETIME_SECONDS = 10 * 365 * 86_400.0


@dataclass(frozen=True)
class Grants:
    """The grants of the authorization server for one OAuth client."""

    server: AuthorizationServer
    client_id: str = field(repr=False)
    client_secret: str = field(repr=False)
    clock: Callable[[], float] = field(default=time.time, repr=False)
    is_caller: bool = False

    async def exchange_npsso(self, npsso: str) -> Tokens:
        """Exchange an NPSSO for tokens in one request; not supported for every client id."""
        form = {"grant_type": "sso_token", "npsso": npsso}
        return await self._request_tokens(form, self._new_requester)

    async def refresh(self, old_tokens: Tokens) -> Tokens:
        """Exchange the refresh token for new tokens; keep it unless the response has a new one."""
        form = {"grant_type": "refresh_token", "refresh_token": old_tokens.refresh or ""}
        requester = Requester.SIGNED_IN_CALLER if self.is_caller else Requester.OPERATOR
        new_tokens = await self._request_tokens(form, requester)
        return replace(
            new_tokens,
            refresh=new_tokens.refresh or old_tokens.refresh,
            refresh_expires_at=new_tokens.refresh_expires_at or old_tokens.refresh_expires_at,
        )

    async def exchange_authorization_code(self, npsso: str) -> Tokens:
        """Exchange an NPSSO for an authorization code, and the code for tokens."""
        query = {
            "access_type": "offline",
            "client_id": self.client_id,
            "redirect_uri": REDIRECT_URI,
            "response_type": "code",
            "scope": OAUTH_SCOPE,
        }
        cookie = {"Cookie": f"npsso={npsso}"}
        reply = await self.server.request_once(
            "GET",
            f"{OAUTH_PATH}/authorize",
            params=query,
            headers=cookie,
            requester=self._new_requester,
        )
        form = {
            "grant_type": "authorization_code",
            "code": _parse_authorization_code(reply),
            "redirect_uri": REDIRECT_URI,
        }
        return await self._request_tokens(form, self._new_requester)

    async def fetch_session_npsso(self) -> str | None:
        """Return the NPSSO of a signed-in session, which a server rarely has."""
        reply = await self.server.request_once("GET", "/api/v1/ssocookie")
        return check_accepted(reply).decode(SessionCookieResponse).npsso

    @property
    def _new_requester(self) -> Requester:
        return Requester.NEW_CALLER if self.is_caller else Requester.OPERATOR

    async def _request_tokens(self, form: dict[str, str], requester: Requester) -> Tokens:
        pair = f"{self.client_id}:{self.client_secret}".encode()
        basic_auth = {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
        body = {**form, "token_format": "jwt", "scope": OAUTH_SCOPE}
        # Taken before the request, so that the tokens never count as valid for too long.
        requested_at = self.clock()
        reply = await self.server.request_once(
            "POST", f"{OAUTH_PATH}/token", headers=basic_auth, form=body, requester=requester
        )
        return _parse_tokens(check_accepted(reply).decode(TokenResponse), requested_at)


def _parse_authorization_code(reply: UpstreamResponse) -> str:
    """Return the `code` of the redirect; raise `SignInRejected` if there is none."""
    query = _parse_query(reply.headers.get("location", ""))
    if query.get("code"):
        return query["code"]
    if reply.is_json and not query:
        raise parse_rejection(reply)
    # A redirect without an error leads to new terms, which a person must accept on the website.
    error = query.get("error", "interaction_required")
    code = query.get("error_code", "")[:9]
    raise SignInRejected(error, int(code) if code.isdecimal() else None)


def _parse_query(location: str) -> dict[str, str]:
    # The redirect URI has an app's own scheme and comes with or without a slash before the query.
    try:
        return dict(parse_qsl(urlsplit(location).query))
    except ValueError:
        return {}


def _parse_tokens(response: TokenResponse, requested_at: float) -> Tokens:
    lifetime = min(response.expires_in, MAX_LIFETIME_SECONDS)
    if lifetime <= 0 or not HEADER_SAFE.fullmatch(response.access):
        raise build_unreadable_error(SOURCE)
    refresh_lifetime = response.refresh_expires_in
    return Tokens(
        access=response.access,
        expires_at=requested_at + lifetime,
        lifetime=lifetime,
        refresh=response.refresh or None,
        refresh_expires_at=None
        if refresh_lifetime is None
        else requested_at + min(refresh_lifetime, MAX_LIFETIME_SECONDS),
    )
