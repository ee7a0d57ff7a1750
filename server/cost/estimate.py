"""What an operation will take, estimated from its text, its variables and the table of prices.

Each selection is estimated once, wherever it is reached from. Values are counted for every name
in the answer; calls once for every question, for the same field with the same arguments is asked
upstream once under any number of aliases.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from graphql import FieldNode, GraphQLSchema

from server.cost import cost_map
from server.cost.cost_map import ASKED_BY, PRICES, Price
from server.cost.list_sizes import ASKED_ONCE, length_of
from server.cost.upstream_calls import NO_CALLS, Calls
from server.query_reading.arguments import Arguments
from server.query_reading.collect_fields import Places, Selections, Sets, below
from server.query_reading.schema_field import Place, placed

Who = frozenset[str]
# A call that fields ask for, and of which source; no source where the title will tell.
Open = frozenset[tuple[str, str]]
NOTHING_OPEN: Open = frozenset()
VIEWER = "Query.viewer"
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
    calls: Calls = NO_CALLS
    open: Open = NOTHING_OPEN

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
    """One operation's estimate in the making; `linked` are the sources of the viewer's accounts."""

    schema: GraphQLSchema
    selections: Selections
    arguments: Arguments
    linked: Who
    _known: dict[object, Weight] = field(default_factory=dict[object, Weight])

    def of(self, kind: str, sets: Sets, page: int, who: Who, *, repeated: bool = False) -> Weight:
        """What is selected of a type, on a connection with a page of so many entries.

        `who` are the sources of the person that it is about.
        """
        key = (kind, frozenset(map(id, sets)), page, who)
        if key not in self._known:
            self._known[key] = self._weigh(kind, sets, page, who, repeated=repeated)
        return self._known[key]

    def _weigh(self, kind: str, sets: Sets, page: int, who: Who, *, repeated: bool) -> Weight:
        questions = self.selections.questions(kind, sets, repeated=repeated).items()
        whole = sum((self._question(on, each, page, who) for (on, _), each in questions), NOTHING)
        # An object is there even if nothing is selected of it.
        return whole if whole.values else replace(whole, values=1)

    def _question(self, kind: str, places: Places, page: int, who: Who) -> Weight:
        together = [node for nodes in places.values() for node in nodes]
        weight = self._field(kind, together, page, who)
        if len(places) == 1:
            return weight
        each = sum((self._field(kind, nodes, page, who) for nodes in places.values()), NOTHING)
        return Weight(each.fields, each.values, weight.calls, weight.open)

    def _field(self, kind: str, nodes: list[FieldNode], page: int, who: Who) -> Weight:
        place = placed(self.schema, kind, nodes[0].name.value)
        if place is None:
            return Weight()
        here = self._whose(place, nodes[0], who)
        size = self.arguments.page(nodes[0], place.field)
        inside = Weight(0)
        if place.below is not None:
            inside = self.of(place.below, below(nodes), size or 0, here)
        length = length_of(place, nodes[0], page, self.arguments)
        return self._priced(place, inside, size or length, length, here)

    def _whose(self, place: Place, node: FieldNode, who: Who) -> Who:
        """The sources of the person, or of the thing, that a field leads to."""
        if place.names[0] == VIEWER:
            return self.linked
        owner = cost_map.OF_TYPE.get(place.names[0].partition(".")[0])
        who = who if owner is None else who & {owner}
        named = self.arguments.sources(node, place.field)
        if named is not None:
            return who & named if "sources" in place.field.args else named
        at = place.known(PRICES, cost_map.FREE).at
        return who if at is None else who & {at}

    def _priced(self, place: Place, inside: Weight, page: int, length: int, who: Who) -> Weight:
        price = place.known(PRICES, cost_map.FREE)
        asked = _less(inside.open, price.free) | _asked(place, who)
        made, left = _made(price, asked, page, who)
        times = 1 if place.names[0] in ASKED_ONCE else length
        calls = _own(price, page, who) + (made + inside.calls) * times
        values = length * (inside.values + price.values)
        return Weight(1 + inside.fields, values, calls, left)


def _asked(place: Place, who: Who) -> Open:
    """The shared calls that a field itself asks for."""
    names = frozenset[str]().union(*(ASKED.get(name, frozenset()) for name in place.names))
    return frozenset((name, source) for name in names for source in _asked_of(name, who))


def _asked_of(call: str, who: Who) -> Who:
    if call in cost_map.OF_ACCOUNTS:
        return who
    source = cost_map.OF_PERSON.get(call)
    return frozenset({""}) if source is None else who & {source}


def _own(price: Price, page: int, who: Who) -> Calls:
    return Calls.to(_dearest(who) if price.at is None else who & {price.at}, price.own(page))


def _made(price: Price, asked: Open, page: int, who: Who) -> tuple[Calls, Open]:
    """The calls a field makes for what is below it, and those it leaves to a field above."""
    calls = NO_CALLS
    here = _less(asked, price.left)
    if price.person:
        persons = {each for each in here if _is_persons(each[0])}
        calls = sum((Calls.to([source], 1) for _, source in persons), calls)
        asked -= persons
    if titles := price.brought(page):
        calls += _of_titles({name for name, _ in here} & cost_map.OF_TITLE, titles, who)
        asked -= {each for each in here if each[0] in cost_map.OF_TITLE}
    for call, size in price.shared.items():
        batched = {each for each in asked if each[0] == call}
        sources = {source for _, source in batched if source}
        calls += Calls.to(sources or _dearest(who), cost_map.batches(page, size) if batched else 0)
        asked -= batched
    return calls, asked


def _of_titles(asked: set[str], titles: int, who: Who) -> Calls:
    # Definitions and what is earned of them tell the progress as well.
    told = {cost_map.DEFINITIONS, cost_map.EARNED} <= asked
    parts = len(asked - {cost_map.PROGRESS} if told else asked)
    dearest = _dearest(who)
    most = max((cost_map.MOST_OF_TITLE.get(each, parts) for each in dearest), default=0)
    return Calls.to(dearest, titles * min(parts, most))


def _dearest(who: Who) -> Who:
    """The one of several sources whose titles take the most calls; none of none."""
    known = [each for each in cost_map.DEAREST if each in who] or sorted(who)
    return frozenset(known[:1])


def _is_persons(call: str) -> bool:
    return call in cost_map.OF_ACCOUNTS or call in cost_map.OF_PERSON


def _less(asked: Open, calls: frozenset[str]) -> Open:
    return frozenset(each for each in asked if each[0] not in calls)
