"""RetroAchievements: progress of many games, unlock windows, and names."""

from collections.abc import Iterator
from math import ceil
from typing import Any

from providers.retroachievements.sandbox.models import SiteAward
from tests.benchmarks.call_benchmark import Benchmark, start_benchmark
from tests.benchmarks.queries import PAGE_INFO, build_timeline_query, build_titles_query
from tests.benchmarks.result_table import Row
from tests.benchmarks.sandbox_data import add_retro_player
from tests.harness import NO_CACHE_HEADERS

PLAYER = "Retro"
PLAYER_VARIABLES: dict[str, Any] = {
    "accounts": [{"source": "RETRO_ACHIEVEMENTS", "handle": PLAYER}]
}
UNLOCK_WINDOW_FIELDS = "nativeId name earnedAt title { nativeId name }"
ACCOUNT_QUERY = """query ($accounts: [AccountInput!]!) {
  user(accounts: $accounts) { accounts { %s } } }"""
AWARDS_QUERY = f"""
query ($accounts: [AccountInput!]!, $after: String) {{
  user(accounts: $accounts) {{
    one: awards(first: 100) {{ edges {{ node {{ title {{ earnedCount }} }} }} {PAGE_INFO} }}
    two: awards(first: 100, after: $after) {{ edges {{ node {{ title {{ earnedCount }} }} }} }}
  }}
}}"""
AWARDS_CURSOR_QUERY = f"""
query ($accounts: [AccountInput!]!) {{
  user(accounts: $accounts) {{ awards(first: 100) {{ {PAGE_INFO} }} }}
}}"""


def _add_player(
    benchmark: Benchmark, games: int, earned_per_game: int = 6, achievements_per_game: int = 8
) -> list[int]:
    return add_retro_player(
        benchmark.server.retro, PLAYER, games, earned_per_game, achievements_per_game
    )


def measure_progress() -> Iterator[Row]:
    """Measure an account's progress in many games: two hundred ids per call."""
    for games in (2, 100, 200):
        with start_benchmark() as benchmark:
            _add_player(benchmark, games, 8)
            after = benchmark.server.fetch_data(AWARDS_CURSOR_QUERY, PLAYER_VARIABLES)["user"][
                "awards"
            ]["pageInfo"]["endCursor"]
            with benchmark.measure() as measured:
                benchmark.server.fetch_data(AWARDS_QUERY, {**PLAYER_VARIABLES, "after": after})
        yield Row.from_measurement(f"progress of {games} games with awards", measured, 1, 1)


def measure_title_facts() -> Iterator[Row]:
    """Measure facts that a list of games lacks: points by 200 games, times of play by 50."""
    for name, selection, best, rounds in (
        ("highest award", "highestAward { kind }", 1, 1),
        ("points", "points { value } earnedPoints { value }", 1 + 1, 2),
        ("time of play", "lastPlayedAt", 1 + 2, 3),
        ("players", "population points { value }", 1 + 100, 2),
    ):
        with start_benchmark() as benchmark:
            _add_player(benchmark, 100)
            with benchmark.measure() as measured:
                benchmark.server.fetch_data(
                    build_titles_query(selection), {**PLAYER_VARIABLES, "first": 100}
                )
        yield Row.from_measurement(f"100 games of a list, with {name}", measured, best, rounds)


def measure_unlock_history() -> Iterator[Row]:
    """Measure the timeline: from unlock windows where the fields allow it, else from the games."""
    query = build_timeline_query(UNLOCK_WINDOW_FIELDS)
    with start_benchmark() as benchmark:
        _add_player(benchmark, 60)
        with benchmark.measure() as measured:
            benchmark.server.fetch_data(query, PLAYER_VARIABLES)
        yield Row.from_measurement("timeline of 360 unlocks: first page", measured, 1, 1)
        with benchmark.measure() as measured:
            benchmark.read_all_pages(query, PLAYER_VARIABLES)
        yield Row.from_measurement("timeline of 360 unlocks: all pages after it", measured, 0, 0)
    with start_benchmark() as benchmark:
        _add_player(benchmark, 60)
        with benchmark.measure() as measured:
            benchmark.server.fetch_data(
                build_timeline_query(UNLOCK_WINDOW_FIELDS + " rarity { percent }"), PLAYER_VARIABLES
            )
        yield Row.from_measurement(
            "timeline of 360 unlocks with rarity: first page", measured, 1 + 4, 2
        )
    with start_benchmark() as benchmark:
        _add_player(benchmark, 400)
        with benchmark.measure() as measured:
            benchmark.server.fetch_data(query, PLAYER_VARIABLES)
        explanation = "only a full window shows that there are more unlocks; cached for a month"
        yield Row.from_measurement(
            "timeline of 2400 unlocks: first page", measured, 2, 2, explanation
        )
        with benchmark.measure() as measured:
            benchmark.server.fetch_data(query, PLAYER_VARIABLES)
        yield Row.from_measurement("timeline of 2400 unlocks: first page again", measured, 0, 0)
        with benchmark.measure() as measured:
            benchmark.server.fetch_data(query, PLAYER_VARIABLES, NO_CACHE_HEADERS)
        yield Row.from_measurement(
            "timeline of 2400 unlocks: first page with no-cache", measured, 2, 2
        )
        with benchmark.measure() as measured:
            benchmark.read_all_pages(query, {**PLAYER_VARIABLES, "first": 100})
        best = ceil(2400 / 498) - 1
        explanation = "a window ends between games, so it holds a few rows less than a response"
        yield Row.from_measurement(
            "timeline of 2400 unlocks: all pages after it", measured, best, best, explanation
        )
    with start_benchmark() as benchmark:
        _add_player(benchmark, 400)
        since = build_timeline_query(UNLOCK_WINDOW_FIELDS, 'since: "2026-09-24T00:00:00Z"')
        with benchmark.measure() as measured:
            benchmark.read_all_pages(since, {**PLAYER_VARIABLES, "first": 100})
        yield Row.from_measurement(
            "timeline of 2400 unlocks: all pages of the last week", measured, 1, 1
        )


