"""Repetition of an export's reads: they wait for rate limits, and retry a failing source."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from msgspec.structs import replace

from providers.errors import RateLimited, UpstreamFailed
from providers.kit.request_context import RequestContext, set_current

T = TypeVar("T")

MAX_FAILURES = 5
FIRST_DELAY_SECONDS = 2.0  # doubling after each failure
DEFAULT_WAIT_SECONDS = 15  # where a source asks to wait and says no time


async def read_patiently(
    read: Callable[[], Awaitable[T]], context: RequestContext, seconds: float
) -> T:
    """Return what `read` returns, with a new deadline in `seconds` for each attempt.

    A rate limit is waited for, however long it takes. Raise any other failure of the source when
    it has happened `MAX_FAILURES` times.
    """
    failures = 0
    while True:
        now = time.monotonic()
        set_current(replace(context, deadline=now + seconds, started_at=time.time()))
        try:
            return await read()
        except RateLimited as error:
            delay = error.retry_after or DEFAULT_WAIT_SECONDS
        except UpstreamFailed:
            failures += 1
            if failures >= MAX_FAILURES:
                raise
            delay = FIRST_DELAY_SECONDS * 2 ** (failures - 1)
        await asyncio.sleep(delay)
