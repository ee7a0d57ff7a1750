"""What is said when the upstream does not answer as it should."""

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from providers.capabilities import TotalKey
from providers.errors import ProviderError
from providers.kit.caching.cached import Cached
from providers.kit.request_context import RequestContext, set_current
from providers.kit.sandbox import InjectedFault
from providers.trophy_so.client import TrophySoClient
from tests.providers.trophy_so.harness import JSON, ClientHarness, get_error

UPSTREAM_TEXT = "marked upstream text"


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (401, "UPSTREAM_UNAUTHENTICATED"),
        (403, "PRIVATE"),
        (404, "NOT_FOUND"),
        (409, "UPSTREAM_BAD_RESPONSE"),
        (429, "UPSTREAM_RATE_LIMITED"),
        (500, "UPSTREAM_UNAVAILABLE"),
        (503, "UPSTREAM_UNAVAILABLE"),
        (520, "UPSTREAM_UNAVAILABLE"),
        (301, "UPSTREAM_BAD_RESPONSE"),
    ],
)
@pytest.mark.parametrize(
    "capability", ["get_profiles", "get_achievements", "get_metrics", "get_streaks"]
)
def test_an_error_has_a_code_and_never_the_upstream_text(
    capability: str, status: int, code: str
) -> None:
    harness = ClientHarness().with_response("users", {"error": UPSTREAM_TEXT}, status)
    found = get_error(harness.run(lambda client: getattr(client, capability)(["vega"])))
    assert (found.code, found.source) == (code, "TROPHY_SO")
    assert UPSTREAM_TEXT not in repr(found)


@pytest.mark.parametrize("status", [400, 403, 404, 422])
def test_an_html_page_of_the_cdn_is_unavailable(status: int) -> None:
    harness = ClientHarness().with_response("users", f"<html>{UPSTREAM_TEXT}</html>", status)
    found = get_error(harness.run(lambda client: client.get_profiles(["vega"])))
    assert found.code == "UPSTREAM_BAD_RESPONSE"


def test_the_retry_after_is_passed_on() -> None:
    harness = ClientHarness()
    harness.sandbox.faults.append(InjectedFault("users", 429, {"error": ""}, {"Retry-After": "77"}))
    found = get_error(harness.run(lambda client: client.get_profiles(["vega"])))
    assert (found.code, found.retry_after) == ("UPSTREAM_RATE_LIMITED", 77)


@pytest.mark.parametrize(
    "capability", ["get_profiles", "get_achievements", "get_metrics", "get_streaks"]
)
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"5",
        b'"text"',
        b"{",
        b"[{]",
        b"\xff",
        b"NaN",
        b'{"id": null}',
        b"[" * 100_000,
    ],
)
def test_an_invalid_body_is_a_bad_response(capability: str, body: bytes) -> None:
    harness = ClientHarness()
    harness.sandbox.faults.append(InjectedFault("users", 200, body, JSON))
    found = get_error(harness.run(lambda client: getattr(client, capability)(["vega"])))
    assert found.code == "UPSTREAM_BAD_RESPONSE"


def test_a_failing_user_fails_alone() -> None:
    harness = ClientHarness().with_response("users/fresh/", {"error": "no"}, 500)
    failed, found = harness.run(lambda client: client.get_achievements(["fresh", "vega"]))
    assert isinstance(failed, ProviderError)
    assert isinstance(found, Cached)


def test_stale_achievements_are_served_while_the_source_fails() -> None:
    async def run_twice(client: TrophySoClient) -> Cached[Any] | ProviderError:
        await client.get_achievements(["vega"])
        set_current(RequestContext(time.monotonic() + 5, bypass_cache=True))
        harness.with_response("users", {"error": "no"}, 500)
        return (await client.get_achievements(["vega"]))[0]

    harness = ClientHarness()
    outcome = harness.run(run_twice)
    assert isinstance(outcome, Cached)
    assert outcome.stale
    assert len(outcome.value) == 16
    assert all(each.progress for each in outcome.value if each.name != "Full moon")


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
    """Objects whose keys are read, with anything in them."""
    return st.dictionaries(st.sampled_from(NAMES), values, max_size=12)


VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | make_object_strategy(inner), max_leaves=6
)


OBJECTS = st.fixed_dictionaries(dict.fromkeys(NAMES, SCALARS)) | make_object_strategy(VALUES)


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
