"""Strawberry's federated schema with a document cache and corrections for Apollo Federation."""

from collections.abc import AsyncIterator, Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from functools import cached_property, partial
from inspect import isawaitable
from typing import Any, Self, cast

import strawberry
from cachetools import LRUCache
from graphql import (
    DocumentNode,
    ExecutionResult,
    FieldNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    parse,
    validate,
)
from graphql.execution import (
    create_source_event_stream,  # pyright: ignore[reportUnknownVariableType] - graphql-core
)
from graphql.validation import NoSchemaIntrospectionCustomRule, specified_rules
from graphql.validation.rules import overlapping_fields_can_be_merged
from strawberry.federation.schema import FederationAny

from providers.errors import BadInput
from resolvers.context import ResolverContext
from schema.combined_rule import combine_rules
from schema.direct_resolvers import use_direct_resolvers
from schema.directive_variables import list_directive_variables
from schema.document_cache import DocumentCache
from schema.item_encoder import ItemEncoder
from schema.node import MAX_REFERENCES, Info, Node
from schema.plan_executor import CompiledPlans, PlanExecutor

# Finds an entity by its type and keys. Passed in by the module that builds the schema, which knows
# every type.
# Comparisons of fields with one response name in one document. graphql-core allows 500,000, which
# take half a second of the event loop.
MAX_FIELD_COMPARISONS = 20_000
# Plans take about 150 times the memory of the document's text.
MAX_PLANNED_CHARACTERS = 100_000
BOOLEANS = frozenset({bool, type(None)})
MAX_REPORTED_ERRORS = 5  # of an invalid document; a response shows no more

# A document, the name of its operation, the values of the variables in directives, and whether the
# result is encoded by msgspec.
PlanKey = tuple[int, str | None, tuple[bool | None, ...], tuple[bool, ...], bool]
FindReference = Callable[[Info, type[Node], dict[str, Any]], Awaitable[Node | None]]


@dataclass(frozen=True)
class PreparedDocument:
    """A valid document, or the errors of an invalid one.

    `checked_values` are the estimated values of operations that are within the limits, by all that
    the estimate depends on. `nodes_with_arguments` are the selected fields that have arguments, by
    the operation's name, where no variable decides which fields are selected.
    """

    document: DocumentNode | None
    errors: list[GraphQLError]
    checked_values: dict[Hashable, int] = field(default_factory=dict[Hashable, int])
    # Those that the selected fields depend on.
    directive_variables: tuple[str, ...] = ()
    nodes_with_arguments: dict[str | None, tuple[FieldNode, ...]] = field(
        default_factory=dict[str | None, tuple[FieldNode, ...]]
    )
    characters: int = 0

    @cached_property
    def operations(self) -> tuple[OperationDefinitionNode, ...]:
        """The operations of the document."""
        nodes = self.document.definitions if self.document else ()
        return tuple(node for node in nodes if isinstance(node, OperationDefinitionNode))

    def get_operation(self, name: str | None) -> OperationDefinitionNode:
        """Return the operation to execute; raise `BadInput` if the name does not select one."""
        if name is None and self.operations[1:]:
            message = "operationName: is required, because the document has several operations."
            raise BadInput(message, argument="operationName")
        for node in self.operations:
            if name is None or (node.name and node.name.value == name):
                return node
        raise BadInput(
            "operationName: must be an operation of the document.", argument="operationName"
        )


class ResponseStream(AsyncIterator[ExecutionResult]):
    """The responses of a subscription, one for each event, until it ends or is closed."""

    def __init__(
        self,
        source: Any,
        renew_context: Callable[[], ResolverContext],
        execute_event: Callable[[ResolverContext, Any], Awaitable[ExecutionResult]],
    ) -> None:
        self._source = source
        self._renew_context = renew_context
        self._execute_event = execute_event

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> ExecutionResult:
        """Wait for the next event, and execute it."""
        return await self.execute(await self.wait_for_event())

    @property
    def dropped_count(self) -> int:
        """The events that were dropped so far, because nothing waited for them in time."""
        return getattr(self._source, "dropped_count", 0)

    async def wait_for_event(self) -> Any:
        """Wait for the next event; raise `StopAsyncIteration` after the last."""
        return await anext(self._source)

    async def execute(self, event: Any) -> ExecutionResult:
        """Execute the operation for an event, in a context of its own."""
        return await self._execute_event(self._renew_context(), event)

    async def aclose(self) -> None:
        """End the subscription."""
        await self._source.aclose()


