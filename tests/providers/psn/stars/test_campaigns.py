"""Campaigns while PlayStation Stars is open, and after its end in every form that may take."""

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
from providers.psn_records import Campaign
from tests.providers.psn.harness import GRAPHQL, JSON, count_calls, run_with_client
from tests.providers.psn.stars.campaign_harness import NOVEMBER_ID, load_campaigns, load_november

NOT_ELIGIBLE = "00000000-0000-5000-8000-000000000500"

UNKNOWN = "00000000-0000-5000-8000-000000000999"

SECOND = {"x-client-id": CLIENT_ID, "x-client-secret": CLIENT_SECRET, "x-npsso": SECOND_NPSSO}

GROUP = {"id": "Default", "campaigns": list[object]()}

EMPTY = {"data": {"loyaltyCampaignGroupRetrieve": [GROUP]}}


async def get_error(call: Awaitable[object]) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await call
    return caught.value


def make_graphql_fault(status: int, message: str = "no") -> InjectedFault:
    error = {"message": message, "extensions": {"statusCode": status}}
    body = {"errors": [error], "data": {"loyaltyCampaignGroupRetrieve": None}}
    return InjectedFault("graphql", 200, body, JSON)


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
        return [await get_error(load()) for load in loads]

    errors = run_with_client(scenario, sandbox, caller=SECOND)
    assert {type(error) for error in errors} == {NotEnrolled}
    assert count_calls(sandbox) == {GRAPHQL: 2}


@pytest.mark.parametrize(
    ("end", "count"), [("closed_empty", 1), ("closed_nimbus", 1), ("closed_not_found", 2)]
)
def test_the_ended_programme_is_retired_and_not_called_again(end: str, count: int) -> None:
    sandbox = create_sandbox()
    sandbox.settings["stars"] = end

    async def scenario(client: PsnClient) -> list[ProviderError]:
        loads = (
            client.get_campaigns,
            client.get_campaigns,
            lambda: client.get_campaign(NOVEMBER_ID),
        )
        return [await get_error(load()) for load in loads]

    errors = run_with_client(scenario, sandbox)
    assert {error.code for error in errors} == {"SOURCE_RETIRED"}
    assert count_calls(sandbox) == {GRAPHQL: count}


@pytest.mark.parametrize("end", ["closed_empty", "closed_nimbus", "closed_not_found"])
def test_one_campaign_of_the_ended_programme_is_retired_too(end: str) -> None:
    sandbox = create_sandbox()
    sandbox.settings["stars"] = end
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
