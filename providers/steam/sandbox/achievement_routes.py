"""The methods about achievements, documented and not."""

from struct import pack, unpack

from providers.kit.sandbox import SandboxResponse
from providers.steam.sandbox.models import Achievement, Game, Json, Player
from providers.steam.sandbox.request_handling import (
    ApiError,
    ApiRequest,
    Endpoint,
    build_page,
)

IMAGE_BASE_URL = "https://steamcdn-a.akamaihd.net/steamcommunity/public/images/apps"
DEFAULT_MAX_ACHIEVEMENTS = 8
MAX_QUERY = 7_900  # with the rest of the request's line a little less than 8 KiB


def get_player_achievements(request: ApiRequest) -> SandboxResponse:
    """Return all achievements of a game with the times of unlocks, in the schema's order."""
    player, game = request.find_player(), request.find_game("appid")
    if player is None:
        raise ApiError(build_page(400, "Bad Request", "Please verify that all required"))
    if game is None or not game.has_stats:
        return _build_stats_error(400, "Requested app has no stats")
    if not _can_see_achievements(request, player, game):
        return _build_stats_error(403, "Profile is not public")
    stats: Json = {"steamID": player.steam_id, "gameName": game.internal_name or game.name}
    if game.achievements:
        stats["achievements"] = [
            _serialize_player_row(request, player, game, each) for each in game.achievements
        ]
    return SandboxResponse(200, {"playerstats": {**stats, "success": True}})


def get_user_stats_for_game(request: ApiRequest) -> SandboxResponse:
    """Return the unlocked achievements alone, without times."""
    player, game = request.find_player(), request.find_game("appid")
    if player is None or game is None:
        raise ApiError(build_page(400, "Bad Request", "Please verify that all required"))
    if not _can_see_achievements(request, player, game):
        return _build_stats_error(403, "Profile is not public")
    names = request.database.list_unlocked(player, game)
    stats = {
        "steamID": player.steam_id,
        "gameName": game.internal_name or game.name,
        "achievements": [{"name": each, "achieved": 1} for each in names],
    }
    return SandboxResponse(200, {"playerstats": stats})


def get_schema_for_game(request: ApiRequest) -> SandboxResponse:
    """Return the schema; empty for an app without stats, and for one that does not exist."""
    game = request.find_game("appid")
    if game is None or not game.has_stats:
        return SandboxResponse(200, {"game": {}})
    stats: Json = {"stats": []}
    if game.achievements:
        rows = [_serialize_schema_row(request, game, each) for each in game.achievements]
        stats = {"achievements": rows, **stats}
    schema = {
        "gameName": game.internal_name or game.name,
        "gameVersion": "3",
        "availableGameStats": stats,
    }
    return SandboxResponse(200, {"game": schema})


def get_global_percentages(request: ApiRequest) -> SandboxResponse:
    """Return the percentages, most common first; 403 for an app without any."""
    game = request.find_game("gameid")
    if game is None or not game.achievements:
        return SandboxResponse(403, {})
    rows = sorted(game.achievements, key=lambda each: -each.percent)
    as_number = request.settings["percent_as_number"]
    found = [
        {"name": each.name, "percent": _serialize_percent(each.percent, as_number=bool(as_number))}
        for each in rows
    ]
    return SandboxResponse(200, {"achievementpercentages": {"achievements": found}})


def _serialize_percent(percent: float, *, as_number: bool) -> float | str:
    """Return the text of one digit, or the number with the digits of single precision."""
    return unpack("f", pack("f", percent))[0] if as_number else f"{percent:.1f}"


def get_current_players(request: ApiRequest) -> SandboxResponse:
    """Return the number of players; 42 for an app that does not exist."""
    game = request.find_game("appid")
    if game is None:
        return SandboxResponse(200, {"response": {"result": 42}})
    return SandboxResponse(200, {"response": {"player_count": 17, "result": 1}})


def get_game_achievements(request: ApiRequest) -> SandboxResponse:
    """Return definitions with the texts of hidden achievements, and groups where they exist."""
    game = request.find_game("appid")
    if game is None or not game.achievements:
        return SandboxResponse(200, {"response": {}})
    body: Json = {
        "schema_version": 3,
        "achievements": [
            _serialize_game_row(request, game, index, each)
            for index, each in enumerate(game.achievements)
        ],
    }
    if request.settings["groups"] and game.groups:
        body["groups"] = [
            {
                "groupid": each.id,
                "localized_name": each.name,
                "dlcappid": each.app_id,
                "order": order,
                "ispublic": True,
            }
            for order, each in enumerate(game.groups)
        ]
    return SandboxResponse(200, {"response": body})


