"""The parts of a title that the selected fields need.

All parts are known before the first one is loaded, so that they are loaded concurrently.
"""

from typing import NamedTuple

from strawberry.utils.str_converters import to_camel_case

from providers.records import FACT_PARTS, Part
from schema.selection import ID_FIELDS, PAGE_FIELDS, Selection

MASKABLE_DEFINITION_FIELDS = frozenset({"name", "description", "icon", "reward"})
PUBLIC_DEFINITION_FIELDS = frozenset(
    {"key", "kind", "triggerDetail", "userAttributes", "eventAttributes"}
)
EARNED_FIELDS = frozenset({"earned", "earnedAt", "unlockMode", "earnedAtSoftcore"})
GROUP_DEFINITION_FIELDS = frozenset({"name", "detail", "icon", "definedCounts"})
GROUP_EARNED_FIELDS = frozenset({"earnedCounts", "progress", "lastUpdatedAt"})
# The fields of a title in a list for which a source may need a call besides the list.
TITLE_COUNT_FIELDS = frozenset({"achievementCount", "earnedCount", "progress"})
TITLE_EARNED_FIELDS = frozenset({"earnedCounts", "earnedCount", "progress", "lastUpdatedAt"})
TITLE_DEFINITION_FIELDS = frozenset(
    {
        "name",
        "detail",
        "icon",
        "platforms",
        "serviceName",
        "setVersion",
        "hasGroups",
        "definedCounts",
        "achievementCount",
    }
)
# Fields of a title that a list of played titles may lack, with the attributes of the record.
LIST_ATTRIBUTES = {
    "platforms": "platforms",
    "setVersion": "set_version",
    "hiddenByOwner": "hidden_by_owner",
    "achievementCount": "achievement_count",
    "earnedCount": "earned_count",
    "progress": "progress",
    "lastUpdatedAt": "last_updated_at",
    "highestAward": "highest_award",
}
# Attributes of a title that its row may lack, with the part that has each.
PART_BY_FACT = {
    "points": Part.TITLE_POINTS,
    "earned_points": Part.TITLE_POINTS,
    "highest_award": Part.TITLE_AWARD,
    "population": Part.TITLE_DETAILS,
    "info": Part.TITLE_DETAILS,
    "play_duration_seconds": Part.PLAY_DURATION,
    "last_played_at": Part.LAST_PLAYED,
}
PART_BY_FACT_FIELD = {to_camel_case(name): part for name, part in PART_BY_FACT.items()}
# Fields of an achievement, and of its title, that an entry of an unlock history contains.
UNLOCK_FIELDS = (
    {"__typename", "id", "definitionId", "source", "nativeId", "key", "name", "description"}
    | {"icon", "hidden", "earned", "earnedAt", "unlockMode", "grade", "points", "progress"}
    | {"trigger", "rawTrigger", "triggerDetail", "kind", "reward", "title"}
    | {"userAttributes", "eventAttributes"}
)
UNLOCK_TITLE_FIELDS = {"__typename", "id", "source", "nativeId", "name", "icon", "platforms"}


class ListNeeds(NamedTuple):
    """What the selected fields of a list of titles need."""

    parts: Part
    needs_ids: bool
    needs_counts: bool


def find_list_needs(selection: Selection) -> ListNeeds:
    """Find what the selected fields of a connection of titles need."""
    node = selection.descend("edges", "node")
    parts = get_title_parts(node)
    # Of a title in which nothing is earned, nothing needs to be loaded to know that.
    needs_counts = node.has_any(TITLE_COUNT_FIELDS) or bool(parts & Part.EARNED)
    return ListNeeds(parts, selection.has_any_nested(ID_FIELDS), needs_counts)


class EntryNeeds(NamedTuple):
    """What the selected fields of a list of achievements need."""

    needs_page: bool
    parts: Part
    unlocks_only: bool
    needs_ids: bool


def find_entry_needs(selection: Selection, *, reveal: bool) -> EntryNeeds:
    """Find what the selected fields of a connection of achievements need."""
    node = selection.descend("edges", "node")
    return EntryNeeds(
        needs_page=selection.has_any(PAGE_FIELDS),
        parts=get_achievement_parts(node, reveal),
        unlocks_only=needs_only_unlocks(node),
        needs_ids=node.has_any_nested(ID_FIELDS),
    )


