"""Milestones: compared with the timeline, and with what is known of each source."""

from typing import Any

import pytest

from tests.harness import (
    EVERYWHERE,
    NO_CALLS,
    PSN_VEGA,
    RETRO_VEGA,
    STEAM_VEGA,
    VEGA,
    XBOX_VEGA,
    RunningServer,
    run_server,
)
from tests.resolvers.paging import fetch_all_edges, fetch_connection, get_nodes

PAGE = "pageInfo { hasNextPage hasPreviousPage startCursor endCursor } sources { source state }"
MILESTONES = f"""
query ($accounts: [AccountInput!]!, $first: Int! = 100, $after: String, $every: Int! = 100,
       $sources: [Source!], $maxTitles: Int! = 1000) {{
  user(accounts: $accounts) {{
    milestones(first: $first, after: $after, every: $every, sources: $sources,
               maxTitles: $maxTitles) {{
      edges {{ cursor node {{
        kind number achievedAt achievement {{ source nativeId earnedAt name title {{ nativeId }} }}
      }} }}
      {PAGE}
      totalCount undated
    }}
  }}
}}
"""
TIMELINE = f"""
query ($accounts: [AccountInput!]!, $first: Int! = 100, $after: String) {{
  user(accounts: $accounts) {{
    achievements(first: $first, after: $after) {{
      edges {{ cursor node {{ source nativeId earnedAt name grade title {{ nativeId }} }} }}
      {PAGE}
    }}
  }}
}}
"""
COMPLETED = """
query ($accounts: [AccountInput!]!) {
  user(accounts: $accounts) {
    trophyTitles(first: 100, completion: COMPLETED) { edges { node { source nativeId } } }
  }
}
"""
HIDDEN = {"status": 403, "body": {"error": {"code": 2240526, "message": "Not permitted"}}}


def fetch_milestones(server: RunningServer, accounts: list[Any], **arguments: Any) -> list[Any]:
    return get_nodes(
        fetch_connection(server, MILESTONES, {"accounts": accounts, **arguments})["edges"]
    )


def fetch_timeline(server: RunningServer, accounts: list[Any]) -> list[Any]:
    """Return everything with a time, oldest first."""
    edges = fetch_all_edges(server, TIMELINE, {"accounts": accounts, "first": 100})
    return [node for node in reversed(get_nodes(edges)) if node["earnedAt"]]


def find(milestones: list[Any], kind: str) -> Any:
    (found,) = (each for each in milestones if each["kind"] == kind)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("every", [10, 50, 100])
def test_each_milestone_is_the_unlock_of_that_number(server: RunningServer, every: int) -> None:
    timeline = fetch_timeline(server, EVERYWHERE)

    milestones = fetch_milestones(server, EVERYWHERE, every=every)

    counted = [each for each in milestones if each["kind"] == "UNLOCK"]
    expected = [1, *range(every, len(timeline) + 1, every)]
    assert [each["number"] for each in reversed(counted)] == expected
    for each in milestones:
        assert each["achievedAt"] == each["achievement"]["earnedAt"]
        assert each["achievedAt"] == timeline[each["number"] - 1]["earnedAt"]
        assert each["achievement"]["name"]
    times = [each["achievedAt"] for each in milestones]
    assert times == sorted(times, reverse=True)


def test_the_first_platinum_is_the_first_trophy_of_that_grade(server: RunningServer) -> None:
    timeline = fetch_timeline(server, PSN_VEGA)
    first = next(node for node in timeline if node["grade"] == "PLATINUM")

    found = find(fetch_milestones(server, PSN_VEGA), "FIRST_PLATINUM")

    assert found["achievement"]["nativeId"] == first["nativeId"]
    assert timeline[found["number"] - 1] == first


@pytest.mark.slow
@pytest.mark.parametrize("accounts", [PSN_VEGA, RETRO_VEGA, XBOX_VEGA, EVERYWHERE])
def test_the_first_completion_is_the_last_unlock_of_the_title_completed_first(
    server: RunningServer, accounts: list[Any]
) -> None:
    undated = fetch_connection(server, MILESTONES, {"accounts": accounts})["undated"]
    listed = get_nodes(fetch_connection(server, COMPLETED, {"accounts": accounts})["edges"])
    last: dict[tuple[str, str], Any] = {}
    for node in fetch_timeline(server, accounts):
        if node["title"] and {"source": node["source"], **node["title"]} in listed:
            last[node["source"], node["title"]["nativeId"]] = node
    assert len(last) == len(listed) or undated

    found = [each for each in fetch_milestones(server, accounts) if "COMPLETION" in each["kind"]]

    expected = min((node["earnedAt"] for node in last.values()), default=None)
    assert [each["achievedAt"] for each in found] == ([expected] if expected else [])


