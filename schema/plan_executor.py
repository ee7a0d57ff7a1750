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

from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from graphql import (
    FieldNode,
    GraphQLField,
    GraphQLObjectType,
    get_argument_values,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
)
from graphql.pyutils import Path, gather_with_cancel
from msgspec import Struct

from schema.completers import Completer, FastField, ValueFunction, complete_leaf, find_python_type
from schema.direct_resolvers import DirectResolver
from schema.fast_executor import FastPathExecutor, OperationPlans, is_awaitable
from schema.field_arguments import FieldArguments, prepare_arguments
from schema.findings import Finding, PlannedInfo
from schema.object_source import write_object_completer

# Completes a value of a field: from the executor, the value, its path and the field's info.
Completion = Callable[["PlanExecutor", Any, Path, Any], Any]


# Prepares the calls of a field's resolver: from the field's info and its arguments.
Prepare = Callable[[Any, dict[str, Any]], Callable[[Any], Any]]


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
        pending: list[str] = []
        try:
            for step in plan.steps:
                values[step.name] = value = self._execute_step(step, source, path)
                if is_awaitable(value):
                    pending.append(step.name)
        except Exception:
            if pending:
                self.settle_in_background([values[name] for name in pending])
            raise
        return _await_members(values, pending) if pending else values

    def _execute_step(self, step: FieldStep, source: Any, path: Any) -> Any:
        field_path = Path(path, step.name, step.parent_type.name)
        try:
            call = self._calls.get(step) or self._prepare_call(step, field_path)
            value = call.resolve(source)
            if is_awaitable(value):
                return self._complete_later(step, value, field_path, call.info)
            completed = step.complete(self, value, field_path, call.info)
            if is_awaitable(completed):
                return self._await_completed(step, completed, field_path)
        except Exception as error:  # noqa: BLE001 - raised again unless the field can be null
            self.handle_field_error(error, step.definition.type, step.details, field_path)
            return None
        return completed

    def _prepare_call(self, step: FieldStep, path: Path) -> FieldCall:
        """Prepare what is the same for every object; the path is that of the first one."""
        info = self._build_info(step, path)
        call = FieldCall(info, step.prepare(info, self._get_arguments(step)))
        self._calls[step] = call
        return call

    def _build_info(self, step: FieldStep, path: Path) -> PlannedInfo:
        """Build a field's info, as graphql-core does."""
        info = PlannedInfo(
            step.nodes[0].name.value,
            step.nodes,
            step.definition.type,
            step.parent_type,
            path,
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
        self, step: FieldStep, value: Awaitable[Any], path: Path, info: Any
    ) -> Any:
        try:
            completed = step.complete(self, await value, path, info)
            return await completed if is_awaitable(completed) else completed
        except Exception as error:  # noqa: BLE001 - raised again unless the field can be null
            self.handle_field_error(error, step.definition.type, step.details, path)
            return None

    async def _await_completed(self, step: FieldStep, completed: Awaitable[Any], path: Path) -> Any:
        try:
            return await completed
        except Exception as error:  # noqa: BLE001 - raised again unless the field can be null
            self.handle_field_error(error, step.definition.type, step.details, path)
            return None

    def complete_list_at_once(
        self,
        return_type: Any,
        field_details_list: Any,
        info: Any,
        path: Any,
        result: Any,
        position_context: None,
    ) -> Any:
        """Complete a list: of plain fields at once, of any other item by item."""
        completer = self.get_completer(return_type, field_details_list)
        if completer is None and isinstance(result, list | tuple):
            return self._complete_items(return_type.of_type, field_details_list, info, path, result)
        return self.complete_plain_list(
            completer, result, return_type, field_details_list, info, path, position_context
        )

    def _complete_items(
        self, item_type: Any, details: Any, info: Any, path: Any, items: Sequence[Any]
    ) -> Any:
        complete = self.get_completion(item_type, details)
        completed: list[Any] = []
        pending: list[int] = []
        iterator = iter(items)
        try:
            for index, item in enumerate(iterator):
                item_path = Path(path, index, None)
                if is_awaitable(item):
                    value: Any = self.complete_awaitable_list_item_value(
                        item, item_type, details, info, item_path, None
                    )
                else:
                    value = self._complete_item(complete, item, item_type, details, info, item_path)
                completed.append(value)
                if is_awaitable(value):
                    pending.append(index)
        except Exception:
            unfinished = [completed[index] for index in pending]
            unfinished.extend(item for item in iterator if is_awaitable(item))
            if unfinished:
                self.settle_in_background(unfinished)
            raise
        return _await_members(completed, pending) if pending else completed

    def _complete_item(
        self, complete: Completion, item: Any, item_type: Any, details: Any, info: Any, path: Path
    ) -> Any:
        try:
            value = complete(self, item, path, info)
        except Exception as error:  # noqa: BLE001 - raised again unless the item can be null
            self.handle_field_error(error, item_type, details, path)
            return None
        if is_awaitable(value):
            return self._await_item(value, item_type, details, path)
        return self._encode_item(value)

    async def _await_item(
        self, value: Awaitable[Any], item_type: Any, details: Any, path: Path
    ) -> Any:
        try:
            item = await value
        except Exception as error:  # noqa: BLE001 - raised again unless the item can be null
            self.handle_field_error(error, item_type, details, path)
            return None
        return self._encode_item(item)

    def _encode_item(self, item: Any) -> Any:
        encoder = self.get_item_encoder()
        return encoder.encode(item) if encoder and isinstance(item, dict) else item

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
        if is_non_null_type(graphql_type):
            inner = self.get_completion(graphql_type.of_type, details)
            return _complete_non_null(graphql_type, details, inner)
        if is_leaf_type(graphql_type):
            return _complete_leaf(graphql_type, details, is_encoded=self.plans.is_encoded)
        if is_list_type(graphql_type):
            return _complete_list(graphql_type, details)
        if is_abstract_type(graphql_type):
            possible = self.schema.get_possible_types(graphql_type)
            types = {find_python_type(each): each for each in possible}
            return _complete_abstract(graphql_type, details, types)
        plan = self._get_plan(graphql_type, self.collect_subfields(graphql_type, details)[0])
        return (
            _complete_by_graphql_core(graphql_type, details)
            if plan is None
            else (_complete_object(graphql_type, details, plan))
        )


