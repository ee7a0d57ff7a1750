"""The live feed of a running server: who listens to which accounts, and what watches them."""

import asyncio
import secrets
from collections.abc import Collection, Coroutine, Mapping
from contextvars import Context
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from weakref import WeakValueDictionary

from providers.capabilities import Client
from providers.errors import TooCostly
from providers.kit.rate_limiting.rate_limiter import Rate
from providers.kit.shared.durable_records import DurableRecords
from providers.registry import Source
from resolvers.live.event_log import EVENTS, EventLog
from resolvers.live.feed import Delivery, Feed, Inbox
from resolvers.live.marks import MarkStore
from resolvers.live.poll_budget import PollBudget
from resolvers.live.poller import Poller
from resolvers.live.unlock_event import DetectedBy, EventPosition, FoundUnlock, WatchKey
from resolvers.live.watch_lease import LEASES, WANTED, WatchLease
from resolvers.live.watcher import Watcher

MAX_POLLERS = 10_000
MAX_WATCHED_ACCOUNTS = 1_000  # with one credential
NO_RATE = Rate(None)
PROCESS_ID_BYTES = 8
SOURCE_NAMES = frozenset(Source.__members__)


@dataclass(frozen=True)
class LiveSettings:
    """How polling is bounded: percent of each source's rate, and seconds between two polls.

    `pushed` are the credentials, by source and scope, for whose accounts a source sends what is
    earned.
    """

    share: int = 50
    interval: float = 60
    rates: Mapping[Source, Rate] = field(default_factory=dict[Source, Rate])
    pushed: Collection[tuple[Source, str]] = ()


class Live:
    """The feed, the watchers and the pollers of one process.

    For what arrives in another way than by polls there is `record`, and for what goes out in
    another way than by subscriptions, `feed.listeners`.
    """

    def __init__(self, settings: LiveSettings, records: DurableRecords | None = None) -> None:
        self._settings = settings
        records = records or DurableRecords()
        self.feed = Feed(EventLog(records))
        self._mark_store = MarkStore(records)
        self._pollers: dict[tuple[Source, str], Poller] = {}
        self._watchers: WeakValueDictionary[WatchKey, Watcher] = WeakValueDictionary()
        self._records = records
        self._process_id = secrets.token_bytes(PROCESS_ID_BYTES)
        self._deliveries: set[asyncio.Task[None]] = set()
        self._is_closed = False
        records.change_listeners.append(self._on_change)

    async def record(
        self, key: WatchKey, unlock: FoundUnlock, detected_by: DetectedBy = DetectedBy.WEBHOOK
    ) -> None:
        """Publish an unlock that another way than a poll has brought; a known one is no event.

        It is logged for replay even without subscribers.
        """
        await self._get_watcher(key).record(unlock, detected_by)

    def open(self) -> "Listener":
        """Begin to listen; accounts are added to the listener."""
        listener = Listener(self)
        if self._is_closed:
            listener.inbox.close()
        return listener

    def watch(self, key: WatchKey, client: Client) -> None:
        """Watch an account for one more listener, with the credential of a client."""
        poller = self._pollers.get((key.source, key.scope))
        if poller is None:
            self._drop_idle_pollers()
            rate = self._settings.rates.get(key.source, NO_RATE)
            budget = PollBudget(rate, self._settings.share)
            lease = WatchLease(self._records, key.source, key.scope, self._process_id)
            poller = Poller(
                budget,
                self._settings.interval,
                lease,
                partial(self.feed.close_inboxes, key.scope),
                (key.source, key.scope) in self._settings.pushed,
            )
            self._pollers[key.source, key.scope] = poller
        if key.account_id not in poller.accounts and len(poller.accounts) >= MAX_WATCHED_ACCOUNTS:
            message = f"This server watches {MAX_WATCHED_ACCOUNTS:,} accounts of the source."
            raise TooCostly(message, source=key.source.name)
        poller.add_listener(client, self._get_watcher(key))

    def unwatch(self, key: WatchKey) -> None:
        """Watch an account for one listener less."""
        poller = self._pollers.get((key.source, key.scope))
        if poller is not None:
            poller.remove_listener(key.account_id)

    def count_watched(self) -> int:
        """Return how many accounts are watched for listeners of this process or of others."""
        return sum(len(poller.accounts) for poller in self._pollers.values())

    def count_leases(self) -> int:
        """Return with how many credentials this process polls."""
        return sum(poller.lease.is_held for poller in self._pollers.values())

    async def aclose(self) -> None:
        """End all listeners, then all polls; nothing is delivered after that."""
        self._is_closed = True
        self.feed.close_inboxes()
        for task in self._deliveries:
            task.cancel()
        await asyncio.gather(*(poller.aclose() for poller in self._pollers.values()))

    def _on_change(self, kind: str | None, owner: str) -> None:
        """Hear from another process; without a kind, messages may have been missed."""
        if self._is_closed:
            return
        if kind is None:
            self._start(self.feed.deliver_missed())
        elif kind == LEASES.name:
            name, _, scope = owner.partition("\n")
            poller = self._pollers.get((Source[name], scope)) if name in SOURCE_NAMES else None
            if poller is not None:
                poller.wake_up()
        elif kind in (EVENTS.name, WANTED.name) and (key := WatchKey.parse(owner)) is not None:
            self._on_account_change(kind, key)

    def _on_account_change(self, kind: str, key: WatchKey) -> None:
        poller = self._pollers.get((key.source, key.scope))
        if kind == EVENTS.name:
            self._start(self.feed.deliver_logged(key))
        elif poller is not None:
            poller.watch_for_others(self._get_watcher(key))

    def _start(self, coroutine: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(coroutine, context=Context())
        self._deliveries.add(task)
        task.add_done_callback(self._deliveries.discard)

    def _get_watcher(self, key: WatchKey) -> Watcher:
        watcher = self._watchers.get(key)
        if watcher is None:
            watcher = self._watchers[key] = Watcher(key, self._mark_store, self.feed)
        return watcher

    def _drop_idle_pollers(self) -> None:
        """Drop those of credentials that are not in use, of which callers can invent any number."""
        if len(self._pollers) >= MAX_POLLERS:
            idle = [name for name, poller in self._pollers.items() if not poller.accounts]
            for name in idle[: MAX_POLLERS // 2]:
                del self._pollers[name]


class Listener:
    """One subscriber's accounts and their events; has to be closed."""

    def __init__(self, live: Live) -> None:
        self.inbox = Inbox()
        self._live = live
        self._keys: dict[WatchKey, None] = {}
        self._watched: list[WatchKey] = []
        self._is_closed = False

    async def add(self, key: WatchKey, client: Client) -> None:
        """Listen to an account from now on; raise `TooCostly` if too many are watched."""
        if key in self._keys or self._is_closed:
            return
        self._keys[key] = None
        await self._live.feed.connect(self.inbox, key)
        if self._is_closed:
            self._live.feed.disconnect(self.inbox)
            return
        self._live.watch(key, client)
        self._watched.append(key)

    async def replay(self, after: EventPosition, key: WatchKey | None = None) -> None:
        """Receive first what is logged after a position, of one account or of all."""
        keys = self._keys if key is None else (key,)
        self.inbox.replay(await self._live.feed.read_since(keys, after))

    async def get(self) -> Delivery | None:
        """Wait for the next event; None at the end."""
        return await self.inbox.get()

    def close(self) -> None:
        """End listening."""
        self._is_closed = True
        self.inbox.close()
        self._live.feed.disconnect(self.inbox)
        while self._watched:
            self._live.unwatch(self._watched.pop())
