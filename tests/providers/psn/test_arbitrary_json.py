"""Any JSON from the account, trophy, Stars and sign-in services gives records or a known error."""

import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from providers.capabilities import ContentsKey, TitlePageKey
from providers.errors import ProviderError
from providers.kit.caching.cached import Cached
from providers.kit.sandbox import InjectedFault
from providers.psn.client import PsnClient
from providers.psn.sandbox.app import create_sandbox
from providers.records import Part
from tests.providers.psn.harness import make_title, run_with_client

ALL = Part(sum(part.value for part in Part))
CAMPAIGN = "a8faa377-f08b-5d1d-a27c-68cc32930105"
NAMES = [
    *("accountId", "onlineId", "profile", "profiles", "avatarUrls", "size", "plus", "npId"),
    *("trophyTitles", "npCommunicationId", "earnedTrophies", "bronze", "totalItemCount"),
    *("nextOffset", "trophyGroups", "trophyGroupId", "trophies", "trophyId", "trophyType"),
    *("trophyEarnedRate", "trophyProgressTargetValue", "progress", "lastUpdatedDateTime"),
    *("trophyLevel", "tier", "titles", "npTitleId", "data", "errors", "message", "statusCode"),
    *("loyaltyCampaignGroupRetrieve", "loyaltyCampaignByIdRetrieve", "campaigns", "id", "images"),
    *("error", "code", "access_token", "expires_in", "refresh_token_expires_in", "extensions"),
]
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["1", "-1", "2026-01-01T00:00:00Z", "1e999", "gold", "NPWR00001_00"])
)
BODIES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=4), inner, max_size=5)
    ),
    max_leaves=20,
)

Outcome = Cached[Any] | ProviderError
Scenario = Callable[[PsnClient], Awaitable[Sequence[Outcome]]]


async def load_people(client: PsnClient) -> Sequence[Outcome]:
    return await client.get_profiles(["me", "123", "456", "sample_friend"])


async def load_titles(client: PsnClient) -> Sequence[Outcome]:
    return await client.get_titles([TitlePageKey("me")])


async def load_summaries(client: PsnClient) -> Sequence[Outcome]:
    return await client.get_trophy_summaries(["me"])


async def load_contents(client: PsnClient) -> Sequence[Outcome]:
    wanted_parts = (ALL, ALL & ~Part.DEFINITIONS)
    return await client.get_contents(
        [ContentsKey("me", make_title("NPWR00001_00"), parts) for parts in wanted_parts]
    )


async def load_products(client: PsnClient) -> Sequence[Outcome]:
    return list(
        (await client.get_titles_by_product("me", ["PPSA00001_00", "CUSA00004_00"])).values()
    )


async def load_campaigns(client: PsnClient) -> Sequence[Outcome]:
    return [await client.get_campaigns()]


async def load_campaign(client: PsnClient) -> Sequence[Outcome]:
    return [await client.get_campaign(CAMPAIGN)]


SCENARIOS: dict[str, Scenario] = {
    "accounts/me": load_people,
    "profiles": load_people,
    "profile2": load_people,
    "trophyTitles": load_titles,
    "trophySummary": load_summaries,
    "/npCommunicationIds/[^/]*/trophyGroups": load_contents,
    "users/me/.*/trophyGroups": load_contents,
    "titles/trophyTitles": load_products,
    "graphql": load_campaigns,
    "op[?]operationName=metLoyalty": load_campaign,
    "oauth/token": load_titles,
    "playstation.com": load_contents,
}


@pytest.mark.slow
@pytest.mark.parametrize("path", SCENARIOS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(body=BODIES, status=st.sampled_from([200, 200, 200, 400, 403, 404]))
def test_any_json_gives_records_or_a_known_error(path: str, body: object, status: int) -> None:
    sandbox = create_sandbox()
    sent = json.dumps(body, allow_nan=True).encode("utf-8", "surrogatepass")
    sandbox.faults.append(InjectedFault(path, status, sent, {"content-type": "application/json"}))
    try:
        outcomes = run_with_client(SCENARIOS[path], sandbox)
    except ProviderError:
        return
    assert all(isinstance(outcome, Cached | ProviderError) for outcome in outcomes)
