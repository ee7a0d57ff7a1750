"""The description of a game, its points and its awards: what is unknown stays unknown."""

from datetime import UTC, datetime

import pytest

from providers.records import AchievementPoints, AwardKind, Image, TitleAward, TitleInfo
from providers.retroachievements.fact_mapping import (
    map_highest_award,
    map_info,
    map_points,
    sum_points,
)
from providers.retroachievements.models import Game

MEDIA_URL = "https://media.test"


def test_the_sum_of_points_has_the_sum_of_their_weights() -> None:
    assert sum_points([map_points(5, 9), map_points(10, 30)]) == map_points(15, 39)
    assert sum_points([]) == map_points(0, 0)


@pytest.mark.parametrize(
    ("points", "total"),
    [
        ([map_points(5, 9), None], None),
        ([map_points(5, 9), map_points(10)], map_points(15)),
        ([map_points(2**31 - 1), map_points(1)], None),
        ([map_points(1, 2**31 - 1), map_points(1, 1)], map_points(2)),
        ([map_points(-5)], None),
    ],
)
def test_a_sum_is_unknown_if_a_part_is_or_it_does_not_fit(
    points: list[AchievementPoints | None], total: AchievementPoints | None
) -> None:
    assert sum_points(points) == total


def test_an_award_of_a_new_kind_is_of_another_kind() -> None:
    when = datetime(2026, 5, 4, 10, tzinfo=UTC)
    assert map_highest_award("mastered", "2026-05-04T10:00:00Z") == TitleAward(
        kind=AwardKind.MASTERED, awarded_at=when
    )
    assert map_highest_award("invented", "soon") == TitleAward(kind=AwardKind.OTHER)
    assert map_highest_award(None, "2026-05-04") is map_highest_award("", None) is None


def test_a_game_is_described_as_far_as_it_is_known() -> None:
    game = Game(
        title="Puddle Racers",
        publisher="Invented Software",
        developer="",
        genre="Racing",
        released="1996-03-08 00:00:00",
        image_box_art="/Images/000001.png",
        parent_game_id=0,
    )
    assert map_info(game, MEDIA_URL) == TitleInfo(
        publisher="Invented Software",
        genre="Racing",
        released_at=datetime(1996, 3, 8, tzinfo=UTC),
        box_art=Image(url=f"{MEDIA_URL}/Images/000001.png"),
    )
    assert map_info(Game(title="Puddle Racers"), MEDIA_URL) is None
