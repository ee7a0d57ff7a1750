"""GraphQL over HTTP: the endpoint that executes one operation per request."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from graphql import ExecutionResult, OperationDefinitionNode, OperationType
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from providers.errors import ProviderError, TooCostly
from providers.kit.idempotency import IdempotencyStore
from providers.kit.request_context import get_current
from resolvers.context import ResolverContext
from resolvers.live.live import Live
from resolvers.loaders import Loaders
from schema.federated_schema import FederatedSchema, PreparedDocument
from server import content_negotiation
from server import graphql_request as requests
from server.apq import PersistedQueries, make_query_not_found
from server.authentication import Authenticator, Caller, get_client_address
from server.concurrency_limit import ConcurrencyLimit
from server.content_negotiation import JSON_TYPE
from server.graphql_request import GraphQLRequest
from server.graphql_response import (
    build_result_response,
    build_stored_response,
    cut_extensions,
    make_too_costly_result,
    to_rejection,
)
from server.limits.arguments import check_arguments
from server.limits.document import parse_document
from server.limits.introspection_access import reject_introspection
from server.limits.variables import enforce_list_lengths
from server.observability.operation_log import OperationLog, OperationRecord
from server.operation_check import check_operation
from server.psn_passthrough import try_pass_through
from server.public_url import get_public_url
from server.query_reading.arguments import build_cost_key
from server.request_body import BodyReader
from server.request_error import RequestRejected
from server.request_headers import get_header
from server.response_cache import ResponseCache
from server.response_key import build_response_key
from server.settings import Settings
from server.start_operation import start_operation

STRANGER_SHARE = 10  # the part of the values that an unknown credential gets
# Variables, in all sets of them together, with which a document is known to be within limits.
MAX_CHECKED_VARIABLES = 500
OPERATION_PARAMETERS = ("query", "extensions", "operationName")


@dataclass(frozen=True)
class GraphQLView:
    """The GraphQL endpoint.

    It is stricter than Strawberry's own view, which accepts requests that the specification
    forbids.
    """

    graph: FederatedSchema
    authenticator: Authenticator
    settings: Settings
    persisted_queries: PersistedQueries
    operation_log: OperationLog
    response_cache: ResponseCache
    live: Live | None = None
    concurrency_limit: ConcurrencyLimit = field(default_factory=ConcurrencyLimit)
    body_reader: BodyReader = field(default_factory=BodyReader)
    idempotency: IdempotencyStore = field(default_factory=IdempotencyStore)
    explorer: Callable[[], Response] | None = None
    pass_through_only: bool = False  # at PSN's own path only PSN's operations are known

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        request_id = scope.get("state", {}).get("request_id") or secrets.token_hex(8)
        with self.operation_log.record_operation(request, request_id) as record:
            response = await self.respond(request, record)
            record.status = response.status_code
        await response(scope, receive, send)

    async def respond(self, request: Request, record: OperationRecord) -> Response:
        """Return the response to any request; errors become a response as well."""
        media_type = JSON_TYPE
        try:
            if request.method not in ("GET", "POST"):
                raise _make_method_not_allowed("GET, POST")
            if self.explorer is not None and _should_render_page(request):
                record.is_silent = True
                return self.explorer()
            media_type = content_negotiation.negotiate(get_header(request.scope, b"accept"))
            return await self._handle_request(request, media_type, record)
        except RequestRejected as error:
            rejection = error
        except ProviderError as error:
            rejection = to_rejection(error, media_type)
        record.add_error(rejection.extensions)
        return requests.build_error_response(rejection, media_type, record.request_context)

    async def _handle_request(
        self, request: Request, media_type: str, record: OperationRecord
    ) -> Response:
        # The caller is known before the body is awaited, and a slot is taken only after it.
        caller = self.authenticator.authenticate(request.headers, get_client_address(request))
        record.caller = caller.name
        body = await self.body_reader.read(request) if request.method == "POST" else b""
        with self.concurrency_limit.slot(is_stranger=caller.is_stranger):
            return await self._respond_to_body(request, body, caller, media_type, record)

    async def _respond_to_body(
        self,
        request: Request,
        body: bytes,
        caller: Caller,
        media_type: str,
        record: OperationRecord,
    ) -> Response:
        graphql_request = requests.parse_request(request, body)
        record.set_document(graphql_request.query, graphql_request.operation_name)
        request_context = record.request_context = start_operation(request, self.settings, caller)
        passed_through = await try_pass_through(graphql_request, caller.viewer, request.method)
        if passed_through is not None:
            record.mark_executed("pass_through")
            return passed_through
        if self.pass_through_only:
            raise make_query_not_found()
        text = await self._resolve_text(graphql_request)
        if graphql_request.query is None:
            record.set_document(text, graphql_request.operation_name)
        public_url = get_public_url(self.settings, request.scope)
        key = build_response_key(graphql_request, text, caller, request_context, public_url)
        stored = await self.response_cache.find(key) if key else None
        if stored is not None:
            record.mark_executed("query", stored.operation_name)
            await self.persisted_queries.store(graphql_request)
            await request_context.wait_for_revalidations()
            return build_stored_response(stored.data, request_context, media_type)
        response = await self._respond_to_operation(
            request, graphql_request, text, caller, media_type, record
        )
        if key and record.operation_type == "query" and not record.errors:
            data = cut_extensions(response)
            self.response_cache.store(key, data, request_context, text, record.name)
        return response

    async def _respond_to_operation(
        self,
        request: Request,
        graphql_request: GraphQLRequest,
        text: str,
        caller: Caller,
        media_type: str,
        record: OperationRecord,
    ) -> Response:
        request_context = get_current()
        try:
            prepared, values = self._prepare(graphql_request, text, caller)
        except TooCostly as error:
            result = make_too_costly_result(error)
            return build_result_response(result, request_context, media_type, record)
        with self.concurrency_limit.reserve(values):
            result = await self._execute(request, graphql_request, prepared, caller, record)
            await request_context.wait_for_revalidations()
            return build_result_response(result, request_context, media_type, record)

    async def _execute(
        self,
        request: Request,
        graphql_request: GraphQLRequest,
        prepared: PreparedDocument,
        caller: Caller,
        record: OperationRecord,
    ) -> ExecutionResult:
        if prepared.document is not None:
            if not caller.is_stranger:
                await self.persisted_queries.store(graphql_request)
            operation = prepared.get_operation(graphql_request.operation_name)
            if request.method == "GET" and operation.operation != OperationType.QUERY:
                raise _make_method_not_allowed("POST")
            record.mark_executed(
                operation.operation.value, operation.name.value if operation.name else None
            )
        context = self.create_context(request, caller)
        return await self.graph.run(
            prepared, graphql_request.operation_name, graphql_request.variables, context
        )

    def create_context(self, request: HTTPConnection, caller: Caller) -> ResolverContext:
        """Create the context of one operation, or of one event of a subscription."""
        viewer = caller.viewer
        loaders = Loaders(viewer.clients, viewer.source_errors)
        public_url = get_public_url(self.settings, request.scope)
        return ResolverContext(viewer, loaders, self.idempotency, public_url, self.live)

    def _prepare(
        self, graphql_request: GraphQLRequest, text: str, caller: Caller
    ) -> tuple[PreparedDocument, int]:
        """Parse and validate the document, enforce the limits, and return the estimated values."""
        prepared = self.graph.prepare(text, parse_document)
        if prepared.document is None:
            return prepared, 0
        operation = prepared.get_operation(graphql_request.operation_name)
        enforce_list_lengths(operation, graphql_request.variables)
        if not caller.may_introspect:
            reject_introspection(operation, prepared.document)
        loaders = Loaders(caller.viewer.clients, caller.viewer.source_errors)
        variables = graphql_request.variables
        check_arguments(prepared.document, operation, variables, loaders)
        return prepared, self._check_cost(prepared, operation, graphql_request, caller)

    def _check_cost(
        self,
        prepared: PreparedDocument,
        operation: OperationDefinitionNode,
        graphql_request: GraphQLRequest,
        caller: Caller,
    ) -> int:
        """Enforce the limits, and return the values; an operation of the same cost is known."""
        variables = graphql_request.variables
        linked_sources = frozenset(account.source.name for account in caller.viewer.accounts)
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

    async def _resolve_text(self, graphql_request: GraphQLRequest) -> str:
        text = await self.persisted_queries.resolve_text(graphql_request)
        if text is None:
            raise RequestRejected(400, "query is required.", argument="query")
        return text


def _should_render_page(request: Request) -> bool:
    return (
        request.method == "GET"
        and content_negotiation.prefers_html(get_header(request.scope, b"accept"))
        and not any(request.query_params.get(name) for name in OPERATION_PARAMETERS)
    )


def _make_method_not_allowed(methods: str) -> RequestRejected:
    rejection = RequestRejected(405, f"Method not allowed; use {methods.replace(', ', ' or ')}.")
    rejection.headers["Allow"] = methods
    return rejection
