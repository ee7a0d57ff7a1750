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

from providers.kit.instrumentation import Lookup, Observer, Renewal
from server import graphql_request as requests
from server.authentication import READ, Callers
from server.authorization import admit
from server.observability.health import Readiness
from server.observability.source_gauges import PREFIX, SourceGauges
from server.request_error import Refused

# A second series for each, which tells when it began.
disable_created_metrics()
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Metrics(Observer):
    """One application's own registry, and everything that is counted in it."""

    def __init__(self) -> None:
        super().__init__()
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._operations = self._counter("operations", "Operations answered.", "type", "code")
        self._durations = self._histogram("operation_seconds", "Time to an answer.", "type")
        self._errors = self._counter("errors", "Errors in answers.", "code", "source")
        self._refusals = self._counter("refusals", "Requests of which nothing was run.", "code")
        self._running = Gauge(
            f"{PREFIX}operations_in_flight", "Operations being answered.", registry=self.registry
        )
        self._calls = self._counter("upstream_calls", "Upstream calls.", "source", "outcome")
        self._latency = self._histogram("upstream_call_seconds", "Time of a call.", "source")
        self._waits = self._histogram("gate_wait_seconds", "Wait for a turn to call.", "source")
        self._lookups = self._counter("cache_lookups", "Questions to memory.", "source", "result")
        self._joined = self._counter("coalesced", "Questions that joined another.", "source")
        self._renewals = self._counter(
            "token_renewals", "Attempts to get tokens.", "source", "credential", "outcome"
        )
        self._renewed = Gauge(
            f"{PREFIX}token_renewed_timestamp_seconds",
            "When the operator's token was got.",
            ["source"],
            registry=self.registry,
        )

    def began(self) -> None:
        """Hear of an operation that begins."""
        self._running.inc()

    def ended(self, kind: str, code: str, seconds: float) -> None:
        """Hear of one that was answered; `code` is the first error's, or `OK`."""
        self._running.dec()
        self._operations.labels(kind, code).inc()
        self._durations.labels(kind).observe(seconds)

    def erred(self, code: str, source: str) -> None:
        """Hear of one error of an answer."""
        self._errors.labels(code, source).inc()

    def refused(self, code: str) -> None:
        """Hear of a request of which nothing was run."""
        self._refusals.labels(code).inc()

    def called(self, source: str, outcome: str, seconds: float) -> None:
        self._calls.labels(source, outcome).inc()
        self._latency.labels(source).observe(seconds)

    def waited(self, source: str, seconds: float) -> None:
        self._waits.labels(source).observe(seconds)

    def looked_up(self, source: str, result: Lookup) -> None:
        self._lookups.labels(source, result.value).inc()

    def coalesced(self, source: str) -> None:
        self._joined.labels(source).inc()

    def renewed(self, source: str, renewal: Renewal, *, caller: bool) -> None:
        self._renewals.labels(source, "caller" if caller else "operator", renewal.value).inc()
        if renewal is Renewal.DONE and not caller:
            self._renewed.labels(source).set_to_current_time()

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(PREFIX + name, text, labels, registry=self.registry)

    def _histogram(self, name: str, text: str, *labels: str) -> Histogram:
        return Histogram(PREFIX + name, text, labels, registry=self.registry, buckets=SECONDS)


def metrics_route(metrics: Metrics, readiness: Readiness, callers: Callers) -> Route:
    """`/metrics`, for whoever may read what is the operator's own."""
    metrics.registry.register(SourceGauges(readiness))

    async def shown(request: Request) -> Response:
        try:
            admit(callers, request.headers, READ)
        except Refused as refused:
            return requests.refusal(refused)
        text = generate_latest(metrics.registry)
        headers = {"Content-Type": CONTENT_TYPE_LATEST, "Cache-Control": "no-store"}
        return Response(text, headers=headers)

    return Route("/metrics", shown)
