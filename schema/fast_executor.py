"""An executor with a fast path for fields whose values are attributes, as most of a response's are.

graphql-core prepares arguments, an info and a path for every field, calls its resolver, and checks
whether the value is awaitable. The fast path reads fields whose values are already there, as long
as all fields below them are of that kind. Everything else is left to graphql-core: other fields,
and values that the field's type does not allow, so that only graphql-core creates errors. The fast
path calls no resolver that loads anything.

`PlanExecutor` is its only use. With graphql-core's `Executor` in its place in
`schema/federated_schema.py`, without `plans` and `item_encoder`, every field takes the slow path.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false
# - not everything inside graphql-core and Strawberry has a type

from collections.abc import Awaitable, Iterable, Sequence
from dataclasses import dataclass, field
from types import CoroutineType
from typing import Any, NamedTuple, TypeGuard, cast

import msgspec
from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLObjectType,
    GraphQLSchema,
    OperationType,
    default_field_resolver,
    default_type_resolver,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
)
from graphql.execution import Executor
from graphql.execution.values import VariableValues
from graphql.pyutils import is_awaitable as default_is_awaitable
from strawberry.types.base import has_object_definition

from providers.errors import TooCostly
from providers.kit.request_context import get_current
from providers.kit.started import Started
from schema.completers import (
    LIST_TYPES,
    Completer,
    FastField,
    ValueFunction,
    build_reader,
    complete_leaf,
    complete_list,
    complete_object,
)
from schema.from_record import RecordObjects
from schema.item_encoder import ItemEncoder
from schema.repeated_fields import copy_error, count_selected_fields, find_repeated_fields
from schema.turns import take_turn
from schema.value_path import build_path
from schema.variable_coercion import VariableCoercion

FALLBACK: Any = object()  # in place of a value: graphql-core has to complete the field
VALUES_PER_ERROR = 20  # an error takes as long as so many values
VALUES_PER_TURN = 3_000  # a few hundredths of a second of the event loop


# Those whose values are never awaitable; Strawberry's types are added when they are met.
PLAIN_TYPES: set[type] = {dict, str, int, float, bool, type(None), msgspec.Raw, *LIST_TYPES}
# Those whose values always are.
_awaitable_types = {CoroutineType, Started}


class FieldPlan(NamedTuple):
    """The fields of an object: those of the fast path, and the others."""

    fast: list[FastField]
    remaining: dict[str, Any]
    repeated: dict[str, str]  # among the remaining: response name to the first equal field's


class ListPlan(NamedTuple):
    """What is known of the lists of a type, with all fields that are selected below."""

    return_type: Any
    item_type: Any
    details: Any
    field_count: int
    completer: Completer | None  # None unless all fields are plain


class OperationStart(NamedTuple):
    """What an executor is built from, but for the values of the variables."""

    fragment_definitions: Any
    fragments: Any
    operation: Any
    variables: VariableCoercion


@dataclass
class OperationPlans:
    """What the executor prepares for the selections of an operation.

    It can be kept for other executions of the operation if no directive depends on variables. Keys
    are ids of selections, which are kept alive so that their ids stay unique. What `is_encoded` by
    msgspec keeps the values that msgspec writes as their types do.
    """

    start: OperationStart | None = None
    root_fields: dict[str, Any] | None = None
    collected: dict[Any, Any] = field(default_factory=dict[Any, Any])  # graphql-core's own
    field_plans: dict[tuple[Any, int], tuple[Any, FieldPlan]] = field(
        default_factory=dict[tuple[Any, int], tuple[Any, FieldPlan]]
    )
    completers: dict[tuple[Any, int], tuple[Any, Completer | None]] = field(
        default_factory=dict[tuple[Any, int], tuple[Any, Completer | None]]
    )
    list_plans: dict[tuple[Any, int], ListPlan] = field(
        default_factory=dict[tuple[Any, int], ListPlan]
    )
    has_repeated_fields: bool = False
    is_encoded: bool = False


class FastPathExecutor(Executor[None]):
    """graphql-core's executor with a fast path for plain fields.

    With an `item_encoder` the items of lists are encoded as soon as they are complete.
    """

    def __init__(
        self,
        *arguments: Any,
        plans: OperationPlans | None = None,
        item_encoder: ItemEncoder | None = None,
        **options: Any,
    ) -> None:
        super().__init__(*arguments, **options)
        self._item_encoder = item_encoder
        self.is_awaitable = is_awaitable
        self.plans = plans or OperationPlans()
        self._relevant_sub_fields = self.plans.collected
        self._values_since_turn = 0

    @classmethod
    def build(cls, *arguments: Any, plans: OperationPlans | None = None, **options: Any) -> Any:
        """Build an executor; return the errors if the values of variables are invalid.

        Of an operation that was executed with the same plans only the variables are new.
        """
        if plans is None:
            return super().build(*arguments, **options)
        start = plans.start
        values = start and start.variables.coerce(options["raw_variable_values"] or {})
        if start and values:
            return cls._build_again(start, values, *arguments, plans=plans, **options)
        built: Any = super().build(*arguments, plans=plans, **options)
        if isinstance(built, FastPathExecutor):
            plans.start = OperationStart(
                built.fragment_definitions,
                built.fragments,
                built.operation,
                VariableCoercion.from_values(built.variable_values),
            )
        return built

    @classmethod
    def _build_again(
        cls,
        start: OperationStart,
        values: VariableValues,
        schema: GraphQLSchema,
        _document: DocumentNode,
        *,
        raw_variable_values: Any,  # noqa: ARG003 - coerced already
        operation_name: Any,  # noqa: ARG003 - found already
        root_value: Any = None,
        context_value: Any = None,
        **options: Any,
    ) -> Any:
        return cls(
            schema,
            start.fragment_definitions,
            start.fragments,
            root_value,
            context_value,
            start.operation,
            values,
            default_field_resolver,
            default_type_resolver,
            default_field_resolver,
            **options,
        )

    def execute_operation(self, serially: bool | None = None) -> Any:
        """Execute the operation; a query's root fields are collected at its first execution."""
        fields = self.plans.root_fields
        if fields is None or self.operation.operation is not OperationType.QUERY:
            return super().execute_operation(serially)
        query_type = cast("GraphQLObjectType", self.schema.query_type)
        try:
            data = self.execute_fields(query_type, self.root_value, None, fields, None)
        except GraphQLError as error:
            return self._build_failure(error)
        return self._await_data(data) if is_awaitable(data) else self.build_response(data)

    async def _await_data(self, data: Awaitable[dict[str, Any]]) -> Any:
        try:
            return self.build_response(await data)
        except GraphQLError as error:
            return self._build_failure(error)

    def _build_failure(self, error: GraphQLError) -> Any:
        self.collected_errors.add(error, None)
        return self.build_response(None)

    def execute_root_grouped_field_set(
        self,
        root_type: GraphQLObjectType,
        root_value: Any,
        grouped_field_set: dict[str, Any],
        serially: bool,
        position_context: None,
    ) -> Any:
        """Execute the root fields, as they were collected first."""
        if self.plans.root_fields is None:
            self.plans.root_fields = grouped_field_set
        return super().execute_root_grouped_field_set(
            root_type, root_value, self.plans.root_fields, serially, position_context
        )

    def execute_fields(
        self,
        parent_type: GraphQLObjectType,
        source_value: Any,
        path: Any,
        grouped_field_set: dict[str, Any],
        position_context: None,
    ) -> Any:
        """Complete the plain fields here, and all others in graphql-core."""
        plan = self.get_field_plan(parent_type, grouped_field_set)
        values = dict[str, Any].fromkeys(grouped_field_set)
        remaining = plan.remaining
        for each in plan.fast:
            values[each.name] = _try_complete(source_value, each.read, each.completer.complete)
        if FALLBACK in values.values():
            remaining = {  # in their order: an error may end the object before the next one
                name: details
                for name, details in grouped_field_set.items()
                if name in plan.remaining or values[name] is FALLBACK
            }
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

        They share its errors as well, each with its own path: to execute them again would repeat
        calls that have failed.
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
            self._share_errors(error_count, fields, path, repeated)
            return found | {
                name: found[first] for name, first in repeated.items() if first in found
            }

        return execute_and_share()

    def _share_errors(
        self, error_count: int, fields: dict[str, Any], path: Any, repeated: dict[str, str]
    ) -> None:
        """Copy the errors, of those after the first `error_count`, that equal fields share."""
        errors = self.collected_errors.errors
        above = path.as_list() if path else []
        depth = len(above)
        new_errors = [each for each in errors[error_count:] if (each.path or [])[:depth] == above]
        for name, first in repeated.items():
            nodes, others = ([each.node for each in fields[key]] for key in (first, name))
            for error in new_errors:
                if error.path and error.path[depth] == first:
                    errors.append(copy_error(error, depth, name, nodes, others))

    def complete_list_value(
        self,
        return_type: Any,
        field_details_list: Any,
        info: Any,
        path: Any,
        result: Any,
        position_context: None,
    ) -> Any:
        """Complete a list as its plan says; anything else in graphql-core."""
        if isinstance(result, LIST_TYPES):
            plan = self.get_list_plan(return_type, field_details_list)
            return self.complete_list(plan, info, path, result)
        return super().complete_list_value(
            return_type, field_details_list, info, path, result, position_context
        )

    def complete_list(self, plan: ListPlan, info: Any, path: Any, items: Sequence[Any]) -> Any:
        """Complete a list; when it is its turn, if other lists were large before it."""
        values = items.records if type(items) is RecordObjects else items
        self._values_since_turn += len(values) * plan.field_count
        if values is items and not PLAIN_TYPES.issuperset(map(type, items)):
            self._values_since_turn += VALUES_PER_ERROR * _count_errors(items)
        if self._values_since_turn < VALUES_PER_TURN:
            return self.complete_list_at_once(plan, info, path, items)
        self._values_since_turn = 0

        async def complete_in_turn() -> Any:
            await take_turn()
            if not get_current().get_remaining_seconds():
                raise TooCostly("The response took longer than the deadline to build.")
            completed = self.complete_list_at_once(plan, info, path, items)
            return await completed if self.is_awaitable(completed) else completed

        return complete_in_turn()

    def complete_list_at_once(
        self, plan: ListPlan, info: Any, path: Any, items: Sequence[Any]
    ) -> Any:
        """Complete a list of only plain fields at once, and any other item by item."""
        if plan.completer is None:
            return self.complete_items(plan, info, path, items)
        try:
            completed = plan.completer.complete(items)
        except Exception:  # noqa: BLE001 - graphql-core finds and reports the same error
            return self.complete_by_graphql_core(plan, info, path, items)
        encoder = self.get_item_encoder()
        return encoder.encode_list(completed) if encoder and completed else completed

    def complete_items(self, plan: ListPlan, info: Any, path: Any, items: Sequence[Any]) -> Any:
        """Complete the items of a list of which not all fields are plain."""
        return self.complete_by_graphql_core(plan, info, path, items)

    def complete_by_graphql_core(
        self, plan: ListPlan, info: Any, path: Any, items: Sequence[Any]
    ) -> Any:
        """Complete a list with all errors."""
        return super().complete_list_value(
            plan.return_type, plan.details, info, build_path(path), items, None
        )

    def get_item_encoder(self) -> ItemEncoder | None:
        """Return the encoder of complete items, if they are to be encoded.

        Equal fields share one value, which a response repeats. An item with many of them could be
        larger than any response may be, so it is encoded with the response, piece by piece.
        """
        return None if self.plans.has_repeated_fields else self._item_encoder

    def get_field_plan(
        self, parent_type: GraphQLObjectType, grouped_field_set: dict[str, Any]
    ) -> FieldPlan:
        plans, key = self.plans.field_plans, (parent_type, id(grouped_field_set))
        if key not in plans:
            plans[key] = grouped_field_set, self._build_field_plan(parent_type, grouped_field_set)
        return plans[key][1]

    def _build_field_plan(
        self, parent_type: GraphQLObjectType, grouped_field_set: dict[str, Any]
    ) -> FieldPlan:
        plan = FieldPlan([], {}, {})
        for name, details in grouped_field_set.items():
            field_name = details[0].node.name.value
            definition = self.schema.get_field(parent_type, field_name)
            reader = definition and build_reader(parent_type, field_name, definition)
            completer = (
                self.get_completer(definition.type, details) if definition and reader else None
            )
            if reader and completer:
                plan.fast.append(FastField(name, *reader, completer))
            else:
                plan.remaining[name] = details
        plan.repeated.update(find_repeated_fields(plan.remaining))
        self.plans.has_repeated_fields |= bool(plan.repeated)
        return plan

    def get_list_plan(self, return_type: Any, details: Any) -> ListPlan:
        """Return the plan of a type's lists for these fields."""
        plans, key = self.plans.list_plans, (return_type, id(details))
        found = plans.get(key)
        if found is None:
            count = sum(count_selected_fields(each.node, self.fragments) for each in details)
            completer = self.get_completer(return_type, details)
            found = ListPlan(return_type, return_type.of_type, details, count, completer)
            plans[key] = found
        return found

    def get_completer(self, graphql_type: Any, details: Any) -> Completer | None:
        completers, key = self.plans.completers, (graphql_type, id(details))
        found = completers.get(key)
        if found is None:
            found = completers[key] = details, self._build_completer(graphql_type, details)
        return found[1]

    def _build_completer(
        self, graphql_type: Any, details: Any, *, is_nullable: bool = True
    ) -> Completer | None:
        """Build the completer of a type; None unless all fields below are plain."""
        if is_non_null_type(graphql_type):
            return self._build_completer(graphql_type.of_type, details, is_nullable=False)
        if is_leaf_type(graphql_type):
            return complete_leaf(
                graphql_type, is_nullable=is_nullable, is_encoded=self.plans.is_encoded
            )
        if is_list_type(graphql_type):
            inner = self._build_completer(graphql_type.of_type, details)
            return inner and complete_list(inner, is_nullable=is_nullable)
        if is_object_type(graphql_type):
            plan = self.get_field_plan(
                graphql_type, self.collect_subfields(graphql_type, details)[0]
            )
            if not plan.remaining:
                names = [each.name for each in plan.fast]
                return self.build_object_completer(
                    names, plan.fast, graphql_type, is_nullable=is_nullable
                )
        return None

    def build_object_completer(
        self,
        names: Sequence[str],
        fields: Sequence[FastField],
        graphql_type: GraphQLObjectType,
        *,
        is_nullable: bool,
    ) -> Completer:
        """Build the completer of an object's plain fields."""
        return complete_object(names, fields, graphql_type, is_nullable=is_nullable)


def is_awaitable(value: Any) -> TypeGuard[Awaitable[Any]]:
    """Return whether a value can be awaited; of most values the type alone says that it cannot."""
    value_type = type(value)
    if value_type in PLAIN_TYPES:
        return False
    if value_type in _awaitable_types:
        return True
    if default_is_awaitable(value):
        return True
    if has_object_definition(value_type):
        PLAIN_TYPES.add(value_type)
    return False


def _count_errors(items: Sequence[Any]) -> int:
    """Count the errors in a list, and note the types of its plain values for the next list."""
    return sum(isinstance(item, Exception) for item in items if not is_awaitable(item))


def _try_complete(source: Any, read: ValueFunction, complete: ValueFunction) -> Any:
    try:
        return complete(read(source))
    except Exception:  # noqa: BLE001 - graphql-core finds and reports the same error
        return FALLBACK


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
