"""Calls about the games a member has played."""

from collections.abc import Iterator

from providers.kit.sandbox import Reply
from providers.retroachievements.sandbox import shape
from providers.retroachievements.sandbox.asked import Asked
from providers.retroachievements.sandbox.model import Json
from providers.retroachievements.sandbox.standing import Standing

FEW = 5


def get_user_completion_progress(asked: Asked) -> Reply:
    """Games with few achievements are left out unless an award was earned there."""
    count, start = asked.between("c", 100, 1, 500), asked.between("o", 0, 0, 2**31)
    member = asked.member()
    listed = [
        standing
        for standing in (asked.world.played(member) if member else [])
        if len(standing.game.achievements) > FEW or standing.awards
    ]
    rows = [_completed_row(standing) for standing in listed[start : start + count]]
    return Reply(200, {"Count": len(rows), "Total": len(listed), "Results": rows})


def _completed_row(standing: Standing) -> Json:
    return {
        "GameID": standing.game.id,
        "Title": standing.game.title,
        "ImageIcon": standing.game.icon,
        **shape.console(standing.game),
        "MaxPossible": len(standing.game.achievements),
        "NumAwarded": len(standing.unlocks),
        "NumAwardedHardcore": len(standing.hardcore),
        "MostRecentAwardedDate": shape.offset(standing.latest),
        **shape.highest(standing.highest),
    }


def get_user_progress(asked: Asked) -> Reply:
    """An unknown game has zeros; an unknown member, or no id at all, is an empty list."""
    member = asked.member()
    ids = [int(text) for text in asked.text("i").split(",") if text.isdigit() and int(text) > 0]
    if member is None or not ids:
        return Reply(200, [])
    games = asked.world.games
    return Reply(
        200,
        {
            str(game_id): shape.counts(Standing(member, games[game_id]))
            if game_id in games
            else shape.NO_COUNTS
            for game_id in ids
        },
    )


def get_user_recently_played_games(asked: Asked) -> Reply:
    """At most 50."""
    member = asked.member()
    count, start = min(asked.number("c", 10), 50), max(asked.number("o", 0), 0)
    played = asked.world.played(member)[start : start + count] if member else []
    return Reply(200, [{**recent_row(standing), **shape.counts(standing)} for standing in played])


def recent_row(standing: Standing) -> Json:
    """A game lately played."""
    return {
        "GameID": standing.game.id,
        **shape.console(standing.game),
        "Title": standing.game.title,
        **shape.images(standing.game),
        "LastPlayed": shape.naive(standing.latest),
        "AchievementsTotal": len(standing.game.achievements),
    }


def get_user_completed_games(asked: Asked) -> Reply:
    """The older list: up to two rows a game, with numbers as text."""
    member = asked.member()
    played = asked.world.played(member) if member else []
    return Reply(200, [row for standing in played for row in _legacy_rows(standing)])


def _legacy_rows(standing: Standing) -> Iterator[Json]:
    possible = len(standing.game.achievements)
    for mode, earned in (("0", standing.unlocks), ("1", standing.hardcore)):
        if earned:
            yield {
                "GameID": standing.game.id,
                "Title": standing.game.title,
                "ImageIcon": standing.game.icon,
                **shape.console(standing.game),
                "MaxPossible": possible,
                "NumAwarded": len(earned),
                "PctWon": f"{len(earned) / possible:.4f}",
                "HardcoreMode": mode,
            }


def get_user_game_rank_and_score(asked: Asked) -> Reply:
    """None or one row, under the name the account was opened with."""
    member, game = asked.member(), asked.game("g")
    if member is None or game is None or not Standing(member, game).hardcore:
        return Reply(200, [])
    standing = Standing(member, game)
    row = {
        "User": member.username,
        "ULID": member.ulid,
        "UserRank": 1,
        "TotalScore": sum(item.points for item, _ in standing.hardcore),
        "LastAward": shape.naive(standing.latest),
    }
    return Reply(200, [row])


CALLS = {
    "GetUserCompletionProgress": get_user_completion_progress,
    "GetUserProgress": get_user_progress,
    "GetUserRecentlyPlayedGames": get_user_recently_played_games,
    "GetUserCompletedGames": get_user_completed_games,
    "GetUserGameRankAndScore": get_user_game_rank_and_score,
}
