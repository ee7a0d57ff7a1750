"""Public documents' responses are kept by other caches as long as what they show is fresh."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.harness import RunningServer
from tests.server.cache_age import age_cache
from tests.server.documents.document_folder import (
    KEY_HEADERS,
    PUBLIC,
    TITLES,
    request_document,
    run_with_documents,
)

FIRST = {"first": 2}
LIST_SECONDS = 60  # how long a PSN title list is fresh
SOURCES = "{ sources { source status { state } } viewer { displayName } }"
NOTHING = "{ __typename }"
CAMPAIGNS = "{ viewer { campaigns { name remainingSeconds } } }"
STATES = """{ viewer { trophyTitles(first: 2, sources: [PSN, RETRO_ACHIEVEMENTS]) {
  edges { node { name } } sources { source state } } } }"""
TEXTS = {
    "list": TITLES,
    "sources": SOURCES,
    "nothing": NOTHING,
    "campaigns": CAMPAIGNS,
    "states": STATES,
}


@pytest.fixture
def public(tmp_path: Path) -> Iterator[RunningServer]:
    """Run a server whose documents need no key."""
    with run_with_documents(tmp_path, TEXTS, **PUBLIC) as server:
        yield server


def get_ages(answer: httpx.Response) -> tuple[str, int]:
    return answer.headers["cache-control"], int(answer.headers["age"])


def test_a_response_is_fresh_as_long_as_its_values(public: RunningServer) -> None:
    first = request_document(public, "list", FIRST)
    second = request_document(public, "list", FIRST)
    stored = request_document(public, "list", FIRST)

    for answer in (first, second, stored):
        assert get_ages(answer) == (f"public, max-age={LIST_SECONDS}", 0)
        assert answer.headers["etag"] == first.headers["etag"]
        varies = set(answer.headers["vary"].split(", "))
        assert {"Accept", "Accept-Encoding", "Accept-Language"} <= varies


def test_the_age_grows_with_that_of_the_values(public: RunningServer) -> None:
    for _ in range(3):
        request_document(public, "list", FIRST)
    age_cache(public, 40)

    for _ in range(2):
        assert get_ages(request_document(public, "list", FIRST)) == (
            f"public, max-age={LIST_SECONDS}",
            40,
        )


def test_a_client_that_has_the_response_gets_304(public: RunningServer) -> None:
    tag = request_document(public, "list", FIRST).headers["etag"]
    for known in (tag, f'"other", {tag}', tag.removeprefix("W/"), "*"):
        answer = request_document(public, "list", FIRST, {"If-None-Match": known})
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer.headers["etag"] == tag
        assert answer.headers["cache-control"].startswith("public, max-age=")
    for known in ('"other"', "", "W/"):
        answer = request_document(public, "list", FIRST, {"If-None-Match": known})
        assert answer.status_code == 200
    other = request_document(public, "list", {"first": 3}, {"If-None-Match": tag})
    assert other.status_code == 200


@pytest.mark.parametrize("name", ["sources", "nothing", "campaigns"])
def test_what_changes_with_the_time_or_shows_no_value_is_kept_nowhere(
    public: RunningServer, name: str
) -> None:
    for _ in range(2):
        answer = request_document(public, name)
        assert "errors" not in answer.json()
        assert answer.headers["cache-control"] == "private, no-store"
        assert "etag" not in answer.headers


def test_a_response_without_a_source_that_failed_is_kept_nowhere(public: RunningServer) -> None:
    public.inject_fault("API_GetUser", status=500)
    for _ in range(2):
        answer = request_document(public, "states")
        body = answer.json()
        states = {each["state"] for each in body["data"]["viewer"]["trophyTitles"]["sources"]}
        assert "UNAVAILABLE" in states
        assert answer.headers["cache-control"] == "private, no-store"


def test_whoever_sends_a_key_or_credentials_gets_a_response_of_their_own(
    public: RunningServer,
) -> None:
    own = {
        "x-retroachievements-username": "SecondSam",
        "x-retroachievements-api-key": "sandbox-ra-second-key",
    }
    for _ in range(2):
        request_document(public, "list", FIRST)
        for headers in (KEY_HEADERS, own):
            answer = request_document(public, "list", FIRST, headers)
            assert answer.headers["cache-control"] == "private, no-store"
            assert "etag" not in answer.headers


def test_a_shared_response_is_compressed_and_has_one_tag(public: RunningServer) -> None:
    many, gzip = {"first": 50}, {"Accept-Encoding": "gzip"}
    plain = request_document(public, "list", many)
    for _ in range(3):
        packed = request_document(public, "list", many, gzip)
        assert packed.json()["data"] == plain.json()["data"]
        assert packed.headers["etag"] == plain.headers["etag"]
