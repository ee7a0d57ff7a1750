"""Leaderboards and places on them: ranks, and where the next page begins."""

from providers.retroachievements.leaderboard_mapping import (
    map_leaderboard_entries,
    map_leaderboard_page,
)
from providers.retroachievements.models import GameLeaderboard, GameLeaderboards, LeaderboardEntry


def test_the_top_entry_is_the_first_whatever_its_rank() -> None:
    rows = [GameLeaderboard(id=1, top_entry=LeaderboardEntry(user="Ada", rank=7))]

    page = map_leaderboard_page(GameLeaderboards(results=rows, count=1, total=3), 0)

    assert page.leaderboards[0].top_entry is not None
    assert page.leaderboards[0].top_entry.rank == 1
    assert (page.total, page.next_offset, page.unread_count) == (3, 1, 0)


def test_places_are_by_leaderboard_and_rank_zero_is_unknown() -> None:
    rows = {
        "first": GameLeaderboard(id=1, user_entry=LeaderboardEntry(user="Ada", rank=0, score=5)),
        "second": GameLeaderboard(id=2),
        "third": GameLeaderboard(id=3, user_entry=LeaderboardEntry(user="Ada", rank=4)),
    }

    places, next_offset = map_leaderboard_entries(
        GameLeaderboards(results=rows, count=3, total=4), 0
    )

    assert {each: place.rank for each, place in places.items()} == {"1": None, "3": 4}
    assert next_offset == 3
    last = GameLeaderboards(results=[], count=0, total=4)
    assert map_leaderboard_entries(last, 3) == ({}, None)
