"""A request's body: up to its limit, in time, and not too many on their way at once."""

import asyncio
from dataclasses import dataclass, field

from starlette.requests import ClientDisconnect, Request

from server.concurrency_limit import make_overloaded
from server.middleware.request_checks import BODY_TOO_LARGE, MAX_BODY_BYTES
from server.request_error import RequestRejected

BODY_TIMEOUT_SECONDS = 10
MAX_CONCURRENT_BODIES = 100


@dataclass
class BodyReader:
    """The bodies on their way.

    Of too many, the one that was waited for longest is given up: a body that is all there keeps
    coming in, however many others never do.
    """

    max_concurrent: int = MAX_CONCURRENT_BODIES
    pending: dict[asyncio.Timeout, None] = field(default_factory=dict[asyncio.Timeout, None])

    async def read(self, request: Request) -> bytes:
        """The whole of one."""
        timeout = asyncio.timeout(BODY_TIMEOUT_SECONDS)
        try:
            async with timeout:
                self._cancel_oldest_if_full()
                self.pending[timeout] = None
                return await _receive(request)
        except TimeoutError:
            timed_out = _make_closing_rejection(408, "The body did not arrive in time.")
            raise (timed_out if timeout in self.pending else make_overloaded()) from None
        finally:
            self.pending.pop(timeout, None)

    def _cancel_oldest_if_full(self) -> None:
        if len(self.pending) < self.max_concurrent:
            return
        longest = next(iter(self.pending))
        del self.pending[longest]
        if not longest.expired():
            longest.reschedule(asyncio.get_running_loop().time())


async def _receive(request: Request) -> bytes:
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > MAX_BODY_BYTES:
                raise _make_closing_rejection(BODY_TOO_LARGE.status, BODY_TOO_LARGE.message)
    except ClientDisconnect:
        raise RequestRejected(400, "The body did not arrive.") from None
    return bytes(body)


def _make_closing_rejection(status: int, message: str) -> RequestRejected:
    """A refusal that leaves the rest of the body unread."""
    rejection = RequestRejected(status, message)
    rejection.headers["Connection"] = "close"
    return rejection
