"""One sign-in and one refresh for all who ask at once."""

from collections import Counter
from typing import Any
from urllib.parse import parse_qs

import pytest

from providers.psn.sandbox import world
from tests.asking import Server
from tests.server.credentials.people import NOBODY, OWNER_ON_PSN, SECOND_ON_PSN, Headers

QUERY = """
query ($handle: String!) {
  user(accounts: [{ source: PSN, handle: $handle }]) {
    accounts { ... on PsnAccount { onlineId trophySummary { level } } }
  }
}"""
MANY = 200


def grants(server: Server) -> Counter[str]:
    """How often each kind of grant was asked for."""
    forms = [
        parse_qs(request.content.decode())
        for request in server.psn.log
        if request.url.path.endswith("/oauth/token")
    ]
    return Counter(form["grant_type"][0] for form in forms)


def handles() -> list[str]:
    """Two hundred questions about people, no two alike for as long as there are people."""
    everybody = [world.extra_account_id(number) for number in range(1, 131)]
    return (everybody + [f"extra_{number:03}" for number in range(1, 130)])[:MANY]


def asked(server: Server, headers: Headers) -> list[Any]:
    """The answers to two hundred at once."""
    fresh = {**headers, "Cache-Control": "no-cache"}
    return server.together(QUERY, [({"handle": handle}, fresh) for handle in handles()])


@pytest.mark.parametrize("headers", [NOBODY, SECOND_ON_PSN], ids=["operator", "caller"])
def test_two_hundred_who_meet_an_expired_token_cause_one_refresh(
    server: Server, headers: Headers
) -> None:
    server.ask(QUERY, {"handle": "me"}, headers)
    assert grants(server) == {"sso_token": 1}
    server.psn.expire_access_tokens()
    answers = asked(server, headers)
    assert all(answer.data["user"]["accounts"][0]["onlineId"] for answer in answers)
    assert grants(server) == {"sso_token": 1, "refresh_token": 1}


def test_two_hundred_who_come_before_anybody_sign_in_once(server: Server) -> None:
    assert all(answer.data for answer in asked(server, NOBODY))
    assert grants(server) == {"sso_token": 1}


def test_each_credential_signs_in_once_however_many_ask_and_however_often(server: Server) -> None:
    everybody: list[Headers] = [NOBODY, OWNER_ON_PSN, SECOND_ON_PSN]
    for _ in range(3):
        each = [({"handle": "me"}, headers) for headers in everybody * 10]
        assert all(answer.data for answer in server.together(QUERY, each))
    # Who brings the operator's own credential is the operator, by whom he is answered.
    assert grants(server) == {"sso_token": 2}


def test_a_refresh_that_fails_is_asked_for_once_and_told_to_all(server: Server) -> None:
    server.ask(QUERY, {"handle": "me"})
    server.psn.expire_access_tokens()
    server.fail("/oauth/token", status=503)
    answers = asked(server, NOBODY)
    assert {code for answer in answers for code in answer.error_codes} == {"UPSTREAM_UNAVAILABLE"}
    assert grants(server)["refresh_token"] == 1


def test_a_dead_refresh_token_leads_to_one_new_sign_in(server: Server) -> None:
    server.ask(QUERY, {"handle": "me"})
    server.psn.expire_access_tokens()
    server.psn.expire_refresh_tokens()
    assert all(answer.data for answer in asked(server, NOBODY))
    assert grants(server) == {"sso_token": 2, "refresh_token": 1}
