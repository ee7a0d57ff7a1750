"""Several processes, what arrives by webhook, and the end."""

import asyncio
from typing import Any

import pytest

from providers.errors import TooCostly
from providers.kit.shared.durable_records import DurableRecords
from providers.registry import Source
from resolvers.live.live import MAX_WATCHED_ACCOUNTS, Listener, Live, LiveSettings
from resolvers.live.unlock_event import FoundUnlock, UnlockEvent, WatchKey
from tests.harness import RunningServer
from tests.resolvers.live.linked_records import link_records
from tests.resolvers.live.subscriber import subscribe, wait
from tests.resolvers.live.unlocks import ACCOUNTS, ACHIEVEMENT_IDS, PSN_ID, TROPHY_ID, UNLOCK

WEBHOOK_UNLOCK = FoundUnlock(achievement_id=ACHIEVEMENT_IDS[Source.TROPHY_SO])


def get_live(server: RunningServer) -> Live:
    return server.app.state.live


def get_client(server: RunningServer, source: Source) -> Any:
    return server.services[source].get_operator_client()


def make_key(server: RunningServer, source: Source, account_id: str) -> WatchKey:
    return WatchKey(source, get_client(server, source).scope, account_id)


async def open_listener(live: Live, server: RunningServer) -> Listener:
    listener = live.open()
    key = make_key(server, Source.PSN, PSN_ID)
    await listener.add(key, get_client(server, Source.PSN))
    return listener


def read_all(server: RunningServer, listener: Listener) -> list[str]:
    """Return the ids of the achievements that a listener has received."""

    async def read() -> list[str]:
        found: list[str] = []
        try:
            async with asyncio.timeout(0.1):
                while (delivery := await listener.get()) is not None:
                    found.append(delivery[1].unlock.achievement_id)
        except TimeoutError:
            pass
        return found

    return server.run(read())


def count_lists(server: RunningServer) -> int:
    return sum(count for name, count in server.psn.calls.items() if name.endswith("/trophyTitles"))


def test_of_several_processes_one_polls_and_all_receive(server: RunningServer) -> None:
    lives = [Live(LiveSettings(), records) for records in link_records(3)]
    listeners = [server.run(open_listener(live, server)) for live in lives]
    wait(server, 1)

    UNLOCK[Source.PSN](server)
    wait(server, 230)

    assert [read_all(server, each) for each in listeners] == [["5"], ["5"], ["5"]]
    assert count_lists(server) == 4


def test_a_process_that_ends_leaves_the_polls_to_another(server: RunningServer) -> None:
    first, second = (Live(LiveSettings(), records) for records in link_records(2))
    server.run(open_listener(first, server))
    wait(server, 1)
    remaining = server.run(open_listener(second, server))

    server.run(first.aclose())
    UNLOCK[Source.PSN](server)
    wait(server, 61)

    assert read_all(server, remaining) == ["5"]


def test_an_account_is_polled_for_a_process_that_does_not_poll(server: RunningServer) -> None:
    first, second = (Live(LiveSettings(), records) for records in link_records(2))
    server.run(open_listener(first, server))
    wait(server, 1)
    listener = second.open()
    other = "1000000000000000002"
    key = make_key(server, Source.PSN, other)
    server.run(listener.add(key, get_client(server, Source.PSN)))
    wait(server, 1)

    server.psn.unlock(other, "NPWR00004_00", 1, "2026-11-20T10:00:00Z")
    wait(server, 121)

    assert read_all(server, listener) == ["1"]


def test_what_happened_while_the_server_was_away_is_news_once(server: RunningServer) -> None:
    records = DurableRecords()
    before = Live(LiveSettings(), records)
    server.run(open_listener(before, server))
    wait(server, 61)
    server.run(before.aclose())

    UNLOCK[Source.PSN](server)
    received = list[list[str]]()
    for _ in range(2):
        live = Live(LiveSettings(), records)
        listener = server.run(open_listener(live, server))
        wait(server, 61)
        received.append(read_all(server, listener))
        server.run(live.aclose())

    assert received == [["5"], []]


