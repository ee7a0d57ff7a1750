"""The log: one JSON line for each operation, and nothing in it of what was asked."""

import hashlib
import logging
import time
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from providers.kit.request_context import RequestContext
from providers.registry import Source
from server.observability.metrics import Metrics
from server.observability.redaction import collect_credentials, redact
from server.settings import Settings

log = logging.getLogger("trophycase.operations")
sources_log = logging.getLogger("trophycase.sources")

MAX_NAME_LENGTH = 200
HASH_DIGITS = 16
INTERNAL = "INTERNAL_SERVER_ERROR"


@dataclass
class OperationRecord:
    """One request as the log tells it, filled in while it is answered."""

    request_id: str
    secrets: tuple[str, ...] = field(default=(), repr=False)
    started_at: float = field(default_factory=time.monotonic)
    operation_type: str = "none"
    name: str | None = None
    document: str | None = None
    caller: str | None = None
    request_context: RequestContext | None = None
    errors: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    status: int = 500
    did_run: bool = False
    is_silent: bool = False

    def set_document(self, text: str | None, name: str | None) -> None:
        """Note which document is asked for: by its hash, the text itself is not kept."""
        if text is not None:
            digest = hashlib.sha256(text.encode(errors="surrogatepass"))
            self.document = digest.hexdigest()[:HASH_DIGITS]
        self._set_name(name)

    def mark_executed(self, operation_type: str, name: str | None = None) -> None:
        """Note that it is executed, and as what: `query`, `mutation` or `pass_through`."""
        self.operation_type, self.did_run = operation_type, True
        self._set_name(name or self.name)

    def add_error(self, extensions: Mapping[str, Any]) -> None:
        """Note one error of the answer by its extensions."""
        self.errors.append((str(extensions.get("code")), str(extensions.get("source") or "")))

    def to_fields(self) -> dict[str, Any]:
        """The members of its line."""
        request_context = self.request_context
        return {
            "request": self.request_id,
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
        }

    def get_elapsed_seconds(self) -> float:
        """How long it has taken."""
        return time.monotonic() - self.started_at

    def _set_name(self, name: str | None) -> None:
        self.name = redact(name, self.secrets)[:MAX_NAME_LENGTH] if name else None


@dataclass(frozen=True)
class OperationLog:
    """Tells of each operation once: to the log and to the metrics."""

    metrics: Metrics

    @contextmanager
    def record_operation(
        self, headers: Mapping[str, str], request_id: str
    ) -> Generator[OperationRecord]:
        """The entry of one request; whoever answers it fills it in."""
        record = OperationRecord(request_id, collect_credentials(headers))
        self.metrics.on_operation_start()
        try:
            yield record
        except BaseException:  # and one that is cancelled, because the server could not wait
            record.add_error({"code": INTERNAL})
            raise
        finally:
            self._finish(record)

    def _finish(self, record: OperationRecord) -> None:
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
            level = logging.ERROR if INTERNAL in record.to_fields()["codes"] else logging.INFO
            log.log(level, "operation", extra={"told": record.to_fields()})


def log_sources(settings: Settings, configured_sources: Iterable[Source]) -> None:
    """Say once which sources can be asked, and what the others lack."""
    available = set(configured_sources)
    for source in Source:
        fields: dict[str, Any] = {"source": source.name}
        if source in available:
            sources_log.info("configured", extra={"told": fields})
            continue
        fields["missing"] = settings.get_missing(source)
        sources_log.info("NOT_CONFIGURED", extra={"told": fields})
