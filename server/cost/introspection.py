"""Cost of introspection, measured exactly on the schema itself.

A selection is applied to all of its objects at once (such as the fields of all types, each with
the number of times it occurs), so that measuring takes about as long as the query is, and not as
long as its response.
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
SDL_BYTES = 100_000  # bytes of `_service { sdl }`, the whole schema as text
BRACES_BYTES = 2


@dataclass(frozen=True)
class IntrospectionCost:
    """The fields of a query, with fragments opened, and the values and bytes of its response."""

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
    """The schema elements that a field returns, each with the number of times it occurs.

    `leaf_cost` is the cost of the field's scalars, nulls and braces.
    """

    elements: list[tuple[Any, int]]
    leaf_cost: IntrospectionCost = NO_INTROSPECTION_COST

    @property
    def count(self) -> int:
        """The number of elements, each as often as it occurs."""
        return sum(times for _, times in self.elements)


@dataclass
class IntrospectionEstimator:
    """Estimator of one operation's introspection."""

    schema: GraphQLSchema
    collector: FieldCollector
    arguments: Arguments
    _elements: dict[object, SchemaElements] = field(default_factory=dict[object, SchemaElements])
    _estimates: dict[object, IntrospectionCost] = field(
        default_factory=dict[object, IntrospectionCost]
    )

    def estimate(self, type_name: str, sets: SelectionSets) -> IntrospectionCost:
        """Return the cost of the introspection fields among an operation's root fields."""
        members = self.collector.iterate_members(type_name, sets)
        costs = (self._estimate_root_field(name, nodes) for _, name, nodes in members)
        return sum(costs, NO_INTROSPECTION_COST)

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
        members = self.collector.iterate_members("_Service", merge_selection_sets(nodes))
        count = sum(1 for _ in members)
        return IntrospectionCost(count, count, count * SDL_BYTES)

    def _find_types(self, node: FieldNode) -> Iterable[Any]:
        name = self.arguments.read_text(node, "name")
        types = self.schema.type_map
        # The name in a variable may be that of any type: costs are cached without its value.
        return types.values() if name is None else filter(None, [types.get(name)])

    def _start_from(self, elements: Iterable[Any]) -> SchemaElements:
        counted = [(each, 1) for each in elements]
        key = tuple(id(each) for each, _ in counted)
        return self._elements.setdefault(key, SchemaElements(counted))

    def _estimate_selection(
        self, type_name: str, elements: SchemaElements, nodes: list[FieldNode]
    ) -> IntrospectionCost:
        """Return the cost of what is selected of all these elements."""
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
        members = self.collector.iterate_members(type_name, sets)
        costs = (
            self._estimate_field(type_name, elements, name, nodes) for _, name, nodes in members
        )
        return sum(costs, NO_INTROSPECTION_COST)

    def _estimate_field(
        self, type_name: str, elements: SchemaElements, name: str, nodes: list[FieldNode]
    ) -> IntrospectionCost:
        field_ref = find_field(self.schema, type_name, nodes[0].name.value)
        if field_ref is None:
            return NO_INTROSPECTION_COST
        key = (id(elements), field_ref.names[0])
        values = self._elements.get(key)
        if values is None:
            values = self._elements[key] = self._resolve_field(type_name, elements, field_ref)
        own_cost = IntrospectionCost(1, 0, elements.count * (len(name) + NAME_OVERHEAD_BYTES))
        child_cost = NO_INTROSPECTION_COST
        if field_ref.child_type is not None:
            child_cost = self._estimate_selection(field_ref.child_type, values, nodes)
        return own_cost + values.leaf_cost + child_cost

    def _resolve_field(
        self, type_name: str, elements: SchemaElements, field_ref: FieldRef
    ) -> SchemaElements:
        """Resolve a field of each element, and count equal results together."""
        info: Any = SimpleNamespace(schema=self.schema, parent_type=SimpleNamespace(name=type_name))
        resolve: Any = field_ref.field.resolve
        arguments = {name: True for name in field_ref.field.args if name == "includeDeprecated"}
        results: dict[int, tuple[Any, int]] = {}
        values = size = 0
        for element, times in elements.elements:
            value = resolve(element, info, **arguments)
            for each in value if field_ref.is_list and value is not None else [value]:
                if field_ref.child_type is None or each is None:
                    values += times
                    size += times * len(str(each).encode())
                else:
                    results[id(each)] = (each, times + results.get(id(each), (each, 0))[1])
                size += times * BRACES_BYTES
        return SchemaElements(list(results.values()), IntrospectionCost(0, values, size))
