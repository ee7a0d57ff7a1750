"""PlayStation Stars campaigns of the viewer, also after the program was retired."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from providers.psn.sandbox.constants import FRIEND_ACCOUNT_ID, OWNER_ACCOUNT_ID, SECOND_NPSSO
from tests.harness import NO_CALLS, RETRO_VEGA, RunningServer

VIEWER_QUERY = "{ viewer { campaigns%s { %s } } }"
USER_QUERY = (
    "query ($accounts: [AccountInput!]!) { user(accounts: $accounts) { campaigns { id } } }"
)
CAMPAIGN = """
    nativeId groupId groupName name description rewardType points displayPoints productId
    collectible { nativeId name rarity rawRarity assets { url role type isVideo } }
    images { url altText role type isVideo }
    startsAt endsAt remainingSeconds progress status rawStatus isNew isRegistrable
"""
TASKS = "nativeId tasks { nativeId description conceptId productId progress status rawStatus }"
INELIGIBLE = {
    "errors": [{"message": "Internal Server Error", "statusCode": 500}],
    "data": {"loyaltyCampaignRetrieve": None},
}
SECOND = {
    "x-client-id": "sandbox-client",
    "x-client-secret": "sandbox-secret",
    "x-npsso": SECOND_NPSSO,
}


def fetch_campaigns(server: RunningServer, fields: str, arguments: str = "") -> list[Any]:
    return server.fetch_data(VIEWER_QUERY % (arguments, fields))["viewer"]["campaigns"]


def test_a_campaign_with_a_collectible(server: RunningServer) -> None:
    first = fetch_campaigns(server, CAMPAIGN)[0]

    starts_at, ends_at = (
        datetime.fromisoformat(first.pop(each)) for each in ("startsAt", "endsAt")
    )
    assert ends_at - starts_at == timedelta(days=29, hours=23, minutes=59)
    assert timedelta(0) < timedelta(seconds=first.pop("remainingSeconds"))
    description, images = first.pop("description"), first.pop("images")
    assert description.startswith("Crunchy leaves")
    assert [image["isVideo"] for image in images] == [False]
    assert [asset["isVideo"] for asset in first["collectible"].pop("assets")] == [False, True]
    assert first == {
        "nativeId": "a8faa377-f08b-5d1d-a27c-68cc32930105",
        "groupId": "Default",
        "groupName": "Default",
        "name": "November Check-In",
        "rewardType": "COLLECTIBLE",
        "points": None,
        "displayPoints": "",
        "productId": None,
        "collectible": {
            "nativeId": "90c66449-9c4d-5eeb-a07a-254b2a1d1ec0",
            "name": "November\N{RIGHT SINGLE QUOTATION MARK}s Robbit",
            "rarity": "UNCOMMON",
            "rawRarity": "UNCOMMON",
        },
        "progress": 0,
        "status": "AUTO_REGISTERED",
        "rawStatus": "AUTO_REGISTERED",
        "isNew": True,
        "isRegistrable": True,
    }


def test_a_campaign_with_points(server: RunningServer) -> None:
    (found,) = [
        each for each in fetch_campaigns(server, CAMPAIGN) if each["rewardType"] == "POINTS"
    ]

    assert (found["points"], found["displayPoints"], found["collectible"]) == (50, "50", None)
    assert found["productId"] == "EP3643-PPSA06417_00-0308301971493556"


def test_tasks_cost_a_call_for_each_campaign_and_nothing_else_does(server: RunningServer) -> None:
    query = USER_QUERY.replace("id", "%s")
    accounts = {"accounts": [{"source": "PSN", "handle": "me"}]}
    listed = server.execute(query % CAMPAIGN, accounts)
    detailed = server.execute(query % TASKS, accounts)

    # The account id and the list, then the detail of each of the four.
    assert (listed.upstream_calls, detailed.upstream_calls) == ({"PSN": 2}, {"PSN": 4})
    tasks = {each["nativeId"]: each["tasks"] for each in detailed.data["user"]["campaigns"]}
    assert [len(each) for each in tasks.values()] == [1, 2, 2, 1]
    assert tasks["a337bf45-dcdd-5914-992e-adc076e1dce9"][0] == {
        "nativeId": tasks["a337bf45-dcdd-5914-992e-adc076e1dce9"][0]["nativeId"],
        "description": "Play Sample Quest.",
        "conceptId": "10000001",
        "productId": None,
        "progress": 100,
        "status": "COMPLETED",
        "rawStatus": "COMPLETED",
    }
    unknown = tasks["e9546664-aa7f-50b7-ab52-c70eda2e403d"][0]
    assert (unknown["status"], unknown["rawStatus"]) == ("OTHER", "NOT_STARTED")


def test_campaigns_can_be_filtered_by_status(server: RunningServer) -> None:
    everything = fetch_campaigns(server, "nativeId status")
    states = [each["status"] for each in everything]

    assert fetch_campaigns(server, "nativeId status", "(statuses: [REGISTERED, COMPLETED])") == [
        each for each in everything if each["status"] in ("REGISTERED", "COMPLETED")
    ]
    assert fetch_campaigns(server, "nativeId status", "(statuses: [EXPIRED])") == []
    assert "REGISTERED" in states


def test_the_campaigns_of_another_account_are_forbidden(server: RunningServer) -> None:
    accounts = [{"source": "PSN", "handle": FRIEND_ACCOUNT_ID}]

    answer = server.execute(USER_QUERY, {"accounts": accounts})

    assert answer.partial_data == {"user": {"campaigns": None}}
    assert answer.error == {"code": "FORBIDDEN", "source": "PSN"}


@pytest.mark.parametrize("handle", ["me", "vega_north", OWNER_ACCOUNT_ID])
def test_own_campaigns_are_shown_under_every_handle(server: RunningServer, handle: str) -> None:
    accounts = [{"source": "PSN", "handle": handle}]

    assert len(server.fetch_data(USER_QUERY, {"accounts": accounts})["user"]["campaigns"]) == 4


def test_an_account_that_has_not_joined_is_not_enrolled(server: RunningServer) -> None:
    answer = server.execute(VIEWER_QUERY % ("", "id"), headers=SECOND)

    assert answer.partial_data == {"viewer": {"campaigns": None}}
    assert answer.error == {"code": "NOT_ENROLLED", "source": "PSN"}


@pytest.mark.parametrize("how", ["closed", "closed_empty"])
def test_a_retired_program_is_not_called_again(server: RunningServer, how: str) -> None:
    server.psn.settings["stars"] = how
    query = "{ viewer { displayName campaigns { id } } }"

    first = server.execute(query)
    second = server.execute(query)

    for answer in (first, second):
        assert answer.partial_data["viewer"] == {"displayName": "vega_north", "campaigns": None}
        assert answer.error == {"code": "SOURCE_RETIRED", "source": "PSN"}
    assert second.upstream_calls == NO_CALLS


def test_a_user_without_a_psn_account_has_no_campaigns(server: RunningServer) -> None:
    answer = server.execute(USER_QUERY, {"accounts": RETRO_VEGA})

    assert answer.partial_data == {"user": {"campaigns": None}}
    assert answer.error == {"code": "FORBIDDEN"}
    assert answer.upstream_calls == NO_CALLS


def test_a_campaign_without_an_accessible_detail_is_loaded_from_the_list(
    server: RunningServer,
) -> None:
    selected = "id name groupId groupName status"
    listed = fetch_campaigns(server, selected)
    server.inject_fault("metLoyaltyCampaignByIdRetrieve", status=200, body=INELIGIBLE)

    query = f"query ($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on Campaign {{ {selected} }} }} }}"
    found = server.fetch_data(query, {"ids": [each["id"] for each in listed]})["nodes"]

    assert found == listed
    assert all(each["groupId"] for each in found)
