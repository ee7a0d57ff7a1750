"""Limits of an upstream that are learned from its responses, and remembered for a day."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from providers.kit.caching.cached import Cached
from providers.kit.caching.policy import CachePolicy
from providers.kit.paging.limit_refused import LimitRefused

T = TypeVar("T")

# After these, a source that names another limit each time is no longer believed.
MAX_NAMED_LIMITS = 3


class CachedLimits(Protocol):
    """Where learned limits are stored: a source's cache."""

    async def get_cached(self, policy: CachePolicy[int], *key: str) -> Cached[int] | None:
        """Return the cached number, or None."""
        ...

    def set_cached_nowait(self, policy: CachePolicy[int], value: int, *key: str) -> None:
        """Cache a number."""
        ...


@dataclass(frozen=True)
class LearnedLimit:
    """A number of items in a request or a response; `default` is the documented one.

    `usual` is a smaller one that is known to be allowed, to be tried after a refusal that names
    none.
    """

    policy: CachePolicy[int]
    name: str
    default: int
    usual: int | None = None

    async def get(self, limits: CachedLimits) -> int:
        """Return the number that was learned last, or the documented one."""
        learned = await limits.get_cached(self.policy, self.name)
        return self.default if learned is None else learned.value

    def learn(self, limits: CachedLimits, value: int) -> int:
        """Remember a number, and return it."""
        limits.set_cached_nowait(self.policy, value, self.name)
        return value

    def learn_from_page(
        self, limits: CachedLimits, requested: int, offset: int, next_offset: int | None
    ) -> None:
        """Remember the rows of a page that has fewer than were requested, with more to come."""
        if next_offset is not None and next_offset - offset < requested:
            self.learn(limits, next_offset - offset)

    def compute_smaller(
        self, refused: int, refusal: LimitRefused, *, is_believed: bool = True
    ) -> int:
        """Return the size to try after a refusal; raise the refusal if there is none."""
        if refused <= 1:
            raise refusal
        allowed = refusal.get_allowed(refused) if is_believed else None
        if allowed is not None:
            return allowed
        return self.usual if self.usual and self.usual < refused else refused // 2

    async def load_page(self, limits: CachedLimits, load: Callable[[int], Awaitable[T]]) -> T:
        """Load a page of as many rows as the upstream allows; `load` raises `LimitRefused`.

        A smaller size is remembered once it has been accepted: a source that fails with such an
        error would otherwise be read row by row for a day.
        """
        size, refusals = await self.get(limits), 0
        while True:
            try:
                page = await load(size)
            except LimitRefused as refusal:
                is_believed = refusals < MAX_NAMED_LIMITS
                size, refusals = (
                    self.compute_smaller(size, refusal, is_believed=is_believed),
                    refusals + 1,
                )
            else:
                if refusals:
                    self.learn(limits, size)
                return page