def test_what_the_history_lacks_is_loaded_for_the_milestones(server: RunningServer) -> None:
    query = MILESTONES.replace(
        "name title { nativeId }", "rarity { percent } title { name progress }"
    )
    found = fetch_connection(server, query, {"accounts": RETRO_VEGA, "every": 10})

    achievements = [each["achievement"] for each in get_nodes(found["edges"])]
    assert all(each["rarity"]["percent"] and each["title"]["name"] for each in achievements)
    assert all(each["title"]["progress"] for each in achievements)


def test_the_pages_together_are_all_milestones(server: RunningServer) -> None:
    variables = {"accounts": VEGA, "every": 10}

    edges = fetch_all_edges(server, MILESTONES, {**variables, "first": 2})

    assert get_nodes(edges) == fetch_milestones(server, VEGA, every=10)
    assert fetch_connection(server, MILESTONES, variables)["totalCount"] == len(edges)


def test_what_has_no_time_is_counted_apart(server: RunningServer) -> None:
    found = fetch_connection(server, MILESTONES, {"accounts": STEAM_VEGA, "every": 10})
    timeline = fetch_all_edges(server, TIMELINE, {"accounts": STEAM_VEGA, "first": 100})

    undated = sum(node["earnedAt"] is None for node in get_nodes(timeline))
    assert found["undated"] == undated > 0
    assert max(each["node"]["number"] for each in found["edges"]) <= len(timeline) - undated


def test_the_history_of_retroachievements_spares_its_games(server: RunningServer) -> None:
    unnamed = MILESTONES.replace("name title", "title")

    response = server.execute(unnamed, {"accounts": RETRO_VEGA})

    assert response.data["user"]["milestones"]["edges"]
    assert response.upstream_calls == {"RETRO_ACHIEVEMENTS": 2}
    assert server.execute(unnamed, {"accounts": RETRO_VEGA}).upstream_calls == NO_CALLS


@pytest.mark.parametrize("fault", [{"status": 503}, HIDDEN])
def test_a_source_that_fails_or_hides_a_title_in_between_is_left_out(
    server: RunningServer, fault: dict[str, Any]
) -> None:
    alone = fetch_connection(server, MILESTONES, {"accounts": RETRO_VEGA, "every": 10})
    server.inject_fault("npCommunicationIds/NPWR00001_00", **fault)

    both = fetch_connection(server, MILESTONES, {"accounts": [*PSN_VEGA, *RETRO_VEGA], "every": 10})

    assert both["edges"] == alone["edges"]
    assert (both["totalCount"], alone["totalCount"]) == (None, len(alone["edges"]))
    assert both["sources"] == [
        {"source": "PSN", "state": "UNAVAILABLE"},
        {"source": "RETRO_ACHIEVEMENTS", "state": "OK"},
    ]


def test_more_titles_than_allowed_are_refused_before_the_first_is_opened(
    server: RunningServer,
) -> None:
    response = server.execute(MILESTONES, {"accounts": PSN_VEGA, "maxTitles": 12})

    assert response.partial_data["user"]["milestones"] is None
    assert response.error["code"] == "OPERATION_TOO_COSTLY"
    assert (response.error["estimate"], response.error["limit"]) == (13, 12)
    assert response.upstream_calls == {"PSN": 1}


def test_more_titles_than_the_limit_of_calls_are_refused_before_the_first_call() -> None:
    with run_server(TROPHYCASE_MAX_CALLS="50") as server:
        response = server.execute(MILESTONES, {"accounts": PSN_VEGA, "maxTitles": 50})

        assert response.error_codes == {"OPERATION_TOO_COSTLY"}
        assert server.count_upstream_calls() == NO_CALLS


@pytest.mark.parametrize(
    ("arguments", "argument"),
    [({"every": 9}, "every"), ({"every": 10_001}, "every"), ({"maxTitles": 0}, "maxTitles")],
)
def test_invalid_arguments_are_named(
    server: RunningServer, arguments: dict[str, int], argument: str
) -> None:
    response = server.execute(MILESTONES, {"accounts": PSN_VEGA, **arguments})

    assert (response.error["code"], response.error["argument"]) == ("BAD_USER_INPUT", argument)
