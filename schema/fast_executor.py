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

ValueFunction = Callable[[Any], Any]

FALLBACK: Any = object()  # what is left to graphql-core
UNCOERCED_TYPES: dict[str, type] = {"String": str, "ID": str, "Boolean": bool}


class FieldPlan(NamedTuple):
    """An object's fields: by name how to read and how to complete them, and all others."""

    fast: list[tuple[str, ValueFunction, ValueFunction]]
    remaining: dict[str, Any]


class FastPathExecutor(Executor[None]):
    """graphql-core's executor with a short way for plain fields."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        # By type and by the identity of what is selected, which is kept so that it stays the same.
        self._field_plans: dict[tuple[Any, int], tuple[Any, FieldPlan]] = {}
        self._completers: dict[tuple[Any, int], tuple[Any, ValueFunction | None]] = {}

    def execute_fields(
        self,
        parent_type: GraphQLObjectType,
        source_value: Any,
        path: Any,
        grouped_field_set: dict[str, Any],
        position_context: None,
    ) -> Any:
        """The plain fields here, all others as ever."""
        plan = self._get_field_plan(parent_type, grouped_field_set)
        values = dict[str, Any].fromkeys(grouped_field_set)
        remaining = dict(plan.remaining)
        for name, read, complete in plan.fast:
            values[name] = value = _try_complete(source_value, read, complete)
            if value is FALLBACK:
                remaining[name] = grouped_field_set[name]
        if not remaining:
            return values
        found = super().execute_fields(parent_type, source_value, path, remaining, position_context)
        if not self.is_awaitable(found):
            return _merge_values(values, remaining, cast("dict[str, Any]", found))

        async def joined() -> dict[str, Any]:
            return _merge_values(values, remaining, await cast("Awaitable[dict[str, Any]]", found))

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
        complete = self._get_completer(return_type, field_details_list)
        completed = (
            FALLBACK if complete is None else _try_complete(result, _return_unchanged, complete)
        )
        if completed is not FALLBACK:
            return completed
        return super().complete_list_value(
            return_type, field_details_list, info, path, result, position_context
        )

    def _get_field_plan(
        self, parent_type: GraphQLObjectType, grouped_field_set: dict[str, Any]
    ) -> FieldPlan:
        key = (parent_type, id(grouped_field_set))
        if key not in self._field_plans:
            self._field_plans[key] = (
                grouped_field_set,
                self._build_field_plan(parent_type, grouped_field_set),
            )
        return self._field_plans[key][1]

    def _build_field_plan(
        self, parent_type: GraphQLObjectType, grouped_field_set: dict[str, Any]
    ) -> FieldPlan:
        plan = FieldPlan([], {})
        for name, details in grouped_field_set.items():
            field = self.schema.get_field(parent_type, details[0].node.name.value)
            read = field and _build_reader(parent_type, details[0].node.name.value, field)
            complete = self._get_completer(field.type, details) if field and read else None
            if read and complete:
                plan.fast.append((name, read, complete))
            else:
                plan.remaining[name] = details
        return plan

    def _get_completer(self, graphql_type: Any, details: Any) -> ValueFunction | None:
        key = (graphql_type, id(details))
        if key not in self._completers:
            self._completers[key] = details, self._build_completer(graphql_type, details)
        return self._completers[key][1]

    def _build_completer(self, graphql_type: Any, details: Any) -> ValueFunction | None:
        """How a value becomes what its type says; None where not all below is plain."""
        if is_non_null_type(graphql_type):
            inner = self._build_completer(graphql_type.of_type, details)
            return inner and _make_non_null_completer(inner)
        if is_leaf_type(graphql_type):
            return _make_leaf_completer(
                UNCOERCED_TYPES.get(graphql_type.name), graphql_type.coerce_output_value
            )
        if is_list_type(graphql_type):
            inner = self._build_completer(graphql_type.of_type, details)
            return inner and _make_list_completer(inner)
        if is_object_type(graphql_type):
            plan = self._get_field_plan(
                graphql_type, self.collect_subfields(graphql_type, details)[0]
            )
            return None if plan.remaining else _make_object_completer(plan, graphql_type)
        return None


def _build_reader(
    parent_type: GraphQLObjectType, name: str, field: GraphQLField
) -> ValueFunction | None:
    """How the value of a field is read that has it already: an attribute, or made of some."""
    if name == "__typename":
        return lambda _: parent_type.name
    definition = field.extensions.get("strawberry-definition")
    if not isinstance(definition, StrawberryField) or definition.extensions or field.args:
        return None
    resolver: Any = definition.base_resolver
    if resolver is None:
        return attrgetter(definition.python_name)
    needs_context = resolver.is_async or resolver.info_parameter or resolver.parent_parameter
    return None if needs_context or not resolver.self_parameter else resolver.wrapped_func


def _try_complete(source: Any, read: ValueFunction, complete: ValueFunction) -> Any:
    try:
        return complete(read(source))
    except Exception:  # noqa: BLE001 - whatever is wrong, graphql-core will find and tell it
        return FALLBACK


def _return_unchanged(value: Any) -> Any:
    return value


def _make_non_null_completer(inner: ValueFunction) -> ValueFunction:
    def complete(value: Any) -> Any:
        completed = inner(value)
        return FALLBACK if completed is None else completed

    return complete


def _make_leaf_completer(python_type: type | None, coerce: ValueFunction) -> ValueFunction:
    def complete(value: Any) -> Any:
        if value is None or type(value) is python_type:
            return value
        if isinstance(value, Exception):
            return FALLBACK
        coerced = coerce(value)
        return FALLBACK if coerced is None or coerced is Undefined else coerced

    return complete


def _make_list_completer(inner: ValueFunction) -> ValueFunction:
    def complete(value: Any) -> Any:
        if value is None:
            return None
        if not isinstance(value, list | tuple):
            return FALLBACK
        completed = [inner(item) for item in cast("list[Any]", value)]
        return FALLBACK if FALLBACK in completed else completed

    return complete


def _make_object_completer(plan: FieldPlan, graphql_type: GraphQLObjectType) -> ValueFunction:
    def complete(value: Any) -> Any:
        if value is None:
            return None
        if graphql_type.is_type_of is not None and not graphql_type.is_type_of(
            value, cast("Any", None)
        ):
            return FALLBACK
        answer: dict[str, Any] = {}
        for name, read, inside in plan.fast:
            answer[name] = completed = inside(read(value))
            if completed is FALLBACK:
                return FALLBACK
        return answer

    return complete


def _merge_values(
    values: dict[str, Any], remaining: dict[str, Any], found: dict[str, Any]
) -> dict[str, Any]:
    """Everything in the order of the selection; a field that nobody knows is left out."""
    for name in remaining:
        if name in found:
            values[name] = found[name]
        else:
            del values[name]
    return values
