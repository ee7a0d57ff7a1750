"""The timeline, which loads the titles that may contain one of the next entries and no others."""

from collections.abc import Iterator
from typing import Any

from providers.psn.sandbox.constants import OWNER_ACCOUNT_ID
from tests.benchmarks.cache_expiry import expire_title_list
from tests.benchmarks.call_benchmark import Benchmark, start_benchmark
from tests.benchmarks.queries import (
    OWNER_VARIABLES,
    PSN_ACCOUNT,
    build_timeline_query,
    build_titles_query,
)
from tests.benchmarks.result_table import Row
from tests.benchmarks.sandbox_data import (
    EARNED_IDS,
    GRADES,
    add_psn_titles,
    add_retro_player,
    count_titles_of_first,
    count_titles_to_open,
)
from tests.benchmarks.title_cases import TITLE_COUNTS, format_title_count

PAGE_SIZE = 20
BARE_FIELDS = "nativeId earned earnedAt"
NAMED_FIELDS = f"{BARE_FIELDS} name grade title {{ nativeId name }}"
RETRO_HANDLE = "Weaver"
ALL_SOURCES: list[dict[str, Any]] = [
    PSN_ACCOUNT,
    {"source": "RETRO_ACHIEVEMENTS", "handle": RETRO_HANDLE},
    {"source": "TROPHY_SO", "handle": "vega"},
]
ROUNDS_EXPLANATION = (
    "the next titles are known only when those before are loaded: fewer calls, more rounds"
)


def _add_titles(benchmark: Benchmark, many: int) -> None:
    add_psn_titles(benchmark.server.psn, OWNER_ACCOUNT_ID, many)


def _count_titles_to_open(benchmark: Benchmark, first: int) -> int:
    return count_titles_to_open(benchmark.server.psn.database, OWNER_ACCOUNT_ID, first)


def measure_earned() -> Iterator[Row]:
    """Measure pages of earned trophies on PlayStation Network."""
    for many in TITLE_COUNTS:
        first = min(PAGE_SIZE, len(EARNED_IDS) * many)
        name = f"timeline of {format_title_count(many)}"
        with start_benchmark() as benchmark:
            _add_titles(benchmark, many)
            with benchmark.measure() as measured:
                benchmark.server.fetch_data(
                    build_timeline_query(BARE_FIELDS), {**OWNER_VARIABLES, "first": first}
                )
            best = _count_titles_to_open(benchmark, first)
            yield Row.from_measurement(
                f"{name}: first {first}, bare", measured, 1 + best, 2, ROUNDS_EXPLANATION
            )
        with start_benchmark() as benchmark:
            _add_titles(benchmark, many)
            with benchmark.measure() as measured:
                page = benchmark.server.fetch_data(
                    build_timeline_query(NAMED_FIELDS), {**OWNER_VARIABLES, "first": first}
                )
            named = count_titles_of_first(benchmark.server.psn.database, OWNER_ACCOUNT_ID, first)
            calls = 1 + best + named
            yield Row.from_measurement(
                f"{name}: first {first}, named", measured, calls, 2, ROUNDS_EXPLANATION
            )
            with benchmark.measure() as measured:
                benchmark.server.fetch_data(
                    build_timeline_query(NAMED_FIELDS), {**OWNER_VARIABLES, "first": first}
                )
            yield Row.from_measurement(f"{name}: first {first} again", measured, 0, 0)
            expire_title_list(benchmark.server.services)
            with benchmark.measure() as measured:
                benchmark.server.fetch_data(
                    build_timeline_query(NAMED_FIELDS), {**OWNER_VARIABLES, "first": first}
                )
            yield Row.from_measurement(f"{name}: first {first}, list revalidated", measured, 1, 1)
            yield from _measure_second_page(benchmark, page, many, first)


