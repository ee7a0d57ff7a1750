"""The new unlocks of a page's accounts, as server-sent events for its script."""

from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from providers.errors import ProviderError
from server.graphql_request import build_error_response
from server.live.event_stream import EventStream
from server.observability.operation_log import OperationRecord, get_request_id
from server.operation_runner import make_method_not_allowed
from server.pages.page_services import PageServices, PageSubject
from server.request_error import RequestRejected


@dataclass(frozen=True)
class UnlockEvents:
    """The endpoint of an event stream; `after` in the query is the cursor of an earlier event.

    Each event is a result of the subscription `unlocked`, as `/graphql` sends it.
    """

    services: PageServices
    find_subject: Callable[[Request], PageSubject]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        log = self.services.client.operation_log
        with log.record_operation(request, get_request_id(request)) as record:
            response = await self._respond(request, record)
            record.status = response.status_code
            if isinstance(response, EventStream):  # whose line is written at its end
                await response(scope, receive, send)
                return
        await response(scope, receive, send)

    async def _respond(self, request: Request, record: OperationRecord) -> Response:
        try:
            if request.method != "GET":
                raise make_method_not_allowed("GET")
            subject = self.find_subject(request)
        except (RequestRejected, ProviderError) as error:
            rejection = RequestRejected.from_error(error)
        else:
            variables = {
                "accounts": subject.account_inputs,
                "after": request.query_params.get("after") or None,
            }
            client = self.services.client
            return await client.open_events(request, subject.caller, "unlocked", variables, record)
        record.add_error(rejection.extensions)
        return build_error_response(rejection)
