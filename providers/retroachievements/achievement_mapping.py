"""One achievement of a game: what it is, who earned it, and what the player did."""

from datetime import datetime

from providers.kit.upstream.decode import instant
from providers.records import Achievement, AchievementPoints, Rarity, UnlockMode, rarity_band
from providers.retroachievements.images import badge
from providers.retroachievements.models import GameAchievement

# The achievements of a game are one set; a subset is a game of its own upstream.
CORE = "core"
UNIT = "POINTS"


def achievement_of(
    sent: GameAchievement, *, players: int | None, is_played: bool, media_url: str
) -> Achievement:
    """The definition, joined with the player's unlocks where a player was asked about."""
    hardcore, softcore = sent.date_earned_hardcore, sent.date_earned
    mode = unlock_mode(hardcore=bool(hardcore)) if hardcore or softcore else None
    return Achievement(
        native_id=str(sent.id),
        group_id=CORE,
        name=sent.title,
        description=sent.description,
        icon=badge(media_url, sent.badge_name),
        earned=mode is not None if is_played else None,
        earned_at=instant(hardcore or softcore),
        unlock_mode=mode,
        earned_at_softcore=instant(softcore),
        points=points_of(sent.points, sent.true_ratio),
        rarity=rarity_of(sent.num_awarded, sent.num_awarded_hardcore, players),
        kind=sent.type or sent.lower_type,
    )


def unlock_mode(*, hardcore: bool) -> UnlockMode:
    """How it was earned; what was earned in hardcore is not softcore any more."""
    return UnlockMode.HARDCORE if hardcore else UnlockMode.SOFTCORE


def points_of(value: int | None, weighted: int | None) -> AchievementPoints | None:
    """The points, and those weighted by rarity."""
    return None if value is None else AchievementPoints(value=value, unit=UNIT, weighted=weighted)


def rarity_of(earners: int | None, hardcore: int | None, players: int | None) -> Rarity | None:
    """The upstream sends counters only; both shares are of all distinct players."""
    share = _share(earners, players)
    if share is None:
        return None
    return Rarity(
        percent=share,
        band=rarity_band(share),
        earners=earners,
        population=players,
        hardcore_percent=_share(hardcore, players),
        hardcore_earners=hardcore,
    )


def last_unlock(sent: GameAchievement) -> datetime | None:
    """When the player last earned it: in hardcore after softcore, if both."""
    moments = (instant(sent.date_earned), instant(sent.date_earned_hardcore))
    return max((moment for moment in moments if moment is not None), default=None)


def _share(earners: int | None, players: int | None) -> float | None:
    if earners is None or not players:
        return None
    # The players are counted at another time than the earners, who may then be more.
    return min(100.0, 100 * earners / players)