def _measure_second_page(benchmark: Benchmark, page: Any, many: int, first: int) -> Iterator[Row]:
    info = page["user"]["achievements"]["pageInfo"]
    if not info["hasNextPage"]:
        return
    second = min(first, len(EARNED_IDS) * many - first)
    variables = {**OWNER_VARIABLES, "first": second, "after": info["endCursor"]}
    with benchmark.measure() as measured:
        benchmark.server.fetch_data(build_timeline_query(BARE_FIELDS), variables)
    best = _count_titles_to_open(benchmark, first + second) - _count_titles_to_open(
        benchmark, first
    )
    yield Row.from_measurement(
        f"timeline of {format_title_count(many)}: the next page",
        measured,
        best,
        1,
        ROUNDS_EXPLANATION,
    )


def measure_locked() -> Iterator[Row]:
    """Measure locked trophies: complete titles by last update."""
    each = len(GRADES) - len(EARNED_IDS)
    for first in (PAGE_SIZE, 21):
        with start_benchmark() as benchmark:
            _add_titles(benchmark, 1500)
            query = build_timeline_query("nativeId name", ", state: LOCKED")
            with benchmark.measure() as measured:
                benchmark.server.fetch_data(query, {**OWNER_VARIABLES, "first": first})
        calls = 1 + 2 * -(-first // each)
        yield Row.from_measurement(
            f"locked trophies of 1500 titles: first {first}", measured, calls, 2, ROUNDS_EXPLANATION
        )


def measure_sources() -> Iterator[Row]:
    """Measure several sources in one timeline."""
    accounts = {"accounts": ALL_SOURCES}
    with start_benchmark() as benchmark:
        _add_titles(benchmark, 100)
        add_retro_player(benchmark.server.retro, RETRO_HANDLE, 60)
        with benchmark.measure() as measured:
            benchmark.server.fetch_data(
                build_timeline_query(BARE_FIELDS, ", sources: [RETRO_ACHIEVEMENTS]"), accounts
            )
        yield Row.from_measurement(
            "timeline of three accounts: RetroAchievements alone", measured, 1, 1
        )
    with start_benchmark() as benchmark:
        _add_titles(benchmark, 100)
        add_retro_player(benchmark.server.retro, RETRO_HANDLE, 60)
        with benchmark.measure() as measured:
            benchmark.server.fetch_data(
                build_timeline_query(BARE_FIELDS, ", sources: [TROPHY_SO]"), accounts
            )
        yield Row.from_measurement("timeline of three accounts: Trophy.so alone", measured, 1, 1)
    with start_benchmark() as benchmark:
        _add_titles(benchmark, 100)
        add_retro_player(benchmark.server.retro, RETRO_HANDLE, 60)
        for order, best in (("LAST_UPDATED", 2), ("FEWEST_LEFT", 0)):
            with benchmark.measure() as measured:
                query = build_titles_query(
                    "name progress", f", orderBy: {order}, completion: IN_PROGRESS"
                )
                benchmark.server.fetch_data(query, accounts)
            name = f"titles of two sources by {order}, in progress"
            yield Row.from_measurement(name, measured, best, min(best, 1))
    with start_benchmark() as benchmark:
        _add_titles(benchmark, 100)
        add_retro_player(benchmark.server.retro, RETRO_HANDLE, 60)
        with benchmark.measure() as measured:
            benchmark.server.fetch_data(
                build_timeline_query(BARE_FIELDS, ", sources: [PSN]"), accounts
            )
        best = 1 + _count_titles_to_open(benchmark, PAGE_SIZE)
        yield Row.from_measurement(
            "timeline of three accounts: PlayStation alone", measured, best, 2, ROUNDS_EXPLANATION
        )
        with benchmark.measure() as measured:
            benchmark.server.fetch_data(
                build_timeline_query(BARE_FIELDS, ", revealHidden: true"), accounts
            )
        yield Row.from_measurement(
            "timeline of three accounts: the other two added", measured, 2, 1
        )
    with start_benchmark() as benchmark:
        _add_titles(benchmark, 1500)
        with benchmark.measure() as measured:
            benchmark.server.fetch_data(
                build_titles_query("name", ", orderBy: FEWEST_LEFT"), OWNER_VARIABLES
            )
        explanation = "only the first page of the list tells where the second begins"
        yield Row.from_measurement("1500 titles by FEWEST_LEFT", measured, 2, 1, explanation)
