"""A collector of traces, which receives OTLP over HTTP and decodes it."""

import threading
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"


@dataclass(frozen=True)
class ReceivedSpan:
    """A span as the collector has received it; the ids are hexadecimal."""

    name: str
    kind: str
    trace_id: str
    id: str
    parent_id: str
    attributes: dict[str, Any]
    status: str
    seconds: float
    events: list[tuple[str, dict[str, Any]]]


@dataclass
class Collector:
    """What a collector has received, and the status with which it responds."""

    url: str = ""
    status: int = 200
    bodies: list[bytes] = field(default_factory=list[bytes])
    headers: list[dict[str, str]] = field(default_factory=list[dict[str, str]])

    @property
    def settings(self) -> dict[str, Any]:
        """The settings of a server that exports to it."""
        return {ENDPOINT: self.url}

    @property
    def spans(self) -> list[ReceivedSpan]:
        """All spans, in the order in which they ended."""
        return [_read_span(span) for each in self._read_scopes() for span in each.spans]

    @property
    def resource(self) -> dict[str, Any]:
        """The attributes of the server."""
        request = ExportTraceServiceRequest.FromString(self.bodies[0])
        return _read_attributes(request.resource_spans[0].resource.attributes)

    def get_operation(self) -> ReceivedSpan:
        """Return the only span of an operation."""
        (operation,) = self.list_spans("SERVER")
        return operation

    def list_calls(self) -> list[ReceivedSpan]:
        """Return the spans of upstream calls."""
        return [
            each
            for each in self.list_spans("CLIENT")
            if "trophycase.rate_limiter.wait_ms" in each.attributes
        ]

    def list_other_requests(self, purpose: str) -> list[ReceivedSpan]:
        """Return the spans of requests for a purpose that are no upstream calls."""
        return [
            each
            for each in self.list_spans("CLIENT")
            if each.attributes.get("trophycase.purpose") == purpose
        ]

    def list_spans(self, kind: str) -> list[ReceivedSpan]:
        """Return the spans of a kind."""
        return [each for each in self.spans if each.kind == kind]

    def _read_scopes(self) -> Iterable[Any]:
        for body in self.bodies:
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                yield from resource.scope_spans


@contextmanager
def run_collector() -> Generator[Collector]:
    """Run a collector on a free port of this machine."""
    collector = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            """Keep what is sent."""
            body = self.rfile.read(int(self.headers["Content-Length"]))
            collector.headers.append({"path": self.path, **dict(self.headers.items())})
            if collector.status == 200:
                collector.bodies.append(body)
            self.send_response(collector.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base's name
            """Write nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        collector.url = f"http://127.0.0.1:{server.server_address[1]}"
        try:
            yield collector
        finally:
            server.shutdown()
            thread.join()


def _read_span(span: Span) -> ReceivedSpan:
    return ReceivedSpan(
        span.name,
        Span.SpanKind.Name(span.kind).removeprefix("SPAN_KIND_"),
        span.trace_id.hex(),
        span.span_id.hex(),
        span.parent_span_id.hex(),
        _read_attributes(span.attributes),
        {0: "UNSET", 1: "OK", 2: "ERROR"}[int(span.status.code)],
        (span.end_time_unix_nano - span.start_time_unix_nano) / 1e9,
        [(each.name, _read_attributes(each.attributes)) for each in span.events],
    )


def _read_attributes(attributes: Iterable[KeyValue]) -> dict[str, Any]:
    return {each.key: _read_value(each.value) for each in attributes}


def _read_value(value: AnyValue) -> Any:
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [_read_value(each) for each in value.array_value.values]
    return getattr(value, kind) if kind else None
