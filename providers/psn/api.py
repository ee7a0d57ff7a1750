"""The network as one credential sees it: signed, paced, checked and remembered."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from providers.errors import BadResponse, ProviderError, Unauthenticated, UpstreamFailed
from providers.kit.caching.cache import gather_outcomes
from providers.kit.caching.cached import Cached
from providers.kit.caching.policy import CachePolicy
from providers.kit.request_context import DEFAULT_LANGUAGE, get_current
from providers.kit.upstream.upstream_client import SharedServices, UpstreamClient, UpstreamResponse
from providers.psn import errors
from providers.psn.urls import BaseUrls

T = TypeVar("T")


@dataclass(frozen=True)
class PsnApi:
    """What every part of the client asks through; `caller` tells whose credential signs."""

    services: SharedServices
    upstream: UpstreamClient
    urls: BaseUrls
    is_caller: bool

    async def get(
        self, url: str, rules: errors.ErrorRules, params: Mapping[str, str] | None = None
    ) -> UpstreamResponse:
        """Ask, and raise a refusal as the error it means."""
        return errors.check(await self.get_unchecked(url, params), rules, is_caller=self.is_caller)

    async def get_unchecked(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> UpstreamResponse:
        """Ask, and leave a refusal to be looked at."""
        all_headers = {
            "Accept-Language": get_current().language or DEFAULT_LANGUAGE,
            **(headers or {}),
        }
        return await self.upstream.read(url, params=params, headers=all_headers)

    async def get_or_load(
        self, policy: CachePolicy[T], key: tuple[str, ...], load: Callable[[], Awaitable[T]]
    ) -> Cached[T]:
        """Answer from memory, else by one flight for all who ask."""
        if policy.public and self.is_caller and self.upstream.authenticator is not None:
            # What is the same for all is still told to nobody whose sign-in is not accepted.
            await self.upstream.authenticator.build_headers("")
        return await self.services.cache.get_or_load(policy, self.upstream.scope, key, load)

    async def get_cached(self, policy: CachePolicy[T], *key: str) -> Cached[T] | None:
        """What is remembered, without a question."""
        return await self.services.cache.get(policy, self.upstream.scope, key)

    def peek_cached(self, policy: CachePolicy[T], *key: str) -> Cached[T] | None:
        """What is remembered in this process."""
        return self.services.cache.peek(policy, self.upstream.scope, key)

    async def wait_for_load(self, policy: CachePolicy[Any], *key: str) -> None:
        """Be back when nobody is asking that question any more."""
        await self.services.cache.wait_for_load(policy, self.upstream.scope, key)

    async def set_cached(self, policy: CachePolicy[T], value: T, *key: str) -> None:
        """Remember what another answer brought along."""
        await self.services.cache.set(policy, self.upstream.scope, key, value)

    def set_cached_nowait(self, policy: CachePolicy[T], value: T, *key: str) -> None:
        """The same, without waiting until it is where others find it."""
        self.services.cache.set_nowait(policy, self.upstream.scope, key, value)

    async def find_uncached(
        self, policy: CachePolicy[T], keys: Sequence[tuple[str, ...]]
    ) -> list[str]:
        """The last members of those keys about which nothing is remembered, nor that it is not."""
        cache, scope = self.services.cache, self.upstream.scope
        cached_flags = await asyncio.gather(*(cache.has_fresh(policy, scope, key) for key in keys))
        return [key[-1] for key, is_known in zip(keys, cached_flags, strict=True) if not is_known]


async def collect_failures_by_key(
    batches: Sequence[tuple[Sequence[str], Awaitable[Cached[T]]]],
) -> dict[str, ProviderError]:
    """Run batches, and tell whose members need not be asked for alone: the source would fail them.

    A batch that was merely refused or unreadable says nothing about its members.
    """
    outcomes = await gather_outcomes([awaitable for _, awaitable in batches])
    return {
        key: outcome
        for (keys, _), outcome in zip(batches, outcomes, strict=True)
        if isinstance(outcome, UpstreamFailed | Unauthenticated)
        and not isinstance(outcome, BadResponse)
        for key in keys
    }


async def invalidate(
    api: PsnApi, policy: CachePolicy[Any], keys: Iterable[tuple[str, ...]]
) -> None:
    """Drop facts of one kind, as the connection's viewer knows them."""
    for key in keys:
        api.services.cache.invalidate(policy, api.upstream.scope, key)
