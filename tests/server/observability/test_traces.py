"""Where traces are on, and what they cost where they are off."""

import subprocess
import sys

import pytest

from server.observability.traces import open_tracing
from server.settings import SettingError, read_settings
from tests.harness import run_server
from tests.server.observability.collector import ENDPOINT, run_collector
from tests.server.runtime.server_process import REPOSITORY, TIMEOUT_SECONDS

URL = "http://127.0.0.1:4318"
BUILD_APP = """
import sys
from server.app import create_app
from server.settings import read_settings
create_app(read_settings({}, sandbox=True))
sys.exit(any(name.partition(".")[0] in ("opentelemetry", "requests") for name in sys.modules))
"""


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {ENDPOINT: ""},
        {"OTEL_SERVICE_NAME": "trophies"},
        {ENDPOINT: URL, "OTEL_SDK_DISABLED": "TRUE"},
        {ENDPOINT: URL, "OTEL_TRACES_EXPORTER": "none"},
    ],
)
def test_without_a_place_for_them_there_are_no_traces(settings: dict[str, str]) -> None:
    assert open_tracing(read_settings(settings, sandbox=True)) is None


@pytest.mark.parametrize("name", [ENDPOINT, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"])
def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setitem(sys.modules, "server.observability.tracing", None)
    with pytest.raises(SettingError) as caught:
        open_tracing(read_settings({name: URL}, sandbox=True))
    assert str(caught.value) == f"{name}: needs the extra `otel`: pip install 'trophycase[otel]'"


def test_another_protocol_is_refused() -> None:
    settings = {ENDPOINT: URL, "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}
    with pytest.raises(SettingError) as caught:
        open_tracing(read_settings(settings, sandbox=True))
    assert str(caught.value) == "OTEL_EXPORTER_OTLP_PROTOCOL: must be http/protobuf"


@pytest.mark.slow
def test_nothing_of_opentelemetry_is_imported_without_traces() -> None:
    ended = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", BUILD_APP], cwd=REPOSITORY, timeout=TIMEOUT_SECONDS, check=False
    )
    assert ended.returncode == 0


@pytest.mark.slow
def test_a_disabled_sdk_exports_nothing() -> None:
    with (
        run_collector() as collector,
        run_server(OTEL_SDK_DISABLED="true", **collector.settings) as server,
    ):
        server.execute("{ __typename }")
    assert collector.headers == []
