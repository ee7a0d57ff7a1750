"""Persisted operations on what an account owns and plays; absent facts are null."""

from dataclasses import dataclass

from providers.psn.sandbox.games import product_id
from providers.psn.sandbox.model import Game, Json, Played
from providers.psn.sandbox.operation import Asked, Resolver, nimbus
from providers.psn.sandbox.state import State


@dataclass(frozen=True)
class LibraryOperations:
    state: State

    def resolvers(self) -> dict[str, Resolver]:
        return {
            "getUserGameList": self.library,
            "getPurchasedGameList": self.purchased,
            "metGetRecentPlayedTitles": self.recent,
            "friendsWhoPlayRetrieveByConceptId": self.friends_who_play,
            "metGetHintAvailability": self.hints,
            "metGetUserIdentity": self.identity,
        }

    def library(self, asked: Asked) -> Json:
        categories = asked.variables.get("categories", "ps4_game,ps5_native_game").split(",")
        rows = [
            _library_row(game, one)
            for game, one in self._played(asked.caller.account_id)
            if game.category in categories
        ]
        games = rows[: asked.variables["limit"]]
        return {
            "gameLibraryTitlesRetrieve": {"__typename": "GameList", "games": games},
        }

    def purchased(self, asked: Asked) -> Json:
        variables = asked.variables
        platforms = [str(one).upper() for one in variables["platform"]]
        rows = [
            _purchased_row(game, one)
            for game, one in self._played(asked.caller.account_id)
            if game.platform in platforms
        ]
        if variables.get("membership"):
            rows = [row for row in rows if row["membership"] == variables["membership"]]
        shown = rows[variables["start"] : variables["start"] + variables["size"]]
        found: Json = {"__typename": "GameList", "games": shown}
        if "subscriptionService" in variables:
            found["pageInfo"] = {"totalCount": len(rows)}
        return {"purchasedTitlesRetrieve": found}

    def recent(self, asked: Asked) -> Json:
        root = "recentPlayedTitlesRetrieve"
        account_id = asked.variables["accountId"]
        whose = asked.caller.account_id if account_id == "me" else account_id
        account = self.state.world.accounts.get(whose)
        if account is None:
            return nimbus(root, "getRecentPlayedTitles", 404, "NotFound", "User not found")
        if account.private and account != asked.caller:
            return nimbus(root, "getRecentPlayedTitles", 403, "Forbidden", "Not permitted")
        rows = [_recent_row(game, one, asked) for game, one in self._played(whose)]
        return {root: rows[: asked.variables["count"]]}

    def friends_who_play(self, asked: Asked) -> Json:
        world = self.state.world
        wanted = str(asked.variables.get("conceptId"))
        playing = [
            world.accounts[friend]
            for friend in world.friends.get(asked.caller.account_id, [])
            if any(game.concept_text == wanted for game, _ in self._played(friend))
        ]
        profiles = [
            {
                "avatar": {"url": f"https://image.invalid/avatar/{account.account_id}_m.png"},
                "isOfficiallyVerified": account.verified,
                "isPsPlusMember": account.plus,
                "name": account.online_id,
                "onlineId": account.online_id,
                "profilePicture": None,
            }
            for account in playing
        ]
        info = {"offset": 0, "totalCount": len(profiles)}
        return {"gameListFriendsOwningGame": {"pageInfo": info, "profiles": profiles}}

    def hints(self, asked: Asked) -> Json:
        known = self.state.world.sets.get(asked.variables["npCommId"])
        if known is None or known.service != "trophy2":
            return {"hintAvailabilityRetrieve": None}
        rows = [
            {
                "helpType": "HINT",
                "id": f"{known.np_communication_id}::{trophy_id}",
                "trophyId": str(trophy_id),
                "udsObjectId": f"object-{trophy_id}",
            }
            for trophy_id in asked.variables["trophyIds"]
        ]
        return {"hintAvailabilityRetrieve": {"trophies": rows}}

    def identity(self, asked: Asked) -> Json:
        caller = asked.caller
        row = {"accountId": caller.account_id, "onlineId": caller.online_id}
        return {"metGetUserIdentity": row}

    def _played(self, account_id: str) -> list[tuple[Game, Played]]:
        world = self.state.world
        return [(world.games[one.np_title_id], one) for one in world.played.get(account_id, [])]


def _image(game: Game) -> Json:
    url = f"https://image.invalid/game/{game.np_title_id}.png"
    return {"__typename": "Media", "url": url}


def _library_row(game: Game, played: Played) -> Json:
    return {
        "__typename": "GameLibraryTitle",
        "conceptId": game.concept_text,
        "entitlementId": None,
        "image": _image(game),
        "isActive": None,
        "lastPlayedDateTime": played.last,
        "name": game.name["en-US"],
        "platform": game.platform,
        "productId": None,
        "subscriptionService": "PS_PLUS" if played.service == "ps_plus" else "NONE",
        "titleId": game.np_title_id,
    }


def _purchased_row(game: Game, played: Played) -> Json:
    return {
        "__typename": "GameLibraryTitle",
        "conceptId": game.concept_text,
        "entitlementId": product_id(game),
        "image": _image(game),
        "isActive": True,
        "isDownloadable": True,
        "isPreOrder": False,
        "membership": "PS_PLUS" if played.service == "ps_plus" else "NONE",
        "name": game.name["en-US"],
        "platform": game.platform,
        "productId": product_id(game),
        "titleId": game.np_title_id,
    }


def _recent_row(game: Game, played: Played, asked: Asked) -> Json:
    hours = played.duration.removeprefix("PT").partition("H")
    return {
        "__typename": "RecentPlayedTitle",
        "id": f"{game.np_title_id}::{asked.caller.account_id}",
        "npTitleId": game.np_title_id,
        "playTimeHours": int(hours[0]) if hours[1] else 0,
        "storyProgress": 40,
        "hasHelpContent": game.platform == "PS5",
        "codexSummary": {"hasCodex": False, "hasNewEntries": False, "unlockedCodexCount": 0},
        "title": {
            "conceptId": game.concept_text,
            "name": game.name[asked.language],
            "platform": game.platform,
            "media": [_image(game)],
        },
    }
