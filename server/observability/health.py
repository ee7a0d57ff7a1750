"""Health: the liveness and readiness probes, and the state of each source."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from providers.capabilities import HasHealth, Service
from providers.kit.upstream.circuit_breaker import FAILURE_THRESHOLD, CircuitBreaker
from providers.registry import Source

# The next call with the credential finds out again whether it is accepted.
REJECTION_SECONDS = 300
RESPONSE_HEADERS = {"Cache-Control": "no-store"}


class SourceHealth(StrEnum):
    """A source's state as shown to everyone, without details."""

    READY = "ready"
    DEGRADED = "degraded"
    NOT_CONFIGURED = "not_configured"


@dataclass
class Readiness:
    """The state behind the probes, collected while requests are served.

    A probe itself calls no upstream.
    """

    services: Mapping[Source, Service]
    circuit_breakers: Mapping[tuple[str, str], CircuitBreaker]
    is_draining: bool = False
    _rejected_at: dict[str, float] = field(default_factory=dict[str, float])

    def start_draining(self) -> None:
        """Report from now on that this process is shutting down."""
        self.is_draining = True

    def record_rejected_credential(self, source: str, scope: str) -> None:
        """Record that the source rejected a credential; callers' own credentials are ignored."""
        operator = self.services[Source[source]].get_operator_client()
        if operator is not None and operator.scope == scope:
            self._rejected_at[source] = time.monotonic()

    def get_states(self) -> dict[str, SourceHealth]:
        """Return each source's state, by the source's name."""
        return {source.name: self._get_state(source) for source in Source}

    def _get_state(self, source: Source) -> SourceHealth:
        operator = self.services[source].get_operator_client()
        if operator is None:
            return SourceHealth.NOT_CONFIGURED
        has_error = isinstance(operator, HasHealth) and operator.get_health().error is not None
        is_degraded = (
            has_error or self._was_credential_rejected(source) or self._has_open_circuit(source)
        )
        return SourceHealth.DEGRADED if is_degraded else SourceHealth.READY

    def _was_credential_rejected(self, source: Source) -> bool:
        rejected_at = self._rejected_at.get(source.name)
        return rejected_at is not None and time.monotonic() - rejected_at < REJECTION_SECONDS

    def _has_open_circuit(self, source: Source) -> bool:
        return any(
            breaker.failures >= FAILURE_THRESHOLD
            for (name, _), breaker in self.circuit_breakers.items()
            if name == source.name
        )


def build_health_routes(readiness: Readiness) -> list[Route]:
    """Build the routes `/livez` and `/readyz`, which need no API key."""

    async def check_liveness(_request: Request) -> Response:
        return JSONResponse({"status": "alive"}, headers=RESPONSE_HEADERS)

    async def check_readiness(_request: Request) -> Response:
        if readiness.is_draining:
            return JSONResponse({"status": "draining"}, 503, headers=RESPONSE_HEADERS)
        return JSONResponse(
            {"status": "ready", "sources": readiness.get_states()}, headers=RESPONSE_HEADERS
        )

    return [Route("/livez", check_liveness), Route("/readyz", check_readiness)]
