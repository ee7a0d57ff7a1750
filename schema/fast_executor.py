"""Plain fields at once: most of an answer are attributes of records and need no resolver.

graphql-core does the same for every field: arguments, an info, a path, a resolver, and a look
whether the value has to be waited for. Here fields whose values are there already are read in one
go, as far down as there is nothing but such fields. Whatever is not just so (any other field, and
a null or a value that the field's type does not allow) is left to graphql-core, which alone makes
errors. Nothing is asked for here, so nothing is asked for twice.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false
# (not everything inside graphql-core and Strawberry has a type)

from collections.abc import Awaitable, Callable
from operator import attrgetter
from typing import Any, NamedTuple, cast

from graphql import (
    GraphQLField,
    GraphQLObjectType,
    Undefined,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
)
from graphql.execution import Executor
from strawberry.types.field import StrawberryField

Step = Callable[[Any], Any]

LEFT: Any = object()  # what is left to graphql-core
AS_IT_IS: dict[str, type] = {"String": str, "ID": str, "Boolean": bool}


class Plan(NamedTuple):
    """An object's fields: by name how to read and how to complete them, and all others."""

    plain: list[tuple[str, Step, Step]]
    others: dict[str, Any]


class PlainFirst(Executor[None]):
    """graphql-core's executor with a short way for plain fields."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        # By type and by the identity of what is selected, which is kept so that it stays the same.
        self._plans: dict[tuple[Any, int], tuple[Any, Plan]] = {}
        self._steps: dict[tuple[Any, int], tuple[Any, Step | None]] = {}

    def execute_fields(
        self,
        parent_type: GraphQLObjectType,
        source_value: Any,
        path: Any,
        grouped_field_set: dict[str, Any],
        position_context: None,
    ) -> Any:
        """The plain fields here, all others as ever."""
        plan = self._plan(parent_type, grouped_field_set)
        answer = dict[str, Any].fromkeys(grouped_field_set)
        left = dict(plan.others)
        for name, read, complete in plan.plain:
            answer[name] = value = _completed(source_value, read, complete)
            if value is LEFT:
                left[name] = grouped_field_set[name]
        if not left:
            return answer
        found = super().execute_fields(parent_type, source_value, path, left, position_context)
        if not self.is_awaitable(found):
            return _joined(answer, left, cast("dict[str, Any]", found))

        async def joined() -> dict[str, Any]:
            return _joined(answer, left, await cast("Awaitable[dict[str, Any]]", found))

        return joined()

    def complete_list_value(
        self,
        return_type: Any,
        field_details_list: Any,
        info: Any,
        path: Any,
        result: Any,
        position_context: None,
    ) -> Any:
        """A list in which there is nothing but plain fields here, any other as ever."""
        complete = self._step(return_type, field_details_list)
        completed = LEFT if complete is None else _completed(result, _itself, complete)
        if completed is not LEFT:
            return completed
        return super().complete_list_value(
            return_type, field_details_list, info, path, result, position_context
        )

    def _plan(self, parent_type: GraphQLObjectType, selected: dict[str, Any]) -> Plan:
        key = (parent_type, id(selected))
        if key not in self._plans:
            self._plans[key] = selected, self._planned(parent_type, selected)
        return self._plans[key][1]

    def _planned(self, parent_type: GraphQLObjectType, selected: dict[str, Any]) -> Plan:
        plan = Plan([], {})
        for name, details in selected.items():
            field = self.schema.get_field(parent_type, details[0].node.name.value)
            read = field and _reader(parent_type, details[0].node.name.value, field)
            complete = self._step(field.type, details) if field and read else None
            if read and complete:
                plan.plain.append((name, read, complete))
            else:
                plan.others[name] = details
        return plan

    def _step(self, kind: Any, details: Any) -> Step | None:
        key = (kind, id(details))
        if key not in self._steps:
            self._steps[key] = details, self._completing(kind, details)
        return self._steps[key][1]

    def _completing(self, kind: Any, details: Any) -> Step | None:
        """How a value becomes what its type says; None where not all below is plain."""
        if is_non_null_type(kind):
            inner = self._completing(kind.of_type, details)
            return inner and _never_null(inner)
        if is_leaf_type(kind):
            return _leaf(AS_IT_IS.get(kind.name), kind.coerce_output_value)
        if is_list_type(kind):
            inner = self._completing(kind.of_type, details)
            return inner and _each(inner)
        if is_object_type(kind):
            plan = self._plan(kind, self.collect_subfields(kind, details)[0])
            return None if plan.others else _object(plan, kind)
        return None


def _reader(parent_type: GraphQLObjectType, name: str, field: GraphQLField) -> Step | None:
    """How the value of a field is read that has it already: an attribute, or made of some."""
    if name == "__typename":
        return lambda _: parent_type.name
    known = field.extensions.get("strawberry-definition")
    if not isinstance(known, StrawberryField) or known.extensions or field.args:
        return None
    resolver: Any = known.base_resolver
    if resolver is None:
        return attrgetter(known.python_name)
    asks = resolver.is_async or resolver.info_parameter or resolver.parent_parameter
    return None if asks or not resolver.self_parameter else resolver.wrapped_func


def _completed(source: Any, read: Step, complete: Step) -> Any:
    try:
        return complete(read(source))
    except Exception:  # noqa: BLE001 - whatever is wrong, graphql-core will find and tell it
        return LEFT


def _itself(value: Any) -> Any:
    return value


def _never_null(inner: Step) -> Step:
    def complete(value: Any) -> Any:
        completed = inner(value)
        return LEFT if completed is None else completed

    return complete


def _leaf(kind: type | None, coerce: Step) -> Step:
    def complete(value: Any) -> Any:
        if value is None or type(value) is kind:
            return value
        if isinstance(value, Exception):
            return LEFT
        coerced = coerce(value)
        return LEFT if coerced is None or coerced is Undefined else coerced

    return complete


def _each(inner: Step) -> Step:
    def complete(value: Any) -> Any:
        if value is None:
            return None
        if not isinstance(value, list | tuple):
            return LEFT
        completed = [inner(item) for item in cast("list[Any]", value)]
        return LEFT if LEFT in completed else completed

    return complete


def _object(plan: Plan, kind: GraphQLObjectType) -> Step:
    def complete(value: Any) -> Any:
        if value is None:
            return None
        if kind.is_type_of is not None and not kind.is_type_of(value, cast("Any", None)):
            return LEFT
        answer: dict[str, Any] = {}
        for name, read, inside in plan.plain:
            answer[name] = completed = inside(read(value))
            if completed is LEFT:
                return LEFT
        return answer

    return complete


def _joined(answer: dict[str, Any], left: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    """Everything in the order of the selection; a field that nobody knows is left out."""
    for name in left:
        if name in found:
            answer[name] = found[name]
        else:
            del answer[name]
    return answer
