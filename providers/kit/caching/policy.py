"""How long each kind of fact is good, in the words of RFC 5861 and RFC 9111."""

import math
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

T = TypeVar("T")

# The lifetime of what has in its key all that it changes with: only want of room ends it.
NEVER_EXPIRES = math.inf


@dataclass(frozen=True)
class CachePolicy(Generic[T]):
    """One kind of remembered fact, and for how many seconds it is good.

    Up to `fresh` it is served as it is; up to `stale` it is served while one flight renews it; up
    to `rescue` it is served when its source fails. `missing` is how long an absence is believed.
    A `shared` kind is the same for every viewer; any other is kept apart by viewer. A `localized`
    kind is kept apart by language. A `local` kind is nobody else's business: it never leaves the
    process. A `versioned` kind has in its key all that its facts change with, so that even who asks
    past what is remembered need not ask for them again. A `written` kind is what a change of our
    own can make untrue.
    """

    name: str
    type: Any
    max_age: float
    stale_while_revalidate: float = 0
    stale_if_error: float = 0
    negative_ttl: float = 60
    public: bool = False
    localized: bool = False
    process_local: bool = False
    versioned: bool = False
    invalidated_by_writes: bool = False

    @property
    def source(self) -> str:
        """The source it comes from, by name."""
        return self.name.partition(".")[0]
