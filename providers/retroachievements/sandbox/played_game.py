"""The call about one game as a member has played it."""

from providers.kit.sandbox import Reply
from providers.retroachievements.sandbox import shape
from providers.retroachievements.sandbox.asked import Asked
from providers.retroachievements.sandbox.model import Game, Json
from providers.retroachievements.sandbox.standing import Standing


def get_game_info_and_user_progress(asked: Asked) -> Reply:
    """One game with all achievements; an unknown game and an unknown member are answered alike."""
    game, member = asked.game("g"), asked.member()
    if game is None or member is None:
        return Reply(200, [])
    standing = Standing(member, game)
    extra = shape.highest(standing.highest) if asked.number("a", 0) == 1 else {}
    achievements = {
        str(item.id): {
            **shape.achievement(game, item, type_key="Type"),
            **shape.earned_dates(member.unlocks.get(item.id)),
        }
        for item in sorted(game.achievements, key=lambda item: item.id)
    }
    return Reply(200, {**_info(standing), **extra, "Achievements": achievements})


def _info(standing: Standing) -> Json:
    game = standing.game
    return {
        "ID": game.id,
        "Title": game.title,
        **shape.console(game),
        "ParentGameID": game.parent_id,
        "NumDistinctPlayers": game.players,
        "NumDistinctPlayersCasual": game.players,
        "NumDistinctPlayersHardcore": game.players,
        "NumAchievements": len(game.achievements),
        "NumAwardedToUser": len(standing.unlocks),
        "NumAwardedToUserHardcore": len(standing.hardcore),
        "UserCompletion": _percent(len(standing.unlocks), game),
        "UserCompletionHardcore": _percent(len(standing.hardcore), game),
        "UserTotalPlaytime": 1800 * len(standing.unlocks),
        "ForumTopicID": None,
        "Flags": 0,
        **shape.images(game),
        **shape.publication(game),
        "IsFinal": False,
        "RichPresencePatch": "fedcba9876543210fedcba9876543210",
    }


def _percent(earned: int, game: Game) -> str:
    return f"{100 * earned / len(game.achievements):.2f}%"


CALLS = {"GetGameInfoAndUserProgress": get_game_info_and_user_progress}
