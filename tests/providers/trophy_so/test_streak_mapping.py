"""The periods of a streak: in order, and as far as they can be read."""

from datetime import date
from typing import Any

from providers.trophy_so_records import TrophySoStreak, TrophySoStreakPeriod
from tests.providers.trophy_so.harness import ClientHarness, unwrap


def map_streak(**members: Any) -> TrophySoStreak:
    body = {"length": 2, "frequency": "weekly", **members}
    harness = ClientHarness().with_response("/streak", body)
    (outcome,) = harness.run(lambda client: client.get_streaks(["vega"]))
    return unwrap(outcome)


def test_periods_are_in_order_whatever_the_order_of_the_source() -> None:
    starts = ("2026-05-11", "2026-05-25", "2026-05-18")
    rows = [{"periodStart": start, "length": 1} for start in starts]
    found = map_streak(streakHistory=rows).history or ()
    assert [each.starts_on for each in found] == [
        date(2026, 5, 25),
        date(2026, 5, 18),
        date(2026, 5, 11),
    ]


def test_a_period_has_what_can_be_read_of_it() -> None:
    sound = {
        "periodStart": "2026-05-25T00:00:00.000Z",
        "periodEnd": "2026-05-31",
        "length": "2",
        "usedFreeze": True,
        "usedPause": False,
    }
    broken = {"periodStart": "soon", "periodEnd": 7, "length": 1, "usedFreeze": "perhaps"}
    found = map_streak(streakHistory=[broken, sound, {"periodStart": "2026-05-11"}, None])
    assert found.history == (
        TrophySoStreakPeriod(
            length=2,
            starts_on=date(2026, 5, 25),
            ends_on=date(2026, 5, 31),
            used_freeze=True,
            used_pause=False,
        ),
        TrophySoStreakPeriod(length=1),
    )


def test_a_history_that_is_left_out_is_unknown_and_an_empty_one_is_empty() -> None:
    assert map_streak().history is None
    assert map_streak(streakHistory="none").history is None
    assert map_streak(streakHistory=[]).history == ()


def test_dates_that_cannot_be_read_are_unknown() -> None:
    found = map_streak(started="2026-02-30", expires="", extended="later")
    assert found.started_on is found.expires_on is found.extended_at is None
