"""The metrics: what happened, in Prometheus' words. No label is an id, a name or an address."""

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from providers.kit.instrumentation import Instrumentation, LookupResult, RenewalOutcome
from server import graphql_request as requests
from server.authentication import READ, Authenticator
from server.authorization import require_scope
from server.observability.health import Readiness
from server.observability.source_gauges import METRIC_PREFIX, SourceGauges
from server.request_error import RequestRejected

# A second series for each, which tells when it began.
disable_created_metrics()
DURATION_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Metrics(Instrumentation):
    """One application's own registry, and everything that is counted in it."""

    def __init__(self) -> None:
        super().__init__()
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._operation_count = self._make_counter(
            "operations", "Operations answered.", "type", "code"
        )
        self._operation_durations = self._make_histogram(
            "operation_seconds", "Time to an answer.", "type"
        )
        self._error_count = self._make_counter("errors", "Errors in answers.", "code", "source")
        self._rejection_count = self._make_counter(
            "refusals", "Requests of which nothing was run.", "code"
        )
        self._operations_in_flight = Gauge(
            f"{METRIC_PREFIX}operations_in_flight",
            "Operations being answered.",
            registry=self.registry,
        )
        self._call_count = self._make_counter(
            "upstream_calls", "Upstream calls.", "source", "outcome"
        )
        self._call_durations = self._make_histogram(
            "upstream_call_seconds", "Time of a call.", "source"
        )
        self._wait_durations = self._make_histogram(
            "gate_wait_seconds", "Wait for a turn to call.", "source"
        )
        self._lookup_count = self._make_counter(
            "cache_lookups", "Questions to memory.", "source", "result"
        )
        self._coalesced_count = self._make_counter(
            "coalesced", "Questions that joined another.", "source"
        )
        self._renewal_count = self._make_counter(
            "token_renewals", "Attempts to get tokens.", "source", "credential", "outcome"
        )
        self._renewed_at = Gauge(
            f"{METRIC_PREFIX}token_renewed_timestamp_seconds",
            "When the operator's token was got.",
            ["source"],
            registry=self.registry,
        )

    def on_operation_start(self) -> None:
        """Hear of an operation that begins."""
        self._operations_in_flight.inc()

    def on_operation_end(self, operation_type: str, code: str, seconds: float) -> None:
        """Hear of one that was answered; `code` is the first error's, or `OK`."""
        self._operations_in_flight.dec()
        self._operation_count.labels(operation_type, code).inc()
        self._operation_durations.labels(operation_type).observe(seconds)

    def on_error(self, code: str, source: str) -> None:
        """Hear of one error of an answer."""
        self._error_count.labels(code, source).inc()

    def on_request_rejected(self, code: str) -> None:
        """Hear of a request of which nothing was run."""
        self._rejection_count.labels(code).inc()

    def on_call(self, source: str, outcome: str, seconds: float) -> None:
        self._call_count.labels(source, outcome).inc()
        self._call_durations.labels(source).observe(seconds)

    def on_wait(self, source: str, seconds: float) -> None:
        self._wait_durations.labels(source).observe(seconds)

    def on_lookup(self, source: str, result: LookupResult) -> None:
        self._lookup_count.labels(source, result.value).inc()

    def on_coalesced(self, source: str) -> None:
        self._coalesced_count.labels(source).inc()

    def on_renewal(self, source: str, renewal: RenewalOutcome, *, caller: bool) -> None:
        self._renewal_count.labels(source, "caller" if caller else "operator", renewal.value).inc()
        if renewal is RenewalOutcome.DONE and not caller:
            self._renewed_at.labels(source).set_to_current_time()

    def _make_counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(METRIC_PREFIX + name, text, labels, registry=self.registry)

    def _make_histogram(self, name: str, text: str, *labels: str) -> Histogram:
        return Histogram(
            METRIC_PREFIX + name, text, labels, registry=self.registry, buckets=DURATION_BUCKETS
        )


def build_metrics_route(
    metrics: Metrics, readiness: Readiness, authenticator: Authenticator
) -> Route:
    """`/metrics`, for whoever may read what is the operator's own."""
    metrics.registry.register(SourceGauges(readiness))

    async def show_metrics(request: Request) -> Response:
        try:
            require_scope(authenticator, request.headers, READ)
        except RequestRejected as refused:
            return requests.build_error_response(refused)
        text = generate_latest(metrics.registry)
        headers = {"Content-Type": CONTENT_TYPE_LATEST, "Cache-Control": "no-store"}
        return Response(text, headers=headers)

    return Route("/metrics", show_metrics)
