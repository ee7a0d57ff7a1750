"""Creation of the rate limiter that all processes share, for the store that they have."""

from providers.kit.rate_limiting.file_rate_limiter import FileRateLimiter
from providers.kit.rate_limiting.redis_rate_limiter import RedisRateLimiter
from providers.kit.rate_limiting.shared_rate_limiter import SharedRateLimiter
from providers.kit.shared.shared_store import SharedStore


def create_shared_limiter(
    shared_store: SharedStore | None, label: str, *parts: str
) -> SharedRateLimiter | None:
    """Return the limiter of a name in Redis or in the file; None if the process is alone."""
    if shared_store is None:
        return None
    if shared_store.file is not None:
        return FileRateLimiter(shared_store.file, shared_store.build_key(label, *parts))
    if shared_store.redis is not None:
        return RedisRateLimiter(shared_store.redis, shared_store.build_key(label, *parts))
    return None
