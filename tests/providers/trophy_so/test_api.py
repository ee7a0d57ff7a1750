"""The error of each refusal and of each invalid response."""

import pytest

from providers.errors import ProviderError
from providers.kit.caching.cached import Cached
from providers.kit.sandbox import InjectedFault
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
    error = get_error(harness.run(lambda client: getattr(client, capability)(["vega"])))
    assert (error.code, error.source) == (code, "TROPHY_SO")
    assert UPSTREAM_TEXT not in repr(error)


@pytest.mark.parametrize("status", [400, 403, 404, 422])
def test_an_html_page_of_the_cdn_is_a_bad_response(status: int) -> None:
    harness = ClientHarness().with_response("users", f"<html>{UPSTREAM_TEXT}</html>", status)
    error = get_error(harness.run(lambda client: client.get_profiles(["vega"])))
    assert error.code == "UPSTREAM_BAD_RESPONSE"


def test_the_retry_after_is_passed_on() -> None:
    harness = ClientHarness()
    harness.sandbox.faults.append(InjectedFault("users", 429, {"error": ""}, {"Retry-After": "77"}))
    error = get_error(harness.run(lambda client: client.get_profiles(["vega"])))
    assert (error.code, error.retry_after) == ("UPSTREAM_RATE_LIMITED", 77)


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
    error = get_error(harness.run(lambda client: getattr(client, capability)(["vega"])))
    assert error.code == "UPSTREAM_BAD_RESPONSE"


def test_a_failing_user_fails_alone() -> None:
    harness = ClientHarness().with_response("users/fresh/", {"error": "no"}, 500)
    failed, found = harness.run(lambda client: client.get_achievements(["fresh", "vega"]))
    assert isinstance(failed, ProviderError)
    assert isinstance(found, Cached)
