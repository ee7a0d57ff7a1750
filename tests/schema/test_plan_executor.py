"""A plan completes what a resolver returned as graphql-core would, and calls no resolver twice."""

import asyncio
import json
from collections import Counter
from typing import Any

import msgspec
import pytest
import strawberry
from graphql import parse
from graphql.execution import Executor, execute  # pyright: ignore[reportUnknownVariableType] - graphql-core

from schema.direct_resolvers import use_direct_resolvers
from schema.item_encoder import ItemEncoder
from schema.plan_executor import CompiledPlans, PlanExecutor
from server.response_encoding import MAX_RESPONSE_BYTES
from tests.harness import RunningServer

calls: Counter[str] = Counter()


class Repeated(PlanExecutor):
    """The executor of an operation that was executed before."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, plans=CompiledPlans(is_repeated=True), **options)


class Encoding(PlanExecutor):
    """The executor of a response that is encoded item by item."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, item_encoder=ItemEncoder(MAX_RESPONSE_BYTES), **options)


@strawberry.interface
class Named:
    name: str


@strawberry.type
class Leaf(Named):
    number: int | None

    @strawberry.field
    async def later(self) -> str:
        calls["later"] += 1
        await asyncio.sleep(0)
        if self.number == 13:
            raise ValueError("thirteen")
        return self.name

    @strawberry.field
    def plus(self, added: int = 1) -> int | None:
        calls["plus"] += 1
        return None if self.number is None else self.number + added


@strawberry.type
class Branch(Named):
    values: strawberry.Private[list[Any]]

    @strawberry.field
    async def leaves(self) -> list[Leaf] | None:
        calls["leaves"] += 1
        await asyncio.sleep(0)
        return self.values

    @strawberry.field
    def members(self) -> list[Named | None]:
        calls["members"] += 1
        return self.values

    @strawberry.field
    def first(self) -> Leaf:
        calls["first"] += 1
        return self.values[0]


@strawberry.type
class Query:
    branches: strawberry.Private[list[Branch]]

    @strawberry.field
    def all_branches(self) -> list[Branch | None]:
        calls["all_branches"] += 1
        return list(self.branches)


STRAWBERRY_SCHEMA: Any = strawberry.Schema(Query, types=[Leaf, Branch])
SCHEMA = STRAWBERRY_SCHEMA._schema  # noqa: SLF001 - Strawberry has no public name for it
use_direct_resolvers(SCHEMA)

QUERIES = [
    "{ allBranches { name leaves { name later number } first { later name } } }",
    "{ allBranches { leaves { later plus more: plus(added: 5) } members { __typename name } } }",
    "{ allBranches { members { name ... on Leaf { later } } first { plus(added: 99999999999) } } }",
    "query ($by: Int!) { allBranches { first { plus(added: $by) } } }",
    "{ allBranches { first { later } again: first { later } } }",
    """{ allBranches { members { name } again:   members { name }
       leaves { a: later ...F } more: leaves { a: later ...F } } } fragment F on Leaf { later }""",
]
GOOD = Leaf(name="a", number=1)
VALUES: list[list[Any]] = [
    [GOOD, Leaf(name="b", number=None)],
    [GOOD, Leaf(name="c", number=13), GOOD],
    [GOOD, None],
    [None],
    [Leaf(name=None, number=2)],  # pyright: ignore[reportArgumentType] - what no record should have
    [Leaf(name="d", number="x")],  # pyright: ignore[reportArgumentType] - the same
    [ValueError("as a value"), GOOD],
    ["not an object"],
    [],
    "no list",  # pyright: ignore[reportAssignmentType] - the same
]


async def execute_with(executor: type[Any], query: str, values: list[Any]) -> Any:
    calls.clear()
    root = Query(branches=[Branch(name="one", values=values), Branch(name="two", values=[GOOD])])
    found: Any = execute(
        SCHEMA, parse(query), root, variable_values={"by": 2}, executor_class=executor
    )
    result = await found if asyncio.iscoroutine(found) else found
    await asyncio.sleep(0.01)  # for resolvers that go on after an error elsewhere
    errors = [(error.message, error.path, error.locations) for error in result.errors or ()]
    return (
        json.dumps(result.data, default=msgspec.json.decode),
        sorted(errors, key=str),
        dict(calls),
    )


@pytest.mark.slow
@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("values", VALUES, ids=repr)
def test_data_errors_and_calls_are_those_of_graphql_core(query: str, values: list[Any]) -> None:
    with asyncio.Runner() as runner:
        expected = runner.run(execute_with(Executor, query, values))
        for executor in (PlanExecutor, Repeated, Encoding):
            found = runner.run(execute_with(executor, query, values))
            assert found[:2] == expected[:2]
            # Equal fields are executed once.
            assert "again" in query or found[2] == expected[2]


def test_a_plan_is_kept_for_the_variables_of_its_directives(server: RunningServer) -> None:
    query = """query ($with: Boolean = true) {
      viewer { id displayName @include(if: $with) accounts { source @skip(if: $with) handle } }
    }"""
    given: list[dict[str, bool]] = [{}, {"with": False}, {"with": True}, {"with": False}, {}]

    answers = [server.fetch_data(query, each, {"cache-control": "no-cache"}) for each in given]

    assert ["displayName" in each["viewer"] for each in answers] == [True, False, True, False, True]
    assert ["source" in each["viewer"]["accounts"][0] for each in answers] == [
        False, True, False, True, False
    ]  # fmt: skip
