"""Finding somebody by a name or a part of it."""

from typing import Any

import pytest

from providers.psn.sandbox import world
from tests.asking import Server
from tests.server.people.psn import listed

SEARCH = """
query ($term: String!, $source: Source! = PSN, $first: Int! = 20, $after: String) {
  searchAccounts(term: $term, source: $source, first: $first, after: $after) {
    totalCount
    edges { cursor node { __typename handle nativeId } }
    pageInfo { hasNextPage endCursor }
    sources { source state }
  }
}"""


def found(server: Server, **variables: Any) -> Any:
    """What a search finds."""
    return server.data(SEARCH, variables)["searchAccounts"]


def walked(server: Server, term: str, first: int) -> list[str]:
    """All account ids that a search finds, page by page."""
    ids: list[str] = []
    after: str | None = None
    while True:
        page = found(server, term=term, first=first, after=after)
        ids += [each["nativeId"] for each in listed(page)]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            return ids


def test_the_exact_name_comes_first_though_the_search_ranks_another_above(server: Server) -> None:
    assert listed(found(server, term="sample_friend")) == [
        {
            "__typename": "PsnAccount",
            "handle": world.FRIEND_ONLINE_ID,
            "nativeId": world.FRIEND_ACCOUNT_ID,
        },
        {
            "__typename": "PsnAccount",
            "handle": "sample_friend_tv",
            "nativeId": world.extra_account_id(130),
        },
    ]


def test_a_hit_is_the_account_it_is_by_number_whatever_its_name_leads_to(server: Server) -> None:
    query = "query ($term: String!) { searchAccounts(term: $term) { edges { node { %s } } } }"
    (_, *hits) = listed(
        server.data(query % "id nativeId", {"term": "sample_friend"})["searchAccounts"]
    )
    server.fail("profile2", status=404)
    query = """query ($accounts: [AccountInput!]!) {
      user(accounts: $accounts) { accounts { id nativeId } } }"""

    assert hits
    for hit in hits:
        accounts = [{"source": "PSN", "handle": hit["nativeId"]}]
        assert server.data(query, {"accounts": accounts})["user"]["accounts"] == [hit]


def test_one_whom_the_search_does_not_show_is_found_by_his_exact_name(server: Server) -> None:
    page = found(server, term=world.STRANGER_ONLINE_ID)
    assert listed(page)[0]["nativeId"] == world.STRANGER_ACCOUNT_ID


def test_a_former_name_finds_the_account(server: Server) -> None:
    assert listed(found(server, term=world.RENAMED_FORMER_ID))[0] == {
        "__typename": "PsnAccount",
        "handle": world.RENAMED_ONLINE_ID,
        "nativeId": world.RENAMED_ACCOUNT_ID,
    }


@pytest.mark.parametrize("first", [7, 50, 100])
def test_every_hit_is_reached_once_whatever_the_page_size(server: Server, first: int) -> None:
    ids = walked(server, "extra", first)
    assert sorted(ids) == sorted(world.extra_account_id(number) for number in range(1, 130))


def test_going_on_after_a_page_asks_only_for_what_is_not_known(server: Server) -> None:
    after = found(server, term="extra", first=30)["pageInfo"]["endCursor"]
    server.psn.calls.clear()
    page = found(server, term="extra", first=15, after=after)
    assert listed(page)[0]["handle"] == "extra_031"
    assert server.asked() == {}


def test_nobody_is_found_where_nobody_is(server: Server) -> None:
    page = found(server, term="no such person")
    assert (page["totalCount"], page["edges"]) == (0, [])
    assert page["sources"] == [{"source": "PSN", "state": "OK"}]


def test_retroachievements_is_searched_by_the_exact_name(server: Server) -> None:
    page = found(server, term="vegaNORTH", source="RETRO_ACHIEVEMENTS")
    (node,) = listed(page)
    assert node["__typename"] == "RetroAchievementsAccount"
    assert node["handle"] == "VegaNorth"
    assert page["totalCount"] == 1
    assert listed(found(server, term="VegaNor", source="RETRO_ACHIEVEMENTS")) == []


def test_a_source_that_cannot_be_searched_says_so(server: Server) -> None:
    answer = server.ask(SEARCH, {"term": "vega", "source": "TROPHY_SO"})
    assert answer.error == {
        "code": "BAD_USER_INPUT",
        "source": "TROPHY_SO",
        "argument": "source",
    }


@pytest.mark.parametrize("term", ["", "   ", "a" * 101, "a\nb", "\x00"])
def test_what_cannot_be_searched_for_is_refused_before_any_call(server: Server, term: str) -> None:
    answer = server.ask(SEARCH, {"term": term})
    assert answer.error["code"] == "BAD_USER_INPUT"
    assert answer.error["argument"] == "term"
    assert server.asked() == {}


def test_a_failing_search_is_an_error_and_not_an_empty_list(server: Server) -> None:
    server.fail("universalSearch", status=503)
    answer = server.ask(SEARCH, {"term": "extra"})
    assert answer.partial == {"searchAccounts": None}
    assert answer.error["code"] == "UPSTREAM_UNAVAILABLE"
