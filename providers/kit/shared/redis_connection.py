"""One pipelined connection to Redis, with short timeouts and reconnection in the background."""

import asyncio
import hashlib
import logging
import secrets
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Any

from providers.kit.detached_task import retrieve_exception
from providers.kit.shared.redis_client import create_client, is_unknown_script
from providers.kit.shared.store_backend import StoreUnavailable

TIMEOUT_SECONDS = 0.2
RECONNECT_SECONDS = 5.0
MAX_BATCH = 64
# A timeout that took this many times its duration was late because the event loop was busy.
STALL_FACTOR = 1.5
FINAL_POLL_SECONDS = 0.02

Argument = str | bytes | int
Command = tuple[Argument, ...]

log = logging.getLogger(__name__)


class RedisUnavailable(StoreUnavailable):
    """Redis cannot be used now; the caller continues without it."""


@dataclass
class PendingCommands:
    """Commands that are sent together; `replies` is None if no reply is awaited."""

    commands: tuple[Command, ...]
    replies: "asyncio.Future[list[Any]] | None" = None


class RedisConnection:
    """The connection of this process to a Redis or Valkey.

    Commands are sent in the order of the calls. Those of calls made during an exchange form the
    next batch. A script is sent once, and then called by its hash. A cancelled caller does not
    affect the connection. After a failure every call raises `RedisUnavailable` at once, until a
    ping in the background has succeeded.
    `reconnect_listeners` are called after each reconnection, because Redis may be empty by then.
    """

    def __init__(self, url: str) -> None:
        self._client = create_client(url, self._on_connect)
        self._queue: deque[PendingCommands] = deque()
        self._flush_task: asyncio.Task[None] | None = None
        self._reconnect_task: asyncio.Task[None] | None = None
        self._closed = False
        self.is_unavailable = False
        self.reconnect_listeners: list[Callable[[], None]] = []
        self._connection_count = 0
        self._loaded_scripts: set[str] = set()
        self._seen_connection_count = 1
        self.process_id = secrets.token_hex(6)

    async def execute(self, *command: Argument) -> Any:
        """Return the reply to a command, None for a key of another type.

        Raise `RedisUnavailable`.
        """
        return (await self.execute_all(command))[0]

    async def execute_all(self, *commands: Command) -> list[Any]:
        """Return the replies to commands sent in one batch. Raise `RedisUnavailable`."""
        if not self._is_available():
            raise RedisUnavailable
        replies: asyncio.Future[list[Any]] = asyncio.get_running_loop().create_future()
        self._enqueue(PendingCommands(commands, replies))
        return await replies

    def send(self, *commands: Command) -> None:
        """Send commands without waiting; they are dropped if Redis is unavailable."""
        if self._is_available():
            self._enqueue(PendingCommands(commands))

    async def aclose(self) -> None:
        """Send the waiting commands and close the connection."""
        self._closed = True
        if self._reconnect_task is not None:
            self._reconnect_task.cancel()
        if self._flush_task is not None:
            await asyncio.wait({self._flush_task}, timeout=2 * TIMEOUT_SECONDS)
        await self._client.aclose()

    def _enqueue(self, pending: PendingCommands) -> None:
        self._queue.append(pending)
        if self._flush_task is None:
            self._flush_task = asyncio.get_running_loop().create_task(self._flush())

    async def _flush(self) -> None:
        batch: list[PendingCommands] = []
        try:
            while self._queue:
                batch = self._take_batch()
                replies = await self._execute_pipeline(
                    [command for pending in batch for command in pending.commands]
                )
                _set_results(batch, replies)
                self._notify_reconnected()
        except Exception as error:  # noqa: BLE001 - any failure means the same: Redis is unavailable
            self._mark_unavailable(error, batch)
        finally:
            self._flush_task = None

    def _take_batch(self) -> list[PendingCommands]:
        return [self._queue.popleft() for _ in range(min(MAX_BATCH, len(self._queue)))]

    async def _execute_pipeline(self, commands: list[Command]) -> list[Any]:
        replies = await self._exchange([self._shorten(command) for command in commands])
        unknown = [i for i, reply in enumerate(replies) if is_unknown_script(reply)]
        if unknown:  # someone has flushed Redis' scripts
            self._loaded_scripts.clear()
            again = await self._exchange([commands[i] for i in unknown])
            for i, reply in zip(unknown, again, strict=True):
                replies[i] = reply
        self._loaded_scripts.update(
            str(command[1])
            for command, reply in zip(commands, replies, strict=True)
            if command[0] == "EVAL" and not isinstance(reply, Exception)
        )
        return [_read_reply(reply) for reply in replies]

    async def _exchange(self, commands: list[Command]) -> list[Any]:
        pipeline = self._client.pipeline(transaction=False)
        for command in commands:
            pipeline.execute_command(*command)
        return await _wait_with_timeout(
            asyncio.ensure_future(pipeline.execute(raise_on_error=False))
        )

    def _shorten(self, command: Command) -> Command:
        """Replace a script that Redis has by its hash."""
        if command[0] != "EVAL" or command[1] not in self._loaded_scripts:
            return command
        return ("EVALSHA", hash_script(str(command[1])), *command[2:])

    def _mark_unavailable(self, error: Exception, batch: list[PendingCommands]) -> None:
        # The message is not logged: it may contain the URL, and with it the password.
        log.warning("Redis is unavailable (%s): continuing without it", type(error).__name__)
        self.is_unavailable = True
        self._reconnect_task = asyncio.get_running_loop().create_task(self._reconnect())
        for pending in [*batch, *self._queue]:
            if pending.replies is not None and not pending.replies.done():
                pending.replies.set_exception(RedisUnavailable())
        self._queue.clear()

    def _is_available(self) -> bool:
        return not self.is_unavailable and not self._closed

    async def _reconnect(self) -> None:
        while self.is_unavailable:
            await asyncio.sleep(RECONNECT_SECONDS)
            with suppress(Exception):
                # A reply that was cut off must not be read as the reply to the ping.
                await _wait_with_timeout(asyncio.ensure_future(self._client.aclose()))
                await self._execute_pipeline([("PING",)])
                self.is_unavailable = False
        log.warning("Redis is available again")
        self._notify_reconnected()

    async def _on_connect(self, connection: Any) -> None:
        await connection.on_connect()
        self._connection_count += 1
        self._loaded_scripts.clear()

    def _notify_reconnected(self) -> None:
        # A new connection may be one to a restarted, empty Redis.
        if self._connection_count > self._seen_connection_count:
            self._seen_connection_count = self._connection_count
            for notify in self.reconnect_listeners:
                notify()


