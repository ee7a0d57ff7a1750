"""Decides which calls load the wanted parts of a title's contents, and holds their results."""

from functools import cache
from typing import NamedTuple

from msgspec import Struct

from providers.kit.caching.cached import Cached
from providers.psn.cached_records import (
    EarnedGroupStates,
    EarnedTrophyStates,
    GroupDefinitions,
    TrophyDefinitions,
)
from providers.records import Part, Title

PLAYER_PARTS = Part.GROUP_PROGRESS | Part.EARNED | Part.RARITY | Part.TITLE_PROGRESS
GROUP_PARTS = Part.GROUPS | Part.TITLE
EARNED_PARTS = Part.EARNED | Part.RARITY
PROGRESS_PARTS = Part.GROUP_PROGRESS | Part.TITLE_PROGRESS
PARTS_THAT_GIVE_PROGRESS = Part.DEFINITIONS | Part.EARNED


def can_derive_progress(parts: Part) -> bool:
    """Return whether the parts include all trophies, from which progress can be computed."""
    return bool(parts & Part.DEFINITIONS and parts & EARNED_PARTS)


class Needs(NamedTuple):
    """What some parts need.

    The first four are calls: `groups` and `definitions` are the title's own, `earned` and
    `progress` the account's rows of the trophies and of the groups. The others are what results
    from them: the trophies may give the progress.
    """

    groups: bool
    definitions: bool
    earned: bool
    progress: bool
    any_groups: bool
    group_progress: bool
    title_progress: bool


@cache
def find_needs(parts: Part) -> Needs:
    """Return what some parts need, kept because the operators of flags are slow."""
    return Needs(
        groups=bool(parts & GROUP_PARTS),
        definitions=bool(parts & Part.DEFINITIONS),
        earned=bool(parts & EARNED_PARTS),
        progress=bool(parts & PROGRESS_PARTS) and not can_derive_progress(parts),
        any_groups=bool(parts & (Part.GROUPS | Part.GROUP_PROGRESS)),
        group_progress=bool(parts & Part.GROUP_PROGRESS),
        title_progress=bool(parts & Part.TITLE_PROGRESS),
    )


class CallPlan(Struct, frozen=True):
    """The calls for some parts of one title, `account` being the id in URLs and cache keys."""

    title: Title
    service: str
    account: str
    parts: Part

    @property
    def needs(self) -> Needs:
        """What its parts need."""
        return find_needs(self.parts)


class CallResults(Struct, frozen=True):
    """The results of a plan's calls; None for a call that was not needed."""

    groups: Cached[GroupDefinitions] | None
    definitions: Cached[TrophyDefinitions] | None
    earned: Cached[EarnedTrophyStates] | None
    progress: Cached[EarnedGroupStates] | None

    @property
    def loaded(self) -> list[Cached[object]]:
        """Return the results of the calls that were needed."""
        return list(filter(None, (self.groups, self.definitions, self.earned, self.progress)))
