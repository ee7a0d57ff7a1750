"""Whether the process lives and takes requests, and which source needs a person."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from providers.capabilities import HasHealth, Service
from providers.kit.upstream.circuit_breaker import THRESHOLD, Breaker
from providers.registry import Source

# How long an operator's refused credential is news; whoever asks again will hear it again.
REFUSAL_SECONDS = 300
KEPT = {"Cache-Control": "no-store"}


class SourceHealth(StrEnum):
    """A source's state, without any detail."""

    READY = "ready"
    DEGRADED = "degraded"
    NOT_CONFIGURED = "not_configured"


@dataclass
class Readiness:
    """What the probes say. Everything in it was learned by the way: a probe asks no upstream."""

    services: Mapping[Source, Service]
    breakers: Mapping[tuple[str, str], Breaker]
    draining: bool = False
    _refused: dict[str, float] = field(default_factory=dict[str, float])

    def drain(self) -> None:
        """From here on this process wants no more requests."""
        self.draining = True

    def rejected(self, source: str, scope: str) -> None:
        """Hear that the source does not accept a credential; only the operator's matters here."""
        operator = self.services[Source[source]].operator()
        if operator is not None and operator.scope == scope:
            self._refused[source] = time.monotonic()

    def states(self) -> dict[str, SourceHealth]:
        """Each source's state."""
        return {source.name: self._state(source) for source in Source}

    def _state(self, source: Source) -> SourceHealth:
        operator = self.services[source].operator()
        if operator is None:
            return SourceHealth.NOT_CONFIGURED
        wrong = isinstance(operator, HasHealth) and operator.health().error is not None
        degraded = wrong or self._was_refused(source) or self._rests(source)
        return SourceHealth.DEGRADED if degraded else SourceHealth.READY

    def _was_refused(self, source: Source) -> bool:
        refused = self._refused.get(source.name)
        return refused is not None and time.monotonic() - refused < REFUSAL_SECONDS

    def _rests(self, source: Source) -> bool:
        return any(
            breaker.failures >= THRESHOLD
            for (name, _), breaker in self.breakers.items()
            if name == source.name
        )


def health_routes(readiness: Readiness) -> list[Route]:
    """`/livez` and `/readyz`, open to everybody."""

    async def live(_request: Request) -> Response:
        return JSONResponse({"status": "alive"}, headers=KEPT)

    async def ready(_request: Request) -> Response:
        if readiness.draining:
            return JSONResponse({"status": "draining"}, 503, headers=KEPT)
        return JSONResponse({"status": "ready", "sources": readiness.states()}, headers=KEPT)

    return [Route("/livez", live), Route("/readyz", ready)]
