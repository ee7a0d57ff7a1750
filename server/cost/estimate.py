"""Cost estimate of an operation, from its text, its variables and the cost map.

Each selection is estimated once, however many paths lead to it. Values are counted for every
response name, and calls once for each field with its arguments: equal fields under several aliases
share one upstream call.
"""

from dataclasses import dataclass, field, replace
from functools import lru_cache

from graphql import FieldNode, GraphQLSchema

from resolvers.comparison.people import MAX_PEOPLE
from server.cost.cost_map import COST_MAP, FREE, SOURCE_BY_TYPE
from server.cost.list_sizes import FIELDS_WITH_SHARED_CALLS, estimate_list_size
from server.cost.opened_titles import count_opened_calls
from server.cost.pending_calls import (
    NO_PENDING_CALLS,
    PendingCalls,
    SourceNames,
    count_own_calls,
    exclude_calls,
    find_pending_calls,
    resolve_pending_calls,
)
from server.cost.upstream_calls import NO_CALLS, UpstreamCalls
from server.query_reading.arguments import Arguments
from server.query_reading.collect_fields import (
    FieldCollector,
    NodesByResponseName,
    SelectionSets,
    merge_selection_sets,
)
from server.query_reading.schema_field import MAX_KEPT_FIELDS, FieldRef, find_field

VIEWER_FIELD = "Query.viewer"
COMPARE_FIELD, PEOPLE_FIELD = "Query.compare", "ComparisonConnection.people"
# Without accounts in its arguments it is about the viewer's.
SUBSCRIPTION_FIELD = "Subscription.achievementUnlocked"


@dataclass(frozen=True)
class Cost:
    """Estimated cost of a selection.

    `fields` counts the fields as written, with fragments opened wherever they are spread.
    `pending` are the calls that some field above makes for everything below it. `opened` are those
    for the titles that are opened to compare them: several fields of a user open the same ones.
    """

    fields: int = 1
    values: int = 1
    calls: UpstreamCalls = NO_CALLS
    pending: PendingCalls = NO_PENDING_CALLS
    opened: UpstreamCalls = NO_CALLS

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(
            self.fields + other.fields,
            self.values + other.values,
            self.calls + other.calls,
            self.pending | other.pending,
            self.opened.merge(other.opened) if other.opened.by_source else self.opened,
        )


NO_COST = Cost(0, 0)


