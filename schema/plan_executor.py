"""An executor that executes an operation by a plan, which is compiled from its selections once.

graphql-core finds out for every object and every field what to do with it: which selections apply,
what the type is, how the value is completed. A plan has found this out before. It calls a field's
resolver with an info and arguments prepared once for all objects, and completes its value by a
function for its type. Plain fields of an object are read at once, by a function written for them.

Whatever a plan does not expect (an error, null where it must not be, a value of another type) is
completed by graphql-core, from the value that is already there: no resolver is called twice, and
graphql-core alone creates errors.

`PlanExecutor` in `schema/federated_schema.py` is its only use; `FastPathExecutor` there switches
plans off.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false
# - not everything inside graphql-core and Strawberry has a type

from collections.abc import Awaitable, Callable, Coroutine, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from types import CoroutineType
from typing import Any

from graphql import (
    FieldNode,
    GraphQLField,
    GraphQLObjectType,
    get_argument_values,
    get_nullable_type,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
)
from msgspec import Struct

from schema.completers import (
    LIST_TYPES,
    Completer,
    FastField,
    ValueFunction,
    complete_leaf,
    find_python_type,
)
from schema.direct_resolvers import DirectResolver
from schema.fast_executor import (
    PLAIN_TYPES,
    FastPathExecutor,
    ListPlan,
    OperationPlans,
    is_awaitable,
)
from schema.field_arguments import FieldArguments, prepare_arguments
from schema.findings import Finding, PlannedInfo
from schema.members import complete_members
from schema.object_source import write_object_completer
from schema.value_path import ValuePath, build_path

# Completes a value of a field: from the executor, the value, its path and the field's info.
Completion = Callable[["PlanExecutor", Any, ValuePath, Any], Any]
# Prepares the calls of a field's resolver: from the field's info and its arguments.
Prepare = Callable[[Any, dict[str, Any]], Callable[[Any], Any]]


# In place of a path in an info, which is built when it is read.
LATER: Any = None


class FieldCall(Struct, frozen=True):
    """What is prepared for all calls of a field's resolver in one execution."""

    info: PlannedInfo
    resolve: Callable[[Any], Any]


@dataclass(frozen=True, eq=False)
class FieldStep:
    """A field that a resolver is called for, or whose value has such fields below it."""

    name: str
    parent_type: GraphQLObjectType
    definition: GraphQLField
    prepare: Prepare
    arguments: FieldArguments | None
    details: Any
    nodes: list[FieldNode]
    complete: Completion
    findings: dict[Hashable, Finding] = field(default_factory=dict[Hashable, Finding])


@dataclass(frozen=True, eq=False)
class ObjectPlan:
    """The selected fields of an object type; `read` returns the plain ones, all in order."""

    read: ValueFunction
    steps: tuple[FieldStep, ...]
    fields: dict[str, Any]
    has_plain_fields: bool


@dataclass
class CompiledPlans(OperationPlans):
    """The plans of an operation, and the completions of their values.

    Functions are written for the selections of an operation that `is_repeated`: to compile one
    takes longer than an execution saves.
    """

    is_repeated: bool = False
    object_plans: dict[tuple[Any, int], ObjectPlan | None] = field(
        default_factory=dict[tuple[Any, int], ObjectPlan | None]
    )
    completions: dict[tuple[Any, int], Completion] = field(
        default_factory=dict[tuple[Any, int], Completion]
    )


