"""Each failure of an upstream, as the caller of the graph sees it.

How a failure is classified is tested in `tests/providers/kit/upstream/test_upstream_client.py`, and
that a list keeps the data of the other sources in `tests/resolvers/test_status.py`.
"""

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from providers.kit.sandbox import InjectedFault
from providers.registry import Source
from tests.harness import (
    NO_CACHE_HEADERS,
    NO_HEADERS,
    VEGA,
    GraphQLResponse,
    RunningServer,
    operator_settings,
    run_server,
)

ACCOUNTS_QUERY = """
query ($accounts: [AccountInput!]!) {
  user(accounts: $accounts) {
    accounts { source displayName status { state retryAfter fetchedAt } }
  }
}
"""
# Where each source is asked for a person, once.
PROFILE_PATHS = {
    "PSN": r"playstation.*/profiles",
    "RETRO_ACHIEVEMENTS": r"^retroachievements\.org",
    "TROPHY_SO": r"^api\.trophy\.so",
}
RETRO_PATH = PROFILE_PATHS["RETRO_ACHIEVEMENTS"]
DEADLINE = "0.4"
SECRET = "internal upstream words"
VALID_BODY = json.dumps({"name": SECRET}).encode()
GZIPPED_BODY = gzip.compress(VALID_BODY * 50)
GZIP_HEADERS = {"Content-Encoding": "gzip"}

FAILURES: dict[str, tuple[dict[str, Any], int]] = {
    "500": ({"status": 500, "body": SECRET}, 3),
    "502": ({"status": 502, "body": SECRET}, 3),
    "503": ({"status": 503, "body": SECRET}, 3),
    "504": ({"status": 504, "body": SECRET}, 3),
    "reset": ({"reset": True}, 2),
}
UNREADABLE_RESPONSES: dict[str, tuple[dict[str, Any], int]] = {
    "half of it": ({"truncate": True}, 1),
    "no json": ({"status": 200, "body": "{]"}, 1),
    "html": ({"status": 200, "body": f"<p>{SECRET}</p>"}, 1),
    "nothing": ({"status": 200, "body": b""}, 1),
    "not a number": ({"status": 200, "body": b'{"User": NaN}'}, 1),
    "not utf-8": ({"status": 200, "body": b'{"User": "\xff\xfe"}'}, 1),
    "not gzip": ({"status": 200, "body": VALID_BODY, "headers": GZIP_HEADERS}, 1),
    "half of a gzip": ({"status": 200, "body": GZIPPED_BODY[:-20], "headers": GZIP_HEADERS}, 2),
    "a number": ({"status": 200, "body": 7}, 1),
    "a text": ({"status": 200, "body": b'"text"'}, 1),
    "null": ({"status": 200, "body": b"null"}, 1),
}
RATE_LIMIT_RESPONSES: dict[str, tuple[dict[str, str], set[int]]] = {
    "retry-after": ({"Retry-After": "77"}, {76, 77}),
    "too long": ({"Retry-After": "9999999"}, {86_399, 86_400}),
    "no time": ({}, {14, 15}),
}
STALE_FAULTS: dict[str, dict[str, Any]] = {
    "503": {"status": 503},
    "reset": {"reset": True},
    "hang": {"hang": True},
    "429": {"status": 429, "headers": {"Retry-After": "77"}},
    "html": {"status": 200, "body": "<html>"},
}


@pytest.fixture(autouse=True)
def no_retry_pause(monkeypatch: pytest.MonkeyPatch) -> None:  # pyright: ignore[reportUnusedFunction]
    """Retry without the random pause."""

    def no_pause(_least: float, _most: float) -> float:
        return 0

    monkeypatch.setattr("random.uniform", no_pause)


@pytest.fixture
def server_with_short_deadline() -> Iterator[RunningServer]:
    """Serve with a short deadline."""
    with run_server(TROPHYCASE_DEADLINE=DEADLINE) as running:
        yield running


def recover(server: RunningServer) -> None:
    """Remove the faults, once no earlier call is running any more."""
    server.run(server.shared_services.instrumentation.drain(10))
    server.clear_faults()


def ask(server: RunningServer, headers: dict[str, str] | None = None) -> GraphQLResponse:
    return server.execute(ACCOUNTS_QUERY, {"accounts": VEGA}, headers)


