"""A request's body: up to its limit, in time, and not too many on their way at once."""

import asyncio
from dataclasses import dataclass, field

from starlette.requests import ClientDisconnect, Request

from server.concurrency_limit import overloaded
from server.middleware.request_checks import BODY_TOO_LARGE, LARGEST_BODY
from server.request_error import Refused

SECONDS = 10
MOST_AT_ONCE = 100


@dataclass
class Bodies:
    """The bodies on their way.

    Of too many, the one that was waited for longest is given up: a body that is all there keeps
    coming in, however many others never do.
    """

    at_once: int = MOST_AT_ONCE
    awaited: dict[asyncio.Timeout, None] = field(default_factory=dict[asyncio.Timeout, None])

    async def read(self, request: Request) -> bytes:
        """The whole of one."""
        patience = asyncio.timeout(SECONDS)
        try:
            async with patience:
                self._make_room()
                self.awaited[patience] = None
                return await _received(request)
        except TimeoutError:
            late = _cut_off(408, "The body did not arrive in time.")
            raise (late if patience in self.awaited else overloaded()) from None
        finally:
            self.awaited.pop(patience, None)

    def _make_room(self) -> None:
        if len(self.awaited) < self.at_once:
            return
        longest = next(iter(self.awaited))
        del self.awaited[longest]
        if not longest.expired():
            longest.reschedule(asyncio.get_running_loop().time())


async def _received(request: Request) -> bytes:
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > LARGEST_BODY:
                raise _cut_off(BODY_TOO_LARGE.status, BODY_TOO_LARGE.message)
    except ClientDisconnect:
        raise Refused(400, "The body did not arrive.") from None
    return bytes(body)


def _cut_off(status: int, message: str) -> Refused:
    """A refusal that leaves the rest of the body unread."""
    refused = Refused(status, message)
    refused.headers["Connection"] = "close"
    return refused
