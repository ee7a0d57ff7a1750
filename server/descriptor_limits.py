"""Limits on connections that follow from the number of file descriptors.

Upstream connections and files need a quarter of them.
"""

from functools import cache

MAX_CONNECTIONS = 1_000
MAX_LIVE_CONNECTIONS = 1_000
WANTED_DESCRIPTORS = 4_096


def raise_descriptor_limit() -> None:
    """Raise this process' limit as far as the system lets it, up to what all connections need."""
    try:
        import resource  # noqa: PLC0415 - not every system has it, or a limit
    except ImportError:
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = WANTED_DESCRIPTORS if hard == resource.RLIM_INFINITY else min(WANTED_DESCRIPTORS, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


@cache
def get_connection_limit(live_connections: int = 0) -> int:
    """Return how many connections for requests there may be beside so many live ones."""
    return min(MAX_CONNECTIONS, _count_usable_descriptors() - live_connections)


@cache
def get_live_connection_limit() -> int:
    """Return how many WebSockets and event streams there may be: at most half of all."""
    return min(MAX_LIVE_CONNECTIONS, _count_usable_descriptors() // 2)


def _count_usable_descriptors() -> int:
    most = MAX_CONNECTIONS + MAX_LIVE_CONNECTIONS
    try:
        import resource  # noqa: PLC0415 - likewise
    except ImportError:
        return most
    descriptors, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return most if descriptors == resource.RLIM_INFINITY else descriptors * 3 // 4
