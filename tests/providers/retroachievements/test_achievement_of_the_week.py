"""The achievement of the week."""

from datetime import UTC, datetime
from typing import Any

import pytest

from providers.errors import BadResponse
from providers.records import AchievementPoints, Image, Title
from providers.retroachievements_records import AchievementOfTheWeek
from tests.providers.retroachievements.harness import ClientHarness

ENDPOINT = "GetAchievementOfTheWeek"


def load(harness: ClientHarness) -> AchievementOfTheWeek | None:
    return harness.run(lambda client: client.get_achievement_of_the_week()).value


def test_it_has_its_definition_its_title_and_its_counts() -> None:
    harness = ClientHarness()
    found = load(harness)
    assert found is not None
    assert found.title == Title(native_id="640", name="Puddle Racers", platforms=("Nintendo 64",))
    assert found.starts_at == datetime(2026, 10, 12, tzinfo=UTC)
    assert (found.unlock_count, found.hardcore_unlock_count, found.player_count) == (621, 373, 2875)
    achievement = found.achievement
    assert (achievement.native_id, achievement.name) == ("64004", "Downpour Cup")
    assert achievement.points == AchievementPoints(value=10, unit="RETRO_POINTS", weighted=22)
    badge = "https://media.retroachievements.org/Badge/64004"
    assert achievement.icon == Image(url=f"{badge}.png", locked_url=f"{badge}_lock.png")
    assert achievement.earned is achievement.rarity is None
    assert harness.calls == {ENDPOINT: 1}


def test_between_two_of_them_there_is_none() -> None:
    harness = ClientHarness()
    harness.sandbox.database.achievement_of_the_week = None
    assert load(harness) is None


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"Achievement": [], "StartAt": None},
        {"Achievement": {"ID": None}, "StartAt": "2026-10-12T00:00:00.000000Z"},
        {"Achievement": {"ID": 7, "Title": "Seventh"}},
        {"Achievement": {"ID": 7}, "Game": {"ID": None, "Title": "Seven"}},
    ],
)
def test_an_achievement_without_its_id_or_its_game_cannot_be_read(body: Any) -> None:
    with pytest.raises(BadResponse):
        load(ClientHarness().with_response(ENDPOINT, body))


def test_whatever_else_is_missing_is_unknown() -> None:
    body: Any = {
        "Achievement": {"ID": "7"},
        "Game": {"ID": 6},
        "Console": [],
        "TotalPlayers": "many",
    }
    found = load(ClientHarness().with_response(ENDPOINT, body))
    assert found is not None
    assert found.title == Title(native_id="6")
    assert found.achievement.native_id == "7"
    assert found.starts_at is found.player_count is found.achievement.icon is None
