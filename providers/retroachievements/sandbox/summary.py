"""The call that tells a bit of everything about a member."""

from providers.kit.sandbox import Reply
from providers.retroachievements.sandbox import shape
from providers.retroachievements.sandbox.accounts import RANKED, profile_of, rank_of
from providers.retroachievements.sandbox.asked import Asked
from providers.retroachievements.sandbox.model import Achievement, Game, Json, Member, Unlock
from providers.retroachievements.sandbox.played import recent_row
from providers.retroachievements.sandbox.standing import Standing


def get_user_summary(asked: Asked) -> Reply:
    """Recent games and achievements only as far as asked for; an unknown member is echoed."""
    member = asked.member()
    if member is None:
        return Reply(404, {"ID": None, "User": asked.text("u")})
    games = min(asked.number("g", 0), 100)
    recent = asked.world.played(member)[: max(games, 0)]
    profile = profile_of(asked.world, member)
    body: Json = {
        **profile,
        "LastGameID": profile["LastGameID"] or 0,
        "Rank": rank_of(asked.world, member),
        "TotalRanked": RANKED,
        "RichPresenceMsgDate": None,
        "RecentlyPlayedCount": len(recent),
        "RecentlyPlayed": [recent_row(standing) for standing in recent],
        "LastActivity": _dead_activity(member),
        "Status": "Offline",
        **_awarded(recent, games, asked.number("a", 10)),
    }
    if recent:
        body["LastGame"] = _last_game(recent[0].game)
    return Reply(200, body)


def _awarded(recent: list[Standing], games: int, most: int) -> Json:
    """Objects, empty lists or nothing: three ways to say none."""
    if games > 0 and not recent:
        return {}
    if not games:
        return {"Awarded": {}, "RecentAchievements": {}}
    return {
        "Awarded": {str(standing.game.id): shape.counts(standing) for standing in recent},
        "RecentAchievements": _recent(recent, most) or [],
    }


def _recent(recent: list[Standing], most: int) -> Json:
    found = [(standing.game, *pair) for standing in recent for pair in standing.unlocks]
    found.sort(key=lambda row: row[2].latest, reverse=True)
    shown: list[tuple[Game, Achievement, Unlock | None]] = [*found[:most]]
    if most == 0:
        # Asked for none, it gives all, the locked ones too.
        shown = [
            (standing.game, item, standing.member.unlocks.get(item.id))
            for standing in recent
            for item in standing.game.achievements
        ]
    grouped: Json = {}
    for game, item, unlock in shown:
        grouped.setdefault(str(game.id), {})[str(item.id)] = _recent_row(game, item, unlock)
    return grouped


def _recent_row(game: Game, item: Achievement, unlock: Unlock | None) -> Json:
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
        "DateAwarded": shape.naive(unlock.latest) if unlock else None,
        "HardcoreAchieved": (1 if unlock.hardcore else 0) if unlock else None,
    }


def _last_game(game: Game) -> Json:
    return {
        "ID": game.id,
        "Title": game.title,
        **shape.console(game),
        "ForumTopicID": None,
        "Flags": 0,
        **shape.images(game),
        **shape.publication(game),
        "IsFinal": 0,
    }


def _dead_activity(member: Member) -> Json:
    unknown = ("timestamp", "lastupdate", "activitytype", "data", "data2")
    return {"ID": 0, **dict.fromkeys(unknown), "User": member.name}


CALLS = {"GetUserSummary": get_user_summary}
