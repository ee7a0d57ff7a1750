"""The age of what a running server has cached."""

from typing import Any

from providers.kit.caching.memory_store import MAX_CHANGED_KEYS
from tests.harness import RunningServer


def age_cache(server: RunningServer, seconds: float) -> None:
    """Move the times of fetching into the past, as waiting would."""
    cache: Any = server.shared_services.cache
    store = cache._memory_store  # noqa: SLF001 - nothing else ages it
    store.changes += MAX_CHANGED_KEYS + 1  # so that all entries are looked up again
    for entry in store._entries.values():  # noqa: SLF001 - as above
        entry.stored_at -= seconds
