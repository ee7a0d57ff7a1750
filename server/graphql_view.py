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
from providers.kit.idempotency import Idempotency
from providers.kit.request_context import Operation
from resolvers.context import Context, Viewer
from resolvers.loaders import Loaders
from schema.errors import extensions_of, presented
from schema.federated_schema import Graph, Prepared
from server import content_negotiation
from server import graphql_request as requests
from server.apq import PersistedQueries, unknown
from server.authentication import Caller, Callers
from server.concurrency_limit import Load
from server.content_negotiation import JSON_TYPE
from server.graphql_request import GraphQLRequest
from server.limits.document import parsed
from server.limits.variables import hold_lists
from server.observability.operation_log import Entry, Journal
from server.operation_check import checked
from server.psn_passthrough import passed
from server.public_url import public_url
from server.query_reading.arguments import weighty
from server.request_body import Bodies
from server.request_error import Refused
from server.settings import Settings
from server.start_operation import begun

MOST_ERRORS = 5  # of a request of which nothing ran
MOST_FAILURES = 1_000  # of one that ran: of ten thousand alike nobody reads the last
# Variables in all sets of them with which a document is known to be in limits.
MOST_ALLOWED = 500
REFUSALS: dict[type[ProviderError], int] = {CallerUnauthenticated: 401, Forbidden: 403}


