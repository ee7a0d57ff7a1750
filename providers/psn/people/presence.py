"""Who is online: one call for a hundred accounts, joined by account id."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from providers.errors import Missing, ProviderError
from providers.kit.caching.cache import gather
from providers.kit.caching.cached import Answer
from providers.kit.text import segment
from providers.kit.upstream.decode import instant
from providers.psn import errors
from providers.psn.api import Connection
from providers.psn.cache_policies import PRESENCE, PRESENCES
from providers.psn.people.accounts import BATCH, Accounts
from providers.psn.people.social_models import (
    OnePresence,
    PlatformInfo,
    PresenceRow,
    Presences,
    RunningTitle,
)
from providers.records import PsnPresence

Outcome = Answer[PsnPresence | None] | ProviderError


@dataclass(frozen=True)
class PresenceBoard:
    """Presences as one viewer may see them."""

    connection: Connection
    accounts: Accounts

    async def presences(self, handles: Sequence[str]) -> list[Outcome]:
        """The presences by whatever handles; None for one that is kept from the viewer."""
        accounts = await gather([self._account(handle) for handle in handles])
        known = [account.value for account in accounts if isinstance(account, Answer)]
        failures = await self._prefetch(known)
        return await gather([self._presence(account, failures) for account in accounts])

    async def _account(self, handle: str) -> Answer[str]:
        return Answer(await self.accounts.account_id(handle), datetime.now(UTC))

    async def _presence(
        self, account: Answer[str] | ProviderError, failures: Mapping[str, ProviderError]
    ) -> Answer[PsnPresence | None]:
        if isinstance(account, ProviderError):
            raise account
        load = partial(self._load, account.value, failures.get(account.value))
        return await self.connection.remember(PRESENCE, (account.value,), load)

    async def _load(self, account_id: str, failure: ProviderError | None) -> PsnPresence | None:
        if failure is not None:
            raise failure
        url = f"{self._base}/{segment(account_id)}/basicPresences"
        reply = await self.connection.get(url, errors.PROFILE, {"type": "primary"})
        return presence(reply.decode(OnePresence).presence)

    async def _prefetch(self, account_ids: Sequence[str]) -> dict[str, ProviderError]:
        """Fetch many by few calls, and tell whom it would not help to ask for alone."""
        keys = [(account_id,) for account_id in dict.fromkeys(account_ids)]
        unknown = await self.connection.not_remembered(PRESENCE, keys)
        if len(unknown) <= 1:
            return {}
        chunks = [tuple(unknown[at : at + BATCH]) for at in range(0, len(unknown), BATCH)]
        outcomes = await gather([self._batch(chunk) for chunk in chunks])
        # One account that is unknown or hidden may spoil the whole batch; a failure is of all.
        return {
            account_id: outcome
            for chunk, outcome in zip(chunks, outcomes, strict=True)
            if isinstance(outcome, ProviderError) and not isinstance(outcome, Missing)
            for account_id in chunk
        }

    async def _batch(self, account_ids: tuple[str, ...]) -> Answer[dict[str, PsnPresence]]:
        load = partial(self._load_batch, account_ids)
        answer = await self.connection.remember(PRESENCES, account_ids, load)
        for account_id in account_ids:
            await self.connection.keep(PRESENCE, answer.value.get(account_id), account_id)
        return answer

    async def _load_batch(self, account_ids: tuple[str, ...]) -> dict[str, PsnPresence]:
        url = f"{self._base}/basicPresences"
        params = {"accountIds": ",".join(account_ids)}
        reply = await self.connection.get(url, errors.PROFILE, params)
        rows = reply.decode(Presences).presences
        return {row.account_id: presence(row) for row in rows if row.account_id}

    @property
    def _base(self) -> str:
        return f"{self.connection.hosts.mobile}/api/userProfile/v2/internal/users"


def presence(row: PresenceRow) -> PsnPresence:
    """A presence; the first of several games is the one in front."""
    platform = row.platform or PlatformInfo()
    running = next(iter(row.titles or ()), RunningTitle())
    return PsnPresence(
        online_status=platform.online_status or None,
        platform=platform.platform or None,
        last_online_at=instant(platform.last_online),
        title_name=running.name or None,
        np_title_id=running.np_title_id or None,
    )
