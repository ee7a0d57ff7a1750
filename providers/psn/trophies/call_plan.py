"""Which calls answer a question about a title's contents, and what they answered."""

from dataclasses import dataclass

from providers.kit.caching.cached import Answer
from providers.psn.cached_records import (
    DefinedGroups,
    DefinedTrophies,
    EarnedGroups,
    EarnedTrophies,
)
from providers.records import Part, Title

OF_PLAYER = Part.GROUP_PROGRESS | Part.EARNED | Part.RARITY | Part.TITLE_PROGRESS
OF_GROUPS = Part.GROUPS | Part.TITLE
OF_EARNED = Part.EARNED | Part.RARITY
OF_PROGRESS = Part.GROUP_PROGRESS | Part.TITLE_PROGRESS
TELL_PROGRESS = Part.DEFINITIONS | Part.EARNED


def tells_progress(wanted: Part) -> bool:
    """Whether the trophies are asked for, which tell how far the player is in each group."""
    return bool(wanted & Part.DEFINITIONS and wanted & OF_EARNED)


@dataclass(frozen=True)
class Plan:
    """One key's question: whose, of what, and which calls answer it."""

    title: Title
    service: str
    account: str
    wanted: Part

    @property
    def groups(self) -> bool:
        """Whether the groups' definitions are needed, which tell the title's own as well."""
        return bool(self.wanted & OF_GROUPS)

    @property
    def definitions(self) -> bool:
        """Whether the trophies' definitions are needed."""
        return bool(self.wanted & Part.DEFINITIONS)

    @property
    def earned(self) -> bool:
        """Whether the player's trophies are needed."""
        return bool(self.wanted & OF_EARNED)

    @property
    def progress(self) -> bool:
        """Whether the player's groups are needed: not when the trophies tell all of it."""
        return bool(self.wanted & OF_PROGRESS) and not tells_progress(self.wanted)


@dataclass(frozen=True)
class Loaded:
    """The answers of a plan's calls."""

    groups: Answer[DefinedGroups] | None
    definitions: Answer[DefinedTrophies] | None
    earned: Answer[EarnedTrophies] | None
    progress: Answer[EarnedGroups] | None

    @property
    def parts(self) -> list[Answer[object]]:
        """Those that were needed."""
        answers = (self.groups, self.definitions, self.earned, self.progress)
        return [answer for answer in answers if answer is not None]
