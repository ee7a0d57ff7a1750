"""The operations of one WebSocket: each runs in a task of its own."""

import asyncio
import secrets
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import msgspec
from graphql import GraphQLError
from starlette.requests import Request
from starlette.responses import Response

from schema.errors import format_error
from server.authentication import Authenticator, get_client_address
from server.concurrency_limit import make_overloaded
from server.content_negotiation import GRAPHQL_TYPE
from server.graphql_request import GraphQLRequest
from server.live.live_connections import LiveConnections
from server.live.messages import Complete, Error, Next, OperationPayload, Subscribe
from server.live.socket_messages import CloseCode, SocketChannel, SocketClosed
from server.live.subscription import SourceFailed, Subscription, Subscriptions
from server.observability.operation_log import OperationLog, OperationRecord
from server.operation_runner import OperationRunner, ReceivedOperation, StartedSubscription
from server.request_error import RequestRejected
from server.response_parts import read_body

TRANSPORT = "websocket"
MAX_OPERATIONS = 50  # of one socket
OK = 200


@dataclass(frozen=True)
class SocketServices:
    """What the operations of all sockets share."""

    authenticator: Authenticator
    operation_log: OperationLog
    subscriptions: Subscriptions

    @property
    def runner(self) -> OperationRunner:
        return self.subscriptions.runner

    @property
    def connections(self) -> LiveConnections:
        return self.subscriptions.connections


@dataclass(eq=False)
class SocketOperation:
    """One operation; it is muted when the client has ended it."""

    id: str
    payload: OperationPayload
    is_muted: bool = False
    is_subscription: bool = False
    task: asyncio.Task[None] | None = None


@dataclass
class SocketOperations:
    """The running operations of one socket, by their ids.

    A query or mutation that the client ends is executed to its end, without a result: whether it
    has written must not depend on the moment.
    """

    services: SocketServices
    channel: SocketChannel
    request: Request
    _by_id: dict[str, SocketOperation] = field(default_factory=dict[str, SocketOperation])
    _tasks: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])
    _is_ending: bool = False

    async def start(self, message: Subscribe) -> None:
        """Start an operation; raise `SocketClosed` if there is one with this id."""
        if message.id in self._by_id:
            raise SocketClosed(CloseCode.SUBSCRIBER_EXISTS)
        operation = SocketOperation(message.id, message.payload)
        if len(self._tasks) >= MAX_OPERATIONS:
            await self._send_rejection(operation, make_overloaded())
            return
        self._by_id[operation.id] = operation
        operation.task = asyncio.create_task(self._run(operation))
        self._tasks.add(operation.task)
        operation.task.add_done_callback(self._tasks.discard)

    def complete(self, operation_id: str) -> None:
        """End an operation, as the client wants it; one that has ended is ignored."""
        operation = self._by_id.pop(operation_id, None)
        if operation is not None:
            _stop(operation)

    def mute(self) -> None:
        """Send nothing more of any operation."""
        for operation in self._by_id.values():
            operation.is_muted = True

    async def finish(self) -> None:
        """End the subscriptions silently, and wait for the other operations."""
        self._is_ending = True
        for operation in list(self._by_id.values()):
            if operation.is_subscription:
                _stop(operation)
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _run(self, operation: SocketOperation) -> None:
        request_id = secrets.token_hex(8)
        log = self.services.operation_log
        with log.record_operation(self.request, request_id, TRANSPORT) as record:
            record.status = OK
            with suppress(asyncio.CancelledError):
                await self._execute(operation, record)
        self._release(operation)

    async def _execute(self, operation: SocketOperation, record: OperationRecord) -> None:
        try:
            result = await self._respond(operation, record)
            if isinstance(result, Response):
                await self._send_result(operation, result)
            elif result is not None:
                await self._send_events(operation, result)
        except SourceFailed as error:
            await self._send_errors(operation, error.errors)
        except RequestRejected as error:
            record.add_error(error.extensions)
            await self._send_rejection(operation, error)
        except Exception as error:  # noqa: BLE001 - no exception may show its text to the client
            shown = format_error(GraphQLError("", original_error=error), record.request_id)
            record.add_error(shown["extensions"])
            await self._send_errors(operation, [shown])

    async def _respond(
        self, operation: SocketOperation, record: OperationRecord
    ) -> Response | Subscription | None:
        services, request = self.services, self.request
        # Again for each operation: a source may have accepted or rejected the credential since.
        caller = services.authenticator.authenticate(request.headers, get_client_address(request))
        record.caller = caller.name
        received = ReceivedOperation(
            request,
            _build_graphql_request(operation.payload),
            caller,
            GRAPHQL_TYPE,
            record,
            can_stream=True,
        )
        with services.runner.concurrency_limit.slot(is_stranger=caller.is_stranger):
            services.runner.begin(received)
            result = await services.runner.run(received)
            if not isinstance(result, StartedSubscription):
                return result
            operation.is_subscription = True
            if operation.is_muted or self._is_ending:
                return None
            return await services.subscriptions.open(result)

    async def _send_events(self, operation: SocketOperation, subscription: Subscription) -> None:
        try:
            while (result := await subscription.get_result()) is not None:
                await self._send(operation, Next(operation.id, msgspec.Raw(result)))
        finally:
            await subscription.close()
        await self._send_complete(operation)

    async def _send_result(self, operation: SocketOperation, response: Response) -> None:
        body = read_body(response)
        if response.status_code != OK:  # nothing was executed
            errors = msgspec.json.decode(body)["errors"]
            await self._send_errors(operation, errors)
            return
        await self._send(operation, Next(operation.id, msgspec.Raw(body)))
        await self._send_complete(operation)

    async def _send_rejection(self, operation: SocketOperation, error: RequestRejected) -> None:
        errors = [{"message": error.message, "extensions": error.extensions}]
        await self._send_errors(operation, errors)

    async def _send_errors(self, operation: SocketOperation, errors: list[dict[str, Any]]) -> None:
        self._release(operation)
        await self._send(operation, Error(operation.id, errors))

    async def _send_complete(self, operation: SocketOperation) -> None:
        self._release(operation)
        await self._send(operation, Complete(operation.id))

    async def _send(self, operation: SocketOperation, message: Next | Error | Complete) -> None:
        if not operation.is_muted:
            await self.channel.send_message(message)

    def _release(self, operation: SocketOperation) -> None:
        """Free the id of an operation, which the client may use again after its last message."""
        if self._by_id.get(operation.id) is operation:
            del self._by_id[operation.id]


def _build_graphql_request(payload: OperationPayload) -> GraphQLRequest:
    return GraphQLRequest(
        payload.query, payload.operation_name or None, payload.variables, payload.extensions or {}
    )


def _stop(operation: SocketOperation) -> None:
    operation.is_muted = True
    if operation.is_subscription and operation.task is not None:
        operation.task.cancel()
