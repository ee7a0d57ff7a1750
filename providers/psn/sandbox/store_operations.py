"""Persisted operations of the store: products and concepts for anyone, a wishlist for its owner."""

from dataclasses import dataclass

from providers.psn.sandbox.game_routes import build_product_id
from providers.psn.sandbox.models import Game, Json
from providers.psn.sandbox.operation_handling import OperationRequest, Resolver, build_nimbus_error
from providers.psn.sandbox.state import SandboxState


@dataclass(frozen=True)
class StoreOperations:
    state: SandboxState

    def get_resolvers(self) -> dict[str, Resolver]:
        return {
            "metGetProductById": self.get_product,
            "metGetConceptByProductIdQuery": self.get_product,
            "metGetConceptById": self.get_concept,
            "metGetPricingDataByConceptId": self.get_price,
            "wcaProductStarRatingRetrive": self.get_product_rating,
            "wcaConceptStarRatingRetrive": self.get_concept_rating,
            "metGetStoreWishlist": self.get_wishlist,
            "metGetWishlistedItemIds": self.list_wishlisted_ids,
            "wcaAddItemToStoreWishlist": self.add_to_wishlist,
            "wcaRemoveItemFromStoreWishlist": self.remove_from_wishlist,
        }

    def get_product(self, request: OperationRequest) -> Json:
        game = self._find_product_game(request)
        if game is None:
            return build_nimbus_error(
                "productRetrieve", "getProductById", 404, "NotFound", "Product not found"
            )
        concept = {
            "__typename": "Concept",
            "id": game.concept_text,
            "name": game.name[request.language],
        }
        return {
            "productRetrieve": {**_serialize_product(game, request.language), "concept": concept}
        }

    def get_concept(self, request: OperationRequest) -> Json:
        game = self._find_concept_game(request)
        if game is None:
            return build_nimbus_error(
                "conceptRetrieve", "getConceptById", 404, "NotFound", "Concept not found"
            )
        return {"conceptRetrieve": _serialize_concept(game, request.language)}

    def get_price(self, request: OperationRequest) -> Json:
        game = self._find_concept_game(request)
        if game is None:
            return build_nimbus_error(
                "conceptRetrieve", "getConceptById", 404, "NotFound", "Concept not found"
            )
        product = {
            "__typename": "Product",
            "id": build_product_id(game),
            "price": _serialize_price(game),
        }
        concept = {"__typename": "Concept", "id": game.concept_text}
        return {
            "conceptRetrieve": {
                **concept,
                "defaultProduct": product if game.trophy_set_ids else None,
            }
        }

    def get_product_rating(self, request: OperationRequest) -> Json:
        return {
            "productRetrieve": {"starRating": _serialize_rating()}
            if self._find_product_game(request)
            else None
        }

    def get_concept_rating(self, request: OperationRequest) -> Json:
        return {
            "conceptRetrieve": {"starRating": _serialize_rating()}
            if self._find_concept_game(request)
            else None
        }

    def get_wishlist(self, request: OperationRequest) -> Json:
        games = {game.concept_text: game for game in self.state.database.games.values()}
        wishlisted_games = [games[one] for one in self._read_wishlist_ids(request) if one in games]
        rows = [
            {**_serialize_product(game, request.language), "price": _serialize_price(game)}
            for game in wishlisted_games
        ]
        return {"storeWishlist": rows}

    def list_wishlisted_ids(self, request: OperationRequest) -> Json:
        return {"metGetWishlistedItemIds": list(self._read_wishlist_ids(request))}

    def add_to_wishlist(self, request: OperationRequest) -> Json:
        item_id = str(request.variables["input"].get("itemId"))
        wishlist_ids = self._read_wishlist_ids(request)
        if item_id not in wishlist_ids:
            wishlist_ids.append(item_id)
        return {"wcaAddItemToStoreWishlist": {"itemId": item_id}}

    def remove_from_wishlist(self, request: OperationRequest) -> Json:
        item_id = str(request.variables["input"].get("itemId"))
        wishlist_ids = self._read_wishlist_ids(request)
        if item_id in wishlist_ids:
            wishlist_ids.remove(item_id)
        return {"wcaRemoveItemFromStoreWishlist": {"itemId": item_id}}

    def _read_wishlist_ids(self, request: OperationRequest) -> list[str]:
        return self.state.database.wishlists.setdefault(request.caller.account_id, [])

    def _find_product_game(self, request: OperationRequest) -> Game | None:
        searched_id = request.variables.get("productId")
        games = self.state.database.games.values()
        return next((game for game in games if build_product_id(game) == searched_id), None)

    def _find_concept_game(self, request: OperationRequest) -> Game | None:
        searched_id = request.variables.get("conceptId")
        games = self.state.database.games.values()
        return next((game for game in games if game.concept_text == searched_id), None)


def _serialize_product(game: Game, tag: str) -> Json:
    return {
        "__typename": "Product",
        "id": build_product_id(game),
        "name": game.name[tag],
        "npTitleId": game.np_title_id,
        "platforms": [game.platform],
        "publisherName": "Sample Publisher",
        "storeDisplayClassification": "FULL_GAME",
        "type": "GAME",
    }


def _serialize_concept(game: Game, tag: str) -> Json:
    product = game.trophy_set_ids and _serialize_product(game, tag)
    return {
        "__typename": "Concept",
        "id": game.concept_text,
        "name": game.name[tag],
        "invariantName": game.name["en-US"],
        "publisherName": "Sample Publisher",
        "genres": [{"__typename": "Genre", "key": genre} for genre in game.genres],
        "defaultProduct": product or None,
    }


def _serialize_price(game: Game) -> Json:
    """Amounts are whole minor units; their text is localised."""
    return {
        "__typename": "SkuPrice",
        "basePrice": "$39.99",
        "discountedPrice": "$29.99",
        "basePriceValue": 3999,
        "discountedValue": 2999,
        "discountText": "-25%",
        "currencyCode": "USD",
        "endTime": None,
        "isExclusive": False,
        "isFree": False,
        "isTiedToSubscription": False,
        "serviceBranding": ["NONE"],
        "skuId": f"{build_product_id(game)}-E001",
        "campaignId": None,
        "qualifications": [],
        "rewardId": "",
    }


def _serialize_rating() -> Json:
    return {"__typename": "StarRating", "averageRating": 4.5, "totalRatingsCount": 120}
