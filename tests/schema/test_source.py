"""What this server knows of its sources without asking any of them."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from providers.registry import Source
from tests.asking import NOTHING, PSN_VEGA, Server, configured, serving

SOURCES = """
{
  sources {
    source
    status { source state message retryAfter fetchedAt }
    budget { limit remaining resetsAt }
    credentialExpiresAt
  }
}
"""
TITLES = """
query ($accounts: [AccountInput!]!) {
  user(accounts: $accounts) { trophyTitles { totalCount sources { state retryAfter } } }
}
"""


def known(server: Server) -> dict[str, Any]:
    answer = server.ask(SOURCES)
    assert answer.calls == NOTHING
    found = answer.data["sources"]
    assert [each["source"] for each in found] == [source.name for source in Source]
    return {each.pop("source"): each for each in found}


def test_a_configured_source_is_ok_until_something_else_is_known(server: Server) -> None:
    for name, source in known(server).items():
        assert source["status"] == {
            "source": name,
            "state": "OK",
            "message": None,
            "retryAfter": None,
            "fetchedAt": None,
        }
    assert server.asked() == {}


def test_a_source_without_a_limit_has_no_budget(server: Server) -> None:
    assert {name: source["budget"] for name, source in known(server).items()} == {
        source.name: None for source in Source
    }


def test_a_budget_shrinks_with_every_call(tmp_path: Path) -> None:
    settings = {**configured(*Source), "TROPHYCASE_STATE_DIR": str(tmp_path), "PSN_RATE": "5/900"}
    with serving(sandbox=False, **settings) as server:
        before = known(server)["PSN"]["budget"]
        server.data(TITLES, {"accounts": PSN_VEGA})
        after = known(server)["PSN"]["budget"]
        untouched = known(server)["TROPHY_SO"]["budget"]

    assert before == {"limit": 5, "remaining": 5, "resetsAt": None}
    assert (after["limit"], after["remaining"]) == (5, 4)
    resets = datetime.fromisoformat(after["resetsAt"])
    assert 800 < (resets - datetime.now(UTC)).total_seconds() <= 900
    assert untouched == {"limit": 40, "remaining": 40, "resetsAt": None}


def test_a_spent_budget_is_rate_limited_before_the_upstream_is_asked(tmp_path: Path) -> None:
    settings = {**configured(*Source), "TROPHYCASE_STATE_DIR": str(tmp_path), "PSN_RATE": "3/900"}
    with serving(sandbox=False, **settings) as server:
        states = [
            server.data(TITLES, {"accounts": [{"source": "PSN", "handle": str(number)}]})["user"][
                "trophyTitles"
            ]["sources"][0]
            for number in range(1, 6)
        ]
        remaining = known(server)["PSN"]["budget"]["remaining"]
        asked = server.asked()

    assert [state["state"] for state in states] == [*["NOT_FOUND"] * 3, *["RATE_LIMITED"] * 2]
    assert 890 < states[-1]["retryAfter"] <= 900
    assert remaining == 0
    assert asked == {"PSN": 3}


def test_a_source_that_asked_to_wait_has_no_budget_left_for_so_long(tmp_path: Path) -> None:
    settings = {**configured(*Source), "TROPHYCASE_STATE_DIR": str(tmp_path)}
    with serving(sandbox=False, **settings) as server:
        server.fail("trophyTitles", status=429, headers={"Retry-After": "300"})
        server.ask(TITLES, {"accounts": PSN_VEGA})

        budget = known(server)["PSN"]["budget"]

    assert budget["remaining"] == 0
    assert datetime.fromisoformat(budget["resetsAt"]) > datetime.now(UTC)


def test_the_end_of_a_sign_in_is_known_after_it_was_used(server: Server) -> None:
    server.data(TITLES, {"accounts": PSN_VEGA})

    found = known(server)

    ends = datetime.fromisoformat(found["PSN"]["credentialExpiresAt"])
    assert 59 <= (ends - datetime.now(UTC)).days <= 60
    assert found["TROPHY_SO"]["credentialExpiresAt"] is None


def test_a_sign_in_that_was_refused_is_known(tmp_path: Path) -> None:
    settings = {**configured(*Source), "TROPHYCASE_STATE_DIR": str(tmp_path), "PSN_NPSSO": "N" * 64}
    with serving(sandbox=False, **settings) as server:
        answer = server.ask('{ user(accounts: [{source: PSN, handle: "1"}]) { displayName } }')
        found = known(server)

    assert answer.error["code"] == "UPSTREAM_UNAUTHENTICATED"
    assert found["PSN"]["status"]["state"] == "UNAUTHENTICATED"
    assert found["RETRO_ACHIEVEMENTS"]["status"]["state"] == "OK"


@pytest.mark.parametrize("missing", list(Source))
def test_a_source_without_settings_is_not_configured(tmp_path: Path, missing: Source) -> None:
    others = [source for source in Source if source is not missing]
    settings = {**configured(*others), "TROPHYCASE_STATE_DIR": str(tmp_path)}
    with serving(sandbox=False, **settings) as server:
        states = {name: source["status"]["state"] for name, source in known(server).items()}

    assert states == {
        source.name: "NOT_CONFIGURED" if source is missing else "OK" for source in Source
    }
