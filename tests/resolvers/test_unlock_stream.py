"""Subscriptions: whose accounts, from where, and to whom."""

import pytest

from providers.errors import BadInput
from providers.registry import Source
from tests.harness import PSN_VEGA, RETRO_VEGA, RunningServer, run_server
from tests.resolvers.live.subscriber import subscribe, wait
from tests.resolvers.live.unlocks import ACHIEVEMENT_IDS, UNLOCK, unlock_psn


def test_the_accounts_are_the_viewers_own_if_left_out(server: RunningServer) -> None:
    subscriber = subscribe(server)
    wait(server, 1)

    for source in Source:
        UNLOCK[source](server)
    wait(server, 61)

    assert set(subscriber.unlocked_ids) == set(ACHIEVEMENT_IDS.values())


@pytest.mark.parametrize("count", [0, 21])
def test_too_few_or_too_many_accounts_are_an_error(server: RunningServer, count: int) -> None:
    accounts = [{"source": "RETRO_ACHIEVEMENTS", "handle": f"Player{n}"} for n in range(count)]

    (error,) = subscribe(server, accounts).start_errors

    assert isinstance(error, BadInput)
    assert error.argument == "accounts"


def test_a_cursor_replays_what_was_learned_since(server: RunningServer) -> None:
    first = subscribe(server, PSN_VEGA)
    wait(server, 1)
    for trophy_id in (5, 6):
        unlock_psn(server, trophy_id)
        wait(server, 61)
    cursor = first.events[0]["cursor"]

    later = subscribe(server, PSN_VEGA, after=cursor)
    wait(server, 1)

    assert later.events == first.events[1:]


def test_a_cursor_of_one_account_replays_others_as_well(server: RunningServer) -> None:
    first = subscribe(server, [*PSN_VEGA, *RETRO_VEGA])
    wait(server, 1)
    UNLOCK[Source.PSN](server)
    wait(server, 61)
    UNLOCK[Source.RETRO_ACHIEVEMENTS](server)
    wait(server, 61)

    later = subscribe(server, RETRO_VEGA, after=first.events[0]["cursor"])
    wait(server, 1)

    assert later.unlocked_ids == [ACHIEVEMENT_IDS[Source.RETRO_ACHIEVEMENTS]]


@pytest.mark.parametrize("after", ["x", "AAAA", "kSRtWyJ1bmxvY2tzIiwxNzk2MDA3ODg1MzQ4NzY5XR"])
def test_an_unreadable_cursor_is_an_error(server: RunningServer, after: str) -> None:
    (error,) = subscribe(server, PSN_VEGA, after=after).start_errors

    assert isinstance(error, BadInput)
    assert error.argument == "after"


def test_an_empty_cursor_replays_nothing(server: RunningServer) -> None:
    subscriber = subscribe(server, PSN_VEGA, after="")
    wait(server, 61)

    assert (subscriber.start_errors, subscriber.events) == ([], [])


def test_many_subscribers_of_one_account_cost_as_many_calls_as_one(server: RunningServer) -> None:
    subscribers = [subscribe(server, PSN_VEGA) for _ in range(20)]
    wait(server, 1)

    UNLOCK[Source.PSN](server)
    wait(server, 119)

    assert all(len(each.events) == 1 for each in subscribers)
    # Two lists and the title; without the texts, which the subscribers share.
    lists = sum(count for name, count in server.psn.calls.items() if "/trophyTitles" in name)
    assert lists == 2


def test_the_schema_has_no_subscriptions_where_they_are_off() -> None:
    with run_server(TROPHYCASE_LIVE="off") as server:
        found = server.fetch_data("{ __schema { subscriptionType { name } } _service { sdl } }")

    assert found["__schema"]["subscriptionType"] is None
    assert "Subscription" not in found["_service"]["sdl"]
    assert "AchievementUnlocked" not in found["_service"]["sdl"]


def test_a_subscription_is_refused_as_a_request_of_one_response(server: RunningServer) -> None:
    response = server.execute("subscription { achievementUnlocked { eventId } }")

    assert response.error["code"] == "BAD_USER_INPUT"
