"""Generates operations over the whole schema, from the printed schema alone.

Each operation is steered to one field, on a random path to it, so that every field of every type is
reached; whatever else is selected on the way is chosen at random.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false
# - not everything inside graphql-core has a type

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path as FilePath
from typing import Any, cast

import graphql
from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    Undefined,
    get_named_type,
    is_composite_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
)
from hypothesis import strategies as st

Composite = GraphQLObjectType | GraphQLInterfaceType

SCHEMA = graphql.build_schema(
    (FilePath(__file__).parents[2] / "schema" / "schema.graphql").read_text(encoding="utf-8")
)
MAX_DEPTH = 11  # the longest path to a field, with some to choose from
MAX_EXTRA_DEPTH = 3  # of what is selected beside the path
MAX_FRAGMENTS = 4
SCALAR_VALUES: Mapping[str, Sequence[Any]] = {"Int": (0, 1, 3), "Boolean": (True, False)}
NODE_FIELDS = ("node", "nodes")  # a short way to most types
# Fields that are not in the printed schema.
META_SELECTIONS = (
    "__typename",
    "__schema { queryType { name fields { name args { name defaultValue } } } }",
    '__type(name: "TrophyTitle") { kind name interfaces { name } fields { name type { name } } }',
    '__type(name: "NoSuchType") { name }',
    "_service { sdl }",
)


class EnumValue(str):
    """A value of an enum, written without quotes in a document."""

    __slots__ = ()


@dataclass(frozen=True)
class Operation:
    """A request's document, operation name and variables."""

    text: str
    name: str | None
    variables: Mapping[str, Any]

    @property
    def writes(self) -> bool:
        """Whether it is a mutation."""
        return "mutation Generated" in self.text

    def build_body(self) -> dict[str, Any]:
        """Build the body of the request."""
        return {"query": self.text, "operationName": self.name, "variables": dict(self.variables)}


@dataclass(frozen=True)
class Step:
    """A field on the way to another, and the object type that it is selected on."""

    parent: GraphQLObjectType
    name: str


Path = tuple[Step, ...]


@cache
def list_fields() -> list[tuple[str, str]]:
    """List each field of each object type that a query or a mutation can select."""
    reached = _list_roots()
    for kind in reached:  # which grows meanwhile
        for each in kind.fields.values():
            reached += [found for found in _list_possible_types(each.type) if found not in reached]
    return sorted((kind.name, name) for kind in reached for name in kind.fields)


@cache
def list_ways(type_name: str) -> tuple[Step, ...]:
    """List the fields whose value can be an object of a type."""
    target = SCHEMA.type_map[type_name]
    return tuple(
        Step(cast("GraphQLObjectType", SCHEMA.type_map[parent]), name)
        for parent, name in list_fields()
        if target in _list_possible_types(_get_field(parent, name).type)
    )


@cache
def measure_distance(type_name: str) -> int:
    """Return the length of the shortest path from a root to a type."""
    distances = {each.name: 0 for each in _list_roots()}
    while type_name not in distances:
        found = {
            kind.name: distances[parent] + 1
            for parent, name in list_fields()
            if parent in distances
            for kind in _list_possible_types(_get_field(parent, name).type)
            if kind.name not in distances
        }
        assert found, type_name
        distances = found | distances
    return distances[type_name]


def _list_roots() -> list[GraphQLObjectType]:
    return [each for each in (SCHEMA.query_type, SCHEMA.mutation_type) if each is not None]


def _get_field(parent: str, name: str) -> GraphQLField:
    return cast("GraphQLObjectType", SCHEMA.type_map[parent]).fields[name]


def _list_possible_types(field_type: Any) -> Sequence[GraphQLObjectType]:
    named: Any = get_named_type(field_type)
    if isinstance(named, GraphQLObjectType):
        return (named,)
    return SCHEMA.get_possible_types(named) if isinstance(named, GraphQLInterfaceType) else ()


@st.composite
def draw_operations(draw: st.DrawFn, values: Mapping[str, Sequence[Any]]) -> Operation:
    """Generate an operation; `values` are those to choose from, by the name of the argument."""
    kind, name = draw(st.sampled_from(list_fields()))
    path = _draw_path(draw, SCHEMA.type_map[kind], name)
    return _Writer(draw, values).write(path)


