"""What the metrics count, and who may read them."""

import re

import pytest

from providers.registry import Source
from tests.harness import (
    NO_CACHE_HEADERS,
    PSN_VEGA,
    RETRO_VEGA,
    RunningServer,
    operator_settings,
    run_server,
)
from tests.resolvers.live.subscriber import subscribe, wait
from tests.server.runtime.server_process import read_metric

PROFILE_QUERY = "query Named($who: [AccountInput!]!) { user(accounts: $who) { displayName } }"
PROFILES_QUERY = "{ viewer { accounts { displayName } } }"
LABELS = {"type", "code", "source", "outcome", "result", "credential", "state", "le"}
KEYS = "reader:key-of-the-reader:read,writer:key-of-the-writer:write"


def read_metrics(server: RunningServer, **headers: str) -> str:
    answer = server.request("GET", "/metrics", headers=headers)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    return answer.text


def test_operations_are_counted_by_their_outcome(server: RunningServer) -> None:
    server.fetch_data(PROFILE_QUERY, {"who": PSN_VEGA})
    server.execute("{ nope }")
    server.execute("{ open")
    text = read_metrics(server)
    assert read_metric(text, "operations_total", type="query", code="OK") == 1
    assert read_metric(text, "operations_total", code="GRAPHQL_VALIDATION_FAILED") == 1
    assert read_metric(text, "operations_total", code="GRAPHQL_PARSE_FAILED") == 1
    assert read_metric(text, "refusals_total") == 2
    assert read_metric(text, "operation_seconds_count") == 3
    assert read_metric(text, "operations_in_flight") == 0


def test_upstream_calls_are_counted_as_in_the_responses(server: RunningServer) -> None:
    answer_calls = server.execute(PROFILES_QUERY).upstream_calls
    text = read_metrics(server)
    assert answer_calls
    for source, calls in answer_calls.items():
        assert read_metric(text, "upstream_calls_total", source=source, outcome="2xx") == calls
        assert read_metric(text, "upstream_call_seconds_count", source=source) == calls
        assert read_metric(text, "gate_wait_seconds_count", source=source) == calls


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        ({"status": 503}, "5xx"),
        ({"status": 404}, "4xx"),
        ({"reset": True}, "broken"),
        ({"headers": {"content-encoding": "br"}}, "unreadable"),
    ],
)
def test_every_failure_is_counted_by_its_outcome(
    server: RunningServer, fault: dict[str, object], outcome: str
) -> None:
    server.inject_fault("retroachievements.org", **fault)
    server.execute(PROFILE_QUERY, {"who": RETRO_VEGA})
    text = read_metrics(server)
    assert read_metric(text, "upstream_calls_total", outcome=outcome) == 1


@pytest.mark.slow
def test_a_call_that_hangs_is_counted_as_a_timeout() -> None:
    with run_server(TROPHYCASE_DEADLINE="0.3") as server:
        server.inject_fault("retroachievements.org", hang=True)
        server.execute(PROFILE_QUERY, {"who": RETRO_VEGA})
        assert read_metric(read_metrics(server), "upstream_calls_total", outcome="timeout") == 1
        assert read_metric(read_metrics(server), "errors_total", code="UPSTREAM_TIMEOUT") == 1


def test_cache_lookups_are_counted_by_result(server: RunningServer) -> None:
    server.fetch_data(PROFILE_QUERY, {"who": RETRO_VEGA})
    server.fetch_data(PROFILE_QUERY, {"who": RETRO_VEGA})
    server.execute_concurrently(PROFILE_QUERY, [({"who": RETRO_VEGA}, NO_CACHE_HEADERS)] * 3)
    text = read_metrics(server)
    assert read_metric(text, "cache_lookups_total", result="fresh") == 1
    assert read_metric(text, "cache_lookups_total", result="miss") >= 2
    assert read_metric(text, "coalesced_total", source="RETRO_ACHIEVEMENTS") == 2


def test_a_stale_if_error_response_is_counted(server: RunningServer) -> None:
    server.fetch_data(PROFILE_QUERY, {"who": RETRO_VEGA})
    server.inject_fault("retroachievements.org", status=500)
    server.execute(PROFILE_QUERY, {"who": RETRO_VEGA}, NO_CACHE_HEADERS)
    assert read_metric(read_metrics(server), "cache_lookups_total", result="rescued") == 1


