"""Titles and their contents: not cached, partly cached, revalidated, and within max-age."""

from collections.abc import Iterator
from math import ceil

from providers.psn.sandbox.constants import OWNER_ACCOUNT_ID, SECOND_ACCOUNT_ID
from tests.benchmarks.cache_expiry import LIST_PAGE, expire_title_list
from tests.benchmarks.call_benchmark import Benchmark, Measurement, start_benchmark
from tests.benchmarks.queries import (
    ALL_TITLE_FIELDS,
    OWNER_VARIABLES,
    PSN_ACCOUNT,
    TITLE_FIELDS,
    USER_ID_QUERY,
    build_titles_query,
)
from tests.benchmarks.result_table import Row
from tests.benchmarks.sandbox_data import NOW, add_psn_titles
from tests.harness import NO_CACHE_HEADERS

TITLE_COUNTS = (1, 20, 100, 1500)
PAGE_SIZE = 100
ME_VARIABLES = {"accounts": [{"source": "PSN", "handle": "me"}]}
ONLINE_ID_VARIABLES = {"accounts": [{"source": "PSN", "handle": "vega_north"}]}

SELECTIONS = (
    ("trophies' earned state", "achievements { nativeId earned earnedAt }", 1),
    ("trophies' names, hidden ones revealed", "achievements(revealHidden: true) { name }", 1),
    ("trophies' names, hidden ones masked", "achievements { name }", 2),
    ("trophies' rarity", "achievements { rarity { percent } }", 1),
    ("groups' names", "groups { name }", 1),
    ("groups' names and progress", "groups { name progress }", 2),
    ("groups' names, trophies' names and state", ALL_TITLE_FIELDS, 3),
)


def format_title_count(count: int) -> str:
    """Format a number of titles."""
    return f"{count} title" if count == 1 else f"{count} titles"


def count_list_calls(count: int) -> int:
    """Return the calls for so many rows of a title list."""
    return ceil(count / LIST_PAGE)


def count_operations(count: int) -> int:
    """Return the operations for so many titles."""
    return ceil(count / PAGE_SIZE)


def measure_all_pages(benchmark: Benchmark, query: str) -> Measurement:
    """Measure reading all of the owner's titles."""
    with benchmark.measure() as measured:
        benchmark.read_all_pages(query, OWNER_VARIABLES)
    return measured


def measure_by_title_count() -> Iterator[Row]:
    """Measure costs that grow with the number of titles, and those that do not."""
    for many in TITLE_COUNTS:
        yield from _measure_title_count(many)


def _measure_title_count(many: int) -> Iterator[Row]:
    name, query, pages = (
        format_title_count(many),
        build_titles_query(ALL_TITLE_FIELDS),
        count_operations(many),
    )
    with start_benchmark() as benchmark:
        add_psn_titles(benchmark.server.psn, OWNER_ACCOUNT_ID, many)
        with benchmark.measure() as measured:
            benchmark.server.fetch_data(USER_ID_QUERY, OWNER_VARIABLES)
        yield Row.from_measurement(f"{name}: user's id", measured, 0, 0)
        measured = measure_all_pages(benchmark, build_titles_query(TITLE_FIELDS))
        yield Row.from_measurement(
            f"{name}: title list only", measured, count_list_calls(many), count_list_calls(many)
        )
    with start_benchmark() as benchmark:
        add_psn_titles(benchmark.server.psn, OWNER_ACCOUNT_ID, many)
        measured = measure_all_pages(benchmark, query)
        yield Row.from_measurement(
            f"{name}: complete, nothing cached",
            measured,
            count_list_calls(many) + 3 * many,
            count_list_calls(many) + pages,
        )
        yield Row.from_measurement(
            f"{name}: complete, within the list's max-age",
            measure_all_pages(benchmark, query),
            0,
            0,
        )
        expire_title_list(benchmark.server.services)
        measured = measure_all_pages(benchmark, query)
        yield Row.from_measurement(
            f"{name}: complete, list revalidated, unchanged",
            measured,
            count_list_calls(many),
            count_list_calls(many),
        )
        yield from _measure_bypassing_cache(benchmark, many)
        expire_title_list(benchmark.server.services)
        when = NOW.replace(month=11).strftime("%Y-%m-%dT%H:%M:%SZ")
        last = f"NPWR{20_000 + many - 1}_00"
        benchmark.server.psn.unlock(OWNER_ACCOUNT_ID, last, 1, when)
        measured = measure_all_pages(benchmark, query)
        best = count_list_calls(many) + 1
        yield Row.from_measurement(
            f"{name}: complete, one more trophy earned", measured, best, count_list_calls(many) + 1
        )
    with start_benchmark() as benchmark:
        add_psn_titles(benchmark.server.psn, OWNER_ACCOUNT_ID, many)
        add_psn_titles(benchmark.server.psn, SECOND_ACCOUNT_ID, many)
        benchmark.read_all_pages(
            query, {"accounts": [{**PSN_ACCOUNT, "handle": SECOND_ACCOUNT_ID}]}
        )
        measured = measure_all_pages(benchmark, query)
        best = count_list_calls(many) + many
        yield Row.from_measurement(
            f"{name}: complete, definitions cached", measured, best, count_list_calls(many) + pages
        )


