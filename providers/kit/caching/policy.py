"""Cache policies, in the terms of RFC 9111 and RFC 5861."""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar

T = TypeVar("T")

# For values whose key contains everything they change with: only eviction ends them.
NEVER_EXPIRES = math.inf


@dataclass(frozen=True)
class CachePolicy(Generic[T]):
    """How long one kind of value is served, and which requests share it.

    Durations are in seconds, counted from the time of fetching. `type` is the type that a value
    is decoded as when another process stored it.
    """

    name: str  # <source>.<value>
    type: Any
    max_age: float
    stale_while_revalidate: float = 0  # served, while a load in the background revalidates it
    stale_if_error: float = 0  # served if the source fails
    negative_ttl: float = 60  # how long an absence such as "not found" is served
    public: bool = False  # the same for every viewer, so the key has no scope
    languages: tuple[str, ...] = ()  # that the value comes in; the key contains the requested one
    process_local: bool = False  # never stored outside the process
    versioned: bool = False  # the key contains a version, so no-cache does not reload it
    invalidated_by_writes: bool = False  # a mutation of this server, or a webhook, may change it

    @property
    def localized(self) -> bool:
        """Whether the value depends on the language of the request."""
        return bool(self.languages)

    @cached_property
    def source(self) -> str:
        """The name of the source that the value comes from."""
        return self.name.partition(".")[0]

    @cached_property
    def lifetime(self) -> float:
        """The seconds after which a value is of no use for any purpose."""
        return max(self.max_age, self.stale_while_revalidate, self.stale_if_error)