@dataclass
class CostEstimator:
    """Estimator of one operation; `linked_sources` are those of the viewer's accounts."""

    schema: GraphQLSchema
    collector: FieldCollector
    arguments: Arguments
    linked_sources: SourceNames
    _estimates: dict[object, Cost] = field(default_factory=dict[object, Cost])
    _people: int = 1  # of the comparison that is being estimated

    def estimate(
        self,
        type_name: str,
        sets: SelectionSets,
        page_size: int,
        sources: SourceNames,
        *,
        keep_duplicates: bool = False,
    ) -> Cost:
        """Return the cost of one object of a type with this selection.

        `page_size` is that of the connection whose fields these are, or 0. `sources` are those of
        the user that the object is about. `keep_duplicates` counts equal fields separately.
        """
        key = (type_name, frozenset(map(id, sets)), page_size, sources, self._people)
        if key not in self._estimates:
            groups = self.collector.collect_fields(
                type_name, sets, keep_duplicates=keep_duplicates
            ).items()
            costs = (
                self._estimate_group(parent_type, nodes_by_name, page_size, sources)
                for (parent_type, _), nodes_by_name in groups
            )
            total = sum(costs, NO_COST)
            # An object is a value even if everything in it is skipped.
            self._estimates[key] = total if total.values else replace(total, values=1)
        return self._estimates[key]

    def _estimate_group(
        self,
        type_name: str,
        nodes_by_name: NodesByResponseName,
        page_size: int,
        sources: SourceNames,
    ) -> Cost:
        """Return the cost of equal fields: calls as for one, values as for each response name."""
        all_nodes = [node for nodes in nodes_by_name.values() for node in nodes]
        merged = self._estimate_field(type_name, all_nodes, page_size, sources)
        if len(nodes_by_name) == 1:
            return merged
        separate_costs = (
            self._estimate_field(type_name, nodes, page_size, sources)
            for nodes in nodes_by_name.values()
        )
        separate = sum(separate_costs, NO_COST)
        return Cost(separate.fields, separate.values, merged.calls, merged.pending, merged.opened)

    def _estimate_field(
        self, type_name: str, nodes: list[FieldNode], page_size: int, sources: SourceNames
    ) -> Cost:
        field_ref = find_field(self.schema, type_name, nodes[0].name.value)
        if field_ref is None:
            return Cost()
        if field_ref.is_plain:
            return estimate_plain_field(field_ref, sources)
        argument_sources = self.arguments.read_sources(nodes[0], field_ref.field)
        field_sources = self._narrow_sources(field_ref, sources, argument_sources)
        own_page_size = self.arguments.read_page_size(nodes[0], field_ref.field) or 0
        is_comparison = field_ref.names[0] == COMPARE_FIELD
        if is_comparison:
            self._people = min(self.arguments.count_list_items(nodes[0], "accounts"), MAX_PEOPLE)
        child_cost = Cost(0)
        if field_ref.child_type is not None:
            child_cost = self.estimate(
                field_ref.child_type, merge_selection_sets(nodes), own_page_size, field_sources
            )
        list_size = estimate_list_size(field_ref, nodes[0], page_size, self.arguments)
        if field_ref.names[0] == PEOPLE_FIELD:
            list_size = self._people
        people, size = 1, own_page_size or list_size
        if is_comparison:
            people, size = self._people, self._count_compared_titles(nodes[0], size)
        cost = _apply_field_cost(field_ref, child_cost, size, list_size, field_sources, people)
        opened = count_opened_calls(field_ref, nodes[0], self.arguments, field_sources)
        return replace(cost, opened=cost.opened.merge(opened)) if opened.by_source else cost

    def _count_compared_titles(self, node: FieldNode, page_size: int) -> int:
        return 1 if self.arguments.read_plain(node, "nativeId") is not None else page_size

    def _narrow_sources(
        self, field_ref: FieldRef, sources: SourceNames, argument_sources: SourceNames | None
    ) -> SourceNames:
        is_subscription = field_ref.names[0] == SUBSCRIPTION_FIELD
        if field_ref.names[0] == VIEWER_FIELD or (is_subscription and not argument_sources):
            return self.linked_sources
        return narrow_sources(field_ref, sources, argument_sources)


def narrow_sources(
    field_ref: FieldRef, sources: SourceNames, argument_sources: SourceNames | None = None
) -> SourceNames:
    """Return the sources of the user, or of the object, that a field yields."""
    type_source = SOURCE_BY_TYPE.get(field_ref.names[0].partition(".")[0])
    sources = sources if type_source is None else sources & {type_source}
    if argument_sources is not None:
        is_filter = "sources" in field_ref.field.args
        return sources & argument_sources if is_filter else argument_sources
    fixed_source = field_ref.look_up(COST_MAP, FREE).source
    return sources if fixed_source is None else sources & {fixed_source}


@lru_cache(MAX_KEPT_FIELDS)
def estimate_plain_field(field_ref: FieldRef, sources: SourceNames) -> Cost:
    """Return the cost of a leaf without arguments."""
    return _apply_field_cost(field_ref, Cost(0), 1, 1, narrow_sources(field_ref, sources))


def _apply_field_cost(
    field_ref: FieldRef,
    child_cost: Cost,
    page_size: int,
    list_size: int,
    sources: SourceNames,
    people: int = 1,
) -> Cost:
    """Return the cost of a field whose entries each have `child_cost`."""
    field_cost = field_ref.look_up(COST_MAP, FREE)
    pending = exclude_calls(child_cost.pending, field_cost.included)
    pending |= find_pending_calls(field_ref, sources)
    shared_calls, deferred = resolve_pending_calls(field_cost, pending, page_size, sources, people)
    times = 1 if field_ref.names[0] in FIELDS_WITH_SHARED_CALLS else list_size
    own_calls = count_own_calls(field_cost, page_size, sources)
    calls, opened = own_calls + (shared_calls + child_cost.calls) * times, child_cost.opened
    if field_cost.yields_user:
        calls, opened = calls + opened * times, NO_CALLS
    values = list_size * (child_cost.values + field_cost.extra_values)
    return Cost(1 + child_cost.fields, values, calls, deferred, opened)
