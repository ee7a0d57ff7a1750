"""What an operation will take, estimated from its text, its variables and the table of prices.

Each selection is estimated once, wherever it is reached from. Values are counted for every name
in the answer; calls once for every question, for the same field with the same arguments is asked
upstream once under any number of aliases.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from graphql import FieldNode, GraphQLSchema

from server.cost import cost_map
from server.cost.cost_map import COST_MAP, FIELDS_BY_CALL, FieldCost
from server.cost.list_sizes import FIELDS_WITH_SHARED_CALLS, estimate_list_size
from server.cost.upstream_calls import NO_CALLS, UpstreamCalls
from server.query_reading.arguments import Arguments
from server.query_reading.collect_fields import (
    FieldCollector,
    NodesByResponseName,
    SelectionSets,
    merge_selection_sets,
)
from server.query_reading.schema_field import FieldRef, find_field

SourceNames = frozenset[str]
# A call that fields ask for, and of which source; no source where the title will tell.
PendingCalls = frozenset[tuple[str, str]]
NO_PENDING_CALLS: PendingCalls = frozenset()
VIEWER_FIELD = "Query.viewer"
CALLS_BY_FIELD: Mapping[str, frozenset[str]] = {
    place: frozenset(call for call, others in FIELDS_BY_CALL.items() if place in others.split())
    for places in FIELDS_BY_CALL.values()
    for place in places.split()
}


@dataclass(frozen=True)
class Cost:
    """What a selection takes.

    `fields` are those written, fragments opened wherever they are spread; `open` are the calls
    that some field above makes for all that is below it.
    """

    fields: int = 1
    values: int = 1
    calls: UpstreamCalls = NO_CALLS
    pending: PendingCalls = NO_PENDING_CALLS

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(
            self.fields + other.fields,
            self.values + other.values,
            self.calls + other.calls,
            self.pending | other.pending,
        )


NO_COST = Cost(0, 0)


@dataclass
class CostEstimator:
    """One operation's estimate in the making; `linked` are the sources of the viewer's accounts."""

    schema: GraphQLSchema
    collector: FieldCollector
    arguments: Arguments
    linked_sources: SourceNames
    _estimates: dict[object, Cost] = field(default_factory=dict[object, Cost])

    def estimate(
        self,
        type_name: str,
        sets: SelectionSets,
        page_size: int,
        sources: SourceNames,
        *,
        keep_duplicates: bool = False,
    ) -> Cost:
        """What is selected of a type, on a connection with a page of so many entries.

        `who` are the sources of the person that it is about.
        """
        key = (type_name, frozenset(map(id, sets)), page_size, sources)
        if key not in self._estimates:
            self._estimates[key] = self._estimate_fields(
                type_name, sets, page_size, sources, keep_duplicates=keep_duplicates
            )
        return self._estimates[key]

    def _estimate_fields(
        self,
        type_name: str,
        sets: SelectionSets,
        page_size: int,
        sources: SourceNames,
        *,
        keep_duplicates: bool,
    ) -> Cost:
        groups = self.collector.collect_fields(
            type_name, sets, keep_duplicates=keep_duplicates
        ).items()
        total = sum(
            (self._estimate_field_group(on, each, page_size, sources) for (on, _), each in groups),
            NO_COST,
        )
        # An object is there even if nothing is selected of it.
        return total if total.values else replace(total, values=1)

    def _estimate_field_group(
        self,
        type_name: str,
        nodes_by_name: NodesByResponseName,
        page_size: int,
        sources: SourceNames,
    ) -> Cost:
        all_nodes = [node for nodes in nodes_by_name.values() for node in nodes]
        merged = self._estimate_field(type_name, all_nodes, page_size, sources)
        if len(nodes_by_name) == 1:
            return merged
        separate = sum(
            (
                self._estimate_field(type_name, nodes, page_size, sources)
                for nodes in nodes_by_name.values()
            ),
            NO_COST,
        )
        return Cost(separate.fields, separate.values, merged.calls, merged.pending)

    def _estimate_field(
        self, type_name: str, nodes: list[FieldNode], page_size: int, sources: SourceNames
    ) -> Cost:
        field_ref = find_field(self.schema, type_name, nodes[0].name.value)
        if field_ref is None:
            return Cost()
        field_sources = self._narrow_sources(field_ref, nodes[0], sources)
        size = self.arguments.read_page_size(nodes[0], field_ref.field)
        child_cost = Cost(0)
        if field_ref.child_type is not None:
            child_cost = self.estimate(
                field_ref.child_type, merge_selection_sets(nodes), size or 0, field_sources
            )
        list_size = estimate_list_size(field_ref, nodes[0], page_size, self.arguments)
        return self._apply_field_cost(
            field_ref, child_cost, size or list_size, list_size, field_sources
        )

    def _narrow_sources(
        self, field_ref: FieldRef, node: FieldNode, sources: SourceNames
    ) -> SourceNames:
        """The sources of the person, or of the thing, that a field leads to."""
        if field_ref.names[0] == VIEWER_FIELD:
            return self.linked_sources
        type_source = cost_map.SOURCE_BY_TYPE.get(field_ref.names[0].partition(".")[0])
        sources = sources if type_source is None else sources & {type_source}
        argument_sources = self.arguments.read_sources(node, field_ref.field)
        if argument_sources is not None:
            return (
                sources & argument_sources
                if "sources" in field_ref.field.args
                else argument_sources
            )
        fixed_source = field_ref.look_up(COST_MAP, cost_map.FREE).source
        return sources if fixed_source is None else sources & {fixed_source}

    def _apply_field_cost(
        self,
        field_ref: FieldRef,
        child_cost: Cost,
        page_size: int,
        list_size: int,
        sources: SourceNames,
    ) -> Cost:
        field_cost = field_ref.look_up(COST_MAP, cost_map.FREE)
        pending = _exclude_calls(child_cost.pending, field_cost.included) | _find_pending_calls(
            field_ref, sources
        )
        shared_calls, deferred = _resolve_pending_calls(field_cost, pending, page_size, sources)
        times = 1 if field_ref.names[0] in FIELDS_WITH_SHARED_CALLS else list_size
        calls = (
            _count_own_calls(field_cost, page_size, sources)
            + (shared_calls + child_cost.calls) * times
        )
        values = list_size * (child_cost.values + field_cost.extra_values)
        return Cost(1 + child_cost.fields, values, calls, deferred)


def _find_pending_calls(field_ref: FieldRef, sources: SourceNames) -> PendingCalls:
    """The shared calls that a field itself asks for."""
    names = frozenset[str]().union(
        *(CALLS_BY_FIELD.get(name, frozenset()) for name in field_ref.names)
    )
    return frozenset(
        (name, source) for name in names for source in _find_call_sources(name, sources)
    )


def _find_call_sources(call: str, sources: SourceNames) -> SourceNames:
    if call in cost_map.ACCOUNT_CALLS:
        return sources
    source = cost_map.USER_CALLS.get(call)
    return frozenset({""}) if source is None else sources & {source}


def _count_own_calls(field_cost: FieldCost, page_size: int, sources: SourceNames) -> UpstreamCalls:
    return UpstreamCalls.for_sources(
        _select_costliest_source(sources)
        if field_cost.source is None
        else sources & {field_cost.source},
        field_cost.count_own_calls(page_size),
    )


def _resolve_pending_calls(
    field_cost: FieldCost, pending: PendingCalls, page_size: int, sources: SourceNames
) -> tuple[UpstreamCalls, PendingCalls]:
    """The calls a field makes for what is below it, and those it leaves to a field above."""
    calls = NO_CALLS
    required = _exclude_calls(pending, field_cost.deferred)
    if field_cost.yields_user:
        user_calls = {each for each in required if _is_user_call(each[0])}
        calls = sum((UpstreamCalls.for_sources([source], 1) for _, source in user_calls), calls)
        pending -= user_calls
    if titles := field_cost.count_titles(page_size):
        calls += _count_title_calls(
            {name for name, _ in required} & cost_map.TITLE_CALLS, titles, sources
        )
        pending -= {each for each in required if each[0] in cost_map.TITLE_CALLS}
    for call, size in field_cost.batch_sizes.items():
        batched = {each for each in pending if each[0] == call}
        batch_sources = {source for _, source in batched if source}
        calls += UpstreamCalls.for_sources(
            batch_sources or _select_costliest_source(sources),
            cost_map.count_batches(page_size, size) if batched else 0,
        )
        pending -= batched
    return calls, pending


def _count_title_calls(required: set[str], title_count: int, sources: SourceNames) -> UpstreamCalls:
    # Definitions and what is earned of them tell the progress as well.
    covers_progress = {cost_map.DEFINITIONS, cost_map.EARNED} <= required
    parts = len(required - {cost_map.PROGRESS} if covers_progress else required)
    costliest = _select_costliest_source(sources)
    max_calls = max(
        (cost_map.MAX_CALLS_PER_TITLE.get(each, parts) for each in costliest), default=0
    )
    return UpstreamCalls.for_sources(costliest, title_count * min(parts, max_calls))


def _select_costliest_source(sources: SourceNames) -> SourceNames:
    """The one of several sources whose titles take the most calls; none of none."""
    ranked = [each for each in cost_map.SOURCES_BY_COST if each in sources] or sorted(sources)
    return frozenset(ranked[:1])


def _is_user_call(call: str) -> bool:
    return call in cost_map.ACCOUNT_CALLS or call in cost_map.USER_CALLS


def _exclude_calls(pending: PendingCalls, excluded: frozenset[str]) -> PendingCalls:
    return frozenset(each for each in pending if each[0] not in excluded)
