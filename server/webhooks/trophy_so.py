"""The webhook of Trophy.so: signed events of users, which make cached achievements out of date."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import partial

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from providers.capabilities import Service
from providers.kit.shared.durable_records import DurableRecords
from providers.kit.shared.record_backend import RecordKind
from providers.registry import Source
from providers.trophy_so.client import TrophySoClient
from providers.trophy_so.webhooks import (
    SIGNATURE_HEADER,
    UnreadableEvent,
    WebhookEvent,
    is_signed,
    read_event,
)
from resolvers.live.live import Live
from resolvers.live.unlock_event import DetectedBy, FoundUnlock, WatchKey
from server.graphql_request import build_error_response
from server.observability.metrics import Metrics
from server.request_body import BodyReader
from server.request_error import UNAUTHORIZED, RequestRejected
from server.settings import Settings

PATH = "/webhooks/trophy-so"
WEBHOOK_SETTING = "TROPHY_SO_WEBHOOK_SECRET"
NO_CONTENT = 204
MAX_BODY_BYTES = 256 * 1024
# The sender repeats for some minutes. Nothing but the age of an event tells a recorded request from
# a new one, because no time is signed.
MAX_AGE = timedelta(days=1)
MAX_CLOCK_DIFFERENCE = timedelta(hours=1)
SEEN = RecordKind("trophy_so.webhook", seconds=30 * 86_400, max_per_owner=1000)

log = logging.getLogger("trophycase.webhooks")

RecordUnlock = Callable[[WebhookEvent], Awaitable[None]]


class Outcome(Enum):
    """What became of a signed event; the sender gets 204 in any case, and does not repeat it."""

    ACCEPTED = "accepted"
    REPEATED = "repeated"
    IGNORED = "ignored"
    OUTDATED = "outdated"
    UNREADABLE = "unreadable"


async def record_nothing(_event: WebhookEvent) -> None:
    """Record no unlock, where nothing is live."""


@dataclass(frozen=True)
class TrophySoWebhook:
    """The endpoint; `record_unlock` gets each achievement that a user has completed, once."""

    secret: str = field(repr=False)
    client: TrophySoClient | None
    records: DurableRecords
    on_received: Callable[[str], None]
    record_unlock: RecordUnlock = record_nothing
    body_reader: BodyReader = field(default_factory=BodyReader)

    def build_route(self) -> Route:
        """Build the route of the endpoint."""
        return Route(PATH, self.respond, methods=["POST"])

    async def respond(self, request: Request) -> Response:
        """Respond with 204 to a signed event, whatever is in it, and with 401 to any other."""
        try:
            body = await self._read_signed(request)
        except RequestRejected as rejection:
            self.on_received("rejected")
            return build_error_response(rejection)
        outcome = await self._take(body)
        self.on_received(outcome.value)
        if outcome is Outcome.UNREADABLE:
            log.warning("an event of Trophy.so cannot be read")
        return Response(status_code=NO_CONTENT)

    async def _read_signed(self, request: Request) -> bytes:
        body = await self.body_reader.read(request, MAX_BODY_BYTES)
        if not is_signed(self.secret, body, request.headers.get(SIGNATURE_HEADER, "")):
            raise RequestRejected(UNAUTHORIZED, "The signature is wrong.", "UNAUTHENTICATED")
        return body

    async def _take(self, body: bytes) -> Outcome:
        try:
            event = read_event(body)
        except UnreadableEvent:
            return Outcome.UNREADABLE
        if event is None or self.client is None or not self.client.can_read(event.user_id):
            return Outcome.IGNORED
        if _is_outdated(event):
            return Outcome.OUTDATED
        await self.client.forget(event.user_id)
        if not event.achievement_id:
            return Outcome.ACCEPTED
        return await self._record(event)

    async def _record(self, event: WebhookEvent) -> Outcome:
        """Record an unlock, unless it was before; if that fails, the sender repeats it."""
        key = msgspec.json.encode((event.type, event.achievement_id, event.achieved_at)).decode()
        if await self.records.get(SEEN, event.user_id, key) is not None:
            return Outcome.REPEATED
        await self.record_unlock(event)
        await self.records.set(SEEN, event.user_id, key, b"")
        return Outcome.ACCEPTED


def build_webhook_routes(
    settings: Settings,
    services: Mapping[Source, Service],
    records: DurableRecords,
    metrics: Metrics,
    live: Live | None,
) -> list[Route]:
    """Build the route of the webhook; none without its secret."""
    secret = settings.sources[Source.TROPHY_SO][WEBHOOK_SETTING]
    if not secret:
        return []
    client = services[Source.TROPHY_SO].get_operator_client()
    on_received = partial(metrics.on_webhook_received, Source.TROPHY_SO.name)
    trophy_so = client if isinstance(client, TrophySoClient) else None
    webhook = TrophySoWebhook(secret, trophy_so, records, on_received)
    if live is not None and trophy_so is not None:
        webhook = replace(webhook, record_unlock=partial(_record_unlock, live, trophy_so))
    return [webhook.build_route()]


async def _record_unlock(live: Live, client: TrophySoClient, event: WebhookEvent) -> None:
    """Publish an unlock to those who listen to its user, and keep it for those who come later."""
    key = WatchKey(Source.TROPHY_SO, client.scope, event.user_id)
    unlock = FoundUnlock(achievement_id=event.achievement_id, earned_at=event.achieved_at)
    await live.record(key, unlock, DetectedBy.WEBHOOK)


def _is_outdated(event: WebhookEvent) -> bool:
    if event.achieved_at is None:
        return False
    now = datetime.now(UTC)
    return not now - MAX_AGE <= event.achieved_at <= now + MAX_CLOCK_DIFFERENCE
