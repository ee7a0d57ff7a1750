"""The list of interfaces, methods and parameters, by which clients build themselves."""

from providers.steam.sandbox.models import Json

# The parameters of each method; a `?` marks an optional one, and `[0]` a repeated one.
METHODS: dict[str, dict[str, str]] = {
    "ISteamWebAPIUtil/GetSupportedAPIList": {"key": "string?"},
    "ISteamUser/GetPlayerSummaries/2": {"key": "string", "steamids": "string"},
    "ISteamUser/ResolveVanityURL": {"key": "string", "vanityurl": "string", "url_type": "int32?"},
    "ISteamUser/GetFriendList": {"key": "string", "steamid": "uint64", "relationship": "string?"},
    "IPlayerService/GetSteamLevel": {"key": "string", "steamid": "uint64"},
    "IPlayerService/GetBadges": {"key": "string", "steamid": "uint64"},
    "IPlayerService/GetOwnedGames": {
        "key": "string",
        "steamid": "uint64",
        "include_appinfo": "bool",
        "include_played_free_games": "bool",
        "appids_filter[0]": "uint32?",
        "include_free_sub": "bool?",
        "include_extended_appinfo": "bool?",
        "skip_unvetted_apps": "bool?",
        "language": "string?",
    },
    "IPlayerService/GetRecentlyPlayedGames": {
        "key": "string",
        "steamid": "uint64",
        "count": "uint32",
    },
    "ISteamUserStats/GetPlayerAchievements": {
        "key": "string",
        "steamid": "uint64",
        "appid": "uint32",
        "l": "string?",
    },
    "ISteamUserStats/GetUserStatsForGame/2": {
        "key": "string",
        "steamid": "uint64",
        "appid": "uint32",
    },
    "ISteamUserStats/GetSchemaForGame/2": {"key": "string", "appid": "uint32", "l": "string?"},
    "ISteamUserStats/GetGlobalAchievementPercentagesForApp/2": {"gameid": "uint64"},
    "ISteamUserStats/GetNumberOfCurrentPlayers": {"appid": "uint32"},
}


def build_api_list() -> Json:
    """Build the response of GetSupportedAPIList."""
    interfaces: dict[str, list[Json]] = {}
    for path, parameters in METHODS.items():
        interface, method, *version = path.split("/")
        interfaces.setdefault(interface, []).append(
            {
                "name": method,
                "version": int(version[0]) if version else 1,
                "httpmethod": "GET",
                "parameters": [_build_parameter(*each) for each in parameters.items()],
            }
        )
    found = [{"name": name, "methods": methods} for name, methods in interfaces.items()]
    return {"apilist": {"interfaces": found}}


def _build_parameter(name: str, kind: str) -> Json:
    return {
        "name": name,
        "type": kind.rstrip("?"),
        "optional": kind.endswith("?"),
        "description": f"The parameter {name.removesuffix('[0]')}",
    }
