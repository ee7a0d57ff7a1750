"""Achievements of each source, with all their fields."""

from typing import Any

import pytest

from tests.harness import PSN_VEGA, RETRO_VEGA, TROPHY_VEGA, RunningServer, run_server

ACHIEVEMENT = """
    source nativeId key name description icon { url lockedUrl } hidden earned earnedAt unlockMode
    earnedAtSoftcore grade points { value unit weighted }
    rarity { percent band earners population hardcorePercent hardcoreEarners }
    progress { current target percent updatedAt } trigger rawTrigger kind
    triggerDetail { metricId metricName metricValue streakLength prerequisiteIds }
    reward { name image { url } }
    userAttributes { key value } eventAttributes { key value }
    group { nativeId } title { nativeId }
"""
TITLE_QUERY = f"""
query ($accounts: [AccountInput!]!, $source: Source!, $title: ID!) {{
  user(accounts: $accounts) {{
    trophyTitle(source: $source, nativeId: $title) {{
      achievements(revealHidden: true) {{ {ACHIEVEMENT} }}
    }}
  }}
}}
"""
UNTITLED_QUERY = f"""
query ($accounts: [AccountInput!]!) {{
  user(accounts: $accounts) {{
    achievements(first: 100, state: ALL) {{ edges {{ node {{ {ACHIEVEMENT} }} }} }}
  }}
}}
"""


def fetch_in_title(
    server: RunningServer, accounts: list[dict[str, str]], source: str, title: str, native_id: str
) -> dict[str, Any]:
    variables = {"accounts": accounts, "source": source, "title": title}
    found = server.fetch_data(TITLE_QUERY, variables)["user"]["trophyTitle"]["achievements"]
    return next(each for each in found if each["nativeId"] == native_id)


def fetch_untitled(server: RunningServer, handle: str) -> dict[str, dict[str, Any]]:
    accounts = [{"source": "TROPHY_SO", "handle": handle}]
    edges = server.fetch_data(UNTITLED_QUERY, {"accounts": accounts})["user"]["achievements"][
        "edges"
    ]
    return {edge["node"]["name"]: edge["node"] for edge in edges}


def drop_nulls(achievement: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in achievement.items() if value is not None}


def test_a_trophy_is_shown_with_its_counter(server: RunningServer) -> None:
    assert drop_nulls(fetch_in_title(server, PSN_VEGA, "PSN", "NPWR00001_00", "2")) == {
        "source": "PSN",
        "nativeId": "2",
        "name": "Nine Lanterns",
        "description": "Light nine lanterns.",
        "icon": {"url": "https://image.invalid/trophy/NPWR00001_00/2.png", "lockedUrl": None},
        "hidden": True,
        "earned": False,
        "grade": "BRONZE",
        "points": {"value": 15, "unit": "TROPHY_POINTS", "weighted": None},
        "rarity": {
            "percent": 61.5,
            "band": "COMMON",
            "earners": None,
            "population": None,
            "hardcorePercent": None,
            "hardcoreEarners": None,
        },
        "progress": {
            "current": 4,
            "target": 9,
            "percent": 44,
            "updatedAt": "2026-05-03T10:00:00Z",
        },
        "trigger": "GAMEPLAY",
        "group": {"nativeId": "default"},
        "title": {"nativeId": "NPWR00001_00"},
    }


def test_a_trophy_is_shown_with_its_reward(server: RunningServer) -> None:
    trophy = fetch_in_title(server, PSN_VEGA, "PSN", "NPWR00003_00", "2")

    assert trophy["reward"]["name"] == "Yellow Raincoat"
    assert trophy["reward"]["image"]["url"].startswith("https://image.invalid/trophy/")
    assert trophy["earned"] is True


@pytest.mark.parametrize(
    ("native_id", "mode", "earned_at", "softcore"),
    [
        ("73112", "HARDCORE", "2026-01-10T18:25:50Z", "2026-01-10T18:25:50Z"),
        ("73110", "SOFTCORE", "2026-01-18T12:25:50Z", "2026-01-18T12:25:50Z"),
        ("73106", "HARDCORE", "2026-02-05T01:25:50Z", "2026-02-03T00:25:50Z"),
        ("73103", None, None, None),
    ],
    ids=["hardcore", "softcore", "both", "locked"],
)
def test_an_achievement_has_its_unlock_mode_and_time(
    server: RunningServer,
    native_id: str,
    mode: str | None,
    earned_at: str | None,
    softcore: str | None,
) -> None:
    achievement = fetch_in_title(server, RETRO_VEGA, "RETRO_ACHIEVEMENTS", "731", native_id)

    assert achievement["earned"] is (mode is not None)
    assert achievement["unlockMode"] == mode
    assert (achievement["earnedAt"], achievement["earnedAtSoftcore"]) == (earned_at, softcore)


