"""What a poll finds: what is new since the last look, by sets and never by dates."""

import pytest

from providers.registry import Source
from tests.harness import RunningServer
from tests.resolvers.live.subscriber import subscribe, wait
from tests.resolvers.live.unlocks import ACCOUNTS, ACHIEVEMENT_IDS, UNLOCK

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
