"""Loads profiles by handle, those of account ids up to a hundred a call."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from msgspec.structs import replace

from providers.errors import Missing, ProviderError, UpstreamFailed
from providers.kit.caching.cache import gather_outcomes
from providers.kit.caching.cached import Cached
from providers.kit.paging.batches import Batch, BatchLoader
from providers.kit.text import quote_segment
from providers.kit.upstream.decode import build_unreadable_error
from providers.psn import errors
from providers.psn.cache_policies import PROFILE_BATCH, PROFILE_BY_ACCOUNT_ID
from providers.psn.cached_api import CachedApi
from providers.psn.identifiers import ME, is_account_id
from providers.psn.learned_limits import PROFILE_BATCH_SIZE
from providers.psn.people.accounts import Accounts
from providers.psn.people.models import ProfileByAccountId, ProfilesResponse
from providers.psn.people.profile_mapping import map_profile_by_account_id
from providers.psn.urls import SOURCE
from providers.psn_records import PsnProfile

EMPTY_ROW = ProfileByAccountId()  # nothing of it could be read


@dataclass(frozen=True)
class Profiles:
    """Profiles of accounts, as far as the viewer may see them."""

    cached_api: CachedApi
    accounts: Accounts

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
        if cached.value.online_id is None or (handle != ME and not is_account_id(handle)):
            return cached
        try:
            details = (await self.accounts.get_by_online_id(cached.value.handle)).value
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
            return await self.accounts.get_by_online_id(handle)
        account_id = await self.accounts.get_account_id(handle)
        load = partial(self._load_by_account_id, account_id, failure)
        return await self.cached_api.get_or_load(PROFILE_BY_ACCOUNT_ID, (account_id,), load)

    async def _load_by_account_id(
        self, account_id: str, failure: ProviderError | None
    ) -> PsnProfile:
        if failure is not None:
            raise failure
        api = self.cached_api.api
        url = f"{api.urls.profiles}/{quote_segment(account_id)}/profiles"
        reply = await api.get(url, errors.PROFILE_RULES)
        row = reply.decode(ProfileByAccountId)
        if row == EMPTY_ROW:
            raise build_unreadable_error(SOURCE)
        return map_profile_by_account_id(account_id, row)

    async def _prefetch(self, account_ids: Sequence[str]) -> dict[str, ProviderError]:
        """Load and cache uncached profiles in batches; return the errors that whole batches met.

        An account that its batch did not contain is loaded alone afterwards.
        """
        keys = [(account_id,) for account_id in dict.fromkeys(account_ids)]
        uncached = await self.cached_api.find_uncached(PROFILE_BY_ACCOUNT_ID, keys)
        if len(uncached) <= 1:
            return {}
        loader = BatchLoader(PROFILE_BATCH_SIZE, self.cached_api, self._get_batch)
        return (await loader.load_all(uncached)).failures

    async def _get_batch(self, account_ids: Batch) -> Batch:
        load = partial(self._load_batch, account_ids)
        cached = await self.cached_api.get_or_load(PROFILE_BATCH, account_ids, load)
        for profile in cached.value:
            if profile is not None:
                await self.cached_api.set_cached(PROFILE_BY_ACCOUNT_ID, profile, profile.native_id)
        return account_ids

    async def _load_batch(self, account_ids: Batch) -> tuple[PsnProfile | None, ...]:
        api = self.cached_api.api
        url = f"{api.urls.profiles}/profiles"
        params = {"accountIds": ",".join(account_ids)}
        reply = await api.get_sized(url, errors.PROFILE_RULES, params)
        rows = reply.decode(ProfilesResponse).profiles
        # The rows have no ids: if one is missing, each of the others may belong to its neighbor.
        if len(rows) != len(account_ids):
            raise build_unreadable_error(SOURCE)
        pairs = zip(account_ids, rows, strict=True)
        return tuple(
            None if row in (None, EMPTY_ROW) else map_profile_by_account_id(account_id, row)
            for account_id, row in pairs
        )
