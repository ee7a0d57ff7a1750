"""The calls of fields that open many titles to compare their achievements, as many as they may."""

from collections.abc import Mapping

from graphql import FieldNode

from resolvers.unlocks.unlock_counts import LISTED_DIMENSIONS
from server.cost.cost_map import PSN, RETRO_ACHIEVEMENTS, STEAM, XBOX
from server.cost.upstream_calls import NO_CALLS, UpstreamCalls
from server.query_reading.arguments import Arguments
from server.query_reading.schema_field import FieldRef

MAX_TITLES_ARGUMENT = "maxTitles"
RAREST_FIELD, MILESTONES_FIELD = "User.rarest", "User.milestones"

# Calls for each opened title. RetroAchievements has a history of unlocks without their rarity.
CALLS_FOR_TIMES: Mapping[str, int] = {PSN: 1, STEAM: 1, XBOX: 2}
CALLS_FOR_RARITY: Mapping[str, int] = {PSN: 1, STEAM: 2, XBOX: 2, RETRO_ACHIEVEMENTS: 1}

LISTED_NAMES = frozenset(each.name for each in LISTED_DIMENSIONS)


def count_opened_calls(
    field_ref: FieldRef, node: FieldNode, arguments: Arguments, sources: frozenset[str]
) -> UpstreamCalls:
    """Return the calls for the titles that a field opens, as of the source that takes the most."""
    if MAX_TITLES_ARGUMENT not in field_ref.field.args:
        return NO_CALLS
    calls = _choose_calls(field_ref, node, arguments)
    total = NO_CALLS
    if field_ref.names[0] == MILESTONES_FIELD:  # which needs the history beside the list
        total = UpstreamCalls.for_sources(sources & {RETRO_ACHIEVEMENTS}, 1)
    costliest = max(sources & calls.keys(), key=lambda each: (calls[each], each), default=None)
    if costliest is None:
        return total
    titles = arguments.read_number(node, field_ref.field, MAX_TITLES_ARGUMENT)
    return total + UpstreamCalls.for_sources([costliest], titles * calls[costliest])


def _choose_calls(field_ref: FieldRef, node: FieldNode, arguments: Arguments) -> Mapping[str, int]:
    if field_ref.names[0] == MILESTONES_FIELD:
        return CALLS_FOR_TIMES
    dimension = arguments.read_plain(node, "by")
    if field_ref.names[0] == RAREST_FIELD or dimension == "RARITY":
        return CALLS_FOR_RARITY
    has_period = any(arguments.read_plain(node, name) is not None for name in ("since", "until"))
    return CALLS_FOR_TIMES if has_period or dimension not in LISTED_NAMES else {}
