"""GraphQL over server-sent events, in distinct connections mode: one response for one operation."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass

import msgspec
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from server.authentication import get_client_address
from server.content_negotiation import EVENT_STREAM_TYPE
from server.live.live_connections import LiveConnection, LiveConnections
from server.live.subscription import SourceFailed, Subscription, Subscriptions
from server.operation_runner import StartedSubscription
from server.response_parts import read_body

TRANSPORT = "sse"
HEARTBEAT_SECONDS = 15
HEADERS = {
    "Content-Type": f"{EVENT_STREAM_TYPE}; charset=utf-8",
    "Cache-Control": "no-cache",
    "X-Accel-Buffering": "no",  # nginx would keep the events back
}
COMMENT = b":\n\n"
COMPLETE = b"event: complete\ndata:\n\n"


def encode_event(result: bytes) -> bytes:
    """Encode a result, which is JSON on one line."""
    return b"event: next\ndata: " + result + b"\n\n"


def build_single_event(result: bytes) -> Response:
    """Build the response of an operation that has one result."""
    return Response(encode_event(result) + COMPLETE, headers=HEADERS)


@dataclass(frozen=True)
class EventStreams:
    """Opens the event streams of subscriptions."""

    subscriptions: Subscriptions

    @property
    def connections(self) -> LiveConnections:
        return self.subscriptions.connections

    async def open(self, started: StartedSubscription) -> Response:
        """Return the response that sends a subscription's events, or the errors that prevent it."""
        received = started.received
        connection = self.connections.open(TRANSPORT)
        try:
            address = get_client_address(received.request)
            self.connections.identify(connection, received.caller, address)
            subscription = await self.subscriptions.open(started)
        except BaseException:
            self.connections.close(connection)
            raise
        if isinstance(subscription, Response):
            self.connections.close(connection)
            return build_single_event(read_body(subscription))
        received.record.transport = TRANSPORT
        return EventStream(subscription, connection, self.connections)


class EventStream(Response):
    """The response that lasts as long as its subscription, its client or its lifetime.

    Only the end of the subscription is a `complete`: without one, clients connect again.
    """

    def __init__(
        self,
        subscription: Subscription,
        connection: LiveConnection,
        connections: LiveConnections,
    ) -> None:
        super().__init__(headers=HEADERS)
        del self.headers["content-length"]
        self._subscription = subscription
        self._connection = connection
        self._connections = connections

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # The connection is kept when there are too many of those that wait for their client.
        scope.setdefault("state", {})["is_event_stream"] = True
        headers = self.raw_headers
        await send({"type": "http.response.start", "status": self.status_code, "headers": headers})
        await _send_part(send, COMMENT)
        sending = asyncio.create_task(self._send_events(send))
        sending.add_done_callback(lambda _: self._connection.end())
        try:
            is_connected = await self._send_comments(receive, send)
        finally:
            self._connections.close(self._connection)
            sending.cancel()
            with suppress(asyncio.CancelledError):
                await sending
            await self._subscription.close()
        if is_connected:
            await send({"type": "http.response.body", "body": b""})

    async def _send_comments(self, receive: Receive, send: Send) -> bool:
        """Send heartbeats until the end, and return whether the client is still there."""
        while not self._connection.is_over:
            message = await self._connection.wait(receive(), HEARTBEAT_SECONDS)
            if message is not None and message["type"] == "http.disconnect":
                return False
            if message is None and not self._connection.is_over:
                await _send_part(send, COMMENT)
        return True

    async def _send_events(self, send: Send) -> None:
        try:
            while (result := await self._subscription.get_result()) is not None:
                await _send_part(send, encode_event(result))
        except SourceFailed as error:
            await _send_part(send, encode_event(msgspec.json.encode({"errors": error.errors})))
        await _send_part(send, COMPLETE)


async def _send_part(send: Send, body: bytes) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": True})
