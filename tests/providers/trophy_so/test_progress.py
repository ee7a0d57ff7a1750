"""The progress of achievements."""

from typing import Any

from providers.records import (
    AchievementProgress,
    TriggerDetail,
)
from tests.providers.trophy_so.harness import ClientHarness, map_achievements


def test_progress_counts_towards_the_achievements_own_target() -> None:
    found = ClientHarness().load_achievements()
    assert found["A thousand notes"].progress == AchievementProgress(
        current=1000, target=1000, percent=100
    )
    assert found["A month"].progress == AchievementProgress(current=12, target=30, percent=40)
    assert found["All-rounder"].progress == AchievementProgress(current=2, target=4, percent=50)
    assert found["For all to hear"].progress == AchievementProgress(current=0, target=1, percent=0)
    assert found["Full moon"].progress is None


def test_an_unknown_metric_gives_no_progress() -> None:
    sent = [{"id": "1", "trigger": "metric", "metricId": "other", "metricValue": 5}]
    assert map_achievements(sent, progress=True)[0].progress is None


def test_progress_never_leaves_its_bounds() -> None:
    harness = ClientHarness().with_response("/streak", {"length": 99, "frequency": "daily"})
    harness.sandbox.database.users["vega"].metrics["notes"] = -5
    found = harness.load_achievements()
    month, notes = found["A month"].progress, found["Ten thousand notes"].progress
    assert month == AchievementProgress(current=99, target=30, percent=100)
    assert notes == AchievementProgress(current=-5, target=10000, percent=0)


def test_a_composite_counts_each_of_its_parts_once() -> None:
    part = {"id": "1", "trigger": "api", "achievedAt": "2024-01-01T00:00:00Z"}
    whole = {"id": "2", "trigger": "achievement", "achievementIds": ["1", "1", "9"]}
    empty: dict[str, Any] = {"id": "3", "trigger": "achievement", "achievementIds": []}
    _, first, second = map_achievements([part, whole, empty])
    assert first.progress == AchievementProgress(current=1, target=2, percent=50)
    assert second.progress is None
    assert second.trigger_detail == TriggerDetail(prerequisite_ids=())
