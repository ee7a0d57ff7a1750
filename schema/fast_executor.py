"""An executor with a fast path for fields whose values are attributes, as most of a response's are.

graphql-core prepares arguments, an info and a path for every field, calls its resolver, and checks
whether the value is awaitable. The fast path reads fields whose values are already there, as long
as all fields below them are of that kind. Everything else is left to graphql-core: other fields,
and values that the field's type does not allow, so that only graphql-core creates errors. The fast
path calls no resolver that loads anything.

The line `executor_class=FastPathExecutor` in `schema/federated_schema.py` is its only use; without
that line every field takes the slow path.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false
# - not everything inside graphql-core and Strawberry has a type

from collections.abc import Awaitable, Callable, Iterable
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

from providers.errors import TooCostly
from providers.kit.request_context import get_current
from schema.repeated_fields import count_selected_fields, find_repeated_fields
from schema.turns import take_turn

ValueFunction = Callable[[Any], Any]

FALLBACK: Any = object()  # in place of a value: graphql-core has to complete the field
VALUES_PER_ERROR = 20  # an error takes as long as so many values
VALUES_PER_TURN = 3_000  # a few hundredths of a second of the event loop
UNCOERCED_TYPES: dict[str, type] = {"String": str, "ID": str, "Boolean": bool}


class FieldPlan(NamedTuple):
    """The fields of an object: those of the fast path, each with its functions, and the others."""

    fast: list[tuple[str, ValueFunction, ValueFunction]]
    remaining: dict[str, Any]
    repeated: dict[str, str]  # among the remaining: response name to the first equal field's


class FastPathExecutor(Executor[None]):
    """graphql-core's executor with a fast path for plain fields."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        # Keyed by type and id of the selection, which is kept alive so that its id stays unique.
        self._field_plans: dict[tuple[Any, int], tuple[Any, FieldPlan]] = {}
        self._completers: dict[tuple[Any, int], tuple[Any, ValueFunction | None]] = {}
        self._field_counts: dict[int, tuple[Any, int]] = {}
        self._values_since_turn = 0

    def execute_fields(
        self,
        parent_type: GraphQLObjectType,
        source_value: Any,
        path: Any,
        grouped_field_set: dict[str, Any],
        position_context: None,
    ) -> Any:
        """Complete the plain fields here, and all others in graphql-core."""
        plan = self._get_field_plan(parent_type, grouped_field_set)
        values = dict[str, Any].fromkeys(grouped_field_set)
        remaining = dict(plan.remaining)
        for name, read, complete in plan.fast:
            values[name] = value = _try_complete(source_value, read, complete)
            if value is FALLBACK:
                remaining[name] = grouped_field_set[name]
        if not remaining:
            return values
        found = self._execute_remaining(
            parent_type, source_value, path, remaining, plan.repeated, position_context
        )
        if not self.is_awaitable(found):
            return _merge_values(values, remaining, cast("dict[str, Any]", found))

        async def merge() -> dict[str, Any]:
            return _merge_values(values, remaining, await cast("Awaitable[dict[str, Any]]", found))

        return merge()

    def _execute_remaining(
        self,
        parent_type: GraphQLObjectType,
        source_value: Any,
        path: Any,
        fields: dict[str, Any],
        repeated: dict[str, str],
        position_context: None,
    ) -> Any:
        """Execute fields in graphql-core; of several equal ones the first, the others share it.

        If an error was raised each is executed, because each has an error with its own path.
        """

        def execute(names: Iterable[str]) -> Any:
            selected = {name: fields[name] for name in names}
            return super(FastPathExecutor, self).execute_fields(
                parent_type, source_value, path, selected, position_context
            )

        if not repeated:
            return execute(fields)
        error_count = len(self.collected_errors.errors)

        async def execute_and_share() -> dict[str, Any]:
            started = execute(name for name in fields if name not in repeated)
            found = await started if self.is_awaitable(started) else started
            if len(self.collected_errors.errors) == error_count:
                return found | {
                    name: found[first] for name, first in repeated.items() if first in found
                }
            others = execute(repeated)
            return found | (await others if self.is_awaitable(others) else others)

        return execute_and_share()

    def complete_list_value(
        self,
        return_type: Any,
        field_details_list: Any,
        info: Any,
        path: Any,
        result: Any,
        position_context: None,
    ) -> Any:
        """Complete a list; when it is its turn, if other lists were large before it."""
        arguments = (return_type, field_details_list, info, path, result, position_context)
        if isinstance(result, list | tuple):
            items = cast("list[Any]", result)
            self._values_since_turn += len(items) * self._count_fields(field_details_list)
            errors = sum(isinstance(item, Exception) for item in items)
            self._values_since_turn += errors * VALUES_PER_ERROR
        if self._values_since_turn < VALUES_PER_TURN:
            return self._complete_list(*arguments)
        self._values_since_turn = 0

        async def complete_in_turn() -> Any:
            await take_turn()
            if not get_current().get_remaining_seconds():
                raise TooCostly("The response took longer than the deadline to build.")
            completed = self._complete_list(*arguments)
            return await completed if self.is_awaitable(completed) else completed

        return complete_in_turn()

    def _complete_list(
        self,
        return_type: Any,
        field_details_list: Any,
        info: Any,
        path: Any,
        result: Any,
        position_context: None,
    ) -> Any:
        """Complete a list of only plain fields here, and any other in graphql-core."""
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
        plan = FieldPlan([], {}, {})
        for name, details in grouped_field_set.items():
            field = self.schema.get_field(parent_type, details[0].node.name.value)
            read = field and _build_reader(parent_type, details[0].node.name.value, field)
            complete = self._get_completer(field.type, details) if field and read else None
            if read and complete:
                plan.fast.append((name, read, complete))
            else:
                plan.remaining[name] = details
        plan.repeated.update(find_repeated_fields(plan.remaining))
        return plan

    def _count_fields(self, details: Any) -> int:
        """Count the fields that are selected of each item, with all below them."""
        if id(details) not in self._field_counts:
            count = sum(count_selected_fields(each.node, self.fragments) for each in details)
            self._field_counts[id(details)] = details, count
        return self._field_counts[id(details)][1]

    def _get_completer(self, graphql_type: Any, details: Any) -> ValueFunction | None:
        key = (graphql_type, id(details))
        if key not in self._completers:
            self._completers[key] = details, self._build_completer(graphql_type, details)
        return self._completers[key][1]

    def _build_completer(self, graphql_type: Any, details: Any) -> ValueFunction | None:
        """Build the function that completes a value; None unless all fields below are plain."""
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
    """Build the function that reads a field's value; None if the field needs its resolver called.

    A resolver without context, arguments and awaits is such a function itself.
    """
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
    except Exception:  # noqa: BLE001 - graphql-core finds and reports the same error
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
        completed_fields: dict[str, Any] = {}
        for name, read, complete_field in plan.fast:
            completed_fields[name] = completed = complete_field(read(value))
            if completed is FALLBACK:
                return FALLBACK
        return completed_fields

    return complete


def _merge_values(
    values: dict[str, Any], remaining: dict[str, Any], found: dict[str, Any]
) -> dict[str, Any]:
    """Merge the values in the order of the selection; an unknown field is left out."""
    for name in remaining:
        if name in found:
            values[name] = found[name]
        else:
            del values[name]
    return values
