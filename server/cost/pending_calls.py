"""Pending calls: shared upstream calls that a selection needs and that a field above it makes."""

from collections.abc import Mapping

from server.cost.cost_map import (
    ACCOUNT_CALLS,
    CALLS_PER_ACCOUNT,
    DEFINITIONS,
    EARNED,
    FIELDS_BY_CALL,
    MATCHES,
    MAX_CALLS_PER_TITLE,
    PLAYER_CALLS,
    PROGRESS,
    SOURCES_BY_COST,
    SOURCES_BY_TITLE_CALL,
    SOURCES_OF_MATCHES,
    TITLE_CALLS,
    USER_CALLS,
    FieldCost,
    count_batches,
)
from server.cost.upstream_calls import NO_CALLS, UpstreamCalls
from server.query_reading.schema_field import FieldRef

SourceNames = frozenset[str]
# A shared call and its source. The source is empty where only the title's own decides it.
PendingCalls = frozenset[tuple[str, str]]
NO_PENDING_CALLS: PendingCalls = frozenset()
CALLS_BY_FIELD: Mapping[str, frozenset[str]] = {
    field: frozenset(call for call, others in FIELDS_BY_CALL.items() if field in others.split())
    for fields in FIELDS_BY_CALL.values()
    for field in fields.split()
}


def find_pending_calls(field_ref: FieldRef, sources: SourceNames) -> PendingCalls:
    """Return the shared calls that a field itself needs, for a user on these sources."""
    calls = {call for name in field_ref.names for call in CALLS_BY_FIELD.get(name, ())}
    return frozenset(
        (call, source) for call in calls for source in _find_call_sources(call, sources)
    )


def exclude_calls(pending: PendingCalls, excluded: frozenset[str]) -> PendingCalls:
    """Return the pending calls without those of these names."""
    return frozenset(each for each in pending if each[0] not in excluded)


def count_own_calls(field_cost: FieldCost, page_size: int, sources: SourceNames) -> UpstreamCalls:
    """Return the calls that a field makes for itself."""
    return UpstreamCalls.for_sources(
        _select_costliest_source(sources)
        if field_cost.source is None
        else sources & {field_cost.source},
        field_cost.count_own_calls(page_size),
    )


def resolve_pending_calls(
    field_cost: FieldCost,
    pending: PendingCalls,
    page_size: int,
    sources: SourceNames,
    people: int = 1,
) -> tuple[UpstreamCalls, PendingCalls]:
    """Return the shared calls that a field makes, and those left for a field above it.

    Those for a player are made for so many people.
    """
    required = exclude_calls(pending, field_cost.deferred)
    calls = NO_CALLS
    if field_cost.yields_user:
        user_calls = {each for each in required if _is_user_call(each[0])}
        calls = sum(map(_count_user_call, user_calls), calls) * people
        pending -= user_calls
    if title_count := field_cost.count_titles(page_size):
        title_calls = frozenset(each for each in required if each[0] in TITLE_CALLS)
        calls += _count_title_calls(title_calls, title_count, sources)
        of_player = frozenset(each for each in title_calls if each[0] in PLAYER_CALLS)
        calls += _count_title_calls(of_player, title_count, sources) * (people - 1)
        pending -= title_calls
    for call, size in field_cost.batch_sizes.items():
        batched = {each for each in pending if each[0] == call}
        calls += _count_batch_calls(batched, count_batches(page_size, size), sources)
        pending -= batched
    return calls, pending


def _find_call_sources(call: str, sources: SourceNames) -> SourceNames:
    if call in ACCOUNT_CALLS:
        return sources
    if call == MATCHES:
        return sources & SOURCES_OF_MATCHES
    call_sources = USER_CALLS.get(call) or SOURCES_BY_TITLE_CALL.get(call)
    return frozenset({""}) if call_sources is None else sources & call_sources


def _count_user_call(pending: tuple[str, str]) -> UpstreamCalls:
    return UpstreamCalls.for_sources([pending[1]], CALLS_PER_ACCOUNT.get(pending, 1))


def _count_batch_calls(
    batched: set[tuple[str, str]], count: int, sources: SourceNames
) -> UpstreamCalls:
    if not batched:
        return NO_CALLS
    known_sources = {source for _, source in batched if source}
    return UpstreamCalls.for_sources(known_sources or _select_costliest_source(sources), count)


def _count_title_calls(
    required: PendingCalls, title_count: int, sources: SourceNames
) -> UpstreamCalls:
    """Return the calls of the titles as if all were of the source that needs the most of them."""
    ranked = _rank_sources(sources)
    calls = {each: _count_calls_of_title(required, each) for each in ranked}
    costliest = sorted(ranked, key=lambda each: -calls[each])[:1]
    return sum(
        (UpstreamCalls.for_sources([each], title_count * calls[each]) for each in costliest),
        NO_CALLS,
    )


def _count_calls_of_title(required: PendingCalls, source: str) -> int:
    names = {call for call, call_source in required if call_source in ("", source)}
    # The definitions and what is earned of them contain the progress as well.
    has_progress = {DEFINITIONS, EARNED} <= names
    parts = len(names - {PROGRESS} if has_progress else names)
    return min(parts, MAX_CALLS_PER_TITLE.get(source, parts))


def _rank_sources(sources: SourceNames) -> list[str]:
    """Return the sources with titles, those whose titles take the most calls first."""
    return [each for each in SOURCES_BY_COST if each in sources] or sorted(sources)


def _select_costliest_source(sources: SourceNames) -> SourceNames:
    """Return the source whose titles take the most calls, as a set; empty for no sources."""
    return frozenset(_rank_sources(sources)[:1])


def _is_user_call(call: str) -> bool:
    return call in ACCOUNT_CALLS or call in USER_CALLS