def _make_call(
    resolve: Callable[..., Any], info: Any, arguments: dict[str, Any]
) -> Callable[[Any], Any]:
    return lambda source: resolve(source, info, **arguments)


def _complete_by_graphql_core(graphql_type: Any, details: Any) -> Completion:
    def complete(executor: PlanExecutor, value: Any, path: Path, info: Any) -> Any:
        return executor.complete_value(graphql_type, details, info, path, value, None)

    return complete


def _complete_non_null(graphql_type: Any, details: Any, inner: Completion) -> Completion:
    fall_back = _complete_by_graphql_core(graphql_type, details)

    def complete(executor: PlanExecutor, value: Any, path: Path, info: Any) -> Any:
        completed = inner(executor, value, path, info)
        # Only of null itself: nothing has been called for it, and graphql-core raises its error.
        return fall_back(executor, value, path, info) if completed is None else completed

    return complete


def _complete_leaf(graphql_type: Any, details: Any, *, is_encoded: bool) -> Completion:
    fall_back = _complete_by_graphql_core(graphql_type, details)
    plain = complete_leaf(graphql_type, is_nullable=True, is_encoded=is_encoded)
    complete_plain = plain.complete

    def complete(executor: PlanExecutor, value: Any, path: Path, info: Any) -> Any:
        try:
            return complete_plain(value)
        except Exception:  # noqa: BLE001 - graphql-core finds and reports the same error
            return fall_back(executor, value, path, info)

    return complete


def _complete_list(graphql_type: Any, details: Any) -> Completion:
    fall_back = _complete_by_graphql_core(graphql_type, details)

    def complete(executor: PlanExecutor, value: Any, path: Path, info: Any) -> Any:
        if isinstance(value, list | tuple):
            return executor.complete_list_value(graphql_type, details, info, path, value, None)
        return fall_back(executor, value, path, info)

    return complete


def _complete_abstract(
    graphql_type: Any, details: Any, types: Mapping[type | None, GraphQLObjectType]
) -> Completion:
    fall_back = _complete_by_graphql_core(graphql_type, details)

    def complete(executor: PlanExecutor, value: Any, path: Path, info: Any) -> Any:
        found = types.get(type(value))
        if found is None:
            return fall_back(executor, value, path, info)
        return executor.get_completion(found, details)(executor, value, path, info)

    return complete


def _complete_object(graphql_type: Any, details: Any, plan: ObjectPlan) -> Completion:
    fall_back = _complete_by_graphql_core(graphql_type, details)

    def complete(executor: PlanExecutor, value: Any, path: Path, info: Any) -> Any:
        if value is None:
            return None
        try:
            values = plan.read(value)
        except Exception:  # noqa: BLE001 - graphql-core finds and reports the same error
            return fall_back(executor, value, path, info)
        return executor.execute_steps(plan, values, value, path) if plan.steps else values

    return complete


async def _await_members(values: Any, pending: Sequence[Any]) -> Any:
    """Wait for the pending members of a list or an object, all at once."""
    if len(pending) == 1:
        values[pending[0]] = await values[pending[0]]
        return values
    found = await gather_with_cancel(*(values[each] for each in pending))
    for each, value in zip(pending, found, strict=True):
        values[each] = value
    return values
