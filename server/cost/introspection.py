"""What introspection will answer: read off the schema, which is at hand, so nothing is guessed.

A selection is put to all that it is about at once (the fields of all types, say, each as often as
it is met), so that measuring an answer takes about as long as its question, and not as itself.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from graphql import FieldNode, GraphQLSchema

from server.cost.response_size import MARKS
from server.query_reading.arguments import Arguments
from server.query_reading.collect_fields import Selections, Sets, below
from server.query_reading.schema_field import Place, placed

SCHEMA, TYPE, SERVICE = "__schema", "__type", "_service"
EXPLORING = frozenset({SCHEMA, TYPE, SERVICE})
SDL = 60_000  # bytes of the whole schema as text, which a gateway asks for
BRACES = 2


@dataclass(frozen=True)
class Explored:
    """An answer: fields written with their fragments opened, values, and bytes."""

    fields: int = 0
    values: int = 0
    bytes: int = 0

    def __add__(self, other: "Explored") -> "Explored":
        return Explored(
            self.fields + other.fields, self.values + other.values, self.bytes + other.bytes
        )


NOTHING = Explored()


@dataclass(frozen=True)
class Met:
    """Things of the schema, each with how often it is met, and what is said without them."""

    things: list[tuple[Any, int]]
    said: Explored = NOTHING

    @property
    def count(self) -> int:
        """How many things there are in all."""
        return sum(times for _, times in self.things)


@dataclass
class Introspection:
    """One operation's introspection in the making."""

    schema: GraphQLSchema
    selections: Selections
    arguments: Arguments
    _met: dict[object, Met] = field(default_factory=dict[object, Met])
    _known: dict[object, Explored] = field(default_factory=dict[object, Explored])

    def of(self, kind: str, sets: Sets) -> Explored:
        """All that is asked of the schema at an operation's root."""
        asked = self.selections.questions(kind, sets, repeated=False).values()
        named = (each for places in asked for each in places.items())
        return sum((self._root(name, nodes) for name, nodes in named), NOTHING)

    def _root(self, name: str, nodes: list[FieldNode]) -> Explored:
        asked = nodes[0].name.value
        if asked not in EXPLORING:
            return NOTHING
        told = Explored(1, 1, len(name) + MARKS)
        if asked == SERVICE:
            return told + self._service(nodes)
        if asked == SCHEMA:
            return told + self._below("__Schema", self._begun([self.schema]), nodes)
        return told + self._below("__Type", self._begun(self._types(nodes[0])), nodes)

    def _service(self, nodes: list[FieldNode]) -> Explored:
        asked = self.selections.questions("_Service", below(nodes), repeated=False).values()
        count = sum(map(len, asked))
        return Explored(count, count, count * SDL)

    def _types(self, node: FieldNode) -> Iterable[Any]:
        name = self.arguments.text(node, "name")
        types = self.schema.type_map
        # A name that is not written here may be that of any type, and is another next time.
        return types.values() if name is None else filter(None, [types.get(name)])

    def _begun(self, things: Iterable[Any]) -> Met:
        found = [(each, 1) for each in things]
        return self._met.setdefault(tuple(id(each) for each, _ in found), Met(found))

    def _below(self, kind: str, met: Met, nodes: list[FieldNode]) -> Explored:
        """What is selected of things."""
        sets = below(nodes)
        key = (id(met), frozenset(map(id, sets)))
        if key not in self._known:
            self._known[key] = self._weigh(kind, met, sets) if met.things else NOTHING
        return self._known[key]

    def _weigh(self, kind: str, met: Met, sets: Sets) -> Explored:
        asked = self.selections.questions(kind, sets, repeated=False).values()
        named = (each for places in asked for each in places.items())
        return sum((self._field(kind, met, name, nodes) for name, nodes in named), NOTHING)

    def _field(self, kind: str, met: Met, name: str, nodes: list[FieldNode]) -> Explored:
        place = placed(self.schema, kind, nodes[0].name.value)
        if place is None:
            return NOTHING
        key = (id(met), place.names[0])
        found = self._met.get(key)
        if found is None:
            found = self._met[key] = self._read(kind, met, place)
        names = Explored(1, 0, met.count * (len(name) + MARKS))
        inside = NOTHING if place.below is None else self._below(place.below, found, nodes)
        return names + found.said + inside

    def _read(self, kind: str, met: Met, place: Place) -> Met:
        """What a field leads to, from each of the things."""
        info: Any = SimpleNamespace(schema=self.schema, parent_type=SimpleNamespace(name=kind))
        read: Any = place.field.resolve
        given = {name: True for name in place.field.args if name == "includeDeprecated"}
        found: dict[int, tuple[Any, int]] = {}
        values = size = 0
        for thing, times in met.things:
            value = read(thing, info, **given)
            for each in value if place.is_list and value is not None else [value]:
                if place.below is None or each is None:
                    values += times
                    size += times * len(str(each).encode())
                else:
                    found[id(each)] = (each, times + found.get(id(each), (each, 0))[1])
                size += times * BRACES
        return Met(list(found.values()), Explored(0, values, size))
