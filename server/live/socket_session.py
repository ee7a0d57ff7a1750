"""The session of one WebSocket, from its first message to its end."""

import secrets
import time
from dataclasses import dataclass

from starlette.requests import Request
from starlette.types import Scope

from providers.errors import ProviderError
from server.authentication import get_client_address
from server.live.live_connections import LiveConnection
from server.live.messages import (
    ClientMessage,
    Complete,
    ConnectionAck,
    ConnectionInit,
    Ping,
    Pong,
    Subscribe,
)
from server.live.socket_headers import build_post_request
from server.live.socket_messages import CloseCode, SocketChannel, SocketClosed
from server.live.socket_operations import TRANSPORT, SocketOperations, SocketServices
from server.request_error import RequestRejected

INIT_SECONDS = 5
PING_SECONDS = 15
# A client answers each ping. One that says nothing for so many of them is taken to be gone.
MAX_SILENT_PINGS = 4


@dataclass
class SocketSession:
    """One WebSocket: who has opened it, and its operations."""

    services: SocketServices
    scope: Scope
    channel: SocketChannel
    connection: LiveConnection
    operations: SocketOperations | None = None
    silent_pings: int = 0

    async def run(self) -> None:
        """Answer messages until the socket is closed."""
        try:
            code = await self._serve()
        except SocketClosed as closed:
            code = closed.code
        try:
            await self._end(code)
        finally:
            if self.operations is not None:
                await self.operations.finish()

    async def _serve(self) -> CloseCode:
        """Answer messages until the connection's time is over."""
        operations = self.operations = await self._wait_for_init()
        await self.channel.send_message(ConnectionAck())
        while not self.connection.is_over:
            message = await self._receive(PING_SECONDS)
            if message is not None:
                self.silent_pings = 0
                await self._handle(message, operations)
            elif not self.connection.is_over:
                await self._ping()
        return CloseCode.RESTART

    async def _end(self, code: CloseCode | None) -> None:
        """Close the socket without completing its subscriptions, so that they can go on.

        At a restart the other operations get their results first: clients send again what has none,
        mutations as well.
        """
        if self.operations is not None:
            if code is CloseCode.RESTART:
                await self.operations.finish()
            self.operations.mute()
        if code is not None:
            await self.channel.close(code)

    async def _wait_for_init(self) -> SocketOperations:
        """Wait for the first message, and return the operations of its sender."""
        deadline = time.monotonic() + INIT_SECONDS
        while True:
            message = await self._receive(max(0.0, deadline - time.monotonic()))
            if message is None:
                raise SocketClosed(self._get_early_end())
            if isinstance(message, ConnectionInit):
                return self._identify(message)
            if isinstance(message, Subscribe):
                raise SocketClosed(CloseCode.UNAUTHORIZED)
            await self._answer_ping(message)

    def _get_early_end(self) -> CloseCode:
        if not self.connection.is_over:
            return CloseCode.INIT_TIMEOUT
        is_draining = self.services.connections.is_draining
        return CloseCode.RESTART if is_draining else CloseCode.OVERLOADED

    def _identify(self, message: ConnectionInit) -> SocketOperations:
        """Identify the caller; raise `SocketClosed` for one who is not accepted."""
        request = build_post_request(self.scope, None)
        try:
            request = build_post_request(self.scope, message.payload)
            address = get_client_address(request)
            caller = self.services.authenticator.authenticate(request.headers, address)
        except (RequestRejected, ProviderError) as error:
            self._log_refusal(request, RequestRejected.from_error(error))
            raise SocketClosed(CloseCode.FORBIDDEN) from None
        try:
            self.services.connections.identify(self.connection, caller, address)
        except RequestRejected:
            raise SocketClosed(CloseCode.OVERLOADED) from None
        return SocketOperations(self.services, self.channel, request)

    def _log_refusal(self, request: Request, rejection: RequestRejected) -> None:
        """Log a caller who is not accepted, as a POST of theirs would be."""
        log = self.services.operation_log
        with log.record_operation(request, secrets.token_hex(8), TRANSPORT) as record:
            record.status = rejection.status
            record.add_error(rejection.extensions)

    async def _handle(self, message: ClientMessage, operations: SocketOperations) -> None:
        match message:
            case Subscribe():
                await operations.start(message)
            case Complete():
                operations.complete(message.id)
            case ConnectionInit():
                raise SocketClosed(CloseCode.TOO_MANY_INITS)
            case _:
                await self._answer_ping(message)

    async def _answer_ping(self, message: ClientMessage) -> None:
        if isinstance(message, Ping):
            await self.channel.send_message(Pong(message.payload))

    async def _ping(self) -> None:
        if self.silent_pings >= MAX_SILENT_PINGS:
            raise SocketClosed(CloseCode.RESTART)
        self.silent_pings += 1
        await self.channel.send_message(Ping())

    async def _receive(self, seconds: float) -> ClientMessage | None:
        return await self.channel.receive_message(self.connection, seconds)
