"""Automatic persisted queries: only valid documents are stored, within limits of their own."""

import hashlib
from typing import Any

import httpx
import pytest

from providers.kit.shared.shared_store import SharedStore
from server import apq
from server.apq import ENTRY_OVERHEAD_BYTES, MAX_MEMORY_BYTES, PersistedQueries, WriteBudget
from server.graphql_request import GraphQLRequest
from server.request_error import RequestRejected
from tests.harness import NO_CACHE_HEADERS, NO_CALLS, RunningServer, run_server
from tests.providers.kit.redis_server import run_redis_server
from tests.providers.kit.simulated_processes import open_stores, run_scenario

GOOD_QUERY = "{ viewer { id } }"
LONG_QUERY = "{ __typename } #" + "x" * 59_000


def _build_extensions(text: str) -> dict[str, Any]:
    digest = hashlib.sha256(text.encode()).hexdigest()
    return {"persistedQuery": {"version": 1, "sha256Hash": digest}}


def _make_registration(text: str) -> GraphQLRequest:
    return GraphQLRequest(text, extensions=_build_extensions(text))


def _make_lookup(text: str) -> GraphQLRequest:
    return GraphQLRequest(None, extensions=_build_extensions(text))


def _post(server: RunningServer, text: str, *, with_text: bool, **more: Any) -> httpx.Response:
    members = {
        "extensions": _build_extensions(text),
        **({"query": text} if with_text else {}),
        **more,
    }
    return server.request("POST", "/graphql", json=members)


def _is_stored(server: RunningServer, text: str) -> bool:
    answer = _post(server, text, with_text=False).json()
    codes = [error["extensions"]["code"] for error in answer.get("errors", ())]
    return "PERSISTED_QUERY_NOT_FOUND" not in codes


async def _has_text(queries: PersistedQueries, text: str) -> bool:
    try:
        return await queries.resolve_text(_make_lookup(text)) == text
    except RequestRejected:
        return False


def test_a_valid_document_is_found_by_its_hash(server: RunningServer) -> None:
    assert not _is_stored(server, GOOD_QUERY)
    assert _post(server, GOOD_QUERY, with_text=True).json()["data"]
    assert _post(server, GOOD_QUERY, with_text=False).json()["data"] == server.fetch_data(
        GOOD_QUERY
    )


def test_a_no_cache_request_need_not_send_the_text_again(server: RunningServer) -> None:
    _post(server, GOOD_QUERY, with_text=True)
    given = {"extensions": _build_extensions(GOOD_QUERY)}
    assert server.request("POST", "/graphql", json=given, headers=NO_CACHE_HEADERS).json()["data"]


@pytest.mark.parametrize(
    "text",
    [
        "no document",
        "{ nothing_of_that_name }",
        "{" + " ".join(f"a{number}: __typename" for number in range(41)) + "}",
        "{ __typename } #" + "x" * 60_000,
    ],
)
def test_an_invalid_document_is_not_stored(server: RunningServer, text: str) -> None:
    assert _post(server, text, with_text=True).json()["errors"]
    assert not _is_stored(server, text)


@pytest.mark.parametrize("digest", ["a" * 64, "é", "", "A"])
def test_a_hash_of_another_text_is_rejected(server: RunningServer, digest: str) -> None:
    named = {"persistedQuery": {"version": 1, "sha256Hash": digest}}
    answer = server.request("POST", "/graphql", json={"query": GOOD_QUERY, "extensions": named})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


@pytest.mark.slow
def test_texts_evict_only_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    max_bytes = MAX_MEMORY_BYTES // 8
    monkeypatch.setattr(apq, "MAX_MEMORY_BYTES", max_bytes)
    question = "{ viewer { displayName } }"
    with run_server() as server:
        server.fetch_data(question)
        kept = 2 * max_bytes // len(LONG_QUERY)
        for number in range(kept):
            _post(server, f"{LONG_QUERY}{number}", with_text=True)
        assert not _is_stored(server, f"{LONG_QUERY}0")
        assert _is_stored(server, f"{LONG_QUERY}{kept - 1}")
        assert server.execute(question).upstream_calls == NO_CALLS


def test_a_text_is_shared_between_processes() -> None:
    async def scenario() -> None:
        with run_redis_server() as redis:
            async with open_stores(redis.url) as (one, two):
                await PersistedQueries.create(one).store(_make_registration(GOOD_QUERY))
                assert await _has_text(PersistedQueries.create(two), GOOD_QUERY)

    run_scenario(scenario)


def test_one_process_writes_to_the_shared_store_only_within_its_budget() -> None:
    texts = [f"{GOOD_QUERY} # {number}" for number in range(10)]

    async def scenario() -> None:
        with run_redis_server() as redis:
            async with open_stores(redis.url) as (one, two):
                here = PersistedQueries.create(one)
                here.write_budget.max_bytes = 3 * (ENTRY_OVERHEAD_BYTES + len(texts[0]))
                for text in [*texts, *texts]:
                    await here.store(_make_registration(text))
                there = PersistedQueries.create(two)
                assert [await _has_text(here, text) for text in texts] == [True] * 10
                assert [await _has_text(there, text) for text in texts] == [True] * 3 + [False] * 7

    run_scenario(scenario)


def test_expired_texts_free_the_write_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1_000.0
    monkeypatch.setattr("server.apq.time.monotonic", lambda: now)
    allowance = WriteBudget(max_bytes=10, window_seconds=60)
    assert [allowance.try_spend(size) for size in (6, 6, 4, 1)] == [True, False, True, False]
    now += 60
    assert [allowance.try_spend(size) for size in (10, 1)] == [True, False]


def test_without_a_shared_store_each_process_caches_for_itself() -> None:
    async def scenario() -> None:
        queries = PersistedQueries.create(SharedStore())
        await queries.store(_make_registration(GOOD_QUERY))
        assert await _has_text(queries, GOOD_QUERY)

    run_scenario(scenario)
