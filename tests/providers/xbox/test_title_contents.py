"""A title whole: a modern one in one call, one of Xbox 360 joined of two."""

from typing import Any

import pytest

from tests.harness import NO_CACHE_HEADERS, RunningServer
from tests.providers.xbox.harness import (
    FERRY,
    LEDGER,
    LIST,
    MODERN,
    MOONS,
    ORCHARD,
    SAM,
    SET,
    SKYLARK,
    UNLOCKED,
    VEGA,
    count_calls,
    fetch_title,
    fetch_user,
    query_user,
    run_xbox,
)

WHOLE = """name achievementCount earnedCount progress lastUpdatedAt groups { nativeId }
  achievements { nativeId key name description hidden earned earnedAt points { value unit weighted }
    icon { url lockedUrl } rarity { percent band earners } progress { current target percent }
    trigger rawTrigger reward { name image { url } } grade kind unlockMode }"""


def fetch_achievements(
    server: RunningServer, title_id: str = SKYLARK, arguments: str = ""
) -> dict[str, Any]:
    """Return the achievements of a title by id."""
    selection = WHOLE.replace("achievements {", f"achievements{arguments} {{")
    found = fetch_title(server, selection, title_id)["achievements"]
    return {each["nativeId"]: each for each in found}


def replace_achievement(server: RunningServer, **changes: Any) -> None:
    """Make the upstream answer for a title with a single achievement that has these members."""
    row: dict[str, Any] = {
        "id": "1",
        "name": "Only",
        "progressState": "InProgress",
        "progression": {"requirements": [], "timeUnlocked": None},
        **changes,
    }
    body: Any = {"content": {"achievements": [row], "pagingInfo": None}, "code": 200}
    server.inject_fault(f"{VEGA}/{SKYLARK}", status=200, body=body)


def fetch_only(server: RunningServer, **changes: Any) -> Any:
    replace_achievement(server, **changes)
    return fetch_achievements(server)["1"]


def test_a_modern_title_takes_one_call(server: RunningServer) -> None:
    with count_calls(server) as calls:
        found = fetch_title(server, WHOLE)

    assert calls == {LIST: 1, MODERN: 1}
    assert len(found["achievements"]) == 8
    assert found["groups"] == []


def test_a_title_with_more_achievements_than_a_page_of_xbox_live_is_whole(
    server: RunningServer,
) -> None:
    assert len(fetch_achievements(server, LEDGER)) == 40


def test_the_pages_of_an_own_title_are_joined(server: RunningServer) -> None:
    server.xbox.settings["page_size"] = 16
    fetch_user(server, "displayName", "me")  # so that the owner of the key is known

    with count_calls(server) as calls:
        found = fetch_title(server, WHOLE, LEDGER)

    assert (found["achievementCount"], len(found["achievements"])) == (40, 40)
    assert calls == {LIST: 1, MODERN: 1, "achievements/title/*/*": 2}


def test_a_title_of_another_player_with_more_pages_counts_them_all(server: RunningServer) -> None:
    server.xbox.settings["page_size"] = 5

    found = fetch_title(server, WHOLE, SKYLARK, SAM)

    assert (found["achievementCount"], len(found["achievements"])) == (8, 5)


def test_an_earned_achievement(server: RunningServer) -> None:
    assert fetch_achievements(server)["1"] == {
        "nativeId": "1",
        "key": None,
        "name": "First Light",
        "description": "You lit the lamp.",
        "hidden": False,
        "earned": True,
        "earnedAt": "2026-10-15T21:05:33.123456Z",
        "points": {"value": 10, "unit": "GAMERSCORE", "weighted": None},
        "icon": {
            "url": "https://images-eds-ssl.xboxlive.com/image?url=1700000001-1",
            "lockedUrl": None,
        },
        "rarity": {"percent": 71.3, "band": "COMMON", "earners": None},
        "progress": None,
        "trigger": "GAMEPLAY",
        "rawTrigger": "Persistent",
        "reward": None,
        "grade": None,
        "kind": None,
        "unlockMode": None,
    }


def test_a_locked_achievement_has_the_text_of_what_to_do(server: RunningServer) -> None:
    found = fetch_achievements(server)["3"]

    assert (found["earned"], found["earnedAt"]) == (False, None)
    assert found["description"] == "Move 100 crates."
    assert found["progress"] == {"current": 66.0, "target": 100.0, "percent": 66.0}