def _draw_path(draw: st.DrawFn, kind: Any, name: str) -> Path:
    """Choose a way from a root to a field, which is hardly ever longer than it has to be."""
    path = (Step(kind, name),)
    while path[0].parent not in _list_roots():
        ways = list_ways(path[0].parent.name)
        direct = [each for each in ways if each.name not in NODE_FIELDS]
        ways = direct if direct and draw(st.integers(0, 3)) else ways
        nearest = min(measure_distance(each.parent.name) for each in ways)
        budget = nearest + (len(path) < MAX_DEPTH // 2)
        near = [each for each in ways if measure_distance(each.parent.name) <= budget]
        path = (draw(st.sampled_from(near)), *path)
    return path


class _Writer:
    """Writes one operation."""

    def __init__(self, draw: st.DrawFn, values: Mapping[str, Sequence[Any]]) -> None:
        self._draw = draw
        self._values = values
        self._declarations: list[str] = []
        self._variables: dict[str, Any] = {}
        self._fragments: list[tuple[str, Composite, str]] = []  # name, type and text
        # A response name stands for one field with one type and the same arguments everywhere, so
        # that no two fields conflict.
        self._meanings: dict[str, tuple[str, ...]] = {}

    def write(self, path: Path) -> Operation:
        root = path[0].parent
        selection = self._write_selection(root, path, 0)
        word = "mutation" if root is SCHEMA.mutation_type else "query"
        declared = f"({', '.join(self._declarations)})" if self._declarations else ""
        fragments = [
            f"fragment {name} on {kind.name} {text}" for name, kind, text in self._fragments
        ]
        text = " ".join([f"{word} Generated{declared} {selection}", *fragments])
        name = None
        if self._chance(10):
            text, name = f"query Other {{ __typename }} {text}", "Generated"
        return Operation(text, name, self._variables)

    def _chance(self, percent: int) -> bool:
        return self._draw(st.integers(0, 99)) >= 100 - percent

    def _choose(self, choices: Sequence[Any]) -> Any:
        return choices[self._draw(st.integers(0, len(choices) - 1))]

    def _write_selection(self, kind: Composite, path: Path, depth: int) -> str:
        """Write the fields of a type: the next one of the path, and some others."""
        parts = [self._write_step(kind, path, depth)] if path else []
        is_mutation = kind is SCHEMA.mutation_type
        budget = 0 if is_mutation else self._draw(st.integers(0 if path else 1, 4))
        for _ in range(budget):
            parts.insert(self._draw(st.integers(0, len(parts))), self._write_other(kind, depth))
        return "{ " + " ".join(parts) + " }"

    def _write_step(self, kind: Composite, path: Path, depth: int) -> str:
        step = path[0]
        field_definition = step.parent.fields[step.name]
        text = self._write_field(step.name, field_definition, path[1:], depth)
        if kind is step.parent and not self._chance(15):
            return text
        return self._wrap(kind, step.parent, "{ " + text + " }")

    def _write_other(self, kind: Composite, depth: int) -> str:
        if kind is SCHEMA.query_type and self._chance(12):
            return self._write_entities() if self._chance(40) else self._choose(META_SELECTIONS)
        choice = self._draw(st.integers(0, 11))
        if choice == 0:
            return "__typename"
        if choice <= 2 and depth < MAX_DEPTH:
            inner = self._choose(_list_conditions(kind))
            return self._wrap(kind, inner, None, depth)
        names = [
            name
            for name, each in kind.fields.items()
            if is_leaf_type(get_named_type(each.type)) or depth < MAX_EXTRA_DEPTH
        ]
        if not names:
            return "__typename"
        name = self._choose(names)
        return self._write_field(name, kind.fields[name], (), max(depth, 1))

    def _write_entities(self) -> str:
        """Write a selection of entities, as a gateway sends it."""
        names = [each.removeprefix("id of ") for each in self._values if each.startswith("id of ")]
        name = self._choose(names)
        ids = [self._choose(self._values[f"id of {name}"]) for _ in range(2)]
        written = self._declare(
            "[_Any!]!", [{"__typename": name, "id": each} for each in ids], None
        )
        entity = cast("Composite", SCHEMA.type_map[name])
        alias = f"entities_{len(self._declarations)}"
        selection = self._write_selection(entity, (), 1)
        return f"{alias}: _entities(representations: {written}) {{ ... on {name} {selection} }}"

    def _wrap(
        self, outer: Composite, inner: Composite, selection: str | None, depth: int = 0
    ) -> str:
        """Write an inline fragment, or the spread of a named one that may be there already."""
        if selection is None:
            known = [name for name, kind, _ in self._fragments if kind is inner]
            if known and self._chance(50):
                return f"...{self._choose(known)}{self._write_directives()}"
            selection = self._write_selection(inner, (), depth + 1)
        if len(self._fragments) < MAX_FRAGMENTS and self._chance(50):
            name = f"F{len(self._fragments)}"
            self._fragments.append((name, inner, selection))
            return f"...{name}{self._write_directives()}"
        condition = f" on {inner.name}" if inner is not outer or self._chance(50) else ""
        return f"...{condition}{self._write_directives()} {selection}"

    def _write_field(self, name: str, definition: GraphQLField, path: Path, depth: int) -> str:
        wanted = path[0].parent.name if path else ""
        arguments = [
            f"{each}: {written}"
            for each, argument in definition.args.items()
            if (written := self._write_argument(f"{name}.{each}", argument, wanted)) is not None
        ]
        called = f"({', '.join(arguments)})" if arguments else ""
        below = get_named_type(definition.type)
        selection = (
            f" {self._write_selection(cast('Composite', below), path, depth + 1)}"
            if is_composite_type(below)
            else ""
        )
        alias = self._choose_response_name(name, called, str(definition.type))
        label = "" if alias == name else f"{alias}: "
        return f"{label}{name}{called}{self._write_directives()}{selection}"

    def _choose_response_name(self, *meaning: str) -> str:
        name, number = meaning[0], self._draw(st.sampled_from((0, 0, 0, 1)))
        while True:
            chosen = f"a{number}_{name}" if number else name
            if self._meanings.setdefault(chosen, meaning) == meaning:
                return chosen
            number += 1

    def _write_directives(self) -> str:
        return "".join(
            f" @{name}(if: {self._write_condition(is_included)})"
            for name, is_included in (("include", True), ("skip", False))
            if self._chance(7)
        )

    def _write_condition(self, is_included: bool) -> str:
        value = is_included if self._chance(60) else not is_included
        if self._chance(30):
            return str(value).lower()
        return self._declare("Boolean!", value, None)

    def _write_argument(self, name: str, argument: GraphQLArgument, wanted: str) -> str | None:
        """Write an argument's value; None for one that is left out.

        `wanted` is the type of the object that an id should name, if there is one.
        """
        has_default = argument.default_value is not Undefined
        is_required = is_non_null_type(argument.type) and not has_default
        if not is_required and self._chance(40):
            return None
        value = self._draw_value(self._find_values(name, wanted), argument.type)
        if self._chance(60):
            return self._write_literal(value)
        return self._write_variable(argument.type, value, has_default=has_default)

    def _find_values(self, name: str, wanted: str) -> str:
        """Return the name of the values of an argument, which is preceded by its field's name."""
        own_name, by_type = name.partition(".")[2], f"id of {wanted}"
        is_id = own_name in ("id", "ids") and by_type in self._values
        if is_id and self._chance(80):
            return by_type
        return name if name in self._values else own_name

    def _write_variable(self, kind: Any, value: Any, *, has_default: bool) -> str:
        """Declare a variable in one of the forms that the specification allows, and write it."""
        nullable = str(kind).removesuffix("!")
        form = self._draw(st.integers(0, 4))
        if form == 0:
            return self._declare(nullable, Undefined, value)
        if form == 1 and (has_default or not is_non_null_type(kind)):
            return self._declare(nullable, self._choose((Undefined, None, value)), None)
        if form == 2:
            return self._declare(nullable, self._choose((value, value, None)), value)
        return self._declare(str(kind), value, None)

    def _declare(self, kind: str, value: Any, default: Any) -> str:
        name = f"v{len(self._declarations)}"
        written = "" if default is None else f" = {self._write_literal(default)}"
        self._declarations.append(f"${name}: {kind}{written}")
        if value is not Undefined:
            self._variables[name] = value
        return f"${name}"

    def _draw_value(self, name: str, kind: Any) -> Any:
        if is_non_null_type(kind):
            return self._draw_non_null(name, kind.of_type)
        return None if self._chance(15) else self._draw_non_null(name, kind)

    def _draw_non_null(self, name: str, kind: Any) -> Any:
        is_of_items = is_list_type(kind) and name.startswith("id of")
        if name in self._values and not is_of_items and not self._chance(2):
            return self._choose(self._values[name])
        if is_list_type(kind):
            count = self._draw(st.integers(0, 3))
            item_name = name if is_of_items else ""
            items = [self._draw_value(item_name, kind.of_type) for _ in range(count)]
            return items[0] if count == 1 and items[0] is not None and self._chance(30) else items
        if isinstance(kind, GraphQLEnumType):
            return EnumValue(self._choose(list(kind.values)))
        if isinstance(kind, GraphQLInputObjectType):
            return self._draw_object(kind)
        scalar: Any = kind
        return self._choose(SCALAR_VALUES.get(scalar.name, ("", "x")))

    def _draw_object(self, kind: GraphQLInputObjectType) -> dict[str, Any]:
        return {
            name: self._draw_value(name, each.type)
            for name, each in kind.fields.items()
            if (is_non_null_type(each.type) and each.default_value is Undefined) or self._chance(50)
        }

    def _write_literal(self, value: Any) -> str:
        if isinstance(value, EnumValue):
            return str(value)
        if isinstance(value, list):
            return "[" + ", ".join(map(self._write_literal, cast("list[Any]", value))) + "]"
        if isinstance(value, dict):
            members = cast("dict[str, Any]", value).items()
            return "{" + ", ".join(f"{n}: {self._write_literal(v)}" for n, v in members) + "}"
        return json.dumps(value)


def _list_conditions(kind: Composite) -> list[Composite]:
    """List the types that a fragment inside a selection of a type can have, itself included."""
    own = set(_list_possible_types(kind))
    return [
        each
        for each in SCHEMA.type_map.values()
        if isinstance(each, Composite) and own & set(_list_possible_types(each))
    ]
