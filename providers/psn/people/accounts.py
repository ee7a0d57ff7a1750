"""Resolves handles to account ids and loads profiles, one by one or up to a hundred a call."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from msgspec.structs import replace

from providers.errors import Missing, NotFound, ProviderError, UpstreamFailed
from providers.kit.caching.cache import gather_outcomes
from providers.kit.caching.cached import Cached
from providers.kit.text import quote_segment
from providers.psn import errors
from providers.psn.batches import load_batches, split_batches
from providers.psn.cache_policies import (
    ACCOUNT_ID,
    ACCOUNT_NAMES,
    OWN_ACCOUNT,
    PROFILE_BATCH,
    PROFILE_BY_ACCOUNT_ID,
    PROFILE_BY_ONLINE_ID,
)
from providers.psn.cached_api import CachedApi
from providers.psn.identifiers import ACCOUNT_ID_PATTERN, ME, is_account_id
from providers.psn.people.models import (
    OwnAccountResponse,
    ProfileByAccountId,
    ProfileByOnlineIdResponse,
    ProfilesResponse,
)
from providers.psn.people.profile_mapping import (
    PROFILE_FIELDS,
    map_profile_by_account_id,
    map_profile_by_online_id,
)
from providers.psn.urls import SOURCE
from providers.psn_records import PsnProfile

BATCH_SIZE = 100  # the most that the profile and presence services allow


@dataclass(frozen=True)
class Accounts:
    """Account ids and profiles, as far as the viewer may see them."""

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
        if handle == ME:
            return ME
        account_id = await self.get_account_id(handle)
        own_id = await self.cached_api.get_cached(OWN_ACCOUNT)
        is_own = own_id is not None and own_id.value == account_id
        return ME if is_own else quote_segment(account_id)

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

    async def verify(self) -> None:
        """Load the viewer's account id, whatever is cached; raise if the sign-in is rejected."""
        await self.cached_api.set_cached(OWN_ACCOUNT, await self._load_own_id())

    async def get_profiles(
        self, handles: Sequence[str]
    ) -> list[Cached[PsnProfile] | ProviderError]:
        """Return the profile of each handle, or its error."""
        failures = await self._prefetch([handle for handle in handles if is_account_id(handle)])
        return await gather_outcomes(
            [self._get_profile(handle, failures.get(handle)) for handle in handles]
        )

    async def get_full_profiles(
        self, handles: Sequence[str]
    ) -> list[Cached[PsnProfile] | ProviderError]:
        """Return profiles that have np id, country and friend relation as well.

        Only the legacy profile has these; where it cannot be loaded they are None.
        """
        return await gather_outcomes([self._get_full_profile(handle) for handle in handles])

    async def _get_full_profile(self, handle: str) -> Cached[PsnProfile]:
        cached = await self._get_profile(handle, None)
        if handle != ME and not is_account_id(handle):
            return cached
        try:
            details = (await self._get_by_online_id(cached.value.handle)).value
        except (UpstreamFailed, Missing):
            return cached
        full_profile = replace(
            cached.value,
            np_id=details.np_id,
            country=details.country,
            friend_relation=details.friend_relation,
        )
        return Cached(full_profile, cached.fetched_at, cached.stale)

    async def _get_profile(self, handle: str, failure: ProviderError | None) -> Cached[PsnProfile]:
        if handle != ME and not is_account_id(handle):
            return await self._get_by_online_id(handle)
        account_id = await self.get_account_id(handle)
        load = partial(self._load_by_account_id, account_id, failure)
        return await self.cached_api.get_or_load(PROFILE_BY_ACCOUNT_ID, (account_id,), load)

    async def _get_by_online_id(self, online_id: str) -> Cached[PsnProfile]:
        load = partial(self._load_by_online_id, online_id)
        key = (online_id.lower(),)
        return await self.cached_api.get_or_load(PROFILE_BY_ONLINE_ID, key, load)

    async def _find_account_id(self, online_id: str) -> str:
        return (await self._get_by_online_id(online_id)).value.native_id

    async def _load_own_id(self) -> str:
        api = self.cached_api.api
        url = f"{api.urls.dms}/api/v1/devices/accounts/me"
        reply = await api.get(url, errors.DEFAULT_RULES)
        return _check_account_id(reply.decode(OwnAccountResponse).account_id)

    async def _load_by_online_id(self, online_id: str) -> PsnProfile:
        api = self.cached_api.api
        url = f"{api.urls.legacy}/userProfile/v1/users/{quote_segment(online_id)}/profile2"
        reply = await api.get(url, errors.LEGACY_PROFILE_RULES, {"fields": PROFILE_FIELDS})
        profile = map_profile_by_online_id(reply.decode(ProfileByOnlineIdResponse).profile)
        await self._store_name(online_id.lower(), _check_account_id(profile.native_id))
        return profile

    async def _store_name(self, name: str, account_id: str) -> None:
        # A renamed account is found by its former online ids as well.
        names = await self.get_cached_names(account_id)
        if name not in names:
            self.cached_api.set_cached_nowait(ACCOUNT_NAMES, (*names, name), account_id)

    async def _load_by_account_id(
        self, account_id: str, failure: ProviderError | None
    ) -> PsnProfile:
        if failure is not None:
            raise failure
        api = self.cached_api.api
        url = f"{api.urls.profiles}/{quote_segment(account_id)}/profiles"
        reply = await api.get(url, errors.PROFILE_RULES)
        return map_profile_by_account_id(account_id, reply.decode(ProfileByAccountId))

    async def _prefetch(self, account_ids: Sequence[str]) -> dict[str, ProviderError]:
        """Load and cache uncached profiles in batches; return the errors that whole batches met.

        An account that its batch did not contain is loaded alone afterwards.
        """
        keys = [(account_id,) for account_id in dict.fromkeys(account_ids)]
        uncached = await self.cached_api.find_uncached(PROFILE_BY_ACCOUNT_ID, keys)
        if len(uncached) <= 1:
            return {}
        return await load_batches(split_batches(uncached, BATCH_SIZE), self._get_batch)

    async def _get_batch(
        self, account_ids: tuple[str, ...]
    ) -> Cached[tuple[PsnProfile | None, ...]]:
        load = partial(self._load_batch, account_ids)
        cached = await self.cached_api.get_or_load(PROFILE_BATCH, account_ids, load)
        for profile in cached.value:
            if profile is not None:
                await self.cached_api.set_cached(PROFILE_BY_ACCOUNT_ID, profile, profile.native_id)
        return cached

    async def _load_batch(self, account_ids: tuple[str, ...]) -> tuple[PsnProfile | None, ...]:
        api = self.cached_api.api
        url = f"{api.urls.profiles}/profiles"
        reply = await api.get(url, errors.PROFILE_RULES, {"accountIds": ",".join(account_ids)})
        rows = reply.decode(ProfilesResponse).profiles
        # The rows have no ids: if one is missing, each of the others may belong to its neighbor.
        if len(rows) != len(account_ids):
            return ()
        pairs = zip(account_ids, rows, strict=True)
        return tuple(
            row and map_profile_by_account_id(account_id, row) for account_id, row in pairs
        )


def _check_account_id(account_id: str) -> str:
    """Return the account id; raise `NotFound` unless it can be put into a URL."""
    if not ACCOUNT_ID_PATTERN.fullmatch(account_id):
        raise NotFound("PSN returned no account id for this account.", source=SOURCE)
    return account_id
