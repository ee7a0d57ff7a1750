"""What a person has played lately: one order over all sources, and no call more than it takes."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from providers.psn.sandbox.constants import OWNER_ACCOUNT_ID
from tests.benchmarks.sandbox_data import add_retro_player
from tests.harness import (
    EVERYWHERE,
    NO_CACHE_HEADERS,
    PSN_VEGA,
    RETRO_VEGA,
    STEAM_VEGA,
    XBOX_VEGA,
    RunningServer,
)
from tests.resolvers.paging import fetch_all_edges, fetch_connection, get_nodes

PLAYED = "title { source nativeId name } lastPlayedAt playDurationSeconds"
QUERY = """query ($accounts: [AccountInput!]!, $first: Int!, $after: String, $sources: [Source!]) {
  user(accounts: $accounts) {
    recentlyPlayed(first: $first, after: $after, sources: $sources) {
      totalCount edges { cursor node { %s } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      sources { source state } } } }"""


def fetch_page(
    server: RunningServer, accounts: Sequence[Any], selection: str = PLAYED, **variables: Any
) -> Any:
    variables = {"accounts": accounts, "first": 100, **variables}
    return fetch_connection(server, QUERY % selection, variables)


def fetch_nodes(server: RunningServer, accounts: Sequence[Any], selection: str = PLAYED) -> Any:
    return get_nodes(fetch_page(server, accounts, selection)["edges"])


def name_titles(nodes: Sequence[Any]) -> list[tuple[str, str]]:
    return [(each["title"]["source"], each["title"]["nativeId"]) for each in nodes]


@pytest.mark.slow
def test_titles_of_all_sources_are_in_the_order_of_play(server: RunningServer) -> None:
    page = fetch_page(server, EVERYWHERE)

    nodes = get_nodes(page["edges"])
    times = [each["lastPlayedAt"] or "" for each in nodes]
    assert times == sorted(times, reverse=True)
    assert times[-1] == ""  # a borrowed game, of which Steam does not tell it
    sources = ["PSN", "RETRO_ACHIEVEMENTS", "STEAM", "XBOX"]
    assert [each["source"] for each in page["sources"]] == sources
    assert {each["title"]["source"] for each in nodes} == set(sources)
    assert len(set(name_titles(nodes))) == len(nodes)


@pytest.mark.slow
@pytest.mark.parametrize("first", [1, 3, 20])
def test_pages_have_together_what_one_has(server: RunningServer, first: int) -> None:
    edges = fetch_all_edges(server, QUERY % PLAYED, {"accounts": EVERYWHERE, "first": first})

    assert get_nodes(edges) == fetch_nodes(server, EVERYWHERE)


def test_a_title_of_psn_is_found_by_its_build(server: RunningServer) -> None:
    nodes = fetch_nodes(server, PSN_VEGA)

    by_id = {each["title"]["nativeId"]: each for each in nodes}
    assert by_id["NPWR00001_00"]["playDurationSeconds"] == 333_736
    assert by_id["NPWR00001_00"]["lastPlayedAt"] == "2026-05-04T12:23:01.130000Z"
    played = server.psn.state.database.played_games[OWNER_ACCOUNT_ID]
    games = server.psn.state.database.games
    with_trophies = [each for each in played if games[each.np_title_id].trophy_set_ids]
    assert len(with_trophies) < len(played)
    assert len(nodes) <= len(with_trophies)


def test_only_the_builds_that_a_page_needs_are_looked_up(server: RunningServer) -> None:
    page = fetch_page(server, PSN_VEGA, first=4)

    assert len(page["edges"]) == 4
    assert server.count_upstream_calls()["PSN"] == 1 + 1
    assert page["pageInfo"]["hasNextPage"]


@pytest.mark.parametrize(
    ("accounts", "calls"), [(RETRO_VEGA, 1), (STEAM_VEGA, 4), (XBOX_VEGA, 1)], ids=str
)
def test_the_list_of_a_source_is_enough(
    server: RunningServer, accounts: list[Any], calls: int
) -> None:
    selection = "title { nativeId name icon { url } } lastPlayedAt"

    assert fetch_nodes(server, accounts, selection)
    # On Steam the library, what was borrowed, and whether that has achievements.
    assert sum(server.count_upstream_calls().values()) == calls


@pytest.mark.slow
def test_what_the_list_lacks_of_a_title_comes_from_the_list_of_titles(
    server: RunningServer,
) -> None:
    selection = "title { nativeId platforms setVersion lastUpdatedAt highestAward { kind } }"
    everything = fetch_nodes(server, [*PSN_VEGA, *RETRO_VEGA], selection)

    by_id = {each["title"]["nativeId"]: each["title"] for each in everything}
    assert by_id["NPWR00001_00"]["platforms"] == ["PS5", "PSPC"]
    assert by_id["NPWR00001_00"]["setVersion"]
    assert by_id["850"]["lastUpdatedAt"] == "2026-10-17T19:40:00Z"
    assert by_id["850"]["highestAward"] == {"kind": "BEATEN_HARDCORE"}
    assert server.count_upstream_calls()["RETRO_ACHIEVEMENTS"] == 2


@pytest.mark.slow
def test_the_title_has_its_times_of_play(server: RunningServer) -> None:
    selection = """lastPlayedAt playDurationSeconds
      title { lastPlayedAt playDurationSeconds achievements { earned } }"""

    nodes = fetch_nodes(server, [*PSN_VEGA, *STEAM_VEGA, *XBOX_VEGA], selection)

    names = ("lastPlayedAt", "playDurationSeconds")
    assert [[each[name] for name in names] for each in nodes] == [
        [each["title"][name] for name in names] for each in nodes
    ]
    assert all(each["title"]["achievements"] is not None for each in nodes)


@pytest.mark.slow
def test_a_source_says_what_runs(server: RunningServer) -> None:
    (game,) = server.psn.state.database.played_games[OWNER_ACCOUNT_ID][2:3]
    presence = {
        "availability": "availableToPlay",
        "primaryPlatformInfo": {"onlineStatus": "online", "platform": "PS5"},
        "gameTitleInfoList": [{"npTitleId": game.np_title_id, "titleName": "x"}],
    }
    server.inject_fault("basicPresences", status=200, body={"basicPresence": presence})

    nodes = fetch_nodes(server, EVERYWHERE, "title { source nativeId } running")

    running = {
        each["title"]["source"]: each["title"]["nativeId"] for each in nodes if each["running"]
    }
    assert running["STEAM"] == "4010"
    assert running["XBOX"] == "1700000001"
    assert running["PSN"] in server.psn.state.database.games[game.np_title_id].trophy_set_ids
    others = {each["running"] for each in nodes if each["title"]["source"] == "PSN"}
    assert others == {True, False}
    retro = {each["running"] for each in nodes if each["title"]["source"] == "RETRO_ACHIEVEMENTS"}
    assert retro == {None}


def test_a_presence_that_is_hidden_leaves_it_unknown(server: RunningServer) -> None:
    server.inject_fault("basicPresences", status=403, body={"error": {"code": 2286092}})

    nodes = fetch_nodes(server, PSN_VEGA, "running")

    assert {each["running"] for each in nodes} == {None}


@pytest.mark.slow
def test_a_count_is_known_where_every_source_counts(server: RunningServer) -> None:
    page = fetch_page(server, [*STEAM_VEGA, *XBOX_VEGA])

    assert page["totalCount"] == len(page["edges"])
    assert fetch_page(server, EVERYWHERE)["totalCount"] is None


@pytest.mark.slow
def test_a_source_that_fails_changes_its_status_alone(server: RunningServer) -> None:
    server.inject_fault("GetUserRecentlyPlayedGames", status=500)

    page = fetch_page(server, EVERYWHERE)

    states = {each["source"]: each["state"] for each in page["sources"]}
    assert states["RETRO_ACHIEVEMENTS"] == "UNAVAILABLE"
    assert [state for state in states.values() if state != "UNAVAILABLE"] == ["OK"] * 3
    assert {each["title"]["source"] for each in get_nodes(page["edges"])} == {
        "PSN",
        "STEAM",
        "XBOX",
    }


def test_builds_that_cannot_be_looked_up_end_their_list(server: RunningServer) -> None:
    server.inject_fault("titles/trophyTitles", status=500)

    page = fetch_page(server, [*PSN_VEGA, *RETRO_VEGA])

    assert {each["source"]: each["state"] for each in page["sources"]} == {
        "PSN": "UNAVAILABLE",
        "RETRO_ACHIEVEMENTS": "OK",
    }
    assert {each["title"]["source"] for each in get_nodes(page["edges"])} == {"RETRO_ACHIEVEMENTS"}


@pytest.mark.parametrize(
    ("account", "state"),
    [
        ({"source": "RETRO_ACHIEVEMENTS", "handle": "Nobody"}, "NOT_FOUND"),
        ({"source": "XBOX", "handle": "2535400000000003"}, "PRIVATE"),
        ({"source": "PSN", "handle": "nobody_at_all"}, "NOT_FOUND"),
    ],
)
def test_an_account_without_a_list_has_a_state(
    server: RunningServer, account: dict[str, str], state: str
) -> None:
    page = fetch_page(server, [account])

    assert (page["edges"], [each["state"] for each in page["sources"]]) == ([], [state])


def test_a_source_without_an_account_is_not_linked(server: RunningServer) -> None:
    page = fetch_page(server, PSN_VEGA, sources=["PSN", "STEAM"])

    assert {each["source"]: each["state"] for each in page["sources"]} == {
        "PSN": "OK",
        "STEAM": "NOT_LINKED",
    }


@pytest.mark.slow
def test_a_long_list_is_read_page_by_page(server: RunningServer) -> None:
    add_retro_player(server.retro, "Weaver", 120, 1)
    accounts = [{"source": "RETRO_ACHIEVEMENTS", "handle": "Weaver"}]

    page = fetch_page(server, accounts, "lastPlayedAt", first=10)
    assert server.count_upstream_calls() == {"RETRO_ACHIEVEMENTS": 1}
    edges = fetch_all_edges(server, QUERY % PLAYED, {"accounts": accounts, "first": 50})

    assert len(page["edges"]) == 10
    assert len(set(name_titles(get_nodes(edges)))) == len(edges) == 120


def test_a_title_that_is_played_between_two_pages_comes_once(server: RunningServer) -> None:
    variables = {"accounts": XBOX_VEGA, "first": 3}
    played = server.xbox.database.players["2535400000000001"].titles
    last = server.xbox.database.titles[1_290_000_002]

    def play_the_last(page: int) -> None:
        if page == 0:
            old = played[last.title_id]
            played[last.title_id] = replace(old, last_played_at=datetime(2026, 11, 1, tzinfo=UTC))

    edges = fetch_all_edges(
        server, QUERY % "title { source nativeId }", variables, NO_CACHE_HEADERS, play_the_last
    )

    names = name_titles(get_nodes(edges))
    assert len(names) == len(set(names)) == 9
    assert ("XBOX", str(last.title_id)) in names


def test_a_cursor_that_is_too_deep_or_of_another_list_is_refused(server: RunningServer) -> None:
    titles = "trophyTitles(first: 1) { edges { cursor } }"
    query = f"query ($a: [AccountInput!]!) {{ user(accounts: $a) {{ {titles} }} }}"
    user = server.fetch_data(query, {"a": XBOX_VEGA})["user"]
    cursor = user["trophyTitles"]["edges"][0]["cursor"]
    variables = {"accounts": XBOX_VEGA, "first": 1, "after": cursor}

    assert server.execute(QUERY % PLAYED, variables).error["code"] == "BAD_USER_INPUT"
