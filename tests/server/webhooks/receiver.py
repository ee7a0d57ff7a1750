"""A receiver of webhooks: an application that records what it gets, and fails on request."""

import asyncio
import base64
import hashlib
import hmac
import json
from collections import deque
from dataclasses import dataclass, field
from typing import Any

import httpx
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from server.webhooks.sender import WebhookSender

PUBLIC_ADDRESS = "93.184.216.34"
HANG = 0


@dataclass(frozen=True)
class Received:
    """A request, as it arrived."""

    url: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def is_signed_with(self, secret: str) -> bool:
        """Verify the signature as the libraries of Standard Webhooks do."""
        key = base64.b64decode(secret.removeprefix("whsec_"))
        identity = f"{self.headers['webhook-id']}.{self.headers['webhook-timestamp']}."
        digest = hmac.new(key, identity.encode() + self.body, hashlib.sha256).digest()
        versions = (each.split(",") for each in self.headers["webhook-signature"].split(" "))
        return any(
            version == "v1" and hmac.compare_digest(base64.b64decode(text), digest)
            for version, text in versions
        )


@dataclass
class Receiver:
    """The application. `answers` are the next statuses; 0 never answers. After them it is 204."""

    answers: deque[int] = field(default_factory=deque[int])
    headers: dict[str, str] = field(default_factory=dict[str, str])
    requests: list[Received] = field(default_factory=list[Received])
    status: int = 204

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        body = await request.body()
        self.requests.append(Received(str(request.url), dict(request.headers), body))
        status = self.answers.popleft() if self.answers else self.status
        if status == HANG:
            await asyncio.Event().wait()
        await Response(status_code=status, headers=self.headers)(scope, receive, send)

    @property
    def bodies(self) -> list[Any]:
        return [each.json for each in self.requests]

    def create_sender(self) -> WebhookSender:
        """Create a sender whose network is this application."""
        return WebhookSender(
            resolver=_resolve_to_public_address, transport=lambda: httpx.ASGITransport(self)
        )


async def _resolve_to_public_address(_host: str, _port: int) -> list[str]:
    return [PUBLIC_ADDRESS]
