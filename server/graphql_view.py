"""GraphQL over HTTP: one request in, one answer out."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from graphql import ExecutionResult, GraphQLError, OperationType
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import Receive, Scope, Send

from providers.errors import CallerUnauthenticated, Forbidden, ProviderError, TooCostly
from providers.kit.idempotency import IdempotencyStore
from providers.kit.request_context import RequestContext
from resolvers.context import ResolverContext, Viewer
from resolvers.loaders import Loaders
from schema.errors import build_extensions, format_error
from schema.federated_schema import FederatedSchema, PreparedDocument
from server import content_negotiation
from server import graphql_request as requests
from server.apq import PersistedQueries, make_query_not_found
from server.authentication import Authenticator, Caller
from server.concurrency_limit import ConcurrencyLimit
from server.content_negotiation import JSON_TYPE
from server.graphql_request import GraphQLRequest
from server.limits.document import parse_document
from server.limits.variables import enforce_list_lengths
from server.observability.operation_log import OperationLog, OperationRecord
from server.operation_check import check_operation
from server.psn_passthrough import try_pass_through
from server.public_url import get_public_url
from server.query_reading.arguments import build_cost_key
from server.request_body import BodyReader
from server.request_error import RequestRejected
from server.settings import Settings
from server.start_operation import start_operation

MAX_REQUEST_ERRORS = 5  # of a request of which nothing ran
MAX_EXECUTION_ERRORS = 1_000  # of one that ran: of ten thousand alike nobody reads the last
# Variables in all sets of them with which a document is known to be in limits.
MAX_CHECKED_VARIABLES = 500
STATUS_BY_ERROR: dict[type[ProviderError], int] = {CallerUnauthenticated: 401, Forbidden: 403}


@dataclass(frozen=True)
class GraphQLView:
    """The endpoint. What Strawberry's own view lets through and the specification does not is
    refused here: see the tests of the same name, each of which fails on the stock view.
    """

    graph: FederatedSchema
    authenticator: Authenticator
    settings: Settings
    persisted_queries: PersistedQueries
    operation_log: OperationLog
    concurrency_limit: ConcurrencyLimit = field(default_factory=ConcurrencyLimit)
    body_reader: BodyReader = field(default_factory=BodyReader)
    idempotency: IdempotencyStore = field(default_factory=IdempotencyStore)
    explorer: Callable[[], Response] | None = None
    pass_through_only: bool = False  # PSN's own path knows PSN's operations and no others

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        request_id = scope.get("state", {}).get("request_id") or secrets.token_hex(8)
        with self.operation_log.record_operation(request.headers, request_id) as record:
            response = await self.respond(request, record)
            record.status = response.status_code
        await response(scope, receive, send)

    async def respond(self, request: Request, record: OperationRecord) -> Response:
        """Answer whatever was sent."""
        media_type = JSON_TYPE
        try:
            if request.method not in ("GET", "POST"):
                raise _make_method_not_allowed("GET, POST")
            if self.explorer is not None and _should_render_page(request):
                record.is_silent = True
                return self.explorer()
            media_type = content_negotiation.negotiate(request.headers.get("accept"))
            requests.check_origin(request.headers, self.settings.cors_origins)
            return await self._handle_request(request, media_type, record)
        except RequestRejected as refused:
            rejection = refused
        except ProviderError as error:
            rejection = _to_rejection(error, media_type)
        record.add_error(rejection.extensions)
        return requests.build_error_response(rejection, media_type, record.request_context)

    async def _handle_request(
        self, request: Request, media_type: str, record: OperationRecord
    ) -> Response:
        """Who asks is known before his body is waited for, and takes a turn when it is there."""
        caller = self.authenticator.authenticate(request.headers)
        record.caller = caller.name
        body = await self.body_reader.read(request) if request.method == "POST" else b""
        with self.concurrency_limit.slot():
            return await self._execute(request, body, caller, media_type, record)

    async def _execute(
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
        record.set_document(text, graphql_request.operation_name)
        try:
            prepared = self._prepare(graphql_request, text, caller.viewer)
        except TooCostly as error:
            limit_error = GraphQLError(error.message, original_error=error)
            return self._build_response(
                ExecutionResult(None, [limit_error]), request_context, media_type, record
            )
        operation_node = None
        if prepared.document is not None:
            await self.persisted_queries.store(graphql_request)
            operation_node = prepared.get_operation(graphql_request.operation_name)
        if (
            operation_node is not None
            and request.method == "GET"
            and operation_node.operation != OperationType.QUERY
        ):
            raise _make_method_not_allowed("POST")
        if operation_node is not None:
            record.mark_executed(
                operation_node.operation.value,
                operation_node.name.value if operation_node.name else None,
            )
        viewer = caller.viewer
        loaders = Loaders(viewer.clients, viewer.source_errors)
        context = ResolverContext(
            viewer, loaders, self.idempotency, get_public_url(self.settings, request.scope)
        )
        result = await self.graph.run(
            prepared, graphql_request.operation_name, graphql_request.variables, context
        )
        await request_context.wait_for_revalidations()
        return self._build_response(result, request_context, media_type, record)

    def _prepare(
        self, graphql_request: GraphQLRequest, text: str, viewer: Viewer
    ) -> PreparedDocument:
        """The document, held against the limits before anything of it runs."""
        prepared = self.graph.prepare(text, parse_document)
        if prepared.document is None:
            return prepared
        operation = prepared.get_operation(graphql_request.operation_name)
        enforce_list_lengths(operation, graphql_request.variables)
        linked_sources = frozenset(account.source.name for account in viewer.accounts)
        key = (
            graphql_request.operation_name,
            build_cost_key(operation, graphql_request.variables),
            linked_sources,
        )
        if key not in prepared.checked_costs:
            schema, limits = self.graph.graphql_schema, self.settings.limits
            check_operation(
                prepared.document,
                operation,
                graphql_request.variables,
                schema,
                limits,
                linked_sources,
            )
            if (len(prepared.checked_costs) + 1) * (len(key[1]) + 1) <= MAX_CHECKED_VARIABLES:
                prepared.checked_costs.add(key)
        return prepared

    async def _resolve_text(self, graphql_request: GraphQLRequest) -> str:
        text = await self.persisted_queries.resolve_text(graphql_request)
        if text is None:
            raise RequestRejected(400, "query is missing.", argument="query")
        return text

    def _build_response(
        self,
        result: ExecutionResult,
        request_context: RequestContext,
        media_type: str,
        record: OperationRecord,
    ) -> Response:
        payload: dict[str, Any] = {}
        extensions: dict[str, Any] = {"upstream": request_context.build_summary()}
        did_run = result.data is not None or _did_run(result.errors)
        if result.errors:
            reported = result.errors[: MAX_EXECUTION_ERRORS if did_run else MAX_REQUEST_ERRORS]
            payload["errors"] = [format_error(error, record.request_id) for error in reported]
            for error in payload["errors"]:
                record.add_error(error["extensions"])
            if did_run and len(reported) < len(result.errors):
                extensions["errorsLeftOut"] = len(result.errors) - len(reported)
        if did_run:
            payload["data"] = result.data
        payload["extensions"] = extensions
        return requests.build_response(
            payload, media_type, 200 if did_run else _get_error_status(media_type)
        )


def _should_render_page(request: Request) -> bool:
    parameters = request.query_params
    return (
        request.method == "GET"
        and content_negotiation.prefers_html(request.headers.get("accept"))
        and not any(name in parameters for name in ("query", "extensions", "operationName"))
    )


def _make_method_not_allowed(methods: str) -> RequestRejected:
    rejection = RequestRejected(405, f"Allowed here: {methods}.")
    rejection.headers["Allow"] = methods
    return rejection


def _get_error_status(media_type: str) -> int:
    """Good HTTP with a request that cannot be run: `application/json` promises nothing but 200."""
    return 200 if media_type == JSON_TYPE else 400


def _to_rejection(error: ProviderError, media_type: str) -> RequestRejected:
    status = STATUS_BY_ERROR.get(type(error)) or _get_error_status(media_type)
    return RequestRejected(status, error.message, **build_extensions(error))


def _did_run(errors: list[GraphQLError] | None) -> bool:
    """Whether anything was executed: an error with a path comes out of a field."""
    return any(error.path for error in errors or ())


def prepare_html_response(page: str, content_security_policy: str) -> Callable[[], Response]:
    """The explorer's page, ready to be sent."""
    headers = {
        "Content-Security-Policy": content_security_policy,
        "Cache-Control": "no-cache",
        "Vary": "Accept",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
    }
    return lambda: HTMLResponse(page, headers=headers)
