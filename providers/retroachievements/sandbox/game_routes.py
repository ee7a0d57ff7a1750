"""Endpoints of games, achievements and consoles."""

from datetime import UTC, datetime

from providers.kit.sandbox import SandboxResponse
from providers.retroachievements.sandbox import serializers
from providers.retroachievements.sandbox.game_data import CONSOLES
from providers.retroachievements.sandbox.models import Achievement, Game, Json, Member, Unlock
from providers.retroachievements.sandbox.request_handling import ApiRequest, build_validation_error

PUBLISHED_FLAG, UNPUBLISHED_FLAG = 3, 5
SYSTEM_ICONS_URL = "https://static.retroachievements.org/assets/images/system/"


def get_game(request: ApiRequest) -> SandboxResponse:
    """Return a game; the response does not contain its id."""
    game = request.find_game("i")
    if game is None:
        return SandboxResponse(200, [])
    return SandboxResponse(
        200,
        {
            "Title": game.title,
            "GameTitle": game.title,
            **serializers.serialize_console(game),
            "Console": CONSOLES[game.console_id],
            "ForumTopicID": None,
            "Flags": 0,
            "GameIcon": game.icon,
            **serializers.serialize_images(game),
            **serializers.serialize_publication(game),
        },
    )


def get_game_extended(request: ApiRequest) -> SandboxResponse:
    """Return a game with its achievements, none of which is unpublished."""
    flag = request.get_number("f", PUBLISHED_FLAG)
    if flag not in (PUBLISHED_FLAG, UNPUBLISHED_FLAG):
        raise build_validation_error("f", "The selected f is invalid.")
    game = request.find_game("i")
    if game is None:
        return SandboxResponse(200, [])
    items = game.achievements if flag == PUBLISHED_FLAG else ()
    achievements = {
        str(item.id): serializers.serialize_achievement(game, item, type_key="type")
        for item in items
    }
    return SandboxResponse(200, {**_serialize_extended_game(game), "Achievements": achievements})


def _serialize_extended_game(game: Game) -> Json:
    return {
        "ID": game.id,
        "Title": game.title,
        **serializers.serialize_console(game),
        "ForumTopicID": None,
        "Flags": None,
        **serializers.serialize_images(game),
        **serializers.serialize_publication(game),
        "IsFinal": False,
        "RichPresencePatch": "fedcba9876543210fedcba9876543210",
        "GuideURL": None,
        "Updated": serializers.format_zulu(datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)),
        "ParentGameID": game.parent_id,
        "NumDistinctPlayers": game.players,
        "NumAchievements": len(game.achievements),
        "NumDistinctPlayersCasual": game.players,
        "NumDistinctPlayersHardcore": game.players,
        "Claims": [],
    }


def get_achievement_unlocks(request: ApiRequest) -> SandboxResponse:
    """Return the members who have earned an achievement, last unlock first."""
    if not request.parameters.get("a"):
        return SandboxResponse(200, {"Achievement": {"ID": None}})
    found = request.database.find_achievement(request.get_number("a", 0))
    if found is None:
        counts = {"UnlocksCount": 0, "UnlocksHardcoreCount": 0, "TotalPlayers": 0}
        return SandboxResponse(
            404, {"Achievement": [], "Console": [], "Game": [], **counts, "Unlocks": []}
        )
    return SandboxResponse(200, _serialize_unlocks(request, *found))


def get_achievement_of_the_week(request: ApiRequest) -> SandboxResponse:
    """Return the achievement with its game and its unlocks since the week began."""
    chosen = request.database.achievement_of_the_week
    found = chosen and request.database.find_achievement(chosen[0])
    if chosen is None or not found:
        return SandboxResponse(200, {"Achievement": {"ID": None}, "StartAt": None})
    game, item = found
    document = _serialize_unlocks(request, game, item)
    document["Achievement"] |= {
        "BadgeName": item.badge,
        "BadgeURL": f"/Badge/{item.badge}.png",
        "DateCreated": "2024-05-04",
    }
    week = {"ForumTopic": {"ID": 21212}, "StartAt": serializers.format_zulu(chosen[1])}
    return SandboxResponse(200, document | week)


def _serialize_unlocks(request: ApiRequest, game: Game, item: Achievement) -> Json:
    count, start = min(request.get_number("c", 50), 500), max(request.get_number("o", 0), 0)
    holders = [
        (member, member.unlocks[item.id])
        for member in request.database.members
        if item.id in member.unlocks
    ]
    holders.sort(key=lambda pair: pair[1].last_earned_at, reverse=True)
    definition = serializers.serialize_achievement(game, item, type_key="Type")
    shown = ("ID", "Title", "Description", "Points", "TrueRatio", "Author", "AuthorULID")
    return {
        "Achievement": {
            **{name: definition[name] for name in (*shown, "DateCreated", "DateModified", "Type")}
        },
        "Console": {"ID": game.console_id, "Title": CONSOLES[game.console_id]},
        "Game": {"ID": game.id, "Title": game.title},
        "UnlocksCount": item.earners,
        "UnlocksHardcoreCount": item.hardcore_earners,
        "TotalPlayers": game.players,
        "Unlocks": [
            _serialize_unlock_holder(request, *pair) for pair in holders[start : start + count]
        ],
    }


def _serialize_unlock_holder(request: ApiRequest, member: Member, unlock: Unlock) -> Json:
    hardcore, softcore, _ = request.database.compute_points(member)
    return {
        **serializers.serialize_member(member),
        "RAPoints": hardcore,
        "RASoftcorePoints": softcore,
        "DateAwarded": serializers.format_zulu(unlock.last_earned_at),
        "HardcoreMode": 1 if unlock.hardcore_earned_at else 0,
    }


def get_console_ids(request: ApiRequest) -> SandboxResponse:
    """Return the consoles; ids above 99 are no game systems."""
    only_systems = request.get_number("g", 0) == 1
    rows = [
        {
            "ID": console_id,
            "Name": name,
            "IconURL": f"{SYSTEM_ICONS_URL}{console_id}.png",
            "Active": True,
            "IsGameSystem": console_id < 100,
        }
        for console_id, name in CONSOLES.items()
    ]
    return SandboxResponse(200, [row for row in rows if row["IsGameSystem"] or not only_systems])


ENDPOINTS = {
    "GetGame": get_game,
    "GetGameExtended": get_game_extended,
    "GetAchievementUnlocks": get_achievement_unlocks,
    "GetAchievementOfTheWeek": get_achievement_of_the_week,
    "GetConsoleIDs": get_console_ids,
}
