"""The calls themselves: the key, and what each refusal means."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from providers.capabilities import TitlesKey
from providers.errors import NotFound, ProviderError
from providers.kit.caching.cached import Answer
from providers.kit.sandbox import Fault
from providers.retroachievements.client import RetroAchievementsClient
from tests.providers.retroachievements.asking import Asking, error

UPSTREAM_TEXT = "marked upstream text"
UNAUTHENTICATED = {"message": "Unauthenticated.", "errors": [{"status": "401"}]}
CALLER = {
    "x-retroachievements-username": "SecondSam",
    "x-retroachievements-api-key": "sandbox-ra-second-key",
}


async def titles(client: RetroAchievementsClient) -> Sequence[Answer[Any] | ProviderError]:
    return await client.titles([TitlesKey("VegaNorth")])


def refused(body: Any, status: int, headers: Mapping[str, str] | None = None) -> ProviderError:
    asking = Asking(headers=headers).answering("GetUserCompletionProgress", body, status)
    return error(asking.run(titles))


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
def test_a_refusal_has_a_code_and_never_the_upstreams_words(
    status: int, body: Any, code: str
) -> None:
    found = refused(body, status)
    assert (found.code, found.source) == (code, "RETRO_ACHIEVEMENTS")
    assert UPSTREAM_TEXT not in repr(found)


def test_a_callers_refused_key_is_the_callers_own_affair() -> None:
    assert refused(UNAUTHENTICATED, 401, CALLER).code == "UNAUTHENTICATED"
    assert refused([], 401, CALLER).code == "PRIVATE"


def test_the_time_to_wait_is_passed_on() -> None:
    asking = Asking()
    asking.sandbox.faults.append(Fault("API", 429, "<html>", {"Retry-After": "77"}))
    found = error(asking.run(titles))
    assert (found.code, found.retry_after) == ("UPSTREAM_RATE_LIMITED", 77)


def test_a_wrong_key_is_refused_by_the_sandbox_too() -> None:
    asking = Asking(settings={"RETROACHIEVEMENTS_API_KEY": "wrong"})
    assert error(asking.run(titles)).code == "UPSTREAM_UNAUTHENTICATED"


def test_name_and_key_are_both_sent() -> None:
    asking = Asking()
    asking.run(titles)
    (request,) = asking.sandbox.log
    assert (request.url.params["z"], request.url.params["y"]) == ("VegaNorth", "sandbox-ra-key")


def test_a_base_address_may_have_a_path() -> None:
    asking = Asking(settings={"RETROACHIEVEMENTS_URL": "http://127.0.0.1:9000/ra.example/"})
    asking.run(titles)
    (request,) = asking.sandbox.log
    assert request.url.path == "/ra.example/API/API_GetUserCompletionProgress.php"


def test_the_key_is_verified_whatever_is_remembered() -> None:
    asking = Asking()

    async def twice(client: RetroAchievementsClient) -> None:
        await client.people(["VegaNorth"])
        await client.verify()

    asking.run(twice)
    assert asking.calls == {"GetUserProfile": 2}


def test_verifying_the_key_of_nobody_fails() -> None:
    asking = Asking(settings={"RETROACHIEVEMENTS_USERNAME": "Nobody"})
    with pytest.raises(NotFound):
        asking.run(lambda client: client.verify())


def test_the_budget_counts_down() -> None:
    async def ask(client: RetroAchievementsClient) -> None:
        await titles(client)
        budget = client.budget()
        assert budget is not None
        assert (budget.limit, budget.remaining) == (60, 59)

    Asking(settings={"RETROACHIEVEMENTS_RATE": "60/60"}).run(ask)
