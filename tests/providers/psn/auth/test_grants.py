"""OAuth grants: by an NPSSO, by an authorization code, and invalid responses to both."""

import pytest

from providers.errors import ProviderError, Unauthenticated, Unavailable
from providers.kit.request_context import get_current
from providers.kit.sandbox import InjectedFault
from providers.psn.client import PsnClient
from providers.psn.sandbox.app import create_sandbox
from providers.psn.sandbox.constants import OWNER_ACCOUNT_ID
from tests.providers.psn.auth.sign_in_harness import get_sign_in_error, load_own_id
from tests.providers.psn.harness import AUTHORIZE, DMS, JSON, TOKEN, run_with_client

HTML = {"content-type": "text/html"}


def make_direct_grant_fault() -> InjectedFault:
    body = {"error": "unsupported_grant_type", "error_code": 4098}
    return InjectedFault("oauth/token", 400, body, JSON, times=1)


def test_the_direct_grant_is_one_request_that_does_not_count_as_an_upstream_call() -> None:
    sandbox = create_sandbox()

    async def scenario(client: PsnClient) -> tuple[str, dict[str, int]]:
        return await client.get_account_id("me"), dict(get_current().calls)

    account_id, counted = run_with_client(scenario, sandbox)
    assert account_id == OWNER_ACCOUNT_ID
    assert sandbox.calls == {TOKEN: 1, DMS: 1}
    assert counted == {"PSN": 1}


def test_an_authorization_code_is_used_if_the_direct_grant_is_not_supported() -> None:
    sandbox = create_sandbox()
    sandbox.faults.append(make_direct_grant_fault())
    assert run_with_client(load_own_id, sandbox) == OWNER_ACCOUNT_ID
    assert sandbox.calls == {TOKEN: 2, AUTHORIZE: 1, DMS: 1}


@pytest.mark.parametrize("slash", ["", "/", "/deeper/"])
def test_the_code_is_found_with_and_without_a_slash_before_the_query(slash: str) -> None:
    sandbox = create_sandbox()
    sandbox.state.authorization_codes["v3.SAMPLE"] = OWNER_ACCOUNT_ID
    location = f"com.scee.psxandroid.scecompcall://redirect{slash}?cid=1&code=v3.SAMPLE"
    redirect = InjectedFault("authorize", 302, b"", {"location": location})
    sandbox.faults += [make_direct_grant_fault(), redirect]
    assert run_with_client(load_own_id, sandbox) == OWNER_ACCOUNT_ID


@pytest.mark.parametrize(
    ("status", "headers", "kind"),
    [
        (302, {"location": "https://my.account.sony.com/sonyacct/terms/?step=1"}, Unauthenticated),
        (200, HTML, Unauthenticated),
        (302, {"location": "https://x/?error=login_required&error_code=4165"}, Unauthenticated),
        (302, {"location": "https://[broken/?code=1"}, Unauthenticated),
        (403, HTML, Unavailable),
        (503, HTML, Unavailable),
    ],
)
def test_a_redirect_without_a_code_is_an_error(
    status: int, headers: dict[str, str], kind: type[ProviderError]
) -> None:
    sandbox = create_sandbox()
    redirect = InjectedFault("authorize", status, b"<html>", headers)
    sandbox.faults += [make_direct_grant_fault(), redirect]

    async def scenario(client: PsnClient) -> tuple[ProviderError, ProviderError | None]:
        return await get_sign_in_error(client), client.get_health().error

    error, reported = run_with_client(scenario, sandbox)
    assert type(error) is kind
    assert type(reported) is kind


@pytest.mark.parametrize(
    "body", [{}, [], 7, "<html>", {"access_token": "a b", "expires_in": 1}, {"expires_in": 5}]
)
def test_an_invalid_token_response_is_an_error(body: object) -> None:
    sandbox = create_sandbox()
    sandbox.faults.append(InjectedFault("oauth/token", 200, body))
    assert run_with_client(get_sign_in_error, sandbox).code == "UPSTREAM_BAD_RESPONSE"
