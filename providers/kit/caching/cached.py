"""A fact as the cache answers it: with the time it was fetched."""

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

V_co = TypeVar("V_co", covariant=True)


@dataclass(frozen=True)
class Cached(Generic[V_co]):
    """A fact, when it was fetched, and whether it stands in for one that could not be."""

    value: V_co
    fetched_at: datetime
    stale: bool = False
