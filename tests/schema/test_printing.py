"""The schema as it is published: described throughout, and committed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
    validate_schema,
)
from graphql.type import is_specified_scalar_type

from schema.graph import build
from schema.printing import plain_sdl
from tests.asking import Server

COMMITTED = Path(__file__).parents[2] / "schema" / "schema.graphql"
MACHINERY = {"_Any", "_Entity", "_Service", "FieldSet", "_FieldSet"}


def own_types(schema: GraphQLSchema) -> list[GraphQLNamedType]:
    return [
        kind
        for name, kind in schema.type_map.items()
        if not name.startswith(("__", "link__"))
        and name not in MACHINERY
        and not is_specified_scalar_type(kind)
    ]


def described() -> Iterator[tuple[str, str | None]]:
    """Everything that can have a description, by its place."""
    for kind in own_types(build().executable):
        yield kind.name, kind.description
        if isinstance(kind, GraphQLEnumType):
            for name, value in kind.values.items():
                yield f"{kind.name}.{name}", value.description
        if isinstance(kind, GraphQLInputObjectType):
            for name, member in kind.fields.items():
                yield f"{kind.name}.{name}", member.description
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            yield from fields(kind)


def fields(kind: GraphQLObjectType | GraphQLInterfaceType) -> Iterator[tuple[str, str | None]]:
    """A type's fields and their arguments, without federation's own."""
    for name, field in kind.fields.items():
        if name.startswith("_"):
            continue
        yield f"{kind.name}.{name}", field.description
        for argument, given in field.args.items():
            yield f"{kind.name}.{name}({argument}:)", given.description


def test_everything_is_described() -> None:
    found = dict(described())

    assert [place for place, text in found.items() if not (text or "").strip()] == []
    assert len(found) > 300


def test_the_committed_schema_is_what_is_printed() -> None:
    assert COMMITTED.read_text(encoding="utf-8") == plain_sdl(build())


def test_the_printed_schema_stands_alone() -> None:
    schema = build_schema(COMMITTED.read_text(encoding="utf-8"))

    assert validate_schema(schema) == []


def test_the_printed_schema_is_without_federations_machinery() -> None:
    assert not {f"type {name}" for name in MACHINERY} & set(plain_sdl(build()).split("\n"))
    assert "_entities" not in plain_sdl(build())


def test_introspection_tells_the_same(server: Server) -> None:
    query = "{ __schema { types { name description fields { name description } } } }"

    types = server.data(query)["__schema"]["types"]

    told = {kind["name"]: kind["description"] for kind in types}
    for kind in own_types(build().executable):
        assert told[kind.name] == kind.description


@pytest.mark.parametrize("name", ["TrophyTitle", "Achievement", "User", "Award", "Campaign"])
def test_a_thing_of_a_player_has_no_key_but_its_id(name: str) -> None:
    lines = [line for line in build().sdl.splitlines() if line.startswith(f"type {name} ")]

    assert len(lines) == 1
    assert lines[0].count("@key") == 1
    assert '@key(fields: "id")' in lines[0]
