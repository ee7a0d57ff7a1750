"""The upstream calls that a response needs, and how many rounds of them follow each other."""

from collections.abc import Iterator
from itertools import chain

import pytest

from providers.psn.sandbox.constants import OWNER_ACCOUNT_ID, SECOND_ACCOUNT_ID
from tests.benchmarks import (
    coalescing_cases,
    people_cases,
    retroachievements_cases,
    timeline_cases,
    title_cases,
)
from tests.benchmarks.cache_expiry import expire_title_list
from tests.benchmarks.call_benchmark import Benchmark, start_benchmark
from tests.benchmarks.queries import (
    ALL_TITLE_FIELDS,
    OWNER_VARIABLES,
    PSN_ACCOUNT,
    TITLE_FIELDS,
    USER_ID_QUERY,
    build_aliased_query,
    build_timeline_query,
    build_titles_query,
)
from tests.benchmarks.result_table import Case, Row
from tests.benchmarks.sandbox_data import add_psn_titles, add_retro_player, count_titles_to_open
from tests.harness import NO_CACHE_HEADERS

FIRST_TITLE = "NPWR20000_00"
TITLE_COUNT = 20
COLD_CALLS = 1 + 3 * TITLE_COUNT


@pytest.fixture
def at() -> Iterator[Benchmark]:
    """A new server whose owner has twenty titles."""
    with start_benchmark() as running:
        add_psn_titles(running.server.psn, OWNER_ACCOUNT_ID, TITLE_COUNT)
        yield running


def test_the_id_of_a_user_costs_nothing(at: Benchmark) -> None:
    with at.measure() as spent:
        at.server.fetch_data(USER_ID_QUERY, OWNER_VARIABLES)

    assert spent.calls == 0


def test_titles_alone_are_one_call(at: Benchmark) -> None:
    with at.measure() as spent:
        at.server.fetch_data(build_titles_query(TITLE_FIELDS), OWNER_VARIABLES)

    assert (spent.calls, spent.rounds) == (1, 1)


@pytest.mark.slow
def test_all_contents_of_titles_cost_three_calls_each_in_two_rounds(at: Benchmark) -> None:
    with at.measure() as spent:
        at.server.fetch_data(build_titles_query(ALL_TITLE_FIELDS), OWNER_VARIABLES)

    assert (spent.calls, spent.rounds) == (COLD_CALLS, 2)


@pytest.mark.slow
def test_group_progress_is_derived_from_the_trophies(at: Benchmark) -> None:
    query = build_titles_query(
        "achievements { name earned group { name progress earnedCounts { total } } }"
    )

    with at.measure() as spent:
        found = at.server.fetch_data(query, OWNER_VARIABLES)

    assert (spent.calls, spent.rounds) == (COLD_CALLS, 2)
    (connection,) = found["user"].values()
    trophies = [each for edge in connection["edges"] for each in edge["node"]["achievements"]]
    assert all(each["group"]["progress"] is not None for each in trophies)


@pytest.mark.slow
def test_groups_are_not_loaded_where_the_trophies_were(at: Benchmark) -> None:
    at.server.fetch_data(build_titles_query("achievements { name earned }"), OWNER_VARIABLES)

    with at.measure() as spent:
        at.server.fetch_data(build_titles_query("groups { progress }"), OWNER_VARIABLES)

    assert spent.calls == 0


def test_revealing_in_one_alias_costs_nothing_for_another(at: Benchmark) -> None:
    query = "one: achievements(revealHidden: true) { name } two: achievements { nativeId }"

    with at.measure() as spent:
        at.server.fetch_data(build_titles_query(query), OWNER_VARIABLES)

    assert spent.calls == 1 + TITLE_COUNT


def test_a_count_of_earned_achievements_opens_no_title(at: Benchmark) -> None:
    query = """query ($accounts: [AccountInput!]!) { user(accounts: $accounts) {
      achievements { totalCount } } }"""

    with at.measure() as spent:
        found = at.server.fetch_data(query, {"accounts": OWNER_VARIABLES["accounts"]})

    assert spent.calls == 1
    assert found["user"]["achievements"]["totalCount"] > 0


@pytest.mark.slow
def test_within_the_max_age_of_the_list_nothing_is_loaded_again(at: Benchmark) -> None:
    at.server.fetch_data(build_titles_query(ALL_TITLE_FIELDS), OWNER_VARIABLES)

    with at.measure() as spent:
        at.server.fetch_data(build_titles_query(ALL_TITLE_FIELDS), OWNER_VARIABLES)

    assert spent.calls == 0


