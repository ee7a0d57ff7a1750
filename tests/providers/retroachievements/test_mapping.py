"""Games and achievements as records."""

from datetime import UTC, datetime
from typing import Any

import pytest

from providers.records import (
    Achievement,
    AchievementPoints,
    Image,
    Rarity,
    RarityBand,
    UnlockMode,
)
from tests.providers.retroachievements.harness import (
    ClientHarness,
    get_achievements,
    load_contents,
)

MEDIA = "https://media.retroachievements.org"
ACHIEVEMENT: dict[str, Any] = {
    "ID": 501,
    "NumAwarded": 30,
    "NumAwardedHardcore": 12,
    "Title": "First Steps",
    "Description": "Leave the village",
    "Points": 5,
    "TrueRatio": 9,
    "BadgeName": "00501",
    "DisplayOrder": 1,
    "Type": "progression",
}


def make_game_harness(*sent: dict[str, Any], **changes: Any) -> ClientHarness:
    """Make an upstream with one game that has these achievements."""
    rows = {str(row.get("ID")): row for row in sent}
    body = {"ID": 77, "Title": "Example Quest", "NumDistinctPlayers": 60, "Achievements": rows}
    return ClientHarness().with_response("GetGameInfoAndUserProgress", {**body, **changes})


def load_only_achievement(*sent: dict[str, Any], **changes: Any) -> Achievement:
    (achievement,) = get_achievements(load_contents(make_game_harness(*sent, **changes), "77"))
    return achievement


def test_achievements_come_in_the_order_of_display() -> None:
    rows = [
        {**ACHIEVEMENT, "ID": native_id, "DisplayOrder": order}
        for native_id, order in ((9, 2), (7, 3), (8, 2))
    ]
    found = load_contents(
        make_game_harness(*rows, {**ACHIEVEMENT, "ID": 1, "DisplayOrder": None}), "77"
    )
    assert [achievement.native_id for achievement in get_achievements(found)] == [
        "8",
        "9",
        "7",
        "1",
    ]


def test_an_achievement_that_is_not_earned() -> None:
    assert load_only_achievement(ACHIEVEMENT) == Achievement(
        native_id="501",
        group_id="core",
        name="First Steps",
        description="Leave the village",
        icon=Image(url=f"{MEDIA}/Badge/00501.png", locked_url=f"{MEDIA}/Badge/00501_lock.png"),
        earned=False,
        points=AchievementPoints(value=5, unit="RETRO_POINTS", weighted=9),
        rarity=Rarity(
            percent=50.0,
            band=RarityBand.RARE,
            earners=30,
            population=60,
            hardcore_percent=20.0,
            hardcore_earners=12,
        ),
        kind="progression",
    )


SOFTCORE_DATE, HARDCORE_DATE = "2024-03-09 18:20:01", "2024-04-01 00:00:00"


@pytest.mark.parametrize(
    ("dates", "mode", "earned_at", "softcore"),
    [
        ({"DateEarned": SOFTCORE_DATE}, UnlockMode.SOFTCORE, SOFTCORE_DATE, SOFTCORE_DATE),
        (
            {"DateEarned": SOFTCORE_DATE, "DateEarnedHardcore": HARDCORE_DATE},
            UnlockMode.HARDCORE,
            HARDCORE_DATE,
            SOFTCORE_DATE,
        ),
        ({"DateEarnedHardcore": HARDCORE_DATE}, UnlockMode.HARDCORE, HARDCORE_DATE, None),
        ({"DateEarned": "soon"}, UnlockMode.SOFTCORE, None, None),
        ({"DateEarned": None, "DateEarnedHardcore": ""}, None, None, None),
    ],
)
def test_earned_state_and_mode_follow_from_the_dates(
    dates: dict[str, Any], mode: UnlockMode | None, earned_at: str | None, softcore: str | None
) -> None:
    found = load_only_achievement({**ACHIEVEMENT, **dates})
    assert (found.earned, found.unlock_mode) == (mode is not None, mode)
    assert (found.earned_at, found.earned_at_softcore) == (
        parse_moment(earned_at),
        parse_moment(softcore),
    )


def parse_moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("earners", "players", "percent"),
    [(70, 60, 100.0), (0, 60, 0.0), (5, 0, None), (5, None, None), (None, 60, None)],
)
def test_rarity_is_clamped_for_zero_players_and_too_many_earners(
    earners: int | None, players: int | None, percent: float | None
) -> None:
    found = load_only_achievement(
        {**ACHIEVEMENT, "NumAwarded": earners}, NumDistinctPlayers=players
    )
    assert (found.rarity.percent if found.rarity else None) == percent


def test_both_spellings_of_the_type_are_mapped() -> None:
    harness = ClientHarness()
    harness.sandbox.settings["lower_case_type"] = True
    played = get_achievements(load_contents(harness, "101"))
    defined = get_achievements(load_contents(ClientHarness(), "101", None))
    kinds = [achievement.kind for achievement in defined]
    assert [achievement.kind for achievement in played] == kinds
    assert played[0].kind == "progression"
    assert played[2].kind is None


def test_numbers_sent_as_text_are_numbers() -> None:
    harness = ClientHarness()
    harness.sandbox.settings["numbers_as_text"] = True
    assert load_contents(harness, "523") == load_contents(ClientHarness(), "523")


@pytest.mark.parametrize(("rows", "count"), [([], 0), ({}, 0), ([ACHIEVEMENT], 1)])
def test_achievements_sent_as_a_list_are_accepted(rows: object, count: int) -> None:
    assert len(get_achievements(load_contents(make_game_harness(Achievements=rows), "77"))) == count


def test_an_invalid_achievement_is_left_out_alone() -> None:
    found = load_contents(make_game_harness(ACHIEVEMENT, {"ID": "x"}), "77")
    assert [achievement.native_id for achievement in get_achievements(found)] == ["501"]


def test_an_achievement_with_nothing_but_an_id_is_unknown_in_everything_else() -> None:
    assert load_only_achievement({"ID": 1}) == Achievement(
        native_id="1", group_id="core", earned=False
    )
