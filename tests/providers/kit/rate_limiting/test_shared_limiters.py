"""The rate limiter that all processes share, for the store that they have."""

from pathlib import Path

from providers.kit.rate_limiting.file_rate_limiter import FileRateLimiter
from providers.kit.rate_limiting.redis_rate_limiter import RedisRateLimiter
from providers.kit.rate_limiting.shared_limiters import create_shared_limiter
from providers.kit.shared.file.file_url import build_file_url
from providers.kit.shared.shared_store import SharedStore
from tests.virtual_time import run_on_virtual_time


def test_each_store_has_its_own_limiter(tmp_path: Path) -> None:
    async def create() -> list[object]:
        urls = (build_file_url(tmp_path / "cache.db"), "redis://127.0.0.1:1")
        return [create_shared_limiter(SharedStore(url), "pace", "PSN") for url in urls]

    in_file, in_redis = run_on_virtual_time(create())

    assert isinstance(in_file, FileRateLimiter)
    assert isinstance(in_redis, RedisRateLimiter)


def test_a_process_on_its_own_needs_none() -> None:
    assert create_shared_limiter(None, "pace", "PSN") is None
    assert create_shared_limiter(SharedStore("memory://"), "pace", "PSN") is None
