"""Maps the upstream's models to records; a missing value stays unknown."""

from collections.abc import Iterable

from providers.kit.text import (
    MAX_DESCRIPTION_LENGTH,
    MAX_NAME_LENGTH,
    sanitize_url,
    truncate,
)
from providers.kit.upstream.decode import parse_time
from providers.records import (
    Achievement,
    AchievementTrigger,
    Image,
    KeyValue,
    Rarity,
    TriggerDetail,
    get_rarity_band,
    round_percent,
)
from providers.trophy_so.models import (
    Attribute,
    MetricResponse,
    User,
    UserAchievement,
)
from providers.trophy_so_records import TrophySoMetric, TrophySoProfile

TRIGGERS = {
    "metric": AchievementTrigger.METRIC,
    "streak": AchievementTrigger.STREAK,
    "api": AchievementTrigger.API,
    "achievement": AchievementTrigger.COMPOSITE,
}
EMPTY_DETAIL = TriggerDetail()
# An application defines its own achievements, so that nothing but these limits bounds them.
MAX_ATTRIBUTES = 100


def map_profile(user_id: str, user: User) -> TrophySoProfile:
    """Map a user that was requested by an id, without the private members."""
    return TrophySoProfile(
        native_id=user.id or user_id,
        handle=user.id or user_id,
        display_name=truncate(user.name, MAX_NAME_LENGTH),
        time_zone=user.tz or None,
        created_at=parse_time(user.created),
    )


def map_metrics(rows: Iterable[MetricResponse]) -> tuple[TrophySoMetric, ...]:
    """Map the metrics, each once; those without an id are left out."""
    metrics = {
        row.id: TrophySoMetric(
            id=row.id, key=row.key or None, name=row.name or row.key or None, current=row.current
        )
        for row in rows
        if row.id
    }
    return tuple(metrics.values())


def map_achievements(rows: Iterable[UserAchievement]) -> tuple[Achievement, ...]:
    """Map the achievements in the upstream's order; those without id and key are left out.

    Of rows with the same id, an earned one counts before the first.
    """
    achievements: dict[str, Achievement] = {}
    for row in rows:
        native_id = row.id or row.key
        known = achievements.get(native_id or "")
        if native_id and (known is None or (row.achieved_at and not known.earned)):
            achievements[native_id] = _map_achievement(native_id, row)
    return tuple(achievements.values())


def _map_achievement(native_id: str, row: UserAchievement) -> Achievement:
    return Achievement(
        native_id=native_id,
        key=truncate(row.key, MAX_NAME_LENGTH),
        name=truncate(row.name, MAX_NAME_LENGTH),
        description=truncate(row.description, MAX_DESCRIPTION_LENGTH),
        icon=_map_icon(row.badge_url),
        earned=bool(row.achieved_at),
        earned_at=parse_time(row.achieved_at),
        rarity=_map_rarity(row),
        trigger=TRIGGERS.get(row.trigger or "", AchievementTrigger.OTHER),
        raw_trigger=truncate(row.trigger, MAX_NAME_LENGTH),
        trigger_detail=_map_trigger_detail(row),
        user_attributes=_map_attributes(row.user_attributes),
        event_attributes=_map_event_attributes(row),
    )


def _map_icon(badge_url: str | None) -> Image | None:
    url = sanitize_url(badge_url)
    return Image(url=url) if url else None


def _map_rarity(row: UserAchievement) -> Rarity | None:
    if row.rarity is None:
        return None
    percent = round_percent(min(100.0, max(0.0, row.rarity)))
    return Rarity(percent=percent, band=get_rarity_band(percent), earners=row.completions)


def _map_trigger_detail(row: UserAchievement) -> TriggerDetail | None:
    ids = row.achievement_ids
    detail = TriggerDetail(
        metric_id=truncate(row.metric_id, MAX_NAME_LENGTH),
        metric_name=truncate(row.metric_name, MAX_NAME_LENGTH),
        metric_value=row.metric_value,
        streak_length=row.streak_length,
        prerequisite_ids=None if ids is None else tuple(ids[:MAX_ATTRIBUTES]),
    )
    return None if detail == EMPTY_DETAIL else detail


def _map_event_attributes(row: UserAchievement) -> tuple[KeyValue, ...] | None:
    # The list replaced the single filter, and the upstream may send both.
    if row.event_attribute is None:
        return _map_attributes(row.event_attributes)
    return _map_attributes([*(row.event_attributes or []), row.event_attribute])


def _map_attributes(rows: list[Attribute] | None) -> tuple[KeyValue, ...] | None:
    if rows is None:
        return None
    pairs = (
        KeyValue(
            key=truncate(row.key, MAX_NAME_LENGTH) or "",
            value=truncate(row.value, MAX_NAME_LENGTH) or "",
        )
        for row in rows[:MAX_ATTRIBUTES]
    )
    return tuple(dict.fromkeys(pairs))
