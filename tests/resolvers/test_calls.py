"""What an answer costs: upstream calls, and how many of them wait for each other."""

from collections.abc import Iterator
from itertools import chain

import pytest

from providers.psn.sandbox.world import OWNER_ACCOUNT_ID, SECOND_ACCOUNT_ID
from tests.asking import FRESH
from tests.benchmarks import (
    alike_cases,
    people_cases,
    retro_cases,
    timeline_cases,
    title_cases,
)
from tests.benchmarks.counting import Counted, counted
from tests.benchmarks.forgetting import forget_list
from tests.benchmarks.questions import ID, OWNER, PSN, ROW, WHOLE, achievements, aliases, titles
from tests.benchmarks.row import Case, Row
from tests.benchmarks.worlds import opened, psn_titles, retro_player

FIRST = "NPWR20000_00"
MANY = 20
COLD = 1 + 3 * MANY


@pytest.fixture
def at() -> Iterator[Counted]:
    """A fresh server whose owner has twenty titles."""
    with counted() as running:
        psn_titles(running.server.psn, OWNER_ACCOUNT_ID, MANY)
        yield running


def test_the_id_of_a_user_costs_nothing(at: Counted) -> None:
    with at.spending() as spent:
        at.server.data(ID, OWNER)

    assert spent.calls == 0


def test_titles_alone_are_one_call(at: Counted) -> None:
    with at.spending() as spent:
        at.server.data(titles(ROW), OWNER)

    assert (spent.calls, spent.rounds) == (1, 1)


def test_everything_in_titles_is_three_calls_for_each_and_two_rounds(at: Counted) -> None:
    with at.spending() as spent:
        at.server.data(titles(WHOLE), OWNER)

    assert (spent.calls, spent.rounds) == (COLD, 2)


def test_how_far_a_trophys_group_is_follows_from_the_trophies(at: Counted) -> None:
    query = titles("achievements { name earned group { name progress earnedCounts { total } } }")

    with at.spending() as spent:
        found = at.server.data(query, OWNER)

    assert (spent.calls, spent.rounds) == (COLD, 2)
    (connection,) = found["user"].values()
    trophies = [each for edge in connection["edges"] for each in edge["node"]["achievements"]]
    assert all(each["group"]["progress"] is not None for each in trophies)


def test_groups_are_not_asked_for_where_the_trophies_were(at: Counted) -> None:
    at.server.data(titles("achievements { name earned }"), OWNER)

    with at.spending() as spent:
        at.server.data(titles("groups { progress }"), OWNER)

    assert spent.calls == 0


def test_what_one_alias_reveals_is_not_asked_for_another(at: Counted) -> None:
    query = "one: achievements(revealHidden: true) { name } two: achievements { nativeId }"

    with at.spending() as spent:
        at.server.data(titles(query), OWNER)

    assert spent.calls == 1 + MANY


def test_a_count_of_what_is_earned_opens_no_title(at: Counted) -> None:
    query = """query ($accounts: [AccountInput!]!) { user(accounts: $accounts) {
      achievements { totalCount } } }"""

    with at.spending() as spent:
        found = at.server.data(query, {"accounts": OWNER["accounts"]})

    assert spent.calls == 1
    assert found["user"]["achievements"]["totalCount"] > 0


def test_within_the_lists_life_nothing_is_asked_again(at: Counted) -> None:
    at.server.data(titles(WHOLE), OWNER)

    with at.spending() as spent:
        at.server.data(titles(WHOLE), OWNER)

    assert spent.calls == 0


def test_a_list_that_has_not_changed_validates_everything_below_it(at: Counted) -> None:
    at.server.data(titles(WHOLE), OWNER)
    forget_list(at.server.services)

    with at.spending() as spent:
        at.server.data(titles(WHOLE), OWNER)

    assert (spent.calls, spent.rounds) == (1, 1)


def test_a_fresh_list_is_all_that_is_asked_for_when_nothing_has_changed(at: Counted) -> None:
    at.server.data(titles(WHOLE), OWNER)

    with at.spending() as spent:
        at.server.data(titles(WHOLE), OWNER, FRESH)

    assert (spent.calls, spent.rounds) == (1, 1)


def test_rarity_has_no_version_and_is_asked_for_afresh(at: Counted) -> None:
    query = titles("achievements { rarity { percent } }")
    at.server.data(query, OWNER)

    with at.spending() as spent:
        at.server.data(query, OWNER, FRESH)

    assert (spent.calls, spent.rounds) == (1 + MANY, 2)


def test_one_more_trophy_costs_the_list_and_its_own_title(at: Counted) -> None:
    at.server.data(titles(WHOLE), OWNER)
    forget_list(at.server.services)
    at.server.psn.unlock(OWNER_ACCOUNT_ID, "NPWR20007_00", 1, "2026-11-01T00:00:00Z")

    with at.spending() as spent:
        at.server.data(titles(WHOLE), OWNER)

    assert (spent.calls, spent.rounds) == (2, 2)


