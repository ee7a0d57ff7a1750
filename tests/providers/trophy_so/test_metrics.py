"""Metrics of users."""

from providers.trophy_so_records import TrophySoMetric
from tests.providers.trophy_so.harness import ClientHarness, unwrap


def test_metrics_have_the_current_value_of_a_user() -> None:
    (outcome,) = ClientHarness().run(lambda client: client.get_metrics(["vega"]))
    assert [(metric.key, metric.current) for metric in unwrap(outcome)] == [
        ("notes", 4200),
        ("minutes", 450.5),
        ("words-written", 0),
    ]


def test_a_metric_without_a_value_is_left_out_rather_than_zero() -> None:
    sound = {"id": 7, "key": "notes", "current": "12.5"}
    broken = [{"id": "8", "key": "a"}, {"id": "", "key": "b", "current": 1}, None, [sound]]
    harness = ClientHarness().with_response("/metrics", [sound, *broken])
    (outcome,) = harness.run(lambda client: client.get_metrics(["vega"]))
    assert unwrap(outcome) == (TrophySoMetric(id="7", key="notes", name="notes", current=12.5),)
