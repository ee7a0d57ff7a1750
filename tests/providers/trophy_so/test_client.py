"""The capabilities of one credential: totals, validation, and how few calls are needed."""

from typing import get_args

import pytest

from providers.capabilities import (
    Client,
    HasAchievements,
    HasMetrics,
    HasPoints,
    HasProfiles,
    HasTitles,
    HasTotals,
    TotalKey,
)
from providers.errors import BadInput, NotFound, Private
from providers.kit.caching.cached import Cached
from providers.records import TotalName
from providers.trophy_so.client import TrophySoClient
from providers.trophy_so.sandbox import constants
from tests.providers.trophy_so.harness import PROVIDER, ClientHarness, get_error, unwrap

Capabilities = tuple[Client, HasProfiles, HasAchievements, HasMetrics, HasTotals, HasPoints]


def test_the_client_has_its_capabilities() -> None:
    async def get_client(client: TrophySoClient) -> Capabilities:
        return client, client, client, client, client, client

    found = ClientHarness().run(get_client)[0]
    assert (found.source, found.own_handle, PROVIDER.label) == ("TROPHY_SO", "vega", "Trophy.so")
    for capability in (HasProfiles, HasAchievements, HasMetrics, HasTotals, HasPoints):
        assert isinstance(found, capability)
    assert not isinstance(found, HasTitles)


def test_an_unknown_user_is_distinguished_from_an_empty_one() -> None:
    nobody, fresh = ClientHarness().run(lambda client: client.get_achievements(["nobody", "fresh"]))
    assert isinstance(nobody, NotFound)
    assert not any(achievement.earned for achievement in unwrap(fresh))


@pytest.mark.parametrize(
    "capability",
    ["get_profiles", "get_achievements", "get_metrics", "get_streaks", "get_streak_lengths"],
)
def test_an_unknown_user_is_not_found_by_every_capability(capability: str) -> None:
    outcomes = ClientHarness().run(lambda client: getattr(client, capability)(["nobody", "vega"]))
    assert [type(outcome) for outcome in outcomes] == [NotFound, Cached]


@pytest.mark.parametrize("user_id", ["", ".", "..", "a\nb", "a\x7f", "\x85", "\ud800", "x" * 256])
def test_invalid_user_ids_are_rejected_before_any_call(user_id: str) -> None:
    harness = ClientHarness()
    harness.run(lambda client: check_rejected(client, user_id))
    assert harness.paths == []


async def check_rejected(client: TrophySoClient, user_id: str) -> None:
    with pytest.raises(BadInput) as caught:
        client.check_handle(user_id)
    assert (caught.value.argument, caught.value.source) == ("handle", "TROPHY_SO")
    for capability in (
        client.get_profiles,
        client.get_achievements,
        client.get_metrics,
        client.get_streaks,
        client.get_streak_lengths,
    ):
        assert isinstance(get_error(await capability([user_id])), BadInput)
    assert isinstance(get_error(await client.get_totals([TotalKey(user_id, "earned")])), BadInput)


def test_the_earned_are_counted_with_one_call_and_nothing_else_is_counted() -> None:
    harness = ClientHarness()
    keys = [TotalKey("vega", name) for name in get_args(TotalName)]
    outcomes = harness.run(lambda client: client.get_totals(keys))
    totals = {key.field: unwrap(outcome) for key, outcome in zip(keys, outcomes, strict=True)}
    assert {name: total for name, total in totals.items() if total is not None} == {"earned": 8}
    assert harness.paths == ["/v1/users/vega/achievements?includeIncomplete=true"]


def test_a_key_of_one_user_sees_no_other() -> None:
    harness = ClientHarness(settings={"TROPHY_SO_API_KEY": constants.APPLICATION_KEY})
    other, own = harness.run(lambda client: client.get_profiles(["vega", "second user"]))
    assert isinstance(other, Private)
    assert unwrap(own).handle == "second user"


def test_repeated_loads_are_cached() -> None:
    async def run_twice(client: TrophySoClient) -> None:
        for _ in range(2):
            await client.get_profiles(["vega", "vega"])
            await client.get_achievements(["vega", "vega"])
            await client.get_metrics(["vega"])
            await client.get_streaks(["vega"])
            await client.get_totals([TotalKey("vega", "earned")])

    harness = ClientHarness()
    harness.run(run_twice)
    assert sorted(harness.paths) == [
        "/v1/users/vega",
        "/v1/users/vega/achievements?includeIncomplete=true",
        "/v1/users/vega/metrics",
        "/v1/users/vega/streak",
    ]


def test_the_budget_shrinks_with_every_call() -> None:
    async def load_budget(client: TrophySoClient) -> tuple[int, int]:
        before = client.get_budget()
        await client.get_profiles(["vega"])
        after = client.get_budget()
        assert before is not None
        assert after is not None
        return before.remaining, after.remaining

    assert ClientHarness().run(load_budget) == (40, 39)
    assert ClientHarness(settings={"TROPHY_SO_RATE": "3/60"}).run(load_budget) == (3, 2)
