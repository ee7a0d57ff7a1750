"""The fast path and graphql-core give the same responses, also their errors."""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator
from datetime import UTC, datetime
from enum import Enum
from typing import Any, cast

import msgspec
import pytest
import strawberry
from graphql import (
    ExecutionResult,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLUnionType,
    get_named_type,
    is_leaf_type,
    is_required_argument,
    parse,
)
from graphql.execution import Executor, execute  # pyright: ignore[reportUnknownVariableType] - graphql-core
from hypothesis import given, settings
from hypothesis import strategies as st

from schema import federated_schema
from schema.fast_executor import FastPathExecutor
from schema.graph import build_schema
from schema.item_encoder import ItemEncoder
from schema.plan_executor import CompiledPlans, PlanExecutor
from server.response_encoding import MAX_RESPONSE_BYTES
from tests.harness import RETRO_VEGA, VEGA, RunningServer, run_server

GRAPH = build_schema(with_node=True, introspection=True).graphql_schema
MAX_DEPTH = 6
# Arguments for the fields that have them, so that responses are neither empty nor too large.
PAGED_FIELDS = ["achievements", "trophyTitles", "awards", "friends", "playedGames", "messageGroups"]
ARGUMENTS = {
    ("trophyTitle", "nativeId"): '"NPWR00001_00"',
    ("group", "nativeId"): '"000"',
    **{(name, "first"): "2" for name in PAGED_FIELDS},
}
ROOT = "query ($accounts: [AccountInput!]!, $yes: Boolean! = true, $no: Boolean! = false)"
# Fields whose value changes between two requests.
COUNTING_DOWN = {"remainingSeconds", "retryAfter"}
DIRECTIVES = ["", "", "", " @include(if: $yes)", " @skip(if: $yes)", " @skip(if: $no)"]


class PlainExecutor(Executor[None]):
    """graphql-core's executor."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        for name in ("plans", "item_encoder"):
            options.pop(name, None)
        super().__init__(*arguments, **options)  # pyright: ignore[reportUnknownMemberType] - graphql-core


class RepeatedExecutor(PlanExecutor):
    """Our executor as it is for an operation that was executed before."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, plans=CompiledPlans(is_repeated=True), **options)


