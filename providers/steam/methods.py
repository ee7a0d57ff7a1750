"""The methods of Steam's web API that are called, and where each takes the key."""

from dataclasses import dataclass
from enum import Enum, auto


class KeyPlace(Enum):
    """Where a request of a method contains the API key."""

    HEADER = auto()  # `x-webapi-key`, which keeps it out of the address
    QUERY = auto()  # the only place that `ISteamUserStats` is known to read
    NONE = auto()  # the method needs no key


@dataclass(frozen=True)
class Method:
    """A method; an undocumented one may be missing, and another credential may be refused it."""

    path: str
    key_place: KeyPlace = KeyPlace.HEADER
    is_documented: bool = True


PLAYER_SUMMARIES = Method("ISteamUser/GetPlayerSummaries/v2")
RESOLVE_VANITY_URL = Method("ISteamUser/ResolveVanityURL/v1")
FRIEND_LIST = Method("ISteamUser/GetFriendList/v1")
STEAM_LEVEL = Method("IPlayerService/GetSteamLevel/v1")
OWNED_GAMES = Method("IPlayerService/GetOwnedGames/v1")
RECENTLY_PLAYED_GAMES = Method("IPlayerService/GetRecentlyPlayedGames/v1")
PLAYER_ACHIEVEMENTS = Method("ISteamUserStats/GetPlayerAchievements/v1", KeyPlace.QUERY)
GAME_SCHEMA = Method("ISteamUserStats/GetSchemaForGame/v2", KeyPlace.QUERY)
GLOBAL_PERCENTAGES = Method(
    "ISteamUserStats/GetGlobalAchievementPercentagesForApp/v2", KeyPlace.NONE
)
CURRENT_PLAYERS = Method("ISteamUserStats/GetNumberOfCurrentPlayers/v1", KeyPlace.NONE)
GAME_ACHIEVEMENTS = Method(
    "IPlayerService/GetGameAchievements/v1", KeyPlace.NONE, is_documented=False
)
TOP_ACHIEVEMENTS = Method("IPlayerService/GetTopAchievementsForGames/v1", is_documented=False)
