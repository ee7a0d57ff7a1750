"""Which parts of a title the selected fields need.

All parts are known before the first is fetched, so that they are fetched in one round.
"""

from providers.records import Part
from schema.selection import Selection

DEFINED = frozenset({"name", "description", "icon", "reward"})
DEFINED_OR_NOT = frozenset({"key", "kind", "triggerDetail", "userAttributes", "eventAttributes"})
EARNED = frozenset({"earned", "earnedAt", "unlockMode", "earnedAtSoftcore"})
GROUP_DEFINED = frozenset({"name", "detail", "icon", "definedCounts"})
GROUP_EARNED = frozenset({"earnedCounts", "progress", "lastUpdatedAt"})
TITLE_EARNED = frozenset({"earnedCounts", "earnedCount", "progress", "lastUpdatedAt"})
TITLE_DEFINED = frozenset(
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
UNLOCKS_KNOW = (
    {"__typename", "id", "definitionId", "source", "nativeId", "key", "name", "description"}
    | {"icon", "hidden", "earned", "earnedAt", "unlockMode", "grade", "points", "progress"}
    | {"trigger", "rawTrigger", "triggerDetail", "kind", "reward", "title"}
    | {"userAttributes", "eventAttributes"}
)
UNLOCKS_KNOW_OF_TITLES = {"__typename", "id", "source", "nativeId", "name", "icon", "platforms"}


def is_thin(selection: Selection) -> bool:
    """Whether unlocks without their titles answer all that is selected of an achievement."""
    below = selection.at("title")
    return selection.fields.keys() <= UNLOCKS_KNOW and (
        below.fields.keys() <= UNLOCKS_KNOW_OF_TITLES
    )


def title_parts(selection: Selection) -> Part:
    """What the selected fields of a title need from inside it."""
    wanted = Part.NOTHING
    for name in ("groups", "group"):
        if name in selection.fields:
            wanted |= group_parts(selection.at(name)) or Part.GROUPS
    wanted |= _parts_of_achievements(selection)
    if "rarestAchievements" in selection.fields:
        below = selection.at("rarestAchievements")
        wanted |= achievement_parts(below, reveal=True) | Part.EARNED | Part.RARITY
    return wanted


def own_parts(selection: Selection) -> Part:
    """What the selected fields of a title need when no list has brought its row along."""
    wanted = title_parts(selection)
    if selection.any(TITLE_DEFINED):
        wanted |= Part.TITLE
    if selection.any(TITLE_EARNED):
        wanted |= Part.TITLE_PROGRESS
    return wanted


def group_parts(selection: Selection) -> Part:
    """What the selected fields of a group need."""
    wanted = Part.NOTHING
    if selection.any(GROUP_DEFINED):
        wanted |= Part.GROUPS
    if selection.any(GROUP_EARNED):
        wanted |= Part.GROUP_PROGRESS
    if "achievements" in selection.fields:
        wanted |= _parts_of_achievements(selection) | Part.DEFINITIONS
    if "title" in selection.fields:
        wanted |= title_parts(selection.at("title"))
    return wanted


def achievement_parts(selection: Selection, reveal: bool) -> Part:
    """What the selected fields of an achievement need."""
    wanted = Part.NOTHING
    if selection.any(DEFINED) or selection.any(DEFINED_OR_NOT):
        wanted |= Part.DEFINITIONS
    if selection.any(EARNED) or (selection.any(DEFINED) and not reveal):
        wanted |= Part.EARNED  # a hidden one is named only once it is earned
    if "progress" in selection.fields:
        wanted |= Part.DEFINITIONS | Part.EARNED | Part.PROGRESS
    if "rarity" in selection.fields:
        wanted |= Part.RARITY | Part.EARNED
    if "group" in selection.fields:
        below = selection.at("group")
        wanted |= Part.DEFINITIONS | group_parts(below)
    if "title" in selection.fields:
        wanted |= title_parts(selection.at("title"))
    return wanted


def _parts_of_achievements(selection: Selection) -> Part:
    """What the achievements need in each place: one may reveal what another does not name."""
    wanted = _state_parts(selection)
    for reveals, below in selection.each("achievements", "revealHidden"):
        wanted |= achievement_parts(below, reveals is True)
    return wanted


def _state_parts(selection: Selection) -> Part:
    states = selection.argument("achievements", "state")
    plain = all(getattr(state, "name", state) in (None, "ALL") for state in states)
    return Part.NOTHING if plain else Part.EARNED