class EncodingExecutor(PlanExecutor):
    """Our executor as it is for a response that is encoded item by item."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, item_encoder=ItemEncoder(MAX_RESPONSE_BYTES), **options)


EXECUTORS: Any = (FastPathExecutor, PlanExecutor, RepeatedExecutor, EncodingExecutor, Executor)


def draw_selection(data: st.DataObject, kind: Any, depth: int) -> str:
    """Some fields of a type, under names of their own or the same, in fragments or not."""
    if isinstance(kind, GraphQLInterfaceType | GraphQLUnionType):
        kinds = GRAPH.get_possible_types(kind)
        chosen = data.draw(st.lists(st.sampled_from(kinds), min_size=1, max_size=2, unique=True))
        inside = (f"... on {each.name} {draw_selection(data, each, depth)}" for each in chosen)
        return "{ __typename " + " ".join(inside) + " }"
    assert isinstance(kind, GraphQLObjectType)
    names = [name for name in kind.fields if can_select(kind, name, depth)]
    names = [name for name in names if name not in COUNTING_DOWN]
    chosen = data.draw(st.lists(st.sampled_from(names), min_size=1, max_size=6))
    return "{ " + " ".join(draw_field(data, kind, name, depth) for name in chosen) + " __typename }"


def can_select(kind: GraphQLObjectType, name: str, depth: int) -> bool:
    field = kind.fields[name]
    needs = {each for each, argument in field.args.items() if is_required_argument(argument)}
    leaf = is_leaf_type(get_named_type(field.type))
    return (leaf or depth < MAX_DEPTH) and all((name, each) in ARGUMENTS for each in needs)


def draw_field(data: st.DataObject, kind: GraphQLObjectType, name: str, depth: int) -> str:
    field = kind.fields[name]
    given_to = ", ".join(
        f"{each}: {ARGUMENTS[name, each]}" for each in field.args if (name, each) in ARGUMENTS
    )
    below = cast("Any", get_named_type(field.type))
    inside = "" if is_leaf_type(below) else " " + draw_selection(data, below, depth + 1)
    # Two different fields with the same response name would not be valid.
    alias = data.draw(st.sampled_from(["", f"{name}_: ", f"_{name}: "])) if not inside else ""
    asked = f"{alias}{name}" + (f"({given_to})" if given_to else "")
    text = f"{asked}{data.draw(st.sampled_from(DIRECTIVES))}{inside}"
    return text if data.draw(st.booleans()) else f"... on {kind.name} {{ {text} }}"


@pytest.fixture(scope="module")
def world() -> Iterator[RunningServer]:
    with run_server() as running:
        yield running


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_query_has_the_same_response(world: RunningServer, data: st.DataObject) -> None:
    below = draw_selection(data, GRAPH.type_map["User"], 0)
    query = f"{ROOT} {{ user(accounts: $accounts) {below} }}"
    variables = {"accounts": VEGA}
    if "$yes" not in below or "$no" not in below:
        query = query.replace(
            ROOT, ROOT.split(", $yes", maxsplit=1)[0] + declare_variables(below) + ")"
        )

    world.execute(query, variables)  # so that both read the same cached values
    ours = world.execute(query, variables)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(federated_schema, "PlanExecutor", PlainExecutor)
        theirs = world.execute(query, variables)

    assert str(ours.body.get("data")) == str(theirs.body.get("data"))  # the order as well
    assert get_errors(ours) == get_errors(theirs)


def declare_variables(below: str) -> str:
    yes = ", $yes: Boolean! = true" if "$yes" in below else ""
    return yes + (", $no: Boolean! = false" if "$no" in below else "")


def get_errors(answer: Any) -> list[Any]:
    errors = [(error["message"], error.get("path"), error["extensions"]) for error in answer.errors]
    for _, _, extensions in errors:
        extensions.pop("requestId", None)
    return sorted(errors, key=str)


class Colour(Enum):
    RED = "RED"


class Odd:
    """Something that no attribute should be."""


async def return_later() -> str:
    return "later"


VALUES: list[Any] = [
    None,
    "text",
    "",
    "é\ud800",
    7,
    -7.5,
    2**40,
    float("inf"),
    float("nan"),
    True,
    b"bytes",
    Colour.RED,
    "RED",
    datetime(2026, 1, 1, tzinfo=UTC),
    "2026-01-01T00:00:00Z",
    ValueError("as a value"),
    Odd(),
    [],
    ["a", "b"],
    ("a", None),
    ["a", ValueError("inside")],
    [1, "a"],
    "not a list",
    {"a": 1},
    {"a"},
    iter(["a"]),
]


@strawberry.type
class Inner:
    text: str
    number: int | None
    texts: list[str] | None

    @strawberry.field
    def made(self) -> str:
        return self.text + "!"


@strawberry.type
class Outer:
    text: str | None
    sure: str
    number: int | None
    measure: float | None
    is_so: bool | None
    colour: strawberry.enum(Colour) | None  # pyright: ignore[reportInvalidTypeForm] - made here
    moment: datetime | None
    name: strawberry.ID | None
    texts: list[str] | None
    maybe: list[str | None] | None
    inner: Inner | None
    sure_inner: Inner
    inners: list[Inner] | None
    sure_inners: list[Inner]

    @strawberry.field
    async def waited(self) -> str:
        return "waited"

    @strawberry.field
    def failing(self) -> str | None:
        raise ValueError("failing")


@strawberry.type
class Query:
    outer: Outer | None
    outers: list[Outer] | None


SCHEMA: Any = strawberry.Schema(Query)
FIELDS = """
    __typename text sure number measure isSo colour moment name texts maybe failing
    inner { made text number texts } sureInner { text } inners { number made }
    sureInners { text __typename }
