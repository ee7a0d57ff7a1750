"""The webhooks of a running server: one listener for all, and the deliveries of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from providers.capabilities import Service
from providers.kit.shared.shared_store import SharedStore
from providers.kit.upstream.upstream_client import SharedServices
from providers.registry import Source
from resolvers.live.live import Live
from schema.federated_schema import FederatedSchema
from server.observability.metrics import Metrics
from server.settings import Settings
from server.webhooks.deliverer import Deliverer
from server.webhooks.queue import MessageQueue
from server.webhooks.sender import WebhookSender
from server.webhooks.unlock_listener import UnlockListener, build_operator_viewer
from server.webhooks.unlock_message import UnlockMessage


@dataclass
class Webhooks:
    """Sends what is unlocked on the operator's accounts to each address, while it is open."""

    deliverers: Sequence[Deliverer]
    store: SharedStore
    listener: UnlockListener | None = None

    async def __aenter__(self) -> Self:
        for deliverer in self.deliverers:
            deliverer.start()
        if self.listener is not None:
            self.listener.start()
        return self

    async def __aexit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self.listener is not None:
            await self.listener.aclose()
        for deliverer in self.deliverers:
            await deliverer.aclose()

    async def put(self, message: UnlockMessage) -> None:
        """Queue a message for each address; every process has it, and one queues it."""
        async with self.store.lock(f"webhook.{message.event_id}"):
            for deliverer in self.deliverers:
                if not await deliverer.queue.has(message.event_id):
                    await deliverer.queue.put(message, deliverer.clock())
                    deliverer.wake()


def open_webhooks(
    settings: Settings,
    services: Mapping[Source, Service],
    shared_services: SharedServices,
    graph: FederatedSchema,
    live: Live | None,
    metrics: Metrics,
) -> Webhooks:
    """Open the webhooks of the settings; with none, nothing is listened to."""
    sender = WebhookSender(settings.webhook_hosts)
    records, store = shared_services.records, shared_services.shared_store
    webhooks = Webhooks(
        [
            Deliverer(
                webhook,
                MessageQueue(records, webhook.id),
                sender,
                store,
                metrics.on_webhook_attempt,
                instrumentation=metrics,
            )
            for webhook in settings.webhooks
        ],
        store,
    )
    if settings.webhooks and live is not None:
        clients = {
            source: client
            for source, service in services.items()
            if (client := service.get_operator_client()) is not None
        }
        webhooks.listener = UnlockListener(
            graph, build_operator_viewer(clients), live, records, settings.deadline, webhooks.put
        )
    return webhooks
