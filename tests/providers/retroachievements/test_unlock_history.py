"""The unlock history: complete, newest first, and loaded with few calls."""

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from math import ceil

import pytest

from providers.kit.request_context import RequestContext, set_current
from providers.retroachievements.client import RetroAchievementsClient
from providers.retroachievements.sandbox import unlock_routes
from providers.retroachievements.sandbox.models import Achievement as SandboxAchievement
from providers.retroachievements.sandbox.models import Game
from tests.providers.retroachievements.harness import ClientHarness

MEMBER = "EmptyEda"
BEGAN, NOW = datetime(2023, 1, 1, tzinfo=UTC), datetime(2026, 10, 1, tzinfo=UTC)
LENGTH = (NOW - BEGAN).total_seconds()
ROWS = "GetAchievementsEarnedBetween"
# Maps the fraction of unlocks that came before to a game's number and a fraction of the time.
Distribution = Callable[[random.Random, float], tuple[int, float]]
DISTRIBUTIONS: dict[str, Distribution] = {
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


def make_player(
    distribution: Distribution, count: int, *, hardcore: bool = True
) -> tuple[ClientHarness, list[str]]:
    """Make a member with unlocks; return their ids too, newest first and ties by descending id."""
    harness, rng = ClientHarness(), random.Random(1)  # noqa: S311 - no secret
    moments: list[tuple[datetime, int]] = []
    games: dict[int, list[SandboxAchievement]] = {}
    for number in range(count):
        game, fraction = distribution(rng, number / count)
        item = SandboxAchievement(10**6 + number, str(number), "", 1, None, number, 2, 1)
        games.setdefault(game, []).append(item)
        moments.append((BEGAN + timedelta(seconds=int(LENGTH * fraction)), item.id))
    for game, items in games.items():
        more = (SandboxAchievement(2 * 10**6 + game, "left", "", 1, None, 9999, 2, 1),)
        harness.sandbox.database.games[5000 + game] = Game(5000 + game, "", 7, 10, (*items, *more))
    for when, item_id in moments:
        harness.sandbox.unlock(MEMBER, item_id, when, hardcore=hardcore)
    return harness, [str(item_id) for _, item_id in sorted(moments, reverse=True)]


async def collect_unlock_ids(
    client: RetroAchievementsClient, before: datetime | None = None, page_limit: int = 1000
) -> list[str]:
    """Return the ids of all unlocks on consecutive pages."""
    found: list[tuple[datetime, str]] = []
    for _ in range(page_limit):
        page = (await client.get_unlock_history(MEMBER, before)).value
        for unlock in page.unlocks:
            assert unlock.achievement.earned_at is not None
            found.append((unlock.achievement.earned_at, unlock.achievement.native_id))
        before = page.next_before
        if before is None:
            break
    assert [when for when, _ in found] == sorted((when for when, _ in found), reverse=True)
    return [name for _, name in sorted(found, reverse=True)]


@pytest.mark.slow
@pytest.mark.parametrize("count", [499, 500, 501, 700, 3000])
@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_all_pages_together_are_the_whole_history(distribution: str, count: int) -> None:
    harness, expected = make_player(DISTRIBUTIONS[distribution], count)

    assert harness.run(collect_unlock_ids) == expected

    least = ceil(count / 500)
    # Changes of the density cost as many calls again, a gap some more, and each window with a
    # round number of rows one, because the upstream may have cut it there.
    assert harness.calls[ROWS] <= 2 * least + 10
    assert harness.calls["GetUserCompletionProgress"] <= 1


@pytest.mark.slow
@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_the_newest_page_costs_a_few_calls(distribution: str) -> None:
    harness, expected = make_player(DISTRIBUTIONS[distribution], 3000)

    found = harness.run(lambda client: collect_unlock_ids(client, page_limit=1))

    assert found == expected[: len(found)]
    assert harness.calls[ROWS] <= 5


@pytest.mark.slow
@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_starting_in_the_middle_does_not_load_newer_unlocks(distribution: str) -> None:
    harness, expected = make_player(DISTRIBUTIONS[distribution], 3000)
    when = BEGAN + timedelta(seconds=int(LENGTH * 0.6))

    found = harness.run(lambda client: collect_unlock_ids(client, when))

    assert found == expected[len(expected) - len(found) :]
    assert harness.calls[ROWS] <= 2 * ceil(len(found) / 500) + 10


@pytest.mark.slow
@pytest.mark.parametrize("limit", [100, 250, 400, 450])
def test_a_history_is_whole_although_the_source_sends_fewer_rows_than_before(
    monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    monkeypatch.setattr(unlock_routes, "MAX_ROWS", limit)
    harness, expected = make_player(DISTRIBUTIONS["games are come back to"], 900)

    async def read_twice(client: RetroAchievementsClient) -> list[str]:
        assert await collect_unlock_ids(client) == expected
        harness.sandbox.log.clear()
        set_current(RequestContext(time.monotonic() + 10, bypass_cache=True))
        return await collect_unlock_ids(client)

    assert harness.run(read_twice) == expected
    assert harness.calls[ROWS] <= 3 * ceil(900 / limit) + 7


def test_a_history_of_as_many_rows_as_a_limit_may_have_is_read_once_more() -> None:
    harness, expected = make_player(DISTRIBUTIONS["one game"], 150)
    assert harness.run(collect_unlock_ids) == expected
    assert harness.calls == {ROWS: 2}


@pytest.mark.slow
def test_a_second_with_more_unlocks_than_the_source_sends_is_incomplete(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(unlock_routes, "MAX_ROWS", 100)
    harness, expected = make_player(DISTRIBUTIONS["many in a few seconds"], 3000)

    async def read_pages(client: RetroAchievementsClient) -> list[bool]:
        found: list[bool] = []
        before: datetime | None = None
        while not found or before is not None:
            page = (await client.get_unlock_history(MEMBER, before)).value
            found.append(page.is_complete)
            before = page.next_before
        return found

    assert False in harness.run(read_pages)
    assert len(expected) == 3000


@pytest.mark.slow
def test_reading_the_history_again_uses_the_cache() -> None:
    harness, expected = make_player(DISTRIBUTIONS["games are come back to"], 3000)

    async def run_twice(client: RetroAchievementsClient) -> list[int]:
        assert await collect_unlock_ids(client) == expected
        calls = [harness.calls[ROWS]]
        for part in (0.1, 0.5, 0.9):
            await collect_unlock_ids(client, BEGAN + timedelta(seconds=int(LENGTH * part)))
        return [*calls, harness.calls[ROWS]]

    first, second = harness.run(run_twice)
    assert first == second


@pytest.mark.slow
def test_a_new_unlock_is_on_the_newest_page_and_shifts_no_other() -> None:
    harness, expected = make_player(DISTRIBUTIONS["all games at once"], 1200)
    left = 2 * 10**6 + 7

    async def read_after_unlock(client: RetroAchievementsClient) -> tuple[list[str], int]:
        await collect_unlock_ids(client)
        before = harness.calls[ROWS]
        harness.sandbox.unlock(MEMBER, left, NOW + timedelta(days=1))
        set_current(RequestContext(time.monotonic() + 10, bypass_cache=True))
        found = await collect_unlock_ids(client)
        return found, harness.calls[ROWS] - before

    found, calls = harness.run(read_after_unlock)
    assert found == [str(left), *expected]
    assert calls <= 6


@pytest.mark.slow
def test_an_unlock_repeated_in_hardcore_leaves_its_old_position() -> None:
    harness, expected = make_player(DISTRIBUTIONS["one game after the other"], 2000, hardcore=False)
    again = expected[-100]

    async def read_after_unlock(client: RetroAchievementsClient) -> tuple[list[str], list[int]]:
        await collect_unlock_ids(client)
        harness.sandbox.unlock(MEMBER, int(again), NOW + timedelta(days=1))
        calls = [harness.calls[ROWS]]
        set_current(RequestContext(time.monotonic() + 10, bypass_cache=True))
        newest = (await client.get_unlock_history(MEMBER, None)).value
        assert newest.unlocks[0].achievement.native_id == again
        set_current(RequestContext(time.monotonic() + 10))
        found = await collect_unlock_ids(client)
        calls.append(harness.calls[ROWS])
        assert await collect_unlock_ids(client) == found
        return found, [*calls, harness.calls[ROWS]]

    found, (before, first, second) = harness.run(read_after_unlock)
    assert found == [again, *(native_id for native_id in expected if native_id != again)]
    # One for the newest page, and one for the page with the game.
    assert first - before == 2
    assert second == first


@pytest.mark.slow
def test_a_page_that_cannot_be_reloaded_is_served_from_the_cache() -> None:
    harness, expected = make_player(DISTRIBUTIONS["one game after the other"], 2000, hardcore=False)
    again = expected[-100]

    async def read_after_fault(client: RetroAchievementsClient) -> list[bool]:
        await collect_unlock_ids(client)
        harness.sandbox.unlock(MEMBER, int(again), NOW + timedelta(days=1))
        set_current(RequestContext(time.monotonic() + 10, bypass_cache=True))
        newest = await client.get_unlock_history(MEMBER, None)
        set_current(RequestContext(time.monotonic() + 10))
        harness.with_response(ROWS, "<html>")
        old = await client.get_unlock_history(MEMBER, BEGAN + timedelta(seconds=int(LENGTH * 0.05)))
        assert again in {unlock.achievement.native_id for unlock in old.value.unlocks}
        return [newest.stale, old.stale]

    assert harness.run(read_after_fault) == [False, True]


@pytest.mark.slow
def test_the_current_window_is_not_cached_like_a_past_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    harness, _ = make_player(DISTRIBUTIONS["all games at once"], 1200)
    left, now = 2 * 10**6 + 7, time.time
    then = datetime.now(UTC) + timedelta(days=365 * 50)

    async def read_later(client: RetroAchievementsClient) -> str:
        await client.get_unlock_history(MEMBER, then)
        harness.sandbox.unlock(MEMBER, left, NOW + timedelta(days=1))
        monkeypatch.setattr("time.time", lambda: now() + 600)
        newest = (await collect_unlock_ids(client, page_limit=1))[0]
        assert (await collect_unlock_ids(client, then, page_limit=1))[0] == newest
        return newest

    assert harness.run(read_later) == str(left)
