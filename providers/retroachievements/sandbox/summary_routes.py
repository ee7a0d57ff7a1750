"""The endpoint of a member's summary."""

from providers.kit.sandbox import SandboxResponse
from providers.retroachievements.sandbox import serializers
from providers.retroachievements.sandbox.game_progress import GameProgress
from providers.retroachievements.sandbox.models import Achievement, Game, Json, Member, Unlock
from providers.retroachievements.sandbox.played_game_routes import serialize_recent_game
from providers.retroachievements.sandbox.profile_routes import (
    RANKED_MEMBER_COUNT,
    compute_rank,
    serialize_profile,
)
from providers.retroachievements.sandbox.request_handling import ApiRequest


def get_user_summary(request: ApiRequest) -> SandboxResponse:
    """Return the profile, with as many recent games and achievements as requested."""
    member = request.find_member()
    if member is None:
        return SandboxResponse(404, {"ID": None, "User": request.get_text("u")})
    games = min(request.get_number("g", 0), 100)
    recent = request.database.list_game_progress(member)[: max(games, 0)]
    profile = serialize_profile(request.database, member)
    body: Json = {
        **profile,
        "LastGameID": profile["LastGameID"] or 0,
        "Rank": compute_rank(request.database, member),
        "TotalRanked": RANKED_MEMBER_COUNT,
        "RichPresenceMsgDate": None,
        "RecentlyPlayedCount": len(recent),
        "RecentlyPlayed": [serialize_recent_game(progress) for progress in recent],
        "LastActivity": _build_empty_activity(member),
        "Status": "Offline",
        **_serialize_awarded(recent, games, request.get_number("a", 10)),
    }
    if recent:
        body["LastGame"] = _serialize_last_game(recent[0].game)
    return SandboxResponse(200, body)


def _serialize_awarded(recent: list[GameProgress], game_count: int, max_count: int) -> Json:
    # Without rows, the upstream sends an object, an empty list or no key, depending on the request.
    if game_count > 0 and not recent:
        return {}
    if not game_count:
        return {"Awarded": {}, "RecentAchievements": {}}
    return {
        "Awarded": {
            str(progress.game.id): serializers.serialize_counts(progress) for progress in recent
        },
        "RecentAchievements": _serialize_recent_achievements(recent, max_count) or [],
    }


def _serialize_recent_achievements(recent: list[GameProgress], max_count: int) -> Json:
    unlocks = [(progress.game, *pair) for progress in recent for pair in progress.unlocks]
    unlocks.sort(key=lambda row: row[2].last_earned_at, reverse=True)
    shown: list[tuple[Game, Achievement, Unlock | None]] = [*unlocks[:max_count]]
    if max_count == 0:
        # A request for 0 achievements returns all of them, also the locked ones.
        shown = [
            (progress.game, item, progress.member.unlocks.get(item.id))
            for progress in recent
            for item in progress.game.achievements
        ]
    grouped: Json = {}
    for game, item, unlock in shown:
        grouped.setdefault(str(game.id), {})[str(item.id)] = _serialize_recent_achievement(
            game, item, unlock
        )
    return grouped


def _serialize_recent_achievement(game: Game, item: Achievement, unlock: Unlock | None) -> Json:
    return {
        "ID": item.id,
        "GameID": game.id,
        "GameTitle": game.title,
        "Title": item.title,
        "Description": item.description,
        "Points": item.points,
        "Type": item.type,
        "BadgeName": item.badge,
        "IsAwarded": "1" if unlock else "0",
        "DateAwarded": serializers.format_naive(unlock.last_earned_at) if unlock else None,
        "HardcoreAchieved": (1 if unlock.hardcore_earned_at else 0) if unlock else None,
    }


def _serialize_last_game(game: Game) -> Json:
    return {
        "ID": game.id,
        "Title": game.title,
        **serializers.serialize_console(game),
        "ForumTopicID": None,
        "Flags": 0,
        **serializers.serialize_images(game),
        **serializers.serialize_publication(game),
        "IsFinal": 0,
    }


def _build_empty_activity(member: Member) -> Json:
    unknown = ("timestamp", "lastupdate", "activitytype", "data", "data2")
    return {"ID": 0, **dict.fromkeys(unknown), "User": member.name}


ENDPOINTS = {"GetUserSummary": get_user_summary}
