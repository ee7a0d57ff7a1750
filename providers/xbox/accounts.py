"""Accounts by any of their handles: XUIDs, gamertags and `me`."""

from functools import partial

from providers.errors import Forbidden
from providers.kit.request_context import get_current
from providers.kit.upstream.decode import build_unreadable_error
from providers.xbox.cache_policies import ACCOUNT_IDS, OWN_XUID
from providers.xbox.cached_api import CachedApi
from providers.xbox.errors import RouteMissing, build_account_not_found
from providers.xbox.identifiers import (
    ME,
    SOURCE,
    build_classic_gamertag,
    fold_gamertag,
    is_xuid,
    parse_handle,
)
from providers.xbox.models import Accounts
from providers.xbox.profile_mapping import map_accounts
from providers.xbox.routes import OWN_ACCOUNT, SEARCH
from providers.xbox_records import XboxProfile


async def get_xuid(cached_api: CachedApi, handle: str) -> str:
    """Return the XUID for any handle; raise `NotFound` for a gamertag that no account has."""
    name = parse_handle(handle)
    if name == ME:
        return await get_own_xuid(cached_api)
    xuid = name if is_xuid(name) else await _find_xuid(cached_api, name)
    if get_current().is_public and xuid == await get_own_xuid(cached_api):
        # Xbox shows the owner of a key what they hide from others.
        message = "The operator's own account requires an API key with scope `read`."
        raise Forbidden(message, source=SOURCE)
    return xuid


async def get_own_xuid(cached_api: CachedApi) -> str:
    """Return the XUID of the key's owner, which only one route tells."""

    async def load() -> str:
        profiles = map_accounts(await cached_api.call(OWN_ACCOUNT, Accounts, map_accounts))
        if not profiles:
            raise build_unreadable_error(SOURCE)
        return profiles[0].native_id

    return (await cached_api.get_or_load(OWN_XUID, (), load)).value


async def is_own_xuid(cached_api: CachedApi, xuid: str) -> bool:
    """Return whether an XUID is known to be that of the key's owner; no call is made."""
    own = await cached_api.get_cached(OWN_XUID)
    return own is not None and own.value == xuid


async def search_profiles(cached_api: CachedApi, term: str) -> tuple[XboxProfile, ...]:
    """Return the accounts that the upstream finds, without the cache."""
    try:
        found = await cached_api.call(
            SEARCH, Accounts, map_accounts, gamertag=build_classic_gamertag(term)
        )
    except RouteMissing:  # so some of its routes answer for a gamertag that no account has
        return ()
    return map_accounts(found)


def has_gamertag(profile: XboxProfile, gamertag: str) -> bool:
    """Return whether a gamertag is a spelling of the account's own."""
    own = (each for each in (profile.gamertag, profile.handle) if each)
    return fold_gamertag(gamertag) in map(fold_gamertag, own)


async def _find_xuid(cached_api: CachedApi, gamertag: str) -> str:
    load = partial(_load_xuid, cached_api, gamertag)
    return (await cached_api.get_or_load(ACCOUNT_IDS, (fold_gamertag(gamertag),), load)).value


async def _load_xuid(cached_api: CachedApi, gamertag: str) -> str:
    found = await search_profiles(cached_api, gamertag)
    # The upstream finds similar names as well.
    matches = (each.native_id for each in found if has_gamertag(each, gamertag))
    xuid = next(matches, None)
    if xuid is None:
        raise build_account_not_found()
    return xuid
