"""What is true of the sources at the moment somebody reads the metrics."""

from collections import Counter as Tally
from collections.abc import Iterable, Mapping

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from providers.capabilities import Client, HasHealth
from providers.kit.upstream.circuit_breaker import THRESHOLD
from providers.registry import Source
from server.observability.health import Readiness, SourceHealth

PREFIX = "trophycase_"


class SourceGauges(Collector):
    """Read off whenever somebody looks, asking no upstream."""

    def __init__(self, readiness: Readiness) -> None:
        self._readiness = readiness

    def collect(self) -> Iterable[Metric]:
        """All of them."""
        operators = {
            source.name: client
            for source in Source
            if (client := self._readiness.services[source].operator()) is not None
        }
        yield self._states()
        yield self._breakers()
        yield from _budgets(operators)
        yield _expiries(operators)

    def _states(self) -> Metric:
        family = _gauge("source_state", "1 for the state a source is in.", "source", "state")
        for source, present in self._readiness.states().items():
            for state in SourceHealth:
                family.add_metric([source, state.value], float(state is present))
        return family

    def _breakers(self) -> Metric:
        family = _gauge("breakers_open", "Failing hosts that are left alone.", "source")
        breakers = self._readiness.breakers.items()
        resting = Tally(name for (name, _), each in breakers if each.failures >= THRESHOLD)
        for source in Source:
            family.add_metric([source.name], resting[source.name])
        return family


def _budgets(operators: Mapping[str, Client]) -> Iterable[Metric]:
    limits = _gauge("budget_limit", "Calls in a window of the operator's.", "source")
    left = _gauge("budget_remaining", "Calls left in the operator's window.", "source")
    for source, client in operators.items():
        budget = client.budget()
        if budget is not None:
            limits.add_metric([source], budget.limit)
            left.add_metric([source], budget.remaining)
    return limits, left


def _expiries(operators: Mapping[str, Client]) -> Metric:
    name = "credential_expires_timestamp_seconds"
    family = _gauge(name, "Until when the operator's sign-in is good at best.", "source")
    for source, client in operators.items():
        ends = client.health().credential_expires_at if isinstance(client, HasHealth) else None
        if ends is not None:
            family.add_metric([source], ends.timestamp())
    return family


def _gauge(name: str, text: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(PREFIX + name, text, labels=labels)