"""
PLAIN = "{ outer { %s } outers { text %s } }" % (FIELDS, FIELDS)  # noqa: UP031 - braces
MIXED = "{ outer { waited %s again: text } outers { %s waited } }" % (FIELDS, FIELDS)  # noqa: UP031


def make_inner(value: Any) -> Any:
    return Inner(text=value, number=value, texts=value)


def make_outer(field: str, value: Any) -> Outer:
    good = Inner(text="t", number=1, texts=["a"])
    found = Outer(
        text="t",
        sure="s",
        number=1,
        measure=1.5,
        is_so=True,
        colour=Colour.RED,
        moment=datetime(2026, 1, 1, tzinfo=UTC),
        name=strawberry.ID("n"),
        texts=["a"],
        maybe=["a", None],
        inner=good,
        sure_inner=good,
        inners=[good],
        sure_inners=[good, good],
    )
    if field == "inners":
        value = [make_inner(value), good, value]
    setattr(found, field, make_inner(value) if field == "inner" else value)
    return found


def execute_query(
    query: str,
    root: Query,
    executor: Any,
    run: Callable[[Coroutine[Any, Any, ExecutionResult]], ExecutionResult] = asyncio.run,
) -> tuple[Any, list[Any]]:
    async def run_query() -> ExecutionResult:
        result: Any = execute(
            SCHEMA._schema,  # noqa: SLF001 - Strawberry has no public name for it
            parse(query),
            root,
            executor_class=executor,
        )
        return await result if asyncio.iscoroutine(result) else result

    result = run(run_query())
    errors = [(error.message, error.path) for error in result.errors or ()]
    return json.dumps(result.data, default=msgspec.json.decode), sorted(errors, key=str)


NAMES = ["text", "sure", "number", "measure", "is_so", "colour", "moment", "name", "texts", "maybe"]
OBJECTS = ["inner", "sure_inner", "inners", "sure_inners"]


@pytest.mark.slow
@pytest.mark.parametrize("query", [PLAIN, MIXED], ids=["plain", "mixed"])
@pytest.mark.parametrize("field", [*NAMES, *OBJECTS])
def test_any_attribute_value_has_the_same_response(field: str, query: str) -> None:
    with asyncio.Runner() as runner:
        for value in VALUES:
            results: list[tuple[Any, list[Any]]] = []
            for executor in EXECUTORS:
                given_value = iter(["a"]) if hasattr(value, "__next__") else value
                root = Query(
                    outer=make_outer(field, given_value), outers=[make_outer(field, given_value)]
                )
                results.append(execute_query(query, root, executor, runner.run))
            assert results == [results[-1]] * len(EXECUTORS), (field, value)


@pytest.mark.parametrize("field", ["text", "sure", "inner", "sure_inner", "sure_inners"])
def test_an_awaitable_attribute_is_awaited(field: str) -> None:
    results: list[tuple[Any, list[Any]]] = []
    for executor in EXECUTORS:
        found = make_outer("text", "t")
        setattr(found, field, return_later())
        results.append(
            execute_query(
                "{ outer { text sure } }"
                if field in ("text", "sure")
                else "{ outer { inner { text } sureInner { text } sureInners { text } } }",
                Query(outer=found, outers=None),
                executor,
            )
        )

    assert results == [results[-1]] * len(EXECUTORS)


def test_an_async_iterable_is_left_to_graphql_core() -> None:
    async def generate_inners() -> AsyncGenerator[Inner]:
        for text in ("a", "b"):
            yield make_inner(text)

    results: list[tuple[Any, list[Any]]] = []
    for executor in EXECUTORS:
        found = make_outer("inners", None)
        vars(found)["inners"] = generate_inners()
        results.append(
            execute_query(
                "{ outer { inners { text } } }", Query(outer=found, outers=None), executor
            )
        )

    assert results == [results[-1]] * len(EXECUTORS)


def test_equal_fields_share_a_call_that_fails(server: RunningServer) -> None:
    server.inject_fault(r"^retroachievements\.org", status=503)

    answer = server.execute(
        "query ($accounts: [AccountInput!]!) { user(accounts: $accounts) {"
        "  accounts { displayName second: displayName third: displayName } } }",
        {"accounts": RETRO_VEGA},
    )

    assert server.count_upstream_calls() == {"RETRO_ACHIEVEMENTS": 1}
    assert [error["path"][-1] for error in answer.errors] == ["displayName", "second", "third"]
    assert len({str(error["locations"]) for error in answer.errors}) == 3
