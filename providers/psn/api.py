"""The network as one credential sees it: signed, paced, checked and remembered."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from providers.errors import BadResponse, Failed, ProviderError, Unauthenticated
from providers.kit.caching.cache import gather
from providers.kit.caching.cached import Answer
from providers.kit.caching.policy import Kind
from providers.kit.request_context import LANGUAGE, current
from providers.kit.upstream.upstream_client import Kit, Reply, Upstream
from providers.psn import errors
from providers.psn.urls import Hosts

T = TypeVar("T")


@dataclass(frozen=True)
class Connection:
    """What every part of the client asks through; `caller` tells whose credential signs."""

    kit: Kit
    upstream: Upstream
    hosts: Hosts
    caller: bool

    async def get(
        self, url: str, refusals: errors.Refusals, params: Mapping[str, str] | None = None
    ) -> Reply:
        """Ask, and raise a refusal as the error it means."""
        return errors.check(await self.ask(url, params), refusals, caller=self.caller)

    async def ask(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Ask, and leave a refusal to be looked at."""
        spoken = {"Accept-Language": current().language or LANGUAGE, **(headers or {})}
        return await self.upstream.read(url, params=params, headers=spoken)

    async def remember(
        self, kind: Kind[T], key: tuple[str, ...], load: Callable[[], Awaitable[T]]
    ) -> Answer[T]:
        """Answer from memory, else by one flight for all who ask."""
        if kind.shared and self.caller and self.upstream.authority is not None:
            # What is the same for all is still told to nobody whose sign-in is not accepted.
            await self.upstream.authority.headers("")
        return await self.kit.cache.remember(kind, self.upstream.scope, key, load)

    async def recall(self, kind: Kind[T], *key: str) -> Answer[T] | None:
        """What is remembered, without a question."""
        return await self.kit.cache.recall(kind, self.upstream.scope, key)

    def peek(self, kind: Kind[T], *key: str) -> Answer[T] | None:
        """What is remembered in this process."""
        return self.kit.cache.peek(kind, self.upstream.scope, key)

    async def landed(self, kind: Kind[Any], *key: str) -> None:
        """Be back when nobody is asking that question any more."""
        await self.kit.cache.landed(kind, self.upstream.scope, key)

    async def keep(self, kind: Kind[T], value: T, *key: str) -> None:
        """Remember what another answer brought along."""
        await self.kit.cache.keep(kind, self.upstream.scope, key, value)

    def store(self, kind: Kind[T], value: T, *key: str) -> None:
        """The same, without waiting until it is where others find it."""
        self.kit.cache.store(kind, self.upstream.scope, key, value)

    async def not_remembered(self, kind: Kind[T], keys: Sequence[tuple[str, ...]]) -> list[str]:
        """The last members of those keys about which nothing is remembered, nor that it is not."""
        cache, scope = self.kit.cache, self.upstream.scope
        known = await asyncio.gather(*(cache.knows(kind, scope, key) for key in keys))
        return [key[-1] for key, is_known in zip(keys, known, strict=True) if not is_known]


async def failed_by_key(
    batches: Sequence[tuple[Sequence[str], Awaitable[Answer[T]]]],
) -> dict[str, ProviderError]:
    """Run batches, and tell whose members need not be asked for alone: the source would fail them.

    A batch that was merely refused or unreadable says nothing about its members.
    """
    outcomes = await gather([awaitable for _, awaitable in batches])
    return {
        key: outcome
        for (keys, _), outcome in zip(batches, outcomes, strict=True)
        if isinstance(outcome, Failed | Unauthenticated) and not isinstance(outcome, BadResponse)
        for key in keys
    }


async def forget(connection: Connection, kind: Kind[Any], keys: Iterable[tuple[str, ...]]) -> None:
    """Drop facts of one kind, as the connection's viewer knows them."""
    for key in keys:
        connection.kit.cache.forget(kind, connection.upstream.scope, key)
