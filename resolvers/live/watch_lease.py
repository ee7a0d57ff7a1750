"""The lease by which one process alone polls with a credential, and requests to the one that does.

The lease is a record that its holder renews. A process that stops renewing loses it after half a
minute, one that stops watching at once. While the records are unavailable each process polls alone.
"""

import time
from dataclasses import dataclass

from providers.kit.shared.durable_records import DurableRecords
from providers.kit.shared.record_backend import RecordKind
from providers.registry import Source
from resolvers.live.unlock_event import WatchKey

LEASES = RecordKind("live.leases", seconds=30, max_per_owner=1)
RENEW_SECONDS = 10.0
# Only the name of a message, whose owner is the account: nothing is stored under it.
WANTED = RecordKind("live.wanted", seconds=1, max_per_owner=1)
# A process repeats its requests; one that was not repeated for so long is over.
REPEAT_SECONDS = 15.0
WANTED_SECONDS = 45.0


@dataclass
class WatchLease:
    """The lease of one credential at one source, as one process sees it."""

    records: DurableRecords
    source: Source
    scope: str
    process_id: bytes
    _renew_at: float = float("-inf")
    is_held: bool = False

    @property
    def owner(self) -> str:
        """The owner of the lease's record."""
        return f"{self.source.name}\n{self.scope}"

    async def hold(self) -> bool:
        """Acquire or renew the lease; return whether this process holds it."""
        now = time.monotonic()
        if now < self._renew_at:
            return self.is_held
        holder = await self.records.set_if_absent(LEASES, self.owner, "", self.process_id)
        self.is_held = holder in (None, self.process_id)
        if self.is_held:
            await self.records.set(LEASES, self.owner, "", self.process_id)
            self._renew_at = now + RENEW_SECONDS
        return self.is_held

    async def release(self) -> None:
        """Leave the lease to another process, and notify it at once."""
        if self.is_held:
            self.is_held, self._renew_at = False, float("-inf")
            await self.records.delete(LEASES, self.owner)
            self.records.publish_change(LEASES, self.owner)

    def request(self, account_id: str) -> None:
        """Ask the process that holds the lease to watch an account for a while."""
        key = WatchKey(self.source, self.scope, account_id)
        self.records.publish_change(WANTED, key.owner)
