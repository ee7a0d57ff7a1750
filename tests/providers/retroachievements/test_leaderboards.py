"""Leaderboards of games, and players' places on them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from providers.capabilities import LeaderboardEntriesKey, LeaderboardPageKey
from providers.errors import BadResponse, NotFound, ProviderError
from providers.kit.sandbox import InjectedFault
from providers.retroachievements.sandbox import member_data
from providers.retroachievements_records import (
    Leaderboard,
    LeaderboardEntry,
    LeaderboardPage,
)
from tests.providers.retroachievements.harness import ClientHarness, get_error, unwrap

PUDDLE_RACERS, LANTERN_KEEP = "640", "101"
BOARDS, PLACES = "GetGameLeaderboards", "GetUserGameLeaderboards"


def load_page(
    harness: ClientHarness, title_id: str = PUDDLE_RACERS, offset: int = 0
) -> LeaderboardPage:
    key = LeaderboardPageKey(title_id, offset)
    (outcome,) = harness.run(lambda client: client.get_leaderboards([key]))
    return unwrap(outcome)


def load_places(
    harness: ClientHarness, handle: str = "VegaNorth", title_id: str = PUDDLE_RACERS
) -> Mapping[str, LeaderboardEntry]:
    key = LeaderboardEntriesKey(handle, title_id)
    (outcome,) = harness.run(lambda client: client.get_leaderboard_entries([key]))
    return unwrap(outcome)


def find_error(harness: ClientHarness, key: LeaderboardPageKey) -> ProviderError:
    return get_error(harness.run(lambda client: client.get_leaderboards([key])))


def test_a_leaderboard_has_its_format_and_its_first_place() -> None:
    harness = ClientHarness()
    page = load_page(harness)
    assert page.leaderboards[0] == Leaderboard(
        native_id="9001",
        name="Fast first lap",
        description="The first lap of the garden path, with any duck",
        format="MILLISECS",
        lower_is_better=True,
        state="active",
        top_entry=LeaderboardEntry(
            ulid=member_data.SAM_ULID,
            display_name="SecondSam",
            rank=1,
            score=4287,
            formatted_score="0:42.87",
        ),
    )
    assert [each.top_entry is None for each in page.leaderboards] == [False, False, True]
    assert (page.total, page.next_offset) == (3, None)
    assert harness.calls == {BOARDS: 1}


def test_a_page_begins_at_an_offset_and_a_game_may_have_none() -> None:
    found = load_page(ClientHarness(), offset=2).leaderboards
    assert [each.name for each in found] == ["Dry feet"]
    assert load_page(ClientHarness(), LANTERN_KEEP) == LeaderboardPage(leaderboards=(), total=0)


def test_an_unknown_game_is_not_found() -> None:
    error = find_error(ClientHarness(), LeaderboardPageKey("999999"))
    assert isinstance(error, NotFound)
    assert "game" in error.message


def test_the_places_of_a_player_are_by_leaderboard() -> None:
    harness = ClientHarness()
    assert load_places(harness) == {
        "9001": LeaderboardEntry(
            ulid=member_data.VEGA_ULID,
            display_name="VegaNorth",
            rank=2,
            score=4321,
            formatted_score="0:43.21",
            submitted_at=datetime(2025, 10, 5, 16, 20, tzinfo=UTC),
        )
    }
    assert harness.calls == {PLACES: 1}
    both = load_places(ClientHarness(), "MaxMilyin")
    assert {name: place.rank for name, place in both.items()} == {"9001": 3, "9002": 1}


@pytest.mark.parametrize(("handle", "title_id"), [("VegaNorth", "101"), ("EmptyEda", "640")])
def test_a_refused_list_without_rows_is_empty(handle: str, title_id: str) -> None:
    assert load_places(ClientHarness(), handle, title_id) == {}


@pytest.mark.parametrize(("handle", "title_id"), [("Nobody", "640"), ("VegaNorth", "999999")])
def test_places_of_an_unknown_player_or_game_are_not_found(handle: str, title_id: str) -> None:
    key = LeaderboardEntriesKey(handle, title_id)
    outcomes = ClientHarness().run(lambda client: client.get_leaderboard_entries([key]))
    assert isinstance(get_error(outcomes), NotFound)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"message": "m", "errors": {"u": ["The u field is invalid."]}}, "NOT_FOUND"),
        ({"message": "m", "errors": {"x": ["The x field is invalid."]}}, "UPSTREAM_BAD_RESPONSE"),
        (["Something else"], "UPSTREAM_BAD_RESPONSE"),
        ([], "UPSTREAM_BAD_RESPONSE"),
        ("text", "UPSTREAM_BAD_RESPONSE"),
    ],
)
def test_any_other_refusal_is_an_error(body: Any, code: str) -> None:
    harness = ClientHarness().with_response(PLACES, body, 422)
    key = LeaderboardEntriesKey("VegaNorth", PUDDLE_RACERS)
    error = get_error(harness.run(lambda client: client.get_leaderboard_entries([key])))
    assert error.code == code


def test_places_on_several_pages_are_one_list() -> None:
    harness = ClientHarness()
    refusal = {"message": "c", "errors": {"c": ["The c field must be between 1 and 2."]}}
    harness.sandbox.faults.append(InjectedFault(f"{PLACES}\\.php\\?.*c=500", 422, refusal))
    first = harness.sandbox.database.leaderboards[0]
    harness.sandbox.database.leaderboards = [replace(first, id=number) for number in range(1, 6)]
    assert list(load_places(harness)) == ["1", "2", "3", "4", "5"]
    assert harness.calls == {PLACES: 4}


def test_a_row_has_what_can_be_read_of_it() -> None:
    entry = {"User": "Ada", "Score": 2**40, "FormattedScore": "", "Rank": 0, "DateUpdated": "?"}
    rows: list[Any] = [
        {"ID": "7", "RankAsc": "yes", "Format": "", "State": None, "TopEntry": entry},
        {"ID": 8, "TopEntry": [], "UserEntry": 7},
        {"Title": "no id"},
        None,
    ]
    body = {"Count": 4, "Total": 4, "Results": rows}
    page = load_page(ClientHarness().with_response(BOARDS, body))
    top = LeaderboardEntry(display_name="Ada", rank=1)
    assert page.leaderboards == (
        Leaderboard(native_id="7", top_entry=top),
        Leaderboard(native_id="8"),
    )
    assert page.unread_count == 2
    rows[0]["UserEntry"] = entry
    places = load_places(ClientHarness().with_response(PLACES, body))
    assert places == {"7": LeaderboardEntry(display_name="Ada")}


@pytest.mark.parametrize("body", [{}, [], {"Count": 1, "Total": 1, "Results": [7]}])
def test_a_list_that_cannot_be_read_is_no_empty_list(body: Any) -> None:
    harness = ClientHarness().with_response(BOARDS, body)
    assert isinstance(find_error(harness, LeaderboardPageKey(PUDDLE_RACERS)), BadResponse)
