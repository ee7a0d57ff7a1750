"""Calls: the credential, and the error of each refusal."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from providers.capabilities import TitlePageKey
from providers.errors import NotFound, ProviderError
from providers.kit.caching.cached import Cached
from providers.kit.sandbox import InjectedFault
from providers.retroachievements.client import RetroAchievementsClient
from tests.providers.retroachievements.harness import ClientHarness, get_error

UPSTREAM_TEXT = "marked upstream text"
UNAUTHENTICATED = {"message": "Unauthenticated.", "errors": [{"status": "401"}]}
CALLER = {
    "x-retroachievements-username": "SecondSam",
    "x-retroachievements-api-key": "sandbox-ra-second-key",
}


async def load_titles(client: RetroAchievementsClient) -> Sequence[Cached[Any] | ProviderError]:
    return await client.get_titles([TitlePageKey("VegaNorth")])


def load_and_get_error(
    body: Any, status: int, headers: Mapping[str, str] | None = None
) -> ProviderError:
    harness = ClientHarness(headers=headers).with_response(
        "GetUserCompletionProgress", body, status
    )
    return get_error(harness.run(load_titles))


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (401, UNAUTHENTICATED, "UPSTREAM_UNAUTHENTICATED"),
        (401, UPSTREAM_TEXT, "UPSTREAM_UNAUTHENTICATED"),
        (401, [], "PRIVATE"),
        (403, {"message": UPSTREAM_TEXT}, "UPSTREAM_BAD_RESPONSE"),
        (404, [], "NOT_FOUND"),
        (404, {"ID": None, "User": UPSTREAM_TEXT}, "NOT_FOUND"),
        (404, {"message": UPSTREAM_TEXT, "errors": []}, "UPSTREAM_BAD_RESPONSE"),
        (404, f"<html>{UPSTREAM_TEXT}", "UPSTREAM_BAD_RESPONSE"),
        (410, {"message": UPSTREAM_TEXT, "errors": []}, "SOURCE_RETIRED"),
        (414, f"<html>{UPSTREAM_TEXT}", "UPSTREAM_BAD_RESPONSE"),
        (422, {"message": UPSTREAM_TEXT, "errors": {"u": [UPSTREAM_TEXT]}}, "NOT_FOUND"),
        (422, {"message": UPSTREAM_TEXT, "errors": {"g": [UPSTREAM_TEXT]}}, "NOT_FOUND"),
        (
            422,
            {"message": UPSTREAM_TEXT, "errors": {"c": [UPSTREAM_TEXT]}},
            "UPSTREAM_BAD_RESPONSE",
        ),
        (422, {"message": UPSTREAM_TEXT}, "UPSTREAM_BAD_RESPONSE"),
        (429, f"<html>{UPSTREAM_TEXT}", "UPSTREAM_RATE_LIMITED"),
        (500, f"<html>{UPSTREAM_TEXT}", "UPSTREAM_UNAVAILABLE"),
        (522, f"<html>{UPSTREAM_TEXT}", "UPSTREAM_UNAVAILABLE"),
        (302, UPSTREAM_TEXT, "UPSTREAM_BAD_RESPONSE"),
        (200, UPSTREAM_TEXT, "UPSTREAM_BAD_RESPONSE"),
        (200, {"success": False}, "UPSTREAM_BAD_RESPONSE"),
    ],
)
def test_an_error_has_a_code_and_never_the_upstream_text(status: int, body: Any, code: str) -> None:
    error = load_and_get_error(body, status)
    assert (error.code, error.source) == (code, "RETRO_ACHIEVEMENTS")
    assert UPSTREAM_TEXT not in repr(error)


def test_a_callers_refused_key_is_the_callers_error() -> None:
    assert load_and_get_error(UNAUTHENTICATED, 401, CALLER).code == "UNAUTHENTICATED"
    assert load_and_get_error([], 401, CALLER).code == "PRIVATE"


def test_the_retry_after_is_passed_on() -> None:
    harness = ClientHarness()
    harness.sandbox.faults.append(InjectedFault("API", 429, "<html>", {"Retry-After": "77"}))
    error = get_error(harness.run(load_titles))
    assert (error.code, error.retry_after) == ("UPSTREAM_RATE_LIMITED", 77)


def test_a_wrong_key_is_refused_by_the_sandbox_too() -> None:
    harness = ClientHarness(settings={"RETROACHIEVEMENTS_API_KEY": "wrong"})
    assert get_error(harness.run(load_titles)).code == "UPSTREAM_UNAUTHENTICATED"


def test_name_and_key_are_both_sent() -> None:
    harness = ClientHarness()
    harness.run(load_titles)
    (request,) = harness.sandbox.log
    assert (request.url.params["z"], request.url.params["y"]) == ("VegaNorth", "sandbox-ra-key")


def test_a_base_address_may_have_a_path() -> None:
    harness = ClientHarness(settings={"RETROACHIEVEMENTS_URL": "http://127.0.0.1:9000/ra.example/"})
    harness.run(load_titles)
    (request,) = harness.sandbox.log
    assert request.url.path == "/ra.example/API/API_GetUserCompletionProgress.php"


def test_verifying_the_key_bypasses_the_cache() -> None:
    harness = ClientHarness()

    async def run_twice(client: RetroAchievementsClient) -> None:
        await client.get_profiles(["VegaNorth"])
        await client.verify()

    harness.run(run_twice)
    assert harness.calls == {"GetUserProfile": 2}


def test_verifying_the_key_of_an_unknown_user_fails() -> None:
    harness = ClientHarness(settings={"RETROACHIEVEMENTS_USERNAME": "Nobody"})
    with pytest.raises(NotFound):
        harness.run(lambda client: client.verify())


def test_the_budget_counts_down() -> None:
    async def load(client: RetroAchievementsClient) -> None:
        await load_titles(client)
        budget = client.get_budget()
        assert budget is not None
        assert (budget.limit, budget.remaining) == (60, 59)

    ClientHarness(settings={"RETROACHIEVEMENTS_RATE": "60/60"}).run(load)
