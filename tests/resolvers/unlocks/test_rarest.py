"""The rarest achievements of a user: their order, their pages, and what they cost."""

from typing import Any

import pytest

from tests.harness import (
    EVERYWHERE,
    NO_CALLS,
    PSN_VEGA,
    RETRO_VEGA,
    STEAM_VEGA,
    TROPHY_VEGA,
    RunningServer,
    run_server,
)
from tests.resolvers.paging import fetch_all_edges, fetch_connection, get_nodes

FIELDS = """
edges { cursor node { source nativeId name earned rarity { percent band } title { nativeId } } }
pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
sources { source state }
totalCount unreadTitles
"""
RAREST = f"""
query ($accounts: [AccountInput!]!, $first: Int!, $after: String, $sources: [Source!],
       $maxTitles: Int! = 1000) {{
  user(accounts: $accounts) {{
    rarest(first: $first, after: $after, sources: $sources, maxTitles: $maxTitles) {{ {FIELDS} }}
  }}
}}
"""
TIMELINE = f"""
query ($accounts: [AccountInput!]!, $first: Int!, $after: String) {{
  user(accounts: $accounts) {{
    achievements(first: $first, after: $after) {{ {FIELDS.replace("unreadTitles", "")} }}
  }}
}}
"""


def identify(node: Any) -> tuple[str, str | None, str]:
    return node["source"], node["title"] and node["title"]["nativeId"], node["nativeId"]


@pytest.mark.slow
@pytest.mark.parametrize("first", [7, 100])
def test_the_pages_are_all_earned_achievements_with_a_rarity_rarest_first(
    server: RunningServer, first: int
) -> None:
    timeline = fetch_all_edges(server, TIMELINE, {"accounts": EVERYWHERE, "first": 100})
    rated = [node for node in get_nodes(timeline) if node["rarity"]]

    nodes = get_nodes(fetch_all_edges(server, RAREST, {"accounts": EVERYWHERE, "first": first}))

    percents = [node["rarity"]["percent"] for node in nodes]
    assert percents == sorted(percents)
    assert sorted(map(identify, nodes)) == sorted(map(identify, rated))
    assert all(node["earned"] and node["name"] for node in nodes)
    assert len(nodes) < len(timeline)


def test_what_only_names_need_is_loaded_for_the_titles_of_the_page(server: RunningServer) -> None:
    variables = {"accounts": PSN_VEGA, "first": 2}

    response = server.execute(RAREST, variables)

    titles = {identify(each["node"])[1] for each in response.data["user"]["rarest"]["edges"]}
    assert response.upstream_calls == {"PSN": 1 + 13 + len(titles)}
    assert server.execute(RAREST, variables).upstream_calls == NO_CALLS


def test_one_call_on_trophy_so_and_one_for_each_game_on_retroachievements(
    server: RunningServer,
) -> None:
    response = server.execute(RAREST, {"accounts": [*RETRO_VEGA, *TROPHY_VEGA], "first": 5})

    assert response.upstream_calls == {"RETRO_ACHIEVEMENTS": 1 + 9, "TROPHY_SO": 1}


def test_titles_that_were_not_opened_are_counted(server: RunningServer) -> None:
    found = fetch_connection(server, RAREST, {"accounts": PSN_VEGA, "first": 3, "maxTitles": 2})

    assert (found["unreadTitles"], found["totalCount"]) == (13 - 2, None)
    assert len(found["edges"]) == 3


def test_a_failing_source_empties_no_other_one(server: RunningServer) -> None:
    alone = fetch_connection(server, RAREST, {"accounts": RETRO_VEGA, "first": 9})
    server.inject_fault("playstation", status=503)

    both = fetch_connection(server, RAREST, {"accounts": [*PSN_VEGA, *RETRO_VEGA], "first": 9})

    assert both["edges"] == alone["edges"]
    assert (both["totalCount"], alone["totalCount"]) == (None, 60)
    assert both["sources"] == [
        {"source": "PSN", "state": "UNAVAILABLE"},
        {"source": "RETRO_ACHIEVEMENTS", "state": "OK"},
    ]


def test_a_title_that_fails_hides_no_other_one(server: RunningServer) -> None:
    whole = fetch_connection(server, RAREST, {"accounts": PSN_VEGA, "first": 100})
    with run_server() as other:
        other.inject_fault("npCommunicationIds/NPWR00001_00", status=503)
        found = fetch_connection(other, RAREST, {"accounts": PSN_VEGA, "first": 100})

    expected = [each for each in whole["edges"] if identify(each["node"])[1] != "NPWR00001_00"]
    assert expected != whole["edges"]
    assert found["edges"] == expected
    assert (found["unreadTitles"], found["sources"]) == (
        1,
        [{"source": "PSN", "state": "UNAVAILABLE"}],
    )


def test_a_cursor_of_another_list_is_rejected(server: RunningServer) -> None:
    page = fetch_connection(server, TIMELINE, {"accounts": PSN_VEGA, "first": 1})
    variables = {"accounts": PSN_VEGA, "first": 1, "after": page["pageInfo"]["endCursor"]}

    assert server.execute(RAREST, variables).error_codes == {"BAD_USER_INPUT"}


def test_more_titles_than_the_limit_of_calls_are_refused_before_the_first_call() -> None:
    with run_server(TROPHYCASE_MAX_CALLS="100") as server:
        variables = {"accounts": STEAM_VEGA, "first": 3, "maxTitles": 50}
        assert server.execute(RAREST, variables).error_codes == {"OPERATION_TOO_COSTLY"}
        assert server.count_upstream_calls() == NO_CALLS
        assert server.execute(RAREST, {**variables, "maxTitles": 40}).data["user"]["rarest"]