def test_sign_ins_and_expiries_are_exported(server: RunningServer) -> None:
    server.fetch_data(PROFILES_QUERY)
    text = read_metrics(server)
    signed_in = {"source": "PSN", "credential": "operator", "outcome": "done"}
    assert read_metric(text, "token_renewals_total", **signed_in) == 1
    assert read_metric(text, "token_renewed_timestamp_seconds", source="PSN") > 0
    assert read_metric(text, "credential_expires_timestamp_seconds", source="PSN") > 0


def test_a_rejected_sign_in_is_counted(server: RunningServer) -> None:
    server.inject_fault("oauth/", status=400, body={"error": "login_required", "error_code": 4165})
    server.execute(PROFILES_QUERY)
    assert read_metric(read_metrics(server), "token_renewals_total", outcome="refused") == 1
    assert read_metric(read_metrics(server), "source_state", source="PSN", state="degraded") == 1


@pytest.mark.slow
def test_the_operators_budget_and_the_breakers_are_shown() -> None:
    with run_server(TROPHY_SO_RATE="40/60") as server:
        server.execute("{ viewer { accounts { displayName } } }")
        text = read_metrics(server)
        spent = server.count_upstream_calls()["TROPHY_SO"]
        assert read_metric(text, "budget_limit", source="TROPHY_SO") == 40
        assert read_metric(text, "budget_remaining", source="TROPHY_SO") == 40 - spent
        server.inject_fault("api.trophy.so", status=500)
        for _ in range(5):
            server.execute(PROFILES_QUERY, headers=NO_CACHE_HEADERS)
        assert read_metric(read_metrics(server), "breakers_open", source="TROPHY_SO") == 1


def test_what_is_watched_is_shown(server: RunningServer) -> None:
    subscriber = subscribe(server, [{"source": "TROPHY_SO", "handle": "vega"}])
    wait(server, 1)
    during = read_metrics(server)
    subscriber.close()
    wait(server, 1)
    after = read_metrics(server)

    names = ("watched_accounts", "polled_credentials")
    assert [read_metric(during, name) for name in names] == [1, 1]
    assert read_metric(after, "watched_accounts") == 0


def test_no_label_is_a_name_an_id_or_an_address(server: RunningServer) -> None:
    query = 'query SecretName { user(accounts: [{source: PSN, handle: "sample_friend"}]) { id } }'
    server.execute(query)
    server.execute(
        PROFILES_QUERY, headers={"x-trophy-so-user-id": "vega", "x-trophy-so-api-key": "bad"}
    )
    text = read_metrics(server)
    assert set(re.findall(r'(\w+)="', text)) <= LABELS
    for value in re.findall(r'="([^"]*)"', text):
        assert re.fullmatch(r"[A-Za-z0-9_+.]*", value)
    for hidden in ("SecretName", "sample_friend", "vega", "://", "playstation"):
        assert hidden not in text


@pytest.mark.slow
def test_every_application_has_its_own_registry() -> None:
    with run_server() as one, run_server() as other:
        one.fetch_data(PROFILES_QUERY)
        assert read_metric(read_metrics(one), "operations_total") == 1
        assert read_metric(read_metrics(other), "operations_total") == 0


def test_the_metrics_need_the_read_scope_where_keys_are_set() -> None:
    with run_server(TROPHYCASE_API_KEYS=KEYS) as server:
        assert read_metrics(server, Authorization="Bearer key-of-the-reader")
        for given in (
            {},
            {"Authorization": "Bearer wrong"},
            {"Authorization": "Basic key-of-the-reader"},
        ):
            answer = server.request("GET", "/metrics", headers=given)
            assert answer.status_code == 401
            assert answer.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
        writer = {"Authorization": "Bearer key-of-the-writer"}
        assert server.request("GET", "/metrics", headers=writer).status_code == 403


def test_the_process_start_time_is_exported() -> None:
    with run_server(sandbox=False, **operator_settings(Source.TROPHY_SO)) as server:
        assert "process_start_time_seconds" in read_metrics(server)
