"""What the holder of one key sees, and what of it is remembered."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from providers.kit.caching.cache import Cache
from providers.kit.caching.cached import Answer
from providers.kit.caching.policy import Kind
from providers.retroachievements.api import WebApi

T = TypeVar("T")


@dataclass(frozen=True)
class View:
    """The upstream through one key, and the memory in front of it."""

    api: WebApi
    cache: Cache = field(repr=False)

    async def remember(
        self, kind: Kind[T], key: tuple[str, ...], load: Callable[[], Awaitable[T]]
    ) -> Answer[T]:
        """Answer from this key's own memory, or load."""
        return await self.cache.remember(kind, self.api.credential.scope, key, load)

    def remembers(self, kind: Kind[Any], key: tuple[str, ...]) -> bool:
        """Whether it is remembered in this process, so that nobody at all has to be asked."""
        return self.cache.peek(kind, self.api.credential.scope, key) is not None

    async def recall(self, kind: Kind[T], key: tuple[str, ...]) -> Answer[T] | None:
        """What is remembered, without a question."""
        return await self.cache.recall(kind, self.api.credential.scope, key)

    def store(self, kind: Kind[T], key: tuple[str, ...], value: T) -> None:
        """Remember what another question has brought along."""
        self.cache.store(kind, self.api.credential.scope, key, value)


def restated(answer: Answer[Any], value: T) -> Answer[T]:
    """Another fact that the same answer holds."""
    return Answer(value, answer.fetched_at, answer.stale)
