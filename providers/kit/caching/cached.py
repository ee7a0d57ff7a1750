"""A value from the cache, with the time at which it was fetched."""

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

V_co = TypeVar("V_co", covariant=True)


@dataclass(frozen=True)
class Cached(Generic[V_co]):
    """A value and when it was fetched; `stale` if it is served because the source failed."""

    value: V_co
    fetched_at: datetime
    stale: bool = False
