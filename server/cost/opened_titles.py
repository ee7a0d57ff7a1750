"""The calls of fields that open many titles to compare their achievements, as many as they may."""

from collections.abc import Mapping

from graphql import FieldNode

from resolvers.unlocks.unlock_counts import LISTED_DIMENSIONS
from server.cost.cost_map import RETRO_ACHIEVEMENTS, STEAM, TROPHY_SO, XBOX
from server.cost.upstream_calls import NO_CALLS, UpstreamCalls
from server.query_reading.arguments import Arguments
from server.query_reading.schema_field import FieldRef

MAX_TITLES_ARGUMENT = "maxTitles"
RAREST_FIELD, MILESTONES_FIELD = "User.rarest", "User.milestones"

# Calls for each opened title, of any other source one. RetroAchievements has a history of unlocks,
# without their rarity; Trophy.so has no titles.
CALLS_FOR_TIMES: Mapping[str, int] = {XBOX: 2, RETRO_ACHIEVEMENTS: 0, TROPHY_SO: 0}
CALLS_FOR_RARITY: Mapping[str, int] = {STEAM: 2, XBOX: 2, TROPHY_SO: 0}

LISTED_NAMES = frozenset(each.name for each in LISTED_DIMENSIONS)


def count_opened_calls(
    field_ref: FieldRef, node: FieldNode, arguments: Arguments, sources: frozenset[str]
) -> UpstreamCalls:
    """Return the calls for the titles that a field opens, as of the source that takes the most."""
    if MAX_TITLES_ARGUMENT not in field_ref.field.args:
        return NO_CALLS
    total = NO_CALLS
    if field_ref.names[0] == MILESTONES_FIELD:  # which needs the history beside the list
        total = UpstreamCalls.for_sources(sources & {RETRO_ACHIEVEMENTS}, 1)
    table = _choose_calls(field_ref, node, arguments)
    if table is None or not sources:
        return total
    calls, costliest = max((table.get(source, 1), source) for source in sources)
    titles = arguments.read_number(node, field_ref.field, MAX_TITLES_ARGUMENT)
    return total + UpstreamCalls.for_sources([costliest], titles * calls)


def _choose_calls(
    field_ref: FieldRef, node: FieldNode, arguments: Arguments
) -> Mapping[str, int] | None:
    """Return the calls for each title; None if no title is opened."""
    if field_ref.names[0] == MILESTONES_FIELD:
        return CALLS_FOR_TIMES
    dimension = arguments.read_plain(node, "by")
    if field_ref.names[0] == RAREST_FIELD or dimension == "RARITY":
        return CALLS_FOR_RARITY
    has_period = any(arguments.read_plain(node, name) is not None for name in ("since", "until"))
    return CALLS_FOR_TIMES if has_period or dimension not in LISTED_NAMES else None
