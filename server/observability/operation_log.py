"""Operation log: one JSON line per operation, without variables or query text."""

import hashlib
import logging
import secrets
import time
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import IPv6Address
from typing import Any, Protocol

from starlette.requests import Request

from providers.kit.request_context import RequestContext
from providers.registry import Source
from server.authentication import get_client_address
from server.observability.json_logging import FIELDS
from server.observability.metrics import Metrics
from server.observability.redaction import collect_credentials, redact
from server.setting_values import parse_address
from server.settings import Settings

log = logging.getLogger("trophycase.operations")
sources_log = logging.getLogger("trophycase.sources")

MAX_NAME_LENGTH = 200
HASH_DIGITS = 16
INTERNAL = "INTERNAL_SERVER_ERROR"
NOT_TRACED = nullcontext()


class OperationSpan(Protocol):
    """The span of an operation in its trace."""

    @property
    def trace_id(self) -> str:
        """The trace's id, as 32 hexadecimal digits."""
        ...

    def trace_part(self, name: str) -> AbstractContextManager[object]:
        """Have a span for a part of the operation; for `with`."""
        ...

    def end(self, record: "OperationRecord") -> None:
        """End the span with what is known of the operation."""
        ...


class OperationTracer(Protocol):
    """Starts the spans of operations."""

    def start_operation(self, request: Request) -> OperationSpan:
        """Start the span of an operation, as a part of the trace that the request belongs to."""
        ...


@dataclass
class OperationRecord:
    """The log entry of one request, filled in while the request is handled."""

    request_id: str
    started_at: float  # by `time.monotonic`
    client: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    operation_type: str = "none"
    name: str | None = None
    document: str | None = None
    caller: str | None = None
    request_context: RequestContext | None = None
    errors: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    status: int = 500
    did_run: bool = False
    is_silent: bool = False
    transport: str = "http"
    events: int = 0  # of a subscription
    span: OperationSpan | None = None  # while traces are exported

    def set_document(self, text: str | None, name: str | None) -> None:
        """Record the operation's name and the document's hash; the text is not kept."""
        if text is not None:
            digest = hashlib.sha256(text.encode(errors="surrogatepass"))
            self.document = digest.hexdigest()[:HASH_DIGITS]
        self._set_name(name)

    def mark_executed(self, operation_type: str, name: str | None = None) -> None:
        """Record that it is executed: its GraphQL operation type, or `pass_through`."""
        self.operation_type, self.did_run = operation_type, True
        self._set_name(name or self.name)

    def add_error(self, extensions: Mapping[str, Any]) -> None:
        """Record an error of the response by its extensions."""
        self.errors.append((str(extensions.get("code")), str(extensions.get("source") or "")))

    def trace_part(self, name: str) -> AbstractContextManager[object]:
        """Have a span for a part of the operation, while traces are exported; for `with`."""
        return NOT_TRACED if self.span is None else self.span.trace_part(name)

    def to_fields(self) -> dict[str, Any]:
        """Return the members of the log line."""
        request_context = self.request_context
        live_fields = {"transport": self.transport, "events": self.events}
        return {
            "request": self.request_id,
            "client": self.client,
            "operation": self.name,
            "type": self.operation_type,
            "document": self.document,
            "status": self.status,
            "codes": sorted({code for code, _ in self.errors}),
            "ms": round(self.get_elapsed_seconds() * 1000, 1),
            "calls": dict(request_context.calls) if request_context else {},
            "cached": request_context.cached_count if request_context else 0,
            "coalesced": request_context.coalesced_count if request_context else 0,
            "caller": self.caller,
            **({} if self.transport == "http" else live_fields),
            **({} if self.span is None else {"trace_id": self.span.trace_id}),
        }

    def get_elapsed_seconds(self) -> float:
        return time.monotonic() - self.started_at

    def _set_name(self, name: str | None) -> None:
        if name != self.name:
            credentials = collect_credentials(self.headers)
            self.name = redact(name, credentials)[:MAX_NAME_LENGTH] if name else None


@dataclass(frozen=True)
class OperationLog:
    """Writes each operation to the log, to the metrics, and to the traces if there are any."""

    metrics: Metrics
    tracer: OperationTracer | None = None

    def record_operation(
        self, request: Request, request_id: str, transport: str = "http"
    ) -> "RecordedOperation":
        """Have the record of a request, which is written when the block ends; for `with`."""
        record = OperationRecord(
            request_id,
            time.monotonic(),
            read_client_address(request),
            request.headers,
            transport=transport,
        )
        if self.tracer is not None:
            record.span = self.tracer.start_operation(request)
        return RecordedOperation(self, record)

    def finish(self, record: OperationRecord) -> None:
        """Write the record of an operation that has ended."""
        code = record.errors[0][0] if record.errors else "OK"
        self.metrics.on_operation_end(
            "page" if record.is_silent else record.operation_type,
            code,
            record.get_elapsed_seconds(),
        )
        if not record.did_run and record.errors:
            self.metrics.on_request_rejected(code)
        for each, source in record.errors:
            self.metrics.on_error(each, source)
        if not record.is_silent:
            if record.span is not None:
                record.span.end(record)
            fields = record.to_fields()
            level = logging.ERROR if INTERNAL in fields["codes"] else logging.INFO
            log.log(level, "operation", extra={FIELDS: fields})


class RecordedOperation(AbstractContextManager[OperationRecord]):
    """An operation while it runs; a generator would do the same in more steps."""

    def __init__(self, operation_log: OperationLog, record: OperationRecord) -> None:
        self._log, self._record = operation_log, record

    def __enter__(self) -> OperationRecord:
        self._log.metrics.on_operation_start()
        return self._record

    def __exit__(self, error_type: type[BaseException] | None, *_: object) -> None:
        if error_type is not None:  # also a cancellation, at a shutdown that cannot wait any longer
            self._record.add_error({"code": INTERNAL})
        self._log.finish(self._record)


def get_request_id(request: Request) -> str:
    """Return the id that the response has as a header; one of its own outside the middleware."""
    return request.scope.get("state", {}).get("request_id") or secrets.token_hex(8)


def read_client_address(request: Request) -> str | None:
    """Return the client's IP address; None for a client without one.

    Behind a trusted proxy the client is a word of `X-Forwarded-For`, which may be any text.
    """
    return _format_address(get_client_address(request))


@lru_cache(1024)
def _format_address(host: str) -> str | None:
    # The zone of an IPv6 address may be any text as well.
    address = parse_address(host.partition("%")[0])
    if address is None:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return str(mapped or address)


def log_sources(settings: Settings, configured_sources: Iterable[Source]) -> None:
    """Log for each source whether it is configured, or which settings are missing."""
    available = set(configured_sources)
    for source in Source:
        fields: dict[str, Any] = {"source": source.name}
        if source in available:
            sources_log.info("configured", extra={FIELDS: fields})
            continue
        fields["missing"] = settings.get_missing(source)
        sources_log.info("NOT_CONFIGURED", extra={FIELDS: fields})