def needs_only_unlocks(selection: Selection) -> bool:
    """Return whether an unlock history has all fields selected on an achievement."""
    below = selection.descend("title")
    return selection.fields.keys() <= UNLOCK_FIELDS and (below.fields.keys() <= UNLOCK_TITLE_FIELDS)


def get_title_parts(selection: Selection) -> Part:
    """Return the parts that the selected fields of a title need, besides its own row."""
    parts = Part.NONE
    for name in ("groups", "group"):
        if name in selection.fields:
            parts |= get_group_parts(selection.descend(name)) or Part.GROUPS
    for name, part in PART_BY_FACT_FIELD.items():
        if name in selection.fields:
            parts |= part
    parts |= _get_nested_achievement_parts(selection)
    if "rarestAchievements" in selection.fields:
        below = selection.descend("rarestAchievements")
        parts |= get_achievement_parts(below, reveal=True) | Part.EARNED | Part.RARITY
    return parts


def get_standalone_title_parts(
    selection: Selection, known_fields: frozenset[str] = frozenset()
) -> Part:
    """Return the parts that the selected fields of a title need if no list contains its row.

    `known_fields` are the fields that something else has said already.
    """
    parts = get_title_parts(selection)
    if selection.has_any(frozenset(TITLE_DEFINITION_FIELDS) - known_fields):
        parts |= Part.TITLE
    if selection.has_any(TITLE_EARNED_FIELDS):
        parts |= Part.TITLE_PROGRESS
    return parts


def get_group_parts(selection: Selection) -> Part:
    """Return the parts that the selected fields of a group need."""
    parts = Part.NONE
    if selection.has_any(GROUP_DEFINITION_FIELDS):
        parts |= Part.GROUPS
    if selection.has_any(GROUP_EARNED_FIELDS):
        parts |= Part.GROUP_PROGRESS
    if "achievements" in selection.fields:
        parts |= _get_nested_achievement_parts(selection) | Part.DEFINITIONS
    if "title" in selection.fields:
        parts |= _get_parent_parts(selection)
    return parts


def get_achievement_parts(selection: Selection, reveal: bool) -> Part:
    """Return the parts that the selected fields of an achievement need."""
    parts = Part.NONE
    if selection.has_any(MASKABLE_DEFINITION_FIELDS) or selection.has_any(PUBLIC_DEFINITION_FIELDS):
        parts |= Part.DEFINITIONS
    if selection.has_any(EARNED_FIELDS) or (
        selection.has_any(MASKABLE_DEFINITION_FIELDS) and not reveal
    ):
        parts |= Part.EARNED  # a hidden achievement is masked until it is earned
    if "hidden" in selection.fields:
        parts |= Part.HIDDEN
    if "progress" in selection.fields:
        parts |= Part.DEFINITIONS | Part.EARNED | Part.ACHIEVEMENT_PROGRESS
    if "rarity" in selection.fields:
        parts |= Part.RARITY | Part.EARNED
    if "group" in selection.fields:
        below = selection.descend("group")
        parts |= Part.DEFINITIONS | get_group_parts(below)
    if "title" in selection.fields:
        parts |= _get_parent_parts(selection)
    return parts


def _get_parent_parts(selection: Selection) -> Part:
    # The title loads its facts itself.
    return get_title_parts(selection.descend("title")) & ~FACT_PARTS


def _get_nested_achievement_parts(selection: Selection) -> Part:
    # Each occurrence on its own, because one can reveal hidden achievements and another not.
    parts = _get_state_parts(selection)
    for reveal_hidden, below in selection.iterate_occurrences("achievements", "revealHidden"):
        parts |= get_achievement_parts(below, reveal_hidden is True)
    return parts


def _get_state_parts(selection: Selection) -> Part:
    states = selection.get_argument_values("achievements", "state")
    is_unfiltered = all(getattr(state, "name", state) in (None, "ALL") for state in states)
    return Part.NONE if is_unfiltered else Part.EARNED
