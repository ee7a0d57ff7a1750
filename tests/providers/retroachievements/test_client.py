"""Totals and validation of one credential's client."""

import pytest

from providers.capabilities import TitlePageKey, TotalKey
from providers.errors import BadInput, NotFound
from providers.records import TotalName
from providers.retroachievements.client import RetroAchievementsClient
from tests.providers.retroachievements.harness import ClientHarness, unwrap


@pytest.mark.parametrize(
    ("field", "count", "calls"),
    [
        ("titles", 9, {"GetUserCompletionProgress": 1}),
        ("points", 446, {"GetUserProfile": 1}),
        ("awards", 18, {"GetUserAwards": 1}),
        ("earned", None, {}),
        ("earned_counts", None, {}),
    ],
)
def test_a_total_costs_one_call_or_none(
    field: TotalName, count: int | None, calls: dict[str, int]
) -> None:
    harness = ClientHarness()
    (outcome,) = harness.run(lambda client: client.get_totals([TotalKey("VegaNorth", field)]))
    assert unwrap(outcome) == count
    assert harness.calls == calls


@pytest.mark.parametrize("field", ["titles", "points", "awards"])
def test_an_unknown_user_has_no_totals(field: TotalName) -> None:
    (outcome,) = ClientHarness().run(lambda client: client.get_totals([TotalKey("Nobody", field)]))
    assert isinstance(outcome, NotFound)


def test_totals_are_read_from_cached_responses() -> None:
    harness = ClientHarness()

    async def load(client: RetroAchievementsClient) -> None:
        await client.get_titles([TitlePageKey("VegaNorth")])
        await client.get_awards(["VegaNorth"])
        await client.get_profiles(["VegaNorth"])
        harness.sandbox.log.clear()
        await client.get_totals(
            [TotalKey("VegaNorth", name) for name in ("titles", "points", "awards")]
        )

    harness.run(load)
    assert not harness.calls


def test_invalid_input_is_rejected_before_any_call() -> None:
    harness = ClientHarness()

    async def check_all(client: RetroAchievementsClient) -> None:
        for check in (client.check_handle, client.check_title, client.check_term):
            with pytest.raises(BadInput):
                check("")

    harness.run(check_all)
    assert not harness.calls
