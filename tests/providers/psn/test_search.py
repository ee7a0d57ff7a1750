"""Accounts by a part of their name."""

import json
from typing import Any

import pytest

from providers.capabilities import HasSearch, SearchKey
from providers.errors import BadInput, BadResponse, Unavailable
from providers.kit.sandbox import Fault
from providers.psn.client import PsnClient
from providers.psn.sandbox.app import PsnSandbox, psn_sandbox
from providers.psn.sandbox.world import (
    FRIEND_ACCOUNT_ID,
    FRIEND_ONLINE_ID,
    OWNER_ACCOUNT_ID,
    OWNER_ONLINE_ID,
    STRANGER_ACCOUNT_ID,
    STRANGER_ONLINE_ID,
    extra_account_id,
)
from providers.records import PersonPage, PsnPerson
from tests.providers.psn.asking import NAMED, ask, calls, value

SEARCH = "POST m.np.playstation.com/api/search/v1/universalSearch"
JSON = {"content-type": "application/json"}


def search(term: str, cursor: str | None = None, sandbox: PsnSandbox | None = None) -> PersonPage:
    async def question(client: PsnClient) -> PersonPage:
        assert isinstance(client, HasSearch)
        return value((await client.search([SearchKey(term, cursor)]))[0])

    return ask(question, sandbox)


def ids(page: PersonPage) -> list[str]:
    return [person.native_id for person in page.people]


def test_the_exact_name_comes_first_and_only_once() -> None:
    sandbox = psn_sandbox()
    page = search(FRIEND_ONLINE_ID, sandbox=sandbox)
    assert ids(page) == [FRIEND_ACCOUNT_ID, extra_account_id(130)]
    assert (page.total, page.next_cursor) == (2, None)
    assert calls(sandbox) == {SEARCH: 1, f"{NAMED}/{FRIEND_ONLINE_ID}/profile2": 1}


@pytest.mark.parametrize(
    ("name", "account_id"),
    [(STRANGER_ONLINE_ID, STRANGER_ACCOUNT_ID), (OWNER_ONLINE_ID, OWNER_ACCOUNT_ID)],
)
def test_whom_the_search_never_finds_is_found_by_the_exact_name(name: str, account_id: str) -> None:
    page = search(name)
    assert (ids(page), page.total) == ([account_id], 1)


def test_a_hit_tells_what_the_search_shows_of_a_person() -> None:
    hit = search(FRIEND_ONLINE_ID[:-1]).people[-1]
    assert isinstance(hit, PsnPerson)
    assert (hit.native_id, hit.handle) == (FRIEND_ACCOUNT_ID, FRIEND_ONLINE_ID)
    assert (hit.country, hit.is_plus, hit.about_me) == ("GB", True, None)
    assert hit.avatar is not None
    assert hit.avatar.url == f"https://image.invalid/avatar/{FRIEND_ACCOUNT_ID}_l.png"


def test_the_relation_is_told_where_the_search_tells_it() -> None:
    sandbox = psn_sandbox()
    person = {"accountId": 7, "onlineId": "somebody", "relationshipState": "friend"}
    results = [{"socialMetadata": person}, {"socialMetadata": {"onlineId": "x"}}, None]
    domain = {"domain": "SocialAllAccounts", "results": results, "totalResultCount": 3}
    sandbox.faults.append(Fault("universalSearch", 200, {"domainResponses": [domain]}, JSON))
    (hit,) = search("some body", sandbox=sandbox).people
    assert isinstance(hit, PsnPerson)
    assert (hit.native_id, hit.friend_relation) == ("7", "friend")


def test_a_term_that_is_no_name_costs_one_call_and_pages_by_cursor() -> None:
    sandbox = psn_sandbox()

    async def question(client: PsnClient) -> list[PersonPage]:
        pages = [value((await client.search([SearchKey("a_0")]))[0])]
        while (cursor := pages[-1].next_cursor) is not None:
            pages.append(value((await client.search([SearchKey("a_0", cursor)]))[0]))
        return pages

    pages = ask(question, sandbox)
    assert [len(page.people) for page in pages] == [50, 49]
    assert len({one for page in pages for one in ids(page)}) == 99
    body: Any = json.loads(sandbox.log[-1].content)
    assert body["domainRequests"][0]["pagination"]["pageSize"] == 50


def test_the_exact_hit_is_not_repeated_on_a_later_page() -> None:
    sandbox = psn_sandbox()
    rows = [
        {"socialMetadata": {"accountId": FRIEND_ACCOUNT_ID, "onlineId": FRIEND_ONLINE_ID}},
        {"socialMetadata": {"accountId": "5", "onlineId": "fifth"}},
    ]
    domain = {"domain": "SocialAllAccounts", "results": rows, "totalResultCount": 52, "next": "c"}
    sandbox.faults.append(Fault("universalSearch", 200, {"domainResponses": [domain]}, JSON))
    page = search(FRIEND_ONLINE_ID, "c", sandbox)
    # A cursor that leads to itself is the end.
    assert (ids(page), page.total, page.next_cursor) == (["5"], 52, None)


def test_how_many_there_are_is_unknown_while_the_exact_hit_may_be_among_the_rest() -> None:
    sandbox = psn_sandbox()
    rows = [{"socialMetadata": {"accountId": "5", "onlineId": "fifth"}}]
    domain = {"domain": "SocialAllAccounts", "results": rows, "totalResultCount": 52, "next": "c"}
    sandbox.faults.append(Fault("universalSearch", 200, {"domainResponses": [domain]}, JSON))
    assert search(FRIEND_ONLINE_ID, sandbox=sandbox).total is None


@pytest.mark.parametrize("path", ["universalSearch", "profile2"])
def test_half_an_answer_is_none(path: str) -> None:
    sandbox = psn_sandbox()
    sandbox.faults.append(Fault(path, 503, {}, JSON))
    with pytest.raises(Unavailable):
        search(FRIEND_ONLINE_ID, sandbox=sandbox)


def test_an_answer_about_something_else_is_none() -> None:
    sandbox = psn_sandbox()
    body = {"domainResponses": [{"domain": "Games"}]}
    sandbox.faults.append(Fault("universalSearch", 200, body, JSON))
    with pytest.raises(BadResponse):
        search("x", sandbox=sandbox)


@pytest.mark.parametrize("term", ["", "  ", "a\x00b", "a\nb", "\ud800", "x" * 101])
def test_what_cannot_be_searched_for_is_refused_before_any_call(term: str) -> None:
    sandbox = psn_sandbox()
    with pytest.raises(BadInput) as caught:
        search(term, sandbox=sandbox)
    assert (caught.value.argument, caught.value.source) == ("term", "PSN")

    async def checking(client: PsnClient) -> None:
        client.check_term(term)

    with pytest.raises(BadInput):
        ask(checking, sandbox)
    assert not sandbox.calls


@pytest.mark.parametrize("cursor", ["", "a\nb", "x" * 2001, "never handed out"])
def test_a_foreign_cursor_is_the_callers_fault(cursor: str) -> None:
    with pytest.raises(BadInput) as caught:
        search("x", cursor)
    assert caught.value.argument == "after"
