"""Whatever the upstream sends, the answer is records or an error of ours."""

import asyncio
import json
from collections.abc import Sequence
from functools import cache
from typing import Any, cast

import httpx
import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from providers.capabilities import ContentsKey, TitlesKey, TotalKey
from providers.errors import ProviderError
from providers.kit.caching.cached import Answer
from providers.kit.sandbox import Fault
from providers.records import Part, Title
from providers.retroachievements import models
from providers.retroachievements.cached_records import ProgressKey
from providers.retroachievements.client import RetroAchievementsClient
from providers.retroachievements.sandbox.app import RetroAchievementsSandbox
from tests.providers.retroachievements.asking import JSON, Asking

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
KNOWN_NAMES = sorted({field.encode_name for one in MODELS for field in msgspec.structs.fields(one)})
QUERIES = (
    "GetUserProfile.php?u=VegaNorth",
    "GetUserCompletionProgress.php?u=VegaNorth",
    "GetGameInfoAndUserProgress.php?u=VegaNorth&g=523&a=1",
    "GetGameExtended.php?i=523",
    "GetUserProgress.php?u=VegaNorth&i=523,101",
    "GetUserAwards.php?u=VegaNorth",
    "GetAchievementsEarnedBetween.php?u=VegaNorth&f=0&t=1800000000",
)

LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(["2024-01-01 00:00:00", "Mastery/Completion", "77", "\ud800", "9" * 400]),
)
NAMES = st.sampled_from(KNOWN_NAMES) | st.text(max_size=4)
ANY_JSON = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=8),
    max_leaves=30,
)


async def everything(client: RetroAchievementsClient) -> list[Answer[Any] | ProviderError]:
    """Every ability, one after the other."""
    title = Title(native_id="523")
    wholes = [ContentsKey(handle, title, ~Part.NOTHING) for handle in ("VegaNorth", None)]
    found: list[Sequence[Answer[Any] | ProviderError]] = [
        await client.people(["VegaNorth"]),
        await client.titles([TitlesKey("VegaNorth"), TitlesKey("VegaNorth", 500)]),
        await client.contents(wholes),
        await client.progress([ProgressKey("VegaNorth", one) for one in ("523", "101")]),
        await client.awards(["VegaNorth"]),
        await client.totals([TotalKey("VegaNorth", one) for one in ("titles", "points", "awards")]),
    ]
    try:
        found.append([await client.unlock_history("VegaNorth", None)])
    except ProviderError as error:
        found.append([error])
    return [outcome for outcomes in found for outcome in outcomes]


def check(body: bytes, call: str = "API") -> None:
    asking = Asking()
    asking.sandbox.faults.append(Fault(call, 200, body, JSON))
    for outcome in asking.run(everything):
        assert isinstance(outcome, Answer | ProviderError)
        if isinstance(outcome, Answer):
            # What is remembered can also be written down.
            msgspec.msgpack.encode(outcome.value)


@settings(max_examples=60, deadline=None)
@given(ANY_JSON)
def test_any_json_is_survived(body: Any) -> None:
    check(json.dumps(body).encode())


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_good_answer_with_anything_in_one_place_is_survived(data: st.DataObject) -> None:
    call = data.draw(st.sampled_from(QUERIES))
    body: Any = json.loads(good(call))
    place = body
    while True:
        key = data.draw(st.sampled_from(_keys(place)))
        if not _keys(place[key]) or data.draw(st.booleans()):
            break
        place = place[key]
    place[key] = data.draw(ANY_JSON)
    check(json.dumps(body).encode(), call.partition(".")[0])


@settings(max_examples=20, deadline=None)
@given(st.binary(max_size=40))
def test_any_bytes_are_survived(body: bytes) -> None:
    check(body)


def _keys(place: Any) -> list[Any]:
    if isinstance(place, list):
        return list(range(len(cast("list[Any]", place))))
    return list(cast("dict[str, Any]", place)) if isinstance(place, dict) else []


@cache
def good(call: str) -> bytes:
    url = f"https://retroachievements.org/API/API_{call}&y=sandbox-ra-key"

    async def ask() -> bytes:
        response = await RetroAchievementsSandbox().answer(httpx.Request("GET", url))
        return await response.aread()

    return asyncio.run(ask())
