"""The methods about the games of a player. A service leaves out fields at their default."""

from providers.kit.sandbox import SandboxResponse
from providers.steam.sandbox.models import Game, Json, OwnedGame, Player
from providers.steam.sandbox.request_handling import ApiRequest, Endpoint

HIDDEN: Json = {"response": {}}


def get_owned_games(request: ApiRequest) -> SandboxResponse:
    """Return the library without borrowed and private games; nothing if it is hidden."""
    player = request.find_player()
    if player is None or not _can_see_games(request, player):
        return SandboxResponse(200, HIDDEN)
    filter_ids = set(request.get_list("appids_filter"))
    rows = [
        _serialize_owned(request, request.database.games[app_id], owned)
        for app_id, owned in player.games.items()
        if not owned.is_borrowed
        and request.can_see(player, shown=not owned.is_private)
        and (not filter_ids or str(app_id) in filter_ids)
    ]
    return SandboxResponse(200, {"response": {"game_count": len(rows), "games": rows}})


def get_recently_played_games(request: ApiRequest) -> SandboxResponse:
    """Return the games of the last two weeks, borrowed ones too."""
    player = request.find_player()
    if player is None or not _can_see_games(request, player):
        return SandboxResponse(200, HIDDEN)
    recent = [(app_id, owned) for app_id, owned in player.games.items() if owned.recent_playtime]
    recent.sort(key=lambda pair: pair[1].recent_playtime, reverse=True)
    body: Json = {"total_count": len(recent)}
    if recent:
        body["games"] = [
            _serialize_recent(request.database.games[app_id], owned) for app_id, owned in recent
        ]
    return SandboxResponse(200, {"response": body})


def _can_see_games(request: ApiRequest, player: Player) -> bool:
    return request.can_see(player, shown=player.shows_games and player.shows_profile)


def _serialize_owned(request: ApiRequest, game: Game, owned: OwnedGame) -> Json:
    played = owned.last_played_at
    row: Json = {"appid": game.app_id}
    if request.get_flag("include_appinfo"):
        row |= {"name": game.name, "img_icon_url": game.icon}
        if game.has_stats:
            row["has_community_visible_stats"] = True
    row |= {
        "playtime_forever": owned.playtime,
        "playtime_windows_forever": owned.playtime,
        "playtime_mac_forever": 0,
        "playtime_linux_forever": 0,
        "playtime_deck_forever": 0,
        "rtime_last_played": 0 if played is None else int(played.timestamp()),
        "playtime_disconnected": 0,
    }
    if owned.recent_playtime:
        row["playtime_2weeks"] = owned.recent_playtime
    return row


def _serialize_recent(game: Game, owned: OwnedGame) -> Json:
    row: Json = {
        "appid": game.app_id,
        "name": game.name,
        "playtime_2weeks": owned.recent_playtime,
        "playtime_forever": owned.playtime,
    }
    return row | ({"img_icon_url": game.icon} if game.icon else {})


ENDPOINTS: dict[str, Endpoint] = {
    "IPlayerService/GetOwnedGames": get_owned_games,
    "IPlayerService/GetRecentlyPlayedGames": get_recently_played_games,
}
