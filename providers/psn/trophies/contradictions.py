"""Finds the results that another result, or the account's row of the title, contradicts.

PSN extends and corrects sets without a new `trophySetVersion`, so a version proves nothing.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

from msgspec import Struct

from providers.kit.caching.cached import Cached
from providers.kit.request_context import get_current
from providers.psn.cached_records import (
    EarnedGroupStates,
    EarnedTrophyStates,
    GroupDefinitions,
    TrophyDefinitions,
)
from providers.psn.trophies.call_plan import CallResults
from providers.psn.trophies.grades import count_known_grades
from providers.records import Title, TrophyCounts

# For so long after an update PSN's own caches may still answer with the previous state.
UPSTREAM_CACHE_SECONDS = 300

T = TypeVar("T")
U = TypeVar("U")


class Outdated(Struct, frozen=True):
    """The results that have to be loaded again."""

    groups: bool = False
    definitions: bool = False
    earned: bool = False
    progress: bool = False

    def __bool__(self) -> bool:
        """Return whether there is any."""
        return self.groups or self.definitions or self.earned or self.progress


def build_revision(version: str | None, counts: TrophyCounts | None) -> str:
    """Build the text under which definitions are cached: the set's version and its counts."""
    if counts is None:
        return version or ""
    numbers = f"{counts.bronze}-{counts.silver}-{counts.gold}-{counts.platinum}"
    return f"{version or ''} {numbers}"


def is_older_than_row(definitions: GroupDefinitions | TrophyDefinitions, title: Title) -> bool:
    """Return whether the account's row of the title knows a newer set.

    Definitions of a newer version, or of more trophies, are what the account has yet to sync.
    """
    if definitions.version and title.set_version and definitions.version != title.set_version:
        return definitions.version < title.set_version
    return _counts_less(definitions.defined_counts, title.defined_counts)


def has_contradictions(title: Title, results: CallResults) -> bool:
    """Return whether a result contradicts another or the account's row, whatever their ages."""
    groups, definitions, earned = results.groups, results.definitions, results.earned
    counts = [each.value.defined_counts for each in (groups, definitions) if each]
    known_counts = [each for each in counts if each is not None]
    return (
        any(is_older_than_row(each.value, title) for each in (groups, definitions) if each)
        or len(set(known_counts)) > 1
        or (earned is not None and _lacks_earned(earned.value, title))
        or bool(
            groups and definitions and _lacks_groups_of_trophies(groups.value, definitions.value)
        )
        or bool(
            definitions and earned and _lacks_trophies_of_player(definitions.value, earned.value)
        )
    )


def find_outdated(title: Title, results: CallResults) -> Outdated:
    """Return which results are outdated, and may have changed since they were loaded."""
    groups, definitions = results.groups, results.definitions
    earned, progress = results.earned, results.progress
    return Outdated(
        groups=_is_outdated(groups, definitions, _lacks_groups_of_trophies)
        or (progress is not None and _is_outdated(groups, progress, _lacks_groups_of_player))
        or _has_older_counts(groups, definitions),
        definitions=_is_outdated(definitions, earned, _lacks_trophies_of_player)
        or _has_older_counts(definitions, groups),
        earned=earned is not None and _lacks_earned(earned.value, title) and _is_expired(earned),
        progress=progress is not None
        and _counts_less(progress.value.title.earned_counts, title.earned_counts)
        and _is_expired(progress),
    )


def _is_outdated(
    result: Cached[T] | None, evidence: Cached[U] | None, contradicts: Callable[[T, U], bool]
) -> bool:
    if result is None or evidence is None or not contradicts(result.value, evidence.value):
        return False
    return _may_have_changed(result, evidence)


def _may_have_changed(result: Cached[object], evidence: Cached[object]) -> bool:
    """Return whether to load a result again that other, newer or still valid, data contradicts.

    At once for new evidence; for a contradiction that stays, each time PSN's own caches expire.
    """
    get_current().forbid_reuse()
    started_at = get_current().started_at
    is_new = evidence.fetched_at.timestamp() >= started_at > result.fetched_at.timestamp()
    return is_new or _is_expired(result)


def _is_expired(result: Cached[object]) -> bool:
    get_current().forbid_reuse()
    age = (datetime.now(UTC) - result.fetched_at).total_seconds()
    return age >= UPSTREAM_CACHE_SECONDS


def _lacks_trophies_of_player(definitions: TrophyDefinitions, earned: EarnedTrophyStates) -> bool:
    known = {each.native_id for each in definitions.definitions}
    return not {state.native_id for state in earned.states} <= known


def _lacks_groups_of_player(groups: GroupDefinitions, progress: EarnedGroupStates) -> bool:
    known = {group.native_id for group in groups.groups}
    return not {group.native_id for group in progress.groups} <= known


def _lacks_groups_of_trophies(groups: GroupDefinitions, definitions: TrophyDefinitions) -> bool:
    known = {group.native_id for group in groups.groups}
    named = {each.group_id for each in definitions.definitions}
    return bool(named - known - {None})


def _has_older_counts(
    result: Cached[GroupDefinitions] | Cached[TrophyDefinitions] | None,
    other: Cached[GroupDefinitions] | Cached[TrophyDefinitions] | None,
) -> bool:
    if result is None or other is None or other.fetched_at < result.fetched_at:
        return False
    counts, other_counts = result.value.defined_counts, other.value.defined_counts
    differ = counts is not None and other_counts is not None and counts != other_counts
    return differ and _may_have_changed(result, other)


def _lacks_earned(earned: EarnedTrophyStates, title: Title) -> bool:
    """Return whether the account's row of the title counts more earned trophies."""
    counts = count_known_grades([each.grade for each in earned.states if each.earned])
    return _counts_less(counts, title.earned_counts)


def _counts_less(counts: TrophyCounts | None, expected: TrophyCounts | None) -> bool:
    """Return whether counts are known, differ from the expected ones, and are not more."""
    if counts is None or expected is None or counts == expected:
        return False
    return counts.total <= expected.total
