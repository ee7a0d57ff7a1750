"""What the site counts."""

import pytest

from providers.capabilities import TitlesKey, TotalKey
from providers.errors import NotFound
from providers.records import Counted
from providers.retroachievements.client import RetroAchievementsClient
from tests.providers.retroachievements.asking import Asking, value


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
    field: Counted, count: int | None, calls: dict[str, int]
) -> None:
    asking = Asking()
    (outcome,) = asking.run(lambda client: client.totals([TotalKey("VegaNorth", field)]))
    assert value(outcome) == count
    assert asking.calls == calls


@pytest.mark.parametrize("field", ["titles", "points", "awards"])
def test_nobody_has_no_totals(field: Counted) -> None:
    (outcome,) = Asking().run(lambda client: client.totals([TotalKey("Nobody", field)]))
    assert isinstance(outcome, NotFound)


def test_totals_come_from_what_was_asked_already() -> None:
    asking = Asking()

    async def ask(client: RetroAchievementsClient) -> None:
        await client.titles([TitlesKey("VegaNorth")])
        await client.awards(["VegaNorth"])
        await client.people(["VegaNorth"])
        asking.sandbox.log.clear()
        await client.totals(
            [TotalKey("VegaNorth", name) for name in ("titles", "points", "awards")]
        )

    asking.run(ask)
    assert not asking.calls
