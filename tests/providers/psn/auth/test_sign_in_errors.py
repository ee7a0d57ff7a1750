"""Errors of rejected sign-ins, by the OAuth error and its code."""

import pytest

from providers.errors import CallerUnauthenticated, Unauthenticated
from providers.kit.sandbox import InjectedFault
from providers.psn.auth import sign_in_errors
from providers.psn.auth.token_endpoint import SignInRejected
from providers.psn.sandbox.app import create_sandbox
from tests.providers.psn.auth.sign_in_harness import get_sign_in_error
from tests.providers.psn.harness import JSON, run_with_client


@pytest.mark.parametrize(
    ("error", "code", "advice"),
    [
        ("invalid_grant", 4165, "get a new one"),
        ("invalid_grant", 20, "get a new one"),
        ("login_required", None, "get a new one"),
        ("interaction_required", None, "on its website"),
        ("anything", 4097, "on its website"),
        ("invalid_client", 4151, "client id or its secret"),
        (None, None, "get a new NPSSO"),
        ("unheard_of", 1234, "get a new NPSSO"),
    ],
)
def test_every_rejection_says_what_to_do(error: str | None, code: int | None, advice: str) -> None:
    sandbox = create_sandbox()
    body = {"error": error, "error_code": code}
    sandbox.faults.append(InjectedFault("oauth/token", 401, body, JSON))
    found = run_with_client(get_sign_in_error, sandbox)
    assert type(found) is Unauthenticated
    assert advice in found.message


def test_a_rejected_caller_gets_an_error_of_their_own() -> None:
    rejection = SignInRejected("login_required")
    assert type(sign_in_errors.map_rejection(rejection, is_caller=True)) is CallerUnauthenticated
    assert type(sign_in_errors.map_rejection(rejection, is_caller=False)) is Unauthenticated
