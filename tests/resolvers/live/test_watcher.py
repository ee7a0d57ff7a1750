"""What a poll finds: what is new since the last poll, by sets and never by dates."""

from datetime import UTC, datetime, timedelta

import pytest

from providers.registry import Source
from tests.harness import RunningServer
from tests.resolvers.live.subscriber import subscribe, wait
from tests.resolvers.live.unlocks import (
    ACCOUNTS,
    ACHIEVEMENT_IDS,
    PSN_ID,
    PSN_LOCKED,
    PSN_SET,
    RETRO_LOCKED,
    RETRO_NAME,
    UNLOCK,
    XBOX_ID,
    XBOX_LOCKED,
    XBOX_TITLE,
    format_time,
    unlock_psn,
)

SOURCES = [pytest.param(source, id=source.name) for source in Source]
ALL_ACCOUNTS = [account for accounts in ACCOUNTS.values() for account in accounts]


def test_nothing_is_sent_for_what_was_there_before(server: RunningServer) -> None:
    subscriber = subscribe(server, ALL_ACCOUNTS)

    wait(server, 600)

    assert subscriber.events == []


@pytest.mark.parametrize("source", SOURCES)
def test_an_unlock_is_sent_within_an_interval(server: RunningServer, source: Source) -> None:
    subscriber = subscribe(server, ACCOUNTS[source])
    wait(server, 1)

    UNLOCK[source](server)
    wait(server, 61)

    (event,) = subscriber.events
    assert event["detectedBy"] == "POLL"
    assert event["account"]["source"] == source.name
    assert event["achievement"]["nativeId"] == ACHIEVEMENT_IDS[source]
    assert event["achievement"]["earned"]
    assert event["achievement"]["name"]


@pytest.mark.parametrize("source", SOURCES)
def test_an_unlock_is_sent_once(server: RunningServer, source: Source) -> None:
    subscriber = subscribe(server, ACCOUNTS[source])
    wait(server, 1)

    UNLOCK[source](server)
    wait(server, 900)

    assert subscriber.unlocked_ids == [ACHIEVEMENT_IDS[source]]


def test_the_id_of_an_event_is_that_of_the_achievement_of_a_query(server: RunningServer) -> None:
    subscriber = subscribe(server, ACCOUNTS[Source.PSN])
    wait(server, 1)
    UNLOCK[Source.PSN](server)
    wait(server, 61)

    (event,) = subscriber.events
    found = server.fetch_data(
        "query ($id: ID!) { node(id: $id) { ... on Achievement { nativeId earned } } }",
        {"id": event["achievement"]["id"]},
    )

    assert found["node"] == {"nativeId": ACHIEVEMENT_IDS[Source.PSN], "earned": True}


def test_a_late_sync_is_sent_although_its_date_is_old(server: RunningServer) -> None:
    subscriber = subscribe(server, ACCOUNTS[Source.PSN])
    wait(server, 300)  # the title has been opened meanwhile

    unlock_psn(server, PSN_LOCKED, datetime.now(UTC) - timedelta(days=200))
    wait(server, 121)

    assert subscriber.unlocked_ids == [str(PSN_LOCKED)]


def test_hardcore_after_softcore_is_another_event(server: RunningServer) -> None:
    subscriber = subscribe(server, ACCOUNTS[Source.RETRO_ACHIEVEMENTS])
    wait(server, 1)

    server.retro.unlock(RETRO_NAME, RETRO_LOCKED, hardcore=False)
    wait(server, 61)
    server.retro.unlock(RETRO_NAME, RETRO_LOCKED, datetime.now(UTC) + timedelta(seconds=2))
    wait(server, 61)

    first, second = subscriber.events
    assert [each["achievement"]["unlockMode"] for each in (first, second)] == [
        "SOFTCORE",
        "HARDCORE",
    ]
    assert first["eventId"] != second["eventId"]


