"""Export of spans: by OpenTelemetry's own settings, and never at a request's expense."""

import logging
import os
import socket
import threading
import time
from collections.abc import Sequence
from typing import Any

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from server.observability.span_export import FLUSH_SECONDS, ReportingExporter
from tests.harness import run_server
from tests.server.observability.collector import ENDPOINT, run_collector

pytestmark = pytest.mark.slow


class ScriptedExporter(SpanExporter):
    """Exporter whose results are given."""

    def __init__(self, *results: SpanExportResult) -> None:
        self._results = list(results)

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Return the next result."""
        assert spans == []
        return self._results.pop(0)


def test_the_standard_settings_apply() -> None:
    with run_collector() as collector:
        settings: dict[str, Any] = {
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": f"{collector.url}/mine",
            "OTEL_EXPORTER_OTLP_HEADERS": "authorization=Bearer%20of-the-collector",
            "OTEL_RESOURCE_ATTRIBUTES": "deployment.environment.name=test",
            "OTEL_SERVICE_NAME": "trophies",
        }
        with run_server(**settings) as server:
            server.execute("{ __typename }")
    (headers,) = collector.headers
    assert headers["path"] == "/mine"
    assert headers["authorization"] == "Bearer of-the-collector"
    assert collector.resource["service.name"] == "trophies"
    assert collector.resource["deployment.environment.name"] == "test"


def test_the_sampler_is_a_setting_too() -> None:
    with (
        run_collector() as collector,
        run_server(OTEL_TRACES_SAMPLER="always_off", **collector.settings) as server,
    ):
        assert server.fetch_data("{ __typename }") == {"__typename": "Query"}
    assert collector.headers == []


def test_the_environment_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_SERVICE_NAME", "of-the-shell")
    with run_collector() as collector, run_server(**collector.settings) as server:
        server.execute("{ __typename }")
        assert os.environ["OTEL_SERVICE_NAME"] == "of-the-shell"
        assert ENDPOINT not in os.environ
    assert collector.resource["service.name"] == "trophycase"


def test_a_silent_collector_delays_the_end_by_two_seconds(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Holds that no request waits for it, and that no span that is dropped writes a line."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        settings: dict[str, Any] = {
            ENDPOINT: url,
            "OTEL_EXPORTER_OTLP_TIMEOUT": "60",
            "OTEL_BSP_SCHEDULE_DELAY": "1",
            "OTEL_BSP_MAX_QUEUE_SIZE": "600",
        }
        with run_server(**settings) as server:
            began_at = time.perf_counter()
            for _ in range(1000):
                server.execute("{ __typename }")
            ended_at = time.perf_counter()
        closed_at = time.perf_counter()
    for thread in threading.enumerate():
        if thread.name.startswith("Otel"):  # it ends as soon as the collector hangs up
            thread.join(20)
            assert not thread.is_alive()
    # The exporter would wait for a minute, and the SDK for half of one.
    assert ended_at - began_at < 30
    assert FLUSH_SECONDS - 0.1 < closed_at - ended_at < 20
    assert [each for each in caplog.records if each.name.startswith("opentelemetry")] == []


def test_a_collector_that_fails_is_logged_once_until_it_works_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "trophycase")
    good, bad = SpanExportResult.SUCCESS, SpanExportResult.FAILURE
    exporter = ReportingExporter(ScriptedExporter(good, bad, bad, bad, good, good, bad))
    for _ in range(7):
        exporter.export([])
    levels = [each.levelname for each in caplog.records if each.name == "trophycase.traces"]
    assert levels == ["WARNING", "INFO", "WARNING"]


@pytest.mark.parametrize("status", [400, 401])
def test_a_collector_that_refuses_fails_no_request(
    caplog: pytest.LogCaptureFixture, status: int
) -> None:
    with run_collector() as collector:
        collector.status = status
        with run_server(**collector.settings) as server:
            assert server.fetch_data("{ __typename }") == {"__typename": "Query"}
    (line,) = [each for each in caplog.records if each.levelno >= logging.WARNING]
    assert line.name == "trophycase.traces"
