"""Talking to the sign-in host: each question once, and what its answers mean."""

import asyncio
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import httpx

from providers.errors import BadResponse, RateLimited, Unavailable
from providers.kit.request_context import late
from providers.kit.upstream.decode import unreadable
from providers.kit.upstream.upstream_client import Reply, wait_of
from providers.psn.auth.models import Refused
from providers.psn.urls import SOURCE

CONNECT_SECONDS, TOTAL_SECONDS = 2.0, 10.0
LARGEST_BODY = 64 * 1024
PAUSE = 300
OK, FORBIDDEN, TOO_MANY, FAILING = 200, 403, 429, 500


class Refusal(Exception):
    """The sign-in host said no and means it: asking again will not help."""

    def __init__(self, error: str | None, code: int | None = None) -> None:
        super().__init__(error)
        self.error = error
        self.code = code


@dataclass
class AuthHost:
    """The sign-in host. Not paced nor counted with the API's calls.

    When it asks to wait, all wait: it means this server, whoever was signing in.
    """

    http: httpx.AsyncClient = field(repr=False)
    address: str
    _quiet_until: float = 0

    async def ask(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        form: dict[str, str] | None = None,
    ) -> Reply:
        """One request; a throttled, refused or broken host is raised, a refused person is not."""
        # Not built by the shared client: it would add cookies that another sign-in was given.
        request = httpx.Request(
            method,
            self.address + path,
            params=params,
            headers={
                "User-Agent": self.http.headers.get("User-Agent", "trophycase"),
                "Accept": "application/json",
                "Accept-Encoding": "identity",
                **(headers or {}),
            },
            data=form,
            extensions={"timeout": httpx.Timeout(TOTAL_SECONDS, connect=CONNECT_SECONDS).as_dict()},
        )
        if (left := self._quiet_until - time.monotonic()) > 0:
            raise _waiting(left)
        reply = await self._exchange(request)
        if reply.status == TOO_MANY:
            wait = wait_of(reply.headers) or PAUSE
            self._quiet_until = time.monotonic() + wait
            raise _waiting(wait)
        _check_failing(reply)
        return reply

    async def _exchange(self, request: httpx.Request) -> Reply:
        try:
            async with asyncio.timeout(TOTAL_SECONDS):
                response = await self.http.send(request, stream=True, follow_redirects=False)
                try:
                    body = await _body(response)
                finally:
                    await response.aclose()
        except (TimeoutError, httpx.TimeoutException):
            raise late(SOURCE) from None
        except (httpx.HTTPError, httpx.InvalidURL):
            raise Unavailable("PSN's sign-in cannot be reached.", source=SOURCE) from None
        return Reply(response.status_code, response.headers, body, SOURCE)


def accepted(reply: Reply) -> Reply:
    """The reply when it is what was asked for; else the refusal it tells."""
    if not reply.is_json:
        raise unreadable(SOURCE)
    if reply.status != OK:
        raise refusal(reply)
    return reply


def refusal(reply: Reply) -> Refusal:
    """Why there is no token: by error and code, for the wording changes."""
    try:
        refused = reply.decode(Refused)
    except BadResponse:
        refused = Refused()
    return Refusal(refused.error, refused.code)


async def _body(response: httpx.Response) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > LARGEST_BODY:
            raise unreadable(SOURCE)
    return bytes(body)


def _waiting(seconds: float) -> RateLimited:
    message = "PSN's sign-in asks to wait."
    return RateLimited(message, source=SOURCE, retry_after=math.ceil(seconds))


def _check_failing(reply: Reply) -> None:
    """What says nothing about the credential: the edge, a broken service."""
    if reply.status >= FAILING or (reply.status == FORBIDDEN and not reply.is_json):
        raise Unavailable("PSN's sign-in does not answer this server.", source=SOURCE)
