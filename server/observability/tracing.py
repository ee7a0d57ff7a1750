"""Traces by OpenTelemetry: a span for each operation, and for each request that this server sends.

No span contains a document, variables, paths, queries, addresses of clients, or a message.
"""

from collections import Counter
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, Self
from urllib.parse import urlsplit

from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SpanExporter
from opentelemetry.trace import (
    NoOpTracer,
    Span,
    SpanKind,
    Status,
    StatusCode,
    Tracer,
    format_trace_id,
    set_span_in_context,
)
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from starlette.requests import Request

from providers.kit.instrumentation import (
    LookupResult,
    OutgoingRequest,
    Purpose,
    UpstreamCall,
)
from providers.kit.request_context import get_current
from providers.kit.upstream.user_agent import VERSION
from server.observability.metrics import Metrics
from server.observability.operation_log import OperationRecord
from server.observability.span_export import close_provider, open_provider

SCOPE_NAME = "trophycase"
# A document that cannot be parsed has no type, and one that PSN keeps none that is known here.
OPERATION_TYPES = frozenset({"query", "mutation", "subscription"})
UNKNOWN_OPERATION = "GraphQL Operation"
FIRST_ERROR_STATUS = 400
# Of one operation; the counts of lookups by result are complete all the same.
MAX_EVENTS = 100
WEBSOCKET = "websocket"
WAIT_ATTRIBUTE = "trophycase.rate_limiter.wait_ms"
OWNER_ATTRIBUTES = {
    Purpose.SIGN_IN: "trophycase.source",
    Purpose.WEBHOOK: "trophycase.webhook",
}
PROPAGATOR = TraceContextTextMapPropagator()


class Tracing:
    """Starts spans while it is open; `hosts` are those that are told the trace."""

    def __init__(self, telemetry: Mapping[str, str], hosts: frozenset[str]) -> None:
        self._telemetry = telemetry
        self._hosts = hosts
        self._opened: tuple[TracerProvider, SpanExporter] | None = None
        self._tracer: Tracer = NoOpTracer()

    async def __aenter__(self) -> Self:
        """Begin to export spans."""
        self._opened = open_provider(self._telemetry)
        self._tracer = self._opened[0].get_tracer(SCOPE_NAME, VERSION)
        return self

    async def __aexit__(self, *_: object) -> None:
        """Export what is left, for a bounded time."""
        if self._opened is not None:
            self._tracer = NoOpTracer()
            await close_provider(*self._opened)

    def create_metrics(self) -> "TracedMetrics":
        """Create metrics that also go into the spans."""
        return TracedMetrics(self)

    def start_operation(self, request: Request) -> "TracedOperation":
        """Start the span of an operation, as a part of the trace that the request belongs to."""
        parent = PROPAGATOR.extract(_read_trace_headers(request))
        span = self._tracer.start_span(UNKNOWN_OPERATION, parent, SpanKind.SERVER)
        return TracedOperation(self._tracer, span, request)

    def start_request(self, method: str, host: str, extra: Mapping[str, str]) -> Span:
        """Start the span of a request to another server, as a part of the current operation."""
        name, port = _split_host(host)
        attributes: dict[str, Any] = {
            "http.request.method": method,
            "server.address": name,
            **extra,
        }
        if port is not None:
            attributes["server.port"] = port
        operation = get_current_operation()
        context = set_span_in_context(operation.span) if operation is not None else None
        return self._tracer.start_span(method, context, SpanKind.CLIENT, attributes)

    def build_trace_headers(self, span: Span, host: str) -> Mapping[str, str] | None:
        """Return the headers that tell a host the trace of a request, if it may know."""
        if not self._hosts or _split_host(host)[0] not in self._hosts:
            return None
        headers: dict[str, str] = {}
        PROPAGATOR.inject(headers, set_span_in_context(span))
        return headers


class TracedOperation:
    """The span of an operation, and the cache lookups of the operation by result."""

    def __init__(self, tracer: Tracer, span: Span, request: Request) -> None:
        self.span = span
        self.lookups: Counter[str] = Counter()
        self._tracer = tracer
        self._request = request
        self._event_count = 0

    @property
    def trace_id(self) -> str:
        """The trace's id, as 32 hexadecimal digits."""
        return format_trace_id(self.span.get_span_context().trace_id)

    @contextmanager
    def trace_part(self, name: str) -> Generator[None]:
        """Have a span for a part of the operation; for `with`."""
        part = self._tracer.start_span(name, set_span_in_context(self.span))
        try:
            yield
        finally:
            part.end()

    def add_event(self, name: str, attributes: Mapping[str, str | float]) -> None:
        """Add an event at this moment, if the operation has few."""
        if self._event_count < MAX_EVENTS:
            self._event_count += 1
            self.span.add_event(name, attributes)

    def end(self, record: OperationRecord) -> None:
        """End the span with what is known of the operation."""
        span = self.span
        if record.operation_type in OPERATION_TYPES:
            span.update_name(record.operation_type)
            span.set_attribute("graphql.operation.type", record.operation_type)
        if record.name:
            span.set_attribute("graphql.operation.name", record.name)
        if record.transport != WEBSOCKET:
            span.set_attributes(_describe_request(self._request, record))
        span.set_attributes(_describe_operation(record))
        for result, count in self.lookups.items():
            span.set_attribute(f"trophycase.cache.{result}", count)
        codes = sorted({code for code, _ in record.errors})
        if codes:
            span.set_attributes({"error.type": record.errors[0][0], "trophycase.codes": codes})
            span.set_status(Status(StatusCode.ERROR, ", ".join(codes)))
        span.end()