def test_another_account_pays_only_for_what_is_its_own(at: Counted) -> None:
    psn_titles(at.server.psn, SECOND_ACCOUNT_ID, MANY)
    at.server.data(titles(WHOLE), {"accounts": [{**PSN, "handle": SECOND_ACCOUNT_ID}]})

    with at.spending() as spent:
        at.server.data(titles(WHOLE), OWNER)

    assert (spent.calls, spent.rounds) == (1 + MANY, 2)


def test_a_title_list_of_fifteen_hundred_is_two_calls() -> None:
    with counted() as at:
        psn_titles(at.server.psn, OWNER_ACCOUNT_ID, 1500)
        with at.spending() as spent:
            edges = at.pages(titles("nativeId"), OWNER)

    assert (spent.calls, len(edges)) == (2, 1500)


def test_the_first_page_of_fifteen_hundred_titles_opens_a_handful() -> None:
    with counted() as at:
        psn_titles(at.server.psn, OWNER_ACCOUNT_ID, 1500)
        with at.spending() as spent:
            at.server.data(achievements("nativeId earnedAt"), {**OWNER, "first": 20})
        best = opened(at.server.psn.world, OWNER_ACCOUNT_ID, 20)

    assert spent.calls == 1 + best
    assert best < 12


def test_titles_that_are_sure_to_be_opened_are_opened_together(at: Counted) -> None:
    with at.spending() as spent:
        at.server.data(achievements("nativeId earnedAt"), {**OWNER, "first": 20})

    assert spent.calls == 10
    assert spent.rounds <= 3


def test_the_viewers_list_is_asked_for_beside_his_id(at: Counted) -> None:
    with at.spending() as spent:
        at.server.data(
            f"{{ viewer {{ trophyTitles(sources: [PSN]) {{ edges {{ node {{ {ROW} }} }} }} }} }}"
        )

    assert (spent.calls, spent.rounds) == (2, 1)


@pytest.mark.parametrize("skipped", ["id @skip(if: $no)", "... @skip(if: $no) { id }"])
def test_an_id_that_is_left_out_is_not_asked_for(at: Counted, skipped: str) -> None:
    listed = f"trophyTitles(sources: [PSN]) {{ edges {{ node {{ name {skipped} }} }} }}"

    with at.spending() as spent:
        at.server.data(f"query ($no: Boolean! = true) {{ viewer {{ {listed} }} }}")

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
def test_aliases_of_a_title_that_ask_for_different_parts_cost_what_one_would(
    at: Counted, first: str, second: str, calls: int
) -> None:
    title = f'trophyTitle(source: PSN, nativeId: "{FIRST}")'
    at.server.data(titles(ROW), OWNER)

    with at.spending() as spent:
        at.server.data(aliases([f"{title} {{ {first} }}", f"{title} {{ {second} }}"]), OWNER)

    assert (spent.calls, spent.rounds) == (calls, 1)


def test_sources_are_asked_side_by_side() -> None:
    for row in timeline_cases.sources():
        assert row.is_best or row.why, row


@pytest.mark.parametrize(
    "cases",
    [title_cases.by_selection, alike_cases.identical, alike_cases.failures, timeline_cases.left],
    ids=["selections", "identical reads", "partial failures", "what is left"],
)
def test_no_call_and_no_round_could_be_saved(cases: Case) -> None:
    assert [row for row in cases() if not row.is_best and not row.why] == []


@pytest.mark.parametrize(
    "cases",
    [people_cases.friends, people_cases.games, retro_cases.progress, retro_cases.names],
    ids=["friends", "played games", "progress of games", "names"],
)
def test_what_comes_in_batches_is_asked_for_in_batches(cases: Case) -> None:
    assert [row for row in cases() if not row.is_best] == []


RETRO = {"accounts": [{"source": "RETRO_ACHIEVEMENTS", "handle": "Retro"}], "after": None}
GAMES = "trophyTitles(first: 100) { edges { node { achievements { name earned } } } }"
UNLOCKS = "achievements(first: 20) { edges { node { name rarity { percent } } } }"


@pytest.mark.parametrize(
    "questions",
    [[GAMES + UNLOCKS], [GAMES, UNLOCKS], [UNLOCKS, GAMES]],
    ids=["at once", "games first", "unlocks first"],
)
def test_a_game_is_asked_for_once_whether_its_list_or_its_unlocks_lead_to_it(
    questions: list[str],
) -> None:
    with counted() as at, at.spending() as spent:
        retro_player(at.server.retro, "Retro", MANY, 6, 8)
        for question in questions:
            query = "query ($accounts: [AccountInput!]!) { user(accounts: $accounts) { %s } }"
            at.server.data(query % question, RETRO)

    assert spent.calls == 1 + 1 + MANY


def test_unlock_windows_are_asked_for_once() -> None:
    rows: list[Row] = list(chain(retro_cases.history(), retro_cases.site_awards()))

    assert [row for row in rows if not row.is_best and not row.why] == []
    assert all(row.calls <= row.best + 1 for row in rows)
