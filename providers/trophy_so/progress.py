"""How far an achievement is: its own target against a count that is kept elsewhere."""

from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from providers.records import Achievement, AchievementProgress, AchievementTrigger, TriggerDetail

Achievements = tuple[Achievement, ...]


def settled(achievements: Iterable[Achievement]) -> Achievements:
    """Fill in what the list knows by itself: all that is earned, API and composite triggers."""
    listed = tuple(achievements)
    earned = {achievement.native_id for achievement in listed if achievement.earned}
    return tuple(replace(each, progress=_own_progress(each, earned)) for each in listed)


def awaits(achievements: Achievements, trigger: AchievementTrigger) -> bool:
    """Whether something with this trigger is open and its count is worth a call."""
    return any(
        each.trigger is trigger and not each.earned and _target(each) is not None
        for each in achievements
    )


def joined(
    achievements: Achievements, metrics: Mapping[str, float], streak: int | None
) -> Achievements:
    """Fill in what waits for a metric, matched on its id, or for the streak."""
    return tuple(_with_count(each, metrics, streak) for each in achievements)


def _with_count(
    achievement: Achievement, metrics: Mapping[str, float], streak: int | None
) -> Achievement:
    target = _target(achievement)
    if achievement.progress is not None or target is None:
        return achievement
    current = None
    if achievement.trigger is AchievementTrigger.METRIC:
        current = metrics.get(_detail(achievement).metric_id or "")
    elif achievement.trigger is AchievementTrigger.STREAK:
        current = streak
    return achievement if current is None else replace(achievement, progress=_of(current, target))


def _own_progress(achievement: Achievement, earned: set[str]) -> AchievementProgress | None:
    target = _target(achievement)
    if target is None:
        return None
    if achievement.earned:
        return _of(target, target)
    if achievement.trigger is AchievementTrigger.API:
        return _of(0, target)
    if achievement.trigger is AchievementTrigger.COMPOSITE:
        return _of(len(_prerequisites(achievement) & earned), target)
    return None


def _target(achievement: Achievement) -> float | None:
    match achievement.trigger:
        case AchievementTrigger.METRIC:
            target = _detail(achievement).metric_value
        case AchievementTrigger.STREAK:
            target = _detail(achievement).streak_length
        case AchievementTrigger.COMPOSITE:
            target = len(_prerequisites(achievement))
        case AchievementTrigger.API:
            target = 1
        case _:
            target = None
    return target if target is not None and target > 0 else None


def _prerequisites(achievement: Achievement) -> set[str]:
    return set(_detail(achievement).prerequisite_ids or ())


def _detail(achievement: Achievement) -> TriggerDetail:
    return achievement.trigger_detail or TriggerDetail()


def _of(current: float, target: float) -> AchievementProgress:
    percent = min(100.0, max(0.0, current / target * 100))
    return AchievementProgress(current=current, target=target, percent=percent)
