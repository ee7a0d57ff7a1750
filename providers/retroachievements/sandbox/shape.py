"""The upstream's rows, each with the date shape and the number shape of its own call."""

from datetime import datetime

from providers.retroachievements.sandbox.games import CONSOLES
from providers.retroachievements.sandbox.model import Achievement, Game, Json, Unlock
from providers.retroachievements.sandbox.standing import GameAward, Standing


def naive(moment: datetime | None) -> str | None:
    """UTC without saying so."""
    return None if moment is None else moment.strftime("%Y-%m-%d %H:%M:%S")


def offset(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="seconds")


def zulu(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000000Z")


def console(game: Game) -> Json:
    return {"ConsoleID": game.console_id, "ConsoleName": CONSOLES[game.console_id]}


def images(game: Game) -> Json:
    return {
        "ImageIcon": game.icon,
        "ImageTitle": f"/Images/1{game.id:05d}.png",
        "ImageIngame": f"/Images/2{game.id:05d}.png",
        "ImageBoxArt": f"/Images/3{game.id:05d}.png",
    }


def publication(game: Game) -> Json:
    return {
        "Publisher": "Invented Software",
        "Developer": "Invented Software",
        "Genre": "Adventure",
        "Released": game.released,
        "ReleasedAtGranularity": "day" if game.released else None,
    }


def counts(standing: Standing) -> Json:
    """The six numbers that several calls give of a game."""
    return {
        "NumPossibleAchievements": len(standing.game.achievements),
        "PossibleScore": standing.game.points,
        "NumAchieved": len(standing.unlocks),
        "ScoreAchieved": sum(item.points for item, _ in standing.unlocks),
        "NumAchievedHardcore": len(standing.hardcore),
        "ScoreAchievedHardcore": sum(item.points for item, _ in standing.hardcore),
    }


NO_COUNTS = dict.fromkeys(
    (
        "NumPossibleAchievements",
        "PossibleScore",
        "NumAchieved",
        "ScoreAchieved",
        "NumAchievedHardcore",
        "ScoreAchievedHardcore",
    ),
    0,
)


def achievement(game: Game, item: Achievement, *, type_key: str) -> Json:
    """A definition; the two calls that give it disagree about the case of one key."""
    return {
        "ID": item.id,
        "NumAwarded": item.earners,
        "NumAwardedHardcore": item.hardcore_earners,
        "Title": item.title,
        "Description": item.description,
        "Points": item.points,
        "TrueRatio": game.true_ratio(item),
        "Author": "Scribe",
        "AuthorULID": "01HSCR1BE0007Q2M4X6Z8B0C6J",
        "DateModified": "2024-01-05 10:11:12",
        "DateCreated": "2023-12-31 23:00:00",
        "BadgeName": item.badge,
        "DisplayOrder": item.order,
        "MemAddr": "0123456789abcdef0123456789abcdef",
        type_key: item.type,
    }


def earned_dates(unlock: Unlock | None) -> Json:
    """Keys that are there only when there is something to say."""
    if unlock is None:
        return {}
    dates: Json = {"DateEarned": naive(unlock.first)}
    if unlock.hardcore:
        dates["DateEarnedHardcore"] = naive(unlock.hardcore)
    return dates


def highest(award: GameAward | None) -> Json:
    return {
        "HighestAwardKind": award.kind if award else None,
        "HighestAwardDate": offset(award.when) if award else None,
    }


def earned_row(game: Game, item: Achievement, unlock: Unlock) -> Json:
    """A row of the three calls that tell what was earned when."""
    return {
        "Date": naive(unlock.latest),
        "HardcoreMode": 1 if unlock.hardcore else 0,
        "AchievementID": item.id,
        "Title": item.title,
        "Description": item.description,
        "BadgeName": item.badge,
        "Points": item.points,
        "TrueRatio": game.true_ratio(item),
        "Type": item.type,
        "Author": "Scribe",
        "AuthorULID": "01HSCR1BE0007Q2M4X6Z8B0C6J",
        "GameTitle": game.title,
        "GameIcon": game.icon,
        "GameID": game.id,
        "ConsoleName": CONSOLES[game.console_id],
        "BadgeURL": f"/Badge/{item.badge}.png",
        "GameURL": f"/game/{game.id}",
    }
