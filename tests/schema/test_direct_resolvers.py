"""Resolvers that are called directly receive what Strawberry would give them."""

import asyncio
from enum import Enum
from typing import Annotated, Any

import strawberry

from schema.graph import build_schema
from tests.schema.resolved_queries import build_small_schema, run_query


@strawberry.enum
class Colour(Enum):
    RED = "r"


@strawberry.input
class Choice:
    colour: Colour


@strawberry.type
class Query:
    @strawberry.field
    def described(
        self,
        info: strawberry.Info,
        source: str,
        some_colour: Colour = Colour.RED,
        names: list[str] = strawberry.UNSET,
        left_out: int | None = strawberry.UNSET,
    ) -> str:
        return repr((self, info.field_name, source, some_colour, names, left_out))

    @strawberry.field
    async def waited(self, items: list[int]) -> list[int]:
        await asyncio.sleep(0)
        items.append(0)
        return items

    @strawberry.field
    def chosen(self, choice: Choice) -> str:
        return choice.colour.value

    @strawberry.field
    def renamed(self, value: Annotated[int, strawberry.argument(name="number")]) -> int:
        return value


QUERY = """
query ($items: [Int!]! = [1]) {
  described(source: "s", names: ["a"]) again: described(source: "t", leftOut: null, names: [])
  waited(items: $items) twice: waited(items: $items) chosen(choice: { colour: RED })
  renamed(number: 3)
}"""


def test_the_results_are_those_of_strawberry() -> None:
    ours, theirs = (
        run_query(build_small_schema(Query, directly=each), QUERY) for each in (True, False)
    )
    assert ours == theirs


def test_nearly_all_fields_of_the_graph_are_resolved_directly() -> None:
    types: Any = build_schema().graphql_schema.type_map
    resolvers = {
        f"{kind}.{name}": field.resolve
        for kind in ("User", "TrophyTitle", "TrophyGroup", "Achievement", "AchievementEdge")
        for name, field in types[kind].fields.items()
    }
    assert {each.__module__ for each in resolvers.values()} == {"schema.direct_resolvers"}
