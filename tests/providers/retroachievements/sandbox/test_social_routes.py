"""Follows and wanted games, as the site sends them, and to whom."""

import pytest

from providers.retroachievements.sandbox.member_data import SECOND_KEY
from tests.providers.retroachievements.sandbox.api_calls import call_api

WANTED = "GetUserWantToPlayList"


def test_follows_are_those_of_the_owner_of_the_key() -> None:
    _, following = call_api("GetUsersIFollow", u="SecondSam")
    _, followers = call_api("GetUsersFollowingMe", u="SecondSam")

    assert {each["User"]: each["IsFollowingMe"] for each in following["Results"]} == {
        "SecondSam": True,
        "EmptyEda": False,
    }
    assert {each["User"]: each["AmIFollowing"] for each in followers["Results"]} == {
        "SecondSam": True,
        "MaxMilyin": False,
    }
    _, of_sam = call_api("GetUsersIFollow", y=SECOND_KEY)
    assert [each["User"] for each in of_sam["Results"]] == ["VegaNorth", "MaxMilyin"]


@pytest.mark.parametrize(
    ("handle", "status"), [("VegaNorth", 200), ("SecondSam", 200), ("MaxMilyin", 401), ("No", 404)]
)
def test_wanted_games_are_shown_to_their_member_and_on_mutual_follows(
    handle: str, status: int
) -> None:
    found, body = call_api(WANTED, u=handle)

    assert found == status
    assert (body == []) is (status != 200)


def test_a_wanted_game_has_its_points_and_no_progress() -> None:
    _, body = call_api(WANTED, u="SecondSam")

    (game,) = body["Results"]
    assert game["PointsTotal"] > 0
    assert game["AchievementsPublished"] > 0
    assert not any("Awarded" in name for name in game)
