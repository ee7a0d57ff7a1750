"""Redis at arm's length: one connection, a short patience, and left alone for a while when lost."""

import asyncio
import logging
import secrets
import time
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, cast

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, ResponseError
from redis.maint_notifications import MaintNotificationsConfig

TIMEOUT_SECONDS = 0.2
RECONNECT_SECONDS = 5.0
MAX_BATCH = 64
# A wait that took this much longer than it should was our own event loop's fault.
STALL_FACTOR = 1.5
FINAL_POLL_SECONDS = 0.02

Argument = str | bytes | int
Command = tuple[Argument, ...]

log = logging.getLogger(__name__)


class RedisUnavailable(Exception):
    """Redis does not answer now: go on without it."""


@dataclass
class PendingCommands:
    """Commands that go together, and where their answers are awaited, if at all."""

    commands: tuple[Command, ...]
    replies: "asyncio.Future[list[Any]] | None" = None


class RedisConnection:
    """Commands of this process to one Redis or Valkey, in the order in which they are given.

    What is asked while an exchange is under way goes together in the next. Nobody's cancellation
    reaches the connection. After a failure nobody waits again before a ping in the background has
    been answered. Whenever Redis may have forgotten something, the `returned` are told.
    """

    def __init__(self, url: str) -> None:
        try:
            self._client = create_client(url, self._on_connect)
        except (ValueError, RedisError):
            raise ValueError("has to be a Redis address such as redis://host:6379/0") from None
        self._queue: deque[PendingCommands] = deque()
        self._flush_task: asyncio.Task[None] | None = None
        self._reconnect_task: asyncio.Task[None] | None = None
        self._closed = False
        self.is_unavailable = False
        self.reconnect_listeners: list[Callable[[], None]] = []
        self._connection_count = 0
        self._seen_connection_count = 1
        self.process_id = secrets.token_hex(6)

    async def execute(self, *command: Argument) -> Any:
        """The answer to one command; raises `Lost`."""
        return (await self.execute_all(command))[0]

    async def execute_all(self, *commands: Command) -> list[Any]:
        """The answers to commands that go one after the other; raises `Lost`."""
        if not self._is_available():
            raise RedisUnavailable
        pending = PendingCommands(commands, asyncio.get_running_loop().create_future())
        self._enqueue(pending)
        assert pending.replies is not None  # noqa: S101 - just put there
        return await pending.replies

    def send(self, *commands: Command) -> None:
        """Send commands whose answers nobody needs; what is lost is lost."""
        if self._is_available():
            self._enqueue(PendingCommands(commands))

    async def aclose(self) -> None:
        """Send what is waiting and hang up for good."""
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
                answers = await self._execute_pipeline(
                    [each for sent in batch for each in sent.commands]
                )
                _set_results(batch, answers)
                self._notify_reconnected()
        except Exception as error:  # noqa: BLE001 - whatever it is, those who wait go on alone
            self._mark_unavailable(error, batch)
        finally:
            self._flush_task = None

    def _take_batch(self) -> list[PendingCommands]:
        return [self._queue.popleft() for _ in range(min(MAX_BATCH, len(self._queue)))]

    async def _execute_pipeline(self, commands: list[Command]) -> list[Any]:
        pipeline = self._client.pipeline(transaction=False)
        for command in commands:
            pipeline.execute_command(*command)
        answers = await _wait_with_timeout(
            asyncio.ensure_future(pipeline.execute(raise_on_error=False))
        )
        for answer in answers:
            if isinstance(answer, ResponseError):
                raise answer
        return answers

    def _mark_unavailable(self, error: Exception, batch: list[PendingCommands]) -> None:
        # By its class alone: the text may hold the address, and with it the password.
        log.warning("Redis is lost (%s): this process goes on alone", type(error).__name__)
        self.is_unavailable = True
        self._reconnect_task = asyncio.get_running_loop().create_task(self._reconnect())
        for sent in [*batch, *self._queue]:
            if sent.replies is not None and not sent.replies.done():
                sent.replies.set_exception(RedisUnavailable())
        self._queue.clear()

    def _is_available(self) -> bool:
        return not self.is_unavailable and not self._closed

    async def _reconnect(self) -> None:
        while self.is_unavailable:
            await asyncio.sleep(RECONNECT_SECONDS)
            with suppress(Exception):
                # What was cut off in the middle must not be read as the answer to anything else.
                await _wait_with_timeout(asyncio.ensure_future(self._client.aclose()))
                await self._execute_pipeline([("PING",)])
                self.is_unavailable = False
        log.warning("Redis is back")
        self._notify_reconnected()

    async def _on_connect(self, connection: Any) -> None:
        await connection.on_connect()
        self._connection_count += 1

    def _notify_reconnected(self) -> None:
        # Another connection may be one to a Redis that was started anew, and empty.
        if self._connection_count > self._seen_connection_count:
            self._seen_connection_count = self._connection_count
            for notify in self.reconnect_listeners:
                notify()


def create_client(url: str, on_connect: Callable[[Any], Awaitable[None]] | None = None) -> Any:
    """A client that neither waits nor repeats on its own: patience is ours."""
    return cast("Any", Redis).from_url(
        url,
        socket_timeout=None,
        socket_connect_timeout=None,
        retry=Retry(NoBackoff(), 0),
        protocol=2,
        driver_info=None,
        redis_connect_func=on_connect,
        maint_notifications_config=MaintNotificationsConfig(enabled=False),
    )


def _set_results(batch: list[PendingCommands], answers: list[Any]) -> None:
    for sent in batch:
        count = len(sent.commands)
        own_answers, answers = answers[:count], answers[count:]
        if sent.replies is not None and not sent.replies.done():
            sent.replies.set_result(own_answers)


async def _wait_with_timeout(exchange: "asyncio.Future[Any]") -> Any:
    try:
        for _ in range(2):
            started_at = time.monotonic()
            done, _ = await asyncio.wait({exchange}, timeout=TIMEOUT_SECONDS)
            if done:
                return exchange.result()
            if time.monotonic() - started_at < STALL_FACTOR * TIMEOUT_SECONDS:
                break
        # A shorter stall shows in no clock: what came meanwhile is there and not read yet.
        done, _ = await asyncio.wait({exchange}, timeout=FINAL_POLL_SECONDS)
        if done:
            return exchange.result()
        raise TimeoutError
    finally:
        exchange.add_done_callback(_retrieve_exception)
        exchange.cancel()


def _retrieve_exception(exchange: "asyncio.Future[Any]") -> None:
    if not exchange.cancelled():
        exchange.exception()
