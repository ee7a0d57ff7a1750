"""The guard before everything else: what is refused unseen, and what every answer has."""

import logging
import secrets
import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.middleware.allowed_hosts import ANY, Hosts
from server.middleware.request_checks import (
    CLOSE,
    FAILED,
    Headers,
    Refusal,
    headers_of,
    refusal,
    told,
)

log = logging.getLogger("trophycase.guard")

REQUEST_ID = b"x-request-id"
ADDED = (
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
)


class Broken(Exception):
    """An answer that broke off: the server has to close the connection."""


@dataclass
class Guard:
    """Refuses what should never reach the application inside.

    While draining, requests that still come are answered, on connections that then close.
    """

    app: ASGIApp
    hosts: Hosts = ANY
    draining: Callable[[], bool] = lambda: False
    refused: Callable[[str], None] = lambda _code: None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        answer = Answer(send, secrets.token_hex(8), closes=self.draining())
        scope.setdefault("state", {})["request_id"] = answer.request_id
        refused = refusal(scope) or self.hosts.refusal(scope)
        if refused is None:
            await self._run(scope, receive, answer)
            return
        self.refused(refused.code)
        await _say(refused, answer)

    async def _run(self, scope: Scope, receive: Receive, answer: "Answer") -> None:
        try:
            await self.app(scope, receive, answer)
        except Exception as error:  # noqa: BLE001 - whatever it was, its text stays here
            log.error("unexpected %s", _where(error, answer.request_id))  # noqa: TRY400 - likewise
            if answer.started:
                raise Broken from None
            await _say(FAILED, answer)


@dataclass
class Answer:
    """Sends an answer with the headers that every one of them has."""

    send: Send
    request_id: str
    closes: bool
    started: bool = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            message = {**message, "headers": self._completed(message.get("headers", ()))}
        await self.send(message)

    def _completed(self, headers: Iterable[tuple[bytes, bytes]]) -> Headers:
        kept = [(name, value) for name, value in headers if name.lower() != REQUEST_ID]
        present = {name.lower() for name, _ in kept}
        added = (*ADDED, CLOSE) if self.closes else ADDED
        missing = [(name, value) for name, value in added if name not in present]
        return [*kept, *missing, (REQUEST_ID, self.request_id.encode())]


async def _say(refused: Refusal, answer: Answer) -> None:
    body = told(refused, answer.request_id)
    headers = headers_of(refused, body)
    await answer({"type": "http.response.start", "status": refused.status, "headers": headers})
    await answer({"type": "http.response.body", "body": body})


def _where(error: Exception, request_id: str) -> str:
    """Its type and the frames it came through; no message, which may hold a secret."""
    frames = reversed(traceback.extract_tb(error.__traceback__)[-6:])
    path = " < ".join(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames)
    return f"{type(error).__name__} ({request_id}): {path}"
