"""The log of published events: a thousand for each account, for a day."""

import asyncio
from datetime import UTC, datetime
from weakref import WeakValueDictionary

import msgspec

from providers.kit.shared.durable_records import DurableRecords
from providers.kit.shared.record_backend import LogKind
from resolvers.live.unlock_event import (
    DetectedBy,
    FoundUnlock,
    LoggedUnlock,
    UnlockEvent,
    WatchKey,
    compute_event_id,
)

EVENTS = LogKind("live.events", seconds=86_400, max_entries=1_000)


class EventLog:
    """The events of all accounts; their positions grow with time, whichever account they are of."""

    def __init__(self, records: DurableRecords) -> None:
        self.records = records
        self._encoder = msgspec.msgpack.Encoder()
        self._decoder = msgspec.msgpack.Decoder(LoggedUnlock)
        self._locks: WeakValueDictionary[WatchKey, asyncio.Lock] = WeakValueDictionary()

    async def append(
        self, key: WatchKey, unlock: FoundUnlock, detected_by: DetectedBy
    ) -> UnlockEvent | None:
        """Append an unlock as an event; return None for one that is in the log already."""
        event_id = compute_event_id(key, unlock)
        logged = LoggedUnlock(
            event_id=event_id,
            detected_at=datetime.now(UTC),
            detected_by=detected_by,
            unlock=unlock,
        )
        lock = self._locks.setdefault(key, asyncio.Lock())
        async with lock:
            if any(each.event_id == event_id for each in await self.read(key, 0)):
                return None
            content = self._encoder.encode(logged)
            position = await self.records.append(EVENTS, key.owner, content)
        return UnlockEvent(position, logged)

    async def read(self, key: WatchKey, after: int) -> list[UnlockEvent]:
        """Return an account's events of the last day after a position, oldest first."""
        entries = await self.records.read_after(EVENTS, key.owner, after)
        found: list[UnlockEvent] = []
        for entry in entries:
            try:
                found.append(UnlockEvent(entry.position, self._decoder.decode(entry.content)))
            except msgspec.DecodeError:  # of another version
                continue
        return found

    def publish_change(self, key: WatchKey) -> None:
        """Tell the other processes that an account's log has grown."""
        self.records.publish_change(EVENTS, key.owner)
