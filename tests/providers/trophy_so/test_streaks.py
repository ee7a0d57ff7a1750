"""Streaks of users, one by one and by the hundred."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import pytest

from providers.errors import BadInput, NotFound, Private, ProviderError
from providers.kit.caching.cached import Cached
from providers.trophy_so.client import TrophySoClient
from providers.trophy_so.sandbox import constants
from providers.trophy_so.sandbox.models import User
from providers.trophy_so_records import TrophySoStreak
from tests.providers.trophy_so.harness import ClientHarness, get_error, unwrap

EXTENDED = datetime(2026, 10, 14, 12, tzinfo=UTC)
Outcomes = Sequence[Cached[TrophySoStreak] | ProviderError]


def add_users(harness: ClientHarness, count: int) -> list[str]:
    users = [User(f"user-{number}", streak=number) for number in range(count)]
    harness.sandbox.database.users.update({user.id: user for user in users})
    return [user.id for user in users]


def load_lengths(harness: ClientHarness, handles: Sequence[str]) -> Outcomes:
    return harness.run(lambda client: client.get_streak_lengths(handles))


def test_a_streak_has_a_length_a_period_and_the_last_seven_of_them() -> None:
    outcomes = ClientHarness().run(lambda client: client.get_streaks(["vega", "fresh"]))
    vega, fresh = map(unwrap, outcomes)
    assert (vega.length, vega.frequency, vega.extended_at) == (12, "daily", EXTENDED)
    assert (vega.started_on, vega.expires_on) == (date(2026, 10, 3), date(2026, 10, 15))
    assert [each.length for each in vega.history or ()] == [12, 11, 10, 9, 8, 7, 6]
    assert (fresh.length, fresh.frequency, fresh.extended_at) == (0, "daily", None)


def test_a_long_history_has_a_hundred_periods_and_serves_a_short_one() -> None:
    async def load(client: TrophySoClient) -> Outcomes:
        (long,) = await client.get_streaks(["vega"], long_history=True)
        (short,) = await client.get_streaks(["vega"])
        return [long, short]

    harness = ClientHarness()
    long, short = map(unwrap, harness.run(load))
    assert long == short
    assert long.history is not None
    assert len(long.history) == 100
    assert harness.paths == ["/v1/users/vega/streak?historyPeriods=100"]


def test_the_lengths_of_many_users_are_loaded_a_hundred_to_a_call() -> None:
    harness = ClientHarness()
    ids = add_users(harness, 250)
    outcomes = load_lengths(harness, [*ids, *ids[:3]])
    assert [unwrap(each).length for each in outcomes] == [*range(250), 0, 1, 2]
    assert unwrap(outcomes[7]) == TrophySoStreak(length=7, extended_at=EXTENDED)
    assert sorted(path.partition("?")[0] for path in harness.paths) == ["/v1/streaks"] * 3


def test_the_length_of_one_user_comes_with_the_whole_streak() -> None:
    async def load(client: TrophySoClient) -> Outcomes:
        return [*await client.get_streak_lengths(["vega"]), *await client.get_streaks(["vega"])]

    harness = ClientHarness()
    length, whole = map(unwrap, harness.run(load))
    assert (length.length, length.frequency, length.history) == (12, None, None)
    assert whole.frequency == "daily"
    assert harness.paths == ["/v1/users/vega/streak"]


def test_a_length_is_served_from_a_whole_streak() -> None:
    async def load(client: TrophySoClient) -> Outcomes:
        await client.get_streaks(["vega", "fresh"])
        return await client.get_streak_lengths(["vega", "fresh"])

    harness = ClientHarness()
    assert [unwrap(each).length for each in harness.run(load)] == [12, 0]
    assert sorted(harness.paths) == ["/v1/users/fresh/streak", "/v1/users/vega/streak"]


def test_a_user_who_is_left_out_of_a_list_is_asked_for_alone() -> None:
    harness = ClientHarness()
    vega, nobody, fresh = load_lengths(harness, ["vega", "nobody", "fresh"])
    assert (unwrap(vega).length, unwrap(fresh).length) == (12, 0)
    assert isinstance(nobody, NotFound)
    assert [path.partition("?")[0] for path in harness.paths] == [
        "/v1/streaks",
        "/v1/users/nobody/streak",
    ]


@pytest.mark.parametrize("status", [400, 403, 404, 422])
def test_a_refused_list_is_divided_into_its_users(status: int) -> None:
    harness = ClientHarness().with_response("/streaks", {"error": "one of them"}, status)
    outcomes = load_lengths(harness, ["vega", "fresh"])
    assert [unwrap(each).length for each in outcomes] == [12, 0]


@pytest.mark.parametrize(
    ("status", "code"), [(401, "UPSTREAM_UNAUTHENTICATED"), (503, "UPSTREAM_UNAVAILABLE")]
)
def test_a_list_that_fails_fails_for_its_users(status: int, code: str) -> None:
    harness = ClientHarness().with_response("/streaks", {"error": "down"}, status)
    outcomes = load_lengths(harness, ["vega", "fresh"])
    assert [each.code for each in outcomes if isinstance(each, ProviderError)] == [code] * 2


def test_a_malformed_row_of_a_list_costs_its_own_user_a_call() -> None:
    rows = [{"userId": "vega", "streakLength": "12"}, {"userId": "fresh"}, None, 7]
    harness = ClientHarness().with_response("/streaks", rows)
    outcomes = load_lengths(harness, ["vega", "fresh"])
    assert [unwrap(each).length for each in outcomes] == [12, 0]
    assert harness.paths[1:] == ["/v1/users/fresh/streak"]


def test_a_user_id_with_a_comma_is_not_put_into_a_list() -> None:
    harness = ClientHarness()
    harness.sandbox.database.users["a,b"] = User("a,b", streak=3)
    outcomes = load_lengths(harness, ["a,b", "vega", "fresh"])
    assert [unwrap(each).length for each in outcomes] == [3, 12, 0]
    assert all("a%2Cb" not in path for path in harness.paths if path.startswith("/v1/streaks"))


def test_a_key_of_one_user_asks_for_no_list() -> None:
    harness = ClientHarness(settings={"TROPHY_SO_API_KEY": constants.APPLICATION_KEY})
    other, own = load_lengths(harness, ["vega", "second user"])
    assert isinstance(other, Private)
    assert unwrap(own).length == 1
    assert not any(path.startswith("/v1/streaks") for path in harness.paths)


def test_an_invalid_user_id_fails_alone_and_is_not_sent() -> None:
    harness = ClientHarness()
    invalid, vega, fresh = load_lengths(harness, ["a\nb", "vega", "fresh"])
    assert isinstance(invalid, BadInput)
    assert (unwrap(vega).length, unwrap(fresh).length) == (12, 0)
    assert len(harness.paths) == 1


@pytest.mark.parametrize("body", [{}, [], None, {"frequency": "daily"}, {"length": -1}])
def test_a_streak_without_a_length_cannot_be_read(body: Any) -> None:
    harness = ClientHarness().with_response("/streak", body)
    error = get_error(harness.run(lambda client: client.get_streaks(["vega"])))
    assert error.code == "UPSTREAM_BAD_RESPONSE"


def test_what_is_forgotten_of_a_user_is_loaded_again() -> None:
    async def load(client: TrophySoClient) -> list[int]:
        lengths: list[int] = []
        for length in (20, 21):
            harness.sandbox.database.users["vega"].streak = length
            for long_history in (False, True):
                outcome = await client.get_streaks(["vega"], long_history=long_history)
                lengths.append(unwrap(outcome[0]).length)
            lengths.append(unwrap((await client.get_streak_lengths(["vega"]))[0]).length)
            await client.forget("vega")
        return lengths

    harness = ClientHarness()
    assert harness.run(load) == [20, 20, 20, 21, 21, 21]
