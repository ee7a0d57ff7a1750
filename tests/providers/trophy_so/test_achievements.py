"""Achievements joined with metrics and streaks, and how few calls they need."""

import time
from datetime import UTC, datetime
from typing import Any

import pytest

from providers.errors import ProviderError
from providers.kit.caching.cached import Cached
from providers.kit.request_context import RequestContext, set_current
from providers.trophy_so.client import TrophySoClient
from tests.providers.trophy_so.harness import ClientHarness

LIST = "/v1/users/vega/achievements?includeIncomplete=true"
METRICS, STREAK = "/v1/users/vega/metrics", "/v1/users/vega/streak"


def test_progress_is_merged_from_metrics_streak_and_the_list() -> None:
    harness = ClientHarness()
    percents = {
        name: round(achievement.progress.percent, 3)
        for name, achievement in harness.load_achievements().items()
        if achievement.progress
    }
    assert percents == {
        "First notes": 100,
        "A thousand notes": 100,
        "Ten thousand notes": 42,
        "A hundred hours": 7.508,
        "Night shift": 75.083,
        "Songwriter": 0,
        "Pianist": 100,
        "Three in a row": 100,
        "A week": 100,
        "A month": 40,
        "Welcome": 100,
        "For all to hear": 0,
        "Beta tester": 100,
        "All-rounder": 50,
        "A good start": 100,
    }
    assert harness.paths == [LIST, METRICS, STREAK]


def test_loading_without_progress_saves_both_calls() -> None:
    harness = ClientHarness()
    found = harness.load_achievements(progress=False)
    assert harness.paths == [LIST]
    assert found["Ten thousand notes"].progress is None
    assert found["All-rounder"].progress is not None


@pytest.mark.parametrize(
    ("sent", "paths"),
    [
        ([{"id": "1", "trigger": "metric", "metricId": "m", "metricValue": 5}], [METRICS]),
        ([{"id": "1", "trigger": "streak", "streakLength": 5}], [STREAK]),
        ([{"id": "1", "trigger": "streak", "streakLength": 5, "achievedAt": "2024-01-01"}], []),
        ([{"id": "1", "trigger": "metric", "metricValue": 0}], []),
        ([{"id": "1", "trigger": "metric", "metricId": "m"}, {"id": "2", "trigger": "api"}], []),
        ([], []),
    ],
)
def test_counts_that_no_achievement_needs_are_not_loaded(sent: Any, paths: list[str]) -> None:
    harness = ClientHarness().with_response("/achievements", sent)
    harness.run(lambda client: client.get_achievements(["vega"]))
    assert harness.paths == [LIST, *paths]


@pytest.mark.parametrize("status", [500, 404, 403, 401, 429])
def test_a_failing_count_does_not_lose_the_achievements(status: int) -> None:
    harness = ClientHarness().with_response("/(metrics|streak)", {"error": "no"}, status)
    found = harness.load_achievements()
    assert len(found) == 16
    assert found["Ten thousand notes"].progress is None
    assert found["A month"].progress is None
    assert found["A thousand notes"].progress is not None


def test_a_failing_streak_leaves_the_metrics_progress() -> None:
    found = ClientHarness().with_response("/streak", "<p>", 502).load_achievements()
    assert found["A month"].progress is None
    assert found["Ten thousand notes"].progress is not None


def test_merged_data_is_as_old_as_its_oldest_part() -> None:
    async def load_ages(client: TrophySoClient) -> bool:
        (streak,) = await client.get_streaks(["vega"])
        (joined,) = await client.get_achievements(["vega"])
        assert isinstance(streak, Cached)
        assert isinstance(joined, Cached)
        return joined.fetched_at == streak.fetched_at and not joined.stale

    assert ClientHarness().run(load_ages)


def test_a_new_unlock_completes_its_composites() -> None:
    harness = ClientHarness()
    for key in ("30-day-streak", "shared-a-song"):
        harness.sandbox.database.unlock("vega", key, "2026-10-14T09:00:00.000Z")
    found = harness.load_achievements()
    assert found["All-rounder"].earned
    assert found["All-rounder"].earned_at == datetime(2026, 10, 14, 9, tzinfo=UTC)


def test_stale_achievements_are_served_while_the_source_fails() -> None:
    async def run_twice(client: TrophySoClient) -> Cached[Any] | ProviderError:
        await client.get_achievements(["vega"])
        set_current(RequestContext(time.monotonic() + 5, bypass_cache=True))
        harness.with_response("users", {"error": "no"}, 500)
        return (await client.get_achievements(["vega"]))[0]

    harness = ClientHarness()
    outcome = harness.run(run_twice)
    assert isinstance(outcome, Cached)
    assert outcome.stale
    assert len(outcome.value) == 16
    unfinished = [achievement.name for achievement in outcome.value if not achievement.progress]
    assert unfinished == ["Full moon"]