def get_top_achievements(request: ApiRequest) -> SandboxResponse:
    """Return the unlocked achievements of many games, rarest first, without names and times."""
    if sum(len(f"{name}={value}&") for name, value in request.request.query_items) > MAX_QUERY:
        raise ApiError(build_page(414, "Request-URI Too Large", ""))
    player = request.find_player()
    if player is None or not request.can_see(player, shown=player.shows_games):
        return SandboxResponse(200, {"response": {}}, {"x-eresult": "15"})
    text = request.request.query.get("max_achievements", "")
    most = int(text) if text.isdigit() else DEFAULT_MAX_ACHIEVEMENTS
    games = [request.database.games.get(int(each)) for each in request.get_list("appids")]
    rows = [
        _serialize_top_game(request, player, game, most)
        for game in games
        if game is not None and game.is_in_batches
    ]
    return SandboxResponse(200, {"response": {"games": rows}})


def _can_see_achievements(request: ApiRequest, player: Player, game: Game) -> bool:
    owned = player.games.get(game.app_id)
    is_private = owned is not None and owned.is_private
    shown = player.shows_games and player.shows_profile and not is_private
    return request.can_see(player, shown=shown)


def _build_stats_error(status: int, text: str) -> SandboxResponse:
    return SandboxResponse(status, {"playerstats": {"error": text, "success": False}})


def _get_texts(request: ApiRequest, game: Game, item: Achievement) -> tuple[str, str]:
    german = game.german.get(item.name) if request.language == "german" else None
    return german or (item.title, item.description)


def _serialize_player_row(
    request: ApiRequest, player: Player, game: Game, item: Achievement
) -> Json:
    when = request.database.find_unlock(player, game, item.name)
    row: Json = {
        "apiname": item.name,
        "achieved": 0 if when is None else 1,
        "unlocktime": when or 0,
    }
    if request.request.query.get("l"):
        title, description = _get_texts(request, game, item)
        # Empty for a hidden one, even when it is unlocked.
        row |= {"name": title, "description": "" if item.is_hidden else description}
    return row


def _serialize_schema_row(request: ApiRequest, game: Game, item: Achievement) -> Json:
    title, description = _get_texts(request, game, item)
    icon = _get_icon(game, item)
    row: Json = {
        "name": item.name,
        "defaultvalue": 0,
        "displayName": title,
        "hidden": 1 if item.is_hidden else 0,
    }
    if not item.is_hidden:
        row["description"] = description
    return row | {
        "icon": f"{IMAGE_BASE_URL}/{game.app_id}/{icon}.jpg",
        "icongray": f"{IMAGE_BASE_URL}/{game.app_id}/{icon}_gray.jpg",
    }


def _serialize_game_row(request: ApiRequest, game: Game, index: int, item: Achievement) -> Json:
    title, description = _get_texts(request, game, item)
    icon = _get_icon(game, item)
    row: Json = {
        "internal_name": item.name,
        "localized_name": title,
        "localized_desc": description,
        "icon": f"{icon}.jpg",
        "icon_gray": f"{icon}_gray.jpg",
        "player_percent_unlocked": f"{item.percent:.1f}",
        "internal_key": 256 + index,
    }
    if item.is_hidden:
        row["hidden"] = True
    if request.settings["groups"] and item.group_id:
        row["groupid"] = item.group_id
    return row


def _serialize_top_game(request: ApiRequest, player: Player, game: Game, most: int) -> Json:
    row: Json = {"appid": game.app_id, "total_achievements": len(game.achievements)}
    names = request.database.list_unlocked(player, game)[:most]
    if names:
        by_name = {each.name: (index, each) for index, each in enumerate(game.achievements)}
        row["achievements"] = [
            {
                "statid": 1,
                "bit": by_name[name][0],
                "name": by_name[name][1].title,
                "desc": by_name[name][1].description,
                "icon": f"{_get_icon(game, by_name[name][1])}.jpg",
                "icon_gray": f"{_get_icon(game, by_name[name][1])}_gray.jpg",
                "hidden": by_name[name][1].is_hidden,
                "player_percent_unlocked": f"{by_name[name][1].percent:.1f}",
            }
            for name in names
        ]
    return row


def _get_icon(game: Game, item: Achievement) -> str:
    return f"{game.app_id:08x}{game.achievements.index(item):08x}"


DOCUMENTED_ENDPOINTS: dict[str, Endpoint] = {
    "ISteamUserStats/GetPlayerAchievements": get_player_achievements,
    "ISteamUserStats/GetUserStatsForGame": get_user_stats_for_game,
    "ISteamUserStats/GetSchemaForGame": get_schema_for_game,
}
KEYLESS_ENDPOINTS: dict[str, Endpoint] = {
    "ISteamUserStats/GetGlobalAchievementPercentagesForApp": get_global_percentages,
    "ISteamUserStats/GetNumberOfCurrentPlayers": get_current_players,
}
UNDOCUMENTED_ENDPOINTS: dict[str, Endpoint] = {
    "IPlayerService/GetTopAchievementsForGames": get_top_achievements,
}
UNDOCUMENTED_KEYLESS_ENDPOINTS: dict[str, Endpoint] = {
    "IPlayerService/GetGameAchievements": get_game_achievements,
}
