"""Queries on small schemas, resolved by Strawberry or directly."""

import asyncio
from typing import Any

import strawberry
from graphql import ExecutionResult, parse
from graphql.execution import execute  # pyright: ignore[reportUnknownVariableType] - graphql-core

from schema.direct_resolvers import use_direct_resolvers


def build_small_schema(query: type[Any], *, directly: bool) -> Any:
    """Build the schema of a query type; with `directly`, Strawberry's steps are left out."""
    schema: Any = strawberry.Schema(query)._schema  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - no public name
    if directly:
        use_direct_resolvers(schema)
    return schema


def run_query(schema: Any, query: str) -> Any:
    """Return the data; raise `AssertionError` if there are errors."""

    async def run() -> ExecutionResult:
        result: Any = execute(schema, parse(query), None)
        return await result if asyncio.iscoroutine(result) else result

    result = asyncio.run(run())
    assert not result.errors
    return result.data
