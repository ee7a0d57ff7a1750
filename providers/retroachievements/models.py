"""The upstream's JSON, version 1, as far as it is read."""

from typing import TypeVar

from msgspec import field

from providers.kit.upstream.decode import Int32, Model, NonNegativeInt32

T = TypeVar("T")

ACRONYMS = {"id": "ID", "ulid": "ULID"}


def to_pascal_case(name: str) -> str:
    """Return the upstream's spelling: `game_id` is `GameID`."""
    return "".join(ACRONYMS.get(word, word.capitalize()) for word in name.split("_"))


class RetroAchievementsModel(Model, kw_only=True, rename=to_pascal_case):
    """The base of the models that RetroAchievements sends."""


class Profile(RetroAchievementsModel, kw_only=True):
    """GetUserProfile."""

    user: str | None = None
    ulid: str | None = None
    user_pic: str | None = None
    member_since: str | None = None
    rich_presence_msg: str | None = None
    total_points: Int32 | None = None
    total_softcore_points: Int32 | None = None
    total_true_points: Int32 | None = None
    motto: str | None = None


class RankAndScore(RetroAchievementsModel, kw_only=True):
    """GetUserRankAndScore; without a rank for an account that is unranked, or unknown."""

    score: Int32 | None = None
    rank: NonNegativeInt32 | None = None
    total_ranked: NonNegativeInt32 | None = None


class CountedList(RetroAchievementsModel, kw_only=True):
    """A page of a list, with the number of its rows and that of all rows."""

    count: NonNegativeInt32 | None = None
    total: NonNegativeInt32 | None = None


class CompletedGame(RetroAchievementsModel, kw_only=True):
    """One game of GetUserCompletionProgress."""

    game_id: NonNegativeInt32
    title: str | None = None
    image_icon: str | None = None
    console_name: str | None = None
    max_possible: NonNegativeInt32 | None = None
    num_awarded: NonNegativeInt32 | None = None
    num_awarded_hardcore: NonNegativeInt32 | None = None
    most_recent_awarded_date: str | None = None
    highest_award_kind: str | None = None
    highest_award_date: str | None = None


class CompletionProgress(CountedList, kw_only=True):
    """GetUserCompletionProgress."""

    results: list[CompletedGame] | dict[str, CompletedGame]


class GameProgress(RetroAchievementsModel, kw_only=True):
    """One game of GetUserProgress."""

    num_possible_achievements: NonNegativeInt32 | None = None
    num_achieved: NonNegativeInt32 | None = None
    possible_score: NonNegativeInt32 | None = None
    score_achieved: NonNegativeInt32 | None = None


class PlayedGame(GameProgress, kw_only=True):
    """One game of GetUserRecentlyPlayedGames."""

    game_id: NonNegativeInt32
    title: str | None = None
    image_icon: str | None = None
    console_name: str | None = None
    last_played: str | None = None


class GameAchievement(RetroAchievementsModel, kw_only=True):
    """An achievement of GetGameExtended and GetGameInfoAndUserProgress.

    The two spell `Type` differently, and each has sent the other's spelling.
    """

    id: NonNegativeInt32 | None = None
    title: str | None = None
    description: str | None = None
    points: Int32 | None = None
    true_ratio: Int32 | None = None
    type: str | None = None
    lower_type: str | None = field(name="type", default=None)
    badge_name: str | None = None
    num_awarded: NonNegativeInt32 | None = None
    num_awarded_hardcore: NonNegativeInt32 | None = None
    display_order: Int32 | None = None
    date_earned: str | None = None
    date_earned_hardcore: str | None = None


class Game(RetroAchievementsModel, kw_only=True):
    """GetGameExtended and GetGameInfoAndUserProgress; `[]` where there are no achievements."""

    id: NonNegativeInt32 | None = None
    achievements: dict[str, GameAchievement] | list[GameAchievement] | None = None
    title: str | None = None
    image_icon: str | None = None
    console_name: str | None = None
    num_distinct_players: NonNegativeInt32 | None = None
    num_achievements: NonNegativeInt32 | None = None
    num_awarded_to_user: NonNegativeInt32 | None = None
    num_awarded_to_user_hardcore: NonNegativeInt32 | None = None
    user_total_playtime: NonNegativeInt32 | None = None
    highest_award_kind: str | None = None
    highest_award_date: str | None = None
    publisher: str | None = None
    developer: str | None = None
    genre: str | None = None
    released: str | None = None
    image_box_art: str | None = None
    image_title: str | None = None
    image_ingame: str | None = None
    parent_game_id: NonNegativeInt32 | None = field(name="ParentGameID", default=None)