@pytest.mark.slow
def test_a_list_that_has_not_changed_validates_everything_below_it(at: Benchmark) -> None:
    at.server.fetch_data(build_titles_query(ALL_TITLE_FIELDS), OWNER_VARIABLES)
    expire_title_list(at.server.services)

    with at.measure() as spent:
        at.server.fetch_data(build_titles_query(ALL_TITLE_FIELDS), OWNER_VARIABLES)

    assert (spent.calls, spent.rounds) == (1, 1)


@pytest.mark.slow
def test_no_cache_reaches_everything_below_the_list(at: Benchmark) -> None:
    at.server.fetch_data(build_titles_query(ALL_TITLE_FIELDS), OWNER_VARIABLES)

    with at.measure() as spent:
        at.server.fetch_data(
            build_titles_query(ALL_TITLE_FIELDS), OWNER_VARIABLES, NO_CACHE_HEADERS
        )

    assert (spent.calls, spent.rounds) == (1 + 3 * TITLE_COUNT, 2)


@pytest.mark.slow
def test_no_cache_loads_rarity_again(at: Benchmark) -> None:
    query = build_titles_query("achievements { rarity { percent } }")
    at.server.fetch_data(query, OWNER_VARIABLES)

    with at.measure() as spent:
        at.server.fetch_data(query, OWNER_VARIABLES, NO_CACHE_HEADERS)

    assert (spent.calls, spent.rounds) == (1 + TITLE_COUNT, 2)


@pytest.mark.slow
def test_one_more_trophy_costs_the_list_and_its_own_title(at: Benchmark) -> None:
    at.server.fetch_data(build_titles_query(ALL_TITLE_FIELDS), OWNER_VARIABLES)
    expire_title_list(at.server.services)
    at.server.psn.unlock(OWNER_ACCOUNT_ID, "NPWR20007_00", 1, "2026-11-01T00:00:00Z")

    with at.measure() as spent:
        at.server.fetch_data(build_titles_query(ALL_TITLE_FIELDS), OWNER_VARIABLES)

    assert (spent.calls, spent.rounds) == (2, 2)


@pytest.mark.slow
def test_another_account_costs_only_its_own_data(at: Benchmark) -> None:
    add_psn_titles(at.server.psn, SECOND_ACCOUNT_ID, TITLE_COUNT)
    at.server.fetch_data(
        build_titles_query(ALL_TITLE_FIELDS),
        {"accounts": [{**PSN_ACCOUNT, "handle": SECOND_ACCOUNT_ID}]},
    )

    with at.measure() as spent:
        at.server.fetch_data(build_titles_query(ALL_TITLE_FIELDS), OWNER_VARIABLES)

    assert (spent.calls, spent.rounds) == (1 + TITLE_COUNT, 2)


@pytest.mark.slow
def test_a_title_list_of_fifteen_hundred_is_two_calls() -> None:
    with start_benchmark() as at:
        add_psn_titles(at.server.psn, OWNER_ACCOUNT_ID, 1500)
        with at.measure() as spent:
            edges = at.read_all_pages(build_titles_query("nativeId"), OWNER_VARIABLES)

    assert (spent.calls, len(edges)) == (2, 1500)


@pytest.mark.slow
def test_the_first_page_of_fifteen_hundred_titles_opens_a_handful() -> None:
    with start_benchmark() as at:
        add_psn_titles(at.server.psn, OWNER_ACCOUNT_ID, 1500)
        with at.measure() as spent:
            at.server.fetch_data(
                build_timeline_query("nativeId earnedAt"), {**OWNER_VARIABLES, "first": 20}
            )
        best = count_titles_to_open(at.server.psn.database, OWNER_ACCOUNT_ID, 20)

    assert spent.calls == 1 + best
    assert best < 12


def test_titles_certain_to_be_needed_are_prefetched_together(at: Benchmark) -> None:
    with at.measure() as spent:
        at.server.fetch_data(
            build_timeline_query("nativeId earnedAt"), {**OWNER_VARIABLES, "first": 20}
        )

    assert spent.calls == 10
    assert spent.rounds <= 3


