"""Accounts by a part of their name: the exact one first, for the search may not know it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TypeVar

from msgspec.structs import replace

from providers.capabilities import SearchKey
from providers.errors import Missing, ProviderError
from providers.kit.caching.cache import gather_outcomes, raise_unexpected
from providers.kit.caching.cached import Cached
from providers.kit.request_context import DEFAULT_LANGUAGE, get_current
from providers.kit.upstream.decode import build_unreadable_error
from providers.psn import errors
from providers.psn.api import PsnApi
from providers.psn.cache_policies import SEARCH_HITS
from providers.psn.cached_records import SearchHits
from providers.psn.identifiers import (
    ONLINE_ID_PATTERN,
    build_invalid_cursor,
    check_cursor,
    check_term,
    is_account_id,
)
from providers.psn.people.accounts import Accounts
from providers.psn.people.profile_mapping import map_profile_by_account_id
from providers.psn.people.profile_models import Avatar, ProfileByAccountId
from providers.psn.people.social_models import FoundAccountRow, SearchDomain, SearchResponse
from providers.psn.urls import SOURCE
from providers.psn_records import PsnProfile
from providers.records import ProfilePage

T = TypeVar("T")

DOMAIN = "SocialAllAccounts"
PAGE_SIZE = 50


@dataclass(frozen=True)
class AccountSearch:
    """The search for people, as one viewer sees its hits."""

    api: PsnApi
    accounts: Accounts

    async def search(self, keys: Sequence[SearchKey]) -> list[Cached[ProfilePage] | ProviderError]:
        """Pages of hits."""
        return await gather_outcomes([self._get_page(key) for key in keys])

    async def _get_page(self, key: SearchKey) -> Cached[ProfilePage]:
        check_term(key.term)
        if key.cursor is not None:
            check_cursor(key.cursor)
        term = key.term.strip()
        named, found = await asyncio.gather(
            self._find_exact(term), self._get_hits(term, key.cursor or ""), return_exceptions=True
        )
        exact, hits = (
            _raise_if_error(raise_unexpected(named)),
            _raise_if_error(raise_unexpected(found)),
        )
        return Cached(
            _build_page(exact.value, hits.value, is_first_page=key.cursor is None),
            min(exact.fetched_at, hits.fetched_at),
            exact.stale or hits.stale,
        )

    async def _find_exact(self, term: str) -> Cached[PsnProfile | None]:
        if not ONLINE_ID_PATTERN.fullmatch(term):
            return Cached(None, datetime.now(UTC))
        (found,) = await self.accounts.get_profiles([term])
        if isinstance(found, Missing):
            return Cached(None, datetime.now(UTC))
        return _raise_if_error(found)

    async def _get_hits(self, term: str, cursor: str) -> Cached[SearchHits]:
        load = partial(self._load, term, cursor)
        return await self.api.get_or_load(SEARCH_HITS, (term, cursor), load)

    async def _load(self, term: str, cursor: str) -> SearchHits:
        pagination = {"cursor": cursor, "pageSize": PAGE_SIZE}
        reply = await self.api.upstream.read(
            f"{self.api.urls.mobile}/api/search/v1/universalSearch",
            method="POST",
            headers={"Accept-Language": get_current().language or DEFAULT_LANGUAGE},
            json={
                "searchTerm": term,
                "domainRequests": [{"domain": DOMAIN, "pagination": pagination}],
            },
        )
        if reply.status == errors.BAD_REQUEST and cursor:
            raise build_invalid_cursor()
        errors.check(reply, errors.DEFAULT_RULES, is_caller=self.api.is_caller)
        for domain in reply.decode(SearchResponse).domains:
            if domain.name == DOMAIN:
                return _map_hits(domain, cursor)
        raise build_unreadable_error(SOURCE)


def _map_hits(domain: SearchDomain, cursor: str) -> SearchHits:
    """A domain's hits; nothing, or a cursor that leads back, is the end."""
    has_more = bool(domain.hits) and domain.next not in (None, "", cursor)
    rows = (hit.person for hit in domain.hits)
    return SearchHits(
        people=tuple(_map_person(row) for row in rows if is_account_id(row.account_id)),
        total=domain.total,
        next_cursor=domain.next if has_more else None,
    )


def _map_person(row: FoundAccountRow) -> PsnProfile:
    account_profile = ProfileByAccountId(
        online_id=row.online_id, avatars=[Avatar(url=row.avatar)], plus=row.plus
    )
    return replace(
        map_profile_by_account_id(row.account_id, account_profile),
        country=(row.country or "").upper() or None,
        friend_relation=row.relation or None,
    )


def _build_page(exact: PsnProfile | None, hits: SearchHits, *, is_first_page: bool) -> ProfilePage:
    if exact is None:
        return ProfilePage(profiles=hits.people, total=hits.total, next_cursor=hits.next_cursor)
    others = tuple(one for one in hits.people if one.native_id != exact.native_id)
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
    """How many there are with the exact one, where it is known whether the hits count it."""
    if hits.total is None or not (includes_exact or is_complete):
        return None
    return hits.total if includes_exact else hits.total + 1


def _raise_if_error(result: "Cached[T] | ProviderError") -> "Cached[T]":
    if isinstance(result, ProviderError):
        raise result
    return result
