"""Who is online: one call for a hundred accounts, joined by account id."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from providers.errors import Missing, ProviderError
from providers.kit.caching.cache import gather_outcomes
from providers.kit.caching.cached import Cached
from providers.kit.text import quote_segment
from providers.kit.upstream.decode import parse_time
from providers.psn import errors
from providers.psn.api import PsnApi
from providers.psn.cache_policies import PRESENCE, PRESENCE_BATCH
from providers.psn.people.accounts import BATCH_SIZE, Accounts
from providers.psn.people.social_models import (
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
    """Presences as one viewer may see them."""

    api: PsnApi
    accounts: Accounts

    async def get_presences(self, handles: Sequence[str]) -> list[Outcome]:
        """The presences by whatever handles; None for one that is kept from the viewer."""
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
        return await self.api.get_or_load(PRESENCE, (account.value,), load)

    async def _load(self, account_id: str, failure: ProviderError | None) -> PsnPresence | None:
        if failure is not None:
            raise failure
        url = f"{self._base_url}/{quote_segment(account_id)}/basicPresences"
        reply = await self.api.get(url, errors.PROFILE_RULES, {"type": "primary"})
        return map_presence(reply.decode(PresenceResponse).presence)

    async def _prefetch(self, account_ids: Sequence[str]) -> dict[str, ProviderError]:
        """Fetch many by few calls, and tell whom it would not help to ask for alone."""
        keys = [(account_id,) for account_id in dict.fromkeys(account_ids)]
        unknown = await self.api.find_uncached(PRESENCE, keys)
        if len(unknown) <= 1:
            return {}
        chunks = [tuple(unknown[at : at + BATCH_SIZE]) for at in range(0, len(unknown), BATCH_SIZE)]
        outcomes = await gather_outcomes([self._get_batch(chunk) for chunk in chunks])
        # One account that is unknown or hidden may spoil the whole batch; a failure is of all.
        return {
            account_id: outcome
            for chunk, outcome in zip(chunks, outcomes, strict=True)
            if isinstance(outcome, ProviderError) and not isinstance(outcome, Missing)
            for account_id in chunk
        }

    async def _get_batch(self, account_ids: tuple[str, ...]) -> Cached[dict[str, PsnPresence]]:
        load = partial(self._load_batch, account_ids)
        answer = await self.api.get_or_load(PRESENCE_BATCH, account_ids, load)
        for account_id in account_ids:
            await self.api.set_cached(PRESENCE, answer.value.get(account_id), account_id)
        return answer

    async def _load_batch(self, account_ids: tuple[str, ...]) -> dict[str, PsnPresence]:
        url = f"{self._base_url}/basicPresences"
        params = {"accountIds": ",".join(account_ids)}
        reply = await self.api.get(url, errors.PROFILE_RULES, params)
        rows = reply.decode(PresencesResponse).presences
        return {row.account_id: map_presence(row) for row in rows if row.account_id}

    @property
    def _base_url(self) -> str:
        return f"{self.api.urls.mobile}/api/userProfile/v2/internal/users"


def map_presence(row: PresenceRow) -> PsnPresence:
    """A presence; the first of several games is the one in front."""
    platform = row.platform or PlatformInfo()
    running = next(iter(row.titles or ()), RunningTitle())
    return PsnPresence(
        online_status=platform.online_status or None,
        platform=platform.platform or None,
        last_online_at=parse_time(platform.last_online),
        title_name=running.name or None,
        np_title_id=running.np_title_id or None,
    )
