"""A value from the cache, with the time at which it was fetched."""

from datetime import datetime
from typing import Any, Generic, TypeVar

from msgspec import Struct

T = TypeVar("T")
V_co = TypeVar("V_co", covariant=True)


class Cached(Struct, Generic[V_co], frozen=True, weakref=True):
    """A value and when it was fetched; `stale` if it is served because the source failed."""

    value: V_co
    fetched_at: datetime
    stale: bool = False


def replace_value(cached: Cached[Any], value: T) -> Cached[T]:
    """Return another value that the same response contained, with its date."""
    return Cached(value, cached.fetched_at, cached.stale)
