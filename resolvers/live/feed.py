"""The feed: everything that publishes unlocks, and everything that receives them, meets here.

`publish` is for unlocks of an account by whatever way they are found; it logs each new one once and
delivers it to the open inboxes of the account, in all processes. `listeners` receive the events of
all accounts, each in the process that has published it.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence

from providers.kit.shared.record_backend import build_position
from resolvers.live.event_log import EventLog
from resolvers.live.unlock_event import (
    DetectedBy,
    EventPosition,
    FoundUnlock,
    UnlockEvent,
    WatchKey,
)

MAX_QUEUED_EVENTS = 100
MAX_REMEMBERED_IDS = 20_000
# How far the clocks of two machines may be apart.
RECENT_SECONDS = 60

Delivery = tuple[WatchKey, UnlockEvent]
# Called with each new event, in the order of publishing; must not wait or raise.
Listener = Callable[[WatchKey, UnlockEvent], None]


class Inbox:
    """The events of some accounts for one subscriber, each once; ends when it is closed.

    When more than a hundred wait, the oldest are dropped, and counted in `dropped_count`.
    """

    def __init__(self) -> None:
        self._replayed: deque[Delivery] = deque()
        self._queue: deque[Delivery] = deque()
        self._sent_ids: dict[str, None] = {}
        self._wakeup = asyncio.Event()
        self._is_closed = False
        self._error: Exception | None = None
        self.dropped_count = 0

    def put(self, key: WatchKey, event: UnlockEvent) -> None:
        """Add an event, unless the subscriber has had it."""
        if self._is_closed or event.event_id in self._sent_ids:
            return
        self._remember(event)
        self._queue.append((key, event))
        if len(self._queue) > MAX_QUEUED_EVENTS:
            self._queue.popleft()
            self.dropped_count += 1
        self._wakeup.set()

    def replay(self, deliveries: Iterable[Delivery]) -> None:
        """Add logged events before what has arrived since the inbox was connected."""
        self._replayed.extend(deliveries)
        replayed_ids = {event.event_id for _, event in self._replayed}
        arrived = [each for each in self._queue if each[1].event_id not in replayed_ids]
        self._queue = deque(arrived)
        for _, event in self._replayed:
            self._remember(event)
        self._wakeup.set()

    async def get(self) -> Delivery | None:
        """Wait for the next event; return None at the end, or raise the error that ended it."""
        while not (self._replayed or self._queue or self._is_closed):
            self._wakeup.clear()
            await self._wakeup.wait()
        if self._error is not None:
            raise self._error
        if self._is_closed:
            return None
        return self._replayed.popleft() if self._replayed else self._queue.popleft()

    def _remember(self, event: UnlockEvent) -> None:
        self._sent_ids[event.event_id] = None
        if len(self._sent_ids) > MAX_REMEMBERED_IDS:
            del self._sent_ids[next(iter(self._sent_ids))]

    def close(self, error: Exception | None = None) -> None:
        """End the inbox: nothing is delivered any more."""
        self._error = self._error or error
        self._is_closed = True
        self._wakeup.set()


class Feed:
    """The events of all accounts of this process."""

    def __init__(self, log: EventLog) -> None:
        self.log = log
        self.listeners: list[Listener] = []
        # With the position from which on events are delivered to each.
        self._inboxes: dict[WatchKey, dict[Inbox, int]] = {}

    async def publish(
        self, key: WatchKey, unlocks: Sequence[FoundUnlock], detected_by: DetectedBy
    ) -> list[UnlockEvent]:
        """Log and deliver the unlocks that the log does not have; return their events."""
        events: list[UnlockEvent] = []
        for unlock in unlocks:
            event = await self.log.append(key, unlock, detected_by)
            if event is None:
                continue
            events.append(event)
            self._deliver(key, event)
            for listener in self.listeners:
                listener(key, event)
        if events:
            self.log.publish_change(key)
        return events

    async def deliver_logged(self, key: WatchKey) -> None:
        """Deliver what another process has logged of an account lately."""
        if key in self._inboxes:
            for event in await self.log.read(key, build_position(time.time() - RECENT_SECONDS)):
                self._deliver(key, event)

    async def deliver_missed(self) -> None:
        """Deliver what other processes may have logged of all accounts without being heard."""
        for key in list(self._inboxes):
            start = min(self._inboxes.get(key, {}).values(), default=0)
            for event in await self.log.read(key, start):
                self._deliver(key, event)

    async def connect(self, inbox: Inbox, key: WatchKey) -> None:
        """Deliver the events of an account to an inbox from now on."""
        start = build_position(time.time() - RECENT_SECONDS)
        recent = await self.log.read(key, start)
        self._inboxes.setdefault(key, {})[inbox] = recent[-1].position if recent else start

    def disconnect(self, inbox: Inbox) -> None:
        """Deliver nothing to an inbox any more."""
        for key in [key for key, inboxes in self._inboxes.items() if inbox in inboxes]:
            del self._inboxes[key][inbox]
            if not self._inboxes[key]:
                del self._inboxes[key]

    def close_inboxes(self, scope: str | None = None, error: Exception | None = None) -> None:
        """End all inboxes, or those with accounts of one credential, with an error."""
        for key, inboxes in self._inboxes.items():
            for inbox in inboxes if scope in (None, key.scope) else ():
                inbox.close(error)

    async def read_since(self, keys: Iterable[WatchKey], after: EventPosition) -> list[Delivery]:
        """Return the logged events of accounts after one, in order of their positions.

        Of two accounts, events can have the same position.
        """
        before = after.position - 1
        found = [(key, event) for key in keys for event in await self.log.read(key, before)]
        found = [each for each in found if each[1].event_id != after.event_id]
        return sorted(found, key=lambda delivery: delivery[1].position)

    def _deliver(self, key: WatchKey, event: UnlockEvent) -> None:
        for inbox, start in self._inboxes.get(key, {}).items():
            if event.position > start:
                inbox.put(key, event)
