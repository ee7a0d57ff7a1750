"""A subscriber of a running server, which reads its events in virtual time."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from starlette.datastructures import Headers
from starlette.requests import Request

from providers.errors import ProviderError
from schema.federated_schema import ResponseStream
from server.limits.document import parse_document
from server.operation_runner import OperationRunner
from server.start_operation import start_operation
from tests.harness import RunningServer

EVENT = """
    subscription ($accounts: [AccountInput!], $after: String) {
      achievementUnlocked(accounts: $accounts, after: $after) {
        eventId cursor detectedBy
        account { source nativeId }
        achievement { id nativeId name earned earnedAt unlockMode title { nativeId name } }
      }
    }
"""


class Subscriber:
    """A subscription whose responses are collected as they come; the errors of a start, too."""

    def __init__(self, server: RunningServer) -> None:
        self._server = server
        self.responses: list[Any] = []
        self.start_errors: list[Any] = []
        self.is_ended = False
        self.end_error: ProviderError | None = None
        self._stream: ResponseStream | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def events(self) -> list[Any]:
        """The events of the responses so far."""
        assert [each.errors for each in self.responses if each.errors] == []
        return [each.data["achievementUnlocked"] for each in self.responses]

    @property
    def unlocked_ids(self) -> list[str]:
        """The native ids of the unlocked achievements so far."""
        return [each["achievement"]["nativeId"] for each in self.events]

    def close(self) -> None:
        """Unsubscribe."""
        self._server.run(self._close())

    async def start(
        self, query: str, variables: Mapping[str, Any], headers: Mapping[str, str]
    ) -> None:
        """Subscribe as a transport does."""
        runner: OperationRunner = self._server.app.state.operation_runner
        scope = {"type": "http", "method": "POST", "headers": Headers(headers).raw, "path": "/"}
        request = Request({**scope, "query_string": b"", "scheme": "http", "server": ("a", 1)})
        caller = self._server.app.state.authenticator.authenticate(request.headers)

        def renew_context() -> Any:
            start_operation(request, runner.settings, caller)
            return runner.create_context(request, caller)

        context = renew_context()
        prepared = runner.graph.prepare(query, parse_document)
        found = await runner.graph.start_stream(
            prepared, None, dict(variables), context, renew_context
        )
        if isinstance(found, ResponseStream):
            self._stream = found
            self._task = asyncio.create_task(self._read(found))
        else:
            self.start_errors = [each.original_error for each in found.errors or ()]

    async def _read(self, stream: ResponseStream) -> None:
        try:
            async for response in stream:
                self.responses.append(response)
        except ProviderError as error:
            self.end_error = error
        self.is_ended = True

    async def _close(self) -> None:
        if self._stream is not None and self._task is not None:
            await self._stream.aclose()
            with suppress(asyncio.CancelledError):
                await self._task


def subscribe(
    server: RunningServer,
    accounts: list[dict[str, str]] | None = None,
    *,
    after: str | None = None,
    headers: Mapping[str, str] | None = None,
    query: str = EVENT,
) -> Subscriber:
    """Subscribe, by default to the viewer's accounts."""
    subscriber = Subscriber(server)
    variables = {"accounts": accounts, "after": after}
    server.run(subscriber.start(query, variables, headers or {}))
    return subscriber


def wait(server: RunningServer, seconds: float) -> None:
    """Let virtual time pass."""
    server.run(asyncio.sleep(seconds))
