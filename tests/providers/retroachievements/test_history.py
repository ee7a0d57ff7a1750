"""The history of unlocks: whole, newest first, and in few calls however it came about."""

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from math import ceil

import pytest

from providers.kit.request_context import Operation, begin
from providers.retroachievements.client import RetroAchievementsClient
from providers.retroachievements.sandbox.model import Achievement as InventedAchievement
from providers.retroachievements.sandbox.model import Game
from tests.providers.retroachievements.asking import Asking

WHO = "EmptyEda"
BEGAN, NOW = datetime(2023, 1, 1, tzinfo=UTC), datetime(2026, 10, 1, tzinfo=UTC)
LENGTH = (NOW - BEGAN).total_seconds()
ROWS = "GetAchievementsEarnedBetween"
# In which of so many games, and after which part of the whole time, the unlock of a number came.
Story = Callable[[random.Random, float], tuple[int, float]]
STORIES: dict[str, Story] = {
    "one game after the other": lambda _, part: (int(100 * part), part),
    "games are come back to": lambda chance, part: (
        int(100 * part) if chance.random() < 0.7 else int(100 * part * chance.random()),
        part,
    ),
    "all games at once": lambda chance, part: (chance.randrange(100), part),
    "one game": lambda _, part: (0, part),
    "most of it lately": lambda _, part: (int(100 * part), 1 - (1 - part) ** 4),
    "most of it long ago": lambda _, part: (int(100 * part), part**4),
    "two years of nothing": lambda _, part: (int(100 * part), part / 3 + (part > 0.5) * 0.6),
    "many in a few seconds": lambda _, part: (int(100 * part), int(20 * part) / 20),
}


def player(story: Story, many: int, *, hardcore: bool = True) -> tuple[Asking, list[str]]:
    """A member with so many unlocks, and their ids, newest first; ties by id, the highest first."""
    asking, chance = Asking(), random.Random(1)  # noqa: S311 - no secret
    moments: list[tuple[datetime, int]] = []
    games: dict[int, list[InventedAchievement]] = {}
    for number in range(many):
        game, part = story(chance, number / many)
        item = InventedAchievement(10**6 + number, str(number), "", 1, None, number, 2, 1)
        games.setdefault(game, []).append(item)
        moments.append((BEGAN + timedelta(seconds=int(LENGTH * part)), item.id))
    for game, items in games.items():
        more = (InventedAchievement(2 * 10**6 + game, "left", "", 1, None, 9999, 2, 1),)
        asking.sandbox.world.games[5000 + game] = Game(5000 + game, "", 7, 10, (*items, *more))
    for when, item_id in moments:
        asking.sandbox.unlock(WHO, item_id, when, hardcore=hardcore)
    return asking, [str(item_id) for _, item_id in sorted(moments, reverse=True)]


async def walked(
    client: RetroAchievementsClient, before: datetime | None = None, stretches: int = 1000
) -> list[str]:
    """The ids of all unlocks of some stretches, one after the other."""
    found: list[tuple[datetime, str]] = []
    for _ in range(stretches):
        stretch = (await client.unlock_history(WHO, before)).value
        for unlock in stretch.unlocks:
            assert unlock.achievement.earned_at is not None
            found.append((unlock.achievement.earned_at, unlock.achievement.native_id))
        before = stretch.reaches
        if before is None:
            break
    assert [when for when, _ in found] == sorted((when for when, _ in found), reverse=True)
    return [name for _, name in sorted(found, reverse=True)]


@pytest.mark.parametrize("many", [499, 500, 501, 700, 3000])
@pytest.mark.parametrize("story", STORIES)
def test_the_stretches_together_are_the_whole_history(story: str, many: int) -> None:
    asking, truth = player(STORIES[story], many)

    assert asking.run(walked) == truth

    least = ceil(many / 500)
    # As many again where the pace changes, and some where it breaks off altogether.
    assert asking.calls[ROWS] <= 2 * least + 7
    assert asking.calls["GetUserCompletionProgress"] <= 1


@pytest.mark.parametrize("story", STORIES)
def test_the_newest_stretch_costs_a_few_calls(story: str) -> None:
    asking, truth = player(STORIES[story], 3000)

    found = asking.run(lambda client: walked(client, stretches=1))

    assert found == truth[: len(found)]
    assert asking.calls[ROWS] <= 5