def test_progress_of_several_requirements_is_the_mean_of_the_clamped_ratios(
    server: RunningServer,
) -> None:
    # 5 of 5, 2 of 4 and 0 of 3.
    assert fetch_achievements(server)["4"]["progress"] == {
        "current": 50.0,
        "target": 100.0,
        "percent": 50.0,
    }


def test_progress_beyond_the_target_is_the_target(server: RunningServer) -> None:
    found = fetch_achievements(server)["5"]["progress"]

    assert found == {"current": 1.0, "target": 1.0, "percent": 100.0}


@pytest.mark.parametrize(
    ("state", "requirements", "expected"),
    [
        ("NotStarted", [{"current": None, "target": "4"}], (0, 4)),
        ("InProgress", [{"current": None, "target": "4"}], None),
        ("InProgress", [{"current": "-2", "target": "4"}], (0, 4)),
        ("InProgress", [{"current": 2, "target": 4}], (2, 4)),
        ("InProgress", [{"current": "2.5", "target": "4"}], (2.5, 4)),
        ("InProgress", [{"current": "2", "target": "0"}], None),
        ("InProgress", [{"current": "soon", "target": "4"}], None),
        ("InProgress", [{"current": "nan", "target": "inf"}], None),
        ("InProgress", [{"current": "1", "target": "2"}, {"current": "x", "target": "2"}], None),
        ("InProgress", [], None),
        ("InProgress", None, None),
        ("Achieved", [{"current": "3", "target": "4"}], None),
    ],
)
def test_progress_of_every_kind_of_requirement(
    server: RunningServer,
    state: str,
    requirements: list[dict[str, Any]] | None,
    expected: tuple[float, float] | None,
) -> None:
    found = fetch_only(server, progressState=state, progression={"requirements": requirements})[
        "progress"
    ]

    assert (found and (found["current"], found["target"])) == expected


def test_a_secret_achievement_is_masked_by_this_server(server: RunningServer) -> None:
    masked = fetch_achievements(server)["6"]
    assert masked["hidden"] is True
    assert {masked[name] for name in ("name", "description", "icon", "progress")} == {None}

    revealed = fetch_achievements(server, SKYLARK, "(revealHidden: true)")["6"]
    assert (revealed["name"], revealed["description"]) == (
        "The Quiet Passenger",
        "Make them speak.",
    )


def test_an_earned_secret_achievement_is_shown(server: RunningServer) -> None:
    server.xbox.unlock(VEGA, int(SKYLARK), "6")

    found = fetch_achievements(server)["6"]

    assert (found["name"], found["description"]) == ("The Quiet Passenger", "They spoke.")


def test_a_revoked_achievement_is_not_earned(server: RunningServer) -> None:
    found = fetch_achievements(server)["7"]

    assert (found["earned"], found["earnedAt"]) == (False, None)


@pytest.mark.parametrize(
    "time",
    [
        "0001-01-01T00:00:00.0000000Z",
        "1753-01-01T00:00:00.0000000Z",
        "2002-11-15T00:00:00.0000000Z",
        "",
        None,
        "yesterday",
    ],
)
def test_a_time_before_the_source_began_is_no_time(server: RunningServer, time: str | None) -> None:
    found = fetch_only(server, progressState="Achieved", progression={"timeUnlocked": time})

    assert (found["earned"], found["earnedAt"]) == (True, None)


@pytest.mark.parametrize(
    ("state", "earned"),
    [("Achieved", True), ("InProgress", False), ("NotStarted", False), ("Invalid", False)],
)
def test_the_state_alone_tells_what_is_earned(
    server: RunningServer, state: str, *, earned: bool
) -> None:
    progression = {"timeUnlocked": "2024-01-01T00:00:00.0000000Z"}

    found = fetch_only(server, progressState=state, progression=progression)

    assert found["earned"] is earned
    assert (found["earnedAt"] is not None) is earned


@pytest.mark.parametrize(
    ("rewards", "value"),
    [
        ([{"type": "Gamerscore", "value": "0"}], 0),
        ([{"type": "Art", "value": "x"}, {"type": "Gamerscore", "value": 25}], 25),
        ([{"type": "Gamerscore", "value": ""}], None),
        ([{"type": "Gamerscore", "value": "-5"}], None),
        ([{"type": "Gamerscore", "value": "9e99"}], None),
        ([], None),
        (None, None),
    ],
)
def test_points_are_the_gamerscore_with_its_unit(
    server: RunningServer, rewards: Any, value: int | None
) -> None:
    found = fetch_only(server, rewards=rewards)["points"]

    assert found == (
        None if value is None else {"value": value, "unit": "GAMERSCORE", "weighted": None}
    )


