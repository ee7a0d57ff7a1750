"""From product builds to trophy sets: five at a time, and an unknown one spoils its whole call."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from providers.errors import NotFound, ProviderError
from providers.kit.caching.cache import gather_outcomes
from providers.kit.caching.cached import Cached
from providers.psn import errors
from providers.psn.api import PsnApi, collect_failures_by_key
from providers.psn.cache_policies import PRODUCT_TITLES, PRODUCT_TITLES_BATCH
from providers.psn.identifiers import PRODUCT_ID_PATTERN
from providers.psn.people.accounts import Accounts
from providers.psn.trophies import title_mapping
from providers.psn.trophies.models import ProductsResponse
from providers.records import Title

CHUNK_SIZE = 5
REJECTED_ID_PATTERN = re.compile(r"npTitleId='([^']*)'")

TitlesByProduct = dict[str, tuple[Title, ...]]


@dataclass(frozen=True)
class ProductTitles:
    """What trophy sets an account has for product builds, as one viewer sees it."""

    api: PsnApi
    accounts: Accounts

    async def get_titles(
        self, handle: str, np_title_ids: Sequence[str]
    ) -> Mapping[str, Cached[tuple[Title, ...]] | ProviderError]:
        """The sets by product id: none for an unknown product."""
        account = await self.accounts.resolve_path_id(handle)
        product_ids = [
            one for one in dict.fromkeys(np_title_ids) if PRODUCT_ID_PATTERN.fullmatch(one)
        ]
        keys = [(account, one) for one in product_ids]
        unknown = await self.api.find_uncached(PRODUCT_TITLES, keys)
        chunks = [tuple(unknown[at : at + CHUNK_SIZE]) for at in range(0, len(unknown), CHUNK_SIZE)]
        failures = await collect_failures_by_key(
            [(chunk, self._get_chunk(account, chunk)) for chunk in chunks]
        )
        outcomes = await gather_outcomes(
            [self._get_product(account, one, failures.get(one)) for one in product_ids]
        )
        # PSN does not look up PS3's products.
        rest = {one: Cached[tuple[Title, ...]]((), datetime.now(UTC)) for one in np_title_ids}
        return {**rest, **dict(zip(product_ids, outcomes, strict=True))}

    async def _get_product(
        self, account: str, np_title_id: str, failure: ProviderError | None
    ) -> Cached[tuple[Title, ...]]:
        load = partial(self._load_product, account, np_title_id, failure)
        return await self.api.get_or_load(PRODUCT_TITLES, (account, np_title_id), load)

    async def _load_product(
        self, account: str, np_title_id: str, failure: ProviderError | None
    ) -> tuple[Title, ...]:
        if failure is not None:
            raise failure
        try:
            return (await self._load_chunk(account, (np_title_id,)))[np_title_id]
        except NotFound:
            return ()

    async def _get_chunk(
        self, account: str, np_title_ids: tuple[str, ...]
    ) -> Cached[TitlesByProduct]:
        load = partial(self._load_chunk, account, np_title_ids)
        answer = await self.api.get_or_load(PRODUCT_TITLES_BATCH, (account, *np_title_ids), load)
        for np_title_id, titles in answer.value.items():
            await self.api.set_cached(PRODUCT_TITLES, titles, account, np_title_id)
        return answer

    async def _load_chunk(self, account: str, np_title_ids: tuple[str, ...]) -> TitlesByProduct:
        """Ask without the unknown ones: each refusal names one of them."""
        remaining = list(np_title_ids)
        found: TitlesByProduct = {}
        while remaining:
            url = f"{self.api.urls.trophies}/users/{account}/titles/trophyTitles"
            reply = await self.api.get_unchecked(url, {"npTitleIds": ",".join(remaining)})
            rejected = (
                REJECTED_ID_PATTERN.search(errors.read_error_message(reply))
                if reply.status == errors.NOT_FOUND
                else None
            )
            if rejected is not None and rejected[1] in remaining:
                remaining.remove(rejected[1])
                found[rejected[1]] = ()
                continue
            errors.check(reply, errors.TROPHY_OWNER_RULES, is_caller=self.api.is_caller)
            rows_by_id = {
                row.np_title_id: row.titles for row in reply.decode(ProductsResponse).products
            }
            sets = {one: rows_by_id.get(one, []) for one in remaining}
            return {
                **found,
                **{one: tuple(map(title_mapping.map_title, sets[one])) for one in remaining},
            }
        return found
