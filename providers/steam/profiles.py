"""Loads profiles and presences, a hundred accounts a call, and levels."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from operator import attrgetter
from typing import TypeVar

from providers.errors import ProviderError
from providers.kit.caching.cache import gather_outcomes
from providers.kit.caching.cached import Cached
from providers.kit.caching.policy import CachePolicy
from providers.steam import methods
from providers.steam.accounts import get_steam_id
from providers.steam.api import SteamApi
from providers.steam.cache_policies import LEVEL, PRESENCE, PROFILE, SUMMARIES
from providers.steam.cached_api import CachedApi
from providers.steam.cached_records import Summary
from providers.steam.errors import build_account_not_found
from providers.steam.models import LevelResponse, PlayerSummariesResponse
from providers.steam.profile_mapping import map_summary
from providers.steam_records import SteamPresence, SteamProfile

T = TypeVar("T")

BATCH_SIZE = 100  # documented


async def get_profiles(
    cached_api: CachedApi, handles: Sequence[str]
) -> list[Cached[SteamProfile] | ProviderError]:
    """Return the profile of each handle, or its error."""
    return await _get_parts(cached_api, PROFILE, attrgetter("profile"), handles)


async def get_presences(
    cached_api: CachedApi, handles: Sequence[str]
) -> list[Cached[SteamPresence] | ProviderError]:
    """Return the presence of each handle, or its error."""
    return await _get_parts(cached_api, PRESENCE, attrgetter("presence"), handles)


async def get_profile(cached_api: CachedApi, steam_id: str) -> Cached[SteamProfile]:
    """Return the profile of one account; raise `NotFound` if it does not exist."""
    (outcome,) = await get_profiles(cached_api, [steam_id])
    if isinstance(outcome, ProviderError):
        raise outcome
    return outcome


async def get_level(cached_api: CachedApi, handle: str) -> Cached[int | None]:
    """Return the level of an account; None if its owner hides it."""
    steam_id = await get_steam_id(cached_api, handle)

    async def load() -> int | None:
        reply = await cached_api.api.get(methods.STEAM_LEVEL, steamid=steam_id)
        level = reply.decode(LevelResponse).response.player_level
        # An unknown account is answered like one that hides its level.
        if level is None:
            await get_profile(cached_api, steam_id)
        return level

    return await cached_api.get_or_load(LEVEL, (steam_id,), load)


async def load_summaries(api: SteamApi, steam_ids: Sequence[str]) -> dict[str, Summary]:
    """Load the summaries of up to a hundred accounts, without the cache; unknown ones are absent.

    The upstream does not keep the order.
    """
    reply = await api.get(methods.PLAYER_SUMMARIES, steamids=",".join(steam_ids))
    players = reply.decode(PlayerSummariesResponse).response.players
    requested = set(steam_ids)
    return {each.steamid: map_summary(each) for each in players if each.steamid in requested}


async def _get_parts(
    cached_api: CachedApi,
    policy: CachePolicy[T],
    select: Callable[[Summary], T],
    handles: Sequence[str],
) -> list[Cached[T] | ProviderError]:
    """Return a part of each account's summary, which is cached on its own."""
    accounts = await gather_outcomes([_resolve(cached_api, handle) for handle in handles])
    known_ids = [each.value for each in accounts if isinstance(each, Cached)]
    uncached = await cached_api.find_uncached(policy, sorted(set(known_ids)))
    batches = {
        steam_id: tuple(uncached[start : start + BATCH_SIZE])
        for start in range(0, len(uncached), BATCH_SIZE)
        for steam_id in uncached[start : start + BATCH_SIZE]
    }
    return await gather_outcomes(
        [_get_part(cached_api, policy, select, account, batches) for account in accounts]
    )


async def _resolve(cached_api: CachedApi, handle: str) -> Cached[str]:
    return Cached(await get_steam_id(cached_api, handle), datetime.now(UTC))


async def _get_part(
    cached_api: CachedApi,
    policy: CachePolicy[T],
    select: Callable[[Summary], T],
    account: Cached[str] | ProviderError,
    batches: dict[str, tuple[str, ...]],
) -> Cached[T]:
    if isinstance(account, ProviderError):
        raise account
    steam_id = account.value
    # A value can expire between the two looks into the cache; then it is loaded alone.
    batch = batches.get(steam_id, (steam_id,))

    async def load() -> T:
        loaded = await cached_api.get_or_load(
            SUMMARIES, batch, partial(load_summaries, cached_api.api, batch)
        )
        if steam_id not in loaded.value:
            raise build_account_not_found()
        return select(loaded.value[steam_id])

    return await cached_api.get_or_load(policy, (steam_id,), load)
