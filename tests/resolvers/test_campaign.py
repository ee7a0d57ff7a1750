"""A campaign by its id: from the list with its group, alone without one, or null."""

import json
from importlib.resources import files
from typing import Any

from providers.psn.sandbox.constants import SECOND_ACCOUNT_ID
from tests.harness import NO_CACHE_HEADERS, RunningServer

CAMPAIGNS = """
query ($accounts: [AccountInput!]!) {
  user(accounts: $accounts) { campaigns { id nativeId groupId } }
}
"""
CAMPAIGN = "query ($id: ID!) { node(id: $id) { ... on Campaign { id nativeId groupId } } }"
LIST, DETAIL = "metGetCampaignGroup", "metLoyaltyCampaignByIdRetrieve"
ME = {"source": "PSN", "handle": "me"}
SANDBOX_LIST = files("providers.psn.sandbox") / "campaign_group.json"
NO_CAMPAIGN = {"data": {"loyaltyCampaignByIdRetrieve": None}}


def fetch_first(server: RunningServer) -> Any:
    return server.fetch_data(CAMPAIGNS, {"accounts": [ME]})["user"]["campaigns"][0]


def remove_first_from_list(server: RunningServer) -> None:
    body = json.loads(SANDBOX_LIST.read_text(encoding="utf-8"))
    del body["data"]["loyaltyCampaignGroupRetrieve"][0]["campaigns"][0]
    server.inject_fault(LIST, status=200, body=body)


def test_a_listed_campaign_has_its_group_and_costs_no_call_of_its_own(
    server: RunningServer,
) -> None:
    listed = fetch_first(server)

    answer = server.execute(CAMPAIGN, {"id": listed["id"]})

    assert answer.data["node"] == listed
    assert not any(DETAIL in str(request.url) for request in server.psn.log)


def test_a_campaign_that_is_no_longer_listed_has_no_group(server: RunningServer) -> None:
    listed = fetch_first(server)
    remove_first_from_list(server)

    found = server.fetch_data(CAMPAIGN, {"id": listed["id"]}, NO_CACHE_HEADERS)["node"]

    assert found == {**listed, "groupId": None}


def test_a_campaign_that_no_longer_exists_is_null(server: RunningServer) -> None:
    listed = fetch_first(server)
    remove_first_from_list(server)
    server.inject_fault(DETAIL, status=200, body=NO_CAMPAIGN)

    assert server.fetch_data(CAMPAIGN, {"id": listed["id"]}, NO_CACHE_HEADERS) == {"node": None}


def test_the_first_account_with_campaigns_decides_whose_they_are(server: RunningServer) -> None:
    other = {"source": "PSN", "handle": SECOND_ACCOUNT_ID}
    retro = {"source": "RETRO_ACHIEVEMENTS", "handle": "VegaNorth"}

    own = server.fetch_data(CAMPAIGNS, {"accounts": [retro, ME]})["user"]["campaigns"]
    answer = server.execute(CAMPAIGNS, {"accounts": [retro, other]})

    assert own
    assert answer.partial_data == {"user": {"campaigns": None}}
    assert answer.error == {"code": "FORBIDDEN", "source": "PSN"}
