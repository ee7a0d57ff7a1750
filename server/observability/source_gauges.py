"""Gauges of the sources, computed when the metrics are read."""

from collections import Counter as Tally
from collections.abc import Iterable, Mapping

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from providers.capabilities import Client, HasHealth
from providers.kit.upstream.circuit_breaker import FAILURE_THRESHOLD
from providers.registry import Source
from server.observability.health import Readiness, SourceHealth

METRIC_PREFIX = "trophycase_"


class SourceGauges(Collector):
    """Collector of each source's state, circuit breakers, budget and credential expiry.

    Reading it calls no upstream.
    """

    def __init__(self, readiness: Readiness) -> None:
        self._readiness = readiness

    def collect(self) -> Iterable[Metric]:
        """Yield every gauge."""
        operators = {
            source.name: client
            for source in Source
            if (client := self._readiness.services[source].get_operator_client()) is not None
        }
        yield self._build_state_metric()
        yield self._build_breaker_metric()
        yield from _build_budget_metrics(operators)
        yield _build_expiry_metric(operators)

    def _build_state_metric(self) -> Metric:
        family = _make_gauge(
            "source_state", "1 for the current state of a source.", "source", "state"
        )
        for source, present in self._readiness.get_states().items():
            for state in SourceHealth:
                family.add_metric([source, state.value], float(state is present))
        return family

    def _build_breaker_metric(self) -> Metric:
        family = _make_gauge("breakers_open", "Hosts whose circuit breaker is open.", "source")
        breakers = self._readiness.circuit_breakers.items()
        open_counts = Tally(
            name for (name, _), each in breakers if each.failures >= FAILURE_THRESHOLD
        )
        for source in Source:
            family.add_metric([source.name], open_counts[source.name])
        return family


def _build_budget_metrics(operators: Mapping[str, Client]) -> Iterable[Metric]:
    limits = _make_gauge("budget_limit", "Calls per window of the operator's rate.", "source")
    left = _make_gauge("budget_remaining", "Calls left in the operator's current window.", "source")
    for source, client in operators.items():
        budget = client.get_budget()
        if budget is not None:
            limits.add_metric([source], budget.limit)
            left.add_metric([source], budget.remaining)
    return limits, left


def _build_expiry_metric(operators: Mapping[str, Client]) -> Metric:
    name = "credential_expires_timestamp_seconds"
    family = _make_gauge(name, "When the operator's sign-in expires at the latest.", "source")
    for source, client in operators.items():
        expires_at = (
            client.get_health().credential_expires_at if isinstance(client, HasHealth) else None
        )
        if expires_at is not None:
            family.add_metric([source], expires_at.timestamp())
    return family


def _make_gauge(name: str, text: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(METRIC_PREFIX + name, text, labels=labels)
