"""Identical concurrent reads, one title under many aliases, and failures that cost no call."""

from collections.abc import Iterator

from providers.psn.sandbox.constants import (
    FRIEND_ACCOUNT_ID,
    OWNER_ACCOUNT_ID,
    SECOND_ACCOUNT_ID,
)
from tests.benchmarks.call_benchmark import start_benchmark
from tests.benchmarks.queries import (
    ALL_TITLE_FIELDS,
    OWNER_VARIABLES,
    build_aliased_query,
    build_titles_query,
)
from tests.benchmarks.result_table import Row
from tests.benchmarks.sandbox_data import add_psn_games, add_psn_titles

TITLE_COUNT = 20
GAME_BATCH = 5
NO_HEADERS: dict[str, str] = {}
CALLS_PER_TITLE = 3
TITLE_SELECTOR = 'trophyTitle(nativeId: "NPWR20000_00")'
TITLE_FIELD = f"{TITLE_SELECTOR} {{ {ALL_TITLE_FIELDS} }}"
TITLES_FIELD = f"trophyTitles(first: {TITLE_COUNT}) {{ edges {{ node {{ {ALL_TITLE_FIELDS} }} }} }}"
GAMES_FIELD = f"""accounts {{ ... on PsnAccount {{ playedGames {{ edges {{ node {{
    trophyTitles {{ {ALL_TITLE_FIELDS} }} }} }} }} }} }}"""
SELECTIONS = (
    "{ name achievements { earned } }",
    "{ achievements(revealHidden: true) { name } }",
    "{ achievements(state: LOCKED) { name } }",
    "{ groups { name } }",
    "{ rarestAchievements { name rarity { percent } } }",
    f"{{ {ALL_TITLE_FIELDS} }}",
)
FAILURES = ((404, "is gone"), (403, "is private"), (500, "fails"))
FAILING_PATH = "users/[0-9]+/npCommunicationIds/NPWR20004_00/trophyGroups/all/trophies"


def measure_identical_reads() -> Iterator[Row]:
    """Measure identical concurrent reads, which cost as much as one."""
    best = 1 + CALLS_PER_TITLE * TITLE_COUNT
    with start_benchmark() as benchmark:
        add_psn_titles(benchmark.server.psn, OWNER_ACCOUNT_ID, TITLE_COUNT)
        with benchmark.measure() as measured:
            benchmark.server.execute_concurrently(
                build_titles_query(ALL_TITLE_FIELDS), [(OWNER_VARIABLES, NO_HEADERS)] * 30
            )
        yield Row.from_measurement(
            "the same 20 titles in 30 concurrent operations", measured, best, 2
        )
    with start_benchmark() as benchmark:
        add_psn_titles(benchmark.server.psn, OWNER_ACCOUNT_ID, TITLE_COUNT)
        with benchmark.measure() as measured:
            benchmark.server.fetch_data(build_aliased_query([TITLES_FIELD] * 30), OWNER_VARIABLES)
        yield Row.from_measurement("the same 20 titles under 30 aliases", measured, best, 2)
    with start_benchmark() as benchmark:
        add_psn_titles(benchmark.server.psn, OWNER_ACCOUNT_ID, TITLE_COUNT)
        with benchmark.measure() as measured:
            benchmark.server.fetch_data(build_aliased_query([TITLE_FIELD] * 30), OWNER_VARIABLES)
        yield Row.from_measurement("one title under 30 aliases", measured, CALLS_PER_TITLE, 2)
    with start_benchmark() as benchmark:
        add_psn_titles(benchmark.server.psn, OWNER_ACCOUNT_ID, TITLE_COUNT)
        with benchmark.measure() as measured:
            benchmark.server.fetch_data(
                build_aliased_query([f"{TITLE_SELECTOR} {way}" for way in SELECTIONS * 5]),
                OWNER_VARIABLES,
            )
        yield Row.from_measurement(
            "one title under 30 aliases with six selections", measured, CALLS_PER_TITLE, 2
        )
    yield _measure_players_of_a_title()
    with start_benchmark() as benchmark:
        add_psn_games(benchmark.server.psn, OWNER_ACCOUNT_ID, TITLE_COUNT)
        with benchmark.measure() as measured:
            benchmark.server.fetch_data(
                build_aliased_query([TITLES_FIELD, GAMES_FIELD]), OWNER_VARIABLES
            )
        games = 1 + TITLE_COUNT // GAME_BATCH
        yield Row.from_measurement(
            "20 titles in the title list and in 20 games", measured, best + games, 2
        )


def _measure_players_of_a_title() -> Row:
    players = (OWNER_ACCOUNT_ID, SECOND_ACCOUNT_ID, FRIEND_ACCOUNT_ID)
    fields = "achievements(revealHidden: true) { name earned earnedAt }"
    users = " ".join(
        f'u{number}: user(accounts: [{{ source: PSN, handle: "{player}" }}]) '
        f"{{ {TITLE_SELECTOR} {{ {fields} }} }}"
        for number, player in enumerate(players)
    )
    with start_benchmark() as benchmark:
        for player in players:
            add_psn_titles(benchmark.server.psn, player, TITLE_COUNT)
        with benchmark.measure() as measured:
            benchmark.server.fetch_data(f"{{ {users} }}")
    return Row.from_measurement("one title of three players", measured, 1 + len(players), 2)


def measure_failures() -> Iterator[Row]:
    """Measure titles whose trophies fail, which cost as much as the others."""
    for status, what in FAILURES:
        with start_benchmark() as benchmark:
            add_psn_titles(benchmark.server.psn, OWNER_ACCOUNT_ID, TITLE_COUNT)
            benchmark.fail(FAILING_PATH, status)
            with benchmark.measure() as measured:
                answer = benchmark.server.execute(
                    build_titles_query(ALL_TITLE_FIELDS), OWNER_VARIABLES
                )
            assert answer.errors, "nothing failed"
        name = f"20 titles of which one {what} ({status}), without retries"
        yield Row.from_measurement(name, measured, 1 + CALLS_PER_TITLE * TITLE_COUNT, 2)
