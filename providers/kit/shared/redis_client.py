"""redis-py, which comes with the extra `redis` and may not be installed."""

from collections.abc import Awaitable, Callable
from typing import Any, cast

NOT_INSTALLED = "redis:// needs the extra `redis`: pip install 'trophycase[redis]'"
BAD_URL = "must be a Redis URL such as redis://host:6379/0"


def create_client(url: str, on_connect: Callable[[Any], Awaitable[None]] | None = None) -> Any:
    """Create a client without timeouts and retries: `RedisConnection` has its own.

    Raise `ValueError` in one line for a bad URL, or if redis-py is not installed.
    """
    try:
        from redis.asyncio import Redis  # noqa: PLC0415 - it may not be installed
        from redis.asyncio.retry import Retry  # noqa: PLC0415
        from redis.backoff import NoBackoff  # noqa: PLC0415
        from redis.exceptions import RedisError  # noqa: PLC0415
        from redis.maint_notifications import MaintNotificationsConfig  # noqa: PLC0415
    except ImportError:
        raise ValueError(NOT_INSTALLED) from None
    try:
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
    except (ValueError, RedisError):
        raise ValueError(BAD_URL) from None


def is_unknown_script(reply: Any) -> bool:
    """Return whether a reply says that Redis has no script of this hash."""
    if not isinstance(reply, Exception):
        return False
    from redis.exceptions import NoScriptError  # noqa: PLC0415 - it is installed where it replies

    return isinstance(reply, NoScriptError)
