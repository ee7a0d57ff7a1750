"""What is said when the upstream does not answer as it should."""

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from providers.capabilities import TotalKey
from providers.errors import ProviderError
from providers.kit.caching.cached import Answer
from providers.kit.request_context import Operation, begin
from providers.kit.sandbox import Fault
from providers.trophy_so.client import TrophySoClient
from tests.providers.trophy_so.asking import JSON, Asking, error

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
@pytest.mark.parametrize("ability", ["people", "achievements", "metrics", "streaks"])
def test_a_refusal_has_a_code_and_never_the_upstreams_words(
    ability: str, status: int, code: str
) -> None:
    asking = Asking().answering("users", {"error": UPSTREAM_TEXT}, status)
    found = error(asking.run(lambda client: getattr(client, ability)(["vega"])))
    assert (found.code, found.source) == (code, "TROPHY_SO")
    assert UPSTREAM_TEXT not in repr(found)


@pytest.mark.parametrize("status", [400, 403, 404, 422])
def test_a_page_of_the_edge_says_nothing_about_a_user(status: int) -> None:
    asking = Asking().answering("users", f"<html>{UPSTREAM_TEXT}</html>", status)
    found = error(asking.run(lambda client: client.people(["vega"])))
    assert found.code == "UPSTREAM_BAD_RESPONSE"


def test_the_time_to_wait_is_passed_on() -> None:
    asking = Asking()
    asking.sandbox.faults.append(Fault("users", 429, {"error": ""}, {"Retry-After": "77"}))
    found = error(asking.run(lambda client: client.people(["vega"])))
    assert (found.code, found.retry_after) == ("UPSTREAM_RATE_LIMITED", 77)


@pytest.mark.parametrize("ability", ["people", "achievements", "metrics", "streaks"])
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
def test_a_whole_that_cannot_be_read_is_a_bad_response(ability: str, body: bytes) -> None:
    asking = Asking()
    asking.sandbox.faults.append(Fault("users", 200, body, JSON))
    found = error(asking.run(lambda client: getattr(client, ability)(["vega"])))
    assert found.code == "UPSTREAM_BAD_RESPONSE"


def test_a_failing_user_fails_alone() -> None:
    asking = Asking().answering("users/fresh/", {"error": "no"}, 500)
    failed, found = asking.run(lambda client: client.achievements(["fresh", "vega"]))
    assert isinstance(failed, ProviderError)
    assert isinstance(found, Answer)


def test_old_achievements_stand_in_while_the_source_fails() -> None:
    async def twice(client: TrophySoClient) -> Answer[Any] | ProviderError:
        await client.achievements(["vega"])
        begin(Operation(time.monotonic() + 5, fresh=True))
        asking.answering("users", {"error": "no"}, 500)
        return (await client.achievements(["vega"]))[0]

    asking = Asking()
    outcome = asking.run(twice)
    assert isinstance(outcome, Answer)
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


def _known(values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Objects whose keys are read, with anything in them."""
    return st.dictionaries(st.sampled_from(NAMES), values, max_size=12)


VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | _known(inner), max_leaves=6
)


OBJECTS = st.fixed_dictionaries(dict.fromkeys(NAMES, SCALARS)) | _known(VALUES)


@settings(max_examples=60, deadline=None)
@given(body=OBJECTS | st.lists(OBJECTS, max_size=4) | VALUES)
def test_any_json_whatever_gives_records_or_a_typed_error(body: Any) -> None:
    asking = Asking().answering("users", body)

    async def everything(client: TrophySoClient) -> list[Any]:
        handles = ["vega"]
        return [
            *await client.people(handles),
            *await client.achievements(handles),
            *await client.metrics(handles),
            *await client.streaks(handles),
            *await client.totals([TotalKey("vega", "earned")]),
        ]

    for outcome in asking.run(everything):
        assert isinstance(outcome, Answer | ProviderError)
