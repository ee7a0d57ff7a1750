"""Whatever a route answers, there are records or an error that is declared."""

import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from providers.capabilities import ContentsKey, TitlesKey
from providers.errors import ProviderError
from providers.kit.caching.cached import Answer
from providers.kit.sandbox import Fault
from providers.psn.client import PsnClient
from providers.psn.sandbox.app import psn_sandbox
from providers.records import Part
from tests.providers.psn.asking import ask, title

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
PLAIN = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["1", "-1", "2026-01-01T00:00:00Z", "1e999", "gold", "NPWR00001_00"])
)
BODIES = st.recursive(
    PLAIN,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=4), inner, max_size=5)
    ),
    max_leaves=20,
)

Outcome = Answer[Any] | ProviderError
Question = Callable[[PsnClient], Awaitable[Sequence[Outcome]]]


async def people(client: PsnClient) -> Sequence[Outcome]:
    return await client.people(["me", "123", "456", "sample_friend"])


async def titles(client: PsnClient) -> Sequence[Outcome]:
    return await client.titles([TitlesKey("me")])


async def summaries(client: PsnClient) -> Sequence[Outcome]:
    return await client.trophy_summaries(["me"])


async def contents(client: PsnClient) -> Sequence[Outcome]:
    wanted = (ALL, ALL & ~Part.DEFINITIONS)
    return await client.contents([ContentsKey("me", title("NPWR00001_00"), one) for one in wanted])


async def products(client: PsnClient) -> Sequence[Outcome]:
    return list((await client.titles_by_product("me", ["PPSA00001_00", "CUSA00004_00"])).values())


async def campaigns(client: PsnClient) -> Sequence[Outcome]:
    return [await client.campaigns()]


async def campaign(client: PsnClient) -> Sequence[Outcome]:
    return [await client.campaign(CAMPAIGN)]


QUESTIONS: dict[str, Question] = {
    "accounts/me": people,
    "profiles": people,
    "profile2": people,
    "trophyTitles": titles,
    "trophySummary": summaries,
    "/npCommunicationIds/[^/]*/trophyGroups": contents,
    "users/me/.*/trophyGroups": contents,
    "titles/trophyTitles": products,
    "graphql": campaigns,
    "op[?]operationName=metLoyalty": campaign,
    "oauth/token": titles,
    "playstation.com": contents,
}


@pytest.mark.parametrize("path", QUESTIONS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(body=BODIES, status=st.sampled_from([200, 200, 200, 400, 403, 404]))
def test_any_json_gives_records_or_a_declared_error(path: str, body: object, status: int) -> None:
    sandbox = psn_sandbox()
    sent = json.dumps(body, allow_nan=True).encode("utf-8", "surrogatepass")
    sandbox.faults.append(Fault(path, status, sent, {"content-type": "application/json"}))
    try:
        outcomes = ask(QUESTIONS[path], sandbox)
    except ProviderError:
        return
    assert all(isinstance(outcome, Answer | ProviderError) for outcome in outcomes)