def test_the_viewers_list_is_loaded_beside_the_account_id(at: Benchmark) -> None:
    with at.measure() as spent:
        at.server.fetch_data(
            f"{{ viewer {{ trophyTitles(sources: [PSN]) {{ edges {{ node {{ {TITLE_FIELDS} "
            "} } } } }"
        )

    assert (spent.calls, spent.rounds) == (2, 1)


@pytest.mark.parametrize("skipped", ["id @skip(if: $no)", "... @skip(if: $no) { id }"])
def test_an_id_that_is_not_selected_is_not_loaded(at: Benchmark, skipped: str) -> None:
    listed = f"trophyTitles(sources: [PSN]) {{ edges {{ node {{ name {skipped} }} }} }}"

    with at.measure() as spent:
        at.server.fetch_data(f"query ($no: Boolean! = true) {{ viewer {{ {listed} }} }}")

    assert spent.calls == 1


@pytest.mark.parametrize(
    ("first", "second", "calls"),
    [
        ("groups { name }", "groups { progress }", 2),
        ("groups { progress }", "achievements { name earned }", 2),
        ("groups { progress }", "groups { achievements { name rarity { percent } } }", 2),
        ("groups { title { achievements { name earned } } }", "name", 2),
    ],
)
def test_aliases_of_a_title_with_different_parts_cost_what_one_would(
    at: Benchmark, first: str, second: str, calls: int
) -> None:
    title = f'trophyTitle(source: PSN, nativeId: "{FIRST_TITLE}")'
    at.server.fetch_data(build_titles_query(TITLE_FIELDS), OWNER_VARIABLES)

    with at.measure() as spent:
        at.server.fetch_data(
            build_aliased_query([f"{title} {{ {first} }}", f"{title} {{ {second} }}"]),
            OWNER_VARIABLES,
        )

    assert (spent.calls, spent.rounds) == (calls, 1)


@pytest.mark.slow
def test_sources_are_called_concurrently() -> None:
    for row in timeline_cases.measure_sources():
        assert row.is_best or row.explanation, row


@pytest.mark.slow
@pytest.mark.parametrize(
    "cases",
    [
        title_cases.measure_by_selection,
        coalescing_cases.measure_identical_reads,
        coalescing_cases.measure_failures,
        timeline_cases.measure_locked,
    ],
    ids=["selections", "identical reads", "partial failures", "locked"],
)
def test_no_call_and_no_round_could_be_saved(cases: Case) -> None:
    assert [row for row in cases() if not row.is_best and not row.explanation] == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "cases",
    [
        people_cases.measure_friends,
        people_cases.measure_played_games,
        retroachievements_cases.measure_progress,
        retroachievements_cases.measure_title_facts,
        retroachievements_cases.measure_names,
    ],
    ids=["friends", "played games", "progress of games", "facts of games", "names"],
)
def test_batchable_calls_are_batched(cases: Case) -> None:
    assert [row for row in cases() if not row.is_best] == []


RETRO = {"accounts": [{"source": "RETRO_ACHIEVEMENTS", "handle": "Retro"}], "after": None}
GAMES = "trophyTitles(first: 100) { edges { node { achievements { name earned } } } }"
UNLOCKS = "achievements(first: 20) { edges { node { name rarity { percent } } } }"


@pytest.mark.slow
@pytest.mark.parametrize(
    "questions",
    [[GAMES + UNLOCKS], [GAMES, UNLOCKS], [UNLOCKS, GAMES]],
    ids=["at once", "games first", "unlocks first"],
)
def test_a_game_is_loaded_once_from_its_list_and_its_unlocks(
    questions: list[str],
) -> None:
    with start_benchmark() as at, at.measure() as spent:
        add_retro_player(at.server.retro, "Retro", TITLE_COUNT, 6, 8)
        for scenario in questions:
            query = "query ($accounts: [AccountInput!]!) { user(accounts: $accounts) { %s } }"
            at.server.fetch_data(query % scenario, RETRO)

    assert spent.calls == 1 + 1 + TITLE_COUNT


@pytest.mark.slow
def test_unlock_windows_are_loaded_once() -> None:
    rows: list[Row] = list(
        chain(
            retroachievements_cases.measure_unlock_history(),
            retroachievements_cases.measure_site_awards(),
        )
    )

    assert [row for row in rows if not row.is_best and not row.explanation] == []
    assert all(row.calls <= row.best_calls + 1 for row in rows)