@cache
def hash_script(script: str) -> str:
    """Return the hash under which Redis has a script that it has run."""
    return hashlib.sha1(script.encode(), usedforsecurity=False).hexdigest()


def _read_reply(reply: Any) -> Any:
    """Return a reply; None for a key of another type, which is not a failure of Redis."""
    if not isinstance(reply, Exception):
        return reply
    if "WRONGTYPE" in str(reply):
        return None
    raise reply


def _set_results(batch: list[PendingCommands], replies: list[Any]) -> None:
    for pending in batch:
        count = len(pending.commands)
        own_replies, replies = replies[:count], replies[count:]
        if pending.replies is not None and not pending.replies.done():
            pending.replies.set_result(own_replies)


async def _wait_with_timeout(exchange: "asyncio.Future[Any]") -> Any:
    try:
        for _ in range(2):
            started_at = time.monotonic()
            done, _ = await asyncio.wait({exchange}, timeout=TIMEOUT_SECONDS)
            if done:
                return exchange.result()
            if time.monotonic() - started_at < STALL_FACTOR * TIMEOUT_SECONDS:
                break
        # A shorter stall cannot be measured. The reply may have arrived and not been read yet.
        done, _ = await asyncio.wait({exchange}, timeout=FINAL_POLL_SECONDS)
        if done:
            return exchange.result()
        raise TimeoutError
    finally:
        exchange.add_done_callback(retrieve_exception)
        exchange.cancel()