class UserAward(RetroAchievementsModel, kw_only=True):
    """One award of GetUserAwards; its type decides what `award_data` is: a game, event or tier."""

    award_type: str
    awarded_at: str | None = None
    award_data: Int32 | None = None
    award_data_extra: Int32 | None = None
    display_order: Int32 | None = None
    title: str | None = None
    console_id: NonNegativeInt32 | None = None
    console_name: str | None = None
    flags: Int32 | None = None
    image_icon: str | None = None


class UserAwards(RetroAchievementsModel, kw_only=True):
    """GetUserAwards."""

    visible_user_awards: list[UserAward] | dict[str, UserAward] | None = None
    total_awards_count: NonNegativeInt32 | None = None
    hidden_awards_count: NonNegativeInt32 | None = None
    mastery_awards_count: NonNegativeInt32 | None = None
    completion_awards_count: NonNegativeInt32 | None = None
    beaten_hardcore_awards_count: NonNegativeInt32 | None = None
    beaten_softcore_awards_count: NonNegativeInt32 | None = None
    event_awards_count: NonNegativeInt32 | None = None
    site_awards_count: NonNegativeInt32 | None = None


class EarnedAchievement(RetroAchievementsModel, kw_only=True):
    """One row of GetAchievementsEarnedBetween."""

    date: str | None = None
    hardcore_mode: bool | None = None
    achievement_id: NonNegativeInt32 | None = None
    title: str | None = None
    description: str | None = None
    badge_name: str | None = None
    points: Int32 | None = None
    true_ratio: Int32 | None = None
    type: str | None = None
    game_id: NonNegativeInt32 | None = None
    game_title: str | None = None
    game_icon: str | None = None
    console_name: str | None = None


class FollowedAccount(RetroAchievementsModel, kw_only=True):
    """One account of GetUsersIFollow or GetUsersFollowingMe; each says whether both follow."""

    user: str | None = None
    ulid: str | None = None
    points: Int32 | None = None
    points_softcore: Int32 | None = None
    is_following_me: bool | None = None
    am_i_following: bool | None = None


class FollowedAccounts(CountedList, kw_only=True):
    """GetUsersIFollow and GetUsersFollowingMe."""

    results: list[FollowedAccount] | dict[str, FollowedAccount]


class WantedGame(RetroAchievementsModel, kw_only=True):
    """One game of GetUserWantToPlayList."""

    id: NonNegativeInt32
    title: str | None = None
    image_icon: str | None = None
    console_name: str | None = None
    points_total: NonNegativeInt32 | None = None
    achievements_published: NonNegativeInt32 | None = None


class WantedGames(CountedList, kw_only=True):
    """GetUserWantToPlayList."""

    results: list[WantedGame] | dict[str, WantedGame]


class LeaderboardEntry(RetroAchievementsModel, kw_only=True):
    """A player's place: the best one of GetGameLeaderboards, or one of GetUserGameLeaderboards."""

    user: str | None = None
    ulid: str | None = None
    score: Int32 | None = None
    formatted_score: str | None = None
    rank: NonNegativeInt32 | None = None
    date_updated: str | None = None


class GameLeaderboard(RetroAchievementsModel, kw_only=True):
    """One leaderboard of either response."""

    id: NonNegativeInt32
    rank_asc: bool | None = None
    title: str | None = None
    description: str | None = None
    format: str | None = None
    state: str | None = None
    top_entry: LeaderboardEntry | None = None
    user_entry: LeaderboardEntry | None = None


class GameLeaderboards(CountedList, kw_only=True):
    """GetGameLeaderboards and GetUserGameLeaderboards."""

    results: list[GameLeaderboard] | dict[str, GameLeaderboard]


class NamedRow(RetroAchievementsModel, kw_only=True):
    """A game or a console in another response: its id and its name."""

    id: NonNegativeInt32 | None = None
    title: str | None = None


class AchievementOfTheWeek(RetroAchievementsModel, kw_only=True):
    """GetAchievementOfTheWeek; the achievement's id is null where none is chosen."""

    achievement: GameAchievement | None = None
    console: NamedRow | None = None
    game: NamedRow | None = None
    start_at: str | None = None
    unlocks_count: NonNegativeInt32 | None = None
    unlocks_hardcore_count: NonNegativeInt32 | None = None
    total_players: NonNegativeInt32 | None = None


class UnprocessableBody(Model, kw_only=True):
    """The body of a 422: texts by parameter."""

    errors: dict[str, object]


def convert_to_list(rows: list[T] | dict[str, T] | None) -> list[T]:
    """Return the rows as a list; PHP writes a filtered list as an object, and none as null."""
    return list(rows.values()) if isinstance(rows, dict) else rows or []
