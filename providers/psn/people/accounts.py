"""Resolves handles to account ids, and loads profiles by online id, which contain them."""

from dataclasses import dataclass
from functools import partial

from providers.errors import Forbidden, NotFound, ProviderError
from providers.kit.caching.cached import Cached
from providers.kit.request_context import get_current
from providers.kit.text import quote_segment
from providers.kit.upstream.decode import build_unreadable_error
from providers.psn import errors
from providers.psn.cache_policies import (
    ACCOUNT_ID,
    ACCOUNT_NAMES,
    OWN_ACCOUNT,
    PROFILE_BY_ONLINE_ID,
)
from providers.psn.cached_api import CachedApi
from providers.psn.identifiers import ACCOUNT_ID_PATTERN, ME, is_account_id
from providers.psn.people.models import (
    OwnAccountResponse,
    ProfileByOnlineId,
    ProfileByOnlineIdResponse,
)
from providers.psn.people.profile_mapping import PROFILE_FIELDS, map_profile_by_online_id
from providers.psn.urls import SOURCE
from providers.psn_records import PsnProfile


@dataclass(frozen=True)
class Accounts:
    """Account ids and online ids of accounts."""

    cached_api: CachedApi

    async def get_account_id(self, handle: str) -> str:
        """Return the account id of a handle; an account id is returned without any check."""
        if is_account_id(handle):
            return handle
        get_or_load = self.cached_api.get_or_load
        if handle == ME:
            return (await get_or_load(OWN_ACCOUNT, (), self._load_own_id)).value
        load = partial(self._find_account_id, handle)
        return (await get_or_load(ACCOUNT_ID, (handle.lower(),), load)).value

    async def resolve_path_id(self, handle: str) -> str:
        """Return what stands for the account in URLs and cache keys: `me` or its account id.

        The viewer's own account id becomes `me`, if it is cached, so that both share entries.
        """
        found = self.find_path_id(handle)
        if found is not None:
            return found
        account_id = await self.get_account_id(handle)
        if get_current().is_public and account_id == await self.get_account_id(ME):
            # PSN shows its owner what it hides from others.
            message = "The operator's own account requires an API key with scope `read`."
            raise Forbidden(message, source=SOURCE)
        own_id = await self.cached_api.get_cached(OWN_ACCOUNT)
        is_own = own_id is not None and own_id.value == account_id
        return ME if is_own else quote_segment(account_id)

    def find_path_id(self, handle: str) -> str | None:
        """Return what `resolve_path_id` returns, or None if it may have to wait for it."""
        if handle == ME:
            return ME
        if not is_account_id(handle) or get_current().is_public:
            return None
        own_id = self.cached_api.peek_cached(OWN_ACCOUNT)
        if own_id is None:
            return None if self.cached_api.cache.is_shared else handle
        return ME if own_id.value == handle else handle

    async def find_own_id(self) -> str | None:
        """Return the viewer's account id, or None if it cannot be loaded."""
        try:
            return await self.get_account_id(ME)
        except ProviderError:
            return None

    async def get_cached_names(self, account_id: str) -> tuple[str, ...]:
        """Return the online ids under which the account's profile may be cached."""
        cached = await self.cached_api.get_cached(ACCOUNT_NAMES, account_id)
        return () if cached is None else cached.value

    async def verify(self) -> str:
        """Load the viewer's account id, whatever is cached; raise if the sign-in is rejected."""
        account_id = await self._load_own_id()
        await self.cached_api.set_cached(OWN_ACCOUNT, account_id)
        return account_id

    async def get_by_online_id(self, online_id: str) -> Cached[PsnProfile]:
        """Return the legacy profile, which also has np id, country and friend relation."""
        load = partial(self._load_by_online_id, online_id)
        key = (online_id.lower(),)
        return await self.cached_api.get_or_load(PROFILE_BY_ONLINE_ID, key, load)

    async def _find_account_id(self, online_id: str) -> str:
        return _check_account_id((await self.get_by_online_id(online_id)).value.native_id)

    async def _load_own_id(self) -> str:
        api = self.cached_api.api
        url = f"{api.urls.dms}/api/v1/devices/accounts/me"
        reply = await api.get(url, errors.DEFAULT_RULES)
        return _check_account_id(reply.decode(OwnAccountResponse).account_id)

    async def _load_by_online_id(self, online_id: str) -> PsnProfile:
        api = self.cached_api.api
        url = f"{api.urls.legacy}/userProfile/v1/users/{quote_segment(online_id)}/profile2"
        reply = await api.get(url, errors.LEGACY_PROFILE_RULES, {"fields": PROFILE_FIELDS})
        row = reply.decode(ProfileByOnlineIdResponse).profile
        if row == ProfileByOnlineId():
            raise build_unreadable_error(SOURCE)
        profile = map_profile_by_online_id(online_id, row)
        if profile.native_id:
            await self._store_name(online_id.lower(), profile.native_id)
        return profile

    async def _store_name(self, name: str, account_id: str) -> None:
        # A renamed account is found by its former online ids as well.
        names = await self.get_cached_names(account_id)
        if name not in names:
            self.cached_api.set_cached_nowait(ACCOUNT_NAMES, (*names, name), account_id)


def _check_account_id(account_id: str) -> str:
    """Return the account id; raise `NotFound` unless it can be put into a URL."""
    if not ACCOUNT_ID_PATTERN.fullmatch(account_id):
        raise NotFound("PSN returned no account id for this account.", source=SOURCE)
    return account_id
