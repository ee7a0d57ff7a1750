"""The search for accounts by a name or a part of one."""

from typing import Any

import pytest

from providers.psn.sandbox import constants
from tests.harness import RunningServer
from tests.schema.psn_queries import get_nodes

SEARCH_QUERY = """
query ($term: String!, $source: Source! = PSN, $first: Int! = 20, $after: String) {
  searchAccounts(term: $term, source: $source, first: $first, after: $after) {
    totalCount
    edges { cursor node { __typename handle nativeId } }
    pageInfo { hasNextPage endCursor }
    sources { source state }
  }
}"""


def search_accounts(server: RunningServer, **variables: Any) -> Any:
    """Return the connection of a search."""
    return server.fetch_data(SEARCH_QUERY, variables)["searchAccounts"]


def read_all_ids(server: RunningServer, term: str, first: int) -> list[str]:
    """Return all account ids that a search finds, page by page."""
    ids: list[str] = []
    after: str | None = None
    while True:
        page = search_accounts(server, term=term, first=first, after=after)
        ids += [each["nativeId"] for each in get_nodes(page)]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            return ids


def test_the_exact_name_comes_first_though_the_search_ranks_another_above(
    server: RunningServer,
) -> None:
    assert get_nodes(search_accounts(server, term="sample_friend")) == [
        {
            "__typename": "PsnAccount",
            "handle": constants.FRIEND_ONLINE_ID,
            "nativeId": constants.FRIEND_ACCOUNT_ID,
        },
        {
            "__typename": "PsnAccount",
            "handle": "sample_friend_tv",
            "nativeId": constants.get_extra_account_id(130),
        },
    ]


def test_a_hit_is_the_account_with_its_account_id(server: RunningServer) -> None:
    query = "query ($term: String!) { searchAccounts(term: $term) { edges { node { %s } } } }"
    (_, *hits) = get_nodes(
        server.fetch_data(query % "id nativeId", {"term": "sample_friend"})["searchAccounts"]
    )
    server.inject_fault("profile2", status=404)
    query = """query ($accounts: [AccountInput!]!) {
      user(accounts: $accounts) { accounts { id nativeId } } }"""

    assert hits
    for hit in hits:
        accounts = [{"source": "PSN", "handle": hit["nativeId"]}]
        assert server.fetch_data(query, {"accounts": accounts})["user"]["accounts"] == [hit]


def test_an_account_that_the_search_does_not_show_is_found_by_its_exact_name(
    server: RunningServer,
) -> None:
    page = search_accounts(server, term=constants.STRANGER_ONLINE_ID)
    assert get_nodes(page)[0]["nativeId"] == constants.STRANGER_ACCOUNT_ID


def test_a_former_name_finds_the_account(server: RunningServer) -> None:
    assert get_nodes(search_accounts(server, term=constants.RENAMED_FORMER_ID))[0] == {
        "__typename": "PsnAccount",
        "handle": constants.RENAMED_ONLINE_ID,
        "nativeId": constants.RENAMED_ACCOUNT_ID,
    }


@pytest.mark.slow
@pytest.mark.parametrize("first", [7, 50, 100])
def test_every_hit_is_reached_once_whatever_the_page_size(
    server: RunningServer, first: int
) -> None:
    ids = read_all_ids(server, "extra", first)
    assert sorted(ids) == sorted(constants.get_extra_account_id(number) for number in range(1, 130))


def test_the_next_page_reuses_the_hits_already_fetched(server: RunningServer) -> None:
    after = search_accounts(server, term="extra", first=30)["pageInfo"]["endCursor"]
    server.psn.calls.clear()
    page = search_accounts(server, term="extra", first=15, after=after)
    assert get_nodes(page)[0]["handle"] == "extra_031"
    assert server.count_upstream_calls() == {}


def test_a_search_without_hits_is_empty(server: RunningServer) -> None:
    page = search_accounts(server, term="no such person")
    assert (page["totalCount"], page["edges"]) == (0, [])
    assert page["sources"] == [{"source": "PSN", "state": "OK"}]


def test_retroachievements_is_searched_by_the_exact_name(server: RunningServer) -> None:
    page = search_accounts(server, term="vegaNORTH", source="RETRO_ACHIEVEMENTS")
    (node,) = get_nodes(page)
    assert node["__typename"] == "RetroAchievementsAccount"
    assert node["handle"] == "VegaNorth"
    assert page["totalCount"] == 1
    assert get_nodes(search_accounts(server, term="VegaNor", source="RETRO_ACHIEVEMENTS")) == []


def test_a_source_that_cannot_be_searched_is_an_input_error(server: RunningServer) -> None:
    answer = server.execute(SEARCH_QUERY, {"term": "vega", "source": "TROPHY_SO"})
    assert answer.error == {
        "code": "BAD_USER_INPUT",
        "source": "TROPHY_SO",
        "argument": "source",
    }


@pytest.mark.parametrize("term", ["", "   ", "a" * 101, "a\nb", "\x00"])
def test_an_invalid_term_is_rejected_before_any_call(server: RunningServer, term: str) -> None:
    answer = server.execute(SEARCH_QUERY, {"term": term})
    assert answer.error["code"] == "BAD_USER_INPUT"
    assert answer.error["argument"] == "term"
    assert server.count_upstream_calls() == {}


def test_a_failing_search_is_an_error_and_not_an_empty_list(server: RunningServer) -> None:
    server.inject_fault("universalSearch", status=503)
    answer = server.execute(SEARCH_QUERY, {"term": "extra"})
    assert answer.partial_data == {"searchAccounts": None}
    assert answer.error["code"] == "UPSTREAM_UNAVAILABLE"
