"""What the metrics count, and for whom."""

import re

import pytest

from providers.registry import Source
from tests.asking import FRESH, PSN_VEGA, RETRO_VEGA, Server, configured, serving
from tests.server.operations.running import counted

PROFILE = "query Named($who: [AccountInput!]!) { user(accounts: $who) { displayName } }"
PROFILES = "{ viewer { accounts { displayName } } }"
LABELS = {"type", "code", "source", "outcome", "result", "credential", "state", "le"}
KEYS = "reader:the-readers-key:read,writer:the-writers-key:write"


def metrics(server: Server, **headers: str) -> str:
    answer = server.request("GET", "/metrics", headers=headers)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    return answer.text


def test_operations_are_counted_by_their_outcome(server: Server) -> None:
    server.data(PROFILE, {"who": PSN_VEGA})
    server.ask("{ nope }")
    server.ask("{ open")
    text = metrics(server)
    assert counted(text, "operations_total", type="query", code="OK") == 1
    assert counted(text, "operations_total", code="GRAPHQL_VALIDATION_FAILED") == 1
    assert counted(text, "operations_total", code="GRAPHQL_PARSE_FAILED") == 1
    assert counted(text, "refusals_total") == 2
    assert counted(text, "operation_seconds_count") == 3
    assert counted(text, "operations_in_flight") == 0


def test_upstream_calls_are_counted_as_the_answers_count_them(server: Server) -> None:
    told = server.ask(PROFILES).calls
    text = metrics(server)
    assert told
    for source, calls in told.items():
        assert counted(text, "upstream_calls_total", source=source, outcome="2xx") == calls
        assert counted(text, "upstream_call_seconds_count", source=source) == calls
        assert counted(text, "gate_wait_seconds_count", source=source) == calls


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        ({"status": 503}, "5xx"),
        ({"status": 404}, "4xx"),
        ({"reset": True}, "broken"),
        ({"headers": {"content-encoding": "br"}}, "unreadable"),
    ],
)
def test_every_way_to_fail_is_counted(
    server: Server, fault: dict[str, object], outcome: str
) -> None:
    server.fail("retroachievements.org", **fault)
    server.ask(PROFILE, {"who": RETRO_VEGA})
    text = metrics(server)
    assert counted(text, "upstream_calls_total", outcome=outcome) == 1


def test_a_call_that_hangs_is_counted_as_late() -> None:
    with serving(TROPHYCASE_DEADLINE="0.3") as server:
        server.fail("retroachievements.org", hang=True)
        server.ask(PROFILE, {"who": RETRO_VEGA})
        assert counted(metrics(server), "upstream_calls_total", outcome="timeout") == 1
        assert counted(metrics(server), "errors_total", code="UPSTREAM_TIMEOUT") == 1


def test_the_cache_tells_what_it_knew(server: Server) -> None:
    server.data(PROFILE, {"who": RETRO_VEGA})
    server.data(PROFILE, {"who": RETRO_VEGA})
    server.together(PROFILE, [({"who": RETRO_VEGA}, FRESH)] * 3)
    text = metrics(server)
    assert counted(text, "cache_lookups_total", result="fresh") == 1
    assert counted(text, "cache_lookups_total", result="miss") >= 2
    assert counted(text, "coalesced_total", source="RETRO_ACHIEVEMENTS") == 2


def test_an_answer_that_was_rescued_is_counted(server: Server) -> None:
    server.data(PROFILE, {"who": RETRO_VEGA})
    server.fail("retroachievements.org", status=500)
    server.ask(PROFILE, {"who": RETRO_VEGA}, FRESH)
    assert counted(metrics(server), "cache_lookups_total", result="rescued") == 1


def test_the_sign_in_is_watched(server: Server) -> None:
    server.data(PROFILES)
    text = metrics(server)
    signed_in = {"source": "PSN", "credential": "operator", "outcome": "done"}
    assert counted(text, "token_renewals_total", **signed_in) == 1
    assert counted(text, "token_renewed_timestamp_seconds", source="PSN") > 0
    assert counted(text, "credential_expires_timestamp_seconds", source="PSN") > 0


def test_a_refused_sign_in_is_counted(server: Server) -> None:
    server.fail("oauth/", status=400, body={"error": "login_required", "error_code": 4165})
    server.ask(PROFILES)
    assert counted(metrics(server), "token_renewals_total", outcome="refused") == 1
    assert counted(metrics(server), "source_state", source="PSN", state="degraded") == 1


def test_the_operators_budget_and_the_breakers_are_shown() -> None:
    with serving(TROPHY_SO_RATE="40/60") as server:
        server.ask("{ viewer { accounts { displayName } } }")
        text = metrics(server)
        spent = server.asked()["TROPHY_SO"]
        assert counted(text, "budget_limit", source="TROPHY_SO") == 40
        assert counted(text, "budget_remaining", source="TROPHY_SO") == 40 - spent
        server.fail("api.trophy.so", status=500)
        for _ in range(5):
            server.ask(PROFILES, headers=FRESH)
        assert counted(metrics(server), "breakers_open", source="TROPHY_SO") == 1


def test_no_label_is_a_name_an_id_or_an_address(server: Server) -> None:
    query = 'query SecretName { user(accounts: [{source: PSN, handle: "sample_friend"}]) { id } }'
    server.ask(query)
    server.ask(PROFILES, headers={"x-trophy-so-user-id": "vega", "x-trophy-so-api-key": "bad"})
    text = metrics(server)
    assert set(re.findall(r'(\w+)="', text)) <= LABELS
    for value in re.findall(r'="([^"]*)"', text):
        assert re.fullmatch(r"[A-Za-z0-9_+.]*", value)
    for hidden in ("SecretName", "sample_friend", "vega", "://", "playstation"):
        assert hidden not in text


def test_every_application_has_its_own_registry() -> None:
    with serving() as one, serving() as other:
        one.data(PROFILES)
        assert counted(metrics(one), "operations_total") == 1
        assert counted(metrics(other), "operations_total") == 0


def test_the_metrics_need_a_key_that_reads_once_there_are_keys() -> None:
    with serving(TROPHYCASE_API_KEYS=KEYS) as server:
        assert metrics(server, Authorization="Bearer the-readers-key")
        for given in (
            {},
            {"Authorization": "Bearer wrong"},
            {"Authorization": "Basic the-readers-key"},
        ):
            answer = server.request("GET", "/metrics", headers=given)
            assert answer.status_code == 401
            assert answer.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
        writer = {"Authorization": "Bearer the-writers-key"}
        assert server.request("GET", "/metrics", headers=writer).status_code == 403


def test_the_start_of_the_process_is_told() -> None:
    with serving(sandbox=False, **configured(Source.TROPHY_SO)) as server:
        assert "process_start_time_seconds" in metrics(server)
