"""Subscribes to cache invalidations that other processes publish."""

import asyncio
from collections.abc import Callable
from typing import Any, cast

from providers.kit.shared.redis_connection import RECONNECT_SECONDS, create_client


class InvalidationSubscriber:
    """The subscription to one Redis channel; it reconnects until it is closed.

    `on_message` gets the content of each message, and None after a reconnection, because messages
    may have been missed.
    """

    def __init__(self, url: str, channel: str, on_message: Callable[[bytes | None], None]) -> None:
        self._client = create_client(url)
        self._channel = channel
        self._on_message = on_message
        self._listener_task = asyncio.get_running_loop().create_task(self._listen())

    async def aclose(self) -> None:
        """Unsubscribe and close the connection."""
        self._listener_task.cancel()
        await asyncio.wait({self._listener_task})
        await self._client.aclose()

    async def _listen(self) -> None:
        missed = False
        while True:
            try:
                await self._subscribe(missed=missed)
            except Exception:  # noqa: BLE001 - any failure means the same: connect again
                missed = True
            await asyncio.sleep(RECONNECT_SECONDS)

    async def _subscribe(self, *, missed: bool) -> None:
        subscription = self._client.pubsub()
        try:
            await subscription.subscribe(self._channel)
            async for message in subscription.listen():
                received = cast("dict[str, Any]", message)
                if received["type"] == "message":
                    self._on_message(received["data"])
                elif missed:
                    self._on_message(None)
        finally:
            await subscription.aclose()
