"""Who somebody is: online ids, account ids and profiles."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from msgspec.structs import replace

from providers.errors import Missing, NotFound, ProviderError, UpstreamFailed
from providers.kit.caching.cache import gather_outcomes
from providers.kit.caching.cached import Cached
from providers.kit.text import quote_segment
from providers.psn import errors
from providers.psn.api import PsnApi, collect_failures_by_key
from providers.psn.cache_policies import (
    ACCOUNT_ID,
    ACCOUNT_NAMES,
    OWN_ACCOUNT,
    PROFILE_BATCH,
    PROFILE_BY_ACCOUNT_ID,
    PROFILE_BY_ONLINE_ID,
)
from providers.psn.identifiers import ACCOUNT_ID_PATTERN, ME, is_account_id
from providers.psn.people.profile_mapping import (
    PROFILE_FIELDS,
    map_profile_by_account_id,
    map_profile_by_online_id,
)
from providers.psn.people.profile_models import (
    OwnAccountResponse,
    ProfileByAccountId,
    ProfileByOnlineIdResponse,
    ProfilesResponse,
)
from providers.psn.urls import SOURCE
from providers.psn_records import PsnProfile

BATCH_SIZE = 100


@dataclass(frozen=True)
class Accounts:
    """People as one viewer sees them."""

    api: PsnApi

    async def get_account_id(self, handle: str) -> str:
        """The account's number; a number is believed without a question."""
        if is_account_id(handle):
            return handle
        get_or_load = self.api.get_or_load
        if handle == ME:
            return (await get_or_load(OWN_ACCOUNT, (), self._load_own_id)).value
        load = partial(self._find_account_id, handle)
        return (await get_or_load(ACCOUNT_ID, (handle.lower(),), load)).value

    async def resolve_path_id(self, handle: str) -> str:
        """What names the account in addresses and keys: `me` for one's own, where it is known."""
        if handle == ME:
            return ME
        account_id = await self.get_account_id(handle)
        own = await self.api.get_cached(OWN_ACCOUNT)
        return ME if own is not None and own.value == account_id else quote_segment(account_id)

    async def get_cached_names(self, account_id: str) -> tuple[str, ...]:
        """The names under which the account's profile may be remembered."""
        cached = await self.api.get_cached(ACCOUNT_NAMES, account_id)
        return () if cached is None else cached.value

    async def verify(self) -> None:
        """Ask the smallest question, whatever is remembered."""
        await self.api.set_cached(OWN_ACCOUNT, await self._load_own_id())

    async def get_profiles(
        self, handles: Sequence[str]
    ) -> list[Cached[PsnProfile] | ProviderError]:
        """Profiles by whatever handles."""
        failures = await self._prefetch([handle for handle in handles if is_account_id(handle)])
        return await gather_outcomes(
            [self._get_profile(handle, failures.get(handle)) for handle in handles]
        )

    async def get_full_profile(self, handle: str) -> Cached[PsnProfile]:
        """The profile, and what only the one by name tells, as far as that answers."""
        cached_profile = await self._get_profile(handle, None)
        if handle != ME and not is_account_id(handle):
            return cached_profile
        try:
            details = (await self._get_by_online_id(cached_profile.value.handle)).value
        except (UpstreamFailed, Missing):
            return cached_profile
        full_profile = replace(
            cached_profile.value,
            np_id=details.np_id,
            country=details.country,
            friend_relation=details.friend_relation,
        )
        return Cached(full_profile, cached_profile.fetched_at, cached_profile.stale)

    async def _get_profile(self, handle: str, failure: ProviderError | None) -> Cached[PsnProfile]:
        if handle != ME and not is_account_id(handle):
            return await self._get_by_online_id(handle)
        account_id = await self.get_account_id(handle)
        load = partial(self._load_by_account_id, account_id, failure)
        return await self.api.get_or_load(PROFILE_BY_ACCOUNT_ID, (account_id,), load)

    async def _get_by_online_id(self, online_id: str) -> Cached[PsnProfile]:
        load = partial(self._load_by_online_id, online_id)
        return await self.api.get_or_load(PROFILE_BY_ONLINE_ID, (online_id.lower(),), load)

    async def _find_account_id(self, online_id: str) -> str:
        return (await self._get_by_online_id(online_id)).value.native_id

    async def _load_own_id(self) -> str:
        url = f"{self.api.urls.dms}/api/v1/devices/accounts/me"
        reply = await self.api.get(url, errors.DEFAULT_RULES)
        return _check_account_id(reply.decode(OwnAccountResponse).account_id)

    async def _load_by_online_id(self, online_id: str) -> PsnProfile:
        url = f"{self.api.urls.legacy}/userProfile/v1/users/{quote_segment(online_id)}/profile2"
        reply = await self.api.get(url, errors.LEGACY_PROFILE_RULES, {"fields": PROFILE_FIELDS})
        person = map_profile_by_online_id(reply.decode(ProfileByOnlineIdResponse).profile)
        await self._store_name(online_id.lower(), _check_account_id(person.native_id))
        return person

    async def _store_name(self, name: str, account_id: str) -> None:
        """Remember a name, of which an account that was renamed has several."""
        names = await self.get_cached_names(account_id)
        if name not in names:
            self.api.set_cached_nowait(ACCOUNT_NAMES, (*names, name), account_id)

    async def _load_by_account_id(
        self, account_id: str, failure: ProviderError | None
    ) -> PsnProfile:
        if failure is not None:
            raise failure
        url = f"{self.api.urls.profiles}/{quote_segment(account_id)}/profiles"
        reply = await self.api.get(url, errors.PROFILE_RULES)
        return map_profile_by_account_id(account_id, reply.decode(ProfileByAccountId))

    async def _prefetch(self, account_ids: Sequence[str]) -> dict[str, ProviderError]:
        """Fetch many profiles by few calls; whoever is not among them is asked for alone."""
        keys = [(account_id,) for account_id in dict.fromkeys(account_ids)]
        unknown = await self.api.find_uncached(PROFILE_BY_ACCOUNT_ID, keys)
        if len(unknown) <= 1:
            return {}
        chunks = [tuple(unknown[at : at + BATCH_SIZE]) for at in range(0, len(unknown), BATCH_SIZE)]
        return await collect_failures_by_key([(chunk, self._get_batch(chunk)) for chunk in chunks])

    async def _get_batch(
        self, account_ids: tuple[str, ...]
    ) -> Cached[tuple[PsnProfile | None, ...]]:
        load = partial(self._load_batch, account_ids)
        answer = await self.api.get_or_load(PROFILE_BATCH, account_ids, load)
        for person in answer.value:
            if person is not None:
                await self.api.set_cached(PROFILE_BY_ACCOUNT_ID, person, person.native_id)
        return answer

    async def _load_batch(self, account_ids: tuple[str, ...]) -> tuple[PsnProfile | None, ...]:
        url = f"{self.api.urls.profiles}/profiles"
        params = {"accountIds": ",".join(account_ids)}
        reply = await self.api.get(url, errors.PROFILE_RULES, params)
        rows = reply.decode(ProfilesResponse).profiles
        # Only its place tells whose a row is: with one missing, all of them could be another's.
        if len(rows) != len(account_ids):
            return ()
        pairs = zip(account_ids, rows, strict=True)
        return tuple(
            row and map_profile_by_account_id(account_id, row) for account_id, row in pairs
        )


def _check_account_id(account_id: str) -> str:
    """The id as sent, provided that it can be put into an address."""
    if not ACCOUNT_ID_PATTERN.fullmatch(account_id):
        raise NotFound("PSN does not tell the account's id.", source=SOURCE)
    return account_id
