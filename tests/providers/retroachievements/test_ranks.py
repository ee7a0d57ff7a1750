"""The places of accounts in the ranking."""

from typing import Any

import pytest

from providers.errors import BadResponse
from providers.retroachievements_records import RetroAchievementsRank
from tests.providers.retroachievements.harness import ClientHarness, get_error, unwrap

RANK = "GetUserRankAndScore"


def load_rank(handle: str, harness: ClientHarness) -> RetroAchievementsRank | None:
    (outcome,) = harness.run(lambda client: client.get_ranks([handle]))
    return unwrap(outcome)


def test_a_ranked_account_has_its_place_among_all_ranked_ones() -> None:
    rank = load_rank("VegaNorth", ClientHarness())
    assert rank == RetroAchievementsRank(position=1, population=51_234)
    assert rank is not None
    assert rank.percentile == pytest.approx(100 * 51_233 / 51_234)


@pytest.mark.parametrize("handle", ["EmptyEda", "Nobody"])
def test_an_unranked_and_an_unknown_account_have_no_rank(handle: str) -> None:
    assert load_rank(handle, ClientHarness()) is None


def test_numbers_sent_as_text_are_numbers() -> None:
    sent = {"Score": "446", "Rank": "12", "TotalRanked": "48"}
    rank = load_rank("VegaNorth", ClientHarness().with_response(RANK, sent))
    assert rank == RetroAchievementsRank(position=12, population=48)
    assert rank is not None
    assert rank.percentile == 75


def test_a_rank_beyond_the_number_of_the_ranked_has_the_lowest_percentile() -> None:
    sent = {"Score": 1, "Rank": 50, "TotalRanked": 49}
    rank = load_rank("VegaNorth", ClientHarness().with_response(RANK, sent))
    assert rank is not None
    assert rank.percentile == 0


@pytest.mark.parametrize(
    "body", [{}, [], {"Rank": 7}, {"Rank": 7, "TotalRanked": 0}, {"Rank": 7, "TotalRanked": "many"}]
)
def test_a_rank_without_the_number_of_the_ranked_cannot_be_read(body: Any) -> None:
    harness = ClientHarness().with_response(RANK, body)
    error = get_error(harness.run(lambda client: client.get_ranks(["VegaNorth"])))
    assert isinstance(error, BadResponse)


def test_a_rank_is_loaded_once_for_all_spellings_of_a_name() -> None:
    harness = ClientHarness()
    harness.run(lambda client: client.get_ranks(["VegaNorth", "veganorth", "VegaNorth"]))
    assert harness.calls == {RANK: 1}
