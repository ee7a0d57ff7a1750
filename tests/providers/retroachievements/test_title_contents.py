"""Contents of games, and how few calls they need."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from providers.capabilities import ContentsKey, TitlePageKey
from providers.errors import NotFound
from providers.kit.caching.policy import CachePolicy
from providers.kit.request_context import RequestContext, set_current
from providers.records import (
    AchievementPoints,
    Contents,
    Group,
    Image,
    Part,
    Title,
    TitleInfo,
)
from providers.retroachievements.cache_policies import (
    CONTENTS,
    CONTENTS_WITH_RARITY,
    DAY,
    DEFINITIONS,
)
from providers.retroachievements.client import RetroAchievementsClient
from tests.providers.retroachievements.harness import (
    ALL_PARTS,
    ClientHarness,
    get_achievements,
    load_contents,
    unwrap,
)

MEDIA = "https://media.retroachievements.org"
# What a game's own response has besides its row.
NOT_LISTED: dict[str, Any] = dict.fromkeys(
    ("points", "earned_points", "play_duration_seconds", "population", "info")
)


def make_info(game_id: str, released_at: datetime) -> TitleInfo:
    """Make what the sandbox tells of each of its games."""
    images = (Image(url=f"{MEDIA}/Images/{number}00{game_id}.png") for number in (3, 1, 2))
    box_art, title_screen, in_game = images
    return TitleInfo(
        publisher="Invented Software",
        developer="Invented Software",
        genre="Adventure",
        released_at=released_at,
        box_art=box_art,
        title_screen=title_screen,
        in_game=in_game,
    )


def test_one_call_gives_the_title_its_group_and_its_achievements() -> None:
    harness = ClientHarness()
    found = load_contents(harness, "640")
    updated = datetime(2025, 10, 5, 19, 0, tzinfo=UTC)
    icon = Image(url=f"{MEDIA}/Images/000640.png")
    assert found.title == Title(
        native_id="640",
        name="Puddle Racers",
        icon=icon,
        platforms=("Nintendo 64",),
        achievement_count=8,
        earned_count=5,
        progress=62,
        last_updated_at=updated,
        points=AchievementPoints(value=125, unit="RETRO_POINTS", weighted=345),
        earned_points=AchievementPoints(value=40, unit="RETRO_POINTS", weighted=66),
        play_duration_seconds=9000,
        population=2875,
        info=make_info("640", datetime(1998, 6, 26, tzinfo=UTC)),
        definition_version="8",
        earned_version="5/4/2025-10-05T19:00:00+00:00",
        unlock_version="5/4/None",
    )
    assert found.groups == (
        Group(
            native_id="core", name="Puddle Racers", icon=icon, progress=62, last_updated_at=updated
        ),
    )
    assert {achievement.group_id for achievement in get_achievements(found)} == {"core"}
    assert harness.calls == {"GetGameInfoAndUserProgress": 1}


def test_the_title_is_the_same_as_in_the_list() -> None:
    async def compare(client: RetroAchievementsClient) -> None:
        (page,) = await client.get_titles([TitlePageKey("VegaNorth")])
        titles = unwrap(page).titles
        keys = [ContentsKey("VegaNorth", title, ALL_PARTS) for title in titles]
        found = [unwrap(outcome).title for outcome in await client.get_contents(keys)]
        assert [title and msgspec.structs.replace(title, **NOT_LISTED) for title in found] == list(
            titles
        )

    ClientHarness().run(compare)


def test_definitions_without_a_player_have_no_earned_state() -> None:
    harness = ClientHarness()
    found = load_contents(harness, "731", None)
    assert found.title == Title(
        native_id="731",
        name="Glass Cartographer",
        icon=Image(url=f"{MEDIA}/Images/000731.png"),
        platforms=("Nintendo DS",),
        achievement_count=12,
        points=AchievementPoints(value=123, unit="RETRO_POINTS", weighted=574),
        population=745,
        info=make_info("731", datetime(2008, 5, 22, tzinfo=UTC)),
        definition_version="12",
    )
    assert {achievement.earned for achievement in get_achievements(found)} == {None}
    assert {achievement.unlock_mode for achievement in get_achievements(found)} == {None}
    played = get_achievements(load_contents(ClientHarness(), "731"))
    ids = [achievement.native_id for achievement in played]
    assert [achievement.native_id for achievement in get_achievements(found)] == ids
    assert harness.calls == {"GetGameExtended": 1}


def test_an_unknown_game_is_not_found() -> None:
    async def load(client: RetroAchievementsClient) -> list[str]:
        title = Title(native_id="9")
        keys = [ContentsKey(handle, title, ALL_PARTS) for handle in (None, "VegaNorth", "Nobody")]
        outcomes = await client.get_contents(keys)
        assert all(isinstance(outcome, NotFound) for outcome in outcomes)
        return [str(outcome) for outcome in outcomes]

    without_player, of_player, of_unknown_player = ClientHarness().run(load)
    assert without_player == of_player
    assert "game" in of_player
    assert "game" not in of_unknown_player


def test_contents_are_loaded_again_when_the_list_shows_a_change() -> None:
    harness = ClientHarness()

    async def load(client: RetroAchievementsClient) -> list[int]:
        counts: list[int] = []
        for _ in range(3):
            set_current(RequestContext(deadline=float("inf"), bypass_cache=True))
            (page,) = await client.get_titles([TitlePageKey("VegaNorth")])
            title = next(title for title in unwrap(page).titles if title.native_id == "418")
            set_current(RequestContext(deadline=float("inf")))
            (found,) = await client.get_contents([ContentsKey("VegaNorth", title, Part.EARNED)])
            achievements = get_achievements(unwrap(found))
            counts.append(sum(achievement.earned is True for achievement in achievements))
            if len(counts) == 2:
                harness.sandbox.unlock("VegaNorth", 41801)
        return counts

    assert harness.run(load) == [2, 2, 3]
    assert harness.calls["GetGameInfoAndUserProgress"] == 2


def test_contents_are_loaded_again_when_the_list_shows_more_to_earn() -> None:
    harness = ClientHarness()
    database = harness.sandbox.database

    async def load(client: RetroAchievementsClient) -> list[int]:
        counts: list[int] = []
        for _ in range(4):
            set_current(RequestContext(deadline=float("inf"), bypass_cache=True))
            (page,) = await client.get_titles([TitlePageKey("VegaNorth")])
            title = next(title for title in unwrap(page).titles if title.native_id == "418")
            set_current(RequestContext(deadline=float("inf")))
            (found,) = await client.get_contents([ContentsKey("VegaNorth", title, Part.EARNED)])
            counts.append(len(get_achievements(unwrap(found))))
            if len(counts) == 2:
                game = database.games[418]
                added = replace(game.achievements[0], id=41899)
                database.games[418] = replace(game, achievements=(*game.achievements, added))
        return counts

    first, again, *after = harness.run(load)
    assert (again, after) == (first, [first + 1, first + 1])
    assert harness.calls["GetGameInfoAndUserProgress"] == 2


def test_a_revision_with_the_same_count_shows_past_the_cache() -> None:
    harness = ClientHarness()
    database = harness.sandbox.database

    async def load(client: RetroAchievementsClient) -> list[list[str | None]]:
        names: list[list[str | None]] = []
        for bypass_cache in (False, True):
            set_current(RequestContext(deadline=float("inf"), bypass_cache=bypass_cache))
            (page,) = await client.get_titles([TitlePageKey("VegaNorth")])
            title = next(title for title in unwrap(page).titles if title.native_id == "418")
            (found,) = await client.get_contents([ContentsKey("VegaNorth", title, Part.EARNED)])
            names.append([each.name for each in get_achievements(unwrap(found))])
            game = database.games[418]
            *others, last = game.achievements
            promoted = replace(last, id=41899, title="Promoted")
            database.games[418] = replace(game, achievements=(*others, promoted))
        return names

    before, after = harness.run(load)
    assert after == [*before[:-1], "Promoted"]


@pytest.mark.parametrize("policy", [CONTENTS, CONTENTS_WITH_RARITY, DEFINITIONS])
def test_texts_are_served_for_a_day_at_most(policy: CachePolicy[Contents]) -> None:
    assert max(policy.max_age, policy.stale_while_revalidate) <= DAY


def test_contents_with_fewer_unlocks_than_the_list_are_loaded_again_at_once() -> None:
    harness = ClientHarness()

    async def load(client: RetroAchievementsClient) -> list[int]:
        (page,) = await client.get_titles([TitlePageKey("VegaNorth")])
        title = next(title for title in unwrap(page).titles if title.native_id == "418")
        listed = msgspec.structs.replace(title, earned_count=3)
        counts: list[int] = []
        for record in (title, listed, listed):
            set_current(RequestContext(deadline=float("inf")))
            (found,) = await client.get_contents([ContentsKey("VegaNorth", record, Part.EARNED)])
            achievements = get_achievements(unwrap(found))
            counts.append(sum(achievement.earned is True for achievement in achievements))
            harness.sandbox.unlock("VegaNorth", 41801)
        return counts

    assert harness.run(load) == [2, 3, 3]
    assert harness.calls["GetGameInfoAndUserProgress"] == 2


def test_definitions_are_loaded_once_for_all_viewers() -> None:
    harness = ClientHarness()
    second = {
        "x-retroachievements-username": "SecondSam",
        "x-retroachievements-api-key": "sandbox-ra-second-key",
    }

    async def load(client: RetroAchievementsClient) -> None:
        key = ContentsKey(None, Title(native_id="101"), ALL_PARTS)
        other = ClientHarness(headers=second).create_client(client.cached_api.api.upstream.services)
        mine, theirs = await client.get_contents([key]), await other.get_contents([key])
        assert mine == theirs
        played = ContentsKey("VegaNorth", Title(native_id="101"), ALL_PARTS)
        await client.get_contents([played])
        await other.get_contents([played])

    harness.run(load)
    calls = {"GetGameExtended": 1, "GetGameInfoAndUserProgress": 2}
    # The second key is verified before it is told what the first one has loaded.
    assert harness.calls == {**calls, "GetUserProfile": 1}


@pytest.mark.parametrize("body", [{}, {"Achievements": None}, {"Achievements": 5}])
def test_a_game_without_its_achievements_has_the_rest(body: dict[str, object]) -> None:
    game = {"ID": 77, "Title": "Example Quest", "NumDistinctPlayers": 2**40, **body}
    found = load_contents(ClientHarness().with_response("GetGameExtended", game), "77", None)
    assert found.title is not None
    assert (found.title.name, found.achievements) == ("Example Quest", None)
