"""Who somebody is: online ids, account ids and profiles."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from msgspec.structs import replace

from providers.errors import Failed, Missing, NotFound, ProviderError
from providers.kit.caching.cache import gather
from providers.kit.caching.cached import Answer
from providers.kit.text import segment
from providers.psn import errors
from providers.psn.api import Connection, failed_by_key
from providers.psn.cache_policies import (
    ACCOUNT_ID,
    NAMED_PROFILE,
    NAMES,
    NUMBERED_PROFILE,
    OWN_ACCOUNT,
    PROFILES,
)
from providers.psn.identifiers import ACCOUNT_ID as ACCOUNT_ID_PATTERN
from providers.psn.identifiers import ME, is_account_id
from providers.psn.people.profile_mapping import FIELDS, named, numbered
from providers.psn.people.profile_models import Named, NumberedProfile, NumberedProfiles, OwnAccount
from providers.psn.urls import SOURCE
from providers.records import PsnPerson

BATCH = 100


@dataclass(frozen=True)
class Accounts:
    """People as one viewer sees them."""

    connection: Connection

    async def account_id(self, handle: str) -> str:
        """The account's number; a number is believed without a question."""
        if is_account_id(handle):
            return handle
        remember = self.connection.remember
        if handle == ME:
            return (await remember(OWN_ACCOUNT, (), self._own)).value
        load = partial(self._id_of, handle)
        return (await remember(ACCOUNT_ID, (handle.lower(),), load)).value

    async def path(self, handle: str) -> str:
        """What names the account in addresses and keys: `me` for one's own, where it is known."""
        if handle == ME:
            return ME
        account_id = await self.account_id(handle)
        own = await self.connection.recall(OWN_ACCOUNT)
        return ME if own is not None and own.value == account_id else segment(account_id)

    async def names(self, account_id: str) -> tuple[str, ...]:
        """The names under which the account's profile may be remembered."""
        known = await self.connection.recall(NAMES, account_id)
        return () if known is None else known.value

    async def verify(self) -> None:
        """Ask the smallest question, whatever is remembered."""
        await self.connection.keep(OWN_ACCOUNT, await self._own())

    async def people(self, handles: Sequence[str]) -> list[Answer[PsnPerson] | ProviderError]:
        """Profiles by whatever handles."""
        failures = await self._prefetch([handle for handle in handles if is_account_id(handle)])
        return await gather([self._person(handle, failures.get(handle)) for handle in handles])

    async def whole(self, handle: str) -> Answer[PsnPerson]:
        """The profile, and what only the one by name tells, as far as that answers."""
        known = await self._person(handle, None)
        if handle != ME and not is_account_id(handle):
            return known
        try:
            told = (await self._named(known.value.handle)).value
        except (Failed, Missing):
            return known
        more = replace(
            known.value,
            np_id=told.np_id,
            country=told.country,
            friend_relation=told.friend_relation,
        )
        return Answer(more, known.fetched_at, known.stale)

    async def _person(self, handle: str, failure: ProviderError | None) -> Answer[PsnPerson]:
        if handle != ME and not is_account_id(handle):
            return await self._named(handle)
        account_id = await self.account_id(handle)
        load = partial(self._load_numbered, account_id, failure)
        return await self.connection.remember(NUMBERED_PROFILE, (account_id,), load)

    async def _named(self, name: str) -> Answer[PsnPerson]:
        load = partial(self._load_named, name)
        return await self.connection.remember(NAMED_PROFILE, (name.lower(),), load)

    async def _id_of(self, name: str) -> str:
        return (await self._named(name)).value.native_id

    async def _own(self) -> str:
        url = f"{self.connection.hosts.dms}/api/v1/devices/accounts/me"
        reply = await self.connection.get(url, errors.OTHER)
        return _number(reply.decode(OwnAccount).account_id)

    async def _load_named(self, name: str) -> PsnPerson:
        url = f"{self.connection.hosts.legacy}/userProfile/v1/users/{segment(name)}/profile2"
        reply = await self.connection.get(url, errors.LEGACY, {"fields": FIELDS})
        person = named(reply.decode(Named).profile)
        await self._note(name.lower(), _number(person.native_id))
        return person

    async def _note(self, name: str, account_id: str) -> None:
        """Remember a name, of which an account that was renamed has several."""
        names = await self.names(account_id)
        if name not in names:
            self.connection.store(NAMES, (*names, name), account_id)

    async def _load_numbered(self, account_id: str, failure: ProviderError | None) -> PsnPerson:
        if failure is not None:
            raise failure
        url = f"{self.connection.hosts.profiles}/{segment(account_id)}/profiles"
        reply = await self.connection.get(url, errors.PROFILE)
        return numbered(account_id, reply.decode(NumberedProfile))

    async def _prefetch(self, account_ids: Sequence[str]) -> dict[str, ProviderError]:
        """Fetch many profiles by few calls; whoever is not among them is asked for alone."""
        keys = [(account_id,) for account_id in dict.fromkeys(account_ids)]
        unknown = await self.connection.not_remembered(NUMBERED_PROFILE, keys)
        if len(unknown) <= 1:
            return {}
        chunks = [tuple(unknown[at : at + BATCH]) for at in range(0, len(unknown), BATCH)]
        return await failed_by_key([(chunk, self._batch(chunk)) for chunk in chunks])

    async def _batch(self, account_ids: tuple[str, ...]) -> Answer[tuple[PsnPerson | None, ...]]:
        load = partial(self._load_batch, account_ids)
        answer = await self.connection.remember(PROFILES, account_ids, load)
        for person in answer.value:
            if person is not None:
                await self.connection.keep(NUMBERED_PROFILE, person, person.native_id)
        return answer

    async def _load_batch(self, account_ids: tuple[str, ...]) -> tuple[PsnPerson | None, ...]:
        url = f"{self.connection.hosts.profiles}/profiles"
        params = {"accountIds": ",".join(account_ids)}
        reply = await self.connection.get(url, errors.PROFILE, params)
        rows = reply.decode(NumberedProfiles).profiles
        # Only its place tells whose a row is: with one missing, all of them could be another's.
        if len(rows) != len(account_ids):
            return ()
        pairs = zip(account_ids, rows, strict=True)
        return tuple(row and numbered(account_id, row) for account_id, row in pairs)


def _number(account_id: str) -> str:
    """The id as sent, provided that it can be put into an address."""
    if not ACCOUNT_ID_PATTERN.fullmatch(account_id):
        raise NotFound("PSN does not tell the account's id.", source=SOURCE)
    return account_id
