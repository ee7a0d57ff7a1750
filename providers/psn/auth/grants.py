"""The ways to tokens: an NPSSO, an access code, or the refresh token of before."""

import base64
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

from msgspec.structs import replace

from providers.kit.upstream.decode import unreadable
from providers.kit.upstream.upstream_client import Reply
from providers.psn.auth.models import Cookie, TokenAnswer
from providers.psn.auth.token_endpoint import AuthHost, Refusal, accepted, refusal
from providers.psn.auth.token_store import Tokens
from providers.psn.urls import SOURCE

SCOPE = "psn:mobile.v2.core psn:clientapp"
REDIRECT = "com.scee.psxandroid.scecompcall://redirect"
OAUTH = "/api/authz/v3/oauth"
HEADER_SAFE = re.compile(r"[\x21-\x7e]{1,8000}")
LONGEST = 10 * 365 * 86_400.0


@dataclass(frozen=True)
class Grants:
    """What the sign-in host grants to one client id."""

    host: AuthHost
    client_id: str = field(repr=False)
    client_secret: str = field(repr=False)
    clock: Callable[[], float] = field(default=time.time, repr=False)

    async def from_npsso(self, npsso: str) -> Tokens:
        """The direct grant: one request, no redirect."""
        return await self._tokens({"grant_type": "sso_token", "npsso": npsso})

    async def from_refresh(self, old: Tokens) -> Tokens:
        """The next tokens; the refresh token may be a new one, or go unmentioned."""
        form = {"grant_type": "refresh_token", "refresh_token": old.refresh or ""}
        new = await self._tokens(form)
        ends = new.refresh_expires_at or old.refresh_expires_at
        return replace(new, refresh=new.refresh or old.refresh, refresh_expires_at=ends)

    async def by_code(self, npsso: str) -> Tokens:
        """The second strategy: an access code first."""
        query = {
            "access_type": "offline",
            "client_id": self.client_id,
            "redirect_uri": REDIRECT,
            "response_type": "code",
            "scope": SCOPE,
        }
        cookie = {"Cookie": f"npsso={npsso}"}
        reply = await self.host.ask("GET", f"{OAUTH}/authorize", params=query, headers=cookie)
        form = {"grant_type": "authorization_code", "code": _code(reply), "redirect_uri": REDIRECT}
        return await self._tokens(form)

    async def cookie(self) -> str | None:
        """The NPSSO of a browser session, which a server seldom has."""
        reply = await self.host.ask("GET", "/api/v1/ssocookie")
        return accepted(reply).decode(Cookie).npsso

    async def _tokens(self, form: dict[str, str]) -> Tokens:
        pair = f"{self.client_id}:{self.client_secret}".encode()
        basic = {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
        whole = {**form, "token_format": "jwt", "scope": SCOPE}
        asked = self.clock()
        reply = await self.host.ask("POST", f"{OAUTH}/token", headers=basic, form=whole)
        return _tokens(accepted(reply).decode(TokenAnswer), asked)


def _code(reply: Reply) -> str:
    """The access code of a redirect, whatever its scheme and its slashes."""
    query = _query(reply.headers.get("location", ""))
    if query.get("code"):
        return query["code"]
    if reply.is_json and not query:
        raise refusal(reply)
    # Without any error it is new terms, which a person has to accept on the website.
    number = query.get("error_code", "")[:9]
    error = query.get("error", "interaction_required")
    raise Refusal(error, int(number) if number.isdecimal() else None)


def _query(location: str) -> dict[str, str]:
    try:
        return dict(parse_qsl(urlsplit(location).query))
    except ValueError:
        return {}


def _tokens(answer: TokenAnswer, asked: float) -> Tokens:
    lifetime = min(answer.expires_in, LONGEST)
    if lifetime <= 0 or not HEADER_SAFE.fullmatch(answer.access):
        raise unreadable(SOURCE)
    life = answer.refresh_expires_in
    return Tokens(
        access=answer.access,
        expires_at=asked + lifetime,
        lifetime=lifetime,
        refresh=answer.refresh or None,
        refresh_expires_at=None if life is None else asked + min(life, LONGEST),
    )
