"""Merges definitions with earned state, by id, and derives progress from the merged trophies."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

from msgspec.structs import asdict, replace

from providers.psn.cached_records import TrophyCounter, TrophyDefinition, TrophyState
from providers.psn.trophies.grades import POINTS_BY_GRADE, compute_completion, count_grades
from providers.records import (
    Achievement,
    AchievementPoints,
    AchievementProgress,
    Group,
    Title,
    TrophyCounts,
)

TitleOrGroup = TypeVar("TitleOrGroup", Title, Group)

FULL_PERCENT = 100.0
POINTS = {
    grade: AchievementPoints(value=points, unit="TROPHY_POINTS")
    for grade, points in POINTS_BY_GRADE.items()
}
# In place of a row that there is not: without a player, and of one who has yet to sync the trophy.
UNKNOWN_STATE = TrophyState(native_id="")
LOCKED_STATE = TrophyState(native_id="", earned=False)
NO_COUNTER = TrophyCounter()


def merge_achievements(
    definitions: Sequence[TrophyDefinition] | None,
    states: Sequence[TrophyState] | None,
    find_only_group: Callable[[], str | None] = lambda: None,
) -> tuple[Achievement, ...]:
    """Return all defined trophies in their order, then those that only the account's rows contain.

    A trophy without a row is one that the title got after the account's last sync: it is locked.
    One without a definition was removed from the title: it has no name, and its group is what
    `find_only_group` returns, that of all trophies if they have one.
    """
    states_by_id = {state.native_id: state for state in states or ()}
    missing_state = UNKNOWN_STATE if states is None else LOCKED_STATE
    merged = {
        each.native_id: _merge_achievement(each, states_by_id.get(each.native_id, missing_state))
        for each in definitions or ()
    }
    for native_id, state in states_by_id.items():
        if native_id not in merged:
            group_id = state.group_id or find_only_group()
            removed = TrophyDefinition(native_id=native_id, group_id=group_id)
            merged[native_id] = _merge_achievement(removed, state)
    return tuple(merged.values())


def merge_groups(
    defined: Sequence[Group] | None, earned: Sequence[Group] | None
) -> tuple[Group, ...]:
    """Return all defined groups in their order with the account's progress, then the others."""
    earned_by_id = {group.native_id: group for group in earned or ()}
    merged: dict[str, Group] = {}
    for group in defined or ():
        progress = earned_by_id.get(group.native_id)
        merged[group.native_id] = group if progress is None else _merge_group(group, progress)
    for native_id, progress in earned_by_id.items():
        merged.setdefault(native_id, progress)
    return tuple(merged.values())


def compute_group_progress(trophies: Sequence[Achievement]) -> tuple[Group, ...]:
    """Derive the progress in each group from the merged trophies, as PSN computes it."""
    trophies_by_group: dict[str, list[Achievement]] = {}
    for trophy in trophies:
        if trophy.group_id is not None:
            trophies_by_group.setdefault(trophy.group_id, []).append(trophy)
    return tuple(
        _compute_progress(native_id, members) for native_id, members in trophies_by_group.items()
    )


def compute_title_progress(
    native_id: str, trophies: Sequence[Achievement], updated_at: datetime | None
) -> Title:
    """Derive the account's progress in the title from the merged trophies."""
    all_trophies = _compute_progress(native_id, trophies)
    earned = all_trophies.earned_counts
    return Title(
        native_id=native_id,
        earned_counts=earned,
        earned_count=None if earned is None else earned.total,
        progress=all_trophies.progress,
        last_updated_at=updated_at,
    )


def has_unknown_trophies(trophies: Sequence[Achievement] | None) -> bool:
    """Return whether a trophy has no known grade or earned state, so that no sum is reliable."""
    return any(trophy.grade is None or trophy.earned is None for trophy in trophies or ())


def overlay(base: TitleOrGroup, overrides: TitleOrGroup) -> TitleOrGroup:
    """Return `base` with every field that is not None in `overrides`."""
    known = {name: value for name, value in asdict(overrides).items() if value is not None}
    return replace(base, **known)


def _merge_group(defined: Group, progress: Group) -> Group:
    merged = overlay(defined, progress)
    # The account's rows count what the set had at its last sync.
    counts = [each for each in (progress.defined_counts, defined.defined_counts) if each]
    return replace(merged, defined_counts=max(counts, key=_get_total, default=None))


def _get_total(counts: TrophyCounts) -> int:
    return counts.total


def _merge_achievement(definition: TrophyDefinition, state: TrophyState) -> Achievement:
    grade, counter = definition.grade or state.grade, state.counter or NO_COUNTER
    target = definition.target or counter.target
    return Achievement(
        native_id=definition.native_id,
        group_id=definition.group_id or state.group_id,
        name=definition.name,
        description=definition.description,
        icon=definition.icon,
        hidden=definition.hidden or state.hidden,
        earned=state.earned,
        earned_at=state.earned_at,
        grade=grade,
        points=None if grade is None else POINTS[grade],
        rarity=state.rarity,
        progress=None if target is None else _build_counter(target, counter, earned=state.earned),
        reward=definition.reward,
    )


def _build_counter(
    target: float, counter: TrophyCounter, *, earned: bool | None
) -> AchievementProgress | None:
    """Build the counter of a trophy that has a target.

    PSN sends `progress` only until the trophy is earned; an earned counter is complete.
    """
    current = target if earned else counter.current
    if target <= 0 or earned is None or current is None:
        return None
    percent = FULL_PERCENT * current / target
    if counter.percent is not None and not earned:
        percent = counter.percent
    return AchievementProgress(
        current=current,
        target=target,
        percent=min(max(percent, 0.0), FULL_PERCENT),
        updated_at=counter.progressed_at,
    )


def _compute_progress(native_id: str, trophies: Sequence[Achievement]) -> Group:
    defined = count_grades([trophy.grade for trophy in trophies])
    earned = count_grades([trophy.grade for trophy in trophies if trophy.earned])
    times = [trophy.earned_at for trophy in trophies if trophy.earned_at]
    is_unknown = has_unknown_trophies(trophies)
    return Group(
        native_id=native_id,
        defined_counts=None if is_unknown else defined,
        earned_counts=None if is_unknown else earned,
        progress=None if is_unknown else compute_completion(earned, defined),
        last_updated_at=max(times, default=None),
    )
