"""Searches accounts by a part of their name, an account of exactly that name first."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TypeVar

from providers.capabilities import SearchKey
from providers.errors import Missing, ProviderError
from providers.kit.caching.cache import gather_outcomes, raise_unexpected
from providers.kit.caching.cached import Cached
from providers.kit.upstream.decode import build_unreadable_error
from providers.psn import errors
from providers.psn.cache_policies import SEARCH_HITS
from providers.psn.cached_api import CachedApi
from providers.psn.cached_records import SearchHits
from providers.psn.identifiers import (
    ONLINE_ID_PATTERN,
    build_invalid_cursor_error,
    check_cursor,
    check_term,
    is_account_id,
)
from providers.psn.learned_limits import SEARCH_PAGE_SIZE
from providers.psn.people.models import SearchDomain, SearchResponse
from providers.psn.people.profile_mapping import map_found_account
from providers.psn.people.profiles import Profiles
from providers.psn.urls import SOURCE
from providers.psn_records import PsnProfile
from providers.records import ProfilePage

T = TypeVar("T")

DOMAIN = "SocialAllAccounts"


@dataclass(frozen=True)
class AccountSearch:
    """The search for accounts, as far as the viewer may see its hits.

    PSN's search leaves out accounts that hide from it and the viewer's own, so that an account of
    exactly the searched name is looked up beside it.
    """

    cached_api: CachedApi
    profiles: Profiles

    async def search(self, keys: Sequence[SearchKey]) -> list[Cached[ProfilePage] | ProviderError]:
        """Return pages of up to 50 hits, an exact name first."""
        return await gather_outcomes([self._get_page(key) for key in keys])

    async def _get_page(self, key: SearchKey) -> Cached[ProfilePage]:
        check_term(key.term)
        if key.cursor is not None:
            check_cursor(key.cursor)
        term = key.term.strip()
        outcomes = await asyncio.gather(
            self._find_exact(term), self._get_hits(term, key.cursor or ""), return_exceptions=True
        )
        exact = _raise_if_error(raise_unexpected(outcomes[0]))
        hits = _raise_if_error(raise_unexpected(outcomes[1]))
        return Cached(
            _build_page(exact.value, hits.value, is_first_page=key.cursor is None),
            min(exact.fetched_at, hits.fetched_at),
            exact.stale or hits.stale,
        )

    async def _find_exact(self, term: str) -> Cached[PsnProfile | None]:
        if not ONLINE_ID_PATTERN.fullmatch(term):
            return Cached(None, datetime.now(UTC))
        (profile,) = await self.profiles.get_profiles([term])
        if isinstance(profile, Missing):
            return Cached(None, datetime.now(UTC))
        return _raise_if_error(profile)

    async def _get_hits(self, term: str, cursor: str) -> Cached[SearchHits]:
        load = partial(self._load_hits, term, cursor)
        return await self.cached_api.get_or_load(SEARCH_HITS, (term, cursor), load)

    async def _load_hits(self, term: str, cursor: str) -> SearchHits:
        load = partial(self._load_sized, term, cursor)
        return await SEARCH_PAGE_SIZE.load_page(self.cached_api, load)

    async def _load_sized(self, term: str, cursor: str, size: int) -> SearchHits:
        api = self.cached_api.api
        pagination = {"cursor": cursor, "pageSize": size}
        domain_request = {"domain": DOMAIN, "pagination": pagination}
        reply = await api.post_query_unchecked(
            f"{api.urls.mobile}/api/search/v1/universalSearch",
            {"searchTerm": term, "domainRequests": [domain_request]},
        )
        errors.check_limit(reply)
        if reply.status == errors.BAD_REQUEST and cursor:
            raise build_invalid_cursor_error()
        api.check(reply, errors.DEFAULT_RULES)
        for domain in reply.decode(SearchResponse).domains:
            if domain.name == DOMAIN:
                return _map_hits(domain, cursor)
        raise build_unreadable_error(SOURCE)


def _map_hits(domain: SearchDomain, cursor: str) -> SearchHits:
    # An empty page, or a cursor that leads to the same page again, is the end.
    has_more = bool(domain.hits) and domain.next not in (None, "", cursor)
    rows = (hit.account for hit in domain.hits)
    return SearchHits(
        people=tuple(map_found_account(row) for row in rows if is_account_id(row.account_id)),
        total=domain.total,
        next_cursor=domain.next if has_more else None,
    )


def _build_page(exact: PsnProfile | None, hits: SearchHits, *, is_first_page: bool) -> ProfilePage:
    if exact is None:
        return ProfilePage(profiles=hits.people, total=hits.total, next_cursor=hits.next_cursor)
    others = tuple(profile for profile in hits.people if profile.native_id != exact.native_id)
    return ProfilePage(
        profiles=(exact, *others) if is_first_page else others,
        total=_compute_total(
            hits,
            includes_exact=len(others) < len(hits.people),
            is_complete=is_first_page and not hits.next_cursor,
        ),
        next_cursor=hits.next_cursor,
    )


def _compute_total(hits: SearchHits, *, includes_exact: bool, is_complete: bool) -> int | None:
    """Return the number of hits with the exact one.

    None while a later page may contain the exact one, so that PSN's total may count it or not.
    """
    if hits.total is None or not (includes_exact or is_complete):
        return None
    return hits.total if includes_exact else hits.total + 1


def _raise_if_error(result: "Cached[T] | ProviderError") -> "Cached[T]":
    if isinstance(result, ProviderError):
        raise result
    return result