class PlanExecutor(FastPathExecutor):
    """An executor that executes the selections of objects by plans."""

    plans: CompiledPlans

    def __init__(self, *arguments: Any, plans: CompiledPlans | None = None, **options: Any) -> None:
        super().__init__(*arguments, plans=plans or CompiledPlans(), **options)
        self._calls: dict[FieldStep, FieldCall] = {}

    def execute_fields(
        self,
        parent_type: GraphQLObjectType,
        source_value: Any,
        path: Any,
        grouped_field_set: dict[str, Any],
        position_context: None,
    ) -> Any:
        """Execute the fields of an object by their plan, if there is one."""
        plan = self._get_plan(parent_type, grouped_field_set)
        if plan is not None:
            return self.execute_plan(plan, parent_type, source_value, path)
        return super().execute_fields(
            parent_type, source_value, path, grouped_field_set, position_context
        )

    def execute_plan(
        self, plan: ObjectPlan, parent_type: GraphQLObjectType, source: Any, path: Any
    ) -> Any:
        """Return the completed fields of an object, or an awaitable of them."""
        if not plan.has_plain_fields:  # as of the root, whose source has no type
            return self.execute_steps(plan, dict.fromkeys(plan.fields), source, path)
        try:
            values = plan.read(source)
        except Exception:  # noqa: BLE001 - graphql-core finds and reports the same error
            return super().execute_fields(parent_type, source, path, plan.fields, None)
        return self.execute_steps(plan, values, source, path)

    def execute_steps(
        self, plan: ObjectPlan, values: dict[str, Any], source: Any, path: Any
    ) -> Any:
        """Complete the fields of an object that are not plain."""
        pending: list[Coroutine[Any, Any, Any]] = []
        try:
            for step in plan.steps:
                value = self._execute_step(step, source, path, values)
                if type(value) is CoroutineType:
                    pending.append(value)
                else:
                    values[step.name] = value
        except Exception:
            if pending:
                self.settle_in_background([*pending])
            raise
        return _await_members(values, pending) if pending else values

    def _execute_step(self, step: FieldStep, source: Any, path: Any, values: dict[str, Any]) -> Any:
        """Return the completed value, or a coroutine that puts it among the `values`."""
        field_path = (path, step.name, step.parent_type.name)
        try:
            call = self._calls.get(step) or self._prepare_call(step, field_path)
            value = call.resolve(source)
            if type(value) not in PLAIN_TYPES and is_awaitable(value):
                return self._complete_later(step, value, field_path, call.info, values)
            completed = step.complete(self, value, field_path, call.info)
            if type(completed) not in PLAIN_TYPES and is_awaitable(completed):
                return self._await_completed(step, completed, field_path, values)
        except Exception as error:  # noqa: BLE001 - raised again unless the field can be null
            self._handle_error(error, step.definition.type, step.details, field_path)
            return None
        return completed

    def _handle_error(self, error: Exception, graphql_type: Any, details: Any, path: Any) -> None:
        self.handle_field_error(error, graphql_type, details, build_path(path))

    def _prepare_call(self, step: FieldStep, path: ValuePath) -> FieldCall:
        """Prepare what is the same for every object; the path is that of the first one."""
        info = self._build_info(step, path)
        call = FieldCall(info, step.prepare(info, self._get_arguments(step)))
        self._calls[step] = call
        return call

    def _build_info(self, step: FieldStep, path: ValuePath) -> PlannedInfo:
        """Build a field's info, as graphql-core does."""
        info = PlannedInfo(
            step.nodes[0].name.value,
            step.nodes,
            step.definition.type,
            step.parent_type,
            LATER,
            self.schema,
            self.fragment_definitions,
            self.root_value,
            self.operation,
            self.variable_values,
            self.context_value,
            self.is_awaitable,
            self.abort_signal,
            self.async_helpers,
        )
        info.findings = step.findings
        info.value_path = path
        return info

    def _get_arguments(self, step: FieldStep) -> dict[str, Any]:
        prepared = step.arguments
        values = prepared and prepared.get_values(self.variable_values.coerced)
        return (
            get_argument_values(
                step.definition,
                step.details[0].node,
                self.variable_values,
                step.details[0].fragment_variable_values,
                self.hide_suggestions,
            )
            if values is None
            else values
        )

    async def _complete_later(
        self,
        step: FieldStep,
        value: Awaitable[Any],
        path: ValuePath,
        info: Any,
        values: dict[str, Any],
    ) -> dict[str, Any]:
        try:
            completed = step.complete(self, await value, path, info)
            if type(completed) not in PLAIN_TYPES and is_awaitable(completed):
                completed = await completed
        except Exception as error:  # noqa: BLE001 - raised again unless the field can be null
            self._handle_error(error, step.definition.type, step.details, path)
            completed = None
        values[step.name] = completed
        return values

    async def _await_completed(
        self, step: FieldStep, completed: Awaitable[Any], path: ValuePath, values: dict[str, Any]
    ) -> dict[str, Any]:
        try:
            values[step.name] = await completed
        except Exception as error:  # noqa: BLE001 - raised again unless the field can be null
            self._handle_error(error, step.definition.type, step.details, path)
        return values

    def complete_items(self, plan: ListPlan, info: Any, path: Any, items: Sequence[Any]) -> Any:
        """Complete the items of a list, and encode each as soon as it is complete."""
        complete = self.get_completion(plan.item_type, plan.details)
        completed: list[Any] = []
        pending: list[Coroutine[Any, Any, Any]] = []
        iterator = iter(items)
        try:
            for index, item in enumerate(iterator):
                item_path = (path, index, None)
                value = self._complete_item(plan, complete, item, info, item_path, completed)
                if type(value) is CoroutineType:
                    pending.append(value)
                    value = None
                completed.append(value)
        except Exception:
            unfinished: list[Awaitable[Any]] = [*pending, *filter(is_awaitable, iterator)]
            if unfinished:
                self.settle_in_background(unfinished)
            raise
        return _await_members(completed, pending) if pending else completed

    def _complete_item(
        self,
        plan: ListPlan,
        complete: Completion,
        item: Any,
        info: Any,
        path: ValuePath,
        items: list[Any],
    ) -> Any:
        """Return the completed item, or a coroutine that puts it among the `items`."""
        try:
            if type(item) not in PLAIN_TYPES and is_awaitable(item):
                value: Any = self.complete_awaitable_list_item_value(
                    item, plan.item_type, plan.details, info, build_path(path), None
                )
            else:
                value = complete(self, item, path, info)
        except Exception as error:  # noqa: BLE001 - raised again unless the item can be null
            self._handle_error(error, plan.item_type, plan.details, path)
            return None
        if type(value) is dict:
            return self._encode_item(value)
        if type(value) not in PLAIN_TYPES and is_awaitable(value):
            return self._await_item(plan, value, path, items)
        return value

    async def _await_item(
        self, plan: ListPlan, value: Awaitable[Any], path: ValuePath, items: list[Any]
    ) -> list[Any]:
        try:
            item = await value
        except Exception as error:  # noqa: BLE001 - raised again unless the item can be null
            self._handle_error(error, plan.item_type, plan.details, path)
        else:
            _, index, _ = path
            items[index] = self._encode_item(item) if type(item) is dict else item
        return items

    def _encode_item(self, item: dict[str, Any]) -> Any:
        encoder = self.get_item_encoder()
        return encoder.encode(item) if encoder else item

    def build_object_completer(
        self,
        names: Sequence[str],
        fields: Sequence[FastField],
        graphql_type: GraphQLObjectType,
        *,
        is_nullable: bool,
    ) -> Completer:
        """Write a function for an operation that is repeated."""
        build = write_object_completer if self.plans.is_repeated else super().build_object_completer
        return build(names, fields, graphql_type, is_nullable=is_nullable)

    def _get_plan(
        self, parent_type: GraphQLObjectType, fields: dict[str, Any]
    ) -> ObjectPlan | None:
        plans, key = self.plans.object_plans, (parent_type, id(fields))
        if key not in plans:
            plans[key] = self._build_plan(parent_type, fields)
        return plans[key]

    def _build_plan(
        self, parent_type: GraphQLObjectType, fields: dict[str, Any]
    ) -> ObjectPlan | None:
        """Build the plan of an object; None if equal fields are to share what they find."""
        field_plan = self.get_field_plan(parent_type, fields)
        steps = [
            self._build_step(parent_type, name, details)
            for name, details in field_plan.remaining.items()
        ]
        if field_plan.repeated or None in steps:
            return None
        completer = self.build_object_completer(
            list(fields), field_plan.fast, parent_type, is_nullable=False
        )
        return ObjectPlan(
            completer.complete,
            tuple(each for each in steps if each),
            fields,
            has_plain_fields=bool(field_plan.fast),
        )

    def _build_step(
        self, parent_type: GraphQLObjectType, name: str, details: Any
    ) -> FieldStep | None:
        definition = self.schema.get_field(parent_type, details[0].node.name.value)
        if definition is None or definition.resolve is None:
            return None
        resolve = definition.resolve
        is_direct = isinstance(resolve, DirectResolver)
        return FieldStep(
            name,
            parent_type,
            definition,
            resolve.prepare if is_direct else partial(_make_call, resolve),
            prepare_arguments(definition, details[0]),
            details,
            [each.node for each in details],
            self.get_completion(definition.type, details),
        )

    def get_completion(self, graphql_type: Any, details: Any) -> Completion:
        """Return the function that completes the values of a type for these fields."""
        completions, key = self.plans.completions, (graphql_type, id(details))
        found = completions.get(key)
        if found is None:
            found = completions[key] = self._build_completion(graphql_type, details)
        return found

    def _build_completion(self, graphql_type: Any, details: Any) -> Completion:
        fall_back = _complete_by_graphql_core(graphql_type, details)
        inner: Any = get_nullable_type(graphql_type)
        is_nullable = inner is graphql_type
        if is_leaf_type(inner):
            completer = complete_leaf(
                inner, is_nullable=is_nullable, is_encoded=self.plans.is_encoded
            )
            return _complete_leaf(completer, fall_back)
        if is_list_type(inner):
            return _complete_list(self.get_list_plan(inner, details), fall_back)
        if is_abstract_type(inner):
            possible = self.schema.get_possible_types(inner)
            types = {find_python_type(each): each for each in possible}
            return _complete_abstract(details, types, fall_back)
        plan = self._get_plan(inner, self.collect_subfields(inner, details)[0])
        if plan is None:
            return fall_back
        return _complete_object(plan, fall_back, is_nullable=is_nullable)


