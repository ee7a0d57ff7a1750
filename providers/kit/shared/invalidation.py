"""News from the other processes: what one of them forgets, all forget."""

import asyncio
from collections.abc import Callable
from typing import Any, cast

from providers.kit.shared.redis_connection import REST, client


class News:
    """One channel, listened to as long as the process lives.

    `heard` is given each message, and None when some may have been missed.
    """

    def __init__(self, url: str, channel: str, heard: Callable[[bytes | None], None]) -> None:
        self._redis = client(url)
        self._channel = channel
        self._heard = heard
        self._listening = asyncio.get_running_loop().create_task(self._listen())

    async def aclose(self) -> None:
        """Stop listening."""
        self._listening.cancel()
        await asyncio.wait({self._listening})
        await self._redis.aclose()

    async def _listen(self) -> None:
        missed = False
        while True:
            try:
                await self._attend(missed=missed)
            except Exception:  # noqa: BLE001 - whatever it is, it is tried again
                missed = True
            await asyncio.sleep(REST)

    async def _attend(self, *, missed: bool) -> None:
        subscription = self._redis.pubsub()
        try:
            await subscription.subscribe(self._channel)
            async for message in subscription.listen():
                told = cast("dict[str, Any]", message)
                if told["type"] == "message":
                    self._heard(told["data"])
                elif missed:
                    self._heard(None)
        finally:
            await subscription.aclose()
