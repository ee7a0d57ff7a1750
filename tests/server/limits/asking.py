"""How these tests ask what an operation costs, as the server does before it runs one."""

import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any

from graphql import GraphQLSchema, OperationDefinitionNode, validate

from schema.graph import build
from server.limits.document import parsed
from server.limits.operation_limits import NO_LIMITS, Limits
from server.operation_check import Cost, checked
from server.query_reading.arguments import SOURCES

SCHEMA = build().executable
VEGA = 'accounts: [{source: PSN, handle: "vega"}]'


def cost(
    query: str,
    variables: Mapping[str, Any] | None = None,
    schema: GraphQLSchema = SCHEMA,
    limits: Limits = NO_LIMITS,
    linked: frozenset[str] = SOURCES,
) -> Cost:
    """What a valid document's first operation costs."""
    document = parsed(query)
    errors = validate(schema, document)
    assert not errors, errors
    operations = [
        each for each in document.definitions if isinstance(each, OperationDefinitionNode)
    ]
    return checked(document, operations[0], variables, schema, limits, linked)


@contextmanager
def quickly() -> Generator[None]:
    """What an exponential blow-up does not survive, on the slowest of machines.

    Only this process' own work counts, whatever else the machine is busy with.
    """
    started = time.process_time()
    yield
    assert time.process_time() - started < 10
