"""What credentials can do that no source has accepted: little, and nothing to others."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

import pytest

from providers.registry import Source
from providers.trophy_so.sandbox.constants import SECOND_ID
from tests.harness import GraphQLResponse, RunningServer, operator_settings, run_server
from tests.server.caller_headers import (
    SECOND_ON_PSN,
    SECOND_ON_RETRO,
    SECOND_ON_TROPHY_SO,
    Headers,
    make_bearer_headers,
)

API_KEY = "an-api-key-of-a-test"
KEY_HEADERS = make_bearer_headers(API_KEY)
CREDENTIALS: dict[str, Headers] = {
    "PSN": SECOND_ON_PSN,
    "RETRO_ACHIEVEMENTS": SECOND_ON_RETRO,
    "TROPHY_SO": SECOND_ON_TROPHY_SO,
}
SECRET_HEADERS = {
    "PSN": "x-npsso",
    "RETRO_ACHIEVEMENTS": "x-retroachievements-api-key",
    "TROPHY_SO": "x-trophy-so-api-key",
}
OWN_HANDLES = {"PSN": "me", "RETRO_ACHIEVEMENTS": "SecondSam", "TROPHY_SO": SECOND_ID}
HANDLES = {"PSN": "1000000000000000001", "RETRO_ACHIEVEMENTS": "VegaNorth", "TROPHY_SO": "vega"}
USER_QUERY = """
query ($accounts: [AccountInput!]!) {
  user(accounts: $accounts) { accounts { status { state } displayName } }
}"""
TITLE_QUERY = """
{ trophyTitle(source: RETRO_ACHIEVEMENTS, nativeId: "101") {
    name achievements { name }
} }"""
OAUTH_HOST = "ca.account.sony.com"


def start(**settings: str) -> AbstractContextManager[RunningServer]:
    """Start a server with an API key, whose operator has an account on each source."""
    key = {"TROPHYCASE_API_KEYS": f"tester:{API_KEY}:read+write"}
    return run_server(sandbox=False, **operator_settings(*Source), **key, **settings)


def invent(source: str, number: int) -> dict[str, str]:
    """Return complete credentials of which the secret is invented."""
    secret = f"{number:064d}" if source == "PSN" else f"{number:032d}"
    return {**CREDENTIALS[source], SECRET_HEADERS[source]: secret}


def ask(server: RunningServer, source: str, headers: Mapping[str, str]) -> GraphQLResponse:
    handle = OWN_HANDLES[source] if SECRET_HEADERS[source] in headers else HANDLES[source]
    accounts = [{"source": source, "handle": handle}]
    return server.execute(USER_QUERY, {"accounts": accounts}, headers)


def get_state(answer: GraphQLResponse) -> Any:
    return answer.body["data"]["user"]["accounts"][0]["status"]["state"]


def count_calls(server: RunningServer, source: str) -> int:
    """Count the calls to a source, those of sign-ins too."""
    return sum(server.upstreams.sandboxes[Source[source]].calls.values())


def ask_with_invented(server: RunningServer, source: str, count: int) -> Sequence[str]:
    """Ask with invented credentials, twenty at once; return the states of the source."""
    accounts = [{"source": source, "handle": OWN_HANDLES[source]}]
    states: list[str] = []
    for first in range(0, count, 20):
        requests = [
            ({"accounts": accounts}, invent(source, number)) for number in range(first, first + 20)
        ]
        states += map(get_state, server.execute_concurrently(USER_QUERY, requests))
    return states


@pytest.mark.slow
@pytest.mark.parametrize("source", CREDENTIALS)
def test_two_hundred_invented_credentials_cause_thirty_calls_a_minute(source: str) -> None:
    """Holds that invented credentials do not make the source block this server's address.

    Callers who were accepted before and the operator are served meanwhile.
    """
    with start() as server:
        assert get_state(ask(server, source, CREDENTIALS[source])) == "OK"
        before = count_calls(server, source)
        states = ask_with_invented(server, source, 200)
        assert set(states) == {"UNAUTHENTICATED", "RATE_LIMITED"}
        assert 0 < count_calls(server, source) - before <= 60
        assert states.count("UNAUTHENTICATED") <= 30
        no_cache = {"Cache-Control": "no-cache"}
        for headers in (KEY_HEADERS, CREDENTIALS[source]):
            assert get_state(ask(server, source, {**headers, **no_cache})) == "OK"
        server.clock.now += 61
        assert ask_with_invented(server, source, 20).count("UNAUTHENTICATED") == 20


@pytest.mark.slow
@pytest.mark.parametrize("source", CREDENTIALS)
def test_a_429_for_invented_credentials_pauses_nobody_else(source: str) -> None:
    """Holds that neither the operator nor accepted callers wait for what a stranger provoked."""
    path = OAUTH_HOST if source == "PSN" else "."
    with start() as server:
        assert get_state(ask(server, source, CREDENTIALS[source])) == "OK"
        box = server.upstreams.sandboxes[Source[source]]
        server.inject_fault(path, status=429, headers={"Retry-After": "86400"})
        assert get_state(ask(server, source, invent(source, 1))) == "RATE_LIMITED"
        box.faults.clear()
        before = count_calls(server, source)
        assert get_state(ask(server, source, invent(source, 2))) == "RATE_LIMITED"
        assert count_calls(server, source) == before
        for headers in (KEY_HEADERS, CREDENTIALS[source]):
            reload_headers = {**headers, "Cache-Control": "no-cache"}
            assert get_state(ask(server, source, reload_headers)) == "OK"
        server.clock.now += 301
        assert get_state(ask(server, source, invent(source, 3))) == "UNAUTHENTICATED"


def test_public_values_are_served_after_the_source_has_accepted_the_caller() -> None:
    """Holds that what a key has fetched is not told to invented credentials."""
    with start() as server:
        title = server.fetch_data(TITLE_QUERY, headers=KEY_HEADERS)["trophyTitle"]
        answer = server.execute(TITLE_QUERY, headers=invent("RETRO_ACHIEVEMENTS", 1))
        assert answer.error_codes == {"UNAUTHENTICATED"}
        assert answer.body["data"]["trophyTitle"] is None
        before = count_calls(server, "RETRO_ACHIEVEMENTS")
        for _ in range(2):
            assert server.fetch_data(TITLE_QUERY, headers=SECOND_ON_RETRO)["trophyTitle"] == title
            assert count_calls(server, "RETRO_ACHIEVEMENTS") == before + 1
        server.clock.now += 601
        assert server.fetch_data(TITLE_QUERY, headers=SECOND_ON_RETRO)["trophyTitle"] == title
        assert count_calls(server, "RETRO_ACHIEVEMENTS") == before + 2


def test_an_accepted_key_needs_no_existing_name() -> None:
    with start() as server:
        headers = {**SECOND_ON_RETRO, "x-retroachievements-username": "NoSuchMember"}
        assert server.fetch_data(TITLE_QUERY, headers=headers)["trophyTitle"]


@pytest.mark.parametrize("source", CREDENTIALS)
def test_a_rejected_credential_is_believed_for_a_minute(source: str) -> None:
    """Holds that repeating a rejected credential causes no further calls."""
    with start() as server:
        headers = invent(source, 1)
        assert get_state(ask(server, source, headers)) == "UNAUTHENTICATED"
        before = count_calls(server, source)
        server.clock.now += 59
        assert get_state(ask(server, source, headers)) == "UNAUTHENTICATED"
        assert count_calls(server, source) == before


@pytest.mark.parametrize("source", ["RETRO_ACHIEVEMENTS", "TROPHY_SO"])
def test_a_withdrawn_credential_is_told_nothing_that_was_cached(source: str) -> None:
    """Holds that a rejection empties the scope, so that waiting does not bring it back."""
    headers = CREDENTIALS[source]
    with start() as server:
        assert get_state(ask(server, source, headers)) == "OK"
        body = {"message": "Unauthenticated.", "error": "Invalid API key"}
        server.inject_fault(".", status=401, body=body)
        no_cache = {**headers, "Cache-Control": "no-cache"}
        assert get_state(ask(server, source, no_cache)) == "UNAUTHENTICATED"
        before = count_calls(server, source)
        assert get_state(ask(server, source, headers)) == "UNAUTHENTICATED"
        assert count_calls(server, source) == before
        server.clock.now += 61
        assert get_state(ask(server, source, headers)) == "UNAUTHENTICATED"
        assert count_calls(server, source) == before + 1
        server.clear_faults()
        server.clock.now += 61
        assert get_state(ask(server, source, headers)) == "OK"