def measure_names() -> Iterator[Row]:
    """Measure lookups by name: the given name is sent as it is."""
    for name, selected, best in (
        ("handle", "handle", 0),
        ("id", "id", 1),
        ("ULID", "... on RetroAchievementsAccount { ulid }", 1),
        ("rank", "... on RetroAchievementsAccount { rank { position } }", 1),
    ):
        with start_benchmark() as benchmark:
            _add_player(benchmark, 1)
            with benchmark.measure() as measured:
                benchmark.server.fetch_data(ACCOUNT_QUERY % selected, PLAYER_VARIABLES)
        yield Row.from_measurement(f"an account's {name}", measured, best, best)
    with start_benchmark() as benchmark:
        _add_player(benchmark, 20)
        with benchmark.measure() as measured:
            benchmark.server.fetch_data(
                build_titles_query("id name achievements { id name earned }"), PLAYER_VARIABLES
            )
        # The ULID in the ids, the list of games, and each game.
        yield Row.from_measurement("20 games with achievements, by name", measured, 2 + 20, 3)


def measure_site_awards() -> Iterator[Row]:
    """Measure awards: one response holds all of them."""
    with start_benchmark() as benchmark:
        _add_player(benchmark, 1)
        member = benchmark.server.retro.database.find_member(PLAYER)
        assert member is not None
        when = next(iter(member.unlocks.values())).earned_at
        member.site_awards += [
            SiteAward("Patreon Supporter", when, number, 0, number) for number in range(300)
        ]
        query = f"""query ($accounts: [AccountInput!]!, $first: Int! = 100, $after: String) {{
          user(accounts: $accounts) {{
            awards(first: $first, after: $after) {{ edges {{ node {{ kind }} }} {PAGE_INFO} }}
          }} }}"""
        with benchmark.measure() as measured:
            benchmark.read_all_pages(query, PLAYER_VARIABLES)
        yield Row.from_measurement("300 site awards", measured, 1, 1)


def measure_award_titles() -> Iterator[Row]:
    """Measure the titles of awards: their own rows have name, icon and platforms."""
    query = """query ($accounts: [AccountInput!]!) { user(accounts: $accounts) {
      awards(first: 100) { edges { node { title { %s } } } } } }"""
    for name, fields, calls in (
        ("nativeId, name, icon and platforms", "nativeId name icon { url } platforms", 1),
        ("earnedCount, which the games have", "earnedCount", 2),
    ):
        with start_benchmark() as benchmark:
            _add_player(benchmark, 20, 8)
            with benchmark.measure() as measured:
                benchmark.server.fetch_data(query % fields, PLAYER_VARIABLES)
        yield Row.from_measurement(f"20 awards with their titles: {name}", measured, calls, calls)


def measure_achievement_of_the_week() -> Iterator[Row]:
    """Measure the achievement of the week, alone and with its title."""
    for name, fields, best in (
        ("alone", "achievement { name points { value } } title { name }", 1),
        ("with its title's icon", "achievement { name } title { name icon { url } }", 2),
    ):
        with start_benchmark() as benchmark, benchmark.measure() as measured:
            benchmark.server.fetch_data(f"{{ achievementOfTheWeek {{ {fields} }} }}")
        yield Row.from_measurement(f"achievement of the week {name}", measured, best, best)


def measure_follows() -> Iterator[Row]:
    """Measure what the viewer's own account is shown: follows, and wanted titles."""
    for name, fields, best, rounds in (
        ("follows", "following { edges { node { displayName points isMutual } } }", 1, 1),
        ("follows with two profiles", "following { edges { node { account { motto } } } }", 3, 2),
        ("wanted titles", "wantToPlay { edges { node { title { name icon { url } } } } }", 1, 1),
        (
            "wanted titles with progress",
            "wantToPlay { edges { node { title { progress } } } }",
            2,
            2,
        ),
    ):
        query = f"{{ viewer {{ accounts {{ ... on RetroAchievementsAccount {{ {fields} }} }} }} }}"
        with start_benchmark() as benchmark, benchmark.measure() as measured:
            benchmark.server.fetch_data(query)
        yield Row.from_measurement(f"the viewer's {name}", measured, best, rounds)


def measure_leaderboards() -> Iterator[Row]:
    """Measure the leaderboards of a title: one call for them, one for all of a player's places."""
    query = """{ trophyTitle(source: RETRO_ACHIEVEMENTS, nativeId: "640") {
      leaderboards { edges { node { name topEntry { score } } } } } }"""
    with start_benchmark() as benchmark, benchmark.measure() as measured:
        benchmark.server.fetch_data(query)
    yield Row.from_measurement("leaderboards of a title", measured, 2, 2)
    query = """{ viewer { trophyTitles(first: 10, sources: [RETRO_ACHIEVEMENTS]) { edges { node {
      leaderboards { edges { node { name entry { rank } } } } } } } } }"""
    with start_benchmark() as benchmark, benchmark.measure() as measured:
        benchmark.server.fetch_data(query)
    # The list, the leaderboards of nine titles, and the places in the two that have any.
    yield Row.from_measurement("places on the leaderboards of 9 titles", measured, 1 + 9 + 2, 3)
