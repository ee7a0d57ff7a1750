"""The timeline of a period: what is in it, and that nothing older is opened."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import pytest

from providers.retroachievements.sandbox.models import Unlock
from tests.benchmarks.sandbox_data import NOW, add_retro_player
from tests.harness import (
    EVERYWHERE,
    NO_CACHE_HEADERS,
    PSN_VEGA,
    RETRO_VEGA,
    STEAM_VEGA,
    TROPHY_VEGA,
    XBOX_VEGA,
    RunningServer,
    run_server,
)
from tests.resolvers.paging import get_nodes

ENTRY = "source nativeId earnedAt"
QUERY = """query ($accounts: [AccountInput!]!, $first: Int!, $after: String, $since: DateTime,
    $until: DateTime) { user(accounts: $accounts) {
  achievements(first: $first, after: $after, since: $since, until: $until) {
    totalCount edges { cursor node { %s } } pageInfo { hasNextPage endCursor }
    sources { state } } } }"""
WEAVER = [{"source": "RETRO_ACHIEVEMENTS", "handle": "Weaver"}]
SPAN = "GET retroachievements.org/API/API_GetAchievementsEarnedBetween.php"


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    with run_server() as running:
        yield running


@pytest.fixture
def new_server() -> Iterator[RunningServer]:
    with run_server() as running:
        yield running


def fetch_pages(
    server: RunningServer,
    accounts: Sequence[Any],
    first: int = 100,
    entry: str = ENTRY,
    **when: Any,
) -> list[Any]:
    """Return all pages of the timeline of a period."""
    pages: list[Any] = []
    variables: dict[str, Any] = {"accounts": accounts, "first": first, **when}
    while not pages or pages[-1]["pageInfo"]["hasNextPage"]:
        user = server.fetch_data(QUERY % entry, variables)["user"]
        pages.append(user["achievements"])
        variables["after"] = pages[-1]["pageInfo"]["endCursor"]
    return pages


def fetch_entries(server: RunningServer, accounts: Sequence[Any], **options: Any) -> list[Any]:
    pages = fetch_pages(server, accounts, **options)
    return [node for page in pages for node in get_nodes(page["edges"])]


@pytest.mark.slow
@pytest.mark.parametrize("first", [3, 100])
@pytest.mark.parametrize(
    "accounts",
    [PSN_VEGA, RETRO_VEGA, TROPHY_VEGA, STEAM_VEGA, XBOX_VEGA, EVERYWHERE],
    ids=["PSN", "RetroAchievements", "Trophy.so", "Steam", "Xbox", "all"],
)
def test_a_period_has_exactly_what_was_earned_in_it(
    server: RunningServer, accounts: list[Any], first: int
) -> None:
    everything = fetch_entries(server, accounts)
    times = sorted({each["earnedAt"] for each in everything if each["earnedAt"]})
    middle, late = times[len(times) // 2], times[-2]

    for since, until in ((middle, late), (late, None), (None, middle), (middle, None)):
        found = fetch_entries(server, accounts, first=first, since=since, until=until)
        expected = [
            each
            for each in everything
            if each["earnedAt"] is not None
            and (since is None or each["earnedAt"] >= since)
            and (until is None or each["earnedAt"] < until)
        ]
        assert found == expected
        assert found


def test_the_first_moment_is_included_and_the_last_is_left_out(server: RunningServer) -> None:
    when = fetch_entries(server, PSN_VEGA)[5]["earnedAt"]

    since = fetch_entries(server, PSN_VEGA, since=when)
    until = fetch_entries(server, PSN_VEGA, until=when)

    assert since[-1]["earnedAt"] == when
    assert until[0]["earnedAt"] < when


def test_an_empty_period_has_nothing_and_opens_nothing(new_server: RunningServer) -> None:
    when = "2026-05-04T00:00:00Z"

    (page,) = fetch_pages(new_server, PSN_VEGA, since=when, until=when)

    assert (page["edges"], page["totalCount"]) == ([], None)
    assert page["sources"] == [{"state": "OK"}]
    assert new_server.count_upstream_calls()["PSN"] <= 2


def test_a_count_is_of_all_time_alone(server: RunningServer) -> None:
    (page,) = fetch_pages(server, TROPHY_VEGA)

    assert page["totalCount"] == len(page["edges"])
    assert fetch_pages(server, TROPHY_VEGA, since="2000-01-01T00:00:00Z")[0]["totalCount"] is None


def test_an_unlock_without_a_time_is_in_no_period(server: RunningServer) -> None:
    everything = fetch_entries(server, STEAM_VEGA)
    in_a_period = fetch_entries(server, STEAM_VEGA, since="1990-01-01T00:00:00Z")

    assert [each for each in everything if each["earnedAt"] is not None] == in_a_period
    assert len(in_a_period) < len(everything)


@pytest.mark.parametrize("state", ["LOCKED", "ALL"])
@pytest.mark.parametrize("argument", ["since", "until"])
def test_other_states_have_no_period(server: RunningServer, state: str, argument: str) -> None:
    query = f"""query ($accounts: [AccountInput!]!) {{ user(accounts: $accounts) {{ achievements(
      state: {state}, {argument}: "2026-01-01T00:00:00Z") {{ totalCount }} }} }}"""

    error = server.execute(query, {"accounts": PSN_VEGA}).error

    assert (error["code"], error["argument"]) == ("BAD_USER_INPUT", argument)
    null = query.replace('"2026-01-01T00:00:00Z"', "null")
    assert server.execute(null, {"accounts": PSN_VEGA}).errors == []


def test_a_cursor_continues_within_the_period(server: RunningServer) -> None:
    times = [each["earnedAt"] for each in fetch_entries(server, PSN_VEGA)]
    since, until = times[20], times[10]
    (newest,) = fetch_pages(server, PSN_VEGA, first=100)[:1]
    before, inside, behind = (newest["edges"][index]["cursor"] for index in (2, 14, 30))

    def count(after: str) -> list[Any]:
        variables = {"accounts": PSN_VEGA, "first": 100, "after": after}
        period = {"since": since, "until": until}
        user = server.fetch_data(QUERY % ENTRY, {**variables, **period})["user"]
        return get_nodes(user["achievements"]["edges"])

    everything = fetch_entries(server, PSN_VEGA, since=since, until=until)
    assert count(before) == everything
    assert count(behind) == []
    inside_node = newest["edges"][14]["node"]
    assert count(inside) == everything[everything.index(inside_node) + 1 :]


def test_no_title_is_opened_that_was_updated_before(new_server: RunningServer) -> None:
    newest = fetch_entries(new_server, PSN_VEGA)[0]["earnedAt"]
    with run_server() as other:
        entries = fetch_entries(other, PSN_VEGA, since=newest)

        assert entries[-1]["earnedAt"] == newest
        assert other.count_upstream_calls()["PSN"] <= 3


@pytest.mark.slow
def test_retroachievements_is_asked_for_the_period_alone(new_server: RunningServer) -> None:
    add_retro_player(new_server.retro, "Weaver", 400)
    since = (NOW - timedelta(days=10)).isoformat()

    entries = fetch_entries(new_server, WEAVER, first=2, since=since)

    assert entries
    assert new_server.retro.calls == {SPAN: 1}
    with_rarity = fetch_entries(new_server, WEAVER, since=since, entry=f"{ENTRY} rarity {{ band }}")
    assert [each["nativeId"] for each in with_rarity] == [each["nativeId"] for each in entries]


@pytest.mark.slow
def test_a_period_with_more_unlocks_than_a_response_holds_is_whole(
    new_server: RunningServer,
) -> None:
    add_retro_player(new_server.retro, "Weaver", 400)
    everything = fetch_entries(new_server, WEAVER)
    since, until = everything[1900]["earnedAt"], everything[100]["earnedAt"]
    new_server.retro.calls.clear()

    with run_server() as other:
        add_retro_player(other.retro, "Weaver", 400)
        found = fetch_entries(other, WEAVER, since=since, until=until)

        assert found == everything[101:1901]
        assert other.retro.calls[SPAN] <= 8


def test_an_unknown_account_is_not_found_in_a_period(new_server: RunningServer) -> None:
    accounts = [{"source": "RETRO_ACHIEVEMENTS", "handle": "Nobody"}]

    (page,) = fetch_pages(new_server, accounts, since="2026-01-01T00:00:00Z")

    assert (page["edges"], page["sources"]) == ([], [{"state": "NOT_FOUND"}])


def test_an_unlock_that_comes_meanwhile_is_in_its_period(new_server: RunningServer) -> None:
    since = "2026-01-01T00:00:00Z"
    before = fetch_entries(new_server, RETRO_VEGA, since=since)
    member = new_server.retro.database.find_member("VegaNorth")
    assert member is not None
    (locked,) = list(new_server.retro.list_locked("VegaNorth"))[:1]
    member.unlocks[int(locked.achievement)] = Unlock(NOW, NOW)
    variables = {"accounts": RETRO_VEGA, "first": 100, "since": since}

    after = new_server.fetch_data(QUERY % ENTRY, variables, NO_CACHE_HEADERS)["user"]

    assert len(after["achievements"]["edges"]) == len(before) + 1
