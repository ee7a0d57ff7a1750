"""Calls about games, achievements and consoles."""

from datetime import UTC, datetime

from providers.kit.sandbox import Reply
from providers.retroachievements.sandbox import shape
from providers.retroachievements.sandbox.asked import Asked, unprocessable
from providers.retroachievements.sandbox.games import CONSOLES
from providers.retroachievements.sandbox.model import Achievement, Game, Json, Member, Unlock

PUBLISHED, UNPUBLISHED = 3, 5
STATIC = "https://static.retroachievements.org/assets/images/system/"


def get_game(asked: Asked) -> Reply:
    """The reply does not say its own id."""
    game = asked.game("i")
    if game is None:
        return Reply(200, [])
    return Reply(
        200,
        {
            "Title": game.title,
            "GameTitle": game.title,
            **shape.console(game),
            "Console": CONSOLES[game.console_id],
            "ForumTopicID": None,
            "Flags": 0,
            "GameIcon": game.icon,
            **shape.images(game),
            **shape.publication(game),
        },
    )


def get_game_extended(asked: Asked) -> Reply:
    """Nothing here is unpublished."""
    flag = asked.number("f", PUBLISHED)
    if flag not in (PUBLISHED, UNPUBLISHED):
        raise unprocessable("f", "The selected f is invalid.")
    game = asked.game("i")
    if game is None:
        return Reply(200, [])
    items = game.achievements if flag == PUBLISHED else ()
    achievements = {str(item.id): shape.achievement(game, item, type_key="type") for item in items}
    return Reply(200, {**_extended(game), "Achievements": achievements})


def _extended(game: Game) -> Json:
    return {
        "ID": game.id,
        "Title": game.title,
        **shape.console(game),
        "ForumTopicID": None,
        "Flags": None,
        **shape.images(game),
        **shape.publication(game),
        "IsFinal": False,
        "RichPresencePatch": "fedcba9876543210fedcba9876543210",
        "GuideURL": None,
        "Updated": shape.zulu(datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)),
        "ParentGameID": game.parent_id,
        "NumDistinctPlayers": game.players,
        "NumAchievements": len(game.achievements),
        "NumDistinctPlayersCasual": game.players,
        "NumDistinctPlayersHardcore": game.players,
        "Claims": [],
    }


def get_achievement_unlocks(asked: Asked) -> Reply:
    """Who has earned an achievement, the latest first."""
    if not asked.parameters.get("a"):
        return Reply(200, {"Achievement": {"ID": None}})
    found = asked.world.achievement(asked.number("a", 0))
    if found is None:
        nobody = {"UnlocksCount": 0, "UnlocksHardcoreCount": 0, "TotalPlayers": 0}
        return Reply(404, {"Achievement": [], "Console": [], "Game": [], **nobody, "Unlocks": []})
    return Reply(200, _unlocks(asked, *found))


def _unlocks(asked: Asked, game: Game, item: Achievement) -> Json:
    count, start = min(asked.number("c", 50), 500), max(asked.number("o", 0), 0)
    holders = [(one, one.unlocks[item.id]) for one in asked.world.members if item.id in one.unlocks]
    holders.sort(key=lambda pair: pair[1].latest, reverse=True)
    definition = shape.achievement(game, item, type_key="Type")
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
        "Unlocks": [_holder(asked, *pair) for pair in holders[start : start + count]],
    }


def _holder(asked: Asked, member: Member, unlock: Unlock) -> Json:
    hardcore, softcore, _ = asked.world.points(member)
    return {
        "User": member.name,
        "ULID": member.ulid,
        "RAPoints": hardcore,
        "RASoftcorePoints": softcore,
        "DateAwarded": shape.zulu(unlock.latest),
        "HardcoreMode": 1 if unlock.hardcore else 0,
    }


def get_console_ids(asked: Asked) -> Reply:
    """Those above 99 are no machines."""
    only_systems = asked.number("g", 0) == 1
    rows = [
        {
            "ID": console_id,
            "Name": name,
            "IconURL": f"{STATIC}{console_id}.png",
            "Active": True,
            "IsGameSystem": console_id < 100,
        }
        for console_id, name in CONSOLES.items()
    ]
    return Reply(200, [row for row in rows if row["IsGameSystem"] or not only_systems])


CALLS = {
    "GetGame": get_game,
    "GetGameExtended": get_game_extended,
    "GetAchievementUnlocks": get_achievement_unlocks,
    "GetConsoleIDs": get_console_ids,
}
