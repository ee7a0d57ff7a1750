"""Loads presences, up to a hundred accounts a call."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from providers.errors import Missing, ProviderError
from providers.kit.caching.cache import gather_outcomes
from providers.kit.caching.cached import Cached
from providers.kit.paging.batches import Batch, BatchLoader
from providers.kit.text import quote_segment
from providers.kit.upstream.decode import parse_time
from providers.psn import errors
from providers.psn.cache_policies import PRESENCE, PRESENCE_BATCH
from providers.psn.cached_api import CachedApi
from providers.psn.learned_limits import PRESENCE_BATCH_SIZE
from providers.psn.people.accounts import Accounts
from providers.psn.people.models import (
    PlatformInfo,
    PresenceResponse,
    PresenceRow,
    PresencesResponse,
    RunningTitle,
)
from providers.psn_records import PsnPresence

Outcome = Cached[PsnPresence | None] | ProviderError


@dataclass(frozen=True)
class Presences:
    """Presences of accounts, as far as the viewer may see them."""

    cached_api: CachedApi
    accounts: Accounts

    async def get_presences(self, handles: Sequence[str]) -> list[Outcome]:
        """Return the presence of each handle, None for one that PSN leaves out of a batch."""
        accounts = await gather_outcomes([self._get_account_id(handle) for handle in handles])
        account_ids = [account.value for account in accounts if isinstance(account, Cached)]
        failures = await self._prefetch(account_ids)
        return await gather_outcomes(
            [self._get_presence(account, failures) for account in accounts]
        )

    async def _get_account_id(self, handle: str) -> Cached[str]:
        return Cached(await self.accounts.get_account_id(handle), datetime.now(UTC))

    async def _get_presence(
        self, account: Cached[str] | ProviderError, failures: Mapping[str, ProviderError]
    ) -> Cached[PsnPresence | None]:
        if isinstance(account, ProviderError):
            raise account
        load = partial(self._load, account.value, failures.get(account.value))
        return await self.cached_api.get_or_load(PRESENCE, (account.value,), load)

    async def _load(self, account_id: str, failure: ProviderError | None) -> PsnPresence | None:
        if failure is not None:
            raise failure
        api = self.cached_api.api
        url = f"{api.urls.presences}/{quote_segment(account_id)}/basicPresences"
        reply = await api.get(url, errors.PROFILE_RULES, {"type": "primary"})
        return map_presence(reply.decode(PresenceResponse).presence)

    async def _prefetch(self, account_ids: Sequence[str]) -> dict[str, ProviderError]:
        """Load and cache uncached presences in batches; return the errors that batches met."""
        keys = [(account_id,) for account_id in dict.fromkeys(account_ids)]
        uncached = await self.cached_api.find_uncached(PRESENCE, keys)
        if len(uncached) <= 1:
            return {}
        loader = BatchLoader(
            PRESENCE_BATCH_SIZE, self.cached_api, self._get_batch, _is_shared_failure
        )
        outcome = await loader.load_all(uncached)
        for account_id in outcome.left_out:
            await self.cached_api.set_cached(PRESENCE, None, account_id)
        return outcome.failures

    async def _get_batch(self, account_ids: Batch) -> Collection[str]:
        load = partial(self._load_batch, account_ids)
        cached = await self.cached_api.get_or_load(PRESENCE_BATCH, account_ids, load)
        for account_id, presence in cached.value.items():
            await self.cached_api.set_cached(PRESENCE, presence, account_id)
        return cached.value

    async def _load_batch(self, account_ids: Batch) -> dict[str, PsnPresence]:
        api = self.cached_api.api
        url = f"{api.urls.presences}/basicPresences"
        params = {"accountIds": ",".join(account_ids)}
        reply = await api.get_sized(url, errors.PROFILE_RULES, params)
        rows = reply.decode(PresencesResponse).presences
        return {row.account_id: map_presence(row) for row in rows if row.account_id in account_ids}


def map_presence(row: PresenceRow) -> PsnPresence:
    """Map a presence; of several running games, the first is the one in the foreground."""
    platform = row.platform or PlatformInfo()
    running_title = next(iter(row.titles or ()), RunningTitle())
    return PsnPresence(
        online_status=platform.online_status or None,
        platform=platform.platform or None,
        last_online_at=parse_time(platform.last_online),
        title_name=running_title.name or None,
        np_title_id=running_title.np_title_id or None,
    )


def _is_shared_failure(error: ProviderError) -> bool:
    # A single unknown or hidden account can make PSN reject its whole batch.
    return not isinstance(error, Missing)
