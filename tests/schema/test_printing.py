"""The printed schema: everything has a description, and the committed file is current."""

from collections.abc import Iterator
from pathlib import Path

import graphql
import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    validate_schema,
)
from graphql.type import is_specified_scalar_type

from schema.graph import build_schema
from schema.printing import print_sdl
from tests.harness import RunningServer

COMMITTED = Path(__file__).parents[2] / "schema" / "schema.graphql"
FEDERATION_TYPES = {"_Any", "_Entity", "_Service", "FieldSet", "_FieldSet"}


def list_own_types(schema: GraphQLSchema) -> list[GraphQLNamedType]:
    return [
        kind
        for name, kind in schema.type_map.items()
        if not name.startswith(("__", "link__"))
        and name not in FEDERATION_TYPES
        and not is_specified_scalar_type(kind)
    ]


def iterate_descriptions() -> Iterator[tuple[str, str | None]]:
    """Everything that can have a description, by its place."""
    for kind in list_own_types(build_schema().graphql_schema):
        yield kind.name, kind.description
        if isinstance(kind, GraphQLEnumType):
            for name, value in kind.values.items():
                yield f"{kind.name}.{name}", value.description
        if isinstance(kind, GraphQLInputObjectType):
            for name, member in kind.fields.items():
                yield f"{kind.name}.{name}", member.description
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            yield from iterate_fields(kind)


def iterate_fields(
    kind: GraphQLObjectType | GraphQLInterfaceType,
) -> Iterator[tuple[str, str | None]]:
    """A type's fields and their arguments, without federation's own."""
    for name, field in kind.fields.items():
        if name.startswith("_"):
            continue
        yield f"{kind.name}.{name}", field.description
        for argument, given in field.args.items():
            yield f"{kind.name}.{name}({argument}:)", given.description


def test_everything_has_a_description() -> None:
    found = dict(iterate_descriptions())

    assert [place for place, text in found.items() if not (text or "").strip()] == []
    assert len(found) > 300


def test_the_committed_schema_is_what_is_printed() -> None:
    assert COMMITTED.read_text(encoding="utf-8") == print_sdl(build_schema())


def test_the_printed_schema_is_complete() -> None:
    schema = graphql.build_schema(COMMITTED.read_text(encoding="utf-8"))

    assert validate_schema(schema) == []


def test_the_printed_schema_has_no_federation_types() -> None:
    assert not {f"type {name}" for name in FEDERATION_TYPES} & set(
        print_sdl(build_schema()).split("\n")
    )
    assert "_entities" not in print_sdl(build_schema())


def test_introspection_equals_the_printed_schema(server: RunningServer) -> None:
    query = "{ __schema { types { name description fields { name description } } } }"

    types = server.fetch_data(query)["__schema"]["types"]

    told = {kind["name"]: kind["description"] for kind in types}
    for kind in list_own_types(build_schema().graphql_schema):
        assert told[kind.name] == kind.description


@pytest.mark.parametrize("name", ["TrophyTitle", "Achievement", "User", "Award", "Campaign"])
def test_a_type_of_a_player_has_no_key_but_its_id(name: str) -> None:
    lines = [line for line in build_schema().sdl.splitlines() if line.startswith(f"type {name} ")]

    assert len(lines) == 1
    assert lines[0].count("@key") == 1
    assert '@key(fields: "id")' in lines[0]
