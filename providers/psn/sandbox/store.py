"""Persisted operations of the store: products and concepts for anyone, a wishlist for its owner."""

from dataclasses import dataclass

from providers.psn.sandbox.games import product_id
from providers.psn.sandbox.model import Game, Json
from providers.psn.sandbox.operation import Asked, Resolver, nimbus
from providers.psn.sandbox.state import State


@dataclass(frozen=True)
class Store:
    state: State

    def resolvers(self) -> dict[str, Resolver]:
        return {
            "metGetProductById": self.product,
            "metGetConceptByProductIdQuery": self.product,
            "metGetConceptById": self.concept,
            "metGetPricingDataByConceptId": self.price,
            "wcaProductStarRatingRetrive": self.product_rating,
            "wcaConceptStarRatingRetrive": self.concept_rating,
            "metGetStoreWishlist": self.wishlist,
            "metGetWishlistedItemIds": self.wishlisted,
            "wcaAddItemToStoreWishlist": self.add,
            "wcaRemoveItemFromStoreWishlist": self.remove,
        }

    def product(self, asked: Asked) -> Json:
        game = self._product(asked)
        if game is None:
            return nimbus("productRetrieve", "getProductById", 404, "NotFound", "Product not found")
        concept = {
            "__typename": "Concept",
            "id": game.concept_text,
            "name": game.name[asked.language],
        }
        return {"productRetrieve": {**_product(game, asked.language), "concept": concept}}

    def concept(self, asked: Asked) -> Json:
        game = self._concept(asked)
        if game is None:
            return nimbus("conceptRetrieve", "getConceptById", 404, "NotFound", "Concept not found")
        return {"conceptRetrieve": _concept(game, asked.language)}

    def price(self, asked: Asked) -> Json:
        game = self._concept(asked)
        if game is None:
            return nimbus("conceptRetrieve", "getConceptById", 404, "NotFound", "Concept not found")
        sold = {"__typename": "Product", "id": product_id(game), "price": _price(game)}
        concept = {"__typename": "Concept", "id": game.concept_text}
        return {"conceptRetrieve": {**concept, "defaultProduct": sold if game.sets else None}}

    def product_rating(self, asked: Asked) -> Json:
        return {"productRetrieve": {"starRating": _rating()} if self._product(asked) else None}

    def concept_rating(self, asked: Asked) -> Json:
        return {"conceptRetrieve": {"starRating": _rating()} if self._concept(asked) else None}

    def wishlist(self, asked: Asked) -> Json:
        games = {game.concept_text: game for game in self.state.world.games.values()}
        wished = [games[one] for one in self._wished(asked) if one in games]
        rows = [{**_product(game, asked.language), "price": _price(game)} for game in wished]
        return {"storeWishlist": rows}

    def wishlisted(self, asked: Asked) -> Json:
        return {"metGetWishlistedItemIds": list(self._wished(asked))}

    def add(self, asked: Asked) -> Json:
        item_id = str(asked.variables["input"].get("itemId"))
        wished = self._wished(asked)
        if item_id not in wished:
            wished.append(item_id)
        return {"wcaAddItemToStoreWishlist": {"itemId": item_id}}

    def remove(self, asked: Asked) -> Json:
        item_id = str(asked.variables["input"].get("itemId"))
        wished = self._wished(asked)
        if item_id in wished:
            wished.remove(item_id)
        return {"wcaRemoveItemFromStoreWishlist": {"itemId": item_id}}

    def _wished(self, asked: Asked) -> list[str]:
        return self.state.world.wishlists.setdefault(asked.caller.account_id, [])

    def _product(self, asked: Asked) -> Game | None:
        wanted = asked.variables.get("productId")
        games = self.state.world.games.values()
        return next((game for game in games if product_id(game) == wanted), None)

    def _concept(self, asked: Asked) -> Game | None:
        wanted = asked.variables.get("conceptId")
        games = self.state.world.games.values()
        return next((game for game in games if game.concept_text == wanted), None)


def _product(game: Game, tag: str) -> Json:
    return {
        "__typename": "Product",
        "id": product_id(game),
        "name": game.name[tag],
        "npTitleId": game.np_title_id,
        "platforms": [game.platform],
        "publisherName": "Sample Publisher",
        "storeDisplayClassification": "FULL_GAME",
        "type": "GAME",
    }


def _concept(game: Game, tag: str) -> Json:
    sold = game.sets and _product(game, tag)
    return {
        "__typename": "Concept",
        "id": game.concept_text,
        "name": game.name[tag],
        "invariantName": game.name["en-US"],
        "publisherName": "Sample Publisher",
        "genres": [{"__typename": "Genre", "key": genre} for genre in game.genres],
        "defaultProduct": sold or None,
    }


def _price(game: Game) -> Json:
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
        "skuId": f"{product_id(game)}-E001",
        "campaignId": None,
        "qualifications": [],
        "rewardId": "",
    }


def _rating() -> Json:
    return {"__typename": "StarRating", "averageRating": 4.5, "totalRatingsCount": 120}
