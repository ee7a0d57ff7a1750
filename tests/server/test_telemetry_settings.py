"""OpenTelemetry's settings are read as they are, and their secrets hidden."""

import pytest

from server.observability.redaction import collect_secrets
from server.settings import SettingError, read_settings
from server.telemetry_settings import list_telemetry_secrets, read_telemetry


def test_the_settings_are_those_with_the_prefix() -> None:
    given = {"OTEL_SERVICE_NAME": " trophies ", "OTEL_TRACES_SAMPLER": "", "PATH": "/bin"}
    assert read_telemetry(given) == {"OTEL_SERVICE_NAME": "trophies"}


def test_any_name_with_the_prefix_is_accepted() -> None:
    settings = read_settings({"OTEL_EXPORTER_OTLP_ENDPOIN": "x"}, sandbox=True)
    assert settings.telemetry == {"OTEL_EXPORTER_OTLP_ENDPOIN": "x"}


def test_credentials_of_the_collector_are_secrets() -> None:
    given = {
        "OTEL_EXPORTER_OTLP_HEADERS": "authorization=Basic%20c2VjcmV0LW9uZQ==, x-key=secret-two",
        "OTEL_EXPORTER_OTLP_ENDPOINT": "https://me:secret-three@collector.example.org",
    }
    hidden = {"c2VjcmV0LW9uZQ==", "secret-two", "secret-three"}
    assert hidden <= set(list_telemetry_secrets(given))
    settings = read_settings(given, sandbox=True)
    assert hidden <= set(collect_secrets(settings))
    assert [each for each in hidden if each in repr(settings)] == []


def test_an_address_that_is_none_has_no_password() -> None:
    assert "" in list_telemetry_secrets({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://[::"})


def test_the_hosts_that_are_told_traces_are_checked() -> None:
    settings = read_settings({"TROPHYCASE_TRACE_HOSTS": "API.trophy.so, other"}, sandbox=True)
    assert settings.trace_hosts == {"api.trophy.so", "other"}
    with pytest.raises(SettingError, match="TROPHYCASE_TRACE_HOSTS: must be host names"):
        read_settings({"TROPHYCASE_TRACE_HOSTS": "https://api.trophy.so"}, sandbox=True)
