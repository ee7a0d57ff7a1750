"""Builds a title's contents from the results of the calls that were made for them."""

from collections.abc import Sequence
from functools import partial
from operator import attrgetter

from providers.kit.caching.cached import Cached
from providers.psn.trophies import merge
from providers.psn.trophies.call_plan import CallResults, Needs
from providers.records import Achievement, Contents, Group, Title

get_fetched_at, get_stale = attrgetter("fetched_at"), attrgetter("stale")


def merge_trophies(title: Title, results: CallResults) -> tuple[Achievement, ...] | None:
    """Return the trophies with what is known of them, or None if none were loaded."""
    if results.definitions is None and results.earned is None:
        return None
    definitions = results.definitions and results.definitions.value.definitions
    states = results.earned and results.earned.value.states
    find_only_group = partial(_find_only_group, title, results)
    return merge.merge_achievements(definitions, states, find_only_group)


def needs_counted_progress(needs: Needs, trophies: Sequence[Achievement] | None) -> bool:
    """Return whether only PSN can count the progress that is wanted."""
    if not (needs.group_progress or needs.title_progress):
        return False
    if merge.has_unknown_trophies(trophies):
        return True
    # An earned trophy that has been removed from the set counts in a group that no row names.
    return needs.group_progress and any(trophy.group_id is None for trophy in trophies or ())


def build_contents(
    title: Title, needs: Needs, results: CallResults, trophies: tuple[Achievement, ...] | None
) -> Cached[Contents]:
    """Build the contents; they are as old as the oldest result, and stale if one of them is."""
    contents = Contents(
        title=_merge_title(title, needs, results, trophies or ()),
        groups=_merge_groups(needs, results, trophies or ()),
        achievements=trophies,
    )
    loaded = results.loaded
    oldest = min(loaded, key=get_fetched_at)
    return Cached(contents, oldest.fetched_at, any(map(get_stale, loaded)))


def _find_only_group(title: Title, results: CallResults) -> str | None:
    """Return the group of all trophies, or None if there may be several."""
    if results.groups is not None:
        named = {group.native_id for group in results.groups.value.groups}
    elif results.definitions is not None and title.has_groups is False:
        named = {each.group_id for each in results.definitions.value.definitions}
    else:
        return None
    return next(iter(named)) if len(named) == 1 else None


def _merge_title(
    title: Title, needs: Needs, results: CallResults, trophies: Sequence[Achievement]
) -> Title:
    if results.groups is not None:
        title = merge.overlay(title, results.groups.value.title)
    if results.progress is not None:
        return merge.overlay(title, results.progress.value.title)
    if results.earned is not None and needs.title_progress:
        updated_at = results.earned.value.last_updated_at
        progress = merge.compute_title_progress(title.native_id, trophies, updated_at)
        return merge.overlay(title, progress)
    return title


def _merge_groups(
    needs: Needs, results: CallResults, trophies: Sequence[Achievement]
) -> tuple[Group, ...] | None:
    if not needs.any_groups:
        return None
    defined = results.groups and results.groups.value.groups
    if results.progress is not None:
        return merge.merge_groups(defined, results.progress.value.groups)
    if needs.group_progress:
        return merge.merge_groups(defined, merge.compute_group_progress(trophies))
    return defined
