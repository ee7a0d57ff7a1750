"""The stores that several processes share, for tests that hold for each kind of them."""

from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from providers.kit.shared.file.file_url import build_file_url
from tests.providers.kit.redis_server import RedisServer, run_redis_server
from tests.providers.kit.simulated_processes import run_scenario

SHARED = ["redis", "file"]
shared_backends = pytest.mark.parametrize("backend", SHARED)
every_backend = pytest.mark.parametrize("backend", ["memory", *SHARED])


@dataclass(frozen=True)
class Shared:
    """A store of two processes, and the Redis below it if there is one."""

    url: str
    redis: RedisServer | None = None


def run_with_store(
    backend: str,
    folder: Path,
    scenario: Callable[[Shared], Awaitable[None]],
    seconds: float = 10,
) -> None:
    """Run a scenario with a store of this kind."""
    with ExitStack() as stack:
        redis = stack.enter_context(run_redis_server()) if backend == "redis" else None
        urls = {"memory": "memory://", "file": build_file_url(folder / "cache.db")}
        shared = Shared(redis.url if redis else urls[backend], redis)
        run_scenario(lambda: _as_coroutine(scenario(shared)), seconds)


async def _as_coroutine(scenario: Awaitable[None]) -> None:
    await scenario
