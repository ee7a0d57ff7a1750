"""People, metrics, streaks and totals, and how few calls they need."""

from datetime import UTC, datetime
from typing import get_args

import pytest

from providers.capabilities import (
    Client,
    HasAchievements,
    HasMetrics,
    HasProfiles,
    HasTitles,
    HasTotals,
    TotalKey,
)
from providers.errors import BadInput, NotFound, Private
from providers.kit.caching.cached import Cached
from providers.records import TotalName, TrophySoMetric, TrophySoProfile, TrophySoStreak
from providers.trophy_so.client import TrophySoClient
from providers.trophy_so.sandbox import constants
from tests.providers.trophy_so.harness import PROVIDER, ClientHarness, get_error, unwrap

Capabilities = tuple[Client, HasProfiles, HasAchievements, HasMetrics, HasTotals]


def test_the_client_is_what_the_server_expects() -> None:
    async def get_client(client: TrophySoClient) -> Capabilities:
        return client, client, client, client, client

    found = ClientHarness().run(get_client)[0]
    assert (found.source, found.own_handle, PROVIDER.label) == ("TROPHY_SO", "vega", "Trophy.so")
    for ability in (HasProfiles, HasAchievements, HasMetrics, HasTotals):
        assert isinstance(found, ability)
    assert not isinstance(found, HasTitles)


def test_a_profile_has_a_name_and_no_email_address() -> None:
    (outcome,) = ClientHarness().run(lambda client: client.get_profiles(["vega"]))
    assert unwrap(outcome) == TrophySoProfile(
        native_id="vega",
        handle="vega",
        display_name="Vega",
        time_zone="Europe/Berlin",
        created_at=datetime(2024, 1, 10, 8, tzinfo=UTC),
    )
    assert "mail.example" not in repr(outcome)


@pytest.mark.parametrize("old_form", [False, True])
def test_missing_user_fields_are_null(old_form: bool) -> None:
    harness = ClientHarness()
    harness.sandbox.settings["old_form"] = old_form
    (outcome,) = harness.run(lambda client: client.get_profiles(["fresh"]))
    person = unwrap(outcome)
    assert isinstance(person, TrophySoProfile)
    assert (person.display_name, person.time_zone, person.avatar) == (None, None, None)


def test_an_unknown_user_is_distinguished_from_an_empty_one() -> None:
    nobody, fresh = ClientHarness().run(lambda client: client.get_achievements(["nobody", "fresh"]))
    assert isinstance(nobody, NotFound)
    assert not any(achievement.earned for achievement in unwrap(fresh))


@pytest.mark.parametrize(
    "capability", ["get_profiles", "get_achievements", "get_metrics", "get_streaks"]
)
def test_an_unknown_user_is_not_found_by_every_capability(capability: str) -> None:
    outcomes = ClientHarness().run(lambda client: getattr(client, capability)(["nobody", "vega"]))
    assert [type(outcome) for outcome in outcomes] == [NotFound, Cached]


@pytest.mark.parametrize("status", [400, 422])
def test_an_id_the_source_rejects_as_malformed_is_not_found(status: int) -> None:
    harness = ClientHarness().with_response("users/odd", {"error": "Validation failed"}, status)
    assert isinstance(get_error(harness.run(lambda client: client.get_profiles(["odd"]))), NotFound)


@pytest.mark.parametrize("user_id", ["second user", "team/blue", "100%", "a?b#c", "%2e", "ü/../ü"])
def test_any_text_fits_into_the_path(user_id: str) -> None:
    harness = ClientHarness()
    harness.sandbox.database.users[user_id] = harness.sandbox.database.users["vega"]
    harness.sandbox.database.users[user_id].id = user_id
    (outcome,) = harness.run(lambda client: client.get_profiles([user_id]))
    assert unwrap(outcome).handle == user_id
    assert harness.paths[0].count("/") == 3


@pytest.mark.parametrize("user_id", ["", ".", "..", "a\nb", "a\x7f", "\x85", "\ud800", "x" * 256])
def test_invalid_user_ids_are_rejected_before_any_call(user_id: str) -> None:
    harness = ClientHarness()
    harness.run(lambda client: check_rejected(client, user_id))
    assert harness.paths == []


async def check_rejected(client: TrophySoClient, user_id: str) -> None:
    with pytest.raises(BadInput) as refused:
        client.check_handle(user_id)
    assert (refused.value.argument, refused.value.source) == ("handle", "TROPHY_SO")
    for capability in (
        client.get_profiles,
        client.get_achievements,
        client.get_metrics,
        client.get_streaks,
    ):
        assert isinstance(get_error(await capability([user_id])), BadInput)
    assert isinstance(get_error(await client.get_totals([TotalKey(user_id, "earned")])), BadInput)


def test_a_user_id_of_the_longest_length_is_accepted() -> None:
    assert isinstance(
        get_error(ClientHarness().run(lambda client: client.get_profiles(["x" * 255]))), NotFound
    )


def test_metrics_have_the_current_value_of_a_user() -> None:
    (outcome,) = ClientHarness().run(lambda client: client.get_metrics(["vega"]))
    assert [(metric.key, metric.current) for metric in unwrap(outcome)] == [
        ("notes", 4200),
        ("minutes", 450.5),
        ("words-written", 0),
    ]


def test_a_metric_without_a_value_is_left_out_rather_than_zero() -> None:
    sound = {"id": 7, "key": "notes", "current": "12.5"}
    broken = [{"id": "8", "key": "a"}, {"id": "", "key": "b", "current": 1}, None, [sound]]
    harness = ClientHarness().with_response("/metrics", [sound, *broken])
    (outcome,) = harness.run(lambda client: client.get_metrics(["vega"]))
    assert unwrap(outcome) == (TrophySoMetric(id="7", key="notes", name="notes", current=12.5),)


def test_a_streak_has_a_length_and_a_period() -> None:
    outcomes = ClientHarness().run(lambda client: client.get_streaks(["vega", "fresh"]))
    assert [unwrap(outcome) for outcome in outcomes] == [
        TrophySoStreak(length=12, frequency="daily"),
        TrophySoStreak(length=0, frequency="daily"),
    ]


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
