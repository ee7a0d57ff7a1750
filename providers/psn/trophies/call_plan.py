"""Which calls answer a question about a title's contents, and what they answered."""

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
    """Whether the trophies are asked for, which tell how far the player is in each group."""
    return bool(parts & Part.DEFINITIONS and parts & EARNED_PARTS)


@dataclass(frozen=True)
class CallPlan:
    """One key's question: whose, of what, and which calls answer it."""

    title: Title
    service: str
    account: str
    parts: Part

    @property
    def needs_groups(self) -> bool:
        """Whether the groups' definitions are needed, which tell the title's own as well."""
        return bool(self.parts & GROUP_PARTS)

    @property
    def needs_definitions(self) -> bool:
        """Whether the trophies' definitions are needed."""
        return bool(self.parts & Part.DEFINITIONS)

    @property
    def needs_earned(self) -> bool:
        """Whether the player's trophies are needed."""
        return bool(self.parts & EARNED_PARTS)

    @property
    def needs_progress(self) -> bool:
        """Whether the player's groups are needed: not when the trophies tell all of it."""
        return bool(self.parts & PROGRESS_PARTS) and not can_derive_progress(self.parts)


@dataclass(frozen=True)
class CallResults:
    """The answers of a plan's calls."""

    groups: Cached[GroupDefinitions] | None
    definitions: Cached[TrophyDefinitions] | None
    earned: Cached[EarnedTrophyStates] | None
    progress: Cached[EarnedGroupStates] | None

    @property
    def answers(self) -> list[Cached[object]]:
        """Those that were needed."""
        answers = (self.groups, self.definitions, self.earned, self.progress)
        return [answer for answer in answers if answer is not None]
