"""Estimates of operations, made as before an execution."""

import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any

from graphql import GraphQLSchema, OperationDefinitionNode, validate

from schema.graph import build_schema
from server.limits.document import parse_document
from server.limits.operation_limits import NO_LIMITS, OperationLimits
from server.operation_check import OperationCost, check_operation
from server.query_reading.arguments import SOURCE_NAMES

SCHEMA = build_schema().graphql_schema
VEGA_ARGUMENT = 'accounts: [{source: PSN, handle: "vega"}]'


def estimate_cost(
    query: str,
    variables: Mapping[str, Any] | None = None,
    schema: GraphQLSchema = SCHEMA,
    limits: OperationLimits = NO_LIMITS,
    linked: frozenset[str] = SOURCE_NAMES,
) -> OperationCost:
    """Return the cost of a valid document's first operation."""
    document = parse_document(query)
    errors = validate(schema, document)
    assert not errors, errors
    operations = [
        each for each in document.definitions if isinstance(each, OperationDefinitionNode)
    ]
    return check_operation(document, operations[0], variables, schema, limits, linked)


@contextmanager
def assert_quick() -> Generator[None]:
    """Assert that the block takes less than ten seconds of this process' own CPU time.

    Even a slow machine needs far less, and exponential work far more.
    """
    started = time.process_time()
    yield
    assert time.process_time() - started < 10
