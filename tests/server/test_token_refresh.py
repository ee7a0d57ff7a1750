"""Concurrent requests share one sign-in and one refresh."""

from collections import Counter
from typing import Any
from urllib.parse import parse_qs

import pytest

from providers.psn.sandbox import constants
from tests.harness import RunningServer
from tests.server.caller_headers import (
    NO_CREDENTIALS,
    OWNER_ON_PSN,
    SECOND_ON_PSN,
    Headers,
)

pytestmark = pytest.mark.slow

QUERY = """
query ($handle: String!) {
  user(accounts: [{ source: PSN, handle: $handle }]) {
    accounts { ... on PsnAccount { onlineId trophySummary { level } } }
  }
}"""
REQUEST_COUNT = 200


def count_grants(server: RunningServer) -> Counter[str]:
    """Return the number of requests for each type of grant."""
    forms = [
        parse_qs(request.content.decode())
        for request in server.psn.log
        if request.url.path.endswith("/oauth/token")
    ]
    return Counter(form["grant_type"][0] for form in forms)


def list_handles() -> list[str]:
    """Return two hundred different handles."""
    account_ids = [constants.get_extra_account_id(number) for number in range(1, 131)]
    return (account_ids + [f"extra_{number:03}" for number in range(1, 130)])[:REQUEST_COUNT]


def send_all(server: RunningServer, headers: Headers) -> list[Any]:
    """Send two hundred concurrent requests, and return the responses."""
    fresh = {**headers, "Cache-Control": "no-cache"}
    return server.execute_concurrently(
        QUERY, [({"handle": handle}, fresh) for handle in list_handles()]
    )


@pytest.mark.parametrize("headers", [NO_CREDENTIALS, SECOND_ON_PSN], ids=["operator", "caller"])
def test_two_hundred_requests_with_an_expired_token_cause_one_refresh(
    server: RunningServer, headers: Headers
) -> None:
    server.execute(QUERY, {"handle": "me"}, headers)
    assert count_grants(server) == {"sso_token": 1}
    server.psn.expire_access_tokens()
    answers = send_all(server, headers)
    assert all(answer.data["user"]["accounts"][0]["onlineId"] for answer in answers)
    assert count_grants(server) == {"sso_token": 1, "refresh_token": 1}


def test_two_hundred_first_requests_sign_in_once(server: RunningServer) -> None:
    assert all(answer.data for answer in send_all(server, NO_CREDENTIALS))
    assert count_grants(server) == {"sso_token": 1}


def test_each_credential_signs_in_once_under_repeated_concurrent_requests(
    server: RunningServer,
) -> None:
    credentials: list[Headers] = [NO_CREDENTIALS, OWNER_ON_PSN, SECOND_ON_PSN]
    for _ in range(3):
        requests = [({"handle": "me"}, headers) for headers in credentials * 10]
        assert all(answer.data for answer in server.execute_concurrently(QUERY, requests))
    # A caller with the operator's own credential shares the operator's sign-in.
    assert count_grants(server) == {"sso_token": 2}


def test_a_failing_refresh_is_sent_once_and_fails_every_waiting_request(
    server: RunningServer,
) -> None:
    server.execute(QUERY, {"handle": "me"})
    server.psn.expire_access_tokens()
    server.inject_fault("/oauth/token", status=503)
    answers = send_all(server, NO_CREDENTIALS)
    assert {code for answer in answers for code in answer.error_codes} == {"UPSTREAM_UNAVAILABLE"}
    assert count_grants(server)["refresh_token"] == 1


def test_an_expired_refresh_token_leads_to_one_new_sign_in(server: RunningServer) -> None:
    server.execute(QUERY, {"handle": "me"})
    server.psn.expire_access_tokens()
    server.psn.expire_refresh_tokens()
    assert all(answer.data for answer in send_all(server, NO_CREDENTIALS))
    assert count_grants(server) == {"sso_token": 2, "refresh_token": 1}
