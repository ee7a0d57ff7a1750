"""Lists of played games: their pages, and who has none."""

from datetime import UTC, datetime
from typing import Any

import pytest

from providers.capabilities import PageKey
from providers.errors import NotFound
from providers.records import PlayedTitlePage
from tests.providers.retroachievements.harness import ClientHarness, get_error, unwrap

PLAYED, PROFILE = "GetUserRecentlyPlayedGames", "GetUserProfile"


def load_page(harness: ClientHarness, handle: str = "VegaNorth", offset: int = 0) -> Any:
    key = PageKey(handle, offset)
    return harness.run(lambda client: client.get_played_titles([key]))


def test_games_are_last_played_first() -> None:
    harness = ClientHarness()
    page: PlayedTitlePage = unwrap(*load_page(harness))

    times = [each.last_played_at for each in page.titles if each.last_played_at is not None]
    assert len(times) == len(page.titles) > 1
    assert times == sorted(times, reverse=True)
    assert all(each.title and each.title.last_played_at for each in page.titles)
    assert harness.calls == {PLAYED: 1}


@pytest.mark.parametrize(
    ("rows", "next_offset"), [(0, None), (1, None), (9, None), (10, 60), (50, 100), (51, None)]
)
def test_a_page_of_a_round_number_of_rows_may_have_been_cut(
    rows: int, next_offset: int | None
) -> None:
    body = [{"GameID": number, "LastPlayed": "2026-05-04 10:00:00"} for number in range(rows)]
    harness = ClientHarness().with_response(PLAYED, body)

    page: PlayedTitlePage = unwrap(*load_page(harness, offset=50))

    assert page.next_offset == next_offset
    assert [each.last_played_at for each in page.titles] == [
        datetime(2026, 5, 4, 10, tzinfo=UTC)
    ] * rows


def test_an_account_that_has_played_nothing_has_an_empty_list() -> None:
    harness = ClientHarness()
    assert unwrap(*load_page(harness, "EmptyEda")) == PlayedTitlePage(titles=())
    assert harness.calls == {PLAYED: 1, PROFILE: 1}


def test_an_unknown_account_is_not_found() -> None:
    assert isinstance(get_error(load_page(ClientHarness(), "Unknown")), NotFound)