class FederatedSchema(strawberry.federation.Schema):
    """Strawberry's federated schema, executed by graphql-core directly.

    It differs from its base: a document is parsed and validated once, not for each request; several
    operations without a name are an error; an invalid representation fails alone; the subgraph's
    SDL is printed once.
    """

    def __init__(
        self,
        *arguments: Any,
        introspection: bool = True,
        find_reference: FindReference | None = None,
        **options: Any,
    ) -> None:
        self._find_reference = find_reference
        super().__init__(*arguments, **options)  # pyright: ignore[reportUnknownMemberType] - Strawberry's
        extra_rules = () if introspection else (NoSchemaIntrospectionCustomRule,)
        self._validation_rule = combine_rules((*specified_rules, *extra_rules))
        self._suggests_names = introspection
        _sort_for_readers(self._schema)
        use_direct_resolvers(self._schema)
        service: Any = self._schema.type_map["_Service"]
        service.fields["sdl"].resolve = self._resolve_service_sdl
        self.documents: DocumentCache[PreparedDocument] = DocumentCache()
        # Validation takes longer than execution, so an invalid document is validated once as well.
        self._invalid_documents: DocumentCache[PreparedDocument] = DocumentCache()
        # With their documents, which are kept alive so that their ids stay unique.
        self._plans: LRUCache[PlanKey, tuple[PreparedDocument, CompiledPlans]] = LRUCache(
            MAX_PLANNED_CHARACTERS, lambda entry: entry[0].characters
        )
        overlapping_fields_can_be_merged.MAX_COMPLEXITY_BUDGET = MAX_FIELD_COMPARISONS

    @property
    def graphql_schema(self) -> GraphQLSchema:
        """The schema as an object of graphql-core."""
        return self._schema

    def prepare(
        self, text: str, parse_document: Callable[[str], DocumentNode] = parse
    ) -> PreparedDocument:
        """Return the parsed and validated document, from the cache if it is there.

        `parse_document` can raise its own errors.
        """
        found = self.documents.get(text) or self._invalid_documents.get(text)
        if found is None:
            found = self._parse_and_validate(text, parse_document)
            cache = self._invalid_documents if found.document is None else self.documents
            cache.set(text, found)
        return found

    async def run(
        self,
        prepared: PreparedDocument,
        operation_name: str | None,
        variables: dict[str, Any] | None,
        context: ResolverContext,
        item_encoder: ItemEncoder | None = None,
    ) -> ExecutionResult:
        """Execute a query or a mutation; raise `BadInput` for a subscription.

        With an `item_encoder` the result is to be encoded by msgspec: the items of its lists may be
        `msgspec.Raw`, and its times and enums as they are in Python.
        """
        if prepared.document is None:
            return ExecutionResult(None, prepared.errors)
        operation = prepared.get_operation(operation_name)
        if operation.operation is OperationType.SUBSCRIPTION:
            message = "query: must not be a subscription, which needs a stream of responses."
            raise BadInput(message, argument="query")
        return await self._execute(prepared, operation_name, variables, context, None, item_encoder)

    async def start_stream(
        self,
        prepared: PreparedDocument,
        operation_name: str | None,
        variables: dict[str, Any] | None,
        context: ResolverContext,
        renew_context: Callable[[], ResolverContext],
    ) -> "ExecutionResult | ResponseStream":
        """Start a subscription; return its stream of responses, or the errors if there is none.

        `renew_context` is called before each event is executed, in the task that awaits it: each
        event has a request context and loaders of its own. The stream has to be closed.
        """
        if prepared.document is None:
            return ExecutionResult(None, prepared.errors)
        executor = self._build_executor(prepared, operation_name, variables, context)
        if isinstance(executor, list):
            return ExecutionResult(None, executor)
        created: Any = create_source_event_stream(executor)
        source: Any = await created if isawaitable(created) else created
        if isinstance(source, ExecutionResult):
            return source
        execute_event = partial(self._execute, prepared, operation_name, variables)
        return ResponseStream(source, renew_context, execute_event)

    async def _execute(
        self,
        prepared: PreparedDocument,
        operation_name: str | None,
        variables: dict[str, Any] | None,
        context: ResolverContext,
        root_value: Any,
        item_encoder: ItemEncoder | None = None,
    ) -> ExecutionResult:
        is_encoded = item_encoder is not None
        executor = self._build_executor(
            prepared,
            operation_name,
            variables,
            context,
            root_value=root_value,
            plans=self._get_plans(prepared, operation_name, variables or {}, is_encoded=is_encoded),
            item_encoder=item_encoder,
        )
        if isinstance(executor, list):
            return ExecutionResult(None, executor)
        result: Any = executor.execute_operation()
        return await result if isawaitable(result) else result

    def _build_executor(
        self,
        prepared: PreparedDocument,
        operation_name: str | None,
        variables: dict[str, Any] | None,
        context: ResolverContext,
        **options: Any,
    ) -> PlanExecutor | list[GraphQLError]:
        """Build the executor of an operation; a list of errors if its variables are invalid."""
        return cast("Any", PlanExecutor).build(
            self._schema,
            prepared.document,
            context_value=context,
            raw_variable_values=variables,
            operation_name=operation_name,
            hide_suggestions=not self._suggests_names,
            **options,
        )

    def _get_plans(
        self,
        prepared: PreparedDocument,
        name: str | None,
        variables: dict[str, Any],
        *,
        is_encoded: bool,
    ) -> CompiledPlans:
        """Return the plans of an operation: those of earlier executions where they can be kept.

        The first ones are replaced when the operation is executed again.
        """
        names = prepared.directive_variables
        values = tuple([variables.get(each) for each in names])
        given = tuple([each in variables for each in names])
        are_booleans = BOOLEANS.issuperset(map(type, values))
        if prepared.characters > MAX_PLANNED_CHARACTERS or not are_booleans:
            return CompiledPlans(is_encoded=is_encoded)
        key = (id(prepared), name, values, given, is_encoded)
        found = self._plans.get(key)
        if found is None or not found[1].is_repeated:
            plans = CompiledPlans(is_repeated=found is not None, is_encoded=is_encoded)
            found = self._plans[key] = prepared, plans
        return found[1]

    def _resolve_service_sdl(self, *_: object) -> str:
        return self.sdl

    @cached_property
    def sdl(self) -> str:
        """The subgraph's SDL, with the directives of Apollo Federation."""
        return self.as_str()

    def entities_resolver(
        self, info: Info, representations: list[FederationAny]
    ) -> list[FederationAny]:
        """Resolve references; in Strawberry's resolver, one invalid item fails the whole list."""
        if len(representations) > MAX_REFERENCES:
            message = f"representations: must have at most {MAX_REFERENCES} items."
            raise BadInput(message, argument="representations")
        return [self._resolve_entity(info, each) for each in representations]

    def _resolve_entity(self, info: Info, representation: Any) -> Any:
        if not isinstance(representation, dict):
            return _invalid_representation("must be an object")
        keys = cast("dict[str, Any]", representation)
        kind = self.schema_converter.type_map.get(str(keys.get("__typename")))
        origin: Any = getattr(getattr(kind, "definition", None), "origin", None)
        if hasattr(origin, "resolve_reference"):
            return origin.resolve_reference(info, keys)
        if self._find_reference is None or not _is_node(origin):
            return _invalid_representation("must have the __typename of an entity")
        return self._find_reference(info, origin, keys)

    def _parse_and_validate(
        self, text: str, parse_document: Callable[[str], DocumentNode]
    ) -> PreparedDocument:
        try:
            document = parse_document(text)
        except GraphQLError as error:
            return PreparedDocument(None, [error])
        errors = validate(
            self._schema,
            document,
            [self._validation_rule],
            hide_suggestions=not self._suggests_names,
        )
        # Copied without their causes, because an error with a cause is reported as a bug, and
        # without their nodes, which would keep the whole document in memory.
        reported = [
            GraphQLError(error.message, source=error.source, positions=error.positions)
            for error in errors[:MAX_REPORTED_ERRORS]
        ]
        valid_document = None if reported else document
        return PreparedDocument(
            valid_document,
            reported,
            directive_variables=list_directive_variables(document) if "@" in text else (),
            characters=len(text),
        )


def _invalid_representation(problem: str) -> BadInput:
    return BadInput(f"representations: each item {problem}.", argument="representations")


def _sort_for_readers(schema: GraphQLSchema) -> None:
    """List types by name, and the fields and types of gateways last."""
    types = sorted(schema.type_map.items(), key=lambda each: ("_" in each[0], each[0]))
    schema.type_map = dict(types)
    if schema.query_type is not None:
        fields = schema.query_type.fields
        for name in [each for each in fields if each.startswith("_")]:
            fields[name] = fields.pop(name)


def _is_node(origin: Any) -> bool:
    return isinstance(origin, type) and issubclass(origin, Node)
