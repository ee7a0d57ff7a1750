"""The feed: each event once to each subscriber, in order, and never without a bound."""

import asyncio
from datetime import UTC, datetime

from providers.kit.shared.durable_records import DurableRecords
from providers.registry import Source
from resolvers.live.event_log import EventLog
from resolvers.live.feed import MAX_QUEUED_EVENTS, Feed, Inbox
from resolvers.live.unlock_event import (
    DetectedBy,
    FoundUnlock,
    LoggedUnlock,
    UnlockEvent,
    WatchKey,
    compute_event_id,
)

KEY = WatchKey(Source.PSN, "scope", "1")


def make_event(number: int) -> UnlockEvent:
    unlock = FoundUnlock(achievement_id=str(number))
    logged = LoggedUnlock(
        event_id=str(number),
        detected_at=datetime.now(UTC),
        detected_by=DetectedBy.POLL,
        unlock=unlock,
    )
    return UnlockEvent(number, logged)


def drain(inbox: Inbox) -> list[int]:
    async def read() -> list[int]:
        found: list[int] = []
        try:
            async with asyncio.timeout(0):
                while (delivery := await inbox.get()) is not None:
                    found.append(delivery[1].position)
        except TimeoutError:
            pass
        return found

    return asyncio.run(read())


def test_a_reader_that_is_too_slow_loses_the_oldest_and_they_are_counted() -> None:
    inbox = Inbox()
    for number in range(MAX_QUEUED_EVENTS + 5):
        inbox.put(KEY, make_event(number))

    assert inbox.dropped_count == 5
    assert drain(inbox)[0] == 5


def test_what_is_replayed_comes_first_and_once() -> None:
    inbox = Inbox()
    inbox.put(KEY, make_event(3))
    inbox.put(KEY, make_event(2))
    inbox.replay([(KEY, make_event(number)) for number in (1, 2)])
    inbox.put(KEY, make_event(1))

    assert drain(inbox) == [1, 2, 3]


def test_a_closed_inbox_gives_nothing() -> None:
    inbox = Inbox()
    inbox.put(KEY, make_event(1))
    inbox.close()
    inbox.put(KEY, make_event(2))

    assert drain(inbox) == []


def test_an_unlock_that_is_published_twice_is_one_event() -> None:
    async def publish() -> list[int]:
        feed = Feed(EventLog(DurableRecords()))
        unlocks = [FoundUnlock(achievement_id="1"), FoundUnlock(achievement_id="1")]
        return [len(await feed.publish(KEY, unlocks, way)) for way in DetectedBy]

    assert asyncio.run(publish()) == [1, 0]


def test_the_id_of_an_event_tells_accounts_and_achievements_apart() -> None:
    ids = {
        compute_event_id(
            WatchKey(source, "scope", account), FoundUnlock(achievement_id=achievement)
        )
        for source in (Source.PSN, Source.STEAM)
        for account in ("1", "12")
        for achievement in ("1", "2", "21")
    }

    assert len(ids) == 12
    same = WatchKey(Source.PSN, "another credential", "1")
    assert compute_event_id(same, FoundUnlock(achievement_id="1")) in ids
