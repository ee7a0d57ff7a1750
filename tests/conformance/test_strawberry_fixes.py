"""Defects of Strawberry's view and schema class that ours fix.

Each fix is shown to be needed: the same request to Strawberry's own fails. Where it no longer does,
the test fails, and the fix can be removed.
"""

import asyncio
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import strawberry
from starlette.types import ASGIApp
from strawberry import relay
from strawberry.federation import schema as federation
from strawberry.federation.schema import Schema
from strawberry.schema import schema as stock

from schema import federated_schema as our_module
from schema.federated_schema import FederatedSchema
from tests.conformance.processes import TIMEOUT_SECONDS
from tests.conformance.strawberry_comparison import (
    OUR_APP,
    SECRET,
    STOCK_APP,
    create_our_graph,
    create_our_view,
    create_stock_schema,
    send_request,
)

JSON = "application/json"
GRAPHQL = "application/graphql-response+json"
PERSISTED_PARAMETERS = {"extensions": '{"persistedQuery":{"version":1,"sha256Hash":"00"}}'}
VARIABLE_BODY = b'{"query": "{ hello }", "variables": {"a": %b}}'
THING = {"__typename": "Thing", "id": "1"}
ENTITIES_QUERY = """query ($things: [_Any!]!) {
  _entities(representations: $things) { ... on Thing { id } }
}"""

Check = Callable[[httpx.Response], bool]


@dataclass(frozen=True)
class Fix:
    """A request, and a check of the response."""

    name: str
    request: dict[str, Any]
    is_correct: Check


def build_query_request(text: str, accept: str = GRAPHQL, **more: Any) -> dict[str, Any]:
    return {"json": {"query": text, **more}, "headers": {"accept": accept}}


def build_raw_request(content: bytes) -> dict[str, Any]:
    return {"content": content, "headers": {"content-type": JSON, "accept": GRAPHQL}}


def has_status(code: int) -> Check:
    return lambda response: response.status_code == code


def allows_methods(methods: str) -> Check:
    return lambda response: response.status_code == 405 and response.headers.get("allow") == methods


def is_json(response: httpx.Response) -> bool:
    return response.headers["content-type"].partition(";")[0] in (JSON, GRAPHQL)


def is_json_error(response: httpx.Response) -> bool:
    return response.status_code == 400 and is_json(response) and bool(response.json()["errors"])


def has_no_data(response: httpx.Response) -> bool:
    return "errors" in response.json() and "data" not in response.json()


def build_reference_request(*representations: Any) -> dict[str, Any]:
    return build_query_request(ENTITIES_QUERY, variables={"things": [THING, *representations]})


def has_only_second_missing(response: httpx.Response) -> bool:
    answer = response.json()
    return answer["data"] == {"_entities": [{"id": "1"}, None]} and [
        error["path"] for error in answer["errors"]
    ] == [["_entities", 1]]


FIXES = [
    Fix(
        "the specification's media type is used",
        build_query_request("{ hello }"),
        lambda response: response.headers["content-type"].startswith(GRAPHQL),
    ),
    Fix(
        "a request error has a status of its own",
        build_query_request("{ nothing }"),
        has_status(400),
    ),
    Fix("a syntax error has a status of its own", build_query_request("{"), has_status(400)),
    Fix("a request error has no data", build_query_request("{ nothing }", JSON), has_no_data),
    Fix("a bad body is answered with JSON", build_raw_request(b"{"), is_json_error),
    Fix("a missing query is answered with JSON", build_raw_request(b"{}"), is_json_error),
    Fix("405 names the allowed methods", {"method": "PUT"}, allows_methods("GET, POST")),
    Fix(
        "a mutation by GET is the wrong method",
        {"method": "GET", "params": {"query": "mutation { change }"}},
        allows_methods("POST"),
    ),
    Fix(
        "nothing acceptable is 406", build_query_request("{ hello }", "image/png"), has_status(406)
    ),
    Fix(
        "another content type is 415",
        {"content": '{"query":"{ hello }"}', "headers": {"content-type": "text/plain"}},
        has_status(415),
    ),
    Fix("a GET without a query is no page for a program", {"method": "GET"}, is_json_error),
    Fix(
        "a persisted query by GET is no page for a program",
        {"method": "GET", "params": PERSISTED_PARAMETERS},
        lambda response: response.json()["errors"][0]["message"] == "PersistedQueryNotFound",
    ),
    Fix(
        "a persisted query by GET is no page for a browser",
        {
            "method": "GET",
            "params": PERSISTED_PARAMETERS,
            "headers": {"accept": "text/html, */*;q=0.8"},
        },
        is_json,
    ),
    *(
        Fix(f"a body of {content[:8]!r} is 400", build_raw_request(content), is_json_error)
        for content in (b"null", b"1", b'"x"', b"[1]", b'{"query": "\xff"}', b"[" * 100_000)
    ),
    *(
        Fix(f"{name} in a variable is 400", build_raw_request(VARIABLE_BODY % text), is_json_error)
        for name, text in {
            "NaN": b"NaN",
            "a number of 5000 digits": b"9" * 5000,
            "half a character": b'"\\ud800"',
        }.items()
    ),
    Fix(
        "several operations need a name",
        build_query_request("query A { hello } query B { hello }"),
        has_no_data,
    ),
    Fix("a subscription is not run", build_query_request("subscription { tick }"), is_json_error),
    Fix(
        "the message of a bug is not shown",
        build_query_request("{ bug }"),
        lambda response: bool(response.json()["errors"]) and SECRET not in response.text,
    ),
    Fix(
        "a reference of an unknown type fails alone",
        build_reference_request({"__typename": "Nothing", "id": "2"}),
        has_only_second_missing,
    ),
    Fix(
        "a reference without a type fails alone",
        build_reference_request({"id": "2"}),
        has_only_second_missing,
    ),
    Fix(
        "a reference that is no object fails alone",
        build_reference_request("2"),
        has_only_second_missing,
    ),
    Fix(
        "a page of another site gets no answer",
        {**build_query_request("{ hello }"), "headers": {"sec-fetch-site": "cross-site"}},
        has_status(403),
    ),
]