@pytest.mark.parametrize("story", STORIES)
def test_whoever_comes_in_the_middle_finds_his_place_without_what_is_newer(story: str) -> None:
    asking, truth = player(STORIES[story], 3000)
    when = BEGAN + timedelta(seconds=int(LENGTH * 0.6))

    found = asking.run(lambda client: walked(client, when))

    assert found == truth[len(truth) - len(found) :]
    assert asking.calls[ROWS] <= 2 * ceil(len(found) / 500) + 7


def test_a_walk_finds_again_what_was_asked_for_before() -> None:
    asking, truth = player(STORIES["games are come back to"], 3000)

    async def twice(client: RetroAchievementsClient) -> list[int]:
        assert await walked(client) == truth
        calls = [asking.calls[ROWS]]
        for part in (0.1, 0.5, 0.9):
            await walked(client, BEGAN + timedelta(seconds=int(LENGTH * part)))
        return [*calls, asking.calls[ROWS]]

    first, second = asking.run(twice)
    assert first == second


def test_a_new_unlock_is_in_the_newest_stretch_and_moves_no_other() -> None:
    asking, truth = player(STORIES["all games at once"], 1200)
    left = 2 * 10**6 + 7

    async def later(client: RetroAchievementsClient) -> tuple[list[str], int]:
        await walked(client)
        before = asking.calls[ROWS]
        asking.sandbox.unlock(WHO, left, NOW + timedelta(days=1))
        begin(Operation(time.monotonic() + 10, fresh=True))
        found = await walked(client)
        return found, asking.calls[ROWS] - before

    found, calls = asking.run(later)
    assert found == [str(left), *truth]
    assert calls <= 6


def test_what_is_earned_again_in_hardcore_is_not_found_where_it_was() -> None:
    asking, truth = player(STORIES["one game after the other"], 2000, hardcore=False)
    again = truth[-100]

    async def later(client: RetroAchievementsClient) -> tuple[list[str], list[int]]:
        await walked(client)
        asking.sandbox.unlock(WHO, int(again), NOW + timedelta(days=1))
        calls = [asking.calls[ROWS]]
        begin(Operation(time.monotonic() + 10, fresh=True))
        newest = (await client.unlock_history(WHO, None)).value
        assert newest.unlocks[0].achievement.native_id == again
        begin(Operation(time.monotonic() + 10))
        found = await walked(client)
        calls.append(asking.calls[ROWS])
        assert await walked(client) == found
        return found, [*calls, asking.calls[ROWS]]

    found, (before, first, second) = asking.run(later)
    assert found == [again, *(each for each in truth if each != again)]
    # One for the newest stretch, and one for the stretch that holds the game.
    assert first - before == 2
    assert second == first


def test_a_stretch_that_cannot_be_asked_for_again_stands_as_it_was() -> None:
    asking, truth = player(STORIES["one game after the other"], 2000, hardcore=False)
    again = truth[-100]

    async def later(client: RetroAchievementsClient) -> list[bool]:
        await walked(client)
        asking.sandbox.unlock(WHO, int(again), NOW + timedelta(days=1))
        begin(Operation(time.monotonic() + 10, fresh=True))
        newest = await client.unlock_history(WHO, None)
        begin(Operation(time.monotonic() + 10))
        asking.answering(ROWS, "<html>")
        old = await client.unlock_history(WHO, BEGAN + timedelta(seconds=int(LENGTH * 0.05)))
        assert again in {unlock.achievement.native_id for unlock in old.value.unlocks}
        return [newest.stale, old.stale]

    assert asking.run(later) == [False, True]


def test_a_stretch_that_is_not_over_yet_is_not_kept_like_one_of_the_past(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asking, _ = player(STORIES["all games at once"], 1200)
    left, now = 2 * 10**6 + 7, time.time
    then = datetime.now(UTC) + timedelta(days=365 * 50)

    async def later(client: RetroAchievementsClient) -> str:
        await client.unlock_history(WHO, then)
        asking.sandbox.unlock(WHO, left, NOW + timedelta(days=1))
        monkeypatch.setattr("time.time", lambda: now() + 600)
        newest = (await walked(client, stretches=1))[0]
        assert (await walked(client, then, stretches=1))[0] == newest
        return newest

    assert asking.run(later) == str(left)