def _make_call(
    resolve: Callable[..., Any], info: Any, arguments: dict[str, Any]
) -> Callable[[Any], Any]:
    return lambda source: resolve(source, info, **arguments)


def _complete_by_graphql_core(graphql_type: Any, details: Any) -> Completion:
    def complete(executor: PlanExecutor, value: Any, path: ValuePath, info: Any) -> Any:
        return executor.complete_value(graphql_type, details, info, build_path(path), value, None)

    return complete


def _complete_leaf(completer: Completer, fall_back: Completion) -> Completion:
    complete_plain = completer.complete

    def complete(executor: PlanExecutor, value: Any, path: ValuePath, info: Any) -> Any:
        try:
            return complete_plain(value)
        except Exception:  # noqa: BLE001 - graphql-core finds and reports the same error
            return fall_back(executor, value, path, info)

    return complete


def _complete_list(plan: ListPlan, fall_back: Completion) -> Completion:
    def complete(executor: PlanExecutor, value: Any, path: ValuePath, info: Any) -> Any:
        if isinstance(value, LIST_TYPES):
            return executor.complete_list(plan, info, path, value)
        return fall_back(executor, value, path, info)

    return complete


def _complete_abstract(
    details: Any, types: Mapping[type | None, GraphQLObjectType], fall_back: Completion
) -> Completion:
    def complete(executor: PlanExecutor, value: Any, path: ValuePath, info: Any) -> Any:
        found = types.get(type(value))
        if found is None:
            return fall_back(executor, value, path, info)
        return executor.get_completion(found, details)(executor, value, path, info)

    return complete


def _complete_object(plan: ObjectPlan, fall_back: Completion, *, is_nullable: bool) -> Completion:
    def complete(executor: PlanExecutor, value: Any, path: ValuePath, info: Any) -> Any:
        if value is None and is_nullable:
            return None
        try:
            values = plan.read(value)
        except Exception:  # noqa: BLE001 - graphql-core finds and reports the same error
            return fall_back(executor, value, path, info)
        return executor.execute_steps(plan, values, value, path) if plan.steps else values

    return complete


def _await_members(values: Any, pending: Sequence[Coroutine[Any, Any, Any]]) -> Awaitable[Any]:
    """Return an awaitable of a list or an object, which the pending coroutines complete."""
    return pending[0] if len(pending) == 1 else _await_together(values, pending)


async def _await_together(values: Any, pending: Sequence[Coroutine[Any, Any, Any]]) -> Any:
    await complete_members(pending)
    return values
