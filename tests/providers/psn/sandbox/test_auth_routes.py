"""Signing in to the sandbox."""

from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from providers.psn.sandbox.app import PsnSandbox
from providers.psn.sandbox.constants import (
    CLIENT_ID,
    CLIENT_SECRET,
    OWNER_ACCOUNT_ID,
    OWNER_NPSSO,
    PUBLIC_CLIENT_ID,
    SECOND_NPSSO,
)
from tests.providers.psn.sandbox.signed_in_caller import (
    TOKEN_URL,
    TROPHY,
    Caller,
    parse_error,
    send_request,
    sign_in,
)

AUTHORIZE_URL = "https://ca.account.sony.com/api/authz/v3/oauth/authorize"
COOKIE_URL = "https://ca.account.sony.com/api/v1/ssocookie"
REDIRECT = "com.scee.psxandroid.scecompcall://redirect"
SUMMARY = f"{TROPHY}/users/me/trophySummary"


def authorize(sandbox: PsnSandbox, npsso: str, **changed: str) -> httpx.Response:
    query = {
        "access_type": "offline",
        "client_id": CLIENT_ID,
        "redirect_uri": REDIRECT,
        "response_type": "code",
        "scope": "psn:mobile.v2.core psn:clientapp",
        **changed,
    }
    headers = {"Cookie": f"npsso={npsso}"}
    return send_request(sandbox, "GET", AUTHORIZE_URL, params=query, headers=headers)


def request_tokens(sandbox: PsnSandbox, secret: str = CLIENT_SECRET, **form: str) -> httpx.Response:
    return send_request(sandbox, "POST", TOKEN_URL, data=form, auth=(CLIENT_ID, secret))


def parse_refusal(response: httpx.Response) -> tuple[int, str, int]:
    error = response.json()
    return response.status_code, error["error"], error["error_code"]


def parse_redirect(response: httpx.Response) -> dict[str, list[str]]:
    assert response.status_code == 302
    return parse_qs(urlsplit(response.headers["location"]).query)


def test_the_fixture_npssos_are_marked_and_64_characters_long() -> None:
    for npsso in (OWNER_NPSSO, SECOND_NPSSO):
        assert len(npsso) == 64
        assert npsso.isalnum()
        assert npsso.startswith("SANDBOX")


def test_an_npsso_becomes_a_code_and_the_code_becomes_tokens(sandbox: PsnSandbox) -> None:
    response = authorize(sandbox, OWNER_NPSSO)
    assert response.headers["location"].startswith(f"{REDIRECT}/?code=v3.")
    assert response.headers["cache-control"] == "no-store"
    assert "x-psn-correlation-id" in response.headers
    code = parse_redirect(response)["code"][0]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT}
    issued = request_tokens(sandbox, **form).json()
    assert issued["token_type"] == "bearer"
    assert issued["expires_in"] == 3599
    assert issued["refresh_token_expires_in"] == 5183999
    assert issued["scope"] == "psn:mobile.v2.core psn:clientapp"
    assert issued["access_token"] == f"sandbox-access.{OWNER_ACCOUNT_ID}.2"


def test_a_code_is_good_once(sandbox: PsnSandbox) -> None:
    code = parse_redirect(authorize(sandbox, OWNER_NPSSO))["code"][0]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT}
    assert request_tokens(sandbox, **form).status_code == 200
    assert parse_refusal(request_tokens(sandbox, **form)) == (400, "invalid_grant", 20)


def test_the_caller_may_send_a_correlation_id(sandbox: PsnSandbox) -> None:
    response = authorize(sandbox, OWNER_NPSSO, cid="00000000-0000-0000-0000-000000000001", ui="pr")
    assert parse_redirect(response)["cid"] == ["00000000-0000-0000-0000-000000000001"]


@pytest.mark.parametrize("npsso", ["a" * 64, OWNER_NPSSO.lower(), "SANDBOX".ljust(64, "0"), ""])
def test_any_other_npsso_is_sent_to_the_sign_in_page(sandbox: PsnSandbox, npsso: str) -> None:
    query = parse_redirect(authorize(sandbox, npsso))
    assert "code" not in query
    assert query["error"] == ["login_required"]
    assert query["error_code"] == ["4165"]
    form = {"grant_type": "sso_token", "npsso": npsso or "x"}
    assert parse_refusal(request_tokens(sandbox, **form)) == (400, "login_required", 4165)


def test_the_direct_grant_needs_one_request(sandbox: PsnSandbox) -> None:
    issued = sign_in(sandbox, OWNER_NPSSO)
    assert issued["refresh_token"] == f"sandbox-refresh.{OWNER_ACCOUNT_ID}.1"
    assert sandbox.calls == {"POST ca.account.sony.com/api/authz/v3/oauth/token": 1}


