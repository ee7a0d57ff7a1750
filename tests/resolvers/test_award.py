"""Awards: all visible ones, newest first, with the source's own counts."""

from datetime import datetime
from typing import Any

import pytest

from providers.registry import Source
from tests.harness import RETRO_VEGA, VEGA, RunningServer
from tests.resolvers import expected_data
from tests.resolvers.paging import fetch_all_edges, fetch_connection, get_nodes

AWARDS = """
query ($accounts: [AccountInput!]!, $first: Int!, $after: String, $sources: [Source!]) {
  user(accounts: $accounts) {
    awards(first: $first, after: $after, sources: $sources) {
      totalCount
      summary {
        total hidden mastery completion beatenHardcore beatenSoftcore event site
      }
      edges { cursor node { id source kind rawType awardedAt } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      sources { source state }
    }
  }
}
"""
TITLES_OF_AWARDS = """
query ($accounts: [AccountInput!]!) {
  user(accounts: $accounts) {
    awards(first: 100) {
      edges { node { kind name nativeData title { nativeId name earnedCount achievementCount } } }
    }
  }
}
"""


def make_variables(name: str) -> dict[str, Any]:
    return {"accounts": [{"source": "RETRO_ACHIEVEMENTS", "handle": name}], "first": 100}


@pytest.mark.parametrize("first", [1, 3, 7, 100])
def test_the_pages_together_are_all_awards_newest_first(server: RunningServer, first: int) -> None:
    edges = fetch_all_edges(server, AWARDS, {"accounts": VEGA, "first": first})

    found = [
        (node["rawType"], datetime.fromisoformat(node["awardedAt"])) for node in get_nodes(edges)
    ]
    expected = expected_data.expect_awards(server)
    assert [when for _, when in found] == [when for _, when in expected]
    assert sorted(found) == sorted(expected)


def test_every_page_size_gives_the_same_awards_under_the_same_cursors(
    server: RunningServer,
) -> None:
    small, large = (
        fetch_all_edges(server, AWARDS, {"accounts": VEGA, "first": each}) for each in (2, 100)
    )

    assert small == large
    assert len({edge["node"]["id"] for edge in large}) == len(large)


def test_only_sources_with_awards_are_called(server: RunningServer) -> None:
    page = fetch_connection(server, AWARDS, {"accounts": VEGA, "first": 2})

    assert page["sources"] == [{"source": "RETRO_ACHIEVEMENTS", "state": "OK"}]
    # One for the awards, and one for the ULID in their ids.
    assert server.count_upstream_calls() == {"RETRO_ACHIEVEMENTS": 2}


def test_the_counts_are_the_sources_own_with_the_hidden_ones(server: RunningServer) -> None:
    page = fetch_connection(server, AWARDS, {"accounts": VEGA, "first": 1})

    shown = len(expected_data.expect_awards(server))
    assert page["totalCount"] == shown
    assert page["summary"] == {
        "total": shown + 2,
        "hidden": 2,
        "mastery": 1,
        "completion": 1,
        "beatenHardcore": 3,
        "beatenSoftcore": 2,
        "event": 2,
        "site": 5,
    }


def test_an_account_without_awards_has_an_empty_list_and_counts_of_zero(
    server: RunningServer,
) -> None:
    page = fetch_connection(server, AWARDS, make_variables("EmptyEda"))

    assert page["edges"] == []
    assert page["totalCount"] == 0
    assert set(page["summary"].values()) == {0}
    assert page["sources"] == [{"source": "RETRO_ACHIEVEMENTS", "state": "OK"}]


def test_the_published_sample_is_mapped_completely(server: RunningServer) -> None:
    page = fetch_connection(server, AWARDS, make_variables("MaxMilyin"))

    (award,) = get_nodes(page["edges"])
    assert (award["kind"], award["rawType"]) == ("BEATEN_HARDCORE", "Game Beaten")
    assert award["awardedAt"] == "2016-01-02T05:53:52Z"
    assert page["totalCount"] == 1
    assert page["summary"] == {
        "total": 1613,
        "hidden": 0,
        "mastery": 805,
        "completion": 0,
        "beatenHardcore": 807,
        "beatenSoftcore": 0,
        "event": 2,
        "site": 0,
    }


def test_an_award_for_a_game_has_the_title_with_the_players_progress(server: RunningServer) -> None:
    found = server.fetch_data(TITLES_OF_AWARDS, {"accounts": RETRO_VEGA})

    awards = get_nodes(found["user"]["awards"]["edges"])
    games = {"MASTERED", "COMPLETED", "BEATEN_HARDCORE", "BEATEN_SOFTCORE"}
    for award in awards:
        if award["kind"] in games:
            assert award["title"]["nativeId"] == str(award["nativeData"])
            assert award["title"]["name"] == award["name"]
        else:
            assert award["title"] is None
    mastered = next(award for award in awards if award["kind"] == "MASTERED")
    assert mastered["title"]["earnedCount"] == mastered["title"]["achievementCount"] == 8


def test_without_an_account_with_awards_the_list_is_empty(server: RunningServer) -> None:
    page = fetch_connection(server, AWARDS, {"accounts": [VEGA[0], VEGA[2]], "first": 5})

    assert page["edges"] == []
    assert page["summary"] is None
    assert page["sources"] == []
    assert server.count_upstream_calls() == {}


ROW_OF_AWARDS = """
query ($accounts: [AccountInput!]!) {
  user(accounts: $accounts) {
    awards(first: 100) { edges { node { title { nativeId name platforms icon { url } } } } }
  }
}
"""


def test_the_title_of_an_award_is_answered_from_its_row(server: RunningServer) -> None:
    server.inject_fault("API_GetGame", status=404, body=[])
    result = server.execute(ROW_OF_AWARDS, {"accounts": VEGA})
    titles = [edge["node"]["title"] for edge in result.data["user"]["awards"]["edges"]]
    named = [title for title in titles if title is not None]
    assert named
    assert all(title["name"] and title["icon"] and title["platforms"] for title in named)
    assert "API_GetGame" not in " ".join(
        server.upstreams.sandboxes[Source.RETRO_ACHIEVEMENTS].calls
    )
