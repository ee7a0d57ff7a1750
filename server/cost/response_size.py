"""Estimated bytes of a response: its names as written, its values by an average.

Each entry of a list repeats the response names, so that a name of some thousand characters counts
once per entry.
"""

from dataclasses import dataclass, field

from graphql import FieldNode, GraphQLSchema

from server.cost.list_sizes import estimate_list_size
from server.query_reading.arguments import Arguments
from server.query_reading.collect_fields import FieldCollector, SelectionSets, merge_selection_sets
from server.query_reading.schema_field import find_field

NAME_OVERHEAD_BYTES = 4  # bytes around a name: its quotes, the colon, and a comma or a brace
VALUE_BYTES = 16  # bytes of an average value


@dataclass
class ResponseSizeEstimator:
    """Estimator of the bytes that one operation's response takes."""

    schema: GraphQLSchema
    collector: FieldCollector
    arguments: Arguments
    _sizes: dict[object, int] = field(default_factory=dict[object, int])

    def estimate(self, type_name: str, sets: SelectionSets, page_size: int = 0) -> int:
        """Return the bytes of one object of a type with this selection.

        `page_size` is that of the connection whose fields these are, or 0.
        """
        key = (type_name, frozenset(map(id, sets)), page_size)
        if key not in self._sizes:
            self._sizes[key] = sum(
                len(name) + NAME_OVERHEAD_BYTES + self._estimate_field(parent, nodes, page_size)
                for parent, name, nodes in self.collector.iterate_members(type_name, sets)
            )
        return self._sizes[key]

    def _estimate_field(self, type_name: str, nodes: list[FieldNode], page_size: int) -> int:
        field_ref = find_field(self.schema, type_name, nodes[0].name.value)
        if field_ref is None or field_ref.is_plain:
            return VALUE_BYTES
        entry_size = VALUE_BYTES
        if field_ref.child_type is not None:
            own_page_size = self.arguments.read_page_size(nodes[0], field_ref.field) or 0
            entry_size = self.estimate(
                field_ref.child_type, merge_selection_sets(nodes), own_page_size
            )
        return estimate_list_size(field_ref, nodes[0], page_size, self.arguments) * entry_size
