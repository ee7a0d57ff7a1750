"""Any response gives records or a declared error."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from providers.capabilities import TotalKey
from providers.errors import ProviderError
from providers.kit.caching.cached import Cached
from providers.trophy_so.client import TrophySoClient
from tests.providers.trophy_so.harness import ClientHarness

NAMES = [
    "id",
    "key",
    "name",
    "description",
    "trigger",
    "badgeUrl",
    "completions",
    "rarity",
    "achievedAt",
    "metricId",
    "metricName",
    "metricValue",
    "streakLength",
    "achievementIds",
    "userAttributes",
    "eventAttributes",
    "eventAttribute",
    "value",
    "current",
    "length",
    "frequency",
    "tz",
    "created",
    "error",
]
WORDS = st.sampled_from(
    ["metric", "streak", "api", "achievement", "", "1", "2024-01-01T00:00:00Z", "http://[", "1e999"]
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | WORDS


def make_object_strategy(values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Return a strategy of objects with declared keys and any values."""
    return st.dictionaries(st.sampled_from(NAMES), values, max_size=12)


VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | make_object_strategy(inner), max_leaves=6
)


OBJECTS = st.fixed_dictionaries(dict.fromkeys(NAMES, SCALARS)) | make_object_strategy(VALUES)


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(body=OBJECTS | st.lists(OBJECTS, max_size=4) | VALUES)
def test_any_json_gives_records_or_a_declared_error(body: Any) -> None:
    harness = ClientHarness().with_response("users", body)

    async def load_everything(client: TrophySoClient) -> list[Any]:
        handles = ["vega"]
        return [
            *await client.get_profiles(handles),
            *await client.get_achievements(handles),
            *await client.get_metrics(handles),
            *await client.get_streaks(handles),
            *await client.get_totals([TotalKey("vega", "earned")]),
        ]

    for outcome in harness.run(load_everything):
        assert isinstance(outcome, Cached | ProviderError)