def test_the_rarity_of_a_retro_achievement_is_computed_from_its_counts(
    server: RunningServer,
) -> None:
    game = server.retro.database.games[101]
    item = game.achievements[0]

    achievement = fetch_in_title(server, RETRO_VEGA, "RETRO_ACHIEVEMENTS", "101", str(item.id))

    percent = 100 * item.earners / game.players
    assert achievement["rarity"] == {
        "percent": round(percent, 2),
        "band": "COMMON" if percent > 50 else "RARE",
        "earners": item.earners,
        "population": game.players,
        "hardcorePercent": round(100 * item.hardcore_earners / game.players, 2),
        "hardcoreEarners": item.hardcore_earners,
    }
    assert achievement["points"] == {
        "value": item.points,
        "unit": "RETRO_POINTS",
        "weighted": game.compute_true_ratio(item),
    }
    assert achievement["kind"] == "progression"
    assert achievement["trigger"] == "GAMEPLAY"
    assert achievement["icon"]["url"].startswith("https://media.retroachievements.org/Badge/")


def test_a_trigger_has_its_detail(server: RunningServer) -> None:
    found = fetch_untitled(server, "vega")

    triggers = {name: (each["trigger"], each["rawTrigger"]) for name, each in found.items()}
    assert triggers["Ten thousand notes"] == ("METRIC", "metric")
    assert triggers["A week"] == ("STREAK", "streak")
    assert triggers["Beta tester"] == ("API", "api")
    assert triggers["All-rounder"] == ("COMPOSITE", "achievement")
    assert triggers["Full moon"] == ("OTHER", "moon_phase")
    details = {
        name: drop_nulls(each["triggerDetail"])
        for name, each in found.items()
        if each["triggerDetail"]
    }
    assert details["Ten thousand notes"] == {
        "metricId": "00000001-3e72-4000-8000-000000000001",
        "metricName": "notes played",
        "metricValue": 10000,
    }
    assert details["A week"] == {"streakLength": 7}
    assert len(details["All-rounder"]["prerequisiteIds"]) == 4
    assert "Beta tester" not in details


def test_progress_compares_a_target_with_a_separate_count(server: RunningServer) -> None:
    progress = {name: each["progress"] for name, each in fetch_untitled(server, "vega").items()}

    def make_progress(current: float, target: float) -> dict[str, Any]:
        percent = pytest.approx(100 * current / target)
        return {"current": current, "target": target, "percent": percent, "updatedAt": None}

    assert progress["Ten thousand notes"] == make_progress(4200, 10000)
    assert progress["A hundred hours"] == make_progress(450.5, 6000)
    assert progress["A month"] == make_progress(12, 30)
    assert progress["A thousand notes"] == make_progress(1000, 1000)
    assert progress["For all to hear"] == make_progress(0, 1)
    assert progress["All-rounder"] == make_progress(2, 4)
    assert progress["Full moon"] is None


def test_attributes_of_users_and_events_are_shown(server: RunningServer) -> None:
    found = fetch_untitled(server, "vega")

    assert found["Night shift"]["userAttributes"] == [{"key": "plan", "value": "pro"}]
    assert found["Night shift"]["eventAttributes"] == [
        {"key": "daytime", "value": "evening"},
        {"key": "place", "value": "home"},
    ]
    assert found["Pianist"]["eventAttributes"] == [{"key": "instrument", "value": "piano"}]
    assert found["First notes"]["userAttributes"] == []
    assert found["Welcome"]["key"] == "completed-onboarding"


def test_the_published_sample_is_mapped_completely(server: RunningServer) -> None:
    found = fetch_untitled(server, "user-id")

    assert {name: (each["trigger"], each["earnedAt"]) for name, each in found.items()} == {
        "Completed Onboarding": ("API", "2021-01-01T00:00:00Z"),
        "Novice Writer": ("METRIC", "2021-02-01T00:00:00Z"),
        "3-Day Streak": ("STREAK", "2021-03-01T00:00:00Z"),
    }
    for each in found.values():
        assert each["rarity"]["percent"] == 50
        assert each["rarity"]["earners"] == 100
        assert each["title"] is each["group"] is None
        assert each["progress"]["percent"] == 100


def test_older_responses_without_empty_keys_map_to_the_same(server: RunningServer) -> None:
    newer = fetch_untitled(server, "vega")
    with run_server() as other:
        other.trophy_so.settings["old_form"] = True
        older = fetch_untitled(other, "vega")

    assert list(newer) == list(older)
    for name, achievement in older.items():
        for field in ("description", "earned", "earnedAt", "progress", "trigger", "rarity", "icon"):
            assert achievement[field] == newer[name][field]


def test_a_url_is_https_even_if_the_source_sends_http(server: RunningServer) -> None:
    assert fetch_untitled(server, "vega")["Beta tester"]["icon"]["url"] == (
        "https://badges.example/practice/beta.png"
    )


def test_a_player_of_trophy_so_has_no_titles(server: RunningServer) -> None:
    query = """
        query ($accounts: [AccountInput!]!) {
          user(accounts: $accounts) { trophyTitles { edges { cursor } sources { state } } }
        }
    """

    titles = server.fetch_data(query, {"accounts": TROPHY_VEGA})["user"]["trophyTitles"]

    assert (titles["edges"], titles["sources"]) == ([], [])
