"""From product builds to trophy sets: five at a time, and an unknown one spoils its whole call."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from providers.errors import NotFound, ProviderError
from providers.kit.caching.cache import gather
from providers.kit.caching.cached import Answer
from providers.psn import errors
from providers.psn.api import Connection, failed_by_key
from providers.psn.cache_policies import PRODUCT, PRODUCTS
from providers.psn.identifiers import PRODUCT_ID
from providers.psn.people.accounts import Accounts
from providers.psn.trophies import title_mapping
from providers.psn.trophies.models import Products
from providers.records import Title

CHUNK = 5
NAMED = re.compile(r"npTitleId='([^']*)'")

Found = dict[str, tuple[Title, ...]]


@dataclass(frozen=True)
class ProductTitles:
    """What trophy sets an account has for product builds, as one viewer sees it."""

    connection: Connection
    accounts: Accounts

    async def titles(
        self, handle: str, np_title_ids: Sequence[str]
    ) -> Mapping[str, Answer[tuple[Title, ...]] | ProviderError]:
        """The sets by product id: none for an unknown product."""
        account = await self.accounts.path(handle)
        wanted = [one for one in dict.fromkeys(np_title_ids) if PRODUCT_ID.fullmatch(one)]
        keys = [(account, one) for one in wanted]
        unknown = await self.connection.not_remembered(PRODUCT, keys)
        chunks = [tuple(unknown[at : at + CHUNK]) for at in range(0, len(unknown), CHUNK)]
        failures = await failed_by_key([(chunk, self._chunk(account, chunk)) for chunk in chunks])
        outcomes = await gather([self._one(account, one, failures.get(one)) for one in wanted])
        # PSN does not look up PS3's products.
        rest = {one: Answer[tuple[Title, ...]]((), datetime.now(UTC)) for one in np_title_ids}
        return {**rest, **dict(zip(wanted, outcomes, strict=True))}

    async def _one(
        self, account: str, np_title_id: str, failure: ProviderError | None
    ) -> Answer[tuple[Title, ...]]:
        load = partial(self._load_one, account, np_title_id, failure)
        return await self.connection.remember(PRODUCT, (account, np_title_id), load)

    async def _load_one(
        self, account: str, np_title_id: str, failure: ProviderError | None
    ) -> tuple[Title, ...]:
        if failure is not None:
            raise failure
        try:
            return (await self._load(account, (np_title_id,)))[np_title_id]
        except NotFound:
            return ()

    async def _chunk(self, account: str, np_title_ids: tuple[str, ...]) -> Answer[Found]:
        load = partial(self._load, account, np_title_ids)
        answer = await self.connection.remember(PRODUCTS, (account, *np_title_ids), load)
        for np_title_id, titles in answer.value.items():
            await self.connection.keep(PRODUCT, titles, account, np_title_id)
        return answer

    async def _load(self, account: str, np_title_ids: tuple[str, ...]) -> Found:
        """Ask without the unknown ones: each refusal names one of them."""
        left = list(np_title_ids)
        found: Found = {}
        while left:
            url = f"{self.connection.hosts.trophies}/users/{account}/titles/trophyTitles"
            reply = await self.connection.ask(url, {"npTitleIds": ",".join(left)})
            refused = NAMED.search(errors.told(reply)) if reply.status == errors.NOT_FOUND else None
            if refused is not None and refused[1] in left:
                left.remove(refused[1])
                found[refused[1]] = ()
                continue
            errors.check(reply, errors.TROPHY_OWNER, caller=self.connection.caller)
            rows_by_id = {row.np_title_id: row.titles for row in reply.decode(Products).products}
            sets = {one: rows_by_id.get(one, []) for one in left}
            return {**found, **{one: tuple(map(title_mapping.title, sets[one])) for one in left}}
        return found