def test_a_webhook_is_an_event_and_a_poll_does_not_repeat_it(server: RunningServer) -> None:
    subscriber = subscribe(server, ACCOUNTS[Source.TROPHY_SO])
    wait(server, 1)

    UNLOCK[Source.TROPHY_SO](server)
    key = make_key(server, Source.TROPHY_SO, TROPHY_ID)
    for _ in range(2):
        server.run(get_live(server).record(key, WEBHOOK_UNLOCK))
    wait(server, 300)

    (event,) = subscriber.events
    assert event["detectedBy"] == "WEBHOOK"
    assert event["achievement"]["earned"]


def test_a_poll_and_a_webhook_of_one_unlock_have_one_id(server: RunningServer) -> None:
    events: list[UnlockEvent] = []
    get_live(server).feed.listeners.append(lambda _, event: events.append(event))
    subscriber = subscribe(server, ACCOUNTS[Source.TROPHY_SO])
    wait(server, 1)

    UNLOCK[Source.TROPHY_SO](server)
    wait(server, 61)
    key = make_key(server, Source.TROPHY_SO, TROPHY_ID)
    server.run(get_live(server).record(key, WEBHOOK_UNLOCK))
    wait(server, 1)

    assert [each.event_id for each in events] == [each["eventId"] for each in subscriber.events]
    assert len(events) == 1


def test_a_webhook_while_nobody_listens_is_replayed(server: RunningServer) -> None:
    first = subscribe(server, ACCOUNTS[Source.PSN])
    wait(server, 1)
    UNLOCK[Source.PSN](server)
    wait(server, 61)

    key = make_key(server, Source.TROPHY_SO, TROPHY_ID)
    server.run(get_live(server).record(key, WEBHOOK_UNLOCK))
    later = subscribe(server, ACCOUNTS[Source.TROPHY_SO], after=first.events[0]["cursor"])
    wait(server, 1)

    assert later.unlocked_ids == [WEBHOOK_UNLOCK.achievement_id]


def test_listeners_receive_each_event_of_all_accounts_once(server: RunningServer) -> None:
    keys: list[WatchKey] = []
    get_live(server).feed.listeners.append(lambda key, _: keys.append(key))
    for source in Source:
        subscribe(server, ACCOUNTS[source])
    wait(server, 1)

    for source in Source:
        UNLOCK[source](server)
    wait(server, 61)

    assert sorted(key.source.name for key in keys) == sorted(source.name for source in Source)


def test_at_the_end_every_subscription_ends_and_nothing_is_sent_after(
    server: RunningServer,
) -> None:
    subscribers = [subscribe(server, ACCOUNTS[source]) for source in Source]
    wait(server, 1)

    server.run(get_live(server).aclose())
    for source in Source:
        UNLOCK[source](server)
    wait(server, 600)
    late = subscribe(server, ACCOUNTS[Source.PSN])
    wait(server, 1)

    assert all(each.is_ended for each in (*subscribers, late))
    assert [each.events for each in subscribers] == [[]] * len(subscribers)


def test_a_listener_that_is_closed_meanwhile_watches_nothing(server: RunningServer) -> None:
    async def open_and_close() -> int:
        live = get_live(server)
        listener, key = live.open(), make_key(server, Source.PSN, PSN_ID)
        adding = asyncio.create_task(listener.add(key, get_client(server, Source.PSN)))
        listener.close()
        await adding
        return live.count_watched()

    assert server.run(open_and_close()) == 0


def test_the_accounts_that_are_watched_with_one_credential_have_a_bound(
    server: RunningServer,
) -> None:
    async def watch_many() -> None:
        listener = get_live(server).open()
        for number in range(MAX_WATCHED_ACCOUNTS + 1):
            key = make_key(server, Source.PSN, str(10**18 + number))
            await listener.add(key, get_client(server, Source.PSN))

    with pytest.raises(TooCostly):
        server.run(watch_many())
