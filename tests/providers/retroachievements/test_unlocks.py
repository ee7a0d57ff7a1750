"""Unlocks in a window of time."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from providers.errors import BadResponse, NotFound
from providers.records import (
    Achievement,
    AchievementPoints,
    Image,
    Title,
    Unlock,
    UnlockMode,
    UnlockPage,
)
from providers.retroachievements.client import RetroAchievementsClient
from providers.retroachievements.sandbox.models import Achievement as SandboxAchievement
from providers.retroachievements.sandbox.models import Game
from providers.retroachievements.unlocks import UnlockReader
from tests.providers.retroachievements.harness import ClientHarness

MEDIA = "https://media.retroachievements.org"
START, END = datetime(2023, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)


def load_unlocks_between(
    harness: ClientHarness,
    since: datetime = START,
    until: datetime = END,
    handle: str = "VegaNorth",
) -> tuple[Unlock, ...]:
    start, end = int(since.timestamp()), int(until.timestamp())

    async def load(client: RetroAchievementsClient) -> tuple[Unlock, ...]:
        reader = UnlockReader(client.cached_api, handle)
        await reader.read_all(start, end)
        return reader.unlocks

    return harness.run(load)


def load_newest_page(harness: ClientHarness, handle: str = "VegaNorth") -> UnlockPage:
    """Load the newest page."""
    return harness.run(lambda client: client.get_unlock_history(handle, None)).value


def make_busy_player(seconds_apart: list[int]) -> ClientHarness:
    """Make a member who has earned one achievement after the other."""
    harness = ClientHarness()
    items = tuple(
        SandboxAchievement(10**6 + number, str(number), "", 1, None, number, 2, 1)
        for number in range(len(seconds_apart))
    )
    harness.sandbox.database.games[99] = Game(99, "Endless", 7, 10, items)
    when = datetime(2025, 1, 1, tzinfo=UTC)
    for item, seconds in zip(items, seconds_apart, strict=True):
        when += timedelta(seconds=seconds)
        harness.sandbox.unlock("EmptyEda", item.id, when)
    return harness


def test_an_unlock_has_its_game_and_its_time() -> None:
    moment = datetime(2025, 10, 5, 18, 0, tzinfo=UTC)
    assert load_unlocks_between(ClientHarness(), moment, moment) == (
        Unlock(
            title=Title(
                native_id="640",
                name="Puddle Racers",
                icon=Image(url=f"{MEDIA}/Images/000640.png"),
                platforms=("Nintendo 64",),
            ),
            achievement=Achievement(
                native_id="64005",
                group_id="core",
                name="Umbrella Drift",
                description="Drift for eight seconds",
                icon=Image(
                    url=f"{MEDIA}/Badge/64005.png", locked_url=f"{MEDIA}/Badge/64005_lock.png"
                ),
                earned=True,
                earned_at=moment,
                unlock_mode=UnlockMode.SOFTCORE,
                earned_at_softcore=moment,
                points=AchievementPoints(value=10, unit="RETRO_POINTS", weighted=18),
            ),
        ),
    )


def test_all_unlocks_are_listed_oldest_first() -> None:
    harness = ClientHarness()
    found = load_unlocks_between(harness)
    moments = [unlock.achievement.earned_at for unlock in found]
    assert len(found) == 60
    assert moments == sorted(moment for moment in moments if moment)
    assert harness.calls == {"GetAchievementsEarnedBetween": 1}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("gaps", "calls"),
    [
        ([60] * 499, 1),
        ([60] * 500, 2),
        ([60] * 1200, 3),
        # Many in one second, across the end of the first response.
        ([60] * 450 + [0] * 100 + [60] * 50, 2),
        # More than a response holds in one second: the rest of it is lost, what follows is not.
        ([0] * 500 + [60] * 20, 3),
    ],
)
def test_a_full_response_is_followed_by_the_rest(gaps: list[int], calls: int) -> None:
    harness = make_busy_player(gaps)
    found = load_unlocks_between(harness, handle="EmptyEda")
    ids = [unlock.achievement.native_id for unlock in found]
    assert ids == [str(10**6 + number) for number in range(len(gaps))]
    assert harness.calls == {"GetAchievementsEarnedBetween": calls}


def test_an_upstream_that_repeats_rows_is_not_followed_for_ever() -> None:
    rows = [
        {"Date": "2024-01-01 00:00:00", "AchievementID": number, "GameID": 1, "HardcoreMode": 1}
        for number in range(500)
    ]
    harness = ClientHarness().with_response("GetAchievementsEarnedBetween", rows)
    with pytest.raises(BadResponse):
        load_unlocks_between(harness)
    assert harness.calls["GetAchievementsEarnedBetween"] <= 3


def test_softcore_and_hardcore_are_two_unlocks_where_both_are_sent() -> None:
    row: dict[str, Any] = {"AchievementID": 5, "GameID": 1, "Date": "2024-01-01 00:00:00"}
    rows = [{**row, "HardcoreMode": "0"}, {**row, "HardcoreMode": 1}, {**row, "HardcoreMode": True}]
    found = load_unlocks_between(
        ClientHarness().with_response("GetAchievementsEarnedBetween", rows)
    )
    modes = [unlock.achievement.unlock_mode for unlock in found]
    assert modes == [UnlockMode.SOFTCORE, UnlockMode.HARDCORE]


def test_a_row_that_names_no_achievement_is_left_out() -> None:
    rows = [{"GameID": 1}, {"AchievementID": 1}, 7, {"AchievementID": 1, "GameID": 2}]
    (found,) = load_unlocks_between(
        ClientHarness().with_response("GetAchievementsEarnedBetween", rows)
    )
    assert found.title.native_id == "2"


def test_an_achievement_is_in_the_history_once_at_its_latest_unlock() -> None:
    row: dict[str, Any] = {"AchievementID": 5, "GameID": 1, "Date": "2024-01-01 00:00:00"}
    both = [{**row, "HardcoreMode": 1}, {**row, "HardcoreMode": 0}]
    later = [{**row, "HardcoreMode": 0}, {**row, "HardcoreMode": 1, "Date": "2024-01-02 00:00:00"}]

    for rows in (both, later):
        page = load_newest_page(ClientHarness().with_response("GetAchievementsEarnedBetween", rows))
        (found,) = page.unlocks
        assert found.achievement.unlock_mode is UnlockMode.HARDCORE
        assert found.achievement.earned_at == datetime.fromisoformat(f"{rows[-1]['Date']}Z")


def test_a_history_that_fits_one_response_is_one_page_newest_first() -> None:
    harness = ClientHarness()
    page = load_newest_page(harness)

    moments = [unlock.achievement.earned_at for unlock in page.unlocks]
    assert len(moments) == 60
    assert moments == sorted((moment for moment in moments if moment), reverse=True)
    assert page.next_before is None
    assert harness.calls == {"GetAchievementsEarnedBetween": 1}


def test_an_unknown_user_is_distinguished_from_one_without_unlocks() -> None:
    assert load_newest_page(ClientHarness(), "EmptyEda") == UnlockPage(unlocks=())
    with pytest.raises(NotFound):
        load_newest_page(ClientHarness(), "Nobody")


def test_a_window_that_ends_before_it_begins_is_empty() -> None:
    assert load_unlocks_between(ClientHarness(), END, START) == ()
