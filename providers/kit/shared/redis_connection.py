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

PATIENCE = 0.2
REST = 5.0
BATCH = 64
# A wait that took this much longer than it should was our own event loop's fault.
STALLED = 1.5
LAST_LOOK = 0.02

Argument = str | bytes | int
Command = tuple[Argument, ...]

log = logging.getLogger(__name__)


class Lost(Exception):
    """Redis does not answer now: go on without it."""


@dataclass
class Sent:
    """Commands that go together, and where their answers are awaited, if at all."""

    commands: tuple[Command, ...]
    answers: "asyncio.Future[list[Any]] | None" = None


class Wire:
    """Commands of this process to one Redis or Valkey, in the order in which they are given.

    What is asked while an exchange is under way goes together in the next. Nobody's cancellation
    reaches the connection. After a failure nobody waits again before a ping in the background has
    been answered. Whenever Redis may have forgotten something, the `returned` are told.
    """

    def __init__(self, url: str) -> None:
        try:
            self._redis = client(url, self._connected)
        except (ValueError, RedisError):
            raise ValueError("has to be a Redis address such as redis://host:6379/0") from None
        self._waiting: deque[Sent] = deque()
        self._sending: asyncio.Task[None] | None = None
        self._returning: asyncio.Task[None] | None = None
        self._closed = False
        self.lost = False
        self.returned: list[Callable[[], None]] = []
        self._connections = 0
        self._known_connections = 1
        self.process = secrets.token_hex(6)

    async def ask(self, *command: Argument) -> Any:
        """The answer to one command; raises `Lost`."""
        return (await self.ask_all(command))[0]

    async def ask_all(self, *commands: Command) -> list[Any]:
        """The answers to commands that go one after the other; raises `Lost`."""
        if not self._reachable():
            raise Lost
        sent = Sent(commands, asyncio.get_running_loop().create_future())
        self._enqueue(sent)
        assert sent.answers is not None  # noqa: S101 - just put there
        return await sent.answers

    def tell(self, *commands: Command) -> None:
        """Send commands whose answers nobody needs; what is lost is lost."""
        if self._reachable():
            self._enqueue(Sent(commands))

    async def aclose(self) -> None:
        """Send what is waiting and hang up for good."""
        self._closed = True
        if self._returning is not None:
            self._returning.cancel()
        if self._sending is not None:
            await asyncio.wait({self._sending}, timeout=2 * PATIENCE)
        await self._redis.aclose()

    def _enqueue(self, sent: Sent) -> None:
        self._waiting.append(sent)
        if self._sending is None:
            self._sending = asyncio.get_running_loop().create_task(self._send())

    async def _send(self) -> None:
        batch: list[Sent] = []
        try:
            while self._waiting:
                batch = self._batch()
                answers = await self._exchange([each for sent in batch for each in sent.commands])
                _settle(batch, answers)
                self._tell_returned()
        except Exception as error:  # noqa: BLE001 - whatever it is, those who wait go on alone
            self._lose(error, batch)
        finally:
            self._sending = None

    def _batch(self) -> list[Sent]:
        return [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]

    async def _exchange(self, commands: list[Command]) -> list[Any]:
        pipeline = self._redis.pipeline(transaction=False)
        for command in commands:
            pipeline.execute_command(*command)
        answers = await _in_time(asyncio.ensure_future(pipeline.execute(raise_on_error=False)))
        for answer in answers:
            if isinstance(answer, ResponseError):
                raise answer
        return answers

    def _lose(self, error: Exception, batch: list[Sent]) -> None:
        # By its class alone: the text may hold the address, and with it the password.
        log.warning("Redis is lost (%s): this process goes on alone", type(error).__name__)
        self.lost = True
        self._returning = asyncio.get_running_loop().create_task(self._return())
        for sent in [*batch, *self._waiting]:
            if sent.answers is not None and not sent.answers.done():
                sent.answers.set_exception(Lost())
        self._waiting.clear()

    def _reachable(self) -> bool:
        return not self.lost and not self._closed

    async def _return(self) -> None:
        while self.lost:
            await asyncio.sleep(REST)
            with suppress(Exception):
                # What was cut off in the middle must not be read as the answer to anything else.
                await _in_time(asyncio.ensure_future(self._redis.aclose()))
                await self._exchange([("PING",)])
                self.lost = False
        log.warning("Redis is back")
        self._tell_returned()

    async def _connected(self, connection: Any) -> None:
        await connection.on_connect()
        self._connections += 1

    def _tell_returned(self) -> None:
        # Another connection may be one to a Redis that was started anew, and empty.
        if self._connections > self._known_connections:
            self._known_connections = self._connections
            for tell in self.returned:
                tell()


def client(url: str, connected: Callable[[Any], Awaitable[None]] | None = None) -> Any:
    """A client that neither waits nor repeats on its own: patience is ours."""
    return cast("Any", Redis).from_url(
        url,
        socket_timeout=None,
        socket_connect_timeout=None,
        retry=Retry(NoBackoff(), 0),
        protocol=2,
        driver_info=None,
        redis_connect_func=connected,
        maint_notifications_config=MaintNotificationsConfig(enabled=False),
    )


def _settle(batch: list[Sent], answers: list[Any]) -> None:
    for sent in batch:
        count = len(sent.commands)
        mine, answers = answers[:count], answers[count:]
        if sent.answers is not None and not sent.answers.done():
            sent.answers.set_result(mine)


async def _in_time(exchange: "asyncio.Future[Any]") -> Any:
    try:
        for _ in range(2):
            began = time.monotonic()
            done, _ = await asyncio.wait({exchange}, timeout=PATIENCE)
            if done:
                return exchange.result()
            if time.monotonic() - began < STALLED * PATIENCE:
                break
        # A shorter stall shows in no clock: what came meanwhile is there and not read yet.
        done, _ = await asyncio.wait({exchange}, timeout=LAST_LOOK)
        if done:
            return exchange.result()
        raise TimeoutError
    finally:
        exchange.add_done_callback(_looked_at)
        exchange.cancel()


def _looked_at(exchange: "asyncio.Future[Any]") -> None:
    if not exchange.cancelled():
        exchange.exception()
