"""People, metrics, streaks and totals, and how few calls they need."""

from datetime import UTC, datetime
from typing import get_args

import pytest

from providers.capabilities import (
    Client,
    HasAchievements,
    HasMetrics,
    HasPeople,
    HasTitles,
    HasTotals,
    TotalKey,
)
from providers.errors import BadInput, NotFound, Private
from providers.kit.caching.cached import Answer
from providers.records import Counted, TrophySoMetric, TrophySoPerson, TrophySoStreak
from providers.trophy_so.client import TrophySoClient
from providers.trophy_so.sandbox import fixture
from tests.providers.trophy_so.asking import PROVIDER, Asking, error, value

Abilities = tuple[Client, HasPeople, HasAchievements, HasMetrics, HasTotals]


def test_the_client_is_what_the_server_expects() -> None:
    async def itself(client: TrophySoClient) -> Abilities:
        return client, client, client, client, client

    found = Asking().run(itself)[0]
    assert (found.source, found.own_handle, PROVIDER.label) == ("TROPHY_SO", "vega", "Trophy.so")
    for ability in (HasPeople, HasAchievements, HasMetrics, HasTotals):
        assert isinstance(found, ability)
    assert not isinstance(found, HasTitles)


def test_a_profile_shows_who_it_is_and_no_mail_address() -> None:
    (outcome,) = Asking().run(lambda client: client.people(["vega"]))
    assert value(outcome) == TrophySoPerson(
        native_id="vega",
        handle="vega",
        display_name="Vega",
        time_zone="Europe/Berlin",
        created_at=datetime(2024, 1, 10, 8, tzinfo=UTC),
    )
    assert "mail.example" not in repr(outcome)


@pytest.mark.parametrize("old_form", [False, True])
def test_what_a_user_has_not_said_is_unknown(old_form: bool) -> None:
    asking = Asking()
    asking.sandbox.settings["old_form"] = old_form
    (outcome,) = asking.run(lambda client: client.people(["fresh"]))
    person = value(outcome)
    assert isinstance(person, TrophySoPerson)
    assert (person.display_name, person.time_zone, person.avatar) == (None, None, None)


def test_an_unknown_user_is_told_from_an_empty_one() -> None:
    nobody, fresh = Asking().run(lambda client: client.achievements(["nobody", "fresh"]))
    assert isinstance(nobody, NotFound)
    assert not any(achievement.earned for achievement in value(fresh))


@pytest.mark.parametrize("ability", ["people", "achievements", "metrics", "streaks"])
def test_every_ability_knows_who_does_not_exist(ability: str) -> None:
    outcomes = Asking().run(lambda client: getattr(client, ability)(["nobody", "vega"]))
    assert [type(outcome) for outcome in outcomes] == [NotFound, Answer]


@pytest.mark.parametrize("status", [400, 422])
def test_an_id_the_source_finds_malformed_is_nobodys(status: int) -> None:
    asking = Asking().answering("users/odd", {"error": "Validation failed"}, status)
    assert isinstance(error(asking.run(lambda client: client.people(["odd"]))), NotFound)


@pytest.mark.parametrize("user_id", ["second user", "team/blue", "100%", "a?b#c", "%2e", "ü/../ü"])
def test_any_text_fits_into_the_path(user_id: str) -> None:
    asking = Asking()
    asking.sandbox.world.users[user_id] = asking.sandbox.world.users["vega"]
    asking.sandbox.world.users[user_id].id = user_id
    (outcome,) = asking.run(lambda client: client.people([user_id]))
    assert value(outcome).handle == user_id
    assert asking.paths[0].count("/") == 3


@pytest.mark.parametrize("user_id", ["", ".", "..", "a\nb", "a\x7f", "\x85", "\ud800", "x" * 256])
def test_what_no_user_id_can_be_is_refused_before_any_call(user_id: str) -> None:
    asking = Asking()
    asking.run(lambda client: _refused(client, user_id))
    assert asking.paths == []


async def _refused(client: TrophySoClient, user_id: str) -> None:
    with pytest.raises(BadInput) as refused:
        client.check_handle(user_id)
    assert (refused.value.argument, refused.value.source) == ("handle", "TROPHY_SO")
    for ability in (client.people, client.achievements, client.metrics, client.streaks):
        assert isinstance(error(await ability([user_id])), BadInput)
    assert isinstance(error(await client.totals([TotalKey(user_id, "earned")])), BadInput)


def test_a_user_id_of_the_longest_length_is_accepted() -> None:
    assert isinstance(error(Asking().run(lambda client: client.people(["x" * 255]))), NotFound)


def test_metrics_say_where_a_user_stands() -> None:
    (outcome,) = Asking().run(lambda client: client.metrics(["vega"]))
    assert [(metric.key, metric.current) for metric in value(outcome)] == [
        ("notes", 4200),
        ("minutes", 450.5),
        ("words-written", 0),
    ]


def test_a_metric_without_a_standing_is_left_out_rather_than_zero() -> None:
    sound = {"id": 7, "key": "notes", "current": "12.5"}
    broken = [{"id": "8", "key": "a"}, {"id": "", "key": "b", "current": 1}, None, [sound]]
    asking = Asking().answering("/metrics", [sound, *broken])
    (outcome,) = asking.run(lambda client: client.metrics(["vega"]))
    assert value(outcome) == (TrophySoMetric(id="7", key="notes", name="notes", current=12.5),)


def test_a_streak_has_a_length_and_a_period() -> None:
    outcomes = Asking().run(lambda client: client.streaks(["vega", "fresh"]))
    assert [value(outcome) for outcome in outcomes] == [
        TrophySoStreak(length=12, frequency="daily"),
        TrophySoStreak(length=0, frequency="daily"),
    ]


def test_the_earned_are_counted_with_one_call_and_nothing_else_is_counted() -> None:
    asking = Asking()
    keys = [TotalKey("vega", name) for name in get_args(Counted)]
    outcomes = asking.run(lambda client: client.totals(keys))
    totals = {key.field: value(outcome) for key, outcome in zip(keys, outcomes, strict=True)}
    assert {name: total for name, total in totals.items() if total is not None} == {"earned": 8}
    assert asking.paths == ["/v1/users/vega/achievements?includeIncomplete=true"]


def test_a_key_of_one_user_sees_no_other() -> None:
    asking = Asking(settings={"TROPHY_SO_API_KEY": fixture.APPLICATION_KEY})
    other, own = asking.run(lambda client: client.people(["vega", "second user"]))
    assert isinstance(other, Private)
    assert value(own).handle == "second user"


def test_everything_asked_twice_is_fetched_once() -> None:
    async def twice(client: TrophySoClient) -> None:
        for _ in range(2):
            await client.people(["vega", "vega"])
            await client.achievements(["vega", "vega"])
            await client.metrics(["vega"])
            await client.streaks(["vega"])
            await client.totals([TotalKey("vega", "earned")])

    asking = Asking()
    asking.run(twice)
    assert sorted(asking.paths) == [
        "/v1/users/vega",
        "/v1/users/vega/achievements?includeIncomplete=true",
        "/v1/users/vega/metrics",
        "/v1/users/vega/streak",
    ]


def test_the_budget_shrinks_with_every_call() -> None:
    async def spent(client: TrophySoClient) -> tuple[int, int]:
        before = client.budget()
        await client.people(["vega"])
        after = client.budget()
        assert before is not None
        assert after is not None
        return before.remaining, after.remaining

    assert Asking().run(spent) == (40, 39)
    assert Asking(settings={"TROPHY_SO_RATE": "3/60"}).run(spent) == (3, 2)