def assert_all_served(server: RunningServer) -> None:
    """Assert that every source is served without an error."""
    accounts = ask(server).data["user"]["accounts"]
    assert all(account["displayName"] for account in accounts)
    assert {account["status"]["state"] for account in accounts} == {"OK"}


def assert_only_source_failed(
    answer: GraphQLResponse, broken: str, code: str, state: str
) -> dict[str, Any]:
    """Assert that the broken source's fields are null and the others served; return its error."""
    place = list(PROFILE_PATHS).index(broken)
    assert answer.status == 200
    assert answer.codes == {f"user.accounts.{place}.displayName": code}
    assert answer.error["source"] == broken
    assert SECRET not in str(answer.body)
    for account in answer.partial_data["user"]["accounts"]:
        is_healthy = account["source"] != broken
        assert (account["displayName"] is not None) is is_healthy
        assert account["status"]["state"] == ("OK" if is_healthy else state)
    return answer.error


@pytest.mark.parametrize("fault", FAILURES)
@pytest.mark.parametrize("broken", PROFILE_PATHS)
def test_a_failing_source_is_retried_then_reported_then_served_after_recovery(
    server: RunningServer, broken: str, fault: str
) -> None:
    how, tries = FAILURES[fault]
    server.upstreams.add_fault(InjectedFault(PROFILE_PATHS[broken], **how))

    error = assert_only_source_failed(ask(server), broken, "UPSTREAM_UNAVAILABLE", "UNAVAILABLE")

    assert "retryAfter" not in error
    assert server.count_upstream_calls() == {**dict.fromkeys(PROFILE_PATHS, 1), broken: tries}
    server.clear_faults()
    assert_all_served(server)


def test_an_unreachable_host_is_tried_three_times(tmp_path: Path) -> None:
    nowhere = {"RETROACHIEVEMENTS_URL": "https://nowhere.example"}
    settings = {**operator_settings(*Source), "TROPHYCASE_STATE_DIR": str(tmp_path), **nowhere}
    with run_server(sandbox=False, **settings) as server:
        answer = ask(server)

    assert_only_source_failed(answer, "RETRO_ACHIEVEMENTS", "UPSTREAM_UNAVAILABLE", "UNAVAILABLE")
    assert answer.upstream_calls["RETRO_ACHIEVEMENTS"] == 3


@pytest.mark.parametrize("fault", FAILURES)
def test_a_transient_failure_is_not_visible(server: RunningServer, fault: str) -> None:
    server.upstreams.add_fault(InjectedFault(RETRO_PATH, **FAILURES[fault][0], times=1))

    assert_all_served(server)

    assert server.count_upstream_calls()["RETRO_ACHIEVEMENTS"] == 2


@pytest.mark.slow
@pytest.mark.parametrize("fault", UNREADABLE_RESPONSES)
@pytest.mark.parametrize("broken", PROFILE_PATHS)
def test_an_unreadable_response_is_reported_and_not_cached(
    server: RunningServer, broken: str, fault: str
) -> None:
    how, tries = UNREADABLE_RESPONSES[fault]
    server.upstreams.add_fault(InjectedFault(PROFILE_PATHS[broken], **how))

    assert_only_source_failed(ask(server), broken, "UPSTREAM_BAD_RESPONSE", "UNAVAILABLE")

    assert server.count_upstream_calls()[broken] == tries
    server.clear_faults()
    assert_all_served(server)


@pytest.mark.slow
@pytest.mark.parametrize("broken", PROFILE_PATHS)
def test_a_source_that_hangs_times_out_and_the_next_request_is_served(
    server_with_short_deadline: RunningServer, broken: str
) -> None:
    server_with_short_deadline.upstreams.add_fault(InjectedFault(PROFILE_PATHS[broken], hang=True))

    assert_only_source_failed(
        ask(server_with_short_deadline), broken, "UPSTREAM_TIMEOUT", "UNAVAILABLE"
    )

    assert server_with_short_deadline.count_upstream_calls()[broken] == 1
    recover(server_with_short_deadline)
    assert_all_served(server_with_short_deadline)


@pytest.mark.parametrize("wait", RATE_LIMIT_RESPONSES)
@pytest.mark.parametrize("broken", PROFILE_PATHS)
def test_a_source_that_rate_limits_is_called_once_and_then_paused(
    server: RunningServer, broken: str, wait: str
) -> None:
    headers, seconds = RATE_LIMIT_RESPONSES[wait]
    server.upstreams.add_fault(
        InjectedFault(PROFILE_PATHS[broken], status=429, body=SECRET, headers=headers)
    )

    for _ in range(2):
        error = assert_only_source_failed(
            ask(server), broken, "UPSTREAM_RATE_LIMITED", "RATE_LIMITED"
        )
        assert error["retryAfter"] in seconds
    assert server.count_upstream_calls()[broken] == 1


