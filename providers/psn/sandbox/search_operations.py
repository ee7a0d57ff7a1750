"""Persisted searches: people and games, a first page and those that follow."""

from collections.abc import Sequence
from dataclasses import dataclass

from providers.psn.sandbox.models import Account, Game, Json
from providers.psn.sandbox.operation_handling import OperationRequest, Resolver, build_failure
from providers.psn.sandbox.profile_serializers import rank_matches
from providers.psn.sandbox.search_routes import decode_cursor, encode_cursor
from providers.psn.sandbox.state import SandboxState

_FIRST_PAGE_SIZE = 15
_MAX_ACCOUNTS = 128
_DOMAINS = {
    "MobileUniversalSearchSocial": ("SocialAllAccounts",),
    "MobileUniversalSearchGame": ("MobileGames", "MobileAddOns"),
}
_DOMAIN_TITLES = {"SocialAllAccounts": "Players", "MobileGames": "Games", "MobileAddOns": "Add-Ons"}


@dataclass(frozen=True)
class SearchOperations:
    state: SandboxState

    def get_resolvers(self) -> dict[str, Resolver]:
        return {
            "metGetContextSearchResults": self.get_first_page,
            "metGetDomainSearchResults": self.get_next_page,
        }

    def get_first_page(self, request: OperationRequest) -> Json:
        root = "universalContextSearch"
        domains = _DOMAINS.get(request.variables["searchContext"])
        if domains is None:
            return build_failure(root, "Argument Validation Error")
        blocks = [self._search_domain(request, domain, 0, _FIRST_PAGE_SIZE) for domain in domains]
        frequency = {"filterDebounceMs": 300, "searchDebounceMs": 500}
        return {root: {"queryFrequency": frequency, "results": blocks}}

    def get_next_page(self, request: OperationRequest) -> Json:
        root = "universalDomainSearch"
        cursor = request.variables["nextCursor"]
        # A published client asks on with the empty cursor of the last page.
        offset = decode_cursor(cursor) if cursor else request.variables.get("pageOffset", 0)
        domain = request.variables["searchDomain"]
        if domain not in _DOMAIN_TITLES or offset is None:
            return build_failure(root, "Argument Validation Error")
        return {
            root: self._search_domain(
                request, domain, offset, request.variables.get("pageSize", 20)
            )
        }

    def _search_domain(
        self, request: OperationRequest, domain: str, offset: int, size: int
    ) -> Json:
        hits = self._find_hits(request, domain)
        shown = hits[offset : offset + size]
        next_offset = offset + len(shown)
        return {
            "__typename": "UniversalDomainSearchResponse",
            "domain": domain,
            "domainTitle": _DOMAIN_TITLES[domain],
            "next": encode_cursor(next_offset) if next_offset < len(hits) else "",
            "totalResultCount": len(hits),
            "zeroState": not hits,
            "searchResults": shown,
        }

    def _find_hits(self, request: OperationRequest, domain: str) -> Sequence[Json]:
        term = request.variables["searchTerm"]
        if domain == "SocialAllAccounts":
            accounts = self.state.database.accounts.values()
            found = rank_matches(accounts, request.caller, term)[:_MAX_ACCOUNTS]
            return [
                _serialize_hit(account.account_id, _serialize_player(account))
                for account, _ in found
            ]
        if domain == "MobileGames":
            concepts = {game.concept_text: game for game in self.state.database.games.values()}
            return [
                _serialize_hit(concept_id, _serialize_concept(game, request.language))
                for concept_id, game in concepts.items()
                if concept_id is not None and term.lower() in game.name[request.language].lower()
            ]
        return []


def _serialize_hit(hit_id: str, result: Json) -> Json:
    return {
        "__typename": "SearchResultItem",
        "id": hit_id,
        "highlight": {},
        "result": result,
        "resultOriginFlag": None,
    }


def _serialize_player(account: Account) -> Json:
    return {
        "__typename": "Player",
        "accountId": account.account_id,
        "onlineId": account.online_id,
        "displayName": account.online_id,
        "avatarUrl": f"https://image.invalid/avatar/{account.account_id}_l.png",
        "isPsPlus": account.plus,
        "firstName": None,
        "lastName": None,
        "middleName": None,
        "profilePicUrl": "",
        "relationshipState": None,
    }


def _serialize_concept(game: Game, tag: str) -> Json:
    url = f"https://image.invalid/game/{game.np_title_id}.png"
    return {
        "__typename": "Concept",
        "id": game.concept_text,
        "name": game.name[tag],
        "invariantName": game.name["en-US"],
        "media": [{"__typename": "Media", "role": "MASTER", "type": "IMAGE", "url": url}],
        "defaultProduct": None,
        "price": None,
    }
