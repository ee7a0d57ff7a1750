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
    Retired,
    Unauthenticated,
    Unavailable,
)
from providers.kit.sandbox import Fault
from providers.psn.client import PsnClient
from providers.psn.sandbox.app import psn_sandbox
from providers.psn.sandbox.world import CLIENT_ID, CLIENT_SECRET, SECOND_NPSSO
from providers.psn.stars import campaign_mapping
from providers.psn.stars.models import CampaignRow, MediaRow
from providers.records import (
    Campaign,
    CampaignRewardType,
    CampaignStatus,
    CollectibleRarity,
)
from tests.providers.psn.asking import GRAPHQL, ask, calls

NOVEMBER = "a8faa377-f08b-5d1d-a27c-68cc32930105"
NOT_ELIGIBLE = "00000000-0000-5000-8000-000000000500"
UNKNOWN = "00000000-0000-5000-8000-000000000999"
SECOND = {"x-client-id": CLIENT_ID, "x-client-secret": CLIENT_SECRET, "x-npsso": SECOND_NPSSO}
JSON = {"content-type": "application/json"}
GROUP = {"id": "Default", "campaigns": list[object]()}
EMPTY = {"data": {"loyaltyCampaignGroupRetrieve": [GROUP]}}


async def campaigns(client: PsnClient) -> tuple[Campaign, ...]:
    return (await client.campaigns()).value


async def november(client: PsnClient) -> Campaign:
    return (await client.campaign(NOVEMBER)).value


async def refused(question: Awaitable[object]) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await question
    return caught.value


def nimbus(status: int, message: str = "no") -> Fault:
    error = {"message": message, "extensions": {"statusCode": status}}
    body = {"errors": [error], "data": {"loyaltyCampaignGroupRetrieve": None}}
    return Fault("graphql", 200, body, JSON)


def test_a_campaign_is_told_whole() -> None:
    found = next(one for one in ask(campaigns) if one.native_id == NOVEMBER)
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


def test_points_are_a_number_where_there_are_any() -> None:
    assert {one.points for one in ask(campaigns)} >= {None, 50}


def test_only_the_detail_has_tasks() -> None:
    found = ask(november)
    assert found.tasks is not None
    (task,) = found.tasks
    assert (task.description, task.concept_id) == ("Play any PS4 or PS5 game.", None)


def test_the_request_is_what_psn_lets_pass() -> None:
    sandbox = psn_sandbox()
    ask(campaigns, sandbox)
    request = sandbox.log[-1]
    assert request.headers["apollographql-client-name"] == "PlayStationApp-Android"
    assert request.headers["apollo-require-preflight"] == "true"
    assert request.headers["content-type"] == "application/json"
    assert request.url.params["variables"] == "{}"


def test_an_account_that_never_joined_is_told_so_and_not_asked_again() -> None:
    sandbox = psn_sandbox()

    async def question(client: PsnClient) -> list[ProviderError]:
        asking = (client.campaigns, client.campaigns, lambda: client.campaign(NOVEMBER))
        return [await refused(one()) for one in asking]

    errors = ask(question, sandbox, caller=SECOND)
    assert {type(error) for error in errors} == {NotEnrolled}
    assert calls(sandbox) == {GRAPHQL: 2}


@pytest.mark.parametrize(
    ("way", "asked"), [("closed_empty", 1), ("closed_nimbus", 1), ("closed_not_found", 2)]
)
def test_the_ended_programme_is_left_alone(way: str, asked: int) -> None:
    sandbox = psn_sandbox()
    sandbox.settings["stars"] = way

    async def question(client: PsnClient) -> list[ProviderError]:
        asking = (client.campaigns, client.campaigns, lambda: client.campaign(NOVEMBER))
        return [await refused(one()) for one in asking]

    errors = ask(question, sandbox)
    assert {error.code for error in errors} == {"SOURCE_RETIRED"}
    assert calls(sandbox) == {GRAPHQL: asked}


@pytest.mark.parametrize("way", ["closed_empty", "closed_nimbus", "closed_not_found"])
def test_one_campaign_of_the_ended_programme_is_retired_too(way: str) -> None:
    sandbox = psn_sandbox()
    sandbox.settings["stars"] = way
    with pytest.raises(Retired):
        ask(november, sandbox)


def test_an_empty_answer_was_no_end_before_the_end() -> None:
    sandbox = psn_sandbox()
    sandbox.faults.append(Fault("graphql", 200, EMPTY, JSON))

    async def question(client: PsnClient) -> tuple[Campaign, ...]:
        then = replace(client.stars, now=lambda: datetime(2026, 11, 1, tzinfo=UTC))
        return (await then.campaigns()).value

    assert ask(question, sandbox) == ()
    with pytest.raises(Retired):
        ask(campaigns, sandbox)


@pytest.mark.parametrize("native_id", [NOT_ELIGIBLE, UNKNOWN])
def test_a_campaign_that_is_not_for_the_account_is_not_found(native_id: str) -> None:
    with pytest.raises(NotFound):
        ask(lambda client: client.campaign(native_id))


@pytest.mark.parametrize("native_id", ["", "x", f"{NOVEMBER}0", f"{NOVEMBER}\n", "../" + NOVEMBER])
def test_an_impossible_campaign_is_refused_before_any_call(native_id: str) -> None:
    sandbox = psn_sandbox()
    with pytest.raises(BadInput) as caught:
        ask(lambda client: client.campaign(native_id), sandbox)
    assert caught.value.argument == "id"
    assert not sandbox.calls


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (nimbus(429), RateLimited),
        (nimbus(503), Unavailable),
        (nimbus(401), Unauthenticated),
        (nimbus(400), Retired),
        (nimbus(400, "User is not enrolled inside the program!"), NotEnrolled),
        (Fault("graphql", 200, {"errors": [{"message": "Access denied! You"}]}), Unauthenticated),
        (Fault("graphql", 200, {"errors": [{"message": "?"}]}), BadResponse),
        (Fault("graphql", 400, {"errors": [{"message": "Cannot query field"}]}), BadResponse),
        (Fault("graphql", 403, "<html>"), Unavailable),
    ],
)
def test_errors_are_read_before_the_data(fault: Fault, kind: type[ProviderError]) -> None:
    sandbox = psn_sandbox()
    sandbox.faults.append(fault)
    assert type(ask(lambda client: refused(client.campaigns()), sandbox)) is kind


def test_a_callers_denied_access_is_his_own() -> None:
    sandbox = psn_sandbox()
    body = {"errors": [{"message": "Access denied! You need to be authorized"}], "data": None}
    sandbox.faults.append(Fault("graphql", 200, body, JSON))
    question: Callable[[PsnClient], Awaitable[ProviderError]] = lambda client: refused(  # noqa: E731
        client.campaigns()
    )
    assert isinstance(ask(question, sandbox, caller=SECOND), CallerUnauthenticated)


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
def test_points_are_read_out_of_their_formatted_text(text: str | None, points: int | None) -> None:
    assert campaign_mapping.points(text) == points


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
def test_a_film_is_known_by_its_address(url: str | None, is_video: bool) -> None:
    row = CampaignRow(native_id="1", images=[MediaRow(url=url, type="IMAGE")])
    (medium,) = campaign_mapping.campaign(row).images
    assert medium.is_video is is_video


def test_what_is_new_to_us_keeps_its_name() -> None:
    found = campaign_mapping.campaign(
        CampaignRow(native_id="1", status="PAUSED", reward_type="HUGS")
    )
    assert (found.status, found.raw_status) == (CampaignStatus.OTHER, "PAUSED")
    assert found.reward_type is CampaignRewardType.OTHER
