"""An hour has 150 calls: the upstream's own count is believed, and its last calls are kept."""

from typing import Any

import pytest

from tests.harness import NO_CACHE_HEADERS, RunningServer
from tests.providers.xbox.harness import (
    LIST,
    MODERN,
    SAM,
    SKYLARK,
    TITLES,
    VEGA,
    count_calls,
    fetch_title,
    fetch_user,
    get_nodes,
    get_state,
    pass_time,
    query_user,
    run_xbox,
)

BUDGET = "{ sources { source status { state } budget { limit remaining resetsAt } } }"
RATE = "150/3600"
ACHIEVEMENTS = f'trophyTitle(source: XBOX, nativeId: "{SKYLARK}") {{ achievements {{ earned }} }}'


def fetch_budget(server: RunningServer) -> Any:
    sources = server.fetch_data(BUDGET)["sources"]
    return next(each["budget"] for each in sources if each["source"] == "XBOX")


def report(server: RunningServer, remaining: int, limit: int = 150, path: str = "") -> None:
    """Let the upstream's headers say how many calls are left."""
    headers = {"X-RateLimit-Limit": str(limit), "X-RateLimit-Remaining": str(remaining)}
    server.inject_fault(path, headers=headers)


def test_without_a_call_the_budget_is_the_configured_rate() -> None:
    with run_xbox(XBOX_RATE=RATE) as server:
        found = fetch_budget(server)

    assert found == {"limit": 150, "remaining": 150, "resetsAt": None}


def test_the_budget_is_the_upstreams_own_count() -> None:
    with run_xbox(XBOX_RATE=RATE) as server:
        report(server, 77, 120)
        fetch_user(server, TITLES)
        found = fetch_budget(server)

    assert (found["limit"], found["remaining"]) == (120, 77)
    assert found["resetsAt"] is not None


def test_a_larger_plan_is_paced_by_the_setting() -> None:
    with run_xbox(XBOX_RATE="100/3600") as server:
        report(server, 4_999, 5_000)
        fetch_user(server, TITLES)
        found = fetch_budget(server)

    assert (found["limit"], found["remaining"]) == (100, 99)


def test_a_spent_budget_is_rate_limited_without_a_call_and_then_stale(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with run_xbox(XBOX_RATE=RATE) as server:
        report(server, 0)
        before = fetch_user(server, TITLES)["trophyTitles"]
        pass_time(monkeypatch, 7200)
        with count_calls(server) as calls:
            after = fetch_user(server, TITLES)["trophyTitles"]
            other = fetch_user(server, TITLES, SAM)["trophyTitles"]

    assert calls == {}
    assert (get_nodes(after), get_state(after)) == (get_nodes(before), "STALE")
    assert (get_nodes(other), get_state(other)) == ([], "RATE_LIMITED")


def test_the_configured_rate_holds_without_any_header() -> None:
    with run_xbox(XBOX_RATE="3/3600") as server:
        states = [
            get_state(fetch_user(server, TITLES, handle)["trophyTitles"])
            for handle in (VEGA, SAM, "2535400000000005")
        ]

    assert states == ["OK", "OK", "RATE_LIMITED"]  # the third needs a profile as well


def test_the_last_known_contents_are_served_when_the_new_version_cannot_be_loaded() -> None:
    with run_xbox(XBOX_RATE=RATE) as server:
        fetch_title(server, "achievements { earned }", SKYLARK)
        server.xbox.unlock(VEGA, int(SKYLARK), "3")
        report(server, 0, path="achievements/player/[0-9]+\\?")
        response = query_user(
            server,
            f"{ACHIEVEMENTS} trophyTitles(first: 2) {{ edges {{ node {{ name earnedCount }} }} }}",
            VEGA,
            **NO_CACHE_HEADERS,
        )
        user = response.data["user"]

    earned = sum(each["earned"] for each in user["trophyTitle"]["achievements"])
    listed = {each["name"]: each["earnedCount"] for each in get_nodes(user["trophyTitles"])}
    assert (earned, listed["Skylark Station"]) == (3, 4)


def test_revalidations_stop_before_the_last_twenty_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    with run_xbox(XBOX_RATE=RATE) as server:
        report(server, 20)
        fetch_user(server, TITLES)
        pass_time(monkeypatch, 600)  # stale, and within the time of revalidations
        with count_calls(server) as calls:
            found = fetch_user(server, TITLES)["trophyTitles"]
        assert (calls, get_state(found)) == ({}, "OK")

        with count_calls(server) as calls:  # a person still gets an answer
            fetch_user(server, TITLES, SAM)
        assert calls == {LIST: 1}


def test_revalidations_use_what_is_above_the_reserve(monkeypatch: pytest.MonkeyPatch) -> None:
    with run_xbox(XBOX_RATE=RATE) as server:
        report(server, 22)
        fetch_user(server, TITLES)
        pass_time(monkeypatch, 600)
        with count_calls(server) as calls:
            fetch_user(server, TITLES)

    assert calls == {LIST: 1}


def test_a_person_who_waits_gets_what_a_revalidation_was_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with run_xbox(XBOX_RATE=RATE) as server:
        report(server, 20)
        fetch_user(server, TITLES)
        pass_time(monkeypatch, 600)
        fetch_user(server, TITLES)
        with count_calls(server) as calls:
            response = query_user(server, TITLES, VEGA, **NO_CACHE_HEADERS)

    assert calls == {LIST: 1}
    assert get_state(response.data["user"]["trophyTitles"]) == "OK"


@pytest.mark.slow
def test_two_calls_are_in_flight_at_once() -> None:
    with run_xbox() as server:
        server.inject_fault("achievements/player/[0-9]+/[0-9]+", delay=1.0)
        started_at = server.clock.now
        selection = "achievements { earned }"
        fetch_user(server, f"trophyTitles(first: 5) {{ edges {{ node {{ {selection} }} }} }}")
        seconds = server.clock.now - started_at

    assert seconds == pytest.approx(3, abs=0.1)  # five titles, two at a time


@pytest.mark.slow
def test_a_library_is_read_within_an_hour_and_then_costs_its_list_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = "trophyTitles(first: 50) { edges { node { achievements { earned } } } }"
    with run_xbox(XBOX_RATE=RATE) as server:
        with count_calls(server) as calls:
            fetch_user(server, whole)
        assert calls.total() == 1 + 6 + 3 + 2  # the list, modern titles, sets, and unlocks
        pass_time(monkeypatch, 1900)  # the list has expired, nothing else has
        with count_calls(server) as calls:
            fetch_user(server, whole)

    assert calls == {LIST: 1}


def test_rarity_is_renewed_after_a_day_in_the_background(monkeypatch: pytest.MonkeyPatch) -> None:
    with run_xbox(XBOX_RATE=RATE) as server:
        fetch_title(server, "achievements { earned }", SKYLARK)
        pass_time(monkeypatch, 2 * 86_400)
        with count_calls(server) as calls:
            found = fetch_title(server, "achievements { earned }", SKYLARK)

    assert len(found["achievements"]) == 8
    assert calls == {LIST: 1, MODERN: 1}


@pytest.mark.parametrize("limited", [False, True])
def test_the_sandbox_refuses_more_than_its_limit(server: RunningServer, *, limited: bool) -> None:
    server.xbox.settings["hourly_limit"] = 2 if limited else 0

    states = [
        get_state(fetch_user(server, TITLES, handle)["trophyTitles"])
        for handle in (VEGA, SAM, "2535400000000005")
    ]

    assert states == (["OK", "OK", "RATE_LIMITED"] if limited else ["OK"] * 3)
