"""Persisted operations on what an account owns and plays; absent facts are null."""

from dataclasses import dataclass

from providers.psn.sandbox.game_routes import build_product_id
from providers.psn.sandbox.models import Game, Json, PlayedGame
from providers.psn.sandbox.operation_handling import OperationRequest, Resolver, build_nimbus_error
from providers.psn.sandbox.state import SandboxState


@dataclass(frozen=True)
class LibraryOperations:
    state: SandboxState

    def get_resolvers(self) -> dict[str, Resolver]:
        return {
            "getUserGameList": self.get_library,
            "getPurchasedGameList": self.get_purchased_games,
            "metGetRecentPlayedTitles": self.get_recent_titles,
            "friendsWhoPlayRetrieveByConceptId": self.list_friends_who_play,
            "metGetHintAvailability": self.get_hint_availability,
            "metGetUserIdentity": self.get_identity,
        }

    def get_library(self, request: OperationRequest) -> Json:
        categories = request.variables.get("categories", "ps4_game,ps5_native_game").split(",")
        rows = [
            _serialize_library_game(game, one)
            for game, one in self._list_played_games(request.caller.account_id)
            if game.category in categories
        ]
        games = rows[: request.variables["limit"]]
        return {
            "gameLibraryTitlesRetrieve": {"__typename": "GameList", "games": games},
        }

    def get_purchased_games(self, request: OperationRequest) -> Json:
        variables = request.variables
        platforms = [str(one).upper() for one in variables["platform"]]
        rows = [
            _serialize_purchased_game(game, one)
            for game, one in self._list_played_games(request.caller.account_id)
            if game.platform in platforms
        ]
        if variables.get("membership"):
            rows = [row for row in rows if row["membership"] == variables["membership"]]
        shown = rows[variables["start"] : variables["start"] + variables["size"]]
        game_list: Json = {"__typename": "GameList", "games": shown}
        if "subscriptionService" in variables:
            game_list["pageInfo"] = {"totalCount": len(rows)}
        return {"purchasedTitlesRetrieve": game_list}

    def get_recent_titles(self, request: OperationRequest) -> Json:
        root = "recentPlayedTitlesRetrieve"
        account_id = request.variables["accountId"]
        resolved_account_id = request.caller.account_id if account_id == "me" else account_id
        account = self.state.database.accounts.get(resolved_account_id)
        if account is None:
            return build_nimbus_error(
                root, "getRecentPlayedTitles", 404, "NotFound", "User not found"
            )
        if account.private and account != request.caller:
            return build_nimbus_error(
                root, "getRecentPlayedTitles", 403, "Forbidden", "Not permitted"
            )
        rows = [
            _serialize_recent_title(game, one, request)
            for game, one in self._list_played_games(resolved_account_id)
        ]
        return {root: rows[: request.variables["count"]]}

    def list_friends_who_play(self, request: OperationRequest) -> Json:
        database = self.state.database
        concept_id = str(request.variables.get("conceptId"))
        playing = [
            database.accounts[friend]
            for friend in database.friends.get(request.caller.account_id, [])
            if any(game.concept_text == concept_id for game, _ in self._list_played_games(friend))
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

    def get_hint_availability(self, request: OperationRequest) -> Json:
        trophy_set = self.state.database.trophy_sets.get(request.variables["npCommId"])
        if trophy_set is None or trophy_set.service != "trophy2":
            return {"hintAvailabilityRetrieve": None}
        rows = [
            {
                "helpType": "HINT",
                "id": f"{trophy_set.np_communication_id}::{trophy_id}",
                "trophyId": str(trophy_id),
                "udsObjectId": f"object-{trophy_id}",
            }
            for trophy_id in request.variables["trophyIds"]
        ]
        return {"hintAvailabilityRetrieve": {"trophies": rows}}

    def get_identity(self, request: OperationRequest) -> Json:
        caller = request.caller
        row = {"accountId": caller.account_id, "onlineId": caller.online_id}
        return {"metGetUserIdentity": row}

    def _list_played_games(self, account_id: str) -> list[tuple[Game, PlayedGame]]:
        database = self.state.database
        return [
            (database.games[one.np_title_id], one)
            for one in database.played_games.get(account_id, [])
        ]


def _serialize_image(game: Game) -> Json:
    url = f"https://image.invalid/game/{game.np_title_id}.png"
    return {"__typename": "Media", "url": url}


def _serialize_library_game(game: Game, played: PlayedGame) -> Json:
    return {
        "__typename": "GameLibraryTitle",
        "conceptId": game.concept_text,
        "entitlementId": None,
        "image": _serialize_image(game),
        "isActive": None,
        "lastPlayedDateTime": played.last_played_at,
        "name": game.name["en-US"],
        "platform": game.platform,
        "productId": None,
        "subscriptionService": "PS_PLUS" if played.service == "ps_plus" else "NONE",
        "titleId": game.np_title_id,
    }


def _serialize_purchased_game(game: Game, played: PlayedGame) -> Json:
    return {
        "__typename": "GameLibraryTitle",
        "conceptId": game.concept_text,
        "entitlementId": build_product_id(game),
        "image": _serialize_image(game),
        "isActive": True,
        "isDownloadable": True,
        "isPreOrder": False,
        "membership": "PS_PLUS" if played.service == "ps_plus" else "NONE",
        "name": game.name["en-US"],
        "platform": game.platform,
        "productId": build_product_id(game),
        "titleId": game.np_title_id,
    }


def _serialize_recent_title(game: Game, played: PlayedGame, request: OperationRequest) -> Json:
    hours = played.play_duration.removeprefix("PT").partition("H")
    return {
        "__typename": "RecentPlayedTitle",
        "id": f"{game.np_title_id}::{request.caller.account_id}",
        "npTitleId": game.np_title_id,
        "playTimeHours": int(hours[0]) if hours[1] else 0,
        "storyProgress": 40,
        "hasHelpContent": game.platform == "PS5",
        "codexSummary": {"hasCodex": False, "hasNewEntries": False, "unlockedCodexCount": 0},
        "title": {
            "conceptId": game.concept_text,
            "name": game.name[request.language],
            "platform": game.platform,
            "media": [_serialize_image(game)],
        },
    }
