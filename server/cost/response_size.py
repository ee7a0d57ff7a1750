"""How large an answer will be by estimate: its names as they are written, its values by guess.

A name is said again for every entry of a list, so one of some thousand characters counts as often
as there will be entries.
"""

from dataclasses import dataclass, field

from graphql import FieldNode, GraphQLSchema

from server.cost.list_sizes import length_of
from server.query_reading.arguments import Arguments
from server.query_reading.collect_fields import Selections, Sets, below
from server.query_reading.schema_field import placed

MARKS = 4  # bytes around a name: its quotes, the colon, and a comma or a brace
VALUE = 16  # bytes of a value, taken all in all


@dataclass
class Size:
    """One operation's bytes in the making."""

    schema: GraphQLSchema
    selections: Selections
    arguments: Arguments
    _known: dict[object, int] = field(default_factory=dict[object, int])

    def of(self, kind: str, sets: Sets, page: int = 0) -> int:
        """What is selected of a type, on a connection with a page of so many entries."""
        key = (kind, frozenset(map(id, sets)), page)
        if key not in self._known:
            asked = self.selections.questions(kind, sets, repeated=False).items()
            self._known[key] = sum(
                len(name) + MARKS + self._below(on, nodes, page)
                for (on, _), places in asked
                for name, nodes in places.items()
            )
        return self._known[key]

    def _below(self, kind: str, nodes: list[FieldNode], page: int) -> int:
        place = placed(self.schema, kind, nodes[0].name.value)
        if place is None:
            return VALUE
        each = VALUE
        if place.below is not None:
            entries = self.arguments.page(nodes[0], place.field)
            each = self.of(place.below, below(nodes), entries or 0)
        return length_of(place, nodes[0], page, self.arguments) * each
