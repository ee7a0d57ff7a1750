"""Searching for people, ranked by likeness."""

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any

from providers.kit.sandbox import Call, Reply
from providers.psn.sandbox import people_rows
from providers.psn.sandbox.answer import MOBILE, PRIVATE, SEARCH, Routes
from providers.psn.sandbox.model import Account, Json, mapping
from providers.psn.sandbox.state import State

_PEOPLE = "SocialAllAccounts"


@dataclass(frozen=True)
class Search:
    state: State

    def routes(self) -> Routes:
        return [("POST", f"{MOBILE}/api/search/v1/universalSearch", self.search)]

    def search(self, call: Call) -> Reply:
        caller = self.state.caller(call, SEARCH)
        term, requests = _asked(call)
        answers = [self._domain(caller, term, request) for request in requests]
        body: Json = {
            "prefix": term,
            "suggestions": [],
            "fallbackQueried": False,
            "domainResponses": answers,
        }
        return Reply(200, body, dict(PRIVATE))

    def _domain(self, caller: Account, term: str, request: Json) -> Json:
        domain = request.get("domain", "")
        offset, size = _page(request.get("pagination") or {})
        people = self.state.world.accounts.values() if domain == _PEOPLE else ()
        hits = people_rows.matches(people, caller, term)
        shown = hits[offset : offset + size]
        more = offset + len(shown) < len(hits)
        return {
            "domain": domain,
            "domainTitle": "Players",
            "domainTitleMessageId": "msgid_players",
            "domainTitleHighlight": ["Players"],
            "zeroState": not hits,
            "univexId": "search.sandbox",
            "facetOptions": [],
            "next": cursor(offset + len(shown)) if more else "",
            "totalResultCount": len(hits),
            "results": [people_rows.found(account, term, score) for account, score in shown],
        }


def cursor(offset: int) -> str:
    return base64.urlsafe_b64encode(f"from:{offset}".encode()).decode()


def position(given: str) -> int | None:
    """Where a cursor points; nothing for one that was never handed out."""
    try:
        name, _, offset = base64.urlsafe_b64decode(given).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return int(offset) if name == "from" and offset.isdigit() else None


def _page(pagination: Json) -> tuple[int, int]:
    given, size = pagination.get("cursor") or "", pagination.get("pageSize", 20)
    offset = position(given) if given else 0
    if offset is None:
        raise SEARCH.bad_request("body: cursor")
    if not isinstance(size, int) or not 1 <= size <= 50:
        raise SEARCH.bad_request("body: pageSize")
    return offset, size


def _asked(call: Call) -> tuple[str, list[Json]]:
    try:
        body: Any = json.loads(call.body)
        term, requests = body["searchTerm"], [mapping(one) for one in body["domainRequests"]]
    except (ValueError, KeyError, TypeError):
        raise SEARCH.bad_request("body") from None
    if not isinstance(term, str) or not term:
        raise SEARCH.bad_request("body: searchTerm")
    return term, [one for one in requests if one]
