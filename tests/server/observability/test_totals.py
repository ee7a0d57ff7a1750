"""Metrics that are counted often look like those of `prometheus_client`."""

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

from server.observability.totals import Durations, Totals

BOUNDS = (0.005, 0.1, 1, 2.5, 10)
SECONDS = (0, 0.005, 0.0051, 1, 9.99, 10, 11)


def test_counters_are_shown_as_usual() -> None:
    ours, usual = CollectorRegistry(), CollectorRegistry()
    totals = Totals("calls", "Calls.", ("source", "outcome"), ours)
    counter = Counter("calls", "Calls.", ("source", "outcome"), registry=usual)

    for source, outcome, count in (("A", "2xx", 1), ("B", "5xx", 3), ("A", "2xx", 2)):
        totals.add(source, outcome, count=count)
        counter.labels(source, outcome).inc(count)

    assert generate_latest(ours) == generate_latest(usual)


def test_a_counter_without_labels_is_shown_before_it_counts() -> None:
    ours, usual = CollectorRegistry(), CollectorRegistry()
    totals = Totals("drops", "Drops.", (), ours)
    counter = Counter("drops", "Drops.", registry=usual)
    assert generate_latest(ours) == generate_latest(usual)

    totals.add(count=2)
    counter.inc(2)

    assert generate_latest(ours) == generate_latest(usual)


def test_histograms_are_shown_as_usual() -> None:
    ours, usual = CollectorRegistry(), CollectorRegistry()
    durations = Durations("call_seconds", "Durations.", "source", ours, BOUNDS)
    histogram = Histogram("call_seconds", "Durations.", ["source"], registry=usual, buckets=BOUNDS)

    for seconds in SECONDS:
        for source in ("A", "B"):
            durations.observe(source, seconds)
            histogram.labels(source).observe(seconds)

    assert generate_latest(ours) == generate_latest(usual)


def test_what_was_not_counted_yet_is_described() -> None:
    registry = CollectorRegistry()
    Totals("calls", "Calls.", ("source",), registry)
    Durations("call_seconds", "Durations.", "source", registry, BOUNDS)

    text = generate_latest(registry).decode()

    assert "# TYPE calls_total counter" in text
    assert "# TYPE call_seconds histogram" in text
