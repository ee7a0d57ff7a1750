"""Decides which calls load the wanted parts of a title's contents, and holds their results."""

from dataclasses import dataclass

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


@dataclass(frozen=True)
class CallPlan:
    """The calls for some parts of one title, `account` being the id in URLs and cache keys."""

    title: Title
    service: str
    account: str
    parts: Part

    @property
    def needs_groups(self) -> bool:
        """Return whether to load the definitions of the groups, which include the title's own."""
        return bool(self.parts & GROUP_PARTS)

    @property
    def needs_definitions(self) -> bool:
        """Return whether to load the definitions of the trophies."""
        return bool(self.parts & Part.DEFINITIONS)

    @property
    def needs_earned(self) -> bool:
        """Return whether to load the account's rows of the trophies."""
        return bool(self.parts & EARNED_PARTS)

    @property
    def needs_progress(self) -> bool:
        """Return whether to load the account's rows of the groups; the trophies may give them."""
        return bool(self.parts & PROGRESS_PARTS) and not can_derive_progress(self.parts)


@dataclass(frozen=True)
class CallResults:
    """The results of a plan's calls; None for a call that was not needed."""

    groups: Cached[GroupDefinitions] | None
    definitions: Cached[TrophyDefinitions] | None
    earned: Cached[EarnedTrophyStates] | None
    progress: Cached[EarnedGroupStates] | None

    @property
    def loaded(self) -> list[Cached[object]]:
        """Return the results of the calls that were needed."""
        results = (self.groups, self.definitions, self.earned, self.progress)
        return [result for result in results if result is not None]
