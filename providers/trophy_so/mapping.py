"""What the upstream sends, as records. Nothing is guessed: what is missing stays unknown."""

from collections.abc import Iterable

from providers.kit.text import https
from providers.kit.upstream.decode import instant
from providers.records import (
    Achievement,
    AchievementTrigger,
    Image,
    KeyValue,
    Rarity,
    TriggerDetail,
    TrophySoMetric,
    TrophySoPerson,
    TrophySoStreak,
    rarity_band,
)
from providers.trophy_so.models import (
    Attribute,
    MetricResponse,
    StreakResponse,
    User,
    UserAchievement,
)

TRIGGERS = {
    "metric": AchievementTrigger.METRIC,
    "streak": AchievementTrigger.STREAK,
    "api": AchievementTrigger.API,
    "achievement": AchievementTrigger.COMPOSITE,
}
NO_DETAIL = TriggerDetail()


def person(sent: User) -> TrophySoPerson:
    """The user as everybody may see him."""
    return TrophySoPerson(
        native_id=sent.id,
        handle=sent.id,
        display_name=sent.name or None,
        time_zone=sent.tz or None,
        created_at=instant(sent.created),
    )


def metrics(sent: Iterable[MetricResponse]) -> tuple[TrophySoMetric, ...]:
    """The metrics that can be told apart."""
    return tuple(
        TrophySoMetric(id=each.id, key=each.key, name=each.name or each.key, current=each.current)
        for each in sent
        if each.id and each.key
    )


def streak(sent: StreakResponse) -> TrophySoStreak:
    """The streak, its period in the upstream's word."""
    return TrophySoStreak(length=sent.length, frequency=sent.frequency)


def achievements(sent: Iterable[UserAchievement]) -> tuple[Achievement, ...]:
    """The achievements that have a name of their own, in the upstream's order."""
    return tuple(
        _achievement(native_id, each) for each in sent if (native_id := each.id or each.key)
    )


def _achievement(native_id: str, sent: UserAchievement) -> Achievement:
    return Achievement(
        native_id=native_id,
        key=sent.key or None,
        name=sent.name or None,
        description=sent.description or None,
        icon=_icon(sent.badge_url),
        earned=bool(sent.achieved_at),
        earned_at=instant(sent.achieved_at),
        rarity=_rarity(sent),
        trigger=TRIGGERS.get(sent.trigger or "", AchievementTrigger.OTHER),
        raw_trigger=sent.trigger or None,
        trigger_detail=_detail(sent),
        user_attributes=_attributes(sent.user_attributes),
        event_attributes=_event_attributes(sent),
    )


def _icon(badge_url: str | None) -> Image | None:
    url = https(badge_url)
    return Image(url=url) if url else None


def _rarity(sent: UserAchievement) -> Rarity | None:
    if sent.rarity is None:
        return None
    percent = min(100.0, max(0.0, sent.rarity))
    return Rarity(percent=percent, band=rarity_band(percent), earners=sent.completions)


def _detail(sent: UserAchievement) -> TriggerDetail | None:
    ids = sent.achievement_ids
    detail = TriggerDetail(
        metric_id=sent.metric_id or None,
        metric_name=sent.metric_name or None,
        metric_value=sent.metric_value,
        streak_length=sent.streak_length,
        prerequisite_ids=None if ids is None else tuple(ids),
    )
    return None if detail == NO_DETAIL else detail


def _event_attributes(sent: UserAchievement) -> tuple[KeyValue, ...] | None:
    """The list and the single filter it replaced, which the upstream may send side by side."""
    if sent.event_attribute is None:
        return _attributes(sent.event_attributes)
    return _attributes([*(sent.event_attributes or []), sent.event_attribute])


def _attributes(sent: list[Attribute] | None) -> tuple[KeyValue, ...] | None:
    if sent is None:
        return None
    return tuple(dict.fromkeys(KeyValue(key=each.key, value=each.value) for each in sent))
