"""Leaderboards of a game, and a member's places on them, as the site sends them."""

from typing import Any

import pytest

from tests.providers.retroachievements.sandbox.api_calls import call_api

BOARDS, PLACES = "GetGameLeaderboards", "GetUserGameLeaderboards"


def test_a_leaderboard_has_its_best_score() -> None:
    status, body = call_api(BOARDS, i=640)

    tops = [each["TopEntry"] and each["TopEntry"]["User"] for each in body["Results"]]
    assert (status, body["Count"], body["Total"]) == (200, 3, 3)
    # The lowest time, the highest score, and none.
    assert tops == ["SecondSam", "MaxMilyin", None]
    _, page = call_api(BOARDS, i=640, c=1, o=1)
    assert [each["ID"] for each in page["Results"]] == [9002]
    assert (page["Count"], page["Total"]) == (1, 3)


def test_a_member_has_a_place_where_they_have_a_score() -> None:
    _, body = call_api(PLACES, i=640, u="MaxMilyin")

    places = {each["ID"]: each["UserEntry"] for each in body["Results"]}
    assert {board: place["Rank"] for board, place in places.items()} == {9001: 3, 9002: 1}
    assert places[9002]["DateUpdated"] == "2024-07-02T12:00:00+00:00"


@pytest.mark.parametrize(
    ("parameters", "response"),
    [
        ({"i": 999_999, "u": "VegaNorth"}, (404, ["Game not found"])),
        ({"i": 640, "u": "Unknown"}, (404, ["User not found"])),
        ({"i": 101, "u": "VegaNorth"}, (422, ["Game has no leaderboards"])),
        ({"i": 640, "u": "EmptyEda"}, (422, ["User has no leaderboards on this game"])),
    ],
)
def test_a_list_without_rows_is_refused(
    parameters: dict[str, Any], response: tuple[int, Any]
) -> None:
    assert call_api(PLACES, **parameters) == response
