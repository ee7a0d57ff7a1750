"""Opening of what watches accounts for subscriptions."""

from providers.kit.shared.durable_records import DurableRecords
from providers.registry import Source
from resolvers.live.live import Live, LiveSettings
from server.settings import Settings


def create_live(settings: Settings, records: DurableRecords) -> Live | None:
    """Create the live feed, with the rates of the sources; None if it is off."""
    if not settings.live:
        return None
    rates = {source: settings.get_rate(source) for source in Source}
    return Live(LiveSettings(settings.live_share, settings.live_interval, rates), records)
