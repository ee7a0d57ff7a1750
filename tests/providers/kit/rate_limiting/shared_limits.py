"""What the tests of rate limiters that several processes share have in common."""

import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from providers.kit.rate_limiting.rate_limiter import Rate, RateLimiter, RateLimiters
from tests.providers.kit.shared_backends import Shared, run_with_store
from tests.providers.kit.simulated_processes import open_stores

Acquired = tuple[float, float]
# By how much another clock may be faster than ours within a second.
CLOCK_TOLERANCE = 0.01
DAY = 86_400


def run_with_limiters(
    backend: str,
    folder: Path,
    scenario: Callable[..., Awaitable[None]],
    processes: int = 2,
    seconds: float = 20,
) -> None:
    """Run a scenario with the rate limiters of some processes on one store."""

    async def run(shared: Shared) -> None:
        async with open_stores(shared.url, processes) as stores:
            await scenario(*(RateLimiters(shared_store=store) for store in stores))

    run_with_store(backend, folder, run, seconds)


def get_limiter(limiters: RateLimiters, rate: str = "", scope: str = "a-scope") -> RateLimiter:
    return limiters.get("PSN", scope, Rate.parse(rate), 8)


async def acquire_once(limiter: RateLimiter) -> Acquired:
    """Acquire a call, and return two times between which it was allowed."""
    async with limiter.acquire() as acquired_at:
        return acquired_at, time.monotonic()


async def wait_for_writes(limiters: RateLimiters) -> None:
    """Wait until all that these limiters have sent is done: the store does it in order."""
    await limiters.peek("PSN", "no-scope", Rate(None), 1).refresh()


def count_in_busiest_window(seconds: float, acquired: list[Acquired]) -> int:
    """Return the most calls that were certainly allowed within one window."""
    return max(
        sum(start <= earliest and latest < start + seconds for earliest, latest in acquired)
        for start, _ in acquired
    )


def approximately(seconds: float) -> object:
    """Match a number of seconds of which up to ten have passed."""
    return pytest.approx(seconds - 5, abs=5)
