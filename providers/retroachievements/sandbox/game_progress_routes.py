"""The endpoint of one game with a member's progress."""

from providers.kit.sandbox import SandboxResponse
from providers.retroachievements.sandbox import serializers
from providers.retroachievements.sandbox.game_progress import GameProgress
from providers.retroachievements.sandbox.models import Game, Json
from providers.retroachievements.sandbox.request_handling import ApiRequest


def get_game_info_and_user_progress(request: ApiRequest) -> SandboxResponse:
    """Return a game with all achievements; the list is empty for an unknown game or member."""
    game, member = request.find_game("g"), request.find_member()
    if game is None or member is None:
        return SandboxResponse(200, [])
    progress = GameProgress(member, game)
    extra = (
        serializers.serialize_highest_award(progress.highest_award)
        if request.get_number("a", 0) == 1
        else {}
    )
    achievements = {
        str(item.id): {
            **serializers.serialize_achievement(game, item, type_key="Type"),
            **serializers.serialize_earned_dates(member.unlocks.get(item.id)),
        }
        for item in sorted(game.achievements, key=lambda item: item.id)
    }
    return SandboxResponse(
        200, {**_serialize_game(progress), **extra, "Achievements": achievements}
    )


def _serialize_game(progress: GameProgress) -> Json:
    game = progress.game
    return {
        "ID": game.id,
        "Title": game.title,
        **serializers.serialize_console(game),
        "ParentGameID": game.parent_id,
        "NumDistinctPlayers": game.players,
        "NumDistinctPlayersCasual": game.players,
        "NumDistinctPlayersHardcore": game.players,
        "NumAchievements": len(game.achievements),
        "NumAwardedToUser": len(progress.unlocks),
        "NumAwardedToUserHardcore": len(progress.hardcore_unlocks),
        "UserCompletion": _format_percent(len(progress.unlocks), game),
        "UserCompletionHardcore": _format_percent(len(progress.hardcore_unlocks), game),
        "UserTotalPlaytime": 1800 * len(progress.unlocks),
        "ForumTopicID": None,
        "Flags": 0,
        **serializers.serialize_images(game),
        **serializers.serialize_publication(game),
        "IsFinal": False,
        "RichPresencePatch": "fedcba9876543210fedcba9876543210",
    }


def _format_percent(earned: int, game: Game) -> str:
    return f"{100 * earned / len(game.achievements):.2f}%"


ENDPOINTS = {"GetGameInfoAndUserProgress": get_game_info_and_user_progress}
