"""Runs this server's own operations for its pages, as a POST of their caller would."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from graphql import parse, print_ast, separate_operations
from starlette.requests import Request
from starlette.responses import Response

from providers.errors import ProviderError
from providers.kit.freshness import Freshness
from server.authentication import Caller
from server.concurrency_limit import ConcurrencyLimit
from server.content_negotiation import GRAPHQL_TYPE
from server.graphql_request import GraphQLRequest, build_error_response
from server.graphql_response import to_rejection
from server.live.event_stream import TRANSPORT as SSE
from server.live.event_stream import EventStreams
from server.observability.operation_log import OperationLog, OperationRecord, get_request_id
from server.operation_runner import OperationRunner, ReceivedOperation, StartedSubscription
from server.request_error import RequestRejected
from server.response_parts import read_body

MAX_CONCURRENT_PAGES = 100
# Of public pages, so that their visitors leave room for callers with keys.
MAX_CONCURRENT_PUBLIC_PAGES = 40
OPERATIONS = Path(__file__).with_name("operations")
FRAGMENTS = "fragments"


class Failure(msgspec.Struct):
    """An error of an operation, as its response shows it."""

    message: str
    extensions: dict[str, Any]

    @property
    def code(self) -> str:
        return str(self.extensions["code"])


class _Body(msgspec.Struct):
    data: dict[str, Any] | None = None
    errors: tuple[Failure, ...] = ()


@dataclass(frozen=True)
class Answer:
    """The result of an operation: its data, its errors, and how long it is fresh."""

    data: Mapping[str, Any]
    errors: tuple[Failure, ...] = ()
    freshness: Freshness | None = None


@dataclass(frozen=True)
class PageClient:
    """Executes the operations of `operations/` for a page's caller.

    They have the limits, the cost, the masking, the deadline and the line in the log of any other
    operation. Visitors of pages have places of their own.
    """

    runner: OperationRunner
    operation_log: OperationLog
    event_streams: EventStreams
    limit: ConcurrencyLimit = field(
        default_factory=lambda: ConcurrencyLimit(MAX_CONCURRENT_PAGES, MAX_CONCURRENT_PUBLIC_PAGES)
    )

    async def execute(
        self, request: Request, caller: Caller, name: str, variables: Mapping[str, Any]
    ) -> Answer:
        """Run a query; to run several at once, run each in a task of its own."""
        with self.operation_log.record_operation(request, get_request_id(request)) as record:
            response = await self._respond(request, caller, name, variables, record)
            record.status = response.status_code
        context = record.request_context
        body = msgspec.json.decode(read_body(response), type=_Body)
        return Answer(body.data or {}, body.errors, None if context is None else context.freshness)

    async def open_events(
        self,
        request: Request,
        caller: Caller,
        name: str,
        variables: Mapping[str, Any],
        record: OperationRecord,
    ) -> Response:
        """Return the event stream of a subscription, or the response with what prevents it."""
        record.transport = SSE
        return await self._respond(request, caller, name, variables, record)

    async def _respond(
        self,
        request: Request,
        caller: Caller,
        name: str,
        variables: Mapping[str, Any],
        record: OperationRecord,
    ) -> Response:
        record.caller = caller.name
        received = ReceivedOperation(
            Request({**request.scope, "method": "GET"}),  # a HEAD has the headers of its GET
            GraphQLRequest(load_operation(name), variables=dict(variables)),
            caller,
            GRAPHQL_TYPE,
            record,
            can_stream=record.transport == SSE,
            is_own=True,
        )
        try:
            self.runner.begin(received)
            result = await self.runner.run(received)
            if isinstance(result, StartedSubscription):
                return await self.event_streams.open(result)
        except RequestRejected as error:
            rejection = error
        except ProviderError as error:
            rejection = to_rejection(error, GRAPHQL_TYPE)
        else:
            return result
        record.add_error(rejection.extensions)
        return build_error_response(rejection, GRAPHQL_TYPE, record.request_context)


@cache
def load_operation(name: str) -> str:
    """Return the text of one of the operations of pages, with the fragments that it uses."""
    texts = ((OPERATIONS / f"{each}.graphql").read_text("utf-8") for each in (name, FRAGMENTS))
    (document,) = separate_operations(parse("\n".join(texts))).values()
    return print_ast(document)
