"""Rows of the API, with the date and number format of each endpoint."""

from datetime import datetime

from providers.retroachievements.sandbox.game_data import CONSOLES
from providers.retroachievements.sandbox.game_progress import GameAward, GameProgress
from providers.retroachievements.sandbox.models import Achievement, Game, Json, Member, Unlock


def format_naive(moment: datetime | None) -> str | None:
    """Format a UTC time without its zone."""
    return None if moment is None else moment.strftime("%Y-%m-%d %H:%M:%S")


def format_with_offset(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="seconds")


def format_zulu(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000000Z")


def serialize_member(member: Member) -> Json:
    return {"User": member.name, "ULID": member.ulid}


def serialize_console(game: Game) -> Json:
    return {"ConsoleID": game.console_id, "ConsoleName": CONSOLES[game.console_id]}


def serialize_images(game: Game) -> Json:
    return {
        "ImageIcon": game.icon,
        "ImageTitle": f"/Images/1{game.id:05d}.png",
        "ImageIngame": f"/Images/2{game.id:05d}.png",
        "ImageBoxArt": f"/Images/3{game.id:05d}.png",
    }


def serialize_publication(game: Game) -> Json:
    return {
        "Publisher": "Invented Software",
        "Developer": "Invented Software",
        "Genre": "Adventure",
        "Released": game.released,
        "ReleasedAtGranularity": "day" if game.released else None,
    }


def serialize_counts(progress: GameProgress) -> Json:
    """Serialize the six counts of a game that several endpoints send."""
    return {
        "NumPossibleAchievements": len(progress.game.achievements),
        "PossibleScore": progress.game.points,
        "NumAchieved": len(progress.unlocks),
        "ScoreAchieved": sum(item.points for item, _ in progress.unlocks),
        "NumAchievedHardcore": len(progress.hardcore_unlocks),
        "ScoreAchievedHardcore": sum(item.points for item, _ in progress.hardcore_unlocks),
    }


ZERO_COUNTS = dict.fromkeys(
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


def serialize_achievement(game: Game, item: Achievement, *, type_key: str) -> Json:
    """Serialize a definition; two endpoints spell the key of its type differently."""
    return {
        "ID": item.id,
        "NumAwarded": item.earners,
        "NumAwardedHardcore": item.hardcore_earners,
        "Title": item.title,
        "Description": item.description,
        "Points": item.points,
        "TrueRatio": game.compute_true_ratio(item),
        "Author": "Scribe",
        "AuthorULID": "01HSCR1BE0007Q2M4X6Z8B0C6J",
        "DateModified": "2024-01-05 10:11:12",
        "DateCreated": "2023-12-31 23:00:00",
        "BadgeName": item.badge,
        "DisplayOrder": item.order,
        "MemAddr": "0123456789abcdef0123456789abcdef",
        type_key: item.type,
    }


def serialize_earned_dates(unlock: Unlock | None) -> Json:
    # The keys of locked achievements are omitted, not null.
    if unlock is None:
        return {}
    dates: Json = {"DateEarned": format_naive(unlock.earned_at)}
    if unlock.hardcore_earned_at:
        dates["DateEarnedHardcore"] = format_naive(unlock.hardcore_earned_at)
    return dates


def serialize_highest_award(award: GameAward | None) -> Json:
    return {
        "HighestAwardKind": award.kind if award else None,
        "HighestAwardDate": format_with_offset(award.awarded_at) if award else None,
    }


def serialize_unlock(game: Game, item: Achievement, unlock: Unlock) -> Json:
    """Serialize a row of the three endpoints of unlocks."""
    return {
        "Date": format_naive(unlock.last_earned_at),
        "HardcoreMode": 1 if unlock.hardcore_earned_at else 0,
        "AchievementID": item.id,
        "Title": item.title,
        "Description": item.description,
        "BadgeName": item.badge,
        "Points": item.points,
        "TrueRatio": game.compute_true_ratio(item),
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
