"""Beginning an operation: its deadline, its language, and who pays for it."""

import time

from starlette.requests import Request

from providers.kit.request_context import Operation, begin
from server.authentication import Caller
from server.content_negotiation import language
from server.settings import Settings


def begun(request: Request, settings: Settings, caller: Caller) -> Operation:
    """The operation of this request, from here on the current one."""
    operation = Operation(
        deadline=time.monotonic() + settings.deadline,
        language=language(request.headers.get("accept-language")),
        fresh="no-cache" in request.headers.get("cache-control", "").lower(),
        caller=caller.name,
        spend=caller.spend,
    )
    begin(operation)
    return operation
