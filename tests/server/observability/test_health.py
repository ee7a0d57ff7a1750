"""The liveness and readiness probes."""

import pytest

from providers.kit.upstream.circuit_breaker import FAILURE_THRESHOLD
from providers.registry import Source
from tests.harness import NO_CACHE_HEADERS, RunningServer, operator_settings, run_server

PROFILES_QUERY = "{ viewer { accounts { displayName } } }"
SIGN_IN_REQUIRED_BODY = {"error": "login_required", "error_code": 4165}


def read_source_states(server: RunningServer) -> dict[str, str]:
    answer = server.request("GET", "/readyz")
    assert answer.status_code == 200
    assert answer.json()["status"] == "ready"
    return answer.json()["sources"]


def test_livez_reports_a_live_process(server: RunningServer) -> None:
    answer = server.request("GET", "/livez")
    assert (answer.status_code, answer.json()) == (200, {"status": "alive"})


def test_every_configured_source_is_ready_at_first(server: RunningServer) -> None:
    assert read_source_states(server) == {source.name: "ready" for source in Source}


def test_a_source_without_settings_differs_from_a_degraded_one() -> None:
    with run_server(sandbox=False, **operator_settings(Source.TROPHY_SO)) as server:
        nothing = dict.fromkeys((source.name for source in Source), "not_configured")
        assert read_source_states(server) == {**nothing, "TROPHY_SO": "ready"}


def test_a_source_that_needs_a_new_sign_in_is_degraded_without_detail(
    server: RunningServer,
) -> None:
    server.inject_fault("oauth/", status=400, body=SIGN_IN_REQUIRED_BODY)
    server.execute(PROFILES_QUERY)
    assert read_source_states(server)["PSN"] == "degraded"
    assert "sign" not in server.request("GET", "/readyz").text.lower()


@pytest.mark.parametrize(
    ("host", "name"),
    [("retroachievements.org", "RETRO_ACHIEVEMENTS"), ("api.trophy.so", "TROPHY_SO")],
)
def test_a_source_that_rejects_the_operators_key_is_degraded(
    server: RunningServer, host: str, name: str
) -> None:
    server.inject_fault(host, status=401, body={"message": "Unauthenticated."})
    server.execute(PROFILES_QUERY)
    degraded = [
        source for source, state in read_source_states(server).items() if state == "degraded"
    ]
    assert degraded == [name]


def test_a_callers_bad_key_does_not_degrade_the_source(server: RunningServer) -> None:
    bad = {"x-trophy-so-user-id": "vega", "x-trophy-so-api-key": "not-one-of-theirs"}
    assert server.execute(PROFILES_QUERY, headers=bad).error["code"] == "UNAUTHENTICATED"
    assert set(read_source_states(server).values()) == {"ready"}


def test_a_source_is_degraded_while_a_host_keeps_failing(
    server: RunningServer,
) -> None:
    server.inject_fault("api.trophy.so", status=500)
    for _ in range(FAILURE_THRESHOLD):
        server.execute(PROFILES_QUERY, headers=NO_CACHE_HEADERS)
    assert read_source_states(server)["TROPHY_SO"] == "degraded"
    server.clear_faults()
    for breaker in server.shared_services.circuit_breakers.values():
        breaker.open_until = 0
    server.fetch_data(PROFILES_QUERY, headers=NO_CACHE_HEADERS)
    assert read_source_states(server)["TROPHY_SO"] == "ready"


def test_the_probes_call_no_upstream(server: RunningServer) -> None:
    for path in ("/livez", "/readyz", "/metrics"):
        assert server.request("GET", path).status_code == 200
    assert server.count_upstream_calls() == {}


def test_the_probes_need_no_key() -> None:
    with run_server(TROPHYCASE_API_KEYS="one:a-key-of-a-caller:read") as server:
        assert server.request("GET", "/livez").status_code == 200
        assert server.request("GET", "/readyz").status_code == 200
