"""Callers' own persisted queries: valid documents alone, and at nobody else's cost."""

import hashlib
from typing import Any

import httpx
import pytest

from providers.kit.shared.shared_store import Shared
from server.apq import ENTRY, MOST_HERE, Allowance, PersistedQueries
from server.graphql_request import GraphQLRequest
from server.request_error import Refused
from tests.asking import FRESH, NOTHING, Server
from tests.providers.kit.processes import processes, running
from tests.providers.kit.redis_server import redis_server

GOOD = "{ viewer { id } }"
LONG = "{ __typename } #" + "x" * 59_000


def _named(text: str) -> dict[str, Any]:
    digest = hashlib.sha256(text.encode()).hexdigest()
    return {"persistedQuery": {"version": 1, "sha256Hash": digest}}


def _sent(text: str) -> GraphQLRequest:
    return GraphQLRequest(text, extensions=_named(text))


def _asked(text: str) -> GraphQLRequest:
    return GraphQLRequest(None, extensions=_named(text))


def _posted(server: Server, text: str, *, whole: bool, **more: Any) -> httpx.Response:
    members = {"extensions": _named(text), **({"query": text} if whole else {}), **more}
    return server.request("POST", "/graphql", json=members)


def _is_known(server: Server, text: str) -> bool:
    answer = _posted(server, text, whole=False).json()
    codes = [error["extensions"]["code"] for error in answer.get("errors", ())]
    return "PERSISTED_QUERY_NOT_FOUND" not in codes


async def _knows(queries: PersistedQueries, text: str) -> bool:
    try:
        return await queries.text(_asked(text)) == text
    except Refused:
        return False


def test_a_valid_document_is_known_by_its_hash(server: Server) -> None:
    assert not _is_known(server, GOOD)
    assert _posted(server, GOOD, whole=True).json()["data"]
    assert _posted(server, GOOD, whole=False).json()["data"] == server.data(GOOD)


def test_who_wants_fresh_answers_need_not_send_the_text_again(server: Server) -> None:
    _posted(server, GOOD, whole=True)
    given = {"extensions": _named(GOOD)}
    assert server.request("POST", "/graphql", json=given, headers=FRESH).json()["data"]


@pytest.mark.parametrize(
    "text",
    [
        "no document",
        "{ nothing_of_that_name }",
        "{" + " ".join(f"a{number}: __typename" for number in range(41)) + "}",
        "{ __typename } #" + "x" * 60_000,
    ],
)
def test_what_could_not_run_is_not_kept(server: Server, text: str) -> None:
    assert _posted(server, text, whole=True).json()["errors"]
    assert not _is_known(server, text)


@pytest.mark.parametrize("digest", ["a" * 64, "é", "", "A"])
def test_a_hash_of_something_else_is_refused(server: Server, digest: str) -> None:
    named = {"persistedQuery": {"version": 1, "sha256Hash": digest}}
    answer = server.request("POST", "/graphql", json={"query": GOOD, "extensions": named})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


def test_texts_push_out_nothing_but_texts(server: Server) -> None:
    question = "{ viewer { displayName } }"
    server.data(question)
    kept = 2 * MOST_HERE // len(LONG)
    for number in range(kept):
        _posted(server, f"{LONG}{number}", whole=True)
    assert not _is_known(server, f"{LONG}0")
    assert _is_known(server, f"{LONG}{kept - 1}")
    assert server.ask(question).calls == NOTHING


def test_another_process_knows_what_one_was_sent() -> None:
    async def course() -> None:
        with redis_server() as redis:
            async with processes(redis.url) as (one, two):
                await PersistedQueries.beside(one).keep(_sent(GOOD))
                assert await _knows(PersistedQueries.beside(two), GOOD)

    running(course)


def test_one_process_fills_the_common_store_no_further_than_its_part() -> None:
    texts = [f"{GOOD} # {number}" for number in range(10)]

    async def course() -> None:
        with redis_server() as redis:
            async with processes(redis.url) as (one, two):
                here = PersistedQueries.beside(one)
                here.allowance.most = 3 * (ENTRY + len(texts[0]))
                for text in [*texts, *texts]:
                    await here.keep(_sent(text))
                there = PersistedQueries.beside(two)
                assert [await _knows(here, text) for text in texts] == [True] * 10
                assert [await _knows(there, text) for text in texts] == [True] * 3 + [False] * 7

    running(course)


def test_what_is_gone_from_the_common_store_leaves_room(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1_000.0
    monkeypatch.setattr("server.apq.time.monotonic", lambda: now)
    allowance = Allowance(most=10, seconds=60)
    assert [allowance.takes(size) for size in (6, 6, 4, 1)] == [True, False, True, False]
    now += 60
    assert [allowance.takes(size) for size in (10, 1)] == [True, False]


def test_without_a_common_store_each_process_remembers_for_itself() -> None:
    async def course() -> None:
        queries = PersistedQueries.beside(Shared())
        await queries.keep(_sent(GOOD))
        assert await _knows(queries, GOOD)

    running(course)
