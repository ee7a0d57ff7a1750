"""Points of users, and their places on leaderboards."""

from typing import Any

import pytest

from providers.capabilities import PointsKey
from providers.errors import BadInput, NotFound, Private
from providers.trophy_so.client import TrophySoClient
from providers.trophy_so.sandbox import constants
from providers.trophy_so_records import TrophySoLeaderboardPlace, TrophySoLevel, TrophySoPoints
from tests.providers.trophy_so.harness import ClientHarness, get_error, unwrap

SYSTEM: dict[str, Any] = {"id": "p-1", "key": "experience", "name": "Experience", "total": 80}
BOARD = {"id": "b-1", "key": "most-notes", "name": "Most notes", "rankBy": "metric"}


def load_points(harness: ClientHarness, handle: str = "vega", key: str = "experience") -> Any:
    return harness.run(lambda client: client.get_points([PointsKey(handle, key)]))


def load_place(harness: ClientHarness, handle: str = "vega", key: str = "most-notes") -> Any:
    return harness.run(lambda client: client.get_leaderboard_places([PointsKey(handle, key)]))


def test_points_have_a_total_and_the_level_that_it_reaches() -> None:
    harness = ClientHarness()
    (outcome,) = load_points(harness)
    assert unwrap(outcome) == TrophySoPoints(
        id="00000001-9017-4000-8000-000000000001",
        key="experience",
        name="Experience",
        total=80,
        level=TrophySoLevel(
            id="00000002-1e7e-4000-8000-000000000002", key="player", name="Player", points=50
        ),
    )
    assert harness.paths == ["/v1/users/vega/points/experience?awards=1"]


def test_points_below_the_first_level_have_none() -> None:
    (outcome,) = load_points(ClientHarness(), "fresh")
    points = unwrap(outcome)
    assert (points.total, points.level) == (0, None)


def test_a_place_has_a_rank_and_a_value() -> None:
    harness = ClientHarness()
    (outcome,) = load_place(harness)
    assert unwrap(outcome) == TrophySoLeaderboardPlace(
        id="00000001-1ead-4000-8000-000000000001",
        key="most-notes",
        name="Most notes",
        rank_by="metric",
        rank=1,
        value=4200,
    )
    assert harness.paths == ["/v1/users/vega/leaderboards/most-notes?numEvents=0"]


def test_a_user_who_is_not_on_a_leaderboard_has_no_rank() -> None:
    (outcome,) = load_place(ClientHarness(), "fresh")
    place = unwrap(outcome)
    assert (place.rank, place.value, place.name) == (None, None, "Most notes")


@pytest.mark.parametrize(
    ("handle", "key"), [("nobody", "experience"), ("vega", "nothing"), ("vega", "a/b ?#ü")]
)
def test_an_unknown_user_and_an_unknown_key_are_not_found(handle: str, key: str) -> None:
    assert isinstance(get_error(load_points(ClientHarness(), handle, key)), NotFound)
    assert isinstance(get_error(load_place(ClientHarness(), handle, key)), NotFound)


@pytest.mark.parametrize("key", ["", ".", "..", "a\nb", "\x85", "\ud800", "x" * 101])
def test_an_invalid_key_is_rejected_before_any_call(key: str) -> None:
    async def check(client: TrophySoClient) -> None:
        with pytest.raises(BadInput) as caught:
            client.check_key(key)
        assert (caught.value.argument, caught.value.source) == ("key", "TROPHY_SO")

    harness = ClientHarness()
    harness.run(check)
    assert isinstance(get_error(load_points(harness, key=key)), BadInput)
    assert isinstance(get_error(load_place(harness, key=key)), BadInput)
    assert harness.paths == []


def test_a_key_of_one_user_sees_no_points_of_another() -> None:
    harness = ClientHarness(settings={"TROPHY_SO_API_KEY": constants.APPLICATION_KEY})
    assert isinstance(get_error(load_points(harness)), Private)
    (outcome,) = load_points(harness, "second user")
    assert unwrap(outcome).total == 20


@pytest.mark.parametrize(
    "level", [None, {}, 7, {"id": "l-1"}, {"id": "l", "key": "k", "name": "n", "points": "many"}]
)
def test_a_level_that_cannot_be_read_costs_the_level_alone(level: Any) -> None:
    harness = ClientHarness().with_response("/points/", {**SYSTEM, "level": level})
    (outcome,) = load_points(harness)
    assert unwrap(outcome) == TrophySoPoints(**SYSTEM)


def test_a_name_that_is_left_out_is_the_key() -> None:
    harness = ClientHarness().with_response("/points/", {"id": 7, "total": "12"})
    (outcome,) = load_points(harness)
    assert unwrap(outcome) == TrophySoPoints(id="7", key="experience", name="experience", total=12)
    harness = ClientHarness().with_response("/leaderboards/", {"id": "b", "rankBy": "points"})
    (outcome,) = load_place(harness)
    assert unwrap(outcome) == TrophySoLeaderboardPlace(
        id="b", key="most-notes", name="most-notes", rank_by="points"
    )


@pytest.mark.parametrize("body", [{}, [], None, {"id": "p-1"}, {"total": 3}, {**SYSTEM, "id": []}])
def test_points_without_an_id_or_a_total_cannot_be_read(body: Any) -> None:
    error = get_error(load_points(ClientHarness().with_response("/points/", body)))
    assert error.code == "UPSTREAM_BAD_RESPONSE"


@pytest.mark.parametrize("body", [{}, [], {"id": "b-1"}, {"rankBy": "points"}])
def test_a_leaderboard_without_what_it_ranks_by_cannot_be_read(body: Any) -> None:
    error = get_error(load_place(ClientHarness().with_response("/leaderboards/", body)))
    assert error.code == "UPSTREAM_BAD_RESPONSE"


@pytest.mark.parametrize("rank", [0, None, -1, "first", 2**40])
def test_a_rank_that_is_none_is_unknown(rank: Any) -> None:
    body = {**BOARD, "rank": rank, "value": 2**40}
    (outcome,) = load_place(ClientHarness().with_response("/leaderboards/", body))
    place = unwrap(outcome)
    assert (place.rank, place.value) == (None, None)
