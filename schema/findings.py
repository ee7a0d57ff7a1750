"""What resolvers find out about the fields that are selected below theirs.

It depends only on the operation, and on the values of the variables that its arguments name. So it
is kept with the operation's plans, and found out again for other values.
"""

from collections.abc import Callable, Hashable, Mapping
from typing import Any, Concatenate, NamedTuple, ParamSpec, TypeVar

from graphql import GraphQLResolveInfo
from strawberry import Info

from schema.selection import Selection, get_variables
from schema.value_path import ValuePath, build_path

T = TypeVar("T")
P = ParamSpec("P")


class Finding(NamedTuple):
    """What was found out, and the values of the variables that it depends on."""

    value: Any
    variables: Mapping[str, Any]


class PlannedInfo(GraphQLResolveInfo[Any]):
    """The info of a field in a plan, with what is kept for the field."""

    findings: dict[Hashable, Finding]
    value_path: ValuePath

    @property
    def path(self) -> Any:  # pyright: ignore[reportIncompatibleVariableOverride] - built when it is read
        """The path of the field in the first object that has it."""
        return build_path(self.value_path)


def find_in_selection(
    info: Info[Any, Any],
    find: Callable[Concatenate[Selection, P], T],
    *arguments: P.args,
    **options: P.kwargs,
) -> T:
    """Return what a function finds out about the selection of the field that is being resolved."""
    raw = vars(info)["_raw_info"]
    if not isinstance(raw, PlannedInfo):
        return find(Selection.from_info(info), *arguments, **options)
    key = (find, arguments, *options.items())
    finding = raw.findings.get(key)
    if finding is None or not _holds(finding, raw):
        selection = Selection.from_info(info)
        value = find(selection, *arguments, **options)
        finding = raw.findings[key] = Finding(value, selection.used_variables)
    return finding.value


def _holds(finding: Finding, raw_info: Any) -> bool:
    if not finding.variables:
        return True
    variables = get_variables(raw_info)
    return all(variables.get(name) == value for name, value in finding.variables.items())
