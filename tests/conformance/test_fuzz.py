"""Schemathesis against the real server: every operation that the schema allows gets a response."""

from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest
import schemathesis
from graphql import (
    ArgumentNode,
    Node,
    ObjectFieldNode,
    Visitor,
    get_introspection_query,
    parse,
    parse_value,
    print_ast,
    visit,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from schemathesis.graphql import nodes

from tests.conformance.processes import TIMEOUT_SECONDS

MAX_EXAMPLES = 20
QUERIES = [
    "viewer",
    "user",
    "trophyTitle",
    "searchAccounts",
    "achievementOfTheWeek",
    "compare",
    "sources",
    "psnOperations",
    "psnOperation",
    "node",
    "nodes",
]
# They write to the sandbox alone.
MUTATIONS = [
    "removePsnFriend",
    "createPsnMessageGroup",
    "sendPsnMessage",
    "uploadPsnResource",
    "sendPsnResource",
]
FIELDS = [("Query", name) for name in QUERIES] + [("Mutation", name) for name in MUTATIONS]

# Values of the sandbox, which arguments generated from the schema alone hardly ever hit.
EXISTING_VALUES: Mapping[str, list[str]] = {
    "accounts": [
        '[{source: PSN, handle: "1000000000000000001"}]',
        '[{source: RETRO_ACHIEVEMENTS, handle: "VegaNorth"}]',
        '[{source: TROPHY_SO, handle: "vega"}]',
        '[{source: PSN, handle: "me"}, {source: TROPHY_SO, handle: "vega"}]',
    ],
    "first": ["1", "7", "100"],
    "after": ["null"],
    "term": ['"vega"', '"VegaNorth"'],
    "nativeId": ['"NPWR00001_00"', '"1"'],
    "handle": ['"sample_friend"', '"me"'],
    "groupId": ['"~1A2B3C4D5E6F7081.8091A2B3C4D5E6F7"'],
    "inviteeIds": ['["1000000000000000001"]'],
    "idempotencyKey": ["null", '"once"'],
    "name": ['"metGetAccount"', '"getUserGameList"'],
}


def sample_strings(*texts: str) -> Any:
    return st.sampled_from(texts).map(nodes.String)


schemathesis.graphql.scalar("JSON", st.just(nodes.Object(fields=[])))
schemathesis.graphql.scalar("URL", sample_strings("https://example.org/a.png", "http://[", ""))
schemathesis.graphql.scalar("Date", sample_strings("2024-02-29", "yesterday", ""))
schemathesis.graphql.scalar("DateTime", sample_strings("2024-02-29T12:00:00Z", "yesterday", ""))


class ExistingValueVisitor(Visitor):
    """Replaces generated arguments by values that exist in the sandbox."""

    def __init__(self, data: st.DataObject) -> None:
        super().__init__()
        self._data = data

    def enter_argument(self, node: ArgumentNode, *_: Any) -> Node | None:
        return self._replace_value(node)

    def enter_object_field(self, node: ObjectFieldNode, *_: Any) -> Node | None:
        return self._replace_value(node)

    def _replace_value(self, node: ArgumentNode | ObjectFieldNode) -> Node | None:
        values = EXISTING_VALUES.get(node.name.value)
        if values is None:
            return None
        return type(node)(
            name=node.name, value=parse_value(self._data.draw(st.sampled_from(values)))
        )


@pytest.fixture(scope="module")
def graph(address: str) -> Any:
    """Return the schema as the server's introspection describes it."""
    query = {"query": get_introspection_query()}
    return schemathesis.graphql.from_dict(
        httpx.post(address, json=query, timeout=TIMEOUT_SECONDS).json()["data"]
    )


@pytest.fixture(scope="module")
def http(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address.removesuffix("/graphql"), timeout=TIMEOUT_SECONDS) as client:
        yield client


def test_every_field_of_the_roots_is_tried(graph: Any) -> None:
    served = {operation.ok().label for operation in graph.get_all_operations()}
    assert served == {f"{kind}.{name}" for kind, name in FIELDS}


def is_valid_response(response: httpx.Response) -> bool:
    """Return whether a response is a GraphQL response without an internal error."""
    assert response.status_code < 500, response.text
    assert response.headers["content-type"].partition(";")[0] in (
        "application/json",
        "application/graphql-response+json",
    )
    answer = response.json()
    codes = {error["extensions"]["code"] for error in answer.get("errors", [])}
    assert "INTERNAL_SERVER_ERROR" not in codes, response.text
    return bool("data" in answer or codes)


@pytest.mark.parametrize(("kind", "name"), FIELDS)
@given(data=st.data())
@settings(max_examples=MAX_EXAMPLES, derandomize=True, database=None)
def test_anything_the_schema_allows_is_answered_properly(
    graph: Any, http: httpx.Client, kind: str, name: str, data: st.DataObject
) -> None:
    case = data.draw(graph[kind][name].as_strategy())
    assert is_valid_response(http.post("/graphql", json={"query": case.body}))


@pytest.mark.parametrize(("kind", "name"), FIELDS)
@given(data=st.data())
@settings(max_examples=MAX_EXAMPLES, derandomize=True, database=None)
def test_queries_with_existing_arguments_are_answered_properly(
    graph: Any, http: httpx.Client, kind: str, name: str, data: st.DataObject
) -> None:
    case = data.draw(graph[kind][name].as_strategy())
    case.body = print_ast(visit(parse(case.body), ExistingValueVisitor(data)))
    assert is_valid_response(http.post("/graphql", json={"query": case.body}))
