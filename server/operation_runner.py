"""One operation from its text to its response, whatever transport it came by."""

from dataclasses import dataclass, field, replace

from graphql import ExecutionResult, OperationDefinitionNode, OperationType
from msgspec import Struct
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from providers.errors import TooCostly
from providers.kit.idempotency import IdempotencyStore
from providers.kit.request_context import get_current
from resolvers.context import ResolverContext
from resolvers.live.live import Live
from resolvers.loaders import Loaders
from schema.federated_schema import FederatedSchema, PreparedDocument
from schema.item_encoder import ItemEncoder
from server.apq import PersistedQueries
from server.authentication import Caller
from server.concurrency_limit import ConcurrencyLimit
from server.content_encoding import accepts_gzip
from server.graphql_request import GraphQLRequest
from server.graphql_response import (
    build_result_response,
    build_stored_response,
    cut_extensions,
    make_too_costly_result,
)
from server.limits.arguments import check_arguments
from server.limits.document import parse_document
from server.limits.introspection_access import reject_introspection
from server.limits.variables import enforce_list_lengths
from server.observability.operation_log import OperationRecord
from server.operation_check import check_operation
from server.public_url import get_public_url
from server.query_reading.arguments import build_cost_key
from server.request_error import RequestRejected
from server.response_cache import (
    ResponseCache,
    ResponseKey,
    StoredResponse,
    can_serve_again,
)
from server.response_encoding import MAX_RESPONSE_BYTES
from server.response_key import build_response_key
from server.settings import Settings
from server.shared_response import make_tag, share
from server.start_operation import start_operation

STRANGER_SHARE = 10  # the part of the values that an unknown credential gets
# Variables, in all sets of them together, with which a document is known to be within limits.
MAX_CHECKED_VARIABLES = 500
NOT_ACCEPTABLE = 406


class ReceivedOperation(Struct, frozen=True):
    """An operation as it was received.

    The `request` is the one that brought it; for a message of a WebSocket, one with the headers
    that a POST would have. `can_stream` if its transport can carry more than one result,
    `is_response` if the result is sent as it is, and may be compressed. `is_own` if the document
    is this server's own, for one of its pages.
    """

    request: Request
    graphql_request: GraphQLRequest
    caller: Caller
    media_type: str
    record: OperationRecord
    can_stream: bool = False
    is_response: bool = False
    is_own: bool = False


@dataclass(frozen=True)
class StartedSubscription:
    """A subscription that is within the limits; `values` are the estimated ones of one event."""

    received: ReceivedOperation
    prepared: PreparedDocument
    values: int
    key: ResponseKey | None = None  # equal for those whose results are


