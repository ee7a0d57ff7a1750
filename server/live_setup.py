"""Opening of what watches accounts for subscriptions."""

from collections.abc import Mapping

from providers.capabilities import Service
from providers.kit.shared.durable_records import DurableRecords
from providers.registry import Source
from resolvers.live.live import Live, LiveSettings
from server.settings import Settings
from server.webhooks.trophy_so import WEBHOOK_SETTING


def create_live(
    settings: Settings, services: Mapping[Source, Service], records: DurableRecords
) -> Live | None:
    """Create the live feed, with the rates of the sources; None if it is off."""
    if not settings.live:
        return None
    rates = {source: settings.get_rate(source) for source in Source}
    pushed = _find_pushed(settings, services)
    return Live(LiveSettings(settings.live_share, settings.live_interval, rates, pushed), records)


def _find_pushed(
    settings: Settings, services: Mapping[Source, Service]
) -> frozenset[tuple[Source, str]]:
    """Return the operator's credentials with a webhook, which tells of the key's own users."""
    source = Source.TROPHY_SO
    client = services[source].get_operator_client()
    has_webhook = bool(settings.sources[source][WEBHOOK_SETTING])
    return frozenset({(source, client.scope)} if client and has_webhook else ())