class TracedMetrics(Metrics):
    """Metrics that also go into the spans of the operations and calls that they concern."""

    def __init__(self, tracing: Tracing) -> None:
        super().__init__()
        self.tracing = tracing
        # Of the call that begins next: nothing else runs between the wait and the call.
        self._last_wait = 0.0

    def measure_call(self, source: str, method: str, host: str, started_at: float) -> UpstreamCall:
        """Time a call, with a span of its own."""
        span = self.tracing.start_request(method, host, {"trophycase.source": source})
        span.set_attribute(WAIT_ATTRIBUTE, _to_milliseconds(self._last_wait))
        headers = self.tracing.build_trace_headers(span, host)
        return TracedCall(
            instrumentation=self, source=source, started_at=started_at, span=span, headers=headers
        )

    def trace_request(
        self, purpose: Purpose, owner: str, method: str, host: str
    ) -> OutgoingRequest:
        """Have a span for a request that is no upstream call."""
        names = {"trophycase.purpose": purpose.value, OWNER_ATTRIBUTES[purpose]: owner}
        span = self.tracing.start_request(method, host, names)
        return TracedRequest(span=span, headers=self.tracing.build_trace_headers(span, host))

    def on_wait(self, source: str, seconds: float) -> None:
        super().on_wait(source, seconds)
        self._last_wait = seconds
        operation, wait = get_current_operation(), _to_milliseconds(seconds)
        if operation is not None and wait:
            attributes = {"trophycase.source": source, WAIT_ATTRIBUTE: wait}
            operation.add_event("rate limiter wait", attributes)

    def on_lookup(self, source: str, result: LookupResult, count: int = 1) -> None:
        super().on_lookup(source, result, count)
        operation = get_current_operation()
        if operation is not None:
            name = result.name.lower()
            operation.lookups[name] += count
            attributes = {"trophycase.source": source, f"trophycase.cache.{name}": count}
            operation.add_event("cache lookup", attributes)


class TracedCall(UpstreamCall, kw_only=True, eq=False):
    """A running call with its span."""

    span: Span

    def __exit__(self, error_type: object, error: BaseException | None, trace: object) -> None:
        """Record how the call has ended; an error's own text is not recorded."""
        super().__exit__(error_type, error, trace)
        _end_span(self.span, self, error)


class TracedRequest(OutgoingRequest, kw_only=True, eq=False):
    """A running request with its span."""

    span: Span

    def __exit__(self, error_type: object, error: BaseException | None, trace: object) -> None:
        """Record how the request has ended; an error's own text is not recorded."""
        super().__exit__(error_type, error, trace)
        _end_span(self.span, self, error)


def get_current_operation() -> TracedOperation | None:
    """Return the operation that runs now; None for a background task."""
    span = get_current().span
    return span if isinstance(span, TracedOperation) else None


def _to_milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 1)


def _end_span(span: Span, request: OutgoingRequest, error: BaseException | None) -> None:
    status = request.status
    if status is not None:
        span.set_attribute("http.response.status_code", status)
    if error is not None or status is None or status >= FIRST_ERROR_STATUS:
        failure = request.name_outcome(error) if error or status is None else str(status)
        span.set_attribute("error.type", failure)
        span.set_status(StatusCode.ERROR)
    span.end()


def _read_trace_headers(request: Request) -> Mapping[str, str]:
    """Return the W3C trace context of a request; none where it is there twice."""
    parents = request.headers.getlist("traceparent")
    if len(parents) != 1:
        return {}
    states = request.headers.getlist("tracestate")
    return {"traceparent": parents[0], **({"tracestate": ",".join(states)} if states else {})}


@lru_cache(maxsize=64)
def _split_host(host: str) -> tuple[str, int | None]:
    """Return the name and the port of a host."""
    address = urlsplit(f"//{host}")
    return address.hostname or "", address.port


def _describe_request(request: Request, record: OperationRecord) -> dict[str, Any]:
    return {
        "http.request.method": request.method,
        "http.route": request.scope["path"],  # no route of operations has a variable part
        "http.response.status_code": record.status,
        "url.scheme": request.scope["scheme"],
    }


def _describe_operation(record: OperationRecord) -> dict[str, Any]:
    attributes: dict[str, Any] = {
        "trophycase.request_id": record.request_id,
        "trophycase.transport": record.transport,
    }
    context = record.request_context
    if context is not None:
        attributes["trophycase.upstream_calls"] = context.calls.total()
        attributes["trophycase.coalesced"] = context.coalesced_count
    if record.events:
        attributes["trophycase.events"] = record.events
    return attributes
