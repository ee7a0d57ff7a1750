"""Maps the description of a game, its points, and a player's highest award in it."""

from collections.abc import Iterable
from datetime import datetime, time

from providers.kit.text import MAX_NAME_LENGTH, truncate
from providers.kit.upstream.decode import MAX_INT32, parse_time
from providers.records import AchievementPoints, AwardKind, TitleAward, TitleInfo
from providers.retroachievements.images import map_image
from providers.retroachievements.models import Game

POINTS_UNIT = "RETRO_POINTS"
AWARD_KINDS = {
    "mastered": AwardKind.MASTERED,
    "completed": AwardKind.COMPLETED,
    "beaten-hardcore": AwardKind.BEATEN_HARDCORE,
    "beaten-softcore": AwardKind.BEATEN_SOFTCORE,
}


def map_points(value: int | None, weighted: int | None = None) -> AchievementPoints | None:
    """Map the points, and the points weighted by rarity (`TrueRatio`)."""
    if value is None:
        return None
    return AchievementPoints(value=value, unit=POINTS_UNIT, weighted=weighted)


def sum_points(points: Iterable[AchievementPoints | None]) -> AchievementPoints | None:
    """Return the sum; None if one of the points is unknown."""
    parts = list(points)
    known = [each for each in parts if each is not None]
    value = sum(each.value for each in known)
    if len(known) < len(parts) or not 0 <= value <= MAX_INT32:
        return None
    weights = [each.weighted for each in known if each.weighted is not None]
    has_weights = len(weights) == len(known) and 0 <= sum(weights) <= MAX_INT32
    return map_points(value, sum(weights) if has_weights else None)


def map_highest_award(kind: str | None, date: str | None) -> TitleAward | None:
    """Map the highest award; None for a game without one."""
    if not kind:
        return None
    return TitleAward(kind=AWARD_KINDS.get(kind, AwardKind.OTHER), awarded_at=parse_time(date))


def map_info(game: Game, media_url: str) -> TitleInfo | None:
    """Map the description of a game; None where all of it is unknown."""
    info = TitleInfo(
        publisher=truncate(game.publisher, MAX_NAME_LENGTH),
        developer=truncate(game.developer, MAX_NAME_LENGTH),
        genre=truncate(game.genre, MAX_NAME_LENGTH),
        released_at=_parse_day(game.released),
        box_art=map_image(media_url, game.image_box_art),
        title_screen=map_image(media_url, game.image_title),
        in_game=map_image(media_url, game.image_ingame),
        parent_native_id=str(game.parent_game_id) if game.parent_game_id else None,
    )
    return None if info == TitleInfo() else info


def _parse_day(text: str | None) -> datetime | None:
    """Parse a date, of which some servers send a time as well."""
    moment = parse_time(text)
    return moment and datetime.combine(moment.date(), time.min, moment.tzinfo)
