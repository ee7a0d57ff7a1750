"""Endpoints of the games that a member has played."""

from collections.abc import Iterator

from providers.kit.sandbox import SandboxResponse
from providers.retroachievements.sandbox import serializers
from providers.retroachievements.sandbox.game_progress import GameProgress
from providers.retroachievements.sandbox.models import Json
from providers.retroachievements.sandbox.request_handling import ApiRequest

FEW_ACHIEVEMENTS = 5


def get_user_completion_progress(request: ApiRequest) -> SandboxResponse:
    """Return the games with unlocks, without small games that gave no award."""
    count, start = (
        request.get_bounded_number("c", 100, 1, 500),
        request.get_bounded_number("o", 0, 0, 2**31),
    )
    member = request.find_member()
    progress_list = [
        progress
        for progress in (request.database.list_game_progress(member) if member else [])
        if len(progress.game.achievements) > FEW_ACHIEVEMENTS or progress.awards
    ]
    rows = [
        _serialize_completed_game(progress) for progress in progress_list[start : start + count]
    ]
    return SandboxResponse(200, {"Count": len(rows), "Total": len(progress_list), "Results": rows})


def _serialize_completed_game(progress: GameProgress) -> Json:
    return {
        "GameID": progress.game.id,
        "Title": progress.game.title,
        "ImageIcon": progress.game.icon,
        **serializers.serialize_console(progress.game),
        "MaxPossible": len(progress.game.achievements),
        "NumAwarded": len(progress.unlocks),
        "NumAwardedHardcore": len(progress.hardcore_unlocks),
        "MostRecentAwardedDate": serializers.format_with_offset(progress.last_unlock_at),
        **serializers.serialize_highest_award(progress.highest_award),
    }


def get_user_progress(request: ApiRequest) -> SandboxResponse:
    """Return zeros for an unknown game; an empty list for an unknown member or no id."""
    member = request.find_member()
    ids = [
        int(text) for text in request.get_text("i").split(",") if text.isdigit() and int(text) > 0
    ]
    if member is None or not ids:
        return SandboxResponse(200, [])
    games = request.database.games
    return SandboxResponse(
        200,
        {
            str(game_id): serializers.serialize_counts(GameProgress(member, games[game_id]))
            if game_id in games
            else serializers.ZERO_COUNTS
            for game_id in ids
        },
    )


def get_user_recently_played_games(request: ApiRequest) -> SandboxResponse:
    """Return at most 50 games, last played first."""
    member = request.find_member()
    count, start = min(request.get_number("c", 10), 50), max(request.get_number("o", 0), 0)
    played = request.database.list_game_progress(member)[start : start + count] if member else []
    return SandboxResponse(
        200,
        [
            {**serialize_recent_game(progress), **serializers.serialize_counts(progress)}
            for progress in played
        ],
    )


def serialize_recent_game(progress: GameProgress) -> Json:
    """Serialize a recently played game."""
    return {
        "GameID": progress.game.id,
        **serializers.serialize_console(progress.game),
        "Title": progress.game.title,
        **serializers.serialize_images(progress.game),
        "LastPlayed": serializers.format_naive(progress.last_unlock_at),
        "AchievementsTotal": len(progress.game.achievements),
    }


def get_user_completed_games(request: ApiRequest) -> SandboxResponse:
    """Return the older list, with a row for each mode of a game and numbers as text."""
    member = request.find_member()
    played = request.database.list_game_progress(member) if member else []
    return SandboxResponse(
        200, [row for progress in played for row in _serialize_completed_modes(progress)]
    )


def _serialize_completed_modes(progress: GameProgress) -> Iterator[Json]:
    possible = len(progress.game.achievements)
    for mode, earned in (("0", progress.unlocks), ("1", progress.hardcore_unlocks)):
        if earned:
            yield {
                "GameID": progress.game.id,
                "Title": progress.game.title,
                "ImageIcon": progress.game.icon,
                **serializers.serialize_console(progress.game),
                "MaxPossible": possible,
                "NumAwarded": len(earned),
                "PctWon": f"{len(earned) / possible:.4f}",
                "HardcoreMode": mode,
            }


def get_user_game_rank_and_score(request: ApiRequest) -> SandboxResponse:
    """Return no row or one, with the member's original name."""
    member, game = request.find_member(), request.find_game("g")
    if member is None or game is None or not GameProgress(member, game).hardcore_unlocks:
        return SandboxResponse(200, [])
    progress = GameProgress(member, game)
    row = {
        "User": member.username,
        "ULID": member.ulid,
        "UserRank": 1,
        "TotalScore": sum(item.points for item, _ in progress.hardcore_unlocks),
        "LastAward": serializers.format_naive(progress.last_unlock_at),
    }
    return SandboxResponse(200, [row])


ENDPOINTS = {
    "GetUserCompletionProgress": get_user_completion_progress,
    "GetUserProgress": get_user_progress,
    "GetUserRecentlyPlayedGames": get_user_recently_played_games,
    "GetUserCompletedGames": get_user_completed_games,
    "GetUserGameRankAndScore": get_user_game_rank_and_score,
}
