"""Metrics that are counted often: `prometheus_client` takes a lock and ten calls for each number.

Only the event loop's thread counts and reads them.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import accumulate

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector


class Totals(Collector):
    """A counter for each combination of labels."""

    def __init__(
        self, name: str, text: str, labels: Sequence[str], registry: CollectorRegistry
    ) -> None:
        self._name, self._text, self._labels = name, text, labels
        self._totals: Counter[tuple[str, ...]] = Counter({} if labels else {(): 0})
        registry.register(self)

    def add(self, *values: str, count: int = 1) -> None:
        """Add to the counter of these labels."""
        self._totals[values] += count

    def collect(self) -> Iterator[CounterMetricFamily]:
        """Yield the counters."""
        family = CounterMetricFamily(self._name, self._text, labels=self._labels)
        for values, total in self._totals.items():
            family.add_metric(values, total)
        yield family


class Durations(Collector):
    """A histogram of durations for each value of a label; `bounds` are in seconds, ascending."""

    def __init__(
        self,
        name: str,
        text: str,
        label: str,
        registry: CollectorRegistry,
        bounds: Sequence[float],
    ) -> None:
        self._name, self._text, self._label, self._bounds = name, text, label, bounds
        self._counts: dict[str, list[int]] = {}
        self._sums: dict[str, float] = {}
        registry.register(self)

    def observe(self, value: str, seconds: float) -> None:
        """Count a duration."""
        try:
            counts = self._counts[value]
        except KeyError:
            counts = self._counts[value] = [0] * (len(self._bounds) + 1)
            self._sums[value] = 0.0
        counts[bisect_left(self._bounds, seconds)] += 1
        self._sums[value] += seconds

    def collect(self) -> Iterator[HistogramMetricFamily]:
        """Yield the histograms."""
        family = HistogramMetricFamily(self._name, self._text, labels=[self._label])
        names = [*(str(float(bound)) for bound in self._bounds), "+Inf"]
        for value, counts in self._counts.items():
            buckets = list(zip(names, accumulate(counts), strict=True))
            family.add_metric([value], buckets, self._sums[value])
        yield family
