"""What there is to earn joined with what was earned: by id from both sides, never by place."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from msgspec.structs import asdict, replace

from providers.psn.cached_records import Definition, Earning
from providers.psn.trophies.grades import completion, tally
from providers.records import Achievement, AchievementProgress, Group, Title

Known = TypeVar("Known", Title, Group)

FULL = 100.0


def achievements(
    definitions: Sequence[Definition] | None, earnings: Sequence[Earning] | None
) -> tuple[Achievement, ...]:
    """All trophies in the set's order, then those that only the player's list knows.

    A title's update may add trophies between the two calls: a trophy without the player's row
    keeps `earned` unknown, and one without a definition has no name.
    """
    rows = {earning.achievement.native_id: earning for earning in earnings or ()}
    joined = {
        known.achievement.native_id: _joined(known, rows.get(known.achievement.native_id))
        for known in definitions or ()
    }
    for native_id, earning in rows.items():
        if native_id not in joined:
            bare = Definition(achievement=earning.achievement, target=earning.target)
            joined[native_id] = _joined(bare, earning)
    return tuple(joined.values())


def groups(defined: Sequence[Group] | None, own: Sequence[Group] | None) -> tuple[Group, ...]:
    """Names and definitions with the player's progress."""
    rows = {group.native_id: group for group in own or ()}
    joined = {
        group.native_id: overlaid(group, rows[group.native_id])
        if group.native_id in rows
        else group
        for group in defined or ()
    }
    return tuple({**rows, **joined}[name] for name in dict.fromkeys((*joined, *rows)))


def progress_of_groups(trophies: Sequence[Achievement]) -> tuple[Group, ...]:
    """The groups' progress as PSN counts it, out of the joined trophies."""
    members: dict[str, list[Achievement]] = {}
    for trophy in trophies:
        if trophy.group_id is not None:
            members.setdefault(trophy.group_id, []).append(trophy)
    return tuple(_progress_of(native_id, inside) for native_id, inside in members.items())


def progress_of_title(
    native_id: str, trophies: Sequence[Achievement], updated: datetime | None
) -> Title:
    """The player's row of the title, out of the joined trophies."""
    whole = _progress_of(native_id, trophies)
    earned = whole.earned_counts
    return Title(
        native_id=native_id,
        earned_counts=earned,
        earned_count=None if earned is None else earned.total,
        progress=whole.progress,
        last_updated_at=updated,
    )


def are_unknown(trophies: Sequence[Achievement] | None) -> bool:
    """Whether a trophy of unknown grade or state makes every sum a guess."""
    return any(trophy.grade is None or trophy.earned is None for trophy in trophies or ())


def overlaid(below: Known, above: Known) -> Known:
    """One record over another: what the upper one knows is believed."""
    known = {name: value for name, value in asdict(above).items() if value is not None}
    return replace(below, **known)


def _joined(known: Definition, earning: Earning | None) -> Achievement:
    if earning is None:
        return known.achievement
    row = earning.achievement
    return replace(
        known.achievement,
        group_id=known.achievement.group_id or row.group_id,
        hidden=known.achievement.hidden or row.hidden,
        grade=known.achievement.grade or row.grade,
        points=known.achievement.points or row.points,
        earned=row.earned,
        earned_at=row.earned_at,
        rarity=earning.rarity,
        progress=_progress(known.target or earning.target, earning),
    )


def _progress(target: float | None, earning: Earning) -> AchievementProgress | None:
    """A counter; PSN sends it only while it is open, and then nothing else tells where it is."""
    earned = earning.achievement.earned
    if target is None or target <= 0 or earned is None:
        return None
    if earned:
        return AchievementProgress(
            current=target, target=target, percent=FULL, updated_at=earning.progressed_at
        )
    current = earning.current
    if current is None:
        return None
    percent = earning.percent if earning.percent is not None else FULL * current / target
    return AchievementProgress(
        current=current,
        target=target,
        percent=min(max(percent, 0.0), FULL),
        updated_at=earning.progressed_at,
    )


def _progress_of(native_id: str, trophies: Sequence[Achievement]) -> Group:
    defined = tally([trophy.grade for trophy in trophies if trophy.grade])
    earned = tally([trophy.grade for trophy in trophies if trophy.grade and trophy.earned])
    times = [trophy.earned_at for trophy in trophies if trophy.earned_at]
    unknown = are_unknown(trophies)
    return Group(
        native_id=native_id,
        defined_counts=None if unknown else defined,
        earned_counts=None if unknown else earned,
        progress=None if unknown else completion(earned, defined),
        last_updated_at=max(times, default=None),
    )
