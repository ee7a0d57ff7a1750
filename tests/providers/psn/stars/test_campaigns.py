"""PlayStation Stars, open and in every way it may have ended."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from providers.errors import (
    BadInput,
    BadResponse,
    CallerUnauthenticated,
    NotEnrolled,
    NotFound,
    ProviderError,
    RateLimited,
    SourceRetired,
    Unauthenticated,
    Unavailable,
)
from providers.kit.sandbox import InjectedFault
from providers.psn.client import PsnClient
from providers.psn.sandbox.app import create_sandbox
from providers.psn.sandbox.constants import CLIENT_ID, CLIENT_SECRET, SECOND_NPSSO
from providers.psn.stars import campaign_mapping
from providers.psn.stars.models import CampaignRow, MediaRow
from providers.psn_records import Campaign, CampaignRewardType, CampaignStatus, CollectibleRarity
from tests.providers.psn.harness import GRAPHQL, JSON, count_calls, run_with_client

NOVEMBER_ID = "a8faa377-f08b-5d1d-a27c-68cc32930105"
NOT_ELIGIBLE = "00000000-0000-5000-8000-000000000500"
UNKNOWN = "00000000-0000-5000-8000-000000000999"
SECOND = {"x-client-id": CLIENT_ID, "x-client-secret": CLIENT_SECRET, "x-npsso": SECOND_NPSSO}
GROUP = {"id": "Default", "campaigns": list[object]()}
EMPTY = {"data": {"loyaltyCampaignGroupRetrieve": [GROUP]}}


async def load_campaigns(client: PsnClient) -> tuple[Campaign, ...]:
    return (await client.get_campaigns()).value


async def load_november(client: PsnClient) -> Campaign:
    return (await client.get_campaign(NOVEMBER_ID)).value


async def get_error(call: Awaitable[object]) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await call
    return caught.value


def make_graphql_fault(status: int, message: str = "no") -> InjectedFault:
    error = {"message": message, "extensions": {"statusCode": status}}
    body = {"errors": [error], "data": {"loyaltyCampaignGroupRetrieve": None}}
    return InjectedFault("graphql", 200, body, JSON)


def test_a_campaign_is_complete() -> None:
    found = next(one for one in run_with_client(load_campaigns) if one.native_id == NOVEMBER_ID)
    assert (found.group_id, found.group_name) == ("Default", "Default")
    assert found.name == "November Check-In"
    assert (found.reward_type, found.points) == (CampaignRewardType.COLLECTIBLE, None)
    assert found.display_points == ""
    assert found.collectible is not None
    assert found.collectible.rarity is CollectibleRarity.UNCOMMON
    assert [asset.is_video for asset in found.collectible.assets] == [False, True]
    assert (found.status, found.raw_status) == (CampaignStatus.AUTO_REGISTERED, "AUTO_REGISTERED")
    assert found.starts_at == datetime(2023, 11, 1, 4, tzinfo=UTC)
    assert found.remaining_seconds == 292334
    assert (found.is_new, found.is_registrable, found.progress) == (True, True, 0)
    assert found.tasks is None


def test_points_are_a_number_or_null() -> None:
    assert {one.points for one in run_with_client(load_campaigns)} >= {None, 50}


def test_only_the_detail_has_tasks() -> None:
    found = run_with_client(load_november)
    assert found.tasks is not None
    (task,) = found.tasks
    assert (task.description, task.concept_id) == ("Play any PS4 or PS5 game.", None)


def test_the_request_has_the_headers_that_psn_requires() -> None:
    sandbox = create_sandbox()
    run_with_client(load_campaigns, sandbox)
    request = sandbox.log[-1]
    assert request.headers["apollographql-client-name"] == "PlayStationApp-Android"
    assert request.headers["apollo-require-preflight"] == "true"
    assert request.headers["content-type"] == "application/json"
    assert request.url.params["variables"] == "{}"


def test_an_account_that_never_joined_is_not_enrolled_and_cached() -> None:
    sandbox = create_sandbox()

    async def scenario(client: PsnClient) -> list[ProviderError]:
        loads = (
            client.get_campaigns,
            client.get_campaigns,
            lambda: client.get_campaign(NOVEMBER_ID),
        )
        return [await get_error(one()) for one in loads]

    errors = run_with_client(scenario, sandbox, caller=SECOND)
    assert {type(error) for error in errors} == {NotEnrolled}
    assert count_calls(sandbox) == {GRAPHQL: 2}


@pytest.mark.parametrize(
    ("closing", "count"), [("closed_empty", 1), ("closed_nimbus", 1), ("closed_not_found", 2)]
)
def test_the_ended_programme_is_retired_and_not_called_again(closing: str, count: int) -> None:
    sandbox = create_sandbox()
    sandbox.settings["stars"] = closing

    async def scenario(client: PsnClient) -> list[ProviderError]:
        loads = (
            client.get_campaigns,
            client.get_campaigns,
            lambda: client.get_campaign(NOVEMBER_ID),
        )
        return [await get_error(one()) for one in loads]

    errors = run_with_client(scenario, sandbox)
    assert {error.code for error in errors} == {"SOURCE_RETIRED"}
    assert count_calls(sandbox) == {GRAPHQL: count}


@pytest.mark.parametrize("closing", ["closed_empty", "closed_nimbus", "closed_not_found"])
def test_one_campaign_of_the_ended_programme_is_retired_too(closing: str) -> None:
    sandbox = create_sandbox()
    sandbox.settings["stars"] = closing
    with pytest.raises(SourceRetired):
        run_with_client(load_november, sandbox)


def test_an_empty_response_before_the_end_is_an_empty_list() -> None:
    sandbox = create_sandbox()
    sandbox.faults.append(InjectedFault("graphql", 200, EMPTY, JSON))

    async def scenario(client: PsnClient) -> tuple[Campaign, ...]:
        then = replace(client.campaigns, now=lambda: datetime(2026, 11, 1, tzinfo=UTC))
        return (await then.get_campaigns()).value

    assert run_with_client(scenario, sandbox) == ()
    with pytest.raises(SourceRetired):
        run_with_client(load_campaigns, sandbox)


@pytest.mark.parametrize("native_id", [NOT_ELIGIBLE, UNKNOWN])
def test_an_ineligible_or_unknown_campaign_is_not_found(native_id: str) -> None:
    with pytest.raises(NotFound):
        run_with_client(lambda client: client.get_campaign(native_id))


@pytest.mark.parametrize(
    "native_id", ["", "x", f"{NOVEMBER_ID}0", f"{NOVEMBER_ID}\n", "../" + NOVEMBER_ID]
)
def test_an_invalid_campaign_id_is_rejected_before_any_call(native_id: str) -> None:
    sandbox = create_sandbox()
    with pytest.raises(BadInput) as caught:
        run_with_client(lambda client: client.get_campaign(native_id), sandbox)
    assert caught.value.argument == "id"
    assert not sandbox.calls


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (make_graphql_fault(429), RateLimited),
        (make_graphql_fault(503), Unavailable),
        (make_graphql_fault(401), Unauthenticated),
        (make_graphql_fault(400), SourceRetired),
        (make_graphql_fault(400, "User is not enrolled inside the program!"), NotEnrolled),
        (
            InjectedFault("graphql", 200, {"errors": [{"message": "Access denied! You"}]}),
            Unauthenticated,
        ),
        (InjectedFault("graphql", 200, {"errors": [{"message": "?"}]}), BadResponse),
        (
            InjectedFault("graphql", 400, {"errors": [{"message": "Cannot query field"}]}),
            BadResponse,
        ),
        (InjectedFault("graphql", 403, "<html>"), Unavailable),
    ],
)
def test_errors_are_read_before_the_data(fault: InjectedFault, kind: type[ProviderError]) -> None:
    sandbox = create_sandbox()
    sandbox.faults.append(fault)
    assert type(run_with_client(lambda client: get_error(client.get_campaigns()), sandbox)) is kind


def test_a_callers_denied_access_is_the_callers_error() -> None:
    sandbox = create_sandbox()
    body = {"errors": [{"message": "Access denied! You need to be authorized"}], "data": None}
    sandbox.faults.append(InjectedFault("graphql", 200, body, JSON))
    scenario: Callable[[PsnClient], Awaitable[ProviderError]] = lambda client: get_error(  # noqa: E731
        client.get_campaigns()
    )
    assert isinstance(run_with_client(scenario, sandbox, caller=SECOND), CallerUnauthenticated)


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("50", 50),
        ("1,250", 1250),
        ("1.250", 1250),
        ("12\u202f500", 12500),
        ("", None),
        (None, None),
        ("1,25", None),
        ("many", None),
        ("9" * 30, None),
    ],
)
def test_formatted_points_are_parsed(text: str | None, points: int | None) -> None:
    assert campaign_mapping.parse_points(text) == points


@pytest.mark.parametrize(
    ("url", "is_video"),
    [
        ("https://image.invalid/a.mp4", True),
        ("http://image.invalid/a.WEBM?x=1", True),
        ("https://image.invalid/a.png?x=.mp4", False),
        ("javascript:a.mp4", False),
        (None, False),
    ],
)
def test_a_video_is_recognized_by_its_url(url: str | None, is_video: bool) -> None:
    row = CampaignRow(native_id="1", images=[MediaRow(url=url, type="IMAGE")])
    (medium,) = campaign_mapping.map_campaign(row).images
    assert medium.is_video is is_video


def test_unknown_values_keep_their_raw_name() -> None:
    found = campaign_mapping.map_campaign(
        CampaignRow(native_id="1", status="PAUSED", reward_type="HUGS")
    )
    assert (found.status, found.raw_status) == (CampaignStatus.OTHER, "PAUSED")
    assert found.reward_type is CampaignRewardType.OTHER
