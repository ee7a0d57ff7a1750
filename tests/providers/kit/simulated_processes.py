"""Several processes of one server, simulated in one event loop: each has its own store."""

import asyncio
import inspect
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, TypeVar

from providers.kit.request_context import RequestContext, set_current
from providers.kit.shared.encryption import Cipher
from providers.kit.shared.shared_store import SharedStore

T = TypeVar("T")
SECRET = b"the secret of all these processes"


@asynccontextmanager
async def open_stores(
    url: str, count: int = 2, secret: bytes = SECRET
) -> AsyncGenerator[list[SharedStore]]:
    """Open the shared store of each process."""
    async with AsyncExitStack() as stack:
        stores = [SharedStore(url, Cipher(secret)) for _ in range(count)]
        for store in stores:
            await stack.enter_async_context(store)
        yield stores


async def wait_until(condition: Callable[[], Any], seconds: float = 10) -> None:
    """Wait until a condition holds, which may be a coroutine function; fail after `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        holds = condition()
        if await holds if inspect.isawaitable(holds) else holds:
            return
        assert time.monotonic() < deadline, f"not within {seconds} seconds"
        await asyncio.sleep(0.002)


def run_scenario(scenario: Callable[[], Coroutine[Any, Any, T]], seconds: float = 10) -> T:
    """Run a scenario in a request context with a deadline in so many seconds."""

    async def run_in_context() -> T:
        set_current(RequestContext(time.monotonic() + seconds))
        return await scenario()

    return asyncio.run(run_in_context())


def start_request(
    scenario: Callable[[], Awaitable[T]], *, seconds: float = 10, bypass_cache: bool = False
) -> "asyncio.Task[tuple[T, RequestContext]]":
    """Start a scenario in a request context of its own; return its result and the context."""

    async def run_request() -> tuple[T, RequestContext]:
        context = RequestContext(time.monotonic() + seconds, bypass_cache=bypass_cache)
        set_current(context)
        return await scenario(), context

    return asyncio.get_running_loop().create_task(run_request())