@dataclass(frozen=True)
class GraphQLView:
    """The endpoint. What Strawberry's own view lets through and the specification does not is
    refused here: see the tests of the same name, each of which fails on the stock view.
    """

    graph: Graph
    callers: Callers
    settings: Settings
    queries: PersistedQueries
    journal: Journal
    load: Load = field(default_factory=Load)
    bodies: Bodies = field(default_factory=Bodies)
    once: Idempotency = field(default_factory=Idempotency)
    page: Callable[[], Response] | None = None
    pass_through_only: bool = False  # PSN's own path knows PSN's operations and no others

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        request_id = scope.get("state", {}).get("request_id") or secrets.token_hex(8)
        with self.journal.entry(request.headers, request_id) as entry:
            response = await self.respond(request, entry)
            entry.status = response.status_code
        await response(scope, receive, send)

    async def respond(self, request: Request, entry: Entry) -> Response:
        """Answer whatever was sent."""
        media_type = JSON_TYPE
        try:
            if request.method not in ("GET", "POST"):
                raise _not_allowed("GET, POST")
            if self.page is not None and _asks_for_page(request):
                entry.silent = True
                return self.page()
            media_type = content_negotiation.negotiated(request.headers.get("accept"))
            requests.check_origin(request.headers, self.settings.cors_origins)
            return await self._run(request, media_type, entry)
        except Refused as refused:
            refusal = refused
        except ProviderError as error:
            refusal = _refused(error, media_type)
        entry.failed(refusal.extensions)
        return requests.refusal(refusal, media_type, entry.operation)

    async def _run(self, request: Request, media_type: str, entry: Entry) -> Response:
        """Who asks is known before his body is waited for, and takes a turn when it is there."""
        caller = self.callers.identify(request.headers)
        entry.caller = caller.name
        body = await self.bodies.read(request) if request.method == "POST" else b""
        with self.load.turn():
            return await self._answered(request, body, caller, media_type, entry)

    async def _answered(
        self, request: Request, body: bytes, caller: Caller, media_type: str, entry: Entry
    ) -> Response:
        asked = requests.asked_of(request, body)
        entry.asks(asked.query, asked.operation_name)
        operation = entry.operation = begun(request, self.settings, caller)
        straight = await passed(asked, caller.viewer, request.method)
        if straight is not None:
            entry.runs("pass_through")
            return straight
        if self.pass_through_only:
            raise unknown()
        text = await self._text(asked)
        entry.asks(text, asked.operation_name)
        try:
            prepared = self._prepared(asked, text, caller.viewer)
        except TooCostly as error:
            refused = GraphQLError(error.message, original_error=error)
            return self._answer(ExecutionResult(None, [refused]), operation, media_type, entry)
        node = None
        if prepared.document is not None:
            await self.queries.keep(asked)
            node = prepared.operation(asked.operation_name)
        if node is not None and request.method == "GET" and node.operation != OperationType.QUERY:
            raise _not_allowed("POST")
        if node is not None:
            entry.runs(node.operation.value, node.name.value if node.name else None)
        viewer = caller.viewer
        loaders = Loaders(viewer.clients, viewer.refusals)
        context = Context(viewer, loaders, self.once, public_url(self.settings, request.scope))
        result = await self.graph.run(prepared, asked.operation_name, asked.variables, context)
        await operation.settled()
        return self._answer(result, operation, media_type, entry)

    def _prepared(self, asked: GraphQLRequest, text: str, viewer: Viewer) -> Prepared:
        """The document, held against the limits before anything of it runs."""
        prepared = self.graph.prepare(text, parsed)
        if prepared.document is None:
            return prepared
        operation = prepared.operation(asked.operation_name)
        hold_lists(operation, asked.variables)
        linked = frozenset(account.source.name for account in viewer.accounts)
        key = (asked.operation_name, weighty(operation, asked.variables), linked)
        if key not in prepared.allowed:
            schema, limits = self.graph.executable, self.settings.limits
            checked(prepared.document, operation, asked.variables, schema, limits, linked)
            if (len(prepared.allowed) + 1) * (len(key[1]) + 1) <= MOST_ALLOWED:
                prepared.allowed.add(key)
        return prepared

    async def _text(self, asked: GraphQLRequest) -> str:
        text = await self.queries.text(asked)
        if text is None:
            raise Refused(400, "query is missing.", argument="query")
        return text

    def _answer(
        self, result: ExecutionResult, operation: Operation, media_type: str, entry: Entry
    ) -> Response:
        members: dict[str, Any] = {}
        extensions: dict[str, Any] = {"upstream": operation.summary()}
        ran = result.data is not None or _ran(result.errors)
        if result.errors:
            told = result.errors[: MOST_FAILURES if ran else MOST_ERRORS]
            members["errors"] = [presented(error, entry.request_id) for error in told]
            for error in members["errors"]:
                entry.failed(error["extensions"])
            if ran and len(told) < len(result.errors):
                extensions["errorsLeftOut"] = len(result.errors) - len(told)
        if ran:
            members["data"] = result.data
        members["extensions"] = extensions
        return requests.answer(members, media_type, 200 if ran else _not_run(media_type))


def _asks_for_page(request: Request) -> bool:
    given = request.query_params
    return (
        request.method == "GET"
        and content_negotiation.prefers_html(request.headers.get("accept"))
        and not any(name in given for name in ("query", "extensions", "operationName"))
    )


def _not_allowed(methods: str) -> Refused:
    refused = Refused(405, f"Allowed here: {methods}.")
    refused.headers["Allow"] = methods
    return refused


def _not_run(media_type: str) -> int:
    """Good HTTP with a request that cannot be run: `application/json` promises nothing but 200."""
    return 200 if media_type == JSON_TYPE else 400


def _refused(error: ProviderError, media_type: str) -> Refused:
    status = REFUSALS.get(type(error)) or _not_run(media_type)
    return Refused(status, error.message, **extensions_of(error))


def _ran(errors: list[GraphQLError] | None) -> bool:
    """Whether anything was executed: an error with a path comes out of a field."""
    return any(error.path for error in errors or ())


def html(page: str, policy: str) -> Callable[[], Response]:
    """The explorer's page, ready to be sent."""
    headers = {
        "Content-Security-Policy": policy,
        "Cache-Control": "no-cache",
        "Vary": "Accept",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
    }
    return lambda: HTMLResponse(page, headers=headers)
