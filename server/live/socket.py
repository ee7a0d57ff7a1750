"""GraphQL over WebSocket, with the subprotocol `graphql-transport-ws` and no other.

The operations of a socket are checked, executed, counted and logged as if each were a POST.
"""

from dataclasses import dataclass

from starlette.types import Receive, Scope, Send

from server.live.messages import SUBPROTOCOL
from server.live.socket_messages import CloseCode, SocketChannel
from server.live.socket_operations import TRANSPORT, SocketServices
from server.live.socket_session import SocketSession
from server.request_error import RequestRejected


@dataclass(frozen=True)
class SocketEndpoint:
    """The endpoint for WebSockets: opens them, and has a session with each."""

    services: SocketServices

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()  # the handshake
        is_ours = SUBPROTOCOL in scope["subprotocols"]
        await send({"type": "websocket.accept", "subprotocol": SUBPROTOCOL if is_ours else None})
        channel = SocketChannel(receive, send, self.services.connections.metrics)
        if not is_ours:
            await channel.close(CloseCode.SUBPROTOCOL_NOT_ACCEPTABLE)
            return
        try:
            connection = self.services.connections.open(TRANSPORT)
        except RequestRejected:
            await channel.close(CloseCode.OVERLOADED)
            return
        try:
            await SocketSession(self.services, scope, channel, connection).run()
        finally:
            self.services.connections.close(connection)
