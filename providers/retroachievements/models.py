"""The upstream's JSON, version 1, as far as it is read here."""

from typing import TypeVar

from msgspec import field

from providers.kit.upstream.decode import Count, Model, Whole

T = TypeVar("T")

ACRONYMS = {"id": "ID", "ulid": "ULID"}


def pascal_case(name: str) -> str:
    """`game_id` is `GameID` upstream."""
    return "".join(ACRONYMS.get(word, word.capitalize()) for word in name.split("_"))


class Sent(Model, kw_only=True, rename=pascal_case):
    """The base of all that RetroAchievements sends."""


class Profile(Sent, kw_only=True):
    """GetUserProfile."""

    user: str
    ulid: str
    user_pic: str | None = None
    member_since: str | None = None
    rich_presence_msg: str | None = None
    total_points: Whole | None = None
    total_softcore_points: Whole | None = None
    total_true_points: Whole | None = None
    motto: str | None = None


class CompletedGame(Sent, kw_only=True):
    """One game of GetUserCompletionProgress."""

    game_id: Count
    title: str | None = None
    image_icon: str | None = None
    console_name: str | None = None
    max_possible: Count | None = None
    num_awarded: Count | None = None
    num_awarded_hardcore: Count | None = None
    most_recent_awarded_date: str | None = None


class CompletionProgress(Sent, kw_only=True):
    """GetUserCompletionProgress."""

    results: list[CompletedGame] | dict[str, CompletedGame]
    count: Count | None = None
    total: Count | None = None


class GameProgress(Sent, kw_only=True):
    """One game of GetUserProgress."""

    num_possible_achievements: Count | None = None
    num_achieved: Count | None = None


class GameAchievement(Sent, kw_only=True):
    """An achievement of GetGameExtended and GetGameInfoAndUserProgress.

    The two spell `Type` differently, and either has sent the other's spelling.
    """

    id: Count
    title: str | None = None
    description: str | None = None
    points: Whole | None = None
    true_ratio: Whole | None = None
    type: str | None = None
    lower_type: str | None = field(name="type", default=None)
    badge_name: str | None = None
    num_awarded: Count | None = None
    num_awarded_hardcore: Count | None = None
    display_order: Whole | None = None
    date_earned: str | None = None
    date_earned_hardcore: str | None = None


class Game(Sent, kw_only=True):
    """GetGameExtended and GetGameInfoAndUserProgress. No achievements are `[]`, not `{}`."""

    id: Count
    achievements: dict[str, GameAchievement] | list[GameAchievement]
    title: str | None = None
    image_icon: str | None = None
    console_name: str | None = None
    num_distinct_players: Count | None = None
    num_achievements: Count | None = None
    num_awarded_to_user: Count | None = None
    num_awarded_to_user_hardcore: Count | None = None


class UserAward(Sent, kw_only=True):
    """One award of GetUserAwards; which game, event or tier `award_data` is depends on the type."""

    award_type: str
    awarded_at: str | None = None
    award_data: Whole | None = None
    award_data_extra: Whole | None = None
    display_order: Whole | None = None
    title: str | None = None
    console_id: Count | None = None
    console_name: str | None = None
    flags: Whole | None = None
    image_icon: str | None = None


class UserAwards(Sent, kw_only=True):
    """GetUserAwards."""

    visible_user_awards: list[UserAward] | dict[str, UserAward]
    total_awards_count: Count | None = None
    hidden_awards_count: Count | None = None
    mastery_awards_count: Count | None = None
    completion_awards_count: Count | None = None
    beaten_hardcore_awards_count: Count | None = None
    beaten_softcore_awards_count: Count | None = None
    event_awards_count: Count | None = None
    site_awards_count: Count | None = None


class EarnedAchievement(Sent, kw_only=True):
    """One row of GetAchievementsEarnedBetween."""

    date: str | None = None
    hardcore_mode: bool | None = None
    achievement_id: Count | None = None
    title: str | None = None
    description: str | None = None
    badge_name: str | None = None
    points: Whole | None = None
    true_ratio: Whole | None = None
    type: str | None = None
    game_id: Count | None = None
    game_title: str | None = None
    game_icon: str | None = None
    console_name: str | None = None


class Unprocessable(Model, kw_only=True):
    """The body of a 422: texts by the parameter they are about."""

    errors: dict[str, object]


def rows(sent: list[T] | dict[str, T]) -> list[T]:
    """A list; PHP makes an object of one when it has filtered it."""
    return sent if isinstance(sent, list) else list(sent.values())
