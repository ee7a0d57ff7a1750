"""The status and rate limit of each source, without a call."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from providers.registry import Source
from tests.harness import NO_CALLS, PSN_VEGA, RunningServer, operator_settings, run_server

SOURCES_QUERY = """
{
  sources {
    source
    status { source state message retryAfter fetchedAt }
    budget { limit remaining resetsAt }
    credentialExpiresAt
  }
}
"""
TITLES_QUERY = """
query ($accounts: [AccountInput!]!) {
  user(accounts: $accounts) { trophyTitles { totalCount sources { state retryAfter } } }
}
"""


def fetch_sources(server: RunningServer) -> dict[str, Any]:
    answer = server.execute(SOURCES_QUERY)
    assert answer.upstream_calls == NO_CALLS
    found = answer.data["sources"]
    assert [each["source"] for each in found] == [source.name for source in Source]
    return {each.pop("source"): each for each in found}


def test_a_configured_source_is_ok_by_default(server: RunningServer) -> None:
    for name, source in fetch_sources(server).items():
        assert source["status"] == {
            "source": name,
            "state": "OK",
            "message": None,
            "retryAfter": None,
            "fetchedAt": None,
        }
    assert server.count_upstream_calls() == {}


def test_a_source_without_a_limit_has_no_budget(server: RunningServer) -> None:
    assert {name: source["budget"] for name, source in fetch_sources(server).items()} == {
        source.name: None for source in Source
    }


def test_a_budget_decreases_with_every_call(tmp_path: Path) -> None:
    settings = {
        **operator_settings(*Source),
        "TROPHYCASE_STATE_DIR": str(tmp_path),
        "PSN_RATE": "5/900",
    }
    with run_server(sandbox=False, **settings) as server:
        before = fetch_sources(server)["PSN"]["budget"]
        server.fetch_data(TITLES_QUERY, {"accounts": PSN_VEGA})
        after = fetch_sources(server)["PSN"]["budget"]
        untouched = fetch_sources(server)["TROPHY_SO"]["budget"]

    assert before == {"limit": 5, "remaining": 5, "resetsAt": None}
    assert (after["limit"], after["remaining"]) == (5, 4)
    resets = datetime.fromisoformat(after["resetsAt"])
    assert 800 < (resets - datetime.now(UTC)).total_seconds() <= 900
    assert untouched == {"limit": 40, "remaining": 40, "resetsAt": None}


def test_a_spent_budget_is_rate_limited_before_the_upstream_is_called(tmp_path: Path) -> None:
    settings = {
        **operator_settings(*Source),
        "TROPHYCASE_STATE_DIR": str(tmp_path),
        "PSN_RATE": "3/900",
    }
    with run_server(sandbox=False, **settings) as server:
        states = [
            server.fetch_data(
                TITLES_QUERY, {"accounts": [{"source": "PSN", "handle": str(number)}]}
            )["user"]["trophyTitles"]["sources"][0]
            for number in range(1, 6)
        ]
        remaining = fetch_sources(server)["PSN"]["budget"]["remaining"]
        asked = server.count_upstream_calls()

    assert [state["state"] for state in states] == [*["NOT_FOUND"] * 3, *["RATE_LIMITED"] * 2]
    assert 890 < states[-1]["retryAfter"] <= 901  # a whole window, rounded up
    assert remaining == 0
    assert asked == {"PSN": 3}


def test_a_paused_source_has_no_budget_left(tmp_path: Path) -> None:
    settings = {**operator_settings(*Source), "TROPHYCASE_STATE_DIR": str(tmp_path)}
    with run_server(sandbox=False, **settings) as server:
        server.inject_fault("trophyTitles", status=429, headers={"Retry-After": "300"})
        server.execute(TITLES_QUERY, {"accounts": PSN_VEGA})

        budget = fetch_sources(server)["PSN"]["budget"]

    assert budget["remaining"] == 0
    assert datetime.fromisoformat(budget["resetsAt"]) > datetime.now(UTC)


def test_the_expiry_of_a_sign_in_is_shown_after_its_use(server: RunningServer) -> None:
    server.fetch_data(TITLES_QUERY, {"accounts": PSN_VEGA})

    found = fetch_sources(server)

    ends = datetime.fromisoformat(found["PSN"]["credentialExpiresAt"])
    assert 59 <= (ends - datetime.now(UTC)).days <= 60
    assert found["TROPHY_SO"]["credentialExpiresAt"] is None


def test_a_rejected_sign_in_is_shown(tmp_path: Path) -> None:
    settings = {
        **operator_settings(*Source),
        "TROPHYCASE_STATE_DIR": str(tmp_path),
        "PSN_NPSSO": "N" * 64,
    }
    with run_server(sandbox=False, **settings) as server:
        answer = server.execute('{ user(accounts: [{source: PSN, handle: "1"}]) { displayName } }')
        found = fetch_sources(server)

    assert answer.error["code"] == "UPSTREAM_UNAUTHENTICATED"
    assert found["PSN"]["status"]["state"] == "UNAUTHENTICATED"
    assert found["RETRO_ACHIEVEMENTS"]["status"]["state"] == "OK"


@pytest.mark.parametrize("missing", list(Source))
def test_a_source_without_settings_is_not_configured(tmp_path: Path, missing: Source) -> None:
    others = [source for source in Source if source is not missing]
    settings = {**operator_settings(*others), "TROPHYCASE_STATE_DIR": str(tmp_path)}
    with run_server(sandbox=False, **settings) as server:
        states = {name: source["status"]["state"] for name, source in fetch_sources(server).items()}

    assert states == {
        source.name: "NOT_CONFIGURED" if source is missing else "OK" for source in Source
    }
