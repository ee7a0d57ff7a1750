"""Achievements as records: every trigger, every form of reply, and progress with few calls."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from providers.kit.caching.cached import Answer
from providers.records import (
    Achievement,
    AchievementProgress,
    AchievementTrigger,
    Image,
    KeyValue,
    Rarity,
    RarityBand,
    TriggerDetail,
)
from providers.trophy_so.client import TrophySoClient
from providers.trophy_so.sandbox import users
from tests.providers.trophy_so.asking import Asking, value

LIST = "/v1/users/vega/achievements?includeIncomplete=true"
METRICS, STREAK = "/v1/users/vega/metrics", "/v1/users/vega/streak"
SAMPLE = Path(users.__file__).with_name("user_achievements.json")


def one(sent: dict[str, Any]) -> Achievement:
    """The only achievement of a list that was sent."""
    (achievement,) = several([sent])
    return achievement


def several(sent: Any, *, progress: bool = False) -> tuple[Achievement, ...]:
    asking = Asking().answering("/achievements", sent)
    (outcome,) = asking.run(lambda client: client.achievements(["vega"], progress=progress))
    return value(outcome)


def test_the_published_sample_is_read_without_losing_a_field() -> None:
    found = Asking().achievements("user-id")
    assert [_as_sent(achievement) for achievement in found.values()] == json.loads(
        SAMPLE.read_bytes()
    )
    assert {achievement.user_attributes for achievement in found.values()} == {None}
    assert {achievement.description for achievement in found.values()} == {None}
    assert all(achievement.earned for achievement in found.values())


def _as_sent(achievement: Achievement) -> dict[str, Any]:
    detail = achievement.trigger_detail or TriggerDetail()
    assert achievement.earned_at is not None
    assert achievement.icon is not None
    assert achievement.rarity is not None
    shown = {
        "id": achievement.native_id,
        "name": achievement.name,
        "trigger": achievement.raw_trigger,
        "key": achievement.key,
        "metricId": detail.metric_id,
        "metricValue": detail.metric_value,
        "metricName": detail.metric_name,
        "streakLength": detail.streak_length,
        "achievedAt": achievement.earned_at.isoformat().replace("+00:00", "Z"),
        "badgeUrl": achievement.icon.url,
        "completions": achievement.rarity.earners,
        "rarity": achievement.rarity.percent,
    }
    return {name: shown for name, shown in shown.items() if shown is not None}


def test_locked_and_earned_ones_come_together_in_the_sources_order() -> None:
    found = list(Asking().achievements().values())
    assert len(found) == 16
    assert sum(1 for achievement in found if achievement.earned) == 8
    assert [achievement.native_id for achievement in found] == sorted(
        achievement.native_id for achievement in found
    )


def test_every_trigger_keeps_what_it_waits_for() -> None:
    found = Asking().achievements()
    detail = found["Ten thousand notes"].trigger_detail
    assert detail is not None
    assert (detail.metric_name, detail.metric_value) == ("notes played", 10000)
    assert found["A month"].trigger_detail == TriggerDetail(streak_length=30)
    assert found["For all to hear"].trigger_detail is None
    start = found["A good start"].trigger_detail
    assert start is not None
    assert start.prerequisite_ids is not None
    assert len(start.prerequisite_ids) == 3
    assert [
        (found[name].trigger, found[name].raw_trigger)
        for name in ("Songwriter", "A week", "Welcome", "All-rounder", "Full moon")
    ] == [
        (AchievementTrigger.METRIC, "metric"),
        (AchievementTrigger.STREAK, "streak"),
        (AchievementTrigger.API, "api"),
        (AchievementTrigger.COMPOSITE, "achievement"),
        (AchievementTrigger.OTHER, "moon_phase"),
    ]


def test_what_this_source_does_not_have_is_not_made_up() -> None:
    for achievement in Asking().achievements().values():
        assert achievement.hidden is False
        assert (achievement.points, achievement.kind, achievement.grade) == (None, None, None)
        assert (achievement.group_id, achievement.reward) == (None, None)


def test_progress_is_joined_from_metrics_streak_and_the_list_itself() -> None:
    asking = Asking()
    percents = {
        name: round(achievement.progress.percent, 3)
        for name, achievement in asking.achievements().items()
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
    assert asking.paths == [LIST, METRICS, STREAK]


def test_progress_counts_towards_the_achievements_own_target() -> None:
    found = Asking().achievements()
    assert found["A thousand notes"].progress == AchievementProgress(
        current=1000, target=1000, percent=100
    )
    assert found["A month"].progress == AchievementProgress(current=12, target=30, percent=40)
    assert found["All-rounder"].progress == AchievementProgress(current=2, target=4, percent=50)
    assert found["For all to hear"].progress == AchievementProgress(current=0, target=1, percent=0)
    assert found["Full moon"].progress is None


def test_a_question_without_progress_saves_both_calls() -> None:
    asking = Asking()
    found = asking.achievements(progress=False)
    assert asking.paths == [LIST]
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
def test_a_count_that_nothing_waits_for_is_not_asked_for(sent: Any, paths: list[str]) -> None:
    asking = Asking().answering("/achievements", sent)
    asking.run(lambda client: client.achievements(["vega"]))
    assert asking.paths == [LIST, *paths]


@pytest.mark.parametrize("status", [500, 404, 403, 401, 429])
def test_a_failing_count_does_not_lose_the_achievements(status: int) -> None:
    asking = Asking().answering("/(metrics|streak)", {"error": "no"}, status)
    found = asking.achievements()
    assert len(found) == 16
    assert found["Ten thousand notes"].progress is None
    assert found["A month"].progress is None
    assert found["A thousand notes"].progress is not None


def test_a_failing_streak_leaves_the_metrics_progress() -> None:
    found = Asking().answering("/streak", "<p>", 502).achievements()
    assert found["A month"].progress is None
    assert found["Ten thousand notes"].progress is not None


def test_a_metric_nobody_knows_gives_no_progress() -> None:
    sent = [{"id": "1", "trigger": "metric", "metricId": "other", "metricValue": 5}]
    assert several(sent, progress=True)[0].progress is None


def test_progress_never_leaves_its_bounds() -> None:
    asking = Asking().answering("/streak", {"length": 99, "frequency": "daily"})
    asking.sandbox.world.users["vega"].metrics["notes"] = -5
    found = asking.achievements()
    month, notes = found["A month"].progress, found["Ten thousand notes"].progress
    assert month == AchievementProgress(current=99, target=30, percent=100)
    assert notes == AchievementProgress(current=-5, target=10000, percent=0)


def test_the_joined_answer_is_as_old_as_its_oldest_part() -> None:
    async def ages(client: TrophySoClient) -> bool:
        (streak,) = await client.streaks(["vega"])
        (joined,) = await client.achievements(["vega"])
        assert isinstance(streak, Answer)
        assert isinstance(joined, Answer)
        return joined.fetched_at == streak.fetched_at and not joined.stale

    assert Asking().run(ages)


def test_rarity_is_the_percent_as_sent_with_the_common_bands() -> None:
    found = Asking().achievements()
    assert found["Ten thousand notes"].rarity == Rarity(
        percent=4, band=RarityBand.ULTRA_RARE, earners=32
    )
    assert found["A thousand notes"].rarity == Rarity(percent=30, band=RarityBand.RARE, earners=240)


@pytest.mark.parametrize(("sent", "percent"), [(120, 100.0), (-3, 0.0), ("12.5", 12.5)])
def test_rarity_is_kept_within_its_bounds(sent: object, percent: float) -> None:
    rarity = one({"id": "1", "rarity": sent}).rarity
    assert rarity is not None
    assert (rarity.percent, rarity.earners, rarity.population) == (percent, None, None)


def test_an_achievement_without_rarity_has_none_rather_than_zero() -> None:
    assert one({"id": "1", "completions": 4}).rarity is None


@pytest.mark.parametrize(
    ("badge", "url"),
    [
        ("http://badges.example/a.png", "https://badges.example/a.png"),
        ("https://badges.example/a.png", "https://badges.example/a.png"),
        ("javascript:alert(1)", None),
        ("/relative.png", None),
        ("", None),
        (None, None),
    ],
)
def test_a_badge_is_shown_only_over_https(badge: str | None, url: str | None) -> None:
    assert one({"id": "1", "badgeUrl": badge}).icon == (Image(url=url) if url else None)
    beta = Asking().achievements()["Beta tester"].icon
    assert beta == Image(url="https://badges.example/practice/beta.png")


def test_filters_are_read_from_todays_lists_and_from_the_older_single_one() -> None:
    found = Asking().achievements()
    assert found["Night shift"].user_attributes == (KeyValue(key="plan", value="pro"),)
    assert found["Night shift"].event_attributes == (
        KeyValue(key="daytime", value="evening"),
        KeyValue(key="place", value="home"),
    )
    assert found["Pianist"].event_attributes == (KeyValue(key="instrument", value="piano"),)
    assert found["First notes"].user_attributes == ()
    assert found["First notes"].event_attributes == ()
    assert found["Welcome"].event_attributes is None


def test_a_filter_sent_in_both_ways_is_shown_once() -> None:
    pair = {"key": "a", "value": "b"}
    sent = {"id": "1", "eventAttributes": [pair, {"key": "broken"}], "eventAttribute": pair}
    assert one(sent).event_attributes == (KeyValue(key="a", value="b"),)


def test_the_older_replies_say_the_same_with_fewer_keys() -> None:
    asking, older = Asking(), Asking()
    older.sandbox.settings["old_form"] = True
    today, before = asking.achievements(), older.achievements()
    assert [each.earned for each in before.values()] == [each.earned for each in today.values()]
    assert [each.progress for each in before.values()] == [each.progress for each in today.values()]
    assert before["Night shift"].user_attributes is None
    assert before["Pianist"].event_attributes == today["Pianist"].event_attributes


@pytest.mark.parametrize(
    ("sent", "earned", "at"),
    [
        ({}, False, None),
        ({"achievedAt": None}, False, None),
        ({"achievedAt": "2026-10-01T10:00:00.000Z"}, True, datetime(2026, 10, 1, 10, tzinfo=UTC)),
        ({"achievedAt": "2026-10-01T12:00:00+02:00"}, True, datetime(2026, 10, 1, 10, tzinfo=UTC)),
        ({"achievedAt": "some day"}, True, None),
    ],
)
def test_earned_is_what_has_a_date_even_an_unreadable_one(
    sent: dict[str, Any],
    earned: bool,
    at: datetime | None,
) -> None:
    achievement = one({"id": "1", **sent})
    assert (achievement.earned, achievement.earned_at) == (earned, at)


def test_an_achievement_is_known_by_its_id_or_its_key_or_not_at_all() -> None:
    sent = [{"id": "1", "key": "a"}, {"key": "b"}, {"name": "nobody"}, "no object", {"id": 4}]
    found = several(sent)
    assert [(each.native_id, each.key) for each in found] == [("1", "a"), ("b", "b"), ("4", None)]


def test_a_broken_field_spoils_only_itself() -> None:
    sent = {"id": "1", "name": ["x"], "trigger": 5, "completions": -1, "rarity": 3, "key": "k"}
    found = one(sent)
    assert (found.name, found.raw_trigger, found.trigger) == (None, "5", AchievementTrigger.OTHER)
    assert found.rarity == Rarity(percent=3, band=RarityBand.ULTRA_RARE)


def test_a_composite_counts_each_of_its_parts_once() -> None:
    part = {"id": "1", "trigger": "api", "achievedAt": "2024-01-01T00:00:00Z"}
    whole = {"id": "2", "trigger": "achievement", "achievementIds": ["1", "1", "9"]}
    empty: dict[str, Any] = {"id": "3", "trigger": "achievement", "achievementIds": []}
    _, first, second = several([part, whole, empty])
    assert first.progress == AchievementProgress(current=1, target=2, percent=50)
    assert second.progress is None
    assert second.trigger_detail == TriggerDetail(prerequisite_ids=())


def test_a_new_unlock_completes_what_waited_for_it() -> None:
    asking = Asking()
    for key in ("30-day-streak", "shared-a-song"):
        asking.sandbox.world.unlock("vega", key, "2026-10-14T09:00:00.000Z")
    found = asking.achievements()
    assert found["All-rounder"].earned
    assert found["All-rounder"].earned_at == datetime(2026, 10, 14, 9, tzinfo=UTC)
