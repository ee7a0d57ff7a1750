"""Subscribes to the messages that processes publish in Redis."""

import asyncio
from typing import Any, cast

from providers.kit.detached_task import start_detached
from providers.kit.shared.redis_client import create_client
from providers.kit.shared.redis_connection import RECONNECT_SECONDS
from providers.kit.shared.store_backend import OnMessage


class RedisSubscriber:
    """The subscription to some channels over one connection; it reconnects until it is closed.

    A function gets the content of each message of its channel, and None after a reconnection,
    because messages may have been missed.
    """

    def __init__(self, url: str) -> None:
        self._client = create_client(url)
        self._listeners: dict[bytes, list[OnMessage]] = {}
        self._listener_task: asyncio.Task[None] | None = None
        self._subscription: Any = None

    def start(self) -> None:
        """Connect and listen, in the background."""
        self._listener_task = asyncio.get_running_loop().create_task(self._listen())

    def subscribe(self, channel: str, on_message: OnMessage) -> None:
        """Call a function with each message of a channel from now on."""
        self._listeners.setdefault(channel.encode(), []).append(on_message)
        if self._subscription is not None:
            # If it fails, so does the connection, and the next one subscribes to all channels.
            start_detached(self._subscription.subscribe(channel))

    async def aclose(self) -> None:
        """Unsubscribe and close the connection."""
        if self._listener_task is not None:
            self._listener_task.cancel()
            await asyncio.wait({self._listener_task})
        await self._client.aclose()

    async def _listen(self) -> None:
        missed = False
        while True:
            try:
                await self._receive(missed=missed)
            except Exception:  # noqa: BLE001 - any failure means the same: connect again
                missed = True
            await asyncio.sleep(RECONNECT_SECONDS)

    async def _receive(self, *, missed: bool) -> None:
        subscription, channels = self._client.pubsub(), list(self._listeners)
        try:
            await subscription.subscribe(*channels)
            self._subscription = subscription
            if len(self._listeners) > len(channels):
                await subscription.subscribe(*self._listeners)
            async for message in subscription.listen():
                received = cast("dict[str, Any]", message)
                if received["type"] == "message":
                    self._notify(received["channel"], received["data"])
                elif missed:
                    self._notify(received["channel"], None)
        finally:
            self._subscription = None
            await subscription.aclose()

    def _notify(self, channel: bytes, content: bytes | None) -> None:
        for on_message in self._listeners.get(channel, ()):
            on_message(content)
