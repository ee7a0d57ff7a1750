"""GraphQL over HTTP: the endpoint that executes one operation per request."""

from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from providers.errors import ProviderError
from server import content_negotiation
from server import graphql_request as requests
from server.apq import make_query_not_found
from server.authentication import Authenticator, Caller, get_client_address
from server.content_negotiation import EVENT_STREAM_TYPE, JSON_TYPE
from server.documents.document_request import find_document, insert_document
from server.documents.trusted_documents import TrustedDocument, TrustedDocuments
from server.graphql_request import GraphQLRequest
from server.graphql_response import to_rejection
from server.live.event_stream import TRANSPORT as SSE
from server.live.event_stream import EventStream, EventStreams, build_single_event
from server.observability.operation_log import OperationLog, OperationRecord, get_request_id
from server.operation_runner import (
    OperationRunner,
    ReceivedOperation,
    StartedSubscription,
    make_method_not_allowed,
)
from server.psn_passthrough import try_pass_through
from server.request_body import BodyReader
from server.request_error import RequestRejected
from server.request_headers import get_header
from server.response_parts import read_body
from server.shared_response import shorten_unchanged

OK = 200
OPERATION_PARAMETERS = ("query", "extensions", "operationName")


@dataclass(frozen=True)
class GraphQLView:
    """The GraphQL endpoint.

    It is stricter than Strawberry's own view, which accepts requests that the specification
    forbids.
    """

    runner: OperationRunner
    authenticator: Authenticator
    operation_log: OperationLog
    event_streams: EventStreams
    body_reader: BodyReader = field(default_factory=BodyReader)
    explorer: Callable[[], Response] | None = None
    pass_through_only: bool = False  # at PSN's own path only PSN's operations are known

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        with self.operation_log.record_operation(request, get_request_id(request)) as record:
            response = await self.respond(request, record)
            record.status = response.status_code
            if isinstance(response, EventStream):  # whose line is written at its end
                await response(scope, receive, send)
                return
        await response(scope, receive, send)

    async def respond(self, request: Request, record: OperationRecord) -> Response:
        """Return the response to any request; errors become a response as well."""
        media_type, method = JSON_TYPE, request.method
        try:
            if method not in ("GET", "POST"):
                raise make_method_not_allowed("GET, POST")
            if method == "GET" and self.explorer and _should_render_page(request):
                record.is_silent = True
                return self.explorer()
            media_type = content_negotiation.negotiate(get_header(request.scope, b"accept"))
            if media_type == EVENT_STREAM_TYPE:
                record.transport = SSE
            return await self._handle_request(request, media_type, record)
        except RequestRejected as error:
            rejection = error
        except ProviderError as error:
            rejection = to_rejection(error, _get_error_type(media_type))
        record.add_error(rejection.extensions)
        response = requests.build_error_response(
            rejection, _get_error_type(media_type), record.request_context
        )
        if media_type == EVENT_STREAM_TYPE and rejection.status == OK:
            return build_single_event(read_body(response))
        return response

    async def _handle_request(
        self, request: Request, media_type: str, record: OperationRecord
    ) -> Response:
        # The caller is known before the body is awaited, and a slot is taken only after it.
        document = find_document(request, self._documents)
        caller = self._authenticate(request, document)
        record.caller = caller.name
        body = await self.body_reader.read(request) if request.method == "POST" else b""
        with self.runner.concurrency_limit.slot(is_stranger=caller.is_stranger):
            graphql_request = requests.parse_request(request, body)
            if document is not None:
                graphql_request = insert_document(graphql_request, document)
            return await self._respond_to(request, graphql_request, caller, media_type, record)

    @property
    def _documents(self) -> TrustedDocuments:
        return self.runner.persisted_queries.trusted

    def _authenticate(self, request: Request, document: TrustedDocument | None) -> Caller:
        headers, address = request.headers, get_client_address(request)
        if document is not None and document.is_query and self._documents.are_public:
            return self.authenticator.authenticate_reader(headers, address)
        return self.authenticator.authenticate(headers, address)

    async def _respond_to(
        self,
        request: Request,
        graphql_request: GraphQLRequest,
        caller: Caller,
        media_type: str,
        record: OperationRecord,
    ) -> Response:
        accept = get_header(request.scope, b"accept")
        received = ReceivedOperation(
            request,
            graphql_request,
            caller,
            media_type,
            record,
            can_stream=content_negotiation.accepts_event_stream(accept),
            is_response=media_type != EVENT_STREAM_TYPE,
        )
        self.runner.begin(received)
        if self._may_pass_through(received):
            passed_through = await try_pass_through(graphql_request, caller.viewer, request.method)
            if passed_through is not None:
                record.mark_executed("pass_through")
                return passed_through
        if self.pass_through_only:
            raise make_query_not_found()
        result = await self.runner.run(received)
        if isinstance(result, StartedSubscription):
            return await self.event_streams.open(result)
        if media_type == EVENT_STREAM_TYPE:
            return build_single_event(read_body(result))
        return shorten_unchanged(request, result)

    def _may_pass_through(self, received: ReceivedOperation) -> bool:
        """Return whether an operation is one of PSN's if its hash is; one with a text never is."""
        return (
            received.graphql_request.query is None
            and received.is_response
            and not self._documents.are_exclusive
        )


def _get_error_type(media_type: str) -> str:
    """Return the media type of an error: what is wrong with a request itself is never an event."""
    return JSON_TYPE if media_type == EVENT_STREAM_TYPE else media_type


def _should_render_page(request: Request) -> bool:
    return content_negotiation.prefers_html(get_header(request.scope, b"accept")) and not any(
        request.query_params.get(name) for name in OPERATION_PARAMETERS
    )
