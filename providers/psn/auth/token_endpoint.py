"""Talking to the sign-in host: each question once, and what its answers mean."""

import asyncio
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import httpx

from providers.errors import BadResponse, RateLimited, Unavailable
from providers.kit.request_context import build_timeout_error
from providers.kit.upstream.decode import build_unreadable_error
from providers.kit.upstream.upstream_client import UpstreamResponse, parse_retry_after
from providers.psn.auth.models import OAuthErrorResponse
from providers.psn.urls import SOURCE

CONNECT_TIMEOUT_SECONDS, TOTAL_TIMEOUT_SECONDS = 2.0, 10.0
MAX_BODY_BYTES = 64 * 1024
DEFAULT_PAUSE_SECONDS = 300
OK, FORBIDDEN, TOO_MANY_REQUESTS, SERVER_ERROR = 200, 403, 429, 500


class SignInRejected(Exception):
    """The sign-in host said no and means it: asking again will not help."""

    def __init__(self, error: str | None, code: int | None = None) -> None:
        super().__init__(error)
        self.error = error
        self.code = code


@dataclass
class AuthorizationServer:
    """The sign-in host. Not paced nor counted with the API's calls.

    When it asks to wait, all wait: it means this server, whoever was signing in.
    """

    http_client: httpx.AsyncClient = field(repr=False)
    base_url: str
    _paused_until: float = 0

    async def request_once(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        form: dict[str, str] | None = None,
    ) -> UpstreamResponse:
        """One request; a throttled, refused or broken host is raised, a refused person is not."""
        # Not built by the shared client: it would add cookies that another sign-in was given.
        request = httpx.Request(
            method,
            self.base_url + path,
            params=params,
            headers={
                "User-Agent": self.http_client.headers.get("User-Agent", "trophycase"),
                "Accept": "application/json",
                "Accept-Encoding": "identity",
                **(headers or {}),
            },
            data=form,
            extensions={
                "timeout": httpx.Timeout(
                    TOTAL_TIMEOUT_SECONDS, connect=CONNECT_TIMEOUT_SECONDS
                ).as_dict()
            },
        )
        if (remaining_seconds := self._paused_until - time.monotonic()) > 0:
            raise _build_rate_limited(remaining_seconds)
        reply = await self._exchange(request)
        if reply.status == TOO_MANY_REQUESTS:
            wait_seconds = parse_retry_after(reply.headers) or DEFAULT_PAUSE_SECONDS
            self._paused_until = time.monotonic() + wait_seconds
            raise _build_rate_limited(wait_seconds)
        _check_available(reply)
        return reply

    async def _exchange(self, request: httpx.Request) -> UpstreamResponse:
        try:
            async with asyncio.timeout(TOTAL_TIMEOUT_SECONDS):
                response = await self.http_client.send(request, stream=True, follow_redirects=False)
                try:
                    body = await _read_body(response)
                finally:
                    await response.aclose()
        except (TimeoutError, httpx.TimeoutException):
            raise build_timeout_error(SOURCE) from None
        except (httpx.HTTPError, httpx.InvalidURL):
            raise Unavailable("PSN's sign-in cannot be reached.", source=SOURCE) from None
        return UpstreamResponse(response.status_code, response.headers, body, SOURCE)


def check_accepted(reply: UpstreamResponse) -> UpstreamResponse:
    """The reply when it is what was asked for; else the refusal it tells."""
    if not reply.is_json:
        raise build_unreadable_error(SOURCE)
    if reply.status != OK:
        raise parse_rejection(reply)
    return reply


def parse_rejection(reply: UpstreamResponse) -> SignInRejected:
    """Why there is no token: by error and code, for the wording changes."""
    try:
        error_response = reply.decode(OAuthErrorResponse)
    except BadResponse:
        error_response = OAuthErrorResponse()
    return SignInRejected(error_response.error, error_response.code)


async def _read_body(response: httpx.Response) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise build_unreadable_error(SOURCE)
    return bytes(body)


def _build_rate_limited(seconds: float) -> RateLimited:
    message = "PSN's sign-in asks to wait."
    return RateLimited(message, source=SOURCE, retry_after=math.ceil(seconds))


def _check_available(reply: UpstreamResponse) -> None:
    """What says nothing about the credential: the edge, a broken service."""
    if reply.status >= SERVER_ERROR or (reply.status == FORBIDDEN and not reply.is_json):
        raise Unavailable("PSN's sign-in does not answer this server.", source=SOURCE)
