"""Opening of the traces, whose packages are imported only where traces are wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.settings import SettingError, Settings
from server.telemetry_settings import (
    ENDPOINTS,
    PROTOCOL,
    are_traces_wanted,
    find_unknown_protocol,
)

if TYPE_CHECKING:
    from server.observability.tracing import Tracing

NOT_INSTALLED = "needs the extra `otel`: pip install 'trophycase[otel]'"


def open_tracing(settings: Settings) -> Tracing | None:
    """Return what traces operations; None where the settings name no place for traces.

    Raise `SettingError` without the packages for it, or for a protocol that they do not have.
    """
    telemetry = settings.telemetry
    if not are_traces_wanted(telemetry):
        return None
    unknown = find_unknown_protocol(telemetry)
    if unknown is not None:
        raise SettingError(unknown, f"must be {PROTOCOL}")
    try:
        from server.observability.tracing import Tracing  # noqa: PLC0415 - where it is wanted
    except ImportError:
        endpoint = next(name for name in ENDPOINTS if name in telemetry)
        raise SettingError(endpoint, NOT_INSTALLED) from None
    return Tracing(telemetry, settings.trace_hosts)
