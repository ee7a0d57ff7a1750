"""Achievements as records, for every trigger and every form of response."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from providers.records import (
    Achievement,
    AchievementTrigger,
    Image,
    KeyValue,
    Rarity,
    RarityBand,
    TriggerDetail,
)
from providers.trophy_so.sandbox import user_routes
from tests.providers.trophy_so.harness import ClientHarness, map_achievements

SAMPLE = Path(user_routes.__file__).with_name("user_achievements.json")


def map_one(sent: dict[str, Any]) -> Achievement:
    (achievement,) = map_achievements([sent])
    return achievement


def test_the_published_sample_is_mapped_without_losing_a_field() -> None:
    found = ClientHarness().load_achievements("user-id")
    assert [to_sent_form(achievement) for achievement in found.values()] == json.loads(
        SAMPLE.read_bytes()
    )
    assert {achievement.user_attributes for achievement in found.values()} == {None}
    assert {achievement.description for achievement in found.values()} == {None}
    assert all(achievement.earned for achievement in found.values())


def to_sent_form(achievement: Achievement) -> dict[str, Any]:
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


def test_locked_and_earned_achievements_are_in_the_sources_order() -> None:
    found = list(ClientHarness().load_achievements().values())
    assert len(found) == 16
    assert sum(1 for achievement in found if achievement.earned) == 8
    assert [achievement.native_id for achievement in found] == sorted(
        achievement.native_id for achievement in found
    )


def test_every_trigger_keeps_its_detail() -> None:
    found = ClientHarness().load_achievements()
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


def test_fields_this_source_does_not_have_are_null() -> None:
    for achievement in ClientHarness().load_achievements().values():
        assert achievement.hidden is False
        assert (achievement.points, achievement.kind, achievement.grade) == (None, None, None)
        assert (achievement.group_id, achievement.reward) == (None, None)


def test_rarity_is_the_percent_as_sent_with_the_common_bands() -> None:
    found = ClientHarness().load_achievements()
    assert found["Ten thousand notes"].rarity == Rarity(
        percent=4, band=RarityBand.ULTRA_RARE, earners=32
    )
    assert found["A thousand notes"].rarity == Rarity(percent=30, band=RarityBand.RARE, earners=240)


@pytest.mark.parametrize(
    ("sent", "percent"), [(120, 100.0), (-3, 0.0), ("12.5", 12.5), (1 / 3, 0.33)]
)
def test_rarity_is_kept_within_its_bounds_and_to_two_digits(sent: object, percent: float) -> None:
    rarity = map_one({"id": "1", "rarity": sent}).rarity
    assert rarity is not None
    assert (rarity.percent, rarity.earners, rarity.population) == (percent, None, None)


def test_an_achievement_without_rarity_has_none_rather_than_zero() -> None:
    assert map_one({"id": "1", "completions": 4}).rarity is None


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
    assert map_one({"id": "1", "badgeUrl": badge}).icon == (Image(url=url) if url else None)
    beta = ClientHarness().load_achievements()["Beta tester"].icon
    assert beta == Image(url="https://badges.example/practice/beta.png")


def test_filters_are_read_from_todays_lists_and_from_the_older_single_one() -> None:
    found = ClientHarness().load_achievements()
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
    assert map_one(sent).event_attributes == (KeyValue(key="a", value="b"),)


def test_older_responses_with_fewer_keys_map_to_the_same() -> None:
    harness, older = ClientHarness(), ClientHarness()
    older.sandbox.settings["old_form"] = True
    today, before = harness.load_achievements(), older.load_achievements()
    assert before.keys() == today.keys()
    for name, achievement in today.items():
        assert before[name].earned == achievement.earned
        assert before[name].progress == achievement.progress
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
def test_an_achievement_with_any_date_is_earned(
    sent: dict[str, Any],
    earned: bool,
    at: datetime | None,
) -> None:
    achievement = map_one({"id": "1", **sent})
    assert (achievement.earned, achievement.earned_at) == (earned, at)


def test_an_achievement_is_identified_by_its_id_or_its_key() -> None:
    sent = [{"id": "1", "key": "a"}, {"key": "b"}, {"name": "no id"}, "no object", {"id": 4}]
    ids = [(achievement.native_id, achievement.key) for achievement in map_achievements(sent)]
    assert ids == [("1", "a"), ("b", "b"), ("4", None)]


def test_an_invalid_field_is_null_alone() -> None:
    sent = {"id": "1", "name": ["x"], "trigger": 5, "completions": -1, "rarity": 3, "key": "k"}
    found = map_one(sent)
    assert (found.name, found.raw_trigger, found.trigger) == (None, "5", AchievementTrigger.OTHER)
    assert found.rarity == Rarity(percent=3, band=RarityBand.ULTRA_RARE)
