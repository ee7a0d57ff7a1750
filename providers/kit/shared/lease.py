"""Lease with a heartbeat: one holder across processes, renewed every `ttl / 3` seconds."""

import asyncio
import secrets
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from providers.kit.shared.store_backend import StoreBackend

LEASE_TTL = 3.0  # seconds
# Polling starts fast, because most loads are short, and slows down to twenty times a second.
FIRST_POLL_SECONDS, MAX_POLL_SECONDS, POLL_GROWTH = 0.005, 0.05, 1.5

TOKEN_LENGTH = 16


@dataclass
class Lease:
    """A name held in the shared store until released, or for `ttl` after the last heartbeat.

    As a context manager it sends heartbeats, and is released at the end.
    """

    backend: StoreBackend
    name: str
    token: bytes
    ttl: float = LEASE_TTL
    _heartbeat: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._heartbeat = asyncio.get_running_loop().create_task(self._send_heartbeats())
        return self

    async def __aexit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._heartbeat is not None:
            self._heartbeat.cancel()
        self.release()

    def release(self) -> None:
        """Release the name, unless another process holds it by now."""
        self.backend.release_lease(self.name, self.token)

    async def _send_heartbeats(self) -> None:
        while True:
            await asyncio.sleep(self.ttl / 3)
            self.backend.extend_lease(self.name, self.token, self.ttl)


async def acquire(
    backend: StoreBackend, name: str, ttl: float = LEASE_TTL
) -> tuple[Lease | None, bytes | None]:
    """Return a lease if the name was free, else the token of its holder.

    `ttl` is in seconds. Raise `StoreUnavailable`.
    """
    token = secrets.token_hex(TOKEN_LENGTH // 2).encode()
    holder = await backend.acquire_lease(name, token, ttl)
    return (Lease(backend, name, token, ttl), None) if holder == token else (None, holder)


async def wait_for_release(
    backend: StoreBackend,
    name: str,
    holder_token: bytes | None,
    max_seconds: float,
    ttl: float = LEASE_TTL,
) -> bool:
    """Wait until a holder has released or lost its lease; return False after `max_seconds`.

    One that has no end, or has more than `ttl` seconds left, holds none.

    Raise `StoreUnavailable`.
    """
    loop = asyncio.get_running_loop()
    deadline, pause = loop.time() + max_seconds, FIRST_POLL_SECONDS
    while holder_token is not None:
        remaining = deadline - loop.time()
        if remaining <= 0:
            return False
        await asyncio.sleep(min(pause, remaining))
        pause = min(MAX_POLL_SECONDS, pause * POLL_GROWTH)
        if await backend.read_lease(name, ttl) != holder_token:
            break
    return True
