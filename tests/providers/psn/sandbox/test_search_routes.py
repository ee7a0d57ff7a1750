"""Searching for accounts."""

from typing import Any

import pytest

from providers.psn.sandbox.constants import FRIEND_ACCOUNT_ID
from tests.providers.psn.sandbox.signed_in_caller import MOBILE, Caller, parse_error

SEARCH = f"{MOBILE}/api/search/v1/universalSearch"


def run_search(caller: Caller, term: str, **page: Any) -> dict[str, Any]:
    request = (
        {"domain": "SocialAllAccounts", "pagination": page}
        if page
        else {"domain": "SocialAllAccounts"}
    )
    body = {"searchTerm": term, "domainRequests": [request]}
    response = caller.request("POST", SEARCH, json=body)
    assert response.status_code == 200, response.text
    return response.json()["domainResponses"][0]


def get_online_ids(block: dict[str, Any]) -> list[str]:
    return [row["socialMetadata"]["onlineId"] for row in block["results"]]


def test_an_exact_name_need_not_come_first(owner: Caller) -> None:
    block = run_search(owner, "sample_friend")
    assert get_online_ids(block) == ["sample_friend_tv", "sample_friend"]
    assert block["results"][1]["type"] == "social"
    assert block["results"][1]["socialMetadata"]["accountId"] == FRIEND_ACCOUNT_ID
    assert (block["next"], block["totalResultCount"], block["zeroState"]) == ("", 2, False)


def test_a_search_misses_the_caller_and_some_others(owner: Caller, second: Caller) -> None:
    assert get_online_ids(run_search(owner, "vega_north")) == []
    assert get_online_ids(run_search(second, "vega_north")) == ["vega_north"]
    assert run_search(owner, "quiet_stranger")["zeroState"] is True
    assert get_online_ids(run_search(owner, "old_name")) == ["new_name"]


def test_a_search_goes_on_by_cursor(owner: Caller) -> None:
    names: list[str] = []
    cursor = ""
    while True:
        block = run_search(owner, "extra_", cursor=cursor, pageSize=50)
        names += get_online_ids(block)
        cursor = block["next"]
        if not cursor:
            break
    assert len(set(names)) == len(names) == block["totalResultCount"] == 129


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"searchTerm": "x"},
        {"searchTerm": "", "domainRequests": []},
        {
            "searchTerm": "x",
            "domainRequests": [{"domain": "SocialAllAccounts", "pagination": {"pageSize": 51}}],
        },
        {
            "searchTerm": "x",
            "domainRequests": [{"domain": "SocialAllAccounts", "pagination": {"cursor": "?"}}],
        },
    ],
)
def test_a_malformed_search_is_refused(owner: Caller, body: dict[str, Any]) -> None:
    assert parse_error(owner.request("POST", SEARCH, json=body))[:2] == (400, 2121729)
