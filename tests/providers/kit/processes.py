"""Several processes of one server, played in one event loop: each with a store of its own."""

import asyncio
import inspect
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, TypeVar

from providers.kit.request_context import Operation, begin
from providers.kit.shared.shared_store import Shared

T = TypeVar("T")
SECRETS = ("an-api-key-that-nobody-may-read", "another-secret-of-the-server")


@asynccontextmanager
async def processes(
    url: str, count: int = 2, secrets: tuple[str, ...] = SECRETS
) -> AsyncGenerator[list[Shared]]:
    """The common store as each of several processes has it."""
    async with AsyncExitStack() as stack:
        stores = [Shared(url, secrets) for _ in range(count)]
        for store in stores:
            await stack.enter_async_context(store)
        yield stores


async def until(condition: Callable[[], Any], seconds: float = 10) -> None:
    """Be back as soon as the condition holds, while all others go on; it may be asked about."""
    ends = time.monotonic() + seconds
    while True:
        found = condition()
        if await found if inspect.isawaitable(found) else found:
            return
        assert time.monotonic() < ends, f"not within {seconds} seconds"
        await asyncio.sleep(0.002)


def running(course: Callable[[], Coroutine[Any, Any, T]], seconds: float = 10) -> T:
    """Run a course under an operation of so many seconds."""

    async def run() -> T:
        begin(Operation(time.monotonic() + seconds))
        return await course()

    return asyncio.run(run())


def asking(
    question: Callable[[], Awaitable[T]], *, seconds: float = 10, fresh: bool = False
) -> "asyncio.Task[tuple[T, Operation]]":
    """Put a question in an operation of its own, and learn what it has cost."""

    async def ask() -> tuple[T, Operation]:
        operation = Operation(time.monotonic() + seconds, fresh=fresh)
        begin(operation)
        return await question(), operation

    return asyncio.get_running_loop().create_task(ask())
