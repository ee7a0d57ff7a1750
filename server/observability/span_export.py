"""Export of spans in a thread of its own: a collector that fails never slows a request."""

import asyncio
import logging
import os
import threading
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

from providers.kit.upstream.user_agent import VERSION
from server.telemetry_settings import PREFIX

log = logging.getLogger("trophycase.traces")

# For the spans that are not exported yet when the server stops.
FLUSH_SECONDS = 2.0
# They write a line for each batch that fails, and for each span that finds the queue full.
REPEATING_LOGGERS = (
    "opentelemetry.exporter.otlp.proto.http.trace_exporter",
    "opentelemetry.sdk._shared_internal",
)


class ReportingExporter(SpanExporter):
    """Exporter that logs once when another one begins to fail, and once when it works again."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter
        self._is_failing = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Export the spans; those of a batch that fails are lost."""
        result = self._exporter.export(spans)
        is_failing = result is not SpanExportResult.SUCCESS
        if is_failing and not self._is_failing:
            log.warning("traces cannot be exported; they are lost until the collector accepts them")
        elif self._is_failing and not is_failing:
            log.info("traces are exported again")
        self._is_failing = is_failing
        return result

    def shutdown(self) -> None:
        """Export nothing more."""
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Return whether nothing is left; the exporter keeps nothing."""
        return self._exporter.force_flush(timeout_millis)


def open_provider(telemetry: Mapping[str, str]) -> tuple[TracerProvider, SpanExporter]:
    """Open the provider of tracers, and the thread that exports spans, by these settings."""
    for name in REPEATING_LOGGERS:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    with _use_settings({"OTEL_SERVICE_NAME": "trophycase", **telemetry}):
        resource = Resource.create({"service.version": VERSION})
        provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        exporter = ReportingExporter(OTLPSpanExporter())
        provider.add_span_processor(BatchSpanProcessor(exporter))
    return provider, exporter


async def close_provider(provider: TracerProvider, exporter: SpanExporter) -> None:
    """Export what is left, for at most two seconds."""
    # The SDK would wait for half a minute; nothing waits for this thread.
    closing = threading.Thread(target=provider.shutdown, name="traces-shutdown", daemon=True)
    closing.start()
    await asyncio.get_running_loop().run_in_executor(None, closing.join, FLUSH_SECONDS)
    if closing.is_alive():
        exporter.shutdown()  # no batch is sent again


@contextmanager
def _use_settings(telemetry: Mapping[str, str]) -> Generator[None]:
    """Have exactly these settings in the environment, where the SDK reads them once."""
    present = {name: value for name, value in os.environ.items() if name.startswith(PREFIX)}
    _replace(present, telemetry)
    try:
        yield
    finally:
        _replace(telemetry, present)


def _replace(present: Mapping[str, str], wanted: Mapping[str, str]) -> None:
    for name in present:
        os.environ.pop(name, None)
    os.environ.update(wanted)
