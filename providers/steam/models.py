"""The upstream's JSON, as far as it is read. Services omit members at their default."""

from msgspec import field

from providers.kit.upstream.decode import FiniteFloat, Model, NonNegativeInt32


class PlayerSummary(Model, kw_only=True):
    """One player of GetPlayerSummaries; a private one has the first members alone."""

    steamid: str
    communityvisibilitystate: NonNegativeInt32 | None = None
    personaname: str | None = None
    profileurl: str | None = None
    avatarfull: str | None = None
    avatarmedium: str | None = None
    avatar: str | None = None
    personastate: NonNegativeInt32 | None = None
    lastlogoff: FiniteFloat | None = None
    timecreated: FiniteFloat | None = None
    loccountrycode: str | None = None
    gameid: str | None = None
    gameextrainfo: str | None = None


class PlayerSummaries(Model, kw_only=True):
    """The players that exist, in any order."""

    players: list[PlayerSummary] = field(default_factory=list[PlayerSummary])


class PlayerSummariesResponse(Model, kw_only=True):
    """GetPlayerSummaries."""

    response: PlayerSummaries


class VanityMatch(Model, kw_only=True):
    """The account of a vanity name; without one, only the code of the failure."""

    steamid: str | None = None


class VanityResponse(Model, kw_only=True):
    """ResolveVanityURL."""

    response: VanityMatch


class Friend(Model, kw_only=True):
    """One friend of GetFriendList."""

    steamid: str


class FriendList(Model, kw_only=True):
    """All friends, not paged."""

    friends: list[Friend] = field(default_factory=list[Friend])


class FriendListResponse(Model, kw_only=True):
    """GetFriendList."""

    friendslist: FriendList


class Level(Model, kw_only=True):
    """The level; missing where it is hidden."""

    player_level: NonNegativeInt32 | None = None


class LevelResponse(Model, kw_only=True):
    """GetSteamLevel."""

    response: Level


class Game(Model, kw_only=True):
    """One game of GetOwnedGames or GetRecentlyPlayedGames; times are in minutes."""

    appid: int
    name: str | None = None
    img_icon_url: str | None = None
    playtime_forever: NonNegativeInt32 | None = None
    playtime_2weeks: NonNegativeInt32 | None = None
    rtime_last_played: FiniteFloat | None = None
    has_community_visible_stats: bool = False


class Games(Model, kw_only=True):
    """A list of games; without any member it is hidden, with a count alone it is empty."""

    game_count: NonNegativeInt32 | None = None
    total_count: NonNegativeInt32 | None = None
    games: list[Game] | None = None

    @property
    def is_hidden(self) -> bool:
        """Whether the account's owner hides the list."""
        return self.games is None and self.game_count is None and self.total_count is None


class GamesResponse(Model, kw_only=True):
    """GetOwnedGames and GetRecentlyPlayedGames."""

    response: Games


class PlayerAchievement(Model, kw_only=True):
    """One achievement of GetPlayerAchievements."""

    apiname: str
    achieved: int = 0
    unlocktime: FiniteFloat | None = None


class PlayerStats(Model, kw_only=True, rename={"game_name": "gameName"}):
    """A player's achievements in an app, in the order of its schema, or an error's text."""

    game_name: str | None = None
    success: bool | None = None
    error: str | None = None
    achievements: list[PlayerAchievement] = field(default_factory=list[PlayerAchievement])


class PlayerStatsResponse(Model, kw_only=True):
    """GetPlayerAchievements."""

    playerstats: PlayerStats


class AchievementGroup(Model, kw_only=True):
    """One group of GetGameAchievements."""

    groupid: str | int
    localized_name: str | None = None
    order: int | None = None
    developeronly: bool = False
    ispublic: bool = True


class GameAchievement(Model, kw_only=True):
    """One achievement of GetGameAchievements; images are file names."""

    internal_name: str
    localized_name: str | None = None
    localized_desc: str | None = None
    icon: str | None = None
    icon_gray: str | None = None
    hidden: bool = False
    player_percent_unlocked: FiniteFloat | None = None
    groupid: str | int | None = None


class GameAchievements(Model, kw_only=True):
    """The achievements of an app; none for one that has none or does not exist."""

    achievements: list[GameAchievement] = field(default_factory=list[GameAchievement])
    groups: list[AchievementGroup] = field(default_factory=list[AchievementGroup])
    schema_version: str | int | None = None


class GameAchievementsResponse(Model, kw_only=True):
    """GetGameAchievements."""

    response: GameAchievements


class SchemaAchievement(Model, kw_only=True, rename="camel"):
    """One achievement of GetSchemaForGame; a hidden one has no description."""

    name: str
    display_name: str | None = None
    description: str | None = None
    hidden: int = 0
    icon: str | None = None
    icongray: str | None = None


class AvailableGameStats(Model, kw_only=True):
    """What an app counts."""

    achievements: list[SchemaAchievement] = field(default_factory=list[SchemaAchievement])


class GameSchema(Model, kw_only=True, rename="camel"):
    """The schema of an app; empty for one without stats."""

    game_name: str | None = None
    available_game_stats: AvailableGameStats = field(default_factory=AvailableGameStats)


class GameSchemaResponse(Model, kw_only=True):
    """GetSchemaForGame."""

    game: GameSchema


class AchievementPercentage(Model, kw_only=True):
    """One achievement of GetGlobalAchievementPercentagesForApp; the percentage may be a text."""

    name: str
    percent: FiniteFloat | None = None


class AchievementPercentages(Model, kw_only=True):
    """The percentages of an app."""

    achievements: list[AchievementPercentage] = field(default_factory=list[AchievementPercentage])


class PercentagesResponse(Model, kw_only=True):
    """GetGlobalAchievementPercentagesForApp."""

    achievementpercentages: AchievementPercentages


class TopAchievement(Model, kw_only=True):
    """An earned achievement, which is only counted."""


class TopGame(Model, kw_only=True):
    """One app of GetTopAchievementsForGames: its total, and the earned achievements."""

    appid: int
    total_achievements: NonNegativeInt32 = 0
    achievements: list[TopAchievement] = field(default_factory=list[TopAchievement])


class TopGames(Model, kw_only=True):
    """The apps that the upstream answered for."""

    games: list[TopGame] = field(default_factory=list[TopGame])


class TopGamesResponse(Model, kw_only=True):
    """GetTopAchievementsForGames."""

    response: TopGames