def _measure_bypassing_cache(benchmark: Benchmark, many: int) -> Iterator[Row]:
    with benchmark.measure() as measured:
        benchmark.server.fetch_data(
            build_titles_query(ALL_TITLE_FIELDS), OWNER_VARIABLES, NO_CACHE_HEADERS
        )
    yield Row.from_measurement(
        f"{format_title_count(many)}: complete, one page with no-cache, unchanged",
        measured,
        1 + 3 * min(many, PAGE_SIZE),
        2,
    )


def measure_by_selection() -> Iterator[Row]:
    """Measure selections: only the calls that the selected fields need."""
    for name, selected, calls_per_title in SELECTIONS:
        with start_benchmark() as benchmark:
            add_psn_titles(benchmark.server.psn, OWNER_ACCOUNT_ID, 20)
            measured = measure_all_pages(benchmark, build_titles_query(selected))
        yield Row.from_measurement(f"20 titles: {name}", measured, 1 + 20 * calls_per_title, 2)


def measure_by_handle() -> Iterator[Row]:
    """Measure what a handle other than the account id costs in addition, the first time."""
    number = "the list is loaded by account id, which is cached for a week"
    for name, variables, selected, best, explanation in (
        ("`me`, no id selected", ME_VARIABLES, "name", (1, 1), ""),
        (
            "`me`, ids selected, which contain the account id",
            ME_VARIABLES,
            "id name",
            (2, 1),
            number,
        ),
        (
            "an online id, which a profile resolves to an account id",
            ONLINE_ID_VARIABLES,
            "name",
            (2, 2),
            "",
        ),
    ):
        with start_benchmark() as benchmark:
            with benchmark.measure() as measured:
                benchmark.server.fetch_data(build_titles_query(selected), variables)
            yield Row.from_measurement(
                f"titles by {name}: nothing cached", measured, *best, explanation
            )
            expire_title_list(benchmark.server.services)
            with benchmark.measure() as measured:
                benchmark.server.fetch_data(build_titles_query(selected), variables)
            yield Row.from_measurement(f"titles by {name}: cached", measured, 1, 1)


# The title's service, `trophy2` or `trophy`, is known once one of them has answered.
SERVICE = "the title's service is found by the first call; known for a month"


def measure_single_title() -> Iterator[Row]:
    """Measure one title of a user: the list is loaded for what the title's own responses lack."""
    query = """query ($accounts: [AccountInput!]!) {
      user(accounts: $accounts) { trophyTitle(nativeId: "NPWR00001_00") { %s } } }"""
    for name, fields, calls in (
        ("its name, progress and groups' names", "name progress groups { name }", 2),
        ("its trophies' names and state", "achievements { name earned }", 2),
        ("its earned counts alone", "earnedCounts { total }", 1),
        ("its platforms alone", "platforms", 1),
    ):
        with start_benchmark() as benchmark, benchmark.measure() as measured:
            benchmark.server.fetch_data(query % fields, OWNER_VARIABLES)
        yield Row.from_measurement(f"one title of a user: {name}", measured, calls, 1, SERVICE)
