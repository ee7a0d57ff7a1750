"""Loads profiles, many accounts a call."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial

from providers.errors import BadResponse, ProviderError
from providers.kit.caching.cache import gather_outcomes
from providers.kit.caching.cached import Cached
from providers.kit.caching.policy import CachePolicy
from providers.kit.paging.batches import split_batches
from providers.xbox.accounts import get_xuid
from providers.xbox.cache_policies import FULL_PROFILE, PROFILE, PROFILE_BATCH
from providers.xbox.cached_api import CachedApi
from providers.xbox.errors import RouteMissing, build_account_not_found
from providers.xbox.models import Accounts
from providers.xbox.profile_mapping import map_accounts
from providers.xbox.routes import PROFILES, SINGLE_PROFILE
from providers.xbox_records import XboxProfile

BATCH_SIZE = 20  # how many the upstream allows is not known


async def get_profiles(
    cached_api: CachedApi, policy: CachePolicy[XboxProfile], handles: Sequence[str]
) -> list[Cached[XboxProfile] | ProviderError]:
    """Return the profile of each handle by either policy, or its error."""
    accounts = await gather_outcomes([resolve(cached_api, handle) for handle in handles])
    known_ids = [each.value for each in accounts if isinstance(each, Cached)]
    uncached = await cached_api.find_uncached(policy, sorted(set(known_ids)))
    batches = {xuid: batch for batch in split_batches(uncached, BATCH_SIZE) for xuid in batch}
    return await gather_outcomes(
        [_get_profile(cached_api, policy, account, batches) for account in accounts]
    )


async def get_profile(
    cached_api: CachedApi, xuid: str, policy: CachePolicy[XboxProfile] = PROFILE
) -> Cached[XboxProfile]:
    """Return the profile of one account; raise `NotFound` if it does not exist."""
    (outcome,) = await get_profiles(cached_api, policy, [xuid])
    if isinstance(outcome, ProviderError):
        raise outcome
    return outcome


async def resolve(cached_api: CachedApi, handle: str) -> Cached[str]:
    """Return the XUID of a handle."""
    return Cached(await get_xuid(cached_api, handle), datetime.now(UTC))


async def _get_profile(
    cached_api: CachedApi,
    policy: CachePolicy[XboxProfile],
    account: Cached[str] | ProviderError,
    batches: dict[str, tuple[str, ...]],
) -> Cached[XboxProfile]:
    if isinstance(account, ProviderError):
        raise account
    xuid = account.value
    # A value can expire between the two looks into the cache; then it is loaded alone.
    batch = batches.get(xuid, (xuid,))

    async def load() -> XboxProfile:
        loaded = await cached_api.get_or_load(
            PROFILE_BATCH, batch, partial(_load_batch, cached_api, batch)
        )
        if xuid not in loaded.value:
            raise build_account_not_found()
        profile = loaded.value[xuid]
        for other in (PROFILE, FULL_PROFILE):
            if other is not policy:
                cached_api.set_cached_nowait(other, profile, xuid)
        return profile

    return await cached_api.get_or_load(policy, (xuid,), load)


async def _load_batch(cached_api: CachedApi, xuids: Sequence[str]) -> dict[str, XboxProfile]:
    """Load a batch; in halves, as long as it is refused: it was too large, or has an unknown id.

    One after the other, because a profile alone shows whether there still is a route for many.
    """
    if len(xuids) == 1:
        return await _load_single(cached_api, xuids)
    if await cached_api.uses_first_route(SINGLE_PROFILE):
        try:
            return await _fetch_profiles(cached_api, xuids)
        except BadResponse:
            pass
    half = (len(xuids) + 1) // 2
    first = await _load_batch(cached_api, xuids[:half])
    return first | await _load_batch(cached_api, xuids[half:])


async def _load_single(cached_api: CachedApi, xuids: Sequence[str]) -> dict[str, XboxProfile]:
    try:
        return await _fetch_profiles(cached_api, xuids)
    except RouteMissing:
        return {}


async def _fetch_profiles(cached_api: CachedApi, xuids: Sequence[str]) -> dict[str, XboxProfile]:
    purpose = SINGLE_PROFILE if len(xuids) == 1 else PROFILES
    found = await cached_api.call(purpose, Accounts, map_accounts, xuids=",".join(xuids))
    requested = set(xuids)
    return {each.native_id: each for each in map_accounts(found) if each.native_id in requested}
