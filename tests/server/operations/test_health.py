"""The probes."""

import pytest

from providers.kit.upstream.circuit_breaker import THRESHOLD
from providers.registry import Source
from tests.asking import FRESH, Server, configured, serving

PROFILES = "{ viewer { accounts { displayName } } }"
DEAD = {"error": "login_required", "error_code": 4165}


def states(server: Server) -> dict[str, str]:
    answer = server.request("GET", "/readyz")
    assert answer.status_code == 200
    assert answer.json()["status"] == "ready"
    return answer.json()["sources"]


def test_a_live_process_says_so(server: Server) -> None:
    answer = server.request("GET", "/livez")
    assert (answer.status_code, answer.json()) == (200, {"status": "alive"})


def test_every_configured_source_is_ready_at_first(server: Server) -> None:
    assert states(server) == {source.name: "ready" for source in Source}


def test_a_source_without_settings_is_told_from_a_degraded_one() -> None:
    with serving(sandbox=False, **configured(Source.TROPHY_SO)) as server:
        nothing = dict.fromkeys((source.name for source in Source), "not_configured")
        assert states(server) == {**nothing, "TROPHY_SO": "ready"}


def test_a_sign_in_that_needs_a_person_is_degraded_without_detail(server: Server) -> None:
    server.fail("oauth/", status=400, body=DEAD)
    server.ask(PROFILES)
    assert states(server)["PSN"] == "degraded"
    assert "sign" not in server.request("GET", "/readyz").text.lower()


@pytest.mark.parametrize(
    ("host", "name"),
    [("retroachievements.org", "RETRO_ACHIEVEMENTS"), ("api.trophy.so", "TROPHY_SO")],
)
def test_an_operators_key_that_is_refused_is_degraded(server: Server, host: str, name: str) -> None:
    server.fail(host, status=401, body={"message": "Unauthenticated."})
    server.ask(PROFILES)
    degraded = [source for source, state in states(server).items() if state == "degraded"]
    assert degraded == [name]


def test_a_callers_bad_key_says_nothing_about_the_source(server: Server) -> None:
    bad = {"x-trophy-so-user-id": "vega", "x-trophy-so-api-key": "not-one-of-theirs"}
    assert server.ask(PROFILES, headers=bad).error["code"] == "UNAUTHENTICATED"
    assert set(states(server).values()) == {"ready"}


def test_a_host_that_keeps_failing_is_degraded_and_ready_when_it_answers_again(
    server: Server,
) -> None:
    server.fail("api.trophy.so", status=500)
    for _ in range(THRESHOLD):
        server.ask(PROFILES, headers=FRESH)
    assert states(server)["TROPHY_SO"] == "degraded"
    server.mend()
    for breaker in server.kit.breakers.values():
        breaker.open_until = 0
    server.data(PROFILES, headers=FRESH)
    assert states(server)["TROPHY_SO"] == "ready"


def test_the_probes_ask_no_upstream(server: Server) -> None:
    for path in ("/livez", "/readyz", "/metrics"):
        assert server.request("GET", path).status_code == 200
    assert server.asked() == {}


def test_the_probes_need_no_key() -> None:
    with serving(TROPHYCASE_API_KEYS="one:a-key-of-a-caller:read") as server:
        assert server.request("GET", "/livez").status_code == 200
        assert server.request("GET", "/readyz").status_code == 200
