"""CORS as Chromium enforces it, for requests with a key or with credentials."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.conformance.processes import TIMEOUT_SECONDS, run_script, start_server
from tests.conformance.web_application import EMPTY_PAGE, find_chromium, serve_web_application

KEYS = "page:a-key-of-the-page:read"
KEY_HEADERS = {"authorization": "Bearer a-key-of-the-page"}
CREDENTIAL_HEADERS = {
    "x-retroachievements-username": "SecondSam",
    "x-retroachievements-api-key": "sandbox-ra-second-key",
}
VIEWER_QUERY = "{ viewer { accounts { handle source } } }"
REQUESTS = [
    {"name": "key", "headers": KEY_HEADERS, "query": VIEWER_QUERY},
    {"name": "credentials", "headers": CREDENTIAL_HEADERS, "query": VIEWER_QUERY},
    {"name": "wrong", "headers": {"authorization": "Bearer wrong"}, "query": VIEWER_QUERY},
]


@pytest.fixture(scope="module")
def chromium() -> str:
    return find_chromium()


@pytest.fixture(scope="module")
def loopback_origin() -> Iterator[str]:
    with serve_web_application([EMPTY_PAGE]) as found:
        yield found


@pytest.fixture(scope="module")
def origin(loopback_origin: str) -> str:
    """Return an origin that the browser resolves to this machine, and the server does not know."""
    return loopback_origin.replace("127.0.0.1", "app.localhost")


def send_from_page(chromium: str, origin: str, server: str) -> Any:
    payload = {"executablePath": chromium, "page": origin, "server": server, "requests": REQUESTS}
    found = run_script("cors.mjs", payload=payload)
    assert found["origin"] == origin
    return found


@pytest.fixture(scope="module")
def page_of_named_origin(chromium: str, origin: str) -> Iterator[Any]:
    """Return the responses to a page whose origin the server allows."""
    with start_server(TROPHYCASE_API_KEYS=KEYS, TROPHYCASE_CORS_ORIGINS=origin) as server:
        yield send_from_page(chromium, origin, server)["outcomes"]


def get_handles(outcome: Any) -> set[str]:
    assert outcome["status"] == 200, outcome
    assert "errors" not in outcome["body"], outcome
    return {account["handle"] for account in outcome["body"]["data"]["viewer"]["accounts"]}


def is_blocked(found: Any) -> bool:
    """Return whether the browser blocked every response and named CORS as the reason."""
    blocked = [text for text in found["said"] if "blocked by CORS policy" in text]
    assert len(blocked) == len(REQUESTS), found
    return all(outcome == {"refused": "TypeError"} for outcome in found["outcomes"].values())


def test_a_page_of_a_named_origin_asks_with_an_api_key(page_of_named_origin: Any) -> None:
    assert len(get_handles(page_of_named_origin["key"])) == 3


def test_a_page_of_a_named_origin_asks_with_its_users_own_credentials(
    page_of_named_origin: Any,
) -> None:
    assert get_handles(page_of_named_origin["credentials"]) == {"SecondSam"}


def test_a_page_of_a_named_origin_reads_why_it_is_refused(page_of_named_origin: Any) -> None:
    (error,) = page_of_named_origin["wrong"]["body"]["errors"]
    assert error["extensions"]["code"] == "UNAUTHENTICATED"


def test_a_page_on_loopback_may_ask_the_sandbox(chromium: str, loopback_origin: str) -> None:
    with start_server() as server:
        outcomes = send_from_page(chromium, loopback_origin, server)["outcomes"]
    assert get_handles(outcomes["credentials"]) == {"SecondSam"}


def test_no_page_of_another_origin_may_ask_by_default(chromium: str, origin: str) -> None:
    with start_server(TROPHYCASE_API_KEYS=KEYS) as server:
        assert (
            httpx.post(
                server,
                json={"query": VIEWER_QUERY},
                headers=KEY_HEADERS,
                timeout=TIMEOUT_SECONDS,
            ).status_code
            == 200
        )
        assert is_blocked(send_from_page(chromium, origin, server))


def test_a_page_of_an_origin_that_is_not_named_may_not_ask(chromium: str, origin: str) -> None:
    other = "https://app.example"
    with start_server(TROPHYCASE_API_KEYS=KEYS, TROPHYCASE_CORS_ORIGINS=other) as server:
        assert is_blocked(send_from_page(chromium, origin, server))
