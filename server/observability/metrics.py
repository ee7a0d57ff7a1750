"""Prometheus metrics. No label is an id, a name or an address."""

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Gauge,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from providers.kit.instrumentation import Instrumentation, LookupResult, RenewalOutcome
from providers.kit.shared.shared_store import SharedStore
from resolvers.live.live import Live
from server import graphql_request as requests
from server.api_keys import METRICS
from server.authentication import Authenticator
from server.authorization import require_scope
from server.observability.health import Readiness
from server.observability.source_gauges import METRIC_PREFIX, SourceGauges
from server.observability.totals import Durations, Totals
from server.request_error import RequestRejected

# They would double the number of series, with the time at which each began.
disable_created_metrics()
DURATION_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Metrics(Instrumentation):
    """The metrics of one application, in a registry of their own."""

    def __init__(self) -> None:
        super().__init__()
        self.registry = CollectorRegistry()
        self._operations_in_flight = 0
        ProcessCollector(registry=self.registry)
        self._add_operation_metrics()
        self._add_live_metrics()
        self._add_webhook_metrics()
        self._add_upstream_metrics()
        self._add_token_metrics()

    def _add_operation_metrics(self) -> None:
        self._operation_count = self._make_counter(
            "operations", "Operations by the code of their first error, or OK.", "type", "code"
        )
        self._operation_durations = self._make_histogram(
            "operation_seconds", "Time to the response.", "type"
        )
        self._error_count = self._make_counter("errors", "Errors in responses.", "code", "source")
        self._rejection_count = self._make_counter(
            "refusals", "Requests rejected before execution.", "code"
        )
        in_flight = Gauge(
            f"{METRIC_PREFIX}operations_in_flight",
            "Operations being executed.",
            registry=self.registry,
        )
        in_flight.set_function(lambda: float(self._operations_in_flight))

    def _add_live_metrics(self) -> None:
        self._live_connections = Gauge(
            f"{METRIC_PREFIX}live_connections",
            "Open WebSockets and event streams.",
            ["transport"],
            registry=self.registry,
        )
        self._event_count = self._make_counter(
            "events", "Results of subscriptions that were sent.", "transport"
        )
        self._dropped_event_count = self._make_counter(
            "events_dropped", "Events that were dropped because a client reads too slowly."
        )
        self._socket_close_count = self._make_counter(
            "socket_closes", "WebSockets closed by this server, by code.", "code"
        )

    def _add_webhook_metrics(self) -> None:
        self._received_count = self._make_counter(
            "webhooks_received", "Requests to a source's webhook by outcome.", "source", "outcome"
        )
        self._delivery_count = self._make_counter(
            "webhook_deliveries", "Attempts to deliver a message to a webhook.", "outcome"
        )

    def _add_upstream_metrics(self) -> None:
        self._call_count = self._make_counter(
            "upstream_calls", "Upstream calls by outcome.", "source", "outcome"
        )
        self._call_durations = self._make_histogram(
            "upstream_call_seconds", "Duration of an upstream call.", "source"
        )
        self._wait_durations = self._make_histogram(
            "gate_wait_seconds", "Wait for the rate limiter.", "source"
        )
        self._lookup_count = self._make_counter(
            "cache_lookups", "Cache lookups by result.", "source", "result"
        )
        self._coalesced_count = self._make_counter(
            "coalesced", "Values from a load that was already running.", "source"
        )

    def _add_token_metrics(self) -> None:
        self._renewal_count = self._make_counter(
            "token_renewals",
            "Attempts to get tokens by outcome.",
            "source",
            "credential",
            "outcome",
        )
        self._renewed_at = Gauge(
            f"{METRIC_PREFIX}token_renewed_timestamp_seconds",
            "When the operator's token was obtained.",
            ["source"],
            registry=self.registry,
        )

    def watch_store(self, store: SharedStore) -> None:
        """Show from now on whether what the processes share can be used."""
        gauge = Gauge(
            f"{METRIC_PREFIX}shared_store_degraded",
            "1 while the cache file or Redis cannot be used.",
            registry=self.registry,
        )
        gauge.set_function(lambda: float(store.is_degraded))

    def watch_live(self, live: Live) -> None:
        """Show from now on how many accounts are watched, and with how many credentials."""
        watched = Gauge(
            f"{METRIC_PREFIX}watched_accounts",
            "Accounts watched for listeners of this process or of others.",
            registry=self.registry,
        )
        watched.set_function(lambda: float(live.count_watched()))
        polling = Gauge(
            f"{METRIC_PREFIX}polled_credentials",
            "Credentials with which this process, and no other, polls.",
            registry=self.registry,
        )
        polling.set_function(lambda: float(live.count_leases()))

    def on_operation_start(self) -> None:
        """Count an operation that begins."""
        self._operations_in_flight += 1

    def on_operation_end(self, operation_type: str, code: str, seconds: float) -> None:
        """Count an operation that has its response; `code` is its first error's, or `OK`."""
        self._operations_in_flight -= 1
        self._operation_count.add(operation_type, code)
        self._operation_durations.observe(operation_type, seconds)

    def on_live_connection(self, transport: str, change: int) -> None:
        """Count a WebSocket or an event stream that opens, with 1, or that has ended, with -1."""
        self._live_connections.labels(transport).inc(change)

    def on_event(self, transport: str, dropped: int = 0) -> None:
        """Count a result of a subscription, and the events that were dropped before it."""
        self._event_count.add(transport)
        if dropped:
            self._dropped_event_count.add(count=dropped)

    def on_socket_close(self, code: int) -> None:
        """Count a WebSocket that this server closes."""
        self._socket_close_count.add(str(code))

    def on_error(self, code: str, source: str) -> None:
        """Count an error of a response."""
        self._error_count.add(code, source)

    def on_request_rejected(self, code: str) -> None:
        """Count a request that was rejected before execution."""
        self._rejection_count.add(code)

    def on_webhook_received(self, source: str, outcome: str) -> None:
        """Count a request to the webhook of a source."""
        self._received_count.add(source, outcome)

    def on_webhook_attempt(self, outcome: str) -> None:
        """Count an attempt to deliver a message to an address."""
        self._delivery_count.add(outcome)

    def on_call(self, source: str, outcome: str, seconds: float) -> None:
        self._call_count.add(source, outcome)
        self._call_durations.observe(source, seconds)

    def on_wait(self, source: str, seconds: float) -> None:
        self._wait_durations.observe(source, seconds)

    def on_lookup(self, source: str, result: LookupResult, count: int = 1) -> None:
        self._lookup_count.add(source, result._value_, count=count)

    def on_coalesced(self, source: str) -> None:
        self._coalesced_count.add(source)

    def on_renewal(self, source: str, renewal: RenewalOutcome, *, caller: bool) -> None:
        credential = "caller" if caller else "operator"
        self._renewal_count.add(source, credential, renewal.value)
        if renewal is RenewalOutcome.DONE and not caller:
            self._renewed_at.labels(source).set_to_current_time()

    def _make_counter(self, name: str, text: str, *labels: str) -> Totals:
        return Totals(METRIC_PREFIX + name, text, labels, self.registry)

    def _make_histogram(self, name: str, text: str, label: str) -> Durations:
        return Durations(METRIC_PREFIX + name, text, label, self.registry, DURATION_BUCKETS)


def build_metrics_route(
    metrics: Metrics, readiness: Readiness, authenticator: Authenticator
) -> Route:
    """Build the route `/metrics`, which needs scope `read` if there are API keys."""
    metrics.registry.register(SourceGauges(readiness))

    async def show_metrics(request: Request) -> Response:
        try:
            require_scope(authenticator, request.headers, METRICS)
        except RequestRejected as rejection:
            return requests.build_error_response(rejection)
        text = generate_latest(metrics.registry)
        headers = {"Content-Type": CONTENT_TYPE_LATEST, "Cache-Control": "no-store"}
        return Response(text, headers=headers)

    return Route("/metrics", show_metrics)
