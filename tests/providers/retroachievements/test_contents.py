"""What is in a game."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from providers.capabilities import ContentsKey, TitlesKey
from providers.errors import NotFound
from providers.kit.request_context import Operation, begin
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
from tests.providers.retroachievements.asking import Asking, error, value

MEDIA = "https://media.retroachievements.org"
EVERYTHING = ~Part.NOTHING
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


def contents(asking: Asking, title: str, handle: str | None = "VegaNorth") -> Contents:
    key = ContentsKey(handle, Title(native_id=title), EVERYTHING)
    (outcome,) = asking.run(lambda client: client.contents([key]))
    return value(outcome)


def achievements(found: Contents) -> Sequence[Achievement]:
    assert found.achievements is not None
    return found.achievements


def game(*sent: dict[str, Any], **changes: Any) -> Asking:
    """An upstream with one game that holds these achievements."""
    rows = {str(row.get("ID")): row for row in sent}
    body = {"ID": 77, "Title": "Example Quest", "NumDistinctPlayers": 60, "Achievements": rows}
    return Asking().answering("GetGameInfoAndUserProgress", {**body, **changes})


def only(*sent: dict[str, Any], **changes: Any) -> Achievement:
    (achievement,) = achievements(contents(game(*sent, **changes), "77"))
    return achievement


def test_one_call_gives_the_title_its_group_and_its_achievements() -> None:
    asking = Asking()
    found = contents(asking, "640")
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
    assert {achievement.group_id for achievement in achievements(found)} == {"core"}
    assert asking.calls == {"GetGameInfoAndUserProgress": 1}


def test_the_title_is_the_same_as_in_the_list() -> None:
    async def both(client: RetroAchievementsClient) -> None:
        (page,) = await client.titles([TitlesKey("VegaNorth")])
        titles = value(page).titles
        keys = [ContentsKey("VegaNorth", title, EVERYTHING) for title in titles]
        found = [value(outcome).title for outcome in await client.contents(keys)]
        assert found == list(titles)

    Asking().run(both)


def test_achievements_come_in_the_order_of_display() -> None:
    rows = [
        {**ACHIEVEMENT, "ID": one, "DisplayOrder": two} for one, two in ((9, 2), (7, 3), (8, 2))
    ]
    found = contents(game(*rows, {**ACHIEVEMENT, "ID": 1, "DisplayOrder": None}), "77")
    assert [achievement.native_id for achievement in achievements(found)] == ["8", "9", "7", "1"]


def test_an_achievement_that_is_not_earned() -> None:
    assert only(ACHIEVEMENT) == Achievement(
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


SOFT, HARD = "2024-03-09 18:20:01", "2024-04-01 00:00:00"


@pytest.mark.parametrize(
    ("dates", "mode", "earned_at", "softcore"),
    [
        ({"DateEarned": SOFT}, UnlockMode.SOFTCORE, SOFT, SOFT),
        (
            {"DateEarned": SOFT, "DateEarnedHardcore": HARD},
            UnlockMode.HARDCORE,
            HARD,
            SOFT,
        ),
        ({"DateEarnedHardcore": HARD}, UnlockMode.HARDCORE, HARD, None),
        ({"DateEarned": "soon"}, UnlockMode.SOFTCORE, None, None),
        ({"DateEarned": None, "DateEarnedHardcore": ""}, None, None, None),
    ],
)
def test_dates_tell_whether_and_how_it_was_earned(
    dates: dict[str, Any], mode: UnlockMode | None, earned_at: str | None, softcore: str | None
) -> None:
    found = only({**ACHIEVEMENT, **dates})
    assert (found.earned, found.unlock_mode) == (mode is not None, mode)
    assert (found.earned_at, found.earned_at_softcore) == (moment(earned_at), moment(softcore))


def moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("earners", "players", "percent"),
    [(70, 60, 100.0), (0, 60, 0.0), (5, 0, None), (5, None, None), (None, 60, None)],
)
def test_rarity_is_guarded_against_nobody_and_against_more_than_all(
    earners: int | None, players: int | None, percent: float | None
) -> None:
    found = only({**ACHIEVEMENT, "NumAwarded": earners}, NumDistinctPlayers=players)
    assert (found.rarity.percent if found.rarity else None) == percent


def test_both_spellings_of_the_type_are_read() -> None:
    asking = Asking()
    asking.sandbox.settings["lower_case_type"] = True
    played = achievements(contents(asking, "101"))
    defined = achievements(contents(Asking(), "101", None))
    assert [one.kind for one in played] == [one.kind for one in defined]
    assert played[0].kind == "progression"
    assert played[2].kind is None


def test_numbers_sent_as_text_are_numbers() -> None:
    asking = Asking()
    asking.sandbox.settings["numbers_as_text"] = True
    assert contents(asking, "523") == contents(Asking(), "523")


@pytest.mark.parametrize(("form", "many"), [([], 0), ({}, 0), ([ACHIEVEMENT], 1)])
def test_a_map_sent_as_a_list_is_a_map(form: object, many: int) -> None:
    assert len(achievements(contents(game(Achievements=form), "77"))) == many


def test_a_broken_achievement_spoils_only_itself() -> None:
    found = contents(game(ACHIEVEMENT, {"ID": "x"}), "77")
    assert [achievement.native_id for achievement in achievements(found)] == ["501"]


def test_an_achievement_with_nothing_but_an_id_is_unknown_in_everything_else() -> None:
    assert only({"ID": 1}) == Achievement(native_id="1", group_id="core", earned=False)


def test_an_address_made_of_a_badge_stays_on_the_media_host() -> None:
    icon = only({**ACHIEVEMENT, "BadgeName": "../../x?y=1#@evil.example"}).icon
    assert icon is not None
    assert str(icon.url).startswith(f"{MEDIA}/Badge/..%2F..%2Fx%3Fy")


def test_bare_definitions_have_no_player_in_them() -> None:
    asking = Asking()
    found = contents(asking, "731", None)
    assert found.title == Title(
        native_id="731",
        name="Glass Cartographer",
        icon=Image(url=f"{MEDIA}/Images/000731.png"),
        platforms=("Nintendo DS",),
        achievement_count=12,
        definition_version="12",
    )
    assert {one.earned for one in achievements(found)} == {None}
    assert {one.unlock_mode for one in achievements(found)} == {None}
    played = achievements(contents(Asking(), "731"))
    assert [one.native_id for one in achievements(found)] == [one.native_id for one in played]
    assert asking.calls == {"GetGameExtended": 1}


def test_an_unknown_game_is_not_found() -> None:
    async def ask(client: RetroAchievementsClient) -> list[str]:
        title = Title(native_id="9")
        keys = [ContentsKey(handle, title, EVERYTHING) for handle in (None, "VegaNorth", "Nobody")]
        outcomes = await client.contents(keys)
        assert all(isinstance(outcome, NotFound) for outcome in outcomes)
        return [str(outcome) for outcome in outcomes]

    by_itself, of_a_player, of_nobody = Asking().run(ask)
    assert by_itself == of_a_player
    assert "game" in of_a_player
    assert "game" not in of_nobody


def test_contents_are_asked_again_when_the_list_says_that_they_changed() -> None:
    asking = Asking()

    async def ask(client: RetroAchievementsClient) -> list[int]:
        counts: list[int] = []
        for _ in range(3):
            begin(Operation(deadline=float("inf"), fresh=True))
            (page,) = await client.titles([TitlesKey("VegaNorth")])
            title = next(one for one in value(page).titles if one.native_id == "418")
            begin(Operation(deadline=float("inf")))
            (found,) = await client.contents([ContentsKey("VegaNorth", title, Part.EARNED)])
            counts.append(sum(one.earned is True for one in achievements(value(found))))
            if len(counts) == 2:
                asking.sandbox.unlock("VegaNorth", 41801)
        return counts

    assert asking.run(ask) == [2, 2, 3]
    assert asking.calls["GetGameInfoAndUserProgress"] == 2


def test_contents_are_asked_again_when_the_list_says_that_there_is_more_to_earn() -> None:
    asking = Asking()
    world = asking.sandbox.world

    async def ask(client: RetroAchievementsClient) -> list[int]:
        counts: list[int] = []
        for _ in range(4):
            begin(Operation(deadline=float("inf"), fresh=True))
            (page,) = await client.titles([TitlesKey("VegaNorth")])
            title = next(one for one in value(page).titles if one.native_id == "418")
            begin(Operation(deadline=float("inf")))
            (found,) = await client.contents([ContentsKey("VegaNorth", title, Part.EARNED)])
            counts.append(len(achievements(value(found))))
            if len(counts) == 2:
                game = world.games[418]
                added = replace(game.achievements[0], id=41899)
                world.games[418] = replace(game, achievements=(*game.achievements, added))
        return counts

    first, again, *after = asking.run(ask)
    assert (again, after) == (first, [first + 1, first + 1])
    assert asking.calls["GetGameInfoAndUserProgress"] == 2


def test_definitions_are_asked_once_for_all_viewers() -> None:
    asking = Asking()
    second = {
        "x-retroachievements-username": "SecondSam",
        "x-retroachievements-api-key": "sandbox-ra-second-key",
    }

    async def ask(client: RetroAchievementsClient) -> None:
        key = ContentsKey(None, Title(native_id="101"), EVERYTHING)
        other = Asking(headers=second).client(client.view.api.upstream.kit)
        mine, theirs = await client.contents([key]), await other.contents([key])
        assert mine == theirs
        played = ContentsKey("VegaNorth", Title(native_id="101"), EVERYTHING)
        await client.contents([played])
        await other.contents([played])

    asking.run(ask)
    assert asking.calls == {"GetGameExtended": 1, "GetGameInfoAndUserProgress": 2}


def test_a_game_without_achievements_key_cannot_be_read() -> None:
    asking = Asking().answering("GetGameExtended", {"ID": 77})
    key = ContentsKey(None, Title(native_id="77"), EVERYTHING)
    found = error(asking.run(lambda client: client.contents([key])))
    assert found.code == "UPSTREAM_BAD_RESPONSE"