@pytest.mark.parametrize(
    ("rarity", "percent"),
    [
        ({"currentCategory": "Rare", "currentPercentage": 3.1}, 3.1),
        ({"currentCategory": "Rare", "currentPercentage": "3.1"}, 3.1),
        ({"currentCategory": "Rare", "currentPercentage": 3.14159}, 3.14),
        ({"currentCategory": "Rare", "currentPercentage": 0}, 0),
        ({"currentCategory": "Unset", "currentPercentage": 0.0}, None),
        ({"currentCategory": "Common", "currentPercentage": 101}, None),
        ({"currentCategory": "Common", "currentPercentage": None}, None),
        (None, None),
    ],
)
def test_rarity_is_unknown_unless_it_is_a_percentage(
    server: RunningServer, rarity: Any, percent: float | None
) -> None:
    found = fetch_only(server, rarity=rarity)["rarity"]

    assert (found and found["percent"]) == percent


def test_an_achievement_with_a_reward_and_without_points_or_rarity(server: RunningServer) -> None:
    found = fetch_achievements(server)["8"]

    assert (found["earned"], found["earnedAt"]) == (True, None)
    assert (found["points"], found["rarity"]) == (None, None)
    assert found["reward"] == {
        "name": "Captain's Coat",
        "image": {"url": "https://images-eds-ssl.xboxlive.com/image?url=1700000001-8-reward"},
    }


def test_a_challenge_keeps_the_upstreams_word(server: RunningServer) -> None:
    found = fetch_achievements(server, LEDGER)["40"]

    assert (found["trigger"], found["rawTrigger"]) == ("GAMEPLAY", "Challenge")


def test_an_untouched_title_has_only_locked_ones(server: RunningServer) -> None:
    found = fetch_title(server, WHOLE, ORCHARD)

    assert [each["earned"] for each in found["achievements"]] == [False] * 6
    assert (found["earnedCount"], found["achievementCount"]) == (0, 6)


def test_a_title_of_xbox_360_is_joined_of_two_calls(server: RunningServer) -> None:
    with count_calls(server) as calls:
        found = fetch_achievements(server, FERRY)

    assert calls == {LIST: 1, SET: 1, UNLOCKED: 1}
    assert {key: (each["earned"], each["earnedAt"]) for key, each in found.items()} == {
        "1": (True, "2011-11-11T11:11:11Z"),
        "2": (True, None),  # its time was never recorded
        "3": (True, "2011-11-19T19:19:19Z"),  # offline
        "4": (False, None),
        "5": (False, None),
        "6": (False, None),  # revoked
    }


def test_an_achievement_of_xbox_360(server: RunningServer) -> None:
    found = fetch_achievements(server, FERRY)["1"]

    assert found["points"] == {"value": 20, "unit": "GAMERSCORE", "weighted": None}
    assert found["description"] == "You left the pier."
    assert found["rarity"] == {"percent": 80.1, "band": "COMMON", "earners": None}
    assert found["progress"] is None
    assert found["icon"] == {
        "url": "https://image-ssl.xboxlive.com/global/t.4ce3ed81/ach/0/b".replace(
            "4ce3ed81", f"{int(FERRY):x}"
        ),
        "lockedUrl": None,
    }


def test_a_locked_secret_of_xbox_360_is_masked(server: RunningServer) -> None:
    masked = fetch_achievements(server, FERRY)["4"]

    assert (masked["hidden"], masked["name"], masked["description"]) == (True, None, None)


def test_an_untouched_title_of_xbox_360_takes_one_call(server: RunningServer) -> None:
    with count_calls(server) as calls:
        found = fetch_achievements(server, MOONS)

    assert calls == {LIST: 1, SET: 1}
    assert [each["earned"] for each in found.values()] == [False, False]


def test_the_set_of_xbox_360_is_loaded_once_for_all_players(server: RunningServer) -> None:
    fetch_achievements(server, FERRY)

    with count_calls(server) as calls:
        fetch_user(
            server,
            f'trophyTitle(source: XBOX, nativeId: "{FERRY}") {{ achievements {{ earned }} }}',
            "Second Sam#4821",
        )

    assert calls[SET] == 0
    assert calls[UNLOCKED] == 1


