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
from providers.kit.caching.cache import gather, outcome
from providers.kit.caching.cached import Answer
from providers.kit.request_context import LANGUAGE, current
from providers.kit.upstream.decode import unreadable
from providers.psn import errors
from providers.psn.api import Connection
from providers.psn.cache_policies import HITS
from providers.psn.cached_records import Hits
from providers.psn.identifiers import (
    ONLINE_ID,
    check_cursor,
    check_term,
    foreign_cursor,
    is_account_id,
)
from providers.psn.people.accounts import Accounts
from providers.psn.people.profile_mapping import numbered
from providers.psn.people.profile_models import Avatar, NumberedProfile
from providers.psn.people.social_models import Domain, SearchAnswer, SocialRow
from providers.psn.urls import SOURCE
from providers.records import PersonPage, PsnPerson

T = TypeVar("T")

DOMAIN = "SocialAllAccounts"
PAGE = 50


@dataclass(frozen=True)
class Search:
    """The search for people, as one viewer sees its hits."""

    connection: Connection
    accounts: Accounts

    async def search(self, keys: Sequence[SearchKey]) -> list[Answer[PersonPage] | ProviderError]:
        """Pages of hits."""
        return await gather([self._page(key) for key in keys])

    async def _page(self, key: SearchKey) -> Answer[PersonPage]:
        check_term(key.term)
        if key.cursor is not None:
            check_cursor(key.cursor)
        term = key.term.strip()
        named, found = await asyncio.gather(
            self._exact(term), self._hits(term, key.cursor or ""), return_exceptions=True
        )
        exact, hits = _known(outcome(named)), _known(outcome(found))
        return Answer(
            _joined(exact.value, hits.value, first=key.cursor is None),
            min(exact.fetched_at, hits.fetched_at),
            exact.stale or hits.stale,
        )

    async def _exact(self, term: str) -> Answer[PsnPerson | None]:
        if not ONLINE_ID.fullmatch(term):
            return Answer(None, datetime.now(UTC))
        (found,) = await self.accounts.people([term])
        if isinstance(found, Missing):
            return Answer(None, datetime.now(UTC))
        return _known(found)

    async def _hits(self, term: str, cursor: str) -> Answer[Hits]:
        load = partial(self._load, term, cursor)
        return await self.connection.remember(HITS, (term, cursor), load)

    async def _load(self, term: str, cursor: str) -> Hits:
        pagination = {"cursor": cursor, "pageSize": PAGE}
        reply = await self.connection.upstream.read(
            f"{self.connection.hosts.mobile}/api/search/v1/universalSearch",
            method="POST",
            headers={"Accept-Language": current().language or LANGUAGE},
            json={
                "searchTerm": term,
                "domainRequests": [{"domain": DOMAIN, "pagination": pagination}],
            },
        )
        if reply.status == errors.BAD_REQUEST and cursor:
            raise foreign_cursor()
        errors.check(reply, errors.OTHER, caller=self.connection.caller)
        for domain in reply.decode(SearchAnswer).domains:
            if domain.name == DOMAIN:
                return _read(domain, cursor)
        raise unreadable(SOURCE)


def _read(domain: Domain, cursor: str) -> Hits:
    """A domain's hits; nothing, or a cursor that leads back, is the end."""
    more = bool(domain.hits) and domain.next not in (None, "", cursor)
    rows = (hit.person for hit in domain.hits)
    return Hits(
        people=tuple(_person(row) for row in rows if is_account_id(row.account_id)),
        total=domain.total,
        next=domain.next if more else None,
    )


def _person(row: SocialRow) -> PsnPerson:
    known = NumberedProfile(
        online_id=row.online_id, avatars=[Avatar(url=row.avatar)], plus=row.plus
    )
    return replace(
        numbered(row.account_id, known),
        country=(row.country or "").upper() or None,
        friend_relation=row.relation or None,
    )


def _joined(exact: PsnPerson | None, hits: Hits, *, first: bool) -> PersonPage:
    if exact is None:
        return PersonPage(people=hits.people, total=hits.total, next_cursor=hits.next)
    others = tuple(one for one in hits.people if one.native_id != exact.native_id)
    return PersonPage(
        people=(exact, *others) if first else others,
        total=_total(hits, found=len(others) < len(hits.people), whole=first and not hits.next),
        next_cursor=hits.next,
    )


def _total(hits: Hits, *, found: bool, whole: bool) -> int | None:
    """How many there are with the exact one, where it is known whether the hits count it."""
    if hits.total is None or not (found or whole):
        return None
    return hits.total if found else hits.total + 1


def _known(result: "Answer[T] | ProviderError") -> "Answer[T]":
    if isinstance(result, ProviderError):
        raise result
    return result
