"""The search for accounts."""

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any

from providers.kit.sandbox import SandboxRequest, SandboxResponse
from providers.psn.sandbox import profile_serializers
from providers.psn.sandbox.models import Account, Json, cast_to_object
from providers.psn.sandbox.request_handling import (
    MOBILE_HOST,
    PRIVATE_HEADERS,
    SEARCH_ERRORS,
    Routes,
)
from providers.psn.sandbox.state import SandboxState

_ACCOUNTS_DOMAIN = "SocialAllAccounts"


@dataclass(frozen=True)
class SearchRoutes:
    state: SandboxState

    def list_routes(self) -> Routes:
        return [("POST", f"{MOBILE_HOST}/api/search/v1/universalSearch", self.search)]

    def search(self, http_request: SandboxRequest) -> SandboxResponse:
        caller = self.state.authenticate(http_request, SEARCH_ERRORS)
        term, requests = _parse_request(http_request)
        responses = [self._search_domain(caller, term, request) for request in requests]
        body: Json = {
            "prefix": term,
            "suggestions": [],
            "fallbackQueried": False,
            "domainResponses": responses,
        }
        return SandboxResponse(200, body, dict(PRIVATE_HEADERS))

    def _search_domain(self, caller: Account, term: str, request: Json) -> Json:
        domain = request.get("domain", "")
        offset, size = self._parse_page(request.get("pagination") or {})
        accounts = self.state.database.accounts.values() if domain == _ACCOUNTS_DOMAIN else ()
        hits = profile_serializers.rank_matches(accounts, caller, term)
        shown = hits[offset : offset + size]
        has_more = offset + len(shown) < len(hits)
        return {
            "domain": domain,
            "domainTitle": "Players",
            "domainTitleMessageId": "msgid_players",
            "domainTitleHighlight": ["Players"],
            "zeroState": not hits,
            "univexId": "search.sandbox",
            "facetOptions": [],
            "next": _encode_cursor(offset + len(shown)) if has_more else "",
            "totalResultCount": len(hits),
            "results": [
                profile_serializers.serialize_search_hit(account, term, score)
                for account, score in shown
            ],
        }

    def _parse_page(self, pagination: Json) -> tuple[int, int]:
        cursor, size = pagination.get("cursor") or "", pagination.get("pageSize", 20)
        offset = _decode_cursor(cursor) if cursor else 0
        if offset is None:
            raise SEARCH_ERRORS.build_bad_request("body: cursor")
        limit = self.state.settings["search_limit"]
        if self.state.settings["cut_silently"] and isinstance(size, int):
            size = min(size, limit)
        if not isinstance(size, int) or not 1 <= size <= limit:
            raise SEARCH_ERRORS.build_bad_request("body: pageSize")
        return offset, size


def _encode_cursor(offset: int) -> str:
    return base64.urlsafe_b64encode(f"from:{offset}".encode()).decode()


def _decode_cursor(cursor: str) -> int | None:
    """Return the cursor's offset; None for an invalid cursor."""
    try:
        name, _, offset = base64.urlsafe_b64decode(cursor).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return int(offset) if name == "from" and offset.isdigit() else None


def _parse_request(http_request: SandboxRequest) -> tuple[str, list[Json]]:
    try:
        body: Any = json.loads(http_request.body)
        term = body["searchTerm"]
        requests = [cast_to_object(row) for row in body["domainRequests"]]
    except (ValueError, KeyError, TypeError):
        raise SEARCH_ERRORS.build_bad_request("body") from None
    if not isinstance(term, str) or not term:
        raise SEARCH_ERRORS.build_bad_request("body: searchTerm")
    return term, [request for request in requests if request]
