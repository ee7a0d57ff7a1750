"""The progress of achievements: their targets, and counts that the upstream keeps elsewhere."""

from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from providers.records import Achievement, AchievementProgress, AchievementTrigger, TriggerDetail

Achievements = tuple[Achievement, ...]


def fill_own_progress(achievements: Iterable[Achievement]) -> Achievements:
    """Add the progress that the list contains: of earned, API and composite achievements."""
    achievement_list = tuple(achievements)
    earned_ids = {achievement.native_id for achievement in achievement_list if achievement.earned}
    return tuple(
        replace(achievement, progress=_compute_own_progress(achievement, earned_ids))
        for achievement in achievement_list
    )


def should_fetch_count(achievements: Achievements, trigger: AchievementTrigger) -> bool:
    """Return whether a locked achievement has this trigger and a target."""
    return any(
        achievement.trigger is trigger
        and not achievement.earned
        and _get_target(achievement) is not None
        for achievement in achievements
    )


def fill_counts(
    achievements: Achievements, metric_values: Mapping[str, float], streak_length: int | None
) -> Achievements:
    """Add the progress of metrics, matched by their ids, and of the streak."""
    return tuple(
        _fill_count(achievement, metric_values, streak_length) for achievement in achievements
    )


def _fill_count(
    achievement: Achievement, metric_values: Mapping[str, float], streak_length: int | None
) -> Achievement:
    target = _get_target(achievement)
    if achievement.progress is not None or target is None:
        return achievement
    current = None
    if achievement.trigger is AchievementTrigger.METRIC:
        current = metric_values.get(_get_trigger_detail(achievement).metric_id or "")
    elif achievement.trigger is AchievementTrigger.STREAK:
        current = streak_length
    return (
        achievement
        if current is None
        else replace(achievement, progress=_build_progress(current, target))
    )


def _compute_own_progress(
    achievement: Achievement, earned_ids: set[str]
) -> AchievementProgress | None:
    target = _get_target(achievement)
    if target is None:
        return None
    if achievement.earned:
        return _build_progress(target, target)
    if achievement.trigger is AchievementTrigger.API:
        return _build_progress(0, target)
    if achievement.trigger is AchievementTrigger.COMPOSITE:
        return _build_progress(len(_get_prerequisite_ids(achievement) & earned_ids), target)
    return None


def _get_target(achievement: Achievement) -> float | None:
    match achievement.trigger:
        case AchievementTrigger.METRIC:
            target = _get_trigger_detail(achievement).metric_value
        case AchievementTrigger.STREAK:
            target = _get_trigger_detail(achievement).streak_length
        case AchievementTrigger.COMPOSITE:
            target = len(_get_prerequisite_ids(achievement))
        case AchievementTrigger.API:
            target = 1
        case _:
            target = None
    return target if target is not None and target > 0 else None


def _get_prerequisite_ids(achievement: Achievement) -> set[str]:
    return set(_get_trigger_detail(achievement).prerequisite_ids or ())


def _get_trigger_detail(achievement: Achievement) -> TriggerDetail:
    return achievement.trigger_detail or TriggerDetail()


def _build_progress(current: float, target: float) -> AchievementProgress:
    percent = min(100.0, max(0.0, current / target * 100))
    return AchievementProgress(current=current, target=target, percent=percent)
