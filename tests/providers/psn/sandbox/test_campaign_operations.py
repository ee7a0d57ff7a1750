"""PlayStation Stars' campaigns."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from providers.psn.sandbox import campaign_operations
from providers.psn.sandbox.app import PsnSandbox
from tests.providers.psn.sandbox.operation_requests import (
    JSON_TYPE,
    PATH,
    build_query,
    find_hash,
    run_operation,
)
from tests.providers.psn.sandbox.signed_in_caller import MOBILE, Caller

LIST, DETAIL = "metGetCampaignGroup", "metLoyaltyCampaignByIdRetrieve"
CAMPAIGN = "e9546664-aa7f-50b7-ab52-c70eda2e403d"


def read_sample(name: str) -> Any:
    folder = Path(campaign_operations.__file__).parent
    return json.loads((folder / f"{name}.json").read_text("utf-8"))


def without_dates(answer: Any) -> list[Any]:
    dates = {"startDate", "endDate", "remainingTime"}
    return [
        {name: value for name, value in row.items() if name not in dates}
        for row in answer["data"]["loyaltyCampaignGroupRetrieve"][0]["campaigns"]
    ]


def test_no_campaign_has_ended(owner: Caller) -> None:
    (group,) = run_operation(owner, LIST)["data"]["loyaltyCampaignGroupRetrieve"]
    now = datetime.now(UTC)
    for row in group["campaigns"]:
        remaining = datetime.fromisoformat(row["endDate"]) - now
        assert remaining.total_seconds() > 0
        assert abs(remaining.total_seconds() - row["remainingTime"]) < 60


@pytest.mark.parametrize("index", [0, 1])
def test_the_campaigns_answer_under_both_hashes(owner: Caller, index: int) -> None:
    body = run_operation(owner, LIST, index=index)
    sample = read_sample("campaign_group")
    assert without_dates(body) == without_dates(sample)
    group = body["data"]["loyaltyCampaignGroupRetrieve"][0]
    assert [row["status"] for row in group["campaigns"]] == [
        "AUTO_REGISTERED",
        "NOT_REGISTERED",
        "REGISTERED",
        "COMPLETED",
    ]


def test_campaigns_are_only_for_members(second: Caller) -> None:
    assert run_operation(second, LIST) == read_sample("campaign_group_not_enrolled")
    detail = run_operation(second, DETAIL, {"campaignId": CAMPAIGN})
    assert detail["errors"][0]["statusCode"] == 400
    assert detail["errors"][0]["apiName"] == "getCampaignById"


def test_a_campaign_has_tasks_that_lead_to_games(owner: Caller) -> None:
    body = run_operation(owner, DETAIL, {"campaignId": CAMPAIGN})
    campaign = body["data"]["loyaltyCampaignByIdRetrieve"]
    assert campaign["name"] == "PlayStation & You: PS4"
    assert campaign["estimatedTime"] is None
    assert campaign["isRegistrationRequired"] is True
    assert [task["conceptId"] for task in campaign["tasks"]] == ["10000004", "10000013"]
    assert {task["type"] for task in campaign["tasks"]} == {"CONCEPT"}
    assert {task["name"] for task in campaign["tasks"]} == {None}


def test_every_campaign_of_the_group_has_tasks(owner: Caller) -> None:
    group = run_operation(owner, LIST)["data"]["loyaltyCampaignGroupRetrieve"][0]
    for row in group["campaigns"]:
        body = run_operation(owner, DETAIL, {"campaignId": row["id"]}, index=1)
        detail = body["data"]["loyaltyCampaignByIdRetrieve"]
        assert detail["tasks"]
        assert detail["remainingTime"] <= row.pop("remainingTime")
        assert row.items() <= detail.items()


def test_other_campaigns_fail_inside_the_answer(owner: Caller) -> None:
    body = run_operation(owner, DETAIL, {"campaignId": "00000000-0000-5000-8000-000000000500"})
    assert body["errors"][0]["error"]["reason"] == "InternalError"
    assert body["data"] == {"loyaltyCampaignByIdRetrieve": None}
    body = run_operation(owner, DETAIL, {"campaignId": "none"})
    assert body["errors"][0]["statusCode"] == 404


@pytest.mark.slow
@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({}, 'Variable "$campaignId" of required type "String!" was not provided.'),
        ({"campaignId": 7}, 'Variable "$campaignId" got invalid value 7.'),
    ],
)
def test_a_campaign_id_must_be_a_string(
    owner: Caller, variables: dict[str, Any], message: str
) -> None:
    params = build_query(DETAIL, variables, find_hash(DETAIL))
    response = owner.request("GET", MOBILE + PATH, JSON_TYPE, params=params)
    assert (response.status_code, response.json()) == (400, {"errors": [{"message": message}]})


@pytest.mark.parametrize(
    ("operation", "variables", "data"),
    [
        (LIST, {}, {"loyaltyCampaignGroupRetrieve": []}),
        (DETAIL, {"campaignId": CAMPAIGN}, {"loyaltyCampaignByIdRetrieve": None}),
    ],
)
def test_the_programme_can_end_without_campaigns(
    sandbox: PsnSandbox,
    owner: Caller,
    operation: str,
    variables: dict[str, Any],
    data: dict[str, Any],
) -> None:
    sandbox.settings["stars"] = "closed_empty"
    assert run_operation(owner, operation, variables) == {"data": data}


@pytest.mark.parametrize(
    ("operation", "variables", "root", "api"),
    [
        (LIST, {}, "loyaltyCampaignGroupRetrieve", "getCampaignGroups"),
        (DETAIL, {"campaignId": CAMPAIGN}, "loyaltyCampaignByIdRetrieve", "getCampaignById"),
    ],
)
def test_the_programme_can_end_with_a_failure(
    sandbox: PsnSandbox,
    owner: Caller,
    operation: str,
    variables: dict[str, Any],
    root: str,
    api: str,
) -> None:
    sandbox.settings["stars"] = "closed_error"
    body = run_operation(owner, operation, variables)
    assert body["data"] == {root: None}
    (error,) = body["errors"]
    assert (error["type"], error["apiName"]) == ("NimbusNormalizedError", api)


def test_the_programme_can_end_with_its_hashes(sandbox: PsnSandbox, owner: Caller) -> None:
    sandbox.settings["stars"] = "closed_not_found"
    for operation in (LIST, DETAIL, "metGetAccount"):
        body = run_operation(owner, operation, {"campaignId": CAMPAIGN})
        assert body["errors"][0]["message"] == "PersistedQueryNotFound"
    assert "data" in run_operation(owner, "getUserGameList")
