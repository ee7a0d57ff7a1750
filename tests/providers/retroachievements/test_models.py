"""Any response gives records or a declared error."""

import asyncio
import json
from collections.abc import Sequence
from functools import cache
from typing import Any, cast

import httpx
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from providers.capabilities import ContentsKey, TitlePageKey, TotalKey
from providers.errors import ProviderError
from providers.kit.caching.cached import Cached
from providers.kit.sandbox import InjectedFault
from providers.records import Part, Title
from providers.retroachievements import models
from providers.retroachievements.cached_records import ProgressKey
from providers.retroachievements.client import RetroAchievementsClient
from providers.retroachievements.sandbox.app import RetroAchievementsSandbox
from tests.providers.retroachievements.harness import JSON, ClientHarness

MODELS = (
    models.Profile,
    models.CompletionProgress,
    models.CompletedGame,
    models.GameProgress,
    models.Game,
    models.GameAchievement,
    models.UserAwards,
    models.UserAward,
    models.EarnedAchievement,
)
FIELDS = [field for model in MODELS for field in msgspec.structs.fields(model)]
KNOWN_NAMES = sorted({field.encode_name for field in FIELDS})
QUERIES = (
    "GetUserProfile.php?u=VegaNorth",
    "GetUserCompletionProgress.php?u=VegaNorth",
    "GetGameInfoAndUserProgress.php?u=VegaNorth&g=523&a=1",
    "GetGameExtended.php?i=523",
    "GetUserProgress.php?u=VegaNorth&i=523,101",
    "GetUserAwards.php?u=VegaNorth",
    "GetAchievementsEarnedBetween.php?u=VegaNorth&f=0&t=1800000000",
)

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(["2024-01-01 00:00:00", "Mastery/Completion", "77", "\ud800", "9" * 400]),
)
NAMES = st.sampled_from(KNOWN_NAMES) | st.text(max_size=4)
ANY_JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=8),
    max_leaves=30,
)


async def load_everything(client: RetroAchievementsClient) -> list[Cached[Any] | ProviderError]:
    """Use every capability."""
    title = Title(native_id="523")
    progress_keys = [ProgressKey("VegaNorth", native_id) for native_id in ("523", "101")]
    contents_keys = [ContentsKey(handle, title, ~Part.NONE) for handle in ("VegaNorth", None)]
    outcomes_by_call: list[Sequence[Cached[Any] | ProviderError]] = [
        await client.get_profiles(["VegaNorth"]),
        await client.get_titles([TitlePageKey("VegaNorth"), TitlePageKey("VegaNorth", 500)]),
        await client.get_contents(contents_keys),
        await client.get_progress(progress_keys),
        await client.get_awards(["VegaNorth"]),
        await client.get_totals(
            [TotalKey("VegaNorth", name) for name in ("titles", "points", "awards")]
        ),
    ]
    try:
        outcomes_by_call.append([await client.get_unlock_history("VegaNorth", None)])
    except ProviderError as error:
        outcomes_by_call.append([error])
    return [outcome for outcomes in outcomes_by_call for outcome in outcomes]


def check_outcomes(body: bytes, endpoint: str = "API") -> None:
    harness = ClientHarness()
    harness.sandbox.faults.append(InjectedFault(endpoint, 200, body, JSON))
    for outcome in harness.run(load_everything):
        assert isinstance(outcome, Cached | ProviderError)
        if isinstance(outcome, Cached):
            # A record can be stored in Redis.
            msgspec.msgpack.encode(outcome.value)


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(ANY_JSON)
def test_any_json_gives_records_or_a_declared_error(body: Any) -> None:
    check_outcomes(json.dumps(body).encode())


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_valid_body_with_any_one_value_replaced_gives_records_or_a_declared_error(
    data: st.DataObject,
) -> None:
    query = data.draw(st.sampled_from(QUERIES))
    body: Any = json.loads(load_valid_body(query))
    container = body
    while True:
        key = data.draw(st.sampled_from(list_keys(container)))
        if not list_keys(container[key]) or data.draw(st.booleans()):
            break
        container = container[key]
    container[key] = data.draw(ANY_JSON)
    check_outcomes(json.dumps(body).encode(), query.partition(".")[0])


@pytest.mark.slow
@settings(max_examples=20, deadline=None)
@given(st.binary(max_size=40))
def test_any_bytes_give_records_or_a_declared_error(body: bytes) -> None:
    check_outcomes(body)


def list_keys(container: Any) -> list[Any]:
    if isinstance(container, list):
        return list(range(len(cast("list[Any]", container))))
    return list(cast("dict[str, Any]", container)) if isinstance(container, dict) else []


@cache
def load_valid_body(query: str) -> bytes:
    url = f"https://retroachievements.org/API/API_{query}&y=sandbox-ra-key"

    async def load() -> bytes:
        response = await RetroAchievementsSandbox().handle_request(httpx.Request("GET", url))
        return await response.aread()

    return asyncio.run(load())