def answers_correctly(fix: Fix, app: ASGIApp) -> bool:
    response = send_request(app, **fix.request)
    try:
        return fix.is_correct(response)
    except (json.JSONDecodeError, UnicodeDecodeError, KeyError, TypeError):
        return False


@pytest.mark.parametrize("fix", FIXES, ids=lambda fix: fix.name)
def test_our_view_answers_correctly_and_the_stock_view_does_not(fix: Fix) -> None:
    assert answers_correctly(fix, OUR_APP), send_request(OUR_APP, **fix.request).text
    assert not answers_correctly(fix, STOCK_APP), "this fix can be removed"


def count_calls(
    monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, action: Callable[[], object]
) -> int:
    """Return how often a function is called while the action runs twice."""
    function, calls = getattr(owner, name), 0

    def call_and_count(*arguments: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        return function(*arguments, **named)

    monkeypatch.setattr(owner, name, call_and_count)
    action()
    action()
    return calls


def test_a_document_is_parsed_and_checked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    request = build_query_request("{ hello }")
    view = create_our_view(create_our_graph())
    for name in ("parse", "validate"):
        assert (
            count_calls(monkeypatch, our_module, name, lambda: send_request(view, **request)) <= 1
        )
        assert (
            count_calls(monkeypatch, stock, name, lambda: send_request(STOCK_APP, **request)) == 2
        )


def test_the_subgraph_is_printed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    request = build_query_request("{ _service { sdl } }")
    view = create_our_view(create_our_graph())
    assert (
        count_calls(monkeypatch, FederatedSchema, "as_str", lambda: send_request(view, **request))
        == 1
    )
    name = "print_schema"
    assert (
        count_calls(monkeypatch, federation, name, lambda: send_request(STOCK_APP, **request)) == 2
    )


def test_a_reference_stays_as_the_caller_sent_it() -> None:
    for_ours, for_stock = dict(THING), dict(THING)
    graph = create_our_graph()
    context: Any = None
    asyncio.run(graph.run(graph.prepare(ENTITIES_QUERY), None, {"things": [for_ours]}, context))
    create_stock_schema().execute_sync(ENTITIES_QUERY, variable_values={"things": [for_stock]})
    assert for_ours == THING
    assert for_stock != THING


def test_a_callers_mistake_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    send_request(OUR_APP, **build_query_request("{ nothing }"))
    assert not caplog.records
    send_request(STOCK_APP, **build_query_request("{ nothing }"))
    assert [record.levelno for record in caplog.records] == [logging.ERROR]


@strawberry.type
class Item(relay.Node):
    id: relay.NodeID[str]

    @classmethod
    def resolve_nodes(cls, **_: Any) -> list["Item"]:
        return []


@strawberry.type
class ItemQuery:
    @relay.connection(relay.ListConnection[Item])
    def items(self) -> list[Item]:
        return []


RELAY_SCHEMA = Schema(query=ItemQuery)


def test_page_info_may_be_in_every_subgraph(subgraph_sdl: str) -> None:
    assert "type PageInfo @shareable {" in subgraph_sdl
    assert "type PageInfo {" in RELAY_SCHEMA.as_str()


def test_a_bad_cursor_is_explained(address: str) -> None:
    query = '{ viewer { trophyTitles(after: "xx") { totalCount } } }'
    error = httpx.post(address, json={"query": query}, timeout=TIMEOUT_SECONDS).json()["errors"][0]
    assert error["extensions"] == {"code": "BAD_USER_INPUT", "argument": "after"}
    stock_errors = RELAY_SCHEMA.execute_sync('{ items(after: "xx") { edges { cursor } } }').errors
    assert stock_errors
    assert stock_errors[0].message == "Incorrect padding"


def test_an_argument_that_may_be_left_out_has_no_default(subgraph_sdl: str) -> None:
    assert "= null" not in subgraph_sdl
    assert "name: String = null" in create_stock_schema().as_str()


def test_the_explorer_comes_from_this_server_alone(address: str) -> None:
    headers = {"accept": "text/html"}
    assert "https://" not in httpx.get(address, headers=headers, timeout=TIMEOUT_SECONDS).text
    assert "https://unpkg.com" in send_request(STOCK_APP, "GET", headers=headers).text
