"""The settings of traces: the standard names of OpenTelemetry, which its SDK reads itself."""

from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

PREFIX = "OTEL_"
ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
PROTOCOL = "http/protobuf"
HEADERS = ("OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_TRACES_HEADERS")


def read_telemetry(environ: Mapping[str, str]) -> Mapping[str, str]:
    """Return the settings of OpenTelemetry that are not empty."""
    values = {name: value.strip() for name, value in environ.items() if name.startswith(PREFIX)}
    return {name: value for name, value in values.items() if value}


def are_traces_wanted(telemetry: Mapping[str, str]) -> bool:
    """Return whether there is a place for traces, and nothing that switches them off."""
    return (
        any(name in telemetry for name in ENDPOINTS)
        and telemetry.get("OTEL_SDK_DISABLED", "").lower() != "true"
        and telemetry.get("OTEL_TRACES_EXPORTER", "").lower() != "none"
    )


def find_unknown_protocol(telemetry: Mapping[str, str]) -> str | None:
    """Return the name of a setting that asks for another protocol than OTLP over HTTP."""
    name = next((name for name in PROTOCOLS if name in telemetry), None)
    return name if name is not None and telemetry[name] != PROTOCOL else None


def list_telemetry_secrets(telemetry: Mapping[str, str]) -> list[str]:
    """Return what may be secret: the values of the headers, and passwords in addresses."""
    headers = [each for name in HEADERS for each in telemetry.get(name, "").split(",")]
    values = [each.partition("=")[2].strip() for each in headers]
    words = [word for value in values for word in (value, *unquote(value).split())]
    passwords = [_get_password(telemetry.get(name, "")) for name in ENDPOINTS]
    return [*words, *passwords]


def _get_password(url: str) -> str:
    try:
        return urlsplit(url).password or ""
    except ValueError:
        return ""
