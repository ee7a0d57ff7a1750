"""Delivers the messages of one address: in order, repeatedly, and by one process alone."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from urllib.parse import urlsplit

from providers.errors import TimedOut
from providers.kit.instrumentation import Instrumentation, Purpose
from providers.kit.shared.shared_store import SharedStore
from server.webhooks.presets import build_body, get_target
from server.webhooks.queue import DAY, DeliveryState, MessageQueue, WaitingMessage
from server.webhooks.sender import TIMEOUT_SECONDS, DeliveryFailed, Reply, WebhookSender
from server.webhooks.signature import sign
from server.webhooks.webhook import Preset, Webhook

# Seconds from one failure of an address to its next attempt; the last one repeats.
SCHEDULE = (5, 30, 120, 600, 1800, 3600, 7200, 14_400)
MAX_AGE_SECONDS = DAY
MAX_RETRY_AFTER_SECONDS = 3600
# Another process may have put a message, or have ended while it delivered one.
IDLE_SECONDS = 60.0
BUSY_SECONDS = 5.0
GONE = 410
# The address refuses this message: it would refuse it again.
REFUSALS = frozenset({400, 413, 422})

log = logging.getLogger("trophycase.webhooks")


class DeliveryOutcome(Enum):
    """What became of an attempt."""

    DELIVERED = "delivered"
    FAILED = "failed"
    REFUSED = "refused"
    GIVEN_UP = "given_up"
    DISABLED = "disabled"


class WallClock:
    """The seconds since 1970, as they pass for the event loop: a set clock changes no waits.

    It stands still while the machine sleeps, so it is never sent to a receiver.
    """

    def __init__(self) -> None:
        self._offset = time.time() - time.monotonic()

    def __call__(self) -> float:
        return time.monotonic() + self._offset


@dataclass
class Deliverer:
    """The deliveries to one address.

    After a failure nothing is sent there until the next attempt is due, so that messages stay in
    order and a broken address costs one request at a time.
    """

    webhook: Webhook
    queue: MessageQueue
    sender: WebhookSender
    store: SharedStore
    on_attempt: Callable[[str], None]
    clock: Callable[[], float] = field(default_factory=WallClock)
    instrumentation: Instrumentation = field(default_factory=Instrumentation)
    _wakeup: asyncio.Event = field(default_factory=asyncio.Event)
    _task: "asyncio.Task[None] | None" = None
    _is_closing: bool = False

    def start(self) -> None:
        """Begin to deliver what waits."""
        self._task = asyncio.get_running_loop().create_task(self._run())

    def wake(self) -> None:
        """Look for messages now."""
        self._wakeup.set()

    async def aclose(self) -> None:
        """Stop; a request that is running may end."""
        self._is_closing = True
        self.wake()
        if self._task is not None:
            await asyncio.wait({self._task}, timeout=TIMEOUT_SECONDS)
            self._task.cancel()
            await asyncio.wait({self._task})

    async def _run(self) -> None:
        while not self._is_closing:
            self._wakeup.clear()
            try:
                wait = await self._deliver_alone()
            except Exception:  # a bug must not end the deliveries
                log.exception("webhook %s failed unexpectedly", self.webhook.name)
                wait = IDLE_SECONDS
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(min(wait, IDLE_SECONDS)):
                    await self._wakeup.wait()

    async def _deliver_alone(self) -> float:
        """Deliver what is due unless another process does; return the seconds to the next try."""
        try:
            async with self.store.lock(f"webhook.{self.webhook.id}") as is_held_everywhere:
                if self.store.backend is not None and not is_held_everywhere:
                    return BUSY_SECONDS
                return await self._deliver_due()
        except TimedOut:
            return BUSY_SECONDS

    async def _deliver_due(self) -> float:
        state = await self.queue.load_state()
        while messages := await self.queue.read_after(state.position):
            for waiting in messages:
                wait = state.next_attempt_at - self.clock()
                if wait > 0 or state.is_disabled or self._is_closing:
                    return wait if wait > 0 else IDLE_SECONDS
                outcome = await self._attempt(state, waiting)
                self.on_attempt(outcome.value)
                await self.queue.save_state(state)
        return IDLE_SECONDS

    async def _attempt(self, state: DeliveryState, waiting: WaitingMessage) -> DeliveryOutcome:
        """Send a message, and note in the state what came of it."""
        if self.clock() - waiting.queued_at >= MAX_AGE_SECONDS:
            state.position = waiting.position
            log.warning("webhook %s: a message is given up after a day", self.webhook.name)
            return DeliveryOutcome.GIVEN_UP
        try:
            reply = await self._send(waiting)
        except DeliveryFailed as error:
            return self._fail(state, error.reason)
        if reply.status == GONE:
            state.is_disabled = True
            log.warning("webhook %s is disabled: its address is gone", self.webhook.name)
            return DeliveryOutcome.DISABLED
        is_refused = reply.status in REFUSALS
        if not (is_refused or 200 <= reply.status < 300):  # noqa: PLR2004 - the class of success
            return self._fail(state, f"status {reply.status}", _parse_seconds(reply.retry_after))
        state.position, state.failures, state.next_attempt_at = waiting.position, 0, 0
        if is_refused:
            log.warning("webhook %s refuses a message: %d", self.webhook.name, reply.status)
        return DeliveryOutcome.REFUSED if is_refused else DeliveryOutcome.DELIVERED

    async def _send(self, waiting: WaitingMessage) -> Reply:
        body = build_body(self.webhook, waiting.message)
        headers = self._build_headers(waiting.message.event_id, body)
        target = get_target(self.webhook)
        host = urlsplit(target).netloc  # an address with a user name is refused at the start
        with self.instrumentation.trace_request(
            Purpose.WEBHOOK, self.webhook.name, "POST", host
        ) as traced:
            try:
                reply = await self.sender.send(target, {**headers, **(traced.headers or {})}, body)
            except DeliveryFailed as error:
                traced.failure = error.reason
                raise
            traced.status = reply.status
        return reply

    def _build_headers(self, event_id: str, body: bytes) -> dict[str, str]:
        key = self.webhook.signing_key
        if key is not None:
            return sign(key, event_id, int(time.time()), body)
        if self.webhook.preset is Preset.NTFY and self.webhook.secret:
            return {"Authorization": f"Bearer {self.webhook.secret}"}
        return {}

    def _fail(self, state: DeliveryState, reason: str, seconds: float = 0) -> DeliveryOutcome:
        wait = max(SCHEDULE[min(state.failures, len(SCHEDULE) - 1)], seconds)
        state.failures += 1
        state.next_attempt_at = self.clock() + wait
        log.warning("webhook %s: %s; again in %d s", self.webhook.name, reason, wait)
        return DeliveryOutcome.FAILED


def _parse_seconds(text: str) -> float:
    """Return the seconds of a `Retry-After`, up to an hour; 0 for none or a date."""
    is_number = text.isascii() and text.isdigit() and len(text) < 10  # noqa: PLR2004 - digits
    return min(float(text), MAX_RETRY_AFTER_SECONDS) if is_number else 0
