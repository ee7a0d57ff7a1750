"""The methods about users: summaries, friends, vanity names, levels."""

from providers.kit.sandbox import SandboxResponse
from providers.steam.sandbox.models import Json, Player
from providers.steam.sandbox.request_handling import ApiError, ApiRequest, Endpoint, build_page

MAX_SUMMARIES = 100
AVATAR_BASE_URL = "https://avatars.steamstatic.com"


def get_player_summaries(request: ApiRequest) -> SandboxResponse:
    """Return the players that exist, in another order than requested."""
    ids = [each for each in request.get_text("steamids").split(",") if each]
    if len(ids) > MAX_SUMMARIES:
        raise ApiError(build_page(400, "Bad Request", "Too many ids"))
    players = [
        request.database.players[each] for each in set(ids) & request.database.players.keys()
    ]
    players.sort(key=lambda each: each.steam_id, reverse=True)
    rows = [_serialize_summary(request, each) for each in players]
    return SandboxResponse(200, {"response": {"players": rows}})


def resolve_vanity_url(request: ApiRequest) -> SandboxResponse:
    """Return the id of a vanity name; 42 inside a 200 for an unknown one."""
    player = request.database.find_vanity(request.get_text("vanityurl"))
    if player is None:
        return SandboxResponse(200, {"response": {"success": 42, "message": "No match"}})
    return SandboxResponse(200, {"response": {"success": 1, "steamid": player.steam_id}})


def get_friend_list(request: ApiRequest) -> SandboxResponse:
    """Return all friends; 401 with an empty object where they are hidden."""
    player = request.find_player()
    if player is None:
        raise ApiError(build_page(400, "Bad Request", "Please verify that all required"))
    if not request.can_see(player, shown=player.shows_friends and player.shows_profile):
        return SandboxResponse(401, {})
    friends = [
        {"steamid": each, "relationship": "friend", "friend_since": since}
        for each, since in player.friends.items()
    ]
    return SandboxResponse(200, {"friendslist": {"friends": friends}})


def get_steam_level(request: ApiRequest) -> SandboxResponse:
    """Return the level; services leave out a level of 0, and everything that is hidden."""
    player = request.find_player()
    shown = player is not None and request.can_see(player, shown=player.shows_profile)
    level = player.level if player is not None and shown else None
    return SandboxResponse(200, {"response": {"player_level": level} if level else {}})


def get_badges(request: ApiRequest) -> SandboxResponse:
    """Return one badge for the years of service."""
    player = request.find_player()
    if player is None or not request.can_see(player, shown=player.shows_profile):
        return SandboxResponse(200, {"response": {}})
    level = player.level or 0
    badge = {"badgeid": 1, "level": 5, "completion_time": 1_600_000_000, "xp": 250, "scarcity": 9}
    body = {
        "badges": [badge],
        "player_xp": 100 * level,
        "player_level": level,
        "player_xp_needed_to_level_up": 100,
        "player_xp_needed_current_level": 100 * level,
    }
    return SandboxResponse(200, {"response": body})


def _serialize_summary(request: ApiRequest, player: Player) -> Json:
    hash_text = f"{int(player.steam_id):040x}"
    path = f"id/{player.vanity}" if player.vanity else f"profiles/{player.steam_id}"
    row: Json = {
        "steamid": player.steam_id,
        "communityvisibilitystate": 3 if player.shows_profile else 1,
        "profilestate": 1,
        "personaname": player.name,
        "profileurl": f"https://steamcommunity.com/{path}/",
        "avatar": f"{AVATAR_BASE_URL}/{hash_text}.jpg",
        "avatarmedium": f"{AVATAR_BASE_URL}/{hash_text}_medium.jpg",
        "avatarfull": f"{AVATAR_BASE_URL}/{hash_text}_full.jpg",
        "avatarhash": hash_text,
        "personastate": player.state,
        "personastateflags": 0,
    }
    if request.can_see(player, shown=player.shows_profile):
        row |= _serialize_shown(request, player)
    return row


def _serialize_shown(request: ApiRequest, player: Player) -> Json:
    row: Json = {
        "lastlogoff": player.last_logoff,
        "timecreated": player.created_at,
        "loccountrycode": player.country,
    }
    game = request.database.games.get(player.current_app_id or 0)
    if game is not None:
        row |= {"gameid": str(game.app_id), "gameextrainfo": game.name}
    return {name: value for name, value in row.items() if value is not None}


ENDPOINTS: dict[str, Endpoint] = {
    "ISteamUser/GetPlayerSummaries": get_player_summaries,
    "ISteamUser/ResolveVanityURL": resolve_vanity_url,
    "ISteamUser/GetFriendList": get_friend_list,
    "IPlayerService/GetSteamLevel": get_steam_level,
    "IPlayerService/GetBadges": get_badges,
}
