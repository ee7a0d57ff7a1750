"""Persisted searches: people and games, a first page and those that follow."""

from collections.abc import Sequence
from dataclasses import dataclass

from providers.psn.sandbox.model import Account, Game, Json
from providers.psn.sandbox.operation import Asked, Resolver, failure
from providers.psn.sandbox.people_rows import matches
from providers.psn.sandbox.search import cursor, position
from providers.psn.sandbox.state import State

_FIRST_PAGE = 15
_MOST_PEOPLE = 128
_DOMAINS = {
    "MobileUniversalSearchSocial": ("SocialAllAccounts",),
    "MobileUniversalSearchGame": ("MobileGames", "MobileAddOns"),
}
_TITLES = {"SocialAllAccounts": "Players", "MobileGames": "Games", "MobileAddOns": "Add-Ons"}


@dataclass(frozen=True)
class SearchOperations:
    state: State

    def resolvers(self) -> dict[str, Resolver]:
        return {
            "metGetContextSearchResults": self.first_page,
            "metGetDomainSearchResults": self.further_page,
        }

    def first_page(self, asked: Asked) -> Json:
        root = "universalContextSearch"
        domains = _DOMAINS.get(asked.variables["searchContext"])
        if domains is None:
            return failure(root, "Argument Validation Error")
        blocks = [self._block(asked, domain, 0, _FIRST_PAGE) for domain in domains]
        frequency = {"filterDebounceMs": 300, "searchDebounceMs": 500}
        return {root: {"queryFrequency": frequency, "results": blocks}}

    def further_page(self, asked: Asked) -> Json:
        root = "universalDomainSearch"
        given = asked.variables["nextCursor"]
        # A published client asks on with the empty cursor of the last page.
        offset = position(given) if given else asked.variables.get("pageOffset", 0)
        domain = asked.variables["searchDomain"]
        if domain not in _TITLES or offset is None:
            return failure(root, "Argument Validation Error")
        return {root: self._block(asked, domain, offset, asked.variables.get("pageSize", 20))}

    def _block(self, asked: Asked, domain: str, offset: int, size: int) -> Json:
        hits = self._hits(asked, domain)
        shown = hits[offset : offset + size]
        following = offset + len(shown)
        return {
            "__typename": "UniversalDomainSearchResponse",
            "domain": domain,
            "domainTitle": _TITLES[domain],
            "next": cursor(following) if following < len(hits) else "",
            "totalResultCount": len(hits),
            "zeroState": not hits,
            "searchResults": shown,
        }

    def _hits(self, asked: Asked, domain: str) -> Sequence[Json]:
        term = asked.variables["searchTerm"]
        if domain == "SocialAllAccounts":
            accounts = self.state.world.accounts.values()
            found = matches(accounts, asked.caller, term)[:_MOST_PEOPLE]
            return [_hit(account.account_id, _player(account)) for account, _ in found]
        if domain == "MobileGames":
            concepts = {game.concept_text: game for game in self.state.world.games.values()}
            return [
                _hit(concept_id, _concept(game, asked.language))
                for concept_id, game in concepts.items()
                if concept_id is not None and term.lower() in game.name[asked.language].lower()
            ]
        return []


def _hit(hit_id: str, result: Json) -> Json:
    return {
        "__typename": "SearchResultItem",
        "id": hit_id,
        "highlight": {},
        "result": result,
        "resultOriginFlag": None,
    }


def _player(account: Account) -> Json:
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


def _concept(game: Game, tag: str) -> Json:
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
