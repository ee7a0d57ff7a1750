"""Sign-in: NPSSO to code, code to tokens, and the refresh that rotates."""

import base64
import binascii
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from http.cookies import SimpleCookie
from urllib.parse import parse_qsl, urlencode

from providers.kit.sandbox import SandboxRequest, SandboxResponse
from providers.psn.sandbox import constants
from providers.psn.sandbox.request_handling import ApiError, Routes
from providers.psn.sandbox.state import Grant, SandboxState

_HOST = "ca.account.sony.com"
_SCOPE = "psn:mobile.v2.core psn:clientapp"
_DOCS_URL = "https://auth.api.sonyentertainmentnetwork.com/docs/"
_SIGN_IN_URL = "https://my.account.sony.com/sonyacct/signin/"
_CLIENT_SECRETS = {constants.CLIENT_ID: constants.CLIENT_SECRET, constants.PUBLIC_CLIENT_ID: ""}


@dataclass(frozen=True)
class AuthRoutes:
    state: SandboxState

    def list_routes(self) -> Routes:
        return [
            ("GET", f"{_HOST}/api/v1/ssocookie", self.get_cookie),
            ("GET", f"{_HOST}/api/authz/v3/oauth/authorize", self.authorize),
            ("POST", f"{_HOST}/api/authz/v3/oauth/token", self.issue_token),
        ]

    def get_cookie(self, request: SandboxRequest) -> SandboxResponse:
        npsso = _read_npsso(request)
        if npsso not in constants.ACCOUNT_ID_BY_NPSSO:
            raise _build_invalid_login()
        return SandboxResponse(200, {"npsso": npsso}, _build_headers())

    def authorize(self, request: SandboxRequest) -> SandboxResponse:
        if request.query.get("client_id") not in _CLIENT_SECRETS:
            raise _build_unknown_client()
        redirect = _require(request.query, "redirect_uri")
        if _require(request.query, "response_type") != "code":
            raise _build_error("invalid_request", "Invalid response type", 4098)
        account_id = constants.ACCOUNT_ID_BY_NPSSO.get(_read_npsso(request) or "")
        if account_id is None:
            return SandboxResponse(
                302, b"", {**_build_headers(), "Location": _build_login_required_url(redirect)}
            )
        code = f"v3.{uuid.uuid4().hex[:6].upper()}{self.state.issue_number()}"
        self.state.authorization_codes[code] = account_id
        query = urlencode({"code": code, "cid": request.query.get("cid") or str(uuid.uuid4())})
        return SandboxResponse(302, b"", {**_build_headers(), "Location": f"{redirect}/?{query}"})

    def issue_token(self, request: SandboxRequest) -> SandboxResponse:
        _check_client(request)
        form = dict(parse_qsl(request.body.decode()))
        grants = {
            "authorization_code": self._redeem_code,
            "refresh_token": self._redeem_refresh_token,
            "sso_token": self._redeem_npsso,
        }
        kind = _require(form, "grant_type")
        if kind not in grants:
            raise _build_error("unsupported_grant_type", "Unsupported grant type", 4098)
        return self._issue_tokens(grants[kind](form), form.get("scope", _SCOPE))

    def _redeem_code(self, form: Mapping[str, str]) -> Grant:
        _require(form, "redirect_uri")
        account_id = self.state.authorization_codes.pop(_require(form, "code"), None)
        if account_id is None:
            raise _build_invalid_login()
        return self._create_grant(account_id)

    def _redeem_npsso(self, form: Mapping[str, str]) -> Grant:
        account_id = constants.ACCOUNT_ID_BY_NPSSO.get(_require(form, "npsso"))
        if account_id is None:
            raise _build_error("login_required", "User is not authenticated", 4165)
        return self._create_grant(account_id)

    def _redeem_refresh_token(self, form: Mapping[str, str]) -> Grant:
        grant = self.state.refresh_tokens.pop(_require(form, "refresh_token"), None)
        if grant is None or grant.expires_at <= self.state.clock():
            raise _build_error("invalid_grant", "Invalid refresh token", 4159)
        return grant

    def _create_grant(self, account_id: str) -> Grant:
        return Grant(account_id, self.state.clock() + self.state.settings["refresh_lifetime"])

    def _issue_tokens(self, grant: Grant, scope: str) -> SandboxResponse:
        # The lifetime of a refresh token counts from the sign-in; a refresh does not prolong it.
        now, lifetime = self.state.clock(), self.state.settings["token_lifetime"]
        suffix = f"{grant.account_id}.{self.state.issue_number()}"
        access, refresh = f"sandbox-access.{suffix}", f"sandbox-refresh.{suffix}"
        self.state.access_tokens[access] = Grant(grant.account_id, now + lifetime)
        self.state.refresh_tokens[refresh] = grant
        body = {
            "access_token": access,
            "token_type": "bearer",
            "expires_in": lifetime,
            "scope": scope,
            "id_token": f"sandbox-id.{suffix}",
            "refresh_token": refresh,
            "refresh_token_expires_in": round(grant.expires_at - now),
        }
        return SandboxResponse(200, body, _build_headers())


def _read_npsso(request: SandboxRequest) -> str | None:
    cookies: SimpleCookie = SimpleCookie(request.headers.get("cookie", ""))
    return cookies["npsso"].value if "npsso" in cookies else None


def _check_client(request: SandboxRequest) -> None:
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    try:
        client_id, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise _build_unknown_client() from None
    if scheme.lower() != "basic" or _CLIENT_SECRETS.get(client_id) != secret:
        raise _build_unknown_client()


def _require(values: Mapping[str, str], name: str) -> str:
    value = values.get(name)
    if not value:
        raise _build_error("invalid_request", f"Missing required parameter: {name}", 4098)
    return value


def _build_login_required_url(redirect: str) -> str:
    query = {
        "redirect_uri": redirect,
        "error": "login_required",
        "error_code": "4165",
        "error_description": "User is not authenticated",
    }
    return f"{_SIGN_IN_URL}?{urlencode(query)}"


def _build_unknown_client() -> ApiError:
    return _build_error("unauthorized_client", "Client is not authorized", 4151)


def _build_invalid_login() -> ApiError:
    return _build_error("invalid_grant", "Invalid login", 20, parameters=True)


def _build_error(error: str, description: str, code: int, *, parameters: bool = False) -> ApiError:
    body: dict[str, object] = {
        "error": error,
        "error_description": description,
        "error_code": code,
        "docs": _DOCS_URL,
    }
    if parameters:
        body["parameters"] = []
    return ApiError(SandboxResponse(400, body, _build_headers()))


def _build_headers() -> dict[str, str]:
    correlation = str(uuid.uuid4())
    return {
        "Cache-Control": "no-store",
        "X-Psn-Request-Id": str(uuid.uuid4()),
        "X-Psn-Correlation-Id": correlation,
        "X-CorrelationId": correlation,
    }
