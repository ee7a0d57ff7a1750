"""Friends, and played games with their trophy sets."""

from collections.abc import Iterator
from math import ceil
from typing import Any

from providers.psn.sandbox.constants import OWNER_ACCOUNT_ID
from tests.benchmarks.call_benchmark import Benchmark, Measurement, start_benchmark
from tests.benchmarks.queries import OWNER_VARIABLES, build_account_query
from tests.benchmarks.result_table import Row
from tests.benchmarks.sandbox_data import add_psn_friends, add_psn_games

FRIEND_COUNTS = ((50, 50), (100, 100), (1200, 100))
GAME_COUNTS = ((5, 100), (100, 100), (450, 100))
FRIEND_LIST_PAGE, FRIEND_BATCH = 1000, 100
GAME_LIST_PAGE, GAME_BATCH = 200, 5
RECENTLY_PLAYED = """query ($accounts: [AccountInput!]!) { user(accounts: $accounts) {
  recentlyPlayed { edges { node { lastPlayedAt title { nativeId name } } } } } }"""


def _measure_all_pages(benchmark: Benchmark, query: str, field: str, first: int) -> Measurement:
    with benchmark.measure() as measured:
        after: str | None = None
        while True:
            variables: dict[str, Any] = {**OWNER_VARIABLES, "first": first, "after": after}
            (account,) = benchmark.server.fetch_data(query, variables)["user"]["accounts"]
            if not account[field]["pageInfo"]["hasNextPage"]:
                return measured
            after = account[field]["pageInfo"]["endCursor"]


def measure_friends() -> Iterator[Row]:
    """Measure friends: a list of ids, then profiles and presences by the hundred."""
    ids = build_account_query("PsnAccount", "friends", "source")
    whole = build_account_query("PsnAccount", "friends", "onlineId presence { onlineStatus }")
    for many, first in FRIEND_COUNTS:
        lists, batches = ceil(many / FRIEND_LIST_PAGE), ceil(many / FRIEND_BATCH)
        with start_benchmark() as benchmark:
            add_psn_friends(benchmark.server.psn, OWNER_ACCOUNT_ID, many)
            measured = _measure_all_pages(benchmark, ids, "friends", first)
            yield Row.from_measurement(f"{many} friends: ids", measured, lists, lists)
        with start_benchmark() as benchmark:
            add_psn_friends(benchmark.server.psn, OWNER_ACCOUNT_ID, many)
            measured = _measure_all_pages(benchmark, whole, "friends", first)
            best, rounds = lists + 2 * batches, lists + batches
            yield Row.from_measurement(
                f"{many} friends: profiles and presences", measured, best, rounds
            )


def measure_played_games() -> Iterator[Row]:
    """Measure played games: a list of builds, then their trophy sets by five."""
    alone = build_account_query("PsnAccount", "playedGames", "name")
    whole = build_account_query("PsnAccount", "playedGames", "name trophyTitles { name }")
    for many, first in GAME_COUNTS:
        lists, batches = ceil(many / GAME_LIST_PAGE), ceil(many / GAME_BATCH)
        with start_benchmark() as benchmark:
            add_psn_games(benchmark.server.psn, OWNER_ACCOUNT_ID, many)
            measured = _measure_all_pages(benchmark, alone, "playedGames", first)
            yield Row.from_measurement(f"{many} played games", measured, lists, lists)
        with start_benchmark() as benchmark:
            add_psn_games(benchmark.server.psn, OWNER_ACCOUNT_ID, many)
            measured = _measure_all_pages(benchmark, whole, "playedGames", first)
            best, rounds = lists + batches, lists + ceil(many / first)
            yield Row.from_measurement(
                f"{many} played games with their trophy sets", measured, best, rounds
            )


def measure_recently_played() -> Iterator[Row]:
    """Measure what was played lately: of the list of builds, those of a page by five."""
    with start_benchmark() as benchmark:
        add_psn_games(benchmark.server.psn, OWNER_ACCOUNT_ID, 100)
        with benchmark.measure() as measured:
            benchmark.server.fetch_data(RECENTLY_PLAYED, OWNER_VARIABLES)
        explanation = "one build more is looked up, which tells whether there is a next page"
        yield Row.from_measurement(
            "20 recently played of 100 games", measured, 1 + 20 // GAME_BATCH, 2, explanation
        )
