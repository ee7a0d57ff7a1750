"""Reading of request bodies, with limits on their size, duration and number."""

import asyncio
from dataclasses import dataclass, field

from starlette.requests import Request

from providers.kit.started import Started, start
from server.concurrency_limit import make_overloaded
from server.middleware.request_checks import BODY_TOO_LARGE, MAX_BODY_BYTES
from server.request_error import RequestRejected

BODY_TIMEOUT_SECONDS = 10
MAX_CONCURRENT_BODIES = 100


@dataclass
class BodyReader:
    """Reads bodies, at most `max_concurrent` at once.

    Over that limit the body that has been awaited longest is given up, so that complete bodies
    still arrive while any number of others never do.
    """

    max_concurrent: int = MAX_CONCURRENT_BODIES
    pending: dict[asyncio.Timeout, None] = field(default_factory=dict[asyncio.Timeout, None])

    async def read(self, request: Request, max_bytes: int = MAX_BODY_BYTES) -> bytes:
        """Return the whole body; reject a request whose body is late, incomplete or too large."""
        if len(self.pending) >= self.max_concurrent:
            self._cancel_oldest()
        receiving = start(_receive(request, max_bytes))
        if not isinstance(receiving, Started):  # it has arrived already, and needs no timer
            return receiving
        timeout = asyncio.timeout(BODY_TIMEOUT_SECONDS)
        try:
            async with timeout:
                self.pending[timeout] = None
                return await receiving
        except TimeoutError:
            timed_out = _make_closing_rejection(408, "The body did not arrive in time.")
            raise (timed_out if timeout in self.pending else make_overloaded()) from None
        finally:
            self.pending.pop(timeout, None)

    def _cancel_oldest(self) -> None:
        oldest = next(iter(self.pending))
        del self.pending[oldest]
        if not oldest.expired():
            oldest.reschedule(asyncio.get_running_loop().time())


async def _receive(request: Request, max_bytes: int) -> bytes:
    body, has_more = bytearray(), True
    while has_more:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise RequestRejected(400, "The body is incomplete.")
        body += message.get("body", b"")
        has_more = message.get("more_body", False)
        if len(body) > max_bytes:
            raise _make_closing_rejection(BODY_TOO_LARGE.status, _explain_limit(max_bytes))
    return bytes(body)


def _explain_limit(max_bytes: int) -> str:
    return (
        BODY_TOO_LARGE.message
        if max_bytes == MAX_BODY_BYTES
        else f"The body must not be larger than {max_bytes // 1024} KiB."
    )


def _make_closing_rejection(status: int, message: str) -> RequestRejected:
    """Build a rejection after which the rest of the body is not read."""
    rejection = RequestRejected(status, message)
    rejection.headers["Connection"] = "close"
    return rejection