def test_a_refresh_rotates_and_does_not_prolong(sandbox: PsnSandbox) -> None:
    now = 1_000_000.0
    sandbox.state.clock = lambda: now
    first = sign_in(sandbox, OWNER_NPSSO)
    now += 1000
    form = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    fresh = request_tokens(sandbox, **form).json()
    assert fresh["refresh_token"] != first["refresh_token"]
    assert fresh["refresh_token_expires_in"] == 5182999
    assert parse_refusal(request_tokens(sandbox, **form)) == (400, "invalid_grant", 4159)
    now += 6_000_000
    form["refresh_token"] = fresh["refresh_token"]
    assert parse_refusal(request_tokens(sandbox, **form)) == (400, "invalid_grant", 4159)


@pytest.mark.parametrize(
    ("client", "secret"),
    [(CLIENT_ID, "wrong"), (CLIENT_ID, ""), ("other", CLIENT_SECRET), (PUBLIC_CLIENT_ID, "x")],
)
def test_a_wrong_client_is_refused(sandbox: PsnSandbox, client: str, secret: str) -> None:
    form = {"grant_type": "sso_token", "npsso": OWNER_NPSSO}
    response = send_request(sandbox, "POST", TOKEN_URL, data=form, auth=(client, secret))
    assert parse_refusal(response) == (400, "unauthorized_client", 4151)


def test_client_authentication_is_required(sandbox: PsnSandbox) -> None:
    for headers in ({}, {"Authorization": "Basic ?"}, {"Authorization": "Bearer c2FuZA=="}):
        form = {"grant_type": "sso_token", "npsso": OWNER_NPSSO}
        response = send_request(sandbox, "POST", TOKEN_URL, data=form, headers=headers)
        assert parse_refusal(response) == (400, "unauthorized_client", 4151)
    assert parse_refusal(authorize(sandbox, OWNER_NPSSO, client_id="other"))[2] == 4151


def test_the_public_client_has_no_secret(sandbox: PsnSandbox) -> None:
    form = {"grant_type": "sso_token", "npsso": OWNER_NPSSO}
    response = send_request(sandbox, "POST", TOKEN_URL, data=form, auth=(PUBLIC_CLIENT_ID, ""))
    assert response.status_code == 200


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"grant_type": "password"},
        {"grant_type": "refresh_token"},
        {"grant_type": "sso_token"},
        {"grant_type": "authorization_code", "code": "v3.X"},
    ],
)
def test_a_missing_parameter_is_an_error(sandbox: PsnSandbox, form: dict[str, str]) -> None:
    response = request_tokens(sandbox, **form)
    assert response.status_code == 400
    assert response.json()["error_code"] == 4098
    assert response.json()["docs"].startswith("https://auth.api.")


def test_the_cookie_is_only_for_a_signed_in_browser(sandbox: PsnSandbox) -> None:
    response = send_request(sandbox, "GET", COOKIE_URL)
    assert parse_refusal(response) == (400, "invalid_grant", 20)
    assert response.json()["parameters"] == []
    headers = {"Cookie": f"npsso={OWNER_NPSSO}"}
    assert send_request(sandbox, "GET", COOKIE_URL, headers=headers).json() == {
        "npsso": OWNER_NPSSO
    }


def test_tokens_live_as_long_as_the_settings_say(sandbox: PsnSandbox) -> None:
    sandbox.settings["token_lifetime"] = 5
    now = 1_000_000.0
    sandbox.state.clock = lambda: now
    caller = Caller(sandbox, OWNER_NPSSO)
    assert caller.get(SUMMARY).status_code == 200
    now += 5
    assert parse_error(caller.get(SUMMARY)) == (401, 2241025, "Invalid token")


def test_all_access_tokens_can_be_expired_at_once(sandbox: PsnSandbox, owner: Caller) -> None:
    sandbox.expire_access_tokens()
    assert parse_error(owner.get(SUMMARY)) == (401, 2241025, "Invalid token")
    assert Caller(sandbox, OWNER_NPSSO).get(SUMMARY).status_code == 200
    sandbox.settings["expired_tokens"] = True
    assert Caller(sandbox, OWNER_NPSSO).get(SUMMARY).status_code == 401


def test_all_refresh_tokens_can_be_expired_at_once(sandbox: PsnSandbox) -> None:
    refresh = sign_in(sandbox, OWNER_NPSSO)["refresh_token"]
    sandbox.expire_refresh_tokens()
    response = request_tokens(sandbox, grant_type="refresh_token", refresh_token=refresh)
    assert parse_refusal(response) == (400, "invalid_grant", 4159)
