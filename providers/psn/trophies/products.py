"""Finds the trophy titles of product builds, up to five products a call."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from providers.errors import NotFound, ProviderError
from providers.kit.caching.cache import gather_outcomes
from providers.kit.caching.cached import Cached
from providers.kit.paging.batches import Batch, BatchLoader
from providers.kit.upstream.upstream_client import UpstreamResponse
from providers.psn import errors
from providers.psn.cache_policies import PRODUCT_TITLES, PRODUCT_TITLES_BATCH
from providers.psn.cached_api import CachedApi
from providers.psn.identifiers import PRODUCT_ID_PATTERN
from providers.psn.learned_limits import PRODUCT_BATCH_SIZE
from providers.psn.people.accounts import Accounts
from providers.psn.trophies import title_mapping
from providers.psn.trophies.models import ProductsResponse
from providers.psn.trophies.set_sizes import update_sizes
from providers.records import Title

REJECTED_ID_PATTERN = re.compile(r"npTitleId='([^']*)'")

Titles = tuple[Title, ...]
TitlesByProduct = dict[str, Titles]


@dataclass(frozen=True)
class ProductTitles:
    """Trophy titles of products with an account's progress, as far as the viewer may see it."""

    cached_api: CachedApi
    accounts: Accounts

    async def get_titles_by_product(
        self, handle: str, np_title_ids: Sequence[str]
    ) -> Mapping[str, Cached[Titles] | ProviderError]:
        """Return each product's titles, or its error; an unknown product has none."""
        account = await self.accounts.resolve_path_id(handle)
        product_ids = [
            product_id
            for product_id in dict.fromkeys(np_title_ids)
            if PRODUCT_ID_PATTERN.fullmatch(product_id)
        ]
        failures = await self._prefetch(account, product_ids)
        outcomes = await gather_outcomes(
            [
                self._get_product(account, product_id, failures.get(product_id))
                for product_id in product_ids
            ]
        )
        # PSN looks up no products of other consoles, such as the PS3: here they have no titles.
        unsupported = {
            product_id: Cached[Titles]((), datetime.now(UTC)) for product_id in np_title_ids
        }
        return {**unsupported, **dict(zip(product_ids, outcomes, strict=True))}

    async def _prefetch(self, account: str, product_ids: Sequence[str]) -> dict[str, ProviderError]:
        keys = [(account, product_id) for product_id in product_ids]
        uncached = await self.cached_api.find_uncached(PRODUCT_TITLES, keys)
        loader = BatchLoader(
            PRODUCT_BATCH_SIZE,
            self.cached_api,
            partial(self._get_batch, account),
            answers_every_key=True,
            small_batch=1,
        )
        return (await loader.load_all(uncached)).failures

    async def _get_product(
        self, account: str, np_title_id: str, failure: ProviderError | None
    ) -> Cached[Titles]:
        load = partial(self._load_product, account, np_title_id, failure)
        key = (account, np_title_id)
        cached = await self.cached_api.get_or_load(PRODUCT_TITLES, key, load)
        titles = update_sizes(self.cached_api, cached.value)
        return Cached(titles, cached.fetched_at, cached.stale)

    async def _load_product(
        self, account: str, np_title_id: str, failure: ProviderError | None
    ) -> Titles:
        if failure is not None:
            raise failure
        try:
            return (await self._load_batch(account, (np_title_id,))).get(np_title_id, ())
        except NotFound:
            return ()

    async def _get_batch(self, account: str, np_title_ids: Batch) -> Collection[str]:
        load = partial(self._load_batch, account, np_title_ids)
        key = (account, *np_title_ids)
        cached = await self.cached_api.get_or_load(PRODUCT_TITLES_BATCH, key, load)
        for np_title_id, titles in cached.value.items():
            await self.cached_api.set_cached(PRODUCT_TITLES, titles, account, np_title_id)
        return cached.value

    async def _load_batch(self, account: str, np_title_ids: Batch) -> TitlesByProduct:
        """Load the products; repeat without the unknown ones, each refusal naming one of them."""
        api = self.cached_api.api
        url = f"{api.urls.trophies}/users/{account}/titles/trophyTitles"
        remaining = list(np_title_ids)
        unknown: TitlesByProduct = {}
        while remaining:
            reply = await api.get_unchecked(url, {"npTitleIds": ",".join(remaining)})
            rejected_id = _parse_rejected_id(reply)
            if rejected_id not in remaining:
                errors.check_limit(reply)
                api.check(reply, errors.TROPHY_OWNER_RULES)
                return {**unknown, **_map_products(reply.decode(ProductsResponse), remaining)}
            remaining.remove(rejected_id)
            unknown[rejected_id] = ()
        return unknown


def _parse_rejected_id(reply: UpstreamResponse) -> str | None:
    if reply.status != errors.NOT_FOUND:
        return None
    match = REJECTED_ID_PATTERN.search(errors.read_error_message(reply))
    return match and match[1]


def _map_products(response: ProductsResponse, np_title_ids: Sequence[str]) -> TitlesByProduct:
    return {
        product.np_title_id: tuple(map(title_mapping.map_title, product.titles))
        for product in response.products
        if product.np_title_id in np_title_ids
    }
