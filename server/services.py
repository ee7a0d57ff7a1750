"""Opening of the sources' services, and of what they share."""

from collections.abc import Mapping

import httpx

from providers.capabilities import Service
from providers.kit.caching.cache import Cache
from providers.kit.instrumentation import Instrumentation
from providers.kit.rate_limiting.rate_limiter import RateLimiters
from providers.kit.shared.durable_records import DurableRecords
from providers.kit.upstream.transport.http_transport import HttpTransport
from providers.kit.upstream.upstream_client import SharedServices
from providers.registry import Source
from server.settings import SettingError, Settings
from server.shared_store_setup import open_shared_store


def open_shared_services(
    settings: Settings,
    transport: httpx.AsyncBaseTransport | None,
    instrumentation: Instrumentation,
) -> SharedServices:
    """Open the services that all sources share; `transport` replaces the network."""
    shared_store = open_shared_store(settings)
    cache = Cache(
        load_timeout=settings.deadline,
        shared_store=shared_store,
        instrumentation=instrumentation,
    )
    return SharedServices(
        transport or create_transport(),
        cache,
        RateLimiters(shared_store=shared_store),
        shared_store=shared_store,
        records=DurableRecords(shared_store),
        instrumentation=instrumentation,
    )


def create_transport() -> httpx.AsyncBaseTransport:
    """Create the way to the network; `httpx.AsyncHTTPTransport` does the same, more slowly."""
    return HttpTransport()


def open_services(shared_services: SharedServices, settings: Settings) -> Mapping[Source, Service]:
    """Create the service of each source; `SettingError` if it rejects its settings."""
    services: dict[Source, Service] = {}
    for source in Source:
        try:
            services[source] = source.value.create_service(
                shared_services, settings.sources[source]
            )
        except ValueError as error:
            raise SettingError(source.name, str(error)) from None
    return services
