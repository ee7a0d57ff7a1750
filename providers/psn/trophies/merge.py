"""What there is to earn joined with what was earned: by id from both sides, never by place."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from msgspec.structs import asdict, replace

from providers.psn.cached_records import TrophyDefinition, TrophyState
from providers.psn.trophies.grades import compute_completion, count_grades
from providers.records import Achievement, AchievementProgress, Group, Title

TitleOrGroup = TypeVar("TitleOrGroup", Title, Group)

FULL_PERCENT = 100.0


def merge_achievements(
    definitions: Sequence[TrophyDefinition] | None, states: Sequence[TrophyState] | None
) -> tuple[Achievement, ...]:
    """All trophies in the set's order, then those that only the player's list knows.

    A title's update may add trophies between the two calls: a trophy without the player's row
    keeps `earned` unknown, and one without a definition has no name.
    """
    rows = {earning.achievement.native_id: earning for earning in states or ()}
    joined = {
        known.achievement.native_id: _merge_achievement(
            known, rows.get(known.achievement.native_id)
        )
        for known in definitions or ()
    }
    for native_id, earning in rows.items():
        if native_id not in joined:
            bare = TrophyDefinition(achievement=earning.achievement, target=earning.target)
            joined[native_id] = _merge_achievement(bare, earning)
    return tuple(joined.values())


def merge_groups(
    defined: Sequence[Group] | None, earned: Sequence[Group] | None
) -> tuple[Group, ...]:
    """Names and definitions with the player's progress."""
    rows = {group.native_id: group for group in earned or ()}
    joined = {
        group.native_id: overlay(group, rows[group.native_id]) if group.native_id in rows else group
        for group in defined or ()
    }
    return tuple({**rows, **joined}[name] for name in dict.fromkeys((*joined, *rows)))


def compute_group_progress(trophies: Sequence[Achievement]) -> tuple[Group, ...]:
    """The groups' progress as PSN counts it, out of the joined trophies."""
    members: dict[str, list[Achievement]] = {}
    for trophy in trophies:
        if trophy.group_id is not None:
            members.setdefault(trophy.group_id, []).append(trophy)
    return tuple(_compute_progress(native_id, inside) for native_id, inside in members.items())


def compute_title_progress(
    native_id: str, trophies: Sequence[Achievement], updated: datetime | None
) -> Title:
    """The player's row of the title, out of the joined trophies."""
    whole = _compute_progress(native_id, trophies)
    earned = whole.earned_counts
    return Title(
        native_id=native_id,
        earned_counts=earned,
        earned_count=None if earned is None else earned.total,
        progress=whole.progress,
        last_updated_at=updated,
    )


def has_unknown_trophies(trophies: Sequence[Achievement] | None) -> bool:
    """Whether a trophy of unknown grade or state makes every sum a guess."""
    return any(trophy.grade is None or trophy.earned is None for trophy in trophies or ())


def overlay(base: TitleOrGroup, overrides: TitleOrGroup) -> TitleOrGroup:
    """One record over another: what the upper one knows is believed."""
    known = {name: value for name, value in asdict(overrides).items() if value is not None}
    return replace(base, **known)


def _merge_achievement(definition: TrophyDefinition, state: TrophyState | None) -> Achievement:
    if state is None:
        return definition.achievement
    row = state.achievement
    return replace(
        definition.achievement,
        group_id=definition.achievement.group_id or row.group_id,
        hidden=definition.achievement.hidden or row.hidden,
        grade=definition.achievement.grade or row.grade,
        points=definition.achievement.points or row.points,
        earned=row.earned,
        earned_at=row.earned_at,
        rarity=state.rarity,
        progress=_build_counter(definition.target or state.target, state),
    )


def _build_counter(target: float | None, state: TrophyState) -> AchievementProgress | None:
    """A counter; PSN sends it only while it is open, and then nothing else tells where it is."""
    earned = state.achievement.earned
    if target is None or target <= 0 or earned is None:
        return None
    if earned:
        return AchievementProgress(
            current=target, target=target, percent=FULL_PERCENT, updated_at=state.progressed_at
        )
    current = state.current
    if current is None:
        return None
    percent = state.percent if state.percent is not None else FULL_PERCENT * current / target
    return AchievementProgress(
        current=current,
        target=target,
        percent=min(max(percent, 0.0), FULL_PERCENT),
        updated_at=state.progressed_at,
    )


def _compute_progress(native_id: str, trophies: Sequence[Achievement]) -> Group:
    defined = count_grades([trophy.grade for trophy in trophies if trophy.grade])
    earned = count_grades([trophy.grade for trophy in trophies if trophy.grade and trophy.earned])
    times = [trophy.earned_at for trophy in trophies if trophy.earned_at]
    unknown = has_unknown_trophies(trophies)
    return Group(
        native_id=native_id,
        defined_counts=None if unknown else defined,
        earned_counts=None if unknown else earned,
        progress=None if unknown else compute_completion(earned, defined),
        last_updated_at=max(times, default=None),
    )
