"""The messages that wait for an address, and how its deliveries went: kept over restarts."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import msgspec
from msgspec import Struct

from providers.kit.shared.durable_records import DurableRecords
from providers.kit.shared.record_backend import LogKind, RecordKind
from server.webhooks.unlock_message import UnlockMessage

DAY = 86_400
MAX_WAITING = 1_000
# Messages are given up after a day, and counted then; a little later they are gone.
MESSAGES = LogKind("webhook.messages", seconds=DAY + 3600, max_entries=MAX_WAITING)
QUEUED = RecordKind("webhook.queued", seconds=2 * DAY, max_per_owner=2 * MAX_WAITING)
STATES = RecordKind("webhook.state", seconds=30 * DAY, max_per_owner=1)


class DeliveryState(Struct):
    """How far an address is, and how often in a row it has failed; times in seconds since 1970."""

    position: int = 0
    failures: int = 0
    next_attempt_at: float = 0
    is_disabled: bool = False


class WaitingMessage(NamedTuple):
    """A message that is not delivered yet; `queued_at` is in seconds since 1970."""

    position: int
    queued_at: float
    message: UnlockMessage


class _Entry(Struct):
    queued_at: float
    message: UnlockMessage


@dataclass(frozen=True)
class MessageQueue:
    """The messages for one address, oldest first; at most 1,000, for a day."""

    records: DurableRecords
    webhook_id: str

    async def has(self, event_id: str) -> bool:
        """Return whether an event was put, even if it has been delivered since."""
        return await self.records.get(QUEUED, self.webhook_id, event_id) is not None

    async def put(self, message: UnlockMessage, now: float) -> None:
        """Append a message."""
        entry = msgspec.msgpack.encode(_Entry(now, message))
        await self.records.append(MESSAGES, self.webhook_id, entry)
        await self.records.set(QUEUED, self.webhook_id, message.event_id, b"")

    async def read_after(self, position: int) -> Sequence[WaitingMessage]:
        """Return the messages after a position."""
        decoder = msgspec.msgpack.Decoder(_Entry)
        found: list[WaitingMessage] = []
        for each in await self.records.read_after(MESSAGES, self.webhook_id, position):
            with contextlib.suppress(msgspec.DecodeError):  # of another version of this server
                entry = decoder.decode(each.content)
                found.append(WaitingMessage(each.position, entry.queued_at, entry.message))
        return found

    async def load_state(self) -> DeliveryState:
        """Return the state of the deliveries; a new one for a new address."""
        content = await self.records.get(STATES, self.webhook_id)
        with contextlib.suppress(msgspec.DecodeError):
            return msgspec.msgpack.decode(content or b"", type=DeliveryState)
        return DeliveryState()

    async def save_state(self, state: DeliveryState) -> None:
        """Store the state of the deliveries."""
        await self.records.set(STATES, self.webhook_id, "", msgspec.msgpack.encode(state))
