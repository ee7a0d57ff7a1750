"""redis-py, which comes with the extra `redis` and may not be installed."""

from collections.abc import Awaitable, Callable
from importlib import import_module
from typing import Any

NOT_INSTALLED = "redis:// needs the extra `redis`: pip install 'trophycase[redis]'"
BAD_URL = "must be a Redis URL such as redis://host:6379/0"
MODULES = ("asyncio", "asyncio.retry", "backoff", "exceptions", "maint_notifications")


def create_client(url: str, on_connect: Callable[[Any], Awaitable[None]] | None = None) -> Any:
    """Create a client without timeouts and retries: `RedisConnection` has its own.

    Raise `ValueError` in one line for a bad URL, or if redis-py is not installed.
    """
    try:
        redis = import_redis()
    except ImportError:
        raise ValueError(NOT_INSTALLED) from None
    try:
        return redis.asyncio.Redis.from_url(
            url,
            socket_timeout=None,
            socket_connect_timeout=None,
            retry=redis.asyncio.retry.Retry(redis.backoff.NoBackoff(), 0),
            protocol=2,
            driver_info=None,
            redis_connect_func=on_connect,
            maint_notifications_config=redis.maint_notifications.MaintNotificationsConfig(
                enabled=False
            ),
        )
    except (ValueError, redis.exceptions.RedisError):
        raise ValueError(BAD_URL) from None


def is_unknown_script(reply: Any) -> bool:
    """Return whether a reply says that Redis has no script of this hash."""
    return isinstance(reply, Exception) and isinstance(
        reply, import_redis().exceptions.NoScriptError
    )


def import_redis() -> Any:
    """Return redis-py with the modules that are used of it; its own types are incomplete."""
    for name in MODULES:
        import_module(f"redis.{name}")
    return import_module("redis")
