"""Builds a title's contents from the results of the calls that were made for them."""

from collections.abc import Sequence

from providers.kit.caching.cached import Cached
from providers.psn.trophies import merge
from providers.psn.trophies.call_plan import CallPlan, CallResults
from providers.records import Achievement, Contents, Group, Part, Title


def merge_trophies(results: CallResults) -> tuple[Achievement, ...] | None:
    """Return the trophies with what is known of them, or None if none were loaded."""
    if results.definitions is None and results.earned is None:
        return None
    definitions = results.definitions and results.definitions.value.definitions
    return merge.merge_achievements(definitions, results.earned and results.earned.value.states)


def build_contents(
    plan: CallPlan, results: CallResults, trophies: tuple[Achievement, ...] | None
) -> Cached[Contents]:
    """Build the contents; they are as old as the oldest result, and stale if one of them is."""
    contents = Contents(
        title=_merge_title(plan, results, trophies or ()),
        groups=_merge_groups(plan, results, trophies or ()),
        achievements=trophies,
    )
    fetched_at = min(result.fetched_at for result in results.loaded)
    return Cached(contents, fetched_at, any(result.stale for result in results.loaded))


def _merge_title(plan: CallPlan, results: CallResults, trophies: Sequence[Achievement]) -> Title:
    title = plan.title
    if results.groups is not None:
        title = merge.overlay(title, results.groups.value.title)
    if results.progress is not None:
        return merge.overlay(title, results.progress.value.title)
    if plan.parts & Part.TITLE_PROGRESS and results.earned is not None:
        updated_at = results.earned.value.last_updated_at
        progress = merge.compute_title_progress(title.native_id, trophies, updated_at)
        return merge.overlay(title, progress)
    return title


def _merge_groups(
    plan: CallPlan, results: CallResults, trophies: Sequence[Achievement]
) -> tuple[Group, ...] | None:
    if not plan.parts & (Part.GROUPS | Part.GROUP_PROGRESS):
        return None
    defined = results.groups and results.groups.value.groups
    if results.progress is not None:
        return merge.merge_groups(defined, results.progress.value.groups)
    if plan.parts & Part.GROUP_PROGRESS:
        return merge.merge_groups(defined, merge.compute_group_progress(trophies))
    return defined