def test_the_time_of_the_next_call_is_read_from_other_headers(server: RunningServer) -> None:
    headers = {"X-RateLimit-Next-Available": "2999-01-01T00:00:00Z"}
    server.upstreams.add_fault(InjectedFault(RETRO_PATH, status=429, headers=headers))

    error = assert_only_source_failed(
        ask(server), "RETRO_ACHIEVEMENTS", "UPSTREAM_RATE_LIMITED", "RATE_LIMITED"
    )

    assert error["retryAfter"] == 86_400


def test_a_pause_that_ends_before_the_deadline_is_waited_out(server: RunningServer) -> None:
    server.upstreams.add_fault(
        InjectedFault(RETRO_PATH, status=429, headers={"Retry-After": "0"}, times=1)
    )

    assert_all_served(server)

    assert server.count_upstream_calls()["RETRO_ACHIEVEMENTS"] == 2


@pytest.mark.parametrize("broken", PROFILE_PATHS)
def test_after_five_failures_the_circuit_opens_and_recovery_is_noticed(
    server: RunningServer, broken: str
) -> None:
    server.inject_fault(PROFILE_PATHS[broken], status=503)
    for _ in range(5):
        error = assert_only_source_failed(
            ask(server), broken, "UPSTREAM_UNAVAILABLE", "UNAVAILABLE"
        )
        assert "retryAfter" not in error
    server.clear_faults()

    rejected = assert_only_source_failed(ask(server), broken, "UPSTREAM_UNAVAILABLE", "UNAVAILABLE")

    assert rejected["retryAfter"] in range(1, 6)
    assert server.count_upstream_calls()[broken] == 5
    for breaker in server.shared_services.circuit_breakers.values():
        breaker.open_until = 0
    assert_all_served(server)
    assert server.count_upstream_calls()[broken] == 6


def test_concurrent_failures_do_not_keep_the_circuit_open_longer(server: RunningServer) -> None:
    query = "query ($accounts: [AccountInput!]!) { user(accounts: $accounts) { displayName } }"
    many = [{"accounts": [{"source": "TROPHY_SO", "handle": f"user {each}"}]} for each in range(8)]
    server.inject_fault(
        PROFILE_PATHS["TROPHY_SO"], status=503, delay=1
    )  # so that all are under way

    server.execute_concurrently(query, [(variables, NO_HEADERS) for variables in many])

    assert server.count_upstream_calls() == {"TROPHY_SO": 8}
    rejected = server.execute(query, many[0]).error
    assert rejected["code"] == "UPSTREAM_UNAVAILABLE"
    assert rejected["retryAfter"] in range(1, 6)


@pytest.mark.slow
@pytest.mark.parametrize("fault", STALE_FAULTS)
@pytest.mark.parametrize("broken", PROFILE_PATHS)
def test_a_stale_value_is_served_on_failure_and_marked(broken: str, fault: str) -> None:
    with run_server(TROPHYCASE_DEADLINE="1" if fault == "hang" else "10") as server:
        before = ask(server).data["user"]["accounts"]
        server.inject_fault(PROFILE_PATHS[broken], **STALE_FAULTS[fault])

        after = ask(server, NO_CACHE_HEADERS).data["user"]["accounts"]

    for old, new in zip(before, after, strict=True):
        stale = new["source"] == broken
        assert new["displayName"] == old["displayName"]
        assert new["status"]["state"] == ("STALE" if stale else "OK")
        if stale:
            assert datetime.fromisoformat(new["status"]["fetchedAt"]) <= datetime.now(UTC)


def test_an_absence_is_cached_and_opens_no_circuit(server: RunningServer) -> None:
    query = """{
      gone: user(accounts: [{source: RETRO_ACHIEVEMENTS, handle: "NobodyHere"}]) {
        accounts { displayName status { state } }
      }
      hidden: user(accounts: [{source: PSN, handle: "quiet_stranger"}]) {
        trophyTitles { edges { cursor } sources { state } }
      }
    }"""
    for _ in range(7):
        data = server.fetch_data(query)
        assert data["gone"]["accounts"] == [{"displayName": None, "status": {"state": "NOT_FOUND"}}]
        assert data["hidden"]["trophyTitles"] == {"edges": [], "sources": [{"state": "PRIVATE"}]}

    assert server.count_upstream_calls()["RETRO_ACHIEVEMENTS"] == 1
    assert sum(count for name, count in server.psn.calls.items() if "trophyTitles" in name) == 1
    assert_all_served(server)


