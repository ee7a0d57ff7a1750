"""Requests to PSN's authorization server: each sent once, and the errors its responses mean."""

import asyncio
import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import httpx

from providers.errors import BadResponse, RateLimited, Unavailable
from providers.kit.instrumentation import Instrumentation, Purpose
from providers.kit.request_context import build_timeout_error
from providers.kit.upstream.decode import build_unreadable_error
from providers.kit.upstream.response_body import BodyError, read_body
from providers.kit.upstream.transport.received_response import get_fields
from providers.kit.upstream.upstream_client import UpstreamResponse, parse_retry_after
from providers.kit.upstream.user_agent import USER_AGENT
from providers.psn.auth.models import OAuthErrorResponse
from providers.psn.auth.sign_in_pauses import Requester, SignInPauses
from providers.psn.urls import SOURCE

TOTAL_TIMEOUT_SECONDS = 10.0
TIMEOUT = httpx.Timeout(TOTAL_TIMEOUT_SECONDS, connect=2.0)
DEFAULT_HEADERS = {
    "User-Agent": USER_AGENT,
    "Accept": "application/json",
    "Accept-Encoding": "identity",
}
MAX_BODY_BYTES = 64 * 1024
DEFAULT_PAUSE_SECONDS = 300
OK, FORBIDDEN, TOO_MANY_REQUESTS, SERVER_ERROR = 200, 403, 429, 500


class SignInRejected(Exception):
    """The authorization server rejects the credential; repeating the request would not help."""

    def __init__(self, error: str | None, code: int | None = None) -> None:
        super().__init__(error)
        self.error = error
        self.code = code


@dataclass
class AuthorizationServer:
    """PSN's authorization server; its requests count neither as upstream calls nor for the rate.

    A 429 limits this server, not a credential, so that it pauses other sign-ins as well; but what
    callers cause does not pause the operator's.
    """

    transport: httpx.AsyncBaseTransport = field(repr=False)
    base_url: str
    pauses: SignInPauses = field(default_factory=SignInPauses, repr=False)
    instrumentation: Instrumentation = field(default_factory=Instrumentation, repr=False)

    async def request_once(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        form: dict[str, str] | None = None,
        requester: Requester = Requester.OPERATOR,
    ) -> UpstreamResponse:
        """Send one request and return the response, a rejected credential too.

        Raise `RateLimited`, `TimedOut` or `Unavailable` for what is not about the credential.
        """
        if (remaining_seconds := self.pauses.get_remaining_seconds(requester)) > 0:
            raise _build_rate_limited(remaining_seconds)
        request = httpx.Request(
            method,
            self.base_url + path,
            params=params,
            headers={**DEFAULT_HEADERS, **(headers or {})},
            data=form,
            extensions={"timeout": TIMEOUT.as_dict()},
        )
        reply = await self._send(request)
        if reply.status == TOO_MANY_REQUESTS:
            wait_seconds = parse_retry_after(reply.headers) or DEFAULT_PAUSE_SECONDS
            raise _build_rate_limited(self.pauses.pause(requester, wait_seconds))
        self.pauses.end(requester)
        _check_available(reply)
        return reply

    async def _send(self, request: httpx.Request) -> UpstreamResponse:
        host = request.url.netloc.decode()
        with self.instrumentation.trace_request(
            Purpose.SIGN_IN, SOURCE, request.method, host
        ) as traced:
            request.headers.update(traced.headers or {})
            reply = await self._exchange(request)
            traced.status = reply.status
        return reply

    async def _exchange(self, request: httpx.Request) -> UpstreamResponse:
        try:
            async with asyncio.timeout(TOTAL_TIMEOUT_SECONDS):
                response = await self.transport.handle_async_request(request)
                body = await read_body(response, MAX_BODY_BYTES)
        except BodyError:
            raise build_unreadable_error(SOURCE) from None
        except (TimeoutError, httpx.TimeoutException):
            raise build_timeout_error(SOURCE) from None
        except (httpx.HTTPError, httpx.InvalidURL):
            message = "PSN's sign-in server cannot be reached."
            raise Unavailable(message, source=SOURCE) from None
        return UpstreamResponse(response.status_code, get_fields(response), body, SOURCE)


def check_accepted(reply: UpstreamResponse) -> UpstreamResponse:
    """Return the response if it is a success; raise `SignInRejected` if it is a rejection."""
    if not reply.is_json:
        raise build_unreadable_error(SOURCE)
    if reply.status != OK:
        raise parse_rejection(reply)
    return reply


def parse_rejection(reply: UpstreamResponse) -> SignInRejected:
    """Parse the OAuth error of a response; one that cannot be read has neither error nor code."""
    try:
        error_response = reply.decode(OAuthErrorResponse)
    except BadResponse:
        error_response = OAuthErrorResponse()
    return SignInRejected(error_response.error, error_response.code)


def _build_rate_limited(seconds: float) -> RateLimited:
    message = "PSN's sign-in server limits this server's requests: try again later."
    return RateLimited(message, source=SOURCE, retry_after=math.ceil(seconds))


def _check_available(reply: UpstreamResponse) -> None:
    # An HTML 403 comes from the CDN and says nothing about the credential.
    if reply.status >= SERVER_ERROR or (reply.status == FORBIDDEN and not reply.is_json):
        message = "PSN's sign-in server fails or blocks this server: try again later."
        raise Unavailable(message, source=SOURCE)
