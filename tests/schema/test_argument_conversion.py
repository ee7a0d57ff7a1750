"""Arguments are converted to what Strawberry would give a resolver."""

from enum import Enum

import pytest
import strawberry

from schema.argument_conversion import find_conversion
from schema.direct_resolvers import DirectResolver
from tests.schema.resolved_queries import build_small_schema, run_query


@strawberry.enum
class Colour(Enum):
    RED = "r"


@strawberry.input
class Choice:
    colour_name: Colour
    numbers: list[int] | None
    left_out: int | None = strawberry.UNSET
    usual: str = "usual"


@strawberry.input
class Nested:
    choice: Choice


@strawberry.type
class Query:
    @strawberry.field
    def one(self, choice: Choice | None = None) -> str:
        return repr(choice)

    @strawberry.field
    def many(self, choices: list[list[Choice | None]]) -> str:
        return repr(choices)

    @strawberry.field
    def nested(self, nested: Nested) -> str:
        return repr(nested)


QUERIES = [
    "{ one }",
    "{ one(choice: null) }",
    "{ one(choice: { colourName: RED }) }",
    '{ one(choice: { colourName: RED, numbers: [1, 2], leftOut: null, usual: "other" }) }',
    "{ many(choices: []) }",
    "{ many(choices: [[{ colourName: RED, leftOut: 3 }, null], []]) }",
    "{ many(choices: { colourName: RED }) }",
    "{ nested(nested: { choice: { colourName: RED } }) }",
]


@pytest.mark.parametrize("query", QUERIES)
def test_the_results_are_those_of_strawberry(query: str) -> None:
    ours, theirs = (
        run_query(build_small_schema(Query, directly=each), query) for each in (True, False)
    )
    assert ours == theirs


def test_objects_in_objects_are_left_to_strawberry() -> None:
    schema = build_small_schema(Query, directly=True)
    fields = schema.query_type.fields
    assert isinstance(fields["one"].resolve, DirectResolver)
    assert isinstance(fields["many"].resolve, DirectResolver)
    assert not isinstance(fields["nested"].resolve, DirectResolver)
    assert find_conversion(schema.get_type("Nested")) is None
