"""Sign-in: NPSSO to code, code to tokens, and the refresh that rotates."""

import base64
import binascii
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from http.cookies import SimpleCookie
from urllib.parse import parse_qsl, urlencode

from providers.kit.sandbox import Call, Reply
from providers.psn.sandbox import world
from providers.psn.sandbox.answer import RefusedError, Routes
from providers.psn.sandbox.state import Grant, State

_HOST = "ca.account.sony.com"
_SCOPE = "psn:mobile.v2.core psn:clientapp"
_DOCS = "https://auth.api.sonyentertainmentnetwork.com/docs/"
_SIGN_IN = "https://my.account.sony.com/sonyacct/signin/"
_CLIENTS = {world.CLIENT_ID: world.CLIENT_SECRET, world.PUBLIC_CLIENT_ID: ""}


@dataclass(frozen=True)
class Auth:
    state: State

    def routes(self) -> Routes:
        return [
            ("GET", f"{_HOST}/api/v1/ssocookie", self.cookie),
            ("GET", f"{_HOST}/api/authz/v3/oauth/authorize", self.authorize),
            ("POST", f"{_HOST}/api/authz/v3/oauth/token", self.token),
        ]

    def cookie(self, call: Call) -> Reply:
        npsso = _npsso(call)
        if npsso not in world.NPSSO:
            raise _invalid_login()
        return Reply(200, {"npsso": npsso}, _headers())

    def authorize(self, call: Call) -> Reply:
        if call.query.get("client_id") not in _CLIENTS:
            raise _unknown_client()
        redirect = _required(call.query, "redirect_uri")
        if _required(call.query, "response_type") != "code":
            raise _refused("invalid_request", "Invalid response type", 4098)
        account_id = world.NPSSO.get(_npsso(call) or "")
        if account_id is None:
            return Reply(302, b"", {**_headers(), "Location": _login_required(redirect)})
        code = f"v3.{uuid.uuid4().hex[:6].upper()}{self.state.next_number()}"
        self.state.codes[code] = account_id
        query = urlencode({"code": code, "cid": call.query.get("cid") or str(uuid.uuid4())})
        return Reply(302, b"", {**_headers(), "Location": f"{redirect}/?{query}"})

    def token(self, call: Call) -> Reply:
        _check_client(call)
        form = dict(parse_qsl(call.body.decode()))
        grants = {
            "authorization_code": self._from_code,
            "refresh_token": self._from_refresh,
            "sso_token": self._from_npsso,
        }
        kind = _required(form, "grant_type")
        if kind not in grants:
            raise _refused("unsupported_grant_type", "Unsupported grant type", 4098)
        return self._issue(grants[kind](form), form.get("scope", _SCOPE))

    def _from_code(self, form: Mapping[str, str]) -> Grant:
        _required(form, "redirect_uri")
        account_id = self.state.codes.pop(_required(form, "code"), None)
        if account_id is None:
            raise _invalid_login()
        return self._signed_in(account_id)

    def _from_npsso(self, form: Mapping[str, str]) -> Grant:
        account_id = world.NPSSO.get(_required(form, "npsso"))
        if account_id is None:
            raise _refused("login_required", "User is not authenticated", 4165)
        return self._signed_in(account_id)

    def _from_refresh(self, form: Mapping[str, str]) -> Grant:
        grant = self.state.refresh.pop(_required(form, "refresh_token"), None)
        if grant is None or grant.expires <= self.state.clock():
            raise _refused("invalid_grant", "Invalid refresh token", 4159)
        return grant

    def _signed_in(self, account_id: str) -> Grant:
        return Grant(account_id, self.state.clock() + self.state.settings["refresh_lifetime"])

    def _issue(self, grant: Grant, scope: str) -> Reply:
        """The refresh lifetime counts from the sign-in: a refresh does not prolong it."""
        now, lifetime = self.state.clock(), self.state.settings["token_lifetime"]
        suffix = f"{grant.account_id}.{self.state.next_number()}"
        access, refresh = f"sandbox-access.{suffix}", f"sandbox-refresh.{suffix}"
        self.state.access[access] = Grant(grant.account_id, now + lifetime)
        self.state.refresh[refresh] = grant
        body = {
            "access_token": access,
            "token_type": "bearer",
            "expires_in": lifetime,
            "scope": scope,
            "id_token": f"sandbox-id.{suffix}",
            "refresh_token": refresh,
            "refresh_token_expires_in": round(grant.expires - now),
        }
        return Reply(200, body, _headers())


def _npsso(call: Call) -> str | None:
    cookies: SimpleCookie = SimpleCookie(call.headers.get("cookie", ""))
    return cookies["npsso"].value if "npsso" in cookies else None


def _check_client(call: Call) -> None:
    scheme, _, encoded = call.headers.get("authorization", "").partition(" ")
    try:
        client_id, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise _unknown_client() from None
    if scheme.lower() != "basic" or _CLIENTS.get(client_id) != secret:
        raise _unknown_client()


def _required(values: Mapping[str, str], name: str) -> str:
    value = values.get(name)
    if not value:
        raise _refused("invalid_request", f"Missing required parameter: {name}", 4098)
    return value


def _login_required(redirect: str) -> str:
    query = {
        "redirect_uri": redirect,
        "error": "login_required",
        "error_code": "4165",
        "error_description": "User is not authenticated",
    }
    return f"{_SIGN_IN}?{urlencode(query)}"


def _unknown_client() -> RefusedError:
    return _refused("unauthorized_client", "Client is not authorized", 4151)


def _invalid_login() -> RefusedError:
    return _refused("invalid_grant", "Invalid login", 20, parameters=True)


def _refused(error: str, description: str, code: int, *, parameters: bool = False) -> RefusedError:
    body: dict[str, object] = {
        "error": error,
        "error_description": description,
        "error_code": code,
        "docs": _DOCS,
    }
    if parameters:
        body["parameters"] = []
    return RefusedError(Reply(400, body, _headers()))


def _headers() -> dict[str, str]:
    correlation = str(uuid.uuid4())
    return {
        "Cache-Control": "no-store",
        "X-Psn-Request-Id": str(uuid.uuid4()),
        "X-Psn-Correlation-Id": correlation,
        "X-CorrelationId": correlation,
    }
