"""Accounts by any of their handles: SteamIDs, vanity names and `me`."""

from providers.errors import BadInput, Forbidden
from providers.kit.request_context import get_current
from providers.kit.upstream.decode import build_unreadable_error
from providers.steam import methods
from providers.steam.cache_policies import ACCOUNT_IDS
from providers.steam.cached_api import CachedApi
from providers.steam.errors import build_account_not_found
from providers.steam.identifiers import ME, SOURCE, is_steam_id, parse_handle
from providers.steam.models import VanityResponse


def check_handle(cached_api: CachedApi, handle: str) -> None:
    """Raise `BadInput` for a handle that no account can have, or `me` without an own account."""
    if parse_handle(handle) == ME and not cached_api.api.credential.own_handle:
        message = "`me` needs an account of the credential's own (STEAM_ID)."
        raise BadInput(message, argument="handle", source=SOURCE)


async def get_steam_id(cached_api: CachedApi, handle: str) -> str:
    """Return the SteamID64 for any handle; raise `NotFound` for a name that no account has."""
    check_handle(cached_api, handle)
    own_handle = cached_api.api.credential.own_handle
    name = parse_handle(handle)
    steam_id = await _find_steam_id(cached_api, parse_handle(own_handle) if name == ME else name)
    if name != ME and own_handle and get_current().is_public:
        await _check_not_own(cached_api, own_handle, steam_id)
    return steam_id


async def _check_not_own(cached_api: CachedApi, own_handle: str, steam_id: str) -> None:
    if steam_id == await _find_steam_id(cached_api, parse_handle(own_handle)):
        # Steam shows the owner of a key what they hide from others.
        message = "The operator's own account requires an API key with scope `read`."
        raise Forbidden(message, source=SOURCE)


async def _find_steam_id(cached_api: CachedApi, name: str) -> str:
    if is_steam_id(name):
        return name

    async def load() -> str:
        reply = await cached_api.api.get(methods.RESOLVE_VANITY_URL, vanityurl=name)
        steam_id = reply.decode(VanityResponse).response.steamid
        if not steam_id:
            raise build_account_not_found()
        if not is_steam_id(steam_id):
            raise build_unreadable_error(SOURCE)
        return steam_id

    return (await cached_api.get_or_load(ACCOUNT_IDS, (name.lower(),), load)).value
