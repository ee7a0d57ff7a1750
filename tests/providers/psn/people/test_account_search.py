"""Searches for accounts by a part of their name."""

import json
from typing import Any

import pytest

from providers.capabilities import HasSearch, SearchKey
from providers.errors import BadInput, BadResponse, Unavailable
from providers.kit.sandbox import InjectedFault
from providers.psn.client import PsnClient
from providers.psn.sandbox.app import PsnSandbox, create_sandbox
from providers.psn.sandbox.constants import (
    FRIEND_ACCOUNT_ID,
    FRIEND_ONLINE_ID,
    OWNER_ACCOUNT_ID,
    OWNER_ONLINE_ID,
    STRANGER_ACCOUNT_ID,
    STRANGER_ONLINE_ID,
    get_extra_account_id,
)
from providers.psn_records import PsnProfile
from providers.records import ProfilePage
from tests.providers.psn.harness import JSON, LEGACY_USERS, count_calls, run_with_client, unwrap

SEARCH = "POST m.np.playstation.com/api/search/v1/universalSearch"


def load_search(
    term: str, cursor: str | None = None, sandbox: PsnSandbox | None = None
) -> ProfilePage:
    async def scenario(client: PsnClient) -> ProfilePage:
        assert isinstance(client, HasSearch)
        return unwrap((await client.search([SearchKey(term, cursor)]))[0])

    return run_with_client(scenario, sandbox)


def get_ids(page: ProfilePage) -> list[str]:
    return [person.native_id for person in page.profiles]


def test_the_exact_name_comes_first_and_only_once() -> None:
    sandbox = create_sandbox()
    page = load_search(FRIEND_ONLINE_ID, sandbox=sandbox)
    assert get_ids(page) == [FRIEND_ACCOUNT_ID, get_extra_account_id(130)]
    assert (page.total, page.next_cursor) == (2, None)
    assert count_calls(sandbox) == {SEARCH: 1, f"{LEGACY_USERS}/{FRIEND_ONLINE_ID}/profile2": 1}


@pytest.mark.parametrize(
    ("name", "account_id"),
    [(STRANGER_ONLINE_ID, STRANGER_ACCOUNT_ID), (OWNER_ONLINE_ID, OWNER_ACCOUNT_ID)],
)
def test_accounts_hidden_from_search_are_found_by_the_exact_name(
    name: str, account_id: str
) -> None:
    page = load_search(name)
    assert (get_ids(page), page.total) == ([account_id], 1)


def test_a_hit_has_the_fields_of_the_search() -> None:
    hit = load_search(FRIEND_ONLINE_ID[:-1]).profiles[-1]
    assert isinstance(hit, PsnProfile)
    assert (hit.native_id, hit.handle) == (FRIEND_ACCOUNT_ID, FRIEND_ONLINE_ID)
    assert (hit.country, hit.is_plus, hit.about_me) == ("GB", True, None)
    assert hit.avatar is not None
    assert hit.avatar.url == f"https://image.invalid/avatar/{FRIEND_ACCOUNT_ID}_l.png"


def test_a_hit_has_the_friend_relation_if_given() -> None:
    sandbox = create_sandbox()
    person = {"accountId": 7, "onlineId": "somebody", "relationshipState": "friend"}
    results = [{"socialMetadata": person}, {"socialMetadata": {"onlineId": "x"}}, None]
    domain = {"domain": "SocialAllAccounts", "results": results, "totalResultCount": 3}
    sandbox.faults.append(
        InjectedFault("universalSearch", 200, {"domainResponses": [domain]}, JSON)
    )
    (hit,) = load_search("some body", sandbox=sandbox).profiles
    assert isinstance(hit, PsnProfile)
    assert (hit.native_id, hit.friend_relation) == ("7", "friend")


def test_a_term_that_cannot_be_a_name_costs_one_call_and_pages_by_cursor() -> None:
    sandbox = create_sandbox()

    async def scenario(client: PsnClient) -> list[ProfilePage]:
        pages = [unwrap((await client.search([SearchKey("a_0")]))[0])]
        while (cursor := pages[-1].next_cursor) is not None:
            pages.append(unwrap((await client.search([SearchKey("a_0", cursor)]))[0]))
        return pages

    pages = run_with_client(scenario, sandbox)
    assert [len(page.profiles) for page in pages] == [50, 49]
    assert len({account_id for page in pages for account_id in get_ids(page)}) == 99
    body: Any = json.loads(sandbox.log[-1].content)
    assert body["domainRequests"][0]["pagination"]["pageSize"] == 50


def test_the_exact_hit_is_not_repeated_on_a_later_page() -> None:
    sandbox = create_sandbox()
    rows = [
        {"socialMetadata": {"accountId": FRIEND_ACCOUNT_ID, "onlineId": FRIEND_ONLINE_ID}},
        {"socialMetadata": {"accountId": "5", "onlineId": "fifth"}},
    ]
    domain = {"domain": "SocialAllAccounts", "results": rows, "totalResultCount": 52, "next": "c"}
    sandbox.faults.append(
        InjectedFault("universalSearch", 200, {"domainResponses": [domain]}, JSON)
    )
    page = load_search(FRIEND_ONLINE_ID, "c", sandbox)
    # A cursor that leads to the same page again is the end.
    assert (get_ids(page), page.total, page.next_cursor) == (["5"], 52, None)


def test_the_total_is_null_while_the_exact_hit_may_be_among_the_rest() -> None:
    sandbox = create_sandbox()
    rows = [{"socialMetadata": {"accountId": "5", "onlineId": "fifth"}}]
    domain = {"domain": "SocialAllAccounts", "results": rows, "totalResultCount": 52, "next": "c"}
    sandbox.faults.append(
        InjectedFault("universalSearch", 200, {"domainResponses": [domain]}, JSON)
    )
    assert load_search(FRIEND_ONLINE_ID, sandbox=sandbox).total is None


@pytest.mark.parametrize("path", ["universalSearch", "profile2"])
def test_a_partial_result_is_an_error(path: str) -> None:
    sandbox = create_sandbox()
    sandbox.faults.append(InjectedFault(path, 503, {}, JSON))
    with pytest.raises(Unavailable):
        load_search(FRIEND_ONLINE_ID, sandbox=sandbox)


def test_a_response_without_accounts_is_a_bad_response() -> None:
    sandbox = create_sandbox()
    body = {"domainResponses": [{"domain": "Games"}]}
    sandbox.faults.append(InjectedFault("universalSearch", 200, body, JSON))
    with pytest.raises(BadResponse):
        load_search("x", sandbox=sandbox)


@pytest.mark.parametrize("term", ["", "  ", "a\x00b", "a\nb", "\ud800", "x" * 101])
def test_invalid_terms_are_rejected_before_any_call(term: str) -> None:
    sandbox = create_sandbox()
    with pytest.raises(BadInput) as caught:
        load_search(term, sandbox=sandbox)
    assert (caught.value.argument, caught.value.source) == ("term", "PSN")

    async def check_term(client: PsnClient) -> None:
        client.check_term(term)

    with pytest.raises(BadInput):
        run_with_client(check_term, sandbox)
    assert not sandbox.calls


@pytest.mark.parametrize("cursor", ["", "a\nb", "x" * 2001, "never handed out"])
def test_an_invalid_cursor_is_bad_input(cursor: str) -> None:
    with pytest.raises(BadInput) as caught:
        load_search("x", cursor)
    assert caught.value.argument == "after"
