"""What introspection will answer: read off the schema, which is at hand, so nothing is guessed.

A selection is put to all that it is about at once (the fields of all types, say, each as often as
it is met), so that measuring an answer takes about as long as its question, and not as itself.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from graphql import FieldNode, GraphQLSchema

from server.cost.response_size import NAME_OVERHEAD_BYTES
from server.query_reading.arguments import Arguments
from server.query_reading.collect_fields import FieldCollector, SelectionSets, merge_selection_sets
from server.query_reading.schema_field import FieldRef, find_field

SCHEMA_FIELD, TYPE_FIELD, SERVICE_FIELD = "__schema", "__type", "_service"
INTROSPECTION_FIELDS = frozenset({SCHEMA_FIELD, TYPE_FIELD, SERVICE_FIELD})
SDL_BYTES = 60_000  # bytes of the whole schema as text, which a gateway asks for
BRACES_BYTES = 2


@dataclass(frozen=True)
class IntrospectionCost:
    """An answer: fields written with their fragments opened, values, and bytes."""

    fields: int = 0
    values: int = 0
    bytes: int = 0

    def __add__(self, other: "IntrospectionCost") -> "IntrospectionCost":
        return IntrospectionCost(
            self.fields + other.fields, self.values + other.values, self.bytes + other.bytes
        )


NO_INTROSPECTION_COST = IntrospectionCost()


@dataclass(frozen=True)
class SchemaElements:
    """Things of the schema, each with how often it is met, and what is said without them."""

    elements: list[tuple[Any, int]]
    leaf_cost: IntrospectionCost = NO_INTROSPECTION_COST

    @property
    def count(self) -> int:
        """How many things there are in all."""
        return sum(times for _, times in self.elements)


@dataclass
class IntrospectionEstimator:
    """One operation's introspection in the making."""

    schema: GraphQLSchema
    collector: FieldCollector
    arguments: Arguments
    _elements: dict[object, SchemaElements] = field(default_factory=dict[object, SchemaElements])
    _estimates: dict[object, IntrospectionCost] = field(
        default_factory=dict[object, IntrospectionCost]
    )

    def estimate(self, type_name: str, sets: SelectionSets) -> IntrospectionCost:
        """All that is asked of the schema at an operation's root."""
        groups = self.collector.collect_fields(type_name, sets, keep_duplicates=False).values()
        selected = (each for places in groups for each in places.items())
        return sum(
            (self._estimate_root_field(name, nodes) for name, nodes in selected),
            NO_INTROSPECTION_COST,
        )

    def _estimate_root_field(self, name: str, nodes: list[FieldNode]) -> IntrospectionCost:
        field_name = nodes[0].name.value
        if field_name not in INTROSPECTION_FIELDS:
            return NO_INTROSPECTION_COST
        own_cost = IntrospectionCost(1, 1, len(name) + NAME_OVERHEAD_BYTES)
        if field_name == SERVICE_FIELD:
            return own_cost + self._estimate_service(nodes)
        if field_name == SCHEMA_FIELD:
            return own_cost + self._estimate_selection(
                "__Schema", self._start_from([self.schema]), nodes
            )
        return own_cost + self._estimate_selection(
            "__Type", self._start_from(self._find_types(nodes[0])), nodes
        )

    def _estimate_service(self, nodes: list[FieldNode]) -> IntrospectionCost:
        groups = self.collector.collect_fields(
            "_Service", merge_selection_sets(nodes), keep_duplicates=False
        ).values()
        count = sum(map(len, groups))
        return IntrospectionCost(count, count, count * SDL_BYTES)

    def _find_types(self, node: FieldNode) -> Iterable[Any]:
        name = self.arguments.read_text(node, "name")
        types = self.schema.type_map
        # A name that is not written here may be that of any type, and is another next time.
        return types.values() if name is None else filter(None, [types.get(name)])

    def _start_from(self, elements: Iterable[Any]) -> SchemaElements:
        found = [(each, 1) for each in elements]
        return self._elements.setdefault(
            tuple(id(each) for each, _ in found), SchemaElements(found)
        )

    def _estimate_selection(
        self, type_name: str, elements: SchemaElements, nodes: list[FieldNode]
    ) -> IntrospectionCost:
        """What is selected of things."""
        sets = merge_selection_sets(nodes)
        key = (id(elements), frozenset(map(id, sets)))
        if key not in self._estimates:
            self._estimates[key] = (
                self._estimate_fields(type_name, elements, sets)
                if elements.elements
                else NO_INTROSPECTION_COST
            )
        return self._estimates[key]

    def _estimate_fields(
        self, type_name: str, elements: SchemaElements, sets: SelectionSets
    ) -> IntrospectionCost:
        groups = self.collector.collect_fields(type_name, sets, keep_duplicates=False).values()
        selected = (each for places in groups for each in places.items())
        return sum(
            (self._estimate_field(type_name, elements, name, nodes) for name, nodes in selected),
            NO_INTROSPECTION_COST,
        )

    def _estimate_field(
        self, type_name: str, elements: SchemaElements, name: str, nodes: list[FieldNode]
    ) -> IntrospectionCost:
        field_ref = find_field(self.schema, type_name, nodes[0].name.value)
        if field_ref is None:
            return NO_INTROSPECTION_COST
        key = (id(elements), field_ref.names[0])
        found = self._elements.get(key)
        if found is None:
            found = self._elements[key] = self._resolve_field(type_name, elements, field_ref)
        own_cost = IntrospectionCost(1, 0, elements.count * (len(name) + NAME_OVERHEAD_BYTES))
        inside = (
            NO_INTROSPECTION_COST
            if field_ref.child_type is None
            else self._estimate_selection(field_ref.child_type, found, nodes)
        )
        return own_cost + found.leaf_cost + inside

    def _resolve_field(
        self, type_name: str, elements: SchemaElements, field_ref: FieldRef
    ) -> SchemaElements:
        """What a field leads to, from each of the things."""
        info: Any = SimpleNamespace(schema=self.schema, parent_type=SimpleNamespace(name=type_name))
        resolve: Any = field_ref.field.resolve
        arguments = {name: True for name in field_ref.field.args if name == "includeDeprecated"}
        found: dict[int, tuple[Any, int]] = {}
        values = size = 0
        for element, times in elements.elements:
            value = resolve(element, info, **arguments)
            for each in value if field_ref.is_list and value is not None else [value]:
                if field_ref.child_type is None or each is None:
                    values += times
                    size += times * len(str(each).encode())
                else:
                    found[id(each)] = (each, times + found.get(id(each), (each, 0))[1])
                size += times * BRACES_BYTES
        return SchemaElements(list(found.values()), IntrospectionCost(0, values, size))
