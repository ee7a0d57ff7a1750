"""Rows have the numbers of achievements that were loaded after their list."""

from datetime import UTC, datetime, timedelta

import pytest

from providers.kit.caching.cached import Cached
from providers.records import Contents, Title, TitlePage
from providers.retroachievements.client import RetroAchievementsClient
from providers.retroachievements.set_sizes import remember_size, update_sizes
from tests.providers.retroachievements.harness import ClientHarness

ROW = Title(native_id="1", achievement_count=8, earned_count=8, progress=100)


@pytest.mark.parametrize(
    ("hours", "size", "expected"),
    [(-1, 9, (9, 88, "9")), (1, 9, (8, 100, None)), (-1, 7, (8, 100, None))],
    ids=["older list", "newer list", "fewer"],
)
def test_a_row_has_the_larger_number_unless_it_is_newer(
    hours: int, size: int, expected: tuple[int, int, str | None]
) -> None:
    fetched_at = datetime.now(UTC) + timedelta(hours=hours)
    page = Cached(TitlePage(titles=(ROW, Title(native_id="1"))), fetched_at)

    async def scenario(client: RetroAchievementsClient) -> tuple[Title, ...]:
        loaded = Contents(title=Title(native_id="1", achievement_count=size))
        assert remember_size(client.cached_api, loaded) is loaded
        assert remember_size(client.cached_api, Contents()) == Contents()
        return update_sizes(client.cached_api, page).value.titles

    counted, uncounted = ClientHarness().run(scenario)
    assert (counted.achievement_count, counted.progress, counted.definition_version) == expected
    assert uncounted == Title(native_id="1")