def test_what_is_taken_back_is_no_event_and_neither_is_its_return(server: RunningServer) -> None:
    subscriber = subscribe(server, ACCOUNTS[Source.XBOX])
    wait(server, 1)
    states = server.xbox.database.players[XBOX_ID].titles[XBOX_TITLE].states

    server.xbox.unlock(XBOX_ID, XBOX_TITLE, XBOX_LOCKED)
    wait(server, 61)
    earned = states.pop(XBOX_LOCKED)
    wait(server, 61)
    states[XBOX_LOCKED] = earned
    wait(server, 61)

    assert subscriber.unlocked_ids == [XBOX_LOCKED]


def test_a_set_that_grows_is_no_event_until_it_is_earned(server: RunningServer) -> None:
    subscriber = subscribe(server, ACCOUNTS[Source.PSN])
    wait(server, 1)

    trophy_id = server.psn.add_trophy(PSN_SET, "A new one")
    wait(server, 61)
    assert subscriber.events == []
    unlock_psn(server, trophy_id)
    wait(server, 61)

    assert [each["achievement"]["name"] for each in subscriber.events] == ["A new one"]


def test_the_first_title_of_an_account_is_sent(server: RunningServer) -> None:
    others = {key[1] for key in server.psn.database.trophy_progress if key[0] == PSN_ID}
    subscriber = subscribe(server, ACCOUNTS[Source.PSN])
    wait(server, 1)
    new_set = next(name for name in server.psn.database.trophy_sets if name not in others)

    server.psn.unlock(PSN_ID, new_set, 0, format_time(datetime.now(UTC)))
    wait(server, 61)

    assert [each["achievement"]["title"]["nativeId"] for each in subscriber.events] == [new_set]


def test_many_unlocks_of_one_title_are_sent_at_once(server: RunningServer) -> None:
    subscriber = subscribe(server, ACCOUNTS[Source.PSN])
    wait(server, 1)

    for trophy_id in (5, 6, 7):
        unlock_psn(server, trophy_id)
    wait(server, 61)

    assert sorted(subscriber.unlocked_ids) == ["5", "6", "7"]
    assert len({each["cursor"] for each in subscriber.events}) == 3


@pytest.mark.parametrize("source", SOURCES)
def test_a_source_that_fails_for_a_while_loses_no_event(
    server: RunningServer, source: Source
) -> None:
    subscriber = subscribe(server, ACCOUNTS[source])
    wait(server, 1)

    server.inject_fault(".", status=503)
    UNLOCK[source](server)
    wait(server, 300)
    assert subscriber.events == []
    server.clear_faults()
    wait(server, 900)

    assert subscriber.unlocked_ids == [ACHIEVEMENT_IDS[source]]


def test_an_event_is_sent_although_its_texts_cannot_be_loaded(server: RunningServer) -> None:
    subscriber = subscribe(server, ACCOUNTS[Source.PSN])
    wait(server, 1)

    server.inject_fault(r"v1/npCommunicationIds/NPWR00001_00/", status=503)
    unlock_psn(server)
    wait(server, 61)

    (response,) = subscriber.responses
    event = response.data["achievementUnlocked"]
    assert event["achievement"]["nativeId"] == str(PSN_LOCKED)
    assert event["achievement"]["earned"] is True
    assert event["achievement"]["name"] is None
    assert {each.original_error.code for each in response.errors} == {"UPSTREAM_UNAVAILABLE"}


def test_each_event_says_that_its_texts_cannot_be_loaded(server: RunningServer) -> None:
    subscriber = subscribe(server, ACCOUNTS[Source.PSN])
    wait(server, 1)

    server.inject_fault(r"v1/npCommunicationIds/NPWR00001_00/", status=503)
    for trophy_id in (5, 6, 7):
        unlock_psn(server, trophy_id)
    wait(server, 61)

    paths = [[each.path for each in response.errors] for response in subscriber.responses]
    assert len(paths) == 3
    assert paths[0]
    assert paths == [paths[0]] * 3