def test_an_expired_token_is_renewed_without_an_error(server: RunningServer) -> None:
    assert_all_served(server)
    server.psn.expire_access_tokens()

    accounts = ask(server, NO_CACHE_HEADERS).data["user"]["accounts"]

    assert {account["status"]["state"] for account in accounts} == {"OK"}
    assert (
        server.count_upstream_calls()["PSN"] == 3
    )  # one was refused, and repeated with a new token


def test_a_failed_operator_sign_in_is_reported_and_other_sources_are_served(tmp_path: Path) -> None:
    settings = {
        **operator_settings(*Source),
        "TROPHYCASE_STATE_DIR": str(tmp_path),
        "PSN_NPSSO": "N" * 64,
    }
    with run_server(sandbox=False, **settings) as server:
        answer = ask(server)
        ready = server.request("GET", "/readyz").json()

    assert_only_source_failed(answer, "PSN", "UPSTREAM_UNAUTHENTICATED", "UNAUTHENTICATED")
    assert ready["sources"]["PSN"] == "degraded"


def test_a_failed_caller_sign_in_affects_that_caller_alone(server: RunningServer) -> None:
    headers = {"x-client-id": "c", "x-client-secret": "s", "x-npsso": "N" * 64}

    answer = ask(server, headers)

    assert_only_source_failed(answer, "PSN", "UNAUTHENTICATED", "UNAUTHENTICATED")
    assert_all_served(server)


@pytest.mark.parametrize(
    ("message", "code", "calls"),
    [
        ("User is not enrolled inside the program!", "NOT_ENROLLED", 1),
        (SECRET, "UPSTREAM_BAD_RESPONSE", 2),
    ],
)
def test_an_error_inside_a_response_is_reported_by_its_code(
    server: RunningServer, message: str, code: str, calls: int
) -> None:
    query = """
        query ($accounts: [AccountInput!]!) {
          user(accounts: $accounts) { campaigns { name } accounts { displayName } }
        }
    """
    root = "campaignGroupRetrieve"
    body = {"data": {root: None}, "errors": [{"message": message, "path": [root]}]}
    server.inject_fault("graphql/v1/op", status=200, body=body)

    for _ in range(2):  # an absence is believed for a while, a failure is not
        answer = server.execute(query, {"accounts": VEGA})
        assert answer.codes == {"user.campaigns": code}
        assert answer.error["source"] == "PSN"
        assert answer.partial_data["user"]["campaigns"] is None
        assert all(account["displayName"] for account in answer.partial_data["user"]["accounts"])
        assert message not in str(answer.body)
    graphql_calls = sum(count for name, count in server.psn.calls.items() if "graphql" in name)
    assert graphql_calls == calls


@pytest.mark.slow
def test_excess_concurrent_requests_get_retry_after_and_the_others_are_served() -> None:
    with run_server(TROPHYCASE_DEADLINE="3") as server:
        server.inject_fault(RETRO_PATH, hang=True)

        answers = server.execute_concurrently(
            ACCOUNTS_QUERY, [({"accounts": VEGA}, NO_HEADERS)] * 203
        )

        rejected = [answer for answer in answers if answer.status == 503]
        assert 1 <= len(rejected) <= 3
        for answer in rejected:
            assert answer.error_codes == {"OVERLOADED"}
            assert answer.headers["retry-after"] == "1"
        assert {answer.status for answer in answers} == {200, 503}
        recover(server)
        assert_all_served(server)


@pytest.mark.slow
def test_a_body_that_is_too_large_causes_no_calls(server: RunningServer) -> None:
    body = json.dumps(
        {"query": ACCOUNTS_QUERY + "#" * 1536 * 1024, "variables": {"accounts": VEGA}}
    )

    refused = server.request(
        "POST", "/graphql", content=body, headers={"Content-Type": "application/json"}
    )

    assert refused.status_code == 413
    assert refused.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert server.count_upstream_calls() == {}
    assert_all_served(server)
