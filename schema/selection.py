"""What a query selects below a field, and which parts of a title that takes.

Only what is selected is fetched, and all of it in one round, because the parts are known before
the first of them is asked for.
"""

from collections.abc import Container, Iterable, Iterator, Mapping
from typing import Any, cast

from graphql import (
    BooleanValueNode,
    EnumValueNode,
    FieldNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    SelectionSetNode,
    VariableNode,
)
from strawberry import Info

from providers.records import Part

Fields = Mapping[str, list[FieldNode]]

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


class Selection:
    """The fields selected below a field, fragments opened, skipped ones left out."""

    def __init__(self, info: Any, nodes: Iterable[FieldNode]) -> None:
        self._info = info
        self.fields: dict[str, list[FieldNode]] = {}
        for node in nodes:
            self._collect(node.selection_set, set())

    @classmethod
    def below(cls, info: Info[Any, Any]) -> "Selection":
        """The selection of the field that is being resolved."""
        # Strawberry's own `selected_fields` opens every fragment spread anew, however often.
        raw = vars(info)["_raw_info"]
        return cls(raw, raw.field_nodes)

    def at(self, *path: str) -> "Selection":
        """The selection further down, all aliases together."""
        here = self
        for name in path:
            here = Selection(here._info, here.fields.get(name, []))
        return here

    def any(self, names: Iterable[str]) -> bool:
        """Whether any of the fields is selected."""
        return any(name in self.fields for name in names)

    def anywhere(self, names: Container[str]) -> bool:
        """Whether any of the fields is selected at any depth."""
        nodes = [node for nodes in self.fields.values() for node in nodes]
        return any(self._has(node, names, set()) for node in nodes)

    def _has(self, node: Any, names: Container[str], visited: set[str]) -> bool:
        if self._left_out(node):
            return False
        if isinstance(node, FieldNode) and node.name.value in names:
            return True
        if isinstance(node, FragmentSpreadNode):
            if node.name.value in visited:
                return False
            visited.add(node.name.value)
            node = self._info.fragments[node.name.value]
        below = node.selection_set.selections if node.selection_set else ()
        return any(self._has(each, names, visited) for each in below)

    def argument(self, name: str, argument: str) -> list[Any]:
        """The values that a field's argument has, once for each place it is selected in."""
        return [self._argument(node, argument) for node in self.fields.get(name, [])]

    def each(self, name: str, argument: str) -> Iterator[tuple[Any, "Selection"]]:
        """For each place that a field is selected in an argument's value, and what is below."""
        for node in self.fields.get(name, []):
            yield self._argument(node, argument), Selection(self._info, [node])

    def _argument(self, node: FieldNode, argument: str) -> Any:
        for given in node.arguments or ():
            if given.name.value != argument:
                continue
            value = given.value
            if isinstance(value, VariableNode):
                return self._variables().get(value.name.value)
            if isinstance(value, BooleanValueNode | EnumValueNode):
                return value.value
        return None

    def _variables(self) -> Mapping[str, Any]:
        values: Any = self._info.variable_values
        coerced = getattr(values, "coerced", values)
        return cast("Mapping[str, Any]", coerced or {})

    def _collect(self, selections: SelectionSetNode | None, visited: set[str]) -> None:
        for node in selections.selections if selections else ():
            if self._left_out(node):
                continue
            if isinstance(node, FieldNode):
                self.fields.setdefault(node.name.value, []).append(node)
            elif isinstance(node, InlineFragmentNode):
                self._collect(node.selection_set, visited)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in visited:
                visited.add(node.name.value)
                self._collect(self._info.fragments[node.name.value].selection_set, visited)

    def _left_out(self, node: Any) -> bool:
        for directive in node.directives or ():
            for given in directive.arguments or ():
                value = given.value
                on = (
                    self._variables().get(value.name.value)
                    if isinstance(value, VariableNode)
                    else getattr(value, "value", None)
                )
                skips = {"skip": True, "include": False}.get(directive.name.value)
                if given.name.value == "if" and bool(on) is skips:
                    return True
        return False


# What of a connection takes its page to be known.
OF_PAGE = frozenset({"edges", "pageInfo", "sources"})
# The fields that contain the account.
IDS = frozenset({"id", "definitionId"})
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