@pytest.mark.parametrize(
    ("path", "title_id"),
    [
        (f"{VEGA}/(title/)?{SKYLARK}|title/{SKYLARK}", SKYLARK),
        (f"x360.*{FERRY}", FERRY),
        (f"player/{VEGA}/title/{FERRY}", FERRY),
    ],
)
def test_an_empty_answer_where_the_list_counts_some_is_a_failure(path: str, title_id: str) -> None:
    empty: Any = {"achievements": [], "pagingInfo": {"continuationToken": None, "totalRecords": 0}}
    with run_xbox() as server:
        server.inject_fault(path, status=200, body={"content": empty, "code": 200})
        response = query_user(
            server,
            f'trophyTitle(source: XBOX, nativeId: "{title_id}") {{ achievements {{ earned }} }}',
        )

    assert response.body["data"]["user"]["trophyTitle"] is None
    assert response.error_codes == {"UPSTREAM_BAD_RESPONSE"}


def test_a_title_of_unknown_generation_is_asked_for_both_ways(server: RunningServer) -> None:
    title = {
        "titleId": FERRY,
        "name": "Ironclad Ferry",
        "mediaItemType": "Something",
        "devices": ["XboxOne"],
        "achievement": {"currentAchievements": 3, "totalAchievements": 6, "totalGamerscore": 200},
    }
    body = {"content": {"titles": [title]}, "code": 200}
    server.inject_fault(f"achievements/player/{VEGA}\\?", status=200, body=body)

    assert len(fetch_achievements(server, FERRY)) == 6


def test_contents_are_kept_until_the_list_shows_a_change(server: RunningServer) -> None:
    fetch_achievements(server)
    with count_calls(server) as calls:
        query_user(
            server,
            f'trophyTitle(source: XBOX, nativeId: "{SKYLARK}") {{ achievements {{ earned }} }}',
            VEGA,
            **NO_CACHE_HEADERS,
        )
    assert calls == {LIST: 1}

    server.xbox.unlock(VEGA, int(SKYLARK), "3")
    with count_calls(server) as calls:
        response = query_user(
            server,
            f'trophyTitle(source: XBOX, nativeId: "{SKYLARK}") {{ achievements {{ earned }} }}',
            VEGA,
            **NO_CACHE_HEADERS,
        )
    assert calls == {LIST: 1, MODERN: 1}
    earned = response.data["user"]["trophyTitle"]["achievements"]
    assert sum(each["earned"] for each in earned) == 4


def test_a_title_without_a_player(server: RunningServer) -> None:
    query = """{ trophyTitle(source: XBOX, nativeId: "%s") { name achievementCount earnedCount
      achievements { nativeId name description earned earnedAt progress { current } hidden } } }"""
    with count_calls(server) as calls:
        found = server.fetch_data(query % SKYLARK)["trophyTitle"]
    assert calls == {"account": 1, MODERN: 1}
    assert (found["name"], found["achievementCount"]) == ("Skylark Station", 8)
    assert found["earnedCount"] is None
    states = {
        (each["earned"], each["earnedAt"], each["progress"]) for each in found["achievements"]
    }
    assert states == {(None, None, None)}
    assert found["achievements"][0]["description"] == "Light the lamp."
    assert found["achievements"][5]["name"] is None

    with count_calls(server) as calls:
        found = server.fetch_data(query % FERRY)["trophyTitle"]
    assert calls == {MODERN: 1, SET: 1}
    assert (found["achievementCount"], found["earnedCount"]) == (6, None)
    assert server.fetch_data(query % "4000000000") == {"trophyTitle": None}


def test_a_title_that_was_not_played_is_null(server: RunningServer) -> None:
    assert fetch_title(server, "name achievements { name }", "4000000000") is None


def test_the_rarest_achievements_are_among_the_earned(server: RunningServer) -> None:
    found = fetch_title(server, "rarestAchievements { nativeId rarity { percent } }", LEDGER)

    assert found["rarestAchievements"] == [{"nativeId": "35", "rarity": {"percent": 12.5}}]


def test_invalid_rows_are_left_out_and_the_others_stay(server: RunningServer) -> None:
    rows = [{"id": "1", "progressState": "Achieved"}, {"name": "no id"}, 7, {"id": 2}]
    body = {"content": {"achievements": rows}, "code": 200}
    server.inject_fault(f"{VEGA}/{SKYLARK}", status=200, body=body)

    found = fetch_achievements(server)

    assert {key: each["earned"] for key, each in found.items()} == {"1": True, "2": None}
