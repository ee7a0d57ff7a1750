"""The log of published events: a thousand for each account, for a day."""

import time
from datetime import UTC, datetime

import msgspec

from resolvers.live.records import LiveRecords, RecordKey
from resolvers.live.unlock_event import (
    DetectedBy,
    FoundUnlock,
    UnlockEvent,
    WatchKey,
    compute_event_id,
)

KEPT_SECONDS = 86_400
MICROSECONDS = 1_000_000


class EventLog:
    """The events of all accounts, in order of their positions."""

    def __init__(self, records: LiveRecords) -> None:
        self._records = records
        self._encoder = msgspec.msgpack.Encoder()
        self._decoder = msgspec.msgpack.Decoder(UnlockEvent)
        self._last_position = 0

    async def append(
        self, key: WatchKey, unlock: FoundUnlock, detected_by: DetectedBy
    ) -> UnlockEvent | None:
        """Append an unlock as an event; return None for one that is in the log already."""
        event_id = compute_event_id(key, unlock)
        if any(each.event_id == event_id for each in await self.read(key, 0)):
            return None
        position = self._last_position = max(
            self._last_position + 1, int(time.time() * MICROSECONDS)
        )
        event = UnlockEvent(
            event_id=event_id,
            position=position,
            detected_at=datetime.fromtimestamp(position / MICROSECONDS, UTC),
            detected_by=detected_by,
            unlock=unlock,
        )
        await self._records.append(_build_log_key(key), self._encoder.encode(event))
        return event

    async def read(self, key: WatchKey, after: int) -> list[UnlockEvent]:
        """Return an account's events of the last day after a position, oldest first."""
        after = max(after, int((time.time() - KEPT_SECONDS) * MICROSECONDS))
        entries = await self._records.read(_build_log_key(key))
        events = [self._decoder.decode(entry) for entry in entries]
        return [event for event in events if event.position > after]


def _build_log_key(key: WatchKey) -> RecordKey:
    return ("events", key.source.name, key.scope, key.account_id)
