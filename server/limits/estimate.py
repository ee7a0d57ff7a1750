"""What an operation will take, estimated from its text, its variables and the table of prices.

Each selection is estimated once, wherever it is reached from. Values are counted for every name
in the answer; calls once for every question, for the same field with the same arguments is asked
upstream once under any number of aliases.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from graphql import FieldNode, GraphQLSchema

from server.limits import prices
from server.limits.arguments import Arguments
from server.limits.lengths import ASKED_ONCE, LENGTHS, LISTS_GIVEN, OTHER_LISTS, PAGED_LIST
from server.limits.place import Place, placed
from server.limits.prices import ASKED_BY, PRICES, Price
from server.limits.selections import Places, Selections, Sets, below

NO_CALLS: frozenset[str] = frozenset()
ASKED: Mapping[str, frozenset[str]] = {
    place: frozenset(call for call, others in ASKED_BY.items() if place in others.split())
    for places in ASKED_BY.values()
    for place in places.split()
}


@dataclass(frozen=True)
class Weight:
    """What a selection takes.

    `fields` are those written, fragments opened wherever they are spread; `open` are the calls
    that some field above makes for all that is below it.
    """

    fields: int = 1
    values: int = 1
    calls: int = 0
    open: frozenset[str] = NO_CALLS

    def __add__(self, other: "Weight") -> "Weight":
        return Weight(
            self.fields + other.fields,
            self.values + other.values,
            self.calls + other.calls,
            self.open | other.open,
        )


NOTHING = Weight(0, 0)


@dataclass
class Estimate:
    """One operation's estimate in the making."""

    schema: GraphQLSchema
    selections: Selections
    arguments: Arguments
    _known: dict[object, Weight] = field(default_factory=dict[object, Weight])

    def of(self, kind: str, sets: Sets, page: int, *, repeated: bool = False) -> Weight:
        """What is selected of a type, on a connection with a page of so many entries."""
        key = (kind, frozenset(map(id, sets)), page)
        if key not in self._known:
            self._known[key] = self._weigh(kind, sets, page, repeated=repeated)
        return self._known[key]

    def _weigh(self, kind: str, sets: Sets, page: int, *, repeated: bool) -> Weight:
        questions = self.selections.questions(kind, sets, repeated=repeated).items()
        whole = sum((self._question(on, each, page) for (on, _), each in questions), NOTHING)
        # An object is there even if nothing is selected of it.
        return whole if whole.values else replace(whole, values=1)

    def _question(self, kind: str, places: Places, page: int) -> Weight:
        together = [node for nodes in places.values() for node in nodes]
        weight = self._field(kind, together, page)
        if len(places) == 1:
            return weight
        each = sum((self._field(kind, nodes, page) for nodes in places.values()), NOTHING)
        return Weight(each.fields, each.values, weight.calls, weight.open)

    def _field(self, kind: str, nodes: list[FieldNode], page: int) -> Weight:
        place = placed(self.schema, kind, nodes[0].name.value)
        if place is None:
            return Weight()
        size = self.arguments.page(nodes[0], place.field)
        inside = Weight(0)
        if place.below is not None:
            inside = self.of(place.below, below(nodes), size or 0)
        length = self._length(place, nodes[0], page)
        return self._priced(place, inside, nodes[0], size or length, length)

    def _priced(
        self, place: Place, inside: Weight, node: FieldNode, page: int, length: int
    ) -> Weight:
        price = place.known(PRICES, prices.FREE)
        own = NO_CALLS.union(*(ASKED.get(name, NO_CALLS) for name in place.names))
        accounts = price.accounts
        count = self.arguments.length(node, accounts) if isinstance(accounts, str) else accounts
        made, left = _made(price, (inside.open | own) - price.free, page, count)
        times = 1 if place.names[0] in ASKED_ONCE else length
        calls = price.own(page) + times * (made + inside.calls)
        return Weight(1 + inside.fields, length * inside.values, calls, left)

    def _length(self, place: Place, node: FieldNode, page: int) -> int:
        if not place.is_list:
            return 1
        given = next((name for name in LISTS_GIVEN if name in place.field.args), None)
        if given is not None:
            return self.arguments.length(node, given)
        if page and node.name.value == PAGED_LIST:
            return page
        return place.known(LENGTHS, OTHER_LISTS)


def _made(
    price: Price, asked: frozenset[str], page: int, accounts: int
) -> tuple[int, frozenset[str]]:
    """The calls a field makes for what is below it, and those it leaves to a field above."""
    calls = 0
    if accounts:
        calls += accounts * len(asked & prices.OF_ACCOUNTS) + len(asked & prices.OF_PERSON)
        asked -= prices.OF_ACCOUNTS | prices.OF_PERSON
    if titles := price.brought(page):
        calls += titles * len(_parts(asked & prices.OF_TITLE))
        asked -= prices.OF_TITLE
    for call, size in price.shared.items():
        calls += prices.batches(page, size) if call in asked else 0
        asked -= {call}
    return calls, asked


def _parts(asked: frozenset[str]) -> frozenset[str]:
    """Definitions and what is earned of them tell the progress as well."""
    told = {prices.DEFINITIONS, prices.EARNED} <= asked
    return asked - {prices.PROGRESS} if told else asked
