"""The schema as it is run: documents prepared once and remembered, federation's gaps closed."""

from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from functools import cached_property
from inspect import isawaitable
from typing import Any, cast

import strawberry
from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    parse,
    validate,
)
from graphql.execution import execute  # pyright: ignore[reportUnknownVariableType] - graphql-core
from graphql.validation import NoSchemaIntrospectionCustomRule, specified_rules
from strawberry.federation.schema import FederationAny

from providers.errors import BadInput
from resolvers.context import ResolverContext
from schema.document_cache import DocumentCache
from schema.fast_executor import FastPathExecutor
from schema.node import MAX_REFERENCES, Info, Node

# Finds an entity by its type and keys. The code that builds the schema hands it in: it knows every type.
FindReference = Callable[[Info, type[Node], dict[str, Any]], Awaitable[Node | None]]


@dataclass(frozen=True)
class PreparedDocument:
    """A document that may be run, or the errors for which it may not."""

    document: DocumentNode | None
    errors: list[GraphQLError]
    checked_costs: set[Hashable] = field(
        default_factory=set[Hashable]
    )  # what was found to be in limits

    def get_operation(self, name: str | None) -> OperationDefinitionNode:
        """The operation to run, chosen as the specification says."""
        nodes = self.document.definitions if self.document else ()
        found = [node for node in nodes if isinstance(node, OperationDefinitionNode)]
        if name is None and len(found) > 1:
            message = "operationName: needed, the document has several operations."
            raise BadInput(message, argument="operationName")
        for node in found:
            if name is None or (node.name and node.name.value == name):
                return node
        raise BadInput("operationName: not in the document.", argument="operationName")


class FederatedSchema(strawberry.federation.Schema):
    """Strawberry's federated schema, run through graphql-core directly.

    What it cures: a document is parsed and validated once and not for each request; several
    operations without a name are an error rather than the first of them; one bad representation
    fails alone; the subgraph's SDL is printed once.
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
        self._validation_rules = (*specified_rules, *extra_rules)
        self._suggests_names = introspection
        service: Any = self._schema.type_map["_Service"]
        service.fields["sdl"].resolve = self._resolve_service_sdl
        self.documents: DocumentCache[PreparedDocument] = DocumentCache()

    @property
    def graphql_schema(self) -> GraphQLSchema:
        """The schema as graphql-core knows it."""
        return self._schema

    def prepare(
        self, text: str, parse_document: Callable[[str], DocumentNode] = parse
    ) -> PreparedDocument:
        """Parse and validate, or remember having done so; `read` may refuse to parse."""
        found = self.documents.get(text)
        if found is None:
            found = self._parse_and_validate(text, parse_document)
            if found.document is not None:  # a refused one is not asked for again
                self.documents.set(text, found)
        return found

    async def run(
        self,
        prepared: PreparedDocument,
        operation_name: str | None,
        variables: dict[str, Any] | None,
        context: ResolverContext,
    ) -> ExecutionResult:
        """Execute a prepared document."""
        if prepared.document is None:
            return ExecutionResult(None, prepared.errors)
        result = execute(
            self._schema,
            prepared.document,
            context_value=context,
            variable_values=variables,
            operation_name=operation_name,
            hide_suggestions=not self._suggests_names,
            executor_class=FastPathExecutor,
        )
        return await result if isawaitable(result) else result

    def _resolve_service_sdl(self, *_: object) -> str:
        return self.sdl

    @cached_property
    def sdl(self) -> str:
        """The subgraph's SDL, with federation's directives."""
        return self.as_str()

    def entities_resolver(
        self, info: Info, representations: list[FederationAny]
    ) -> list[FederationAny]:
        """Resolve references; Strawberry's own loses the whole list to one bad item."""
        if len(representations) > MAX_REFERENCES:
            raise _invalid_representation(f"is one of up to {MAX_REFERENCES}")
        return [self._resolve_entity(info, each) for each in representations]

    def _resolve_entity(self, info: Info, representation: Any) -> Any:
        if not isinstance(representation, dict):
            return _invalid_representation("has to be an object")
        keys = cast("dict[str, Any]", representation)
        kind = self.schema_converter.type_map.get(str(keys.get("__typename")))
        origin: Any = getattr(getattr(kind, "definition", None), "origin", None)
        if hasattr(origin, "resolve_reference"):
            return origin.resolve_reference(info, keys)
        if self._find_reference is None or not _is_node(origin):
            return _invalid_representation("needs the __typename of an entity")
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
            self._validation_rules,
            hide_suggestions=not self._suggests_names,
        )
        # Told anew, because an error that keeps its cause would be taken for a bug of ours.
        reported = [GraphQLError(error.message, error.nodes) for error in errors]
        return PreparedDocument(None if reported else document, reported)


def _invalid_representation(problem: str) -> BadInput:
    return BadInput(f"representations: each {problem}.", argument="representations")


def _is_node(origin: Any) -> bool:
    return isinstance(origin, type) and issubclass(origin, Node)
