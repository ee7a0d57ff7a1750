"""How large an answer will be by estimate: its names as they are written, its values by guess.

A name is said again for every entry of a list, so one of some thousand characters counts as often
as there will be entries.
"""

from dataclasses import dataclass, field

from graphql import FieldNode, GraphQLSchema

from server.cost.list_sizes import estimate_list_size
from server.query_reading.arguments import Arguments
from server.query_reading.collect_fields import FieldCollector, SelectionSets, merge_selection_sets
from server.query_reading.schema_field import find_field

NAME_OVERHEAD_BYTES = 4  # bytes around a name: its quotes, the colon, and a comma or a brace
VALUE_BYTES = 16  # bytes of a value, taken all in all


@dataclass
class ResponseSizeEstimator:
    """One operation's bytes in the making."""

    schema: GraphQLSchema
    collector: FieldCollector
    arguments: Arguments
    _sizes: dict[object, int] = field(default_factory=dict[object, int])

    def estimate(self, type_name: str, sets: SelectionSets, page_size: int = 0) -> int:
        """What is selected of a type, on a connection with a page of so many entries."""
        key = (type_name, frozenset(map(id, sets)), page_size)
        if key not in self._sizes:
            fields = self.collector.collect_fields(type_name, sets, keep_duplicates=False).items()
            self._sizes[key] = sum(
                len(name) + NAME_OVERHEAD_BYTES + self._estimate_field(on, nodes, page_size)
                for (on, _), places in fields
                for name, nodes in places.items()
            )
        return self._sizes[key]

    def _estimate_field(self, type_name: str, nodes: list[FieldNode], page_size: int) -> int:
        field_ref = find_field(self.schema, type_name, nodes[0].name.value)
        if field_ref is None:
            return VALUE_BYTES
        entry_size = VALUE_BYTES
        if field_ref.child_type is not None:
            entries = self.arguments.read_page_size(nodes[0], field_ref.field)
            entry_size = self.estimate(
                field_ref.child_type, merge_selection_sets(nodes), entries or 0
            )
        return estimate_list_size(field_ref, nodes[0], page_size, self.arguments) * entry_size
