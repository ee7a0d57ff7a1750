"""What is in a game."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from providers.capabilities import ContentsKey, TitlePageKey
from providers.errors import NotFound
from providers.kit.request_context import RequestContext, set_current
from providers.records import (
    Achievement,
    AchievementPoints,
    Contents,
    Group,
    Image,
    Part,
    Rarity,
    RarityBand,
    Title,
    UnlockMode,
)
from providers.retroachievements.client import RetroAchievementsClient
from tests.providers.retroachievements.harness import ClientHarness, get_error, unwrap

MEDIA = "https://media.retroachievements.org"
ALL_PARTS = ~Part.NONE
ACHIEVEMENT: dict[str, Any] = {
    "ID": 501,
    "NumAwarded": 30,
    "NumAwardedHardcore": 12,
    "Title": "First Steps",
    "Description": "Leave the village",
    "Points": 5,
    "TrueRatio": 9,
    "BadgeName": "00501",
    "DisplayOrder": 1,
    "Type": "progression",
}


def load_contents(harness: ClientHarness, title: str, handle: str | None = "VegaNorth") -> Contents:
    key = ContentsKey(handle, Title(native_id=title), ALL_PARTS)
    (outcome,) = harness.run(lambda client: client.get_contents([key]))
    return unwrap(outcome)


def get_achievements(found: Contents) -> Sequence[Achievement]:
    assert found.achievements is not None
    return found.achievements


def make_game_harness(*sent: dict[str, Any], **changes: Any) -> ClientHarness:
    """An upstream with one game that holds these achievements."""
    rows = {str(row.get("ID")): row for row in sent}
    body = {"ID": 77, "Title": "Example Quest", "NumDistinctPlayers": 60, "Achievements": rows}
    return ClientHarness().with_response("GetGameInfoAndUserProgress", {**body, **changes})


def load_only_achievement(*sent: dict[str, Any], **changes: Any) -> Achievement:
    (achievement,) = get_achievements(load_contents(make_game_harness(*sent, **changes), "77"))
    return achievement


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
        definition_version="8",
        earned_version="5/4/2025-10-05T19:00:00+00:00",
    )
    assert found.groups == (
        Group(
            native_id="core", name="Puddle Racers", icon=icon, progress=62, last_updated_at=updated
        ),
    )
    assert {achievement.group_id for achievement in get_achievements(found)} == {"core"}
    assert harness.calls == {"GetGameInfoAndUserProgress": 1}


def test_the_title_is_the_same_as_in_the_list() -> None:
    async def both(client: RetroAchievementsClient) -> None:
        (page,) = await client.get_titles([TitlePageKey("VegaNorth")])
        titles = unwrap(page).titles
        keys = [ContentsKey("VegaNorth", title, ALL_PARTS) for title in titles]
        found = [unwrap(outcome).title for outcome in await client.get_contents(keys)]
        assert found == list(titles)

    ClientHarness().run(both)


def test_achievements_come_in_the_order_of_display() -> None:
    rows = [
        {**ACHIEVEMENT, "ID": one, "DisplayOrder": two} for one, two in ((9, 2), (7, 3), (8, 2))
    ]
    found = load_contents(
        make_game_harness(*rows, {**ACHIEVEMENT, "ID": 1, "DisplayOrder": None}), "77"
    )
    assert [achievement.native_id for achievement in get_achievements(found)] == [
        "8",
        "9",
        "7",
        "1",
    ]


def test_an_achievement_that_is_not_earned() -> None:
    assert load_only_achievement(ACHIEVEMENT) == Achievement(
        native_id="501",
        group_id="core",
        name="First Steps",
        description="Leave the village",
        icon=Image(url=f"{MEDIA}/Badge/00501.png", locked_url=f"{MEDIA}/Badge/00501_lock.png"),
        earned=False,
        points=AchievementPoints(value=5, unit="POINTS", weighted=9),
        rarity=Rarity(
            percent=50.0,
            band=RarityBand.RARE,
            earners=30,
            population=60,
            hardcore_percent=20.0,
            hardcore_earners=12,
        ),
        kind="progression",
    )


SOFTCORE_DATE, HARDCORE_DATE = "2024-03-09 18:20:01", "2024-04-01 00:00:00"


@pytest.mark.parametrize(
    ("dates", "mode", "earned_at", "softcore"),
    [
        ({"DateEarned": SOFTCORE_DATE}, UnlockMode.SOFTCORE, SOFTCORE_DATE, SOFTCORE_DATE),
        (
            {"DateEarned": SOFTCORE_DATE, "DateEarnedHardcore": HARDCORE_DATE},
            UnlockMode.HARDCORE,
            HARDCORE_DATE,
            SOFTCORE_DATE,
        ),
        ({"DateEarnedHardcore": HARDCORE_DATE}, UnlockMode.HARDCORE, HARDCORE_DATE, None),
        ({"DateEarned": "soon"}, UnlockMode.SOFTCORE, None, None),
        ({"DateEarned": None, "DateEarnedHardcore": ""}, None, None, None),
    ],
)
def test_earned_state_and_mode_follow_from_the_dates(
    dates: dict[str, Any], mode: UnlockMode | None, earned_at: str | None, softcore: str | None
) -> None:
    found = load_only_achievement({**ACHIEVEMENT, **dates})
    assert (found.earned, found.unlock_mode) == (mode is not None, mode)
    assert (found.earned_at, found.earned_at_softcore) == (
        parse_moment(earned_at),
        parse_moment(softcore),
    )


def parse_moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("earners", "players", "percent"),
    [(70, 60, 100.0), (0, 60, 0.0), (5, 0, None), (5, None, None), (None, 60, None)],
)
def test_rarity_is_clamped_for_zero_players_and_too_many_earners(
    earners: int | None, players: int | None, percent: float | None
) -> None:
    found = load_only_achievement(
        {**ACHIEVEMENT, "NumAwarded": earners}, NumDistinctPlayers=players
    )
    assert (found.rarity.percent if found.rarity else None) == percent


def test_both_spellings_of_the_type_are_mapped() -> None:
    harness = ClientHarness()
    harness.sandbox.settings["lower_case_type"] = True
    played = get_achievements(load_contents(harness, "101"))
    defined = get_achievements(load_contents(ClientHarness(), "101", None))
    assert [one.kind for one in played] == [one.kind for one in defined]
    assert played[0].kind == "progression"
    assert played[2].kind is None


def test_numbers_sent_as_text_are_numbers() -> None:
    harness = ClientHarness()
    harness.sandbox.settings["numbers_as_text"] = True
    assert load_contents(harness, "523") == load_contents(ClientHarness(), "523")


@pytest.mark.parametrize(("form", "many"), [([], 0), ({}, 0), ([ACHIEVEMENT], 1)])
def test_achievements_sent_as_a_list_are_accepted(form: object, many: int) -> None:
    assert len(get_achievements(load_contents(make_game_harness(Achievements=form), "77"))) == many


def test_an_invalid_achievement_is_left_out_alone() -> None:
    found = load_contents(make_game_harness(ACHIEVEMENT, {"ID": "x"}), "77")
    assert [achievement.native_id for achievement in get_achievements(found)] == ["501"]


def test_an_achievement_with_nothing_but_an_id_is_unknown_in_everything_else() -> None:
    assert load_only_achievement({"ID": 1}) == Achievement(
        native_id="1", group_id="core", earned=False
    )


def test_a_badge_url_stays_on_the_media_host() -> None:
    icon = load_only_achievement({**ACHIEVEMENT, "BadgeName": "../../x?y=1#@evil.example"}).icon
    assert icon is not None
    assert str(icon.url).startswith(f"{MEDIA}/Badge/..%2F..%2Fx%3Fy")


def test_definitions_without_a_player_have_no_earned_state() -> None:
    harness = ClientHarness()
    found = load_contents(harness, "731", None)
    assert found.title == Title(
        native_id="731",
        name="Glass Cartographer",
        icon=Image(url=f"{MEDIA}/Images/000731.png"),
        platforms=("Nintendo DS",),
        achievement_count=12,
        definition_version="12",
    )
    assert {one.earned for one in get_achievements(found)} == {None}
    assert {one.unlock_mode for one in get_achievements(found)} == {None}
    played = get_achievements(load_contents(ClientHarness(), "731"))
    assert [one.native_id for one in get_achievements(found)] == [one.native_id for one in played]
    assert harness.calls == {"GetGameExtended": 1}


def test_an_unknown_game_is_not_found() -> None:
    async def ask(client: RetroAchievementsClient) -> list[str]:
        title = Title(native_id="9")
        keys = [ContentsKey(handle, title, ALL_PARTS) for handle in (None, "VegaNorth", "Nobody")]
        outcomes = await client.get_contents(keys)
        assert all(isinstance(outcome, NotFound) for outcome in outcomes)
        return [str(outcome) for outcome in outcomes]

    by_itself, of_a_player, of_nobody = ClientHarness().run(ask)
    assert by_itself == of_a_player
    assert "game" in of_a_player
    assert "game" not in of_nobody


def test_contents_are_loaded_again_when_the_list_shows_a_change() -> None:
    harness = ClientHarness()

    async def ask(client: RetroAchievementsClient) -> list[int]:
        counts: list[int] = []
        for _ in range(3):
            set_current(RequestContext(deadline=float("inf"), bypass_cache=True))
            (page,) = await client.get_titles([TitlePageKey("VegaNorth")])
            title = next(one for one in unwrap(page).titles if one.native_id == "418")
            set_current(RequestContext(deadline=float("inf")))
            (found,) = await client.get_contents([ContentsKey("VegaNorth", title, Part.EARNED)])
            counts.append(sum(one.earned is True for one in get_achievements(unwrap(found))))
            if len(counts) == 2:
                harness.sandbox.unlock("VegaNorth", 41801)
        return counts

    assert harness.run(ask) == [2, 2, 3]
    assert harness.calls["GetGameInfoAndUserProgress"] == 2


def test_contents_are_loaded_again_when_the_list_shows_more_to_earn() -> None:
    harness = ClientHarness()
    world = harness.sandbox.database

    async def ask(client: RetroAchievementsClient) -> list[int]:
        counts: list[int] = []
        for _ in range(4):
            set_current(RequestContext(deadline=float("inf"), bypass_cache=True))
            (page,) = await client.get_titles([TitlePageKey("VegaNorth")])
            title = next(one for one in unwrap(page).titles if one.native_id == "418")
            set_current(RequestContext(deadline=float("inf")))
            (found,) = await client.get_contents([ContentsKey("VegaNorth", title, Part.EARNED)])
            counts.append(len(get_achievements(unwrap(found))))
            if len(counts) == 2:
                game = world.games[418]
                added = replace(game.achievements[0], id=41899)
                world.games[418] = replace(game, achievements=(*game.achievements, added))
        return counts

    first, again, *after = harness.run(ask)
    assert (again, after) == (first, [first + 1, first + 1])
    assert harness.calls["GetGameInfoAndUserProgress"] == 2


def test_definitions_are_loaded_once_for_all_viewers() -> None:
    harness = ClientHarness()
    second = {
        "x-retroachievements-username": "SecondSam",
        "x-retroachievements-api-key": "sandbox-ra-second-key",
    }

    async def ask(client: RetroAchievementsClient) -> None:
        key = ContentsKey(None, Title(native_id="101"), ALL_PARTS)
        other = ClientHarness(headers=second).open_client(client.cached_api.api.upstream.services)
        mine, theirs = await client.get_contents([key]), await other.get_contents([key])
        assert mine == theirs
        played = ContentsKey("VegaNorth", Title(native_id="101"), ALL_PARTS)
        await client.get_contents([played])
        await other.get_contents([played])

    harness.run(ask)
    assert harness.calls == {"GetGameExtended": 1, "GetGameInfoAndUserProgress": 2}


def test_a_game_without_an_achievements_key_is_a_bad_response() -> None:
    harness = ClientHarness().with_response("GetGameExtended", {"ID": 77})
    key = ContentsKey(None, Title(native_id="77"), ALL_PARTS)
    found = get_error(harness.run(lambda client: client.get_contents([key])))
    assert found.code == "UPSTREAM_BAD_RESPONSE"