@dataclass(frozen=True)
class OperationRunner:
    """Checks and executes operations, within the limits of all of them together."""

    graph: FederatedSchema
    settings: Settings
    persisted_queries: PersistedQueries
    response_cache: ResponseCache
    idempotency: IdempotencyStore = field(default_factory=IdempotencyStore)
    live: Live | None = None
    concurrency_limit: ConcurrencyLimit = field(default_factory=ConcurrencyLimit)

    def begin(self, received: ReceivedOperation) -> None:
        """Start the operation's time, and note in its record what is known of it."""
        graphql_request, record = received.graphql_request, received.record
        record.set_document(graphql_request.query, graphql_request.operation_name)
        record.request_context = start_operation(
            received.request, self.settings, received.caller, record.span
        )

    async def run(self, received: ReceivedOperation) -> Response | StartedSubscription:
        """Return the response to a query or mutation, or the subscription that was requested."""
        graphql_request, record = received.graphql_request, received.record
        text = await self._resolve_text(graphql_request, is_own=received.is_own)
        if graphql_request.query is None:
            record.set_document(text, graphql_request.operation_name)
        context = get_current()
        public_url = get_public_url(self.settings, received.request.scope)
        key = build_response_key(graphql_request, text, received.caller, context, public_url)
        stored = await self.response_cache.find(key) if key else None
        if key and stored is not None:
            return await self._send_again(received, key, stored)
        response = await self._respond(received, text)
        if isinstance(response, StartedSubscription):
            return replace(response, key=key)
        if record.operation_type == "query" and not record.errors:
            self._keep(key, response, text, record.name)
        return response

    async def _send_again(
        self, received: ReceivedOperation, key: ResponseKey, stored: StoredResponse
    ) -> Response:
        context = get_current()
        received.record.mark_executed("query", stored.operation_name)
        if received.graphql_request.extensions:
            await self.persisted_queries.store(received.graphql_request)
        await context.wait_for_revalidations()
        part = stored.data
        if received.is_response and accepts_gzip(received.request.scope):
            part = await self.response_cache.compress(key, stored)
        response = build_stored_response(part, context, received.media_type)
        if context.freshness is not None:
            self.response_cache.note_freshness(stored, context.freshness)
            share(response, stored.tag, context.freshness)
        return response

    def _keep(
        self, key: ResponseKey | None, response: Response, text: str, name: str | None
    ) -> None:
        """Store a response to a query without errors, and let other caches keep it if they may."""
        context = get_current()
        can_store = key is not None and can_serve_again(context)
        if not can_store and context.freshness is None:
            return
        data = cut_extensions(response)
        if key is not None and can_store:
            self.response_cache.store(key, data, context, text, name)
        if context.freshness is not None:
            share(response, make_tag(*data), context.freshness)

    def create_context(self, request: HTTPConnection, caller: Caller) -> ResolverContext:
        """Create the context of one operation, or of one event of a subscription."""
        viewer = caller.viewer
        loaders = Loaders(viewer.clients, viewer.source_errors)
        public_url = get_public_url(self.settings, request.scope)
        return ResolverContext(viewer, loaders, self.idempotency, public_url, self.live)

    async def _respond(
        self, received: ReceivedOperation, text: str
    ) -> Response | StartedSubscription:
        context, record = get_current(), received.record
        try:
            prepared, operation, values = self._prepare(received, text)
        except TooCostly as error:
            result = make_too_costly_result(error)
            return build_result_response(result, context, received.media_type, record)
        if operation is not None:
            await self._note_valid(received, operation)
            if operation.operation is OperationType.SUBSCRIPTION:
                return StartedSubscription(received, prepared, values)
        with self.concurrency_limit.reserve(values):
            result = await self._execute(received, prepared)
            await context.wait_for_revalidations()
            return build_result_response(result, context, received.media_type, record)

    async def _execute(
        self, received: ReceivedOperation, prepared: PreparedDocument
    ) -> ExecutionResult:
        graphql_request = received.graphql_request
        context = self.create_context(received.request, received.caller)
        try:
            return await self.graph.run(
                prepared,
                graphql_request.operation_name,
                graphql_request.variables,
                context,
                ItemEncoder(MAX_RESPONSE_BYTES),
            )
        finally:
            context.loaders.forget()  # an executor refers to itself, and so would keep it for long

    async def _note_valid(
        self, received: ReceivedOperation, operation: OperationDefinitionNode
    ) -> None:
        """Store a valid document that came with its hash, and check that it may run here."""
        if received.graphql_request.extensions and not received.caller.is_stranger:
            await self.persisted_queries.store(received.graphql_request)
        kind = operation.operation
        if kind is OperationType.MUTATION and received.request.method == "GET":
            raise make_method_not_allowed("POST")
        if kind is OperationType.SUBSCRIPTION and not received.can_stream:
            raise make_stream_required()
        name = operation.name.value if operation.name else None
        received.record.mark_executed(kind.value, name)

    def _prepare(
        self, received: ReceivedOperation, text: str
    ) -> tuple[PreparedDocument, OperationDefinitionNode | None, int]:
        """Parse and validate the document, enforce the limits, and return the estimated values.

        There is no operation in an invalid document.
        """
        graphql_request, caller = received.graphql_request, received.caller
        with received.record.trace_part("parse and validate"):
            prepared = self.graph.prepare(text, parse_document)
        if prepared.document is None:
            return prepared, None, 0
        operation = prepared.get_operation(graphql_request.operation_name)
        enforce_list_lengths(operation, graphql_request.variables)
        if not caller.may_introspect:
            reject_introspection(operation, prepared.document)
        loaders = Loaders(caller.viewer.clients, caller.viewer.source_errors)
        variables = graphql_request.variables
        check_arguments(prepared, operation, variables, loaders)
        values = self._check_cost(prepared, operation, graphql_request, caller)
        return prepared, operation, values

    def _check_cost(
        self,
        prepared: PreparedDocument,
        operation: OperationDefinitionNode,
        graphql_request: GraphQLRequest,
        caller: Caller,
    ) -> int:
        """Enforce the limits, and return the values; an operation of the same cost is known."""
        variables = graphql_request.variables
        linked_sources = caller.viewer.linked_sources
        cost_key = build_cost_key(operation, variables)
        limits = self.settings.limits
        if caller.is_stranger:
            limits = limits.reduce_values(STRANGER_SHARE)
        key = (graphql_request.operation_name, cost_key, linked_sources, limits.max_values)
        values = prepared.checked_values.get(key)
        if values is not None or prepared.document is None:
            return values or 0
        schema = self.graph.graphql_schema
        cost = check_operation(
            prepared.document, operation, variables, schema, limits, linked_sources
        )
        if (len(prepared.checked_values) + 1) * (len(cost_key) + 1) <= MAX_CHECKED_VARIABLES:
            prepared.checked_values[key] = cost.values
        return cost.values

    async def _resolve_text(self, graphql_request: GraphQLRequest, *, is_own: bool) -> str:
        text = graphql_request.query
        if graphql_request.extensions:  # which may have the hash of a stored document
            text = await self.persisted_queries.resolve_text(graphql_request)
        if text is None:
            raise RequestRejected(400, "query is required.", argument="query")
        if not is_own and not self.persisted_queries.trusted.permits(text):
            message = "Only the documents of this server's operator are executed here."
            raise RequestRejected(403, message, "FORBIDDEN")
        return text


def make_method_not_allowed(methods: str) -> RequestRejected:
    """Make the rejection of a request by another method than these."""
    rejection = RequestRejected(405, f"Method not allowed; use {methods.replace(', ', ' or ')}.")
    rejection.headers["Allow"] = methods
    return rejection


def make_stream_required() -> RequestRejected:
    """Make the rejection of a subscription by a transport for a single result."""
    message = "A subscription needs a WebSocket, or Accept: text/event-stream."
    return RequestRejected(NOT_ACCEPTABLE, message)
