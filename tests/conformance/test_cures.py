"""What our view and our schema class cure. Each cure is shown to be needed: the same request goes
to Strawberry's own, which fails. When one of these tests fails on the stock side, a cure can go.
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
from schema.federated_schema import Graph
from tests.conformance.stock import (
    OURS,
    SECRET,
    STOCK,
    asked,
    our_graph,
    our_view,
    stock_schema,
)

JSON = "application/json"
GRAPHQL = "application/graphql-response+json"
PERSISTED = {"extensions": '{"persistedQuery":{"version":1,"sha256Hash":"00"}}'}
VARIABLE = b'{"query": "{ hello }", "variables": {"a": %b}}'
THING = {"__typename": "Thing", "id": "1"}
ENTITIES = """query ($things: [_Any!]!) {
  _entities(representations: $things) { ... on Thing { id } }
}"""

Check = Callable[[httpx.Response], bool]


@dataclass(frozen=True)
class Cure:
    """A request, and what a right answer to it looks like."""

    name: str
    request: dict[str, Any]
    right: Check


def query(text: str, accept: str = GRAPHQL, **more: Any) -> dict[str, Any]:
    return {"json": {"query": text, **more}, "headers": {"accept": accept}}


def body(content: bytes) -> dict[str, Any]:
    return {"content": content, "headers": {"content-type": JSON, "accept": GRAPHQL}}


def status(code: int) -> Check:
    return lambda response: response.status_code == code


def allows(methods: str) -> Check:
    return lambda response: response.status_code == 405 and response.headers.get("allow") == methods


def is_json(response: httpx.Response) -> bool:
    return response.headers["content-type"].partition(";")[0] in (JSON, GRAPHQL)


def is_a_json_error(response: httpx.Response) -> bool:
    return response.status_code == 400 and is_json(response) and bool(response.json()["errors"])


def has_no_data(response: httpx.Response) -> bool:
    return "errors" in response.json() and "data" not in response.json()


def references(*representations: Any) -> dict[str, Any]:
    return query(ENTITIES, variables={"things": [THING, *representations]})


def only_the_second_is_missing(response: httpx.Response) -> bool:
    answer = response.json()
    return answer["data"] == {"_entities": [{"id": "1"}, None]} and [
        error["path"] for error in answer["errors"]
    ] == [["_entities", 1]]


CURES = [
    Cure(
        "the specification's media type is spoken",
        query("{ hello }"),
        lambda response: response.headers["content-type"].startswith(GRAPHQL),
    ),
    Cure("a request error has a status of its own", query("{ nothing }"), status(400)),
    Cure("a syntax error has a status of its own", query("{"), status(400)),
    Cure("a request error has no data", query("{ nothing }", JSON), has_no_data),
    Cure("a bad body is answered with JSON", body(b"{"), is_a_json_error),
    Cure("a missing query is answered with JSON", body(b"{}"), is_a_json_error),
    Cure("405 says what is allowed", {"method": "PUT"}, allows("GET, POST")),
    Cure(
        "a mutation by GET is the wrong method",
        {"method": "GET", "params": {"query": "mutation { change }"}},
        allows("POST"),
    ),
    Cure("nothing acceptable is 406", query("{ hello }", "image/png"), status(406)),
    Cure(
        "another content type is 415",
        {"content": '{"query":"{ hello }"}', "headers": {"content-type": "text/plain"}},
        status(415),
    ),
    Cure("a GET without a query is no page for a program", {"method": "GET"}, is_a_json_error),
    Cure(
        "a persisted query by GET is no page for a program",
        {"method": "GET", "params": PERSISTED},
        lambda response: response.json()["errors"][0]["message"] == "PersistedQueryNotFound",
    ),
    Cure(
        "a persisted query by GET is no page for a browser",
        {"method": "GET", "params": PERSISTED, "headers": {"accept": "text/html, */*;q=0.8"}},
        is_json,
    ),
    *(
        Cure(f"a body of {content[:8]!r} is 400", body(content), is_a_json_error)
        for content in (b"null", b"1", b'"x"', b"[1]", b'{"query": "\xff"}', b"[" * 100_000)
    ),
    *(
        Cure(f"{name} in a variable is 400", body(VARIABLE % text), is_a_json_error)
        for name, text in {
            "NaN": b"NaN",
            "a number of 5000 digits": b"9" * 5000,
            "half a character": b'"\\ud800"',
        }.items()
    ),
    Cure(
        "several operations need a name",
        query("query A { hello } query B { hello }"),
        has_no_data,
    ),
    Cure("a subscription is not run", query("subscription { tick }"), is_a_json_error),
    Cure(
        "a bug does not show what it says",
        query("{ bug }"),
        lambda response: bool(response.json()["errors"]) and SECRET not in response.text,
    ),
    Cure(
        "a reference of an unknown type fails alone",
        references({"__typename": "Nothing", "id": "2"}),
        only_the_second_is_missing,
    ),
    Cure(
        "a reference without a type fails alone",
        references({"id": "2"}),
        only_the_second_is_missing,
    ),
    Cure("a reference that is no object fails alone", references("2"), only_the_second_is_missing),
    Cure(
        "a page of another site gets no answer",
        {**query("{ hello }"), "headers": {"sec-fetch-site": "cross-site"}},
        status(403),
    ),
]


def holds(cure: Cure, app: ASGIApp) -> bool:
    response = asked(app, **cure.request)
    try:
        return cure.right(response)
    except (json.JSONDecodeError, UnicodeDecodeError, KeyError, TypeError):
        return False


@pytest.mark.parametrize("cure", CURES, ids=lambda cure: cure.name)
def test_ours_answers_as_it_should_and_the_stock_view_does_not(cure: Cure) -> None:
    assert holds(cure, OURS), asked(OURS, **cure.request).text
    assert not holds(cure, STOCK), "this cure can go"


def times_called(
    monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, doing: Callable[[], object]
) -> int:
    """How often a function is called while something is done twice."""
    function, calls = getattr(owner, name), 0

    def counting(*arguments: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        return function(*arguments, **named)

    monkeypatch.setattr(owner, name, counting)
    doing()
    doing()
    return calls


def test_a_document_is_parsed_and_checked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    request = query("{ hello }")
    view = our_view(our_graph())
    for name in ("parse", "validate"):
        assert times_called(monkeypatch, our_module, name, lambda: asked(view, **request)) <= 1
        assert times_called(monkeypatch, stock, name, lambda: asked(STOCK, **request)) == 2


def test_the_subgraph_is_printed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    request = query("{ _service { sdl } }")
    view = our_view(our_graph())
    assert times_called(monkeypatch, Graph, "as_str", lambda: asked(view, **request)) == 1
    name = "print_schema"
    assert times_called(monkeypatch, federation, name, lambda: asked(STOCK, **request)) == 2


def test_a_reference_stays_as_the_caller_sent_it() -> None:
    for_ours, for_stock = dict(THING), dict(THING)
    graph = our_graph()
    context: Any = None
    asyncio.run(graph.run(graph.prepare(ENTITIES), None, {"things": [for_ours]}, context))
    stock_schema().execute_sync(ENTITIES, variable_values={"things": [for_stock]})
    assert for_ours == THING
    assert for_stock != THING


def test_a_callers_mistake_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    asked(OURS, **query("{ nothing }"))
    assert not caplog.records
    asked(STOCK, **query("{ nothing }"))
    assert [record.levelno for record in caplog.records] == [logging.ERROR]


@strawberry.type
class Shelf(relay.Node):
    id: relay.NodeID[str]

    @classmethod
    def resolve_nodes(cls, **_: Any) -> list["Shelf"]:
        return []


@strawberry.type
class Shelves:
    @relay.connection(relay.ListConnection[Shelf])
    def shelves(self) -> list[Shelf]:
        return []


RELAY = Schema(query=Shelves)


def test_page_info_may_be_in_every_subgraph(subgraph_sdl: str) -> None:
    assert "type PageInfo @shareable {" in subgraph_sdl
    assert "type PageInfo {" in RELAY.as_str()


def test_a_bad_cursor_is_explained(address: str) -> None:
    asking = '{ viewer { trophyTitles(after: "xx") { totalCount } } }'
    error = httpx.post(address, json={"query": asking}).json()["errors"][0]
    assert error["extensions"] == {"code": "BAD_USER_INPUT", "argument": "after"}
    stock_errors = RELAY.execute_sync('{ shelves(after: "xx") { edges { cursor } } }').errors
    assert stock_errors
    assert stock_errors[0].message == "Incorrect padding"


def test_an_argument_that_may_be_left_out_has_no_default(subgraph_sdl: str) -> None:
    assert "= null" not in subgraph_sdl
    assert "name: String = null" in stock_schema().as_str()


def test_the_explorer_comes_from_this_server_alone(address: str) -> None:
    asking = {"accept": "text/html"}
    assert "https://" not in httpx.get(address, headers=asking).text
    assert "https://unpkg.com" in asked(STOCK, "GET", headers=asking).text
