"""Where a member stands in a game, and which awards follow from it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from providers.retroachievements.sandbox.model import (
    PROGRESSION,
    WIN_CONDITION,
    Achievement,
    Game,
    Member,
    Unlock,
)

MASTERY = "Mastery/Completion"
BEATEN = "Game Beaten"
HIGHEST_FIRST = ("mastered", "completed", "beaten-hardcore", "beaten-softcore")

Moments = dict[int, datetime]


@dataclass(frozen=True)
class GameAward:
    kind: str
    type: str
    hardcore: bool
    when: datetime


@dataclass(frozen=True)
class Standing:
    """One member in one game."""

    member: Member
    game: Game

    @property
    def unlocks(self) -> list[tuple[Achievement, Unlock]]:
        earned = self.member.unlocks
        return [(item, earned[item.id]) for item in self.game.achievements if item.id in earned]

    @property
    def hardcore(self) -> list[tuple[Achievement, Unlock]]:
        return [(item, unlock) for item, unlock in self.unlocks if unlock.hardcore]

    @property
    def latest(self) -> datetime | None:
        return max((unlock.latest for _, unlock in self.unlocks), default=None)

    @property
    def awards(self) -> list[GameAward]:
        """A softcore award gives way to the hardcore one of the same type."""
        return [*self._completed(), *self._beaten()]

    @property
    def highest(self) -> GameAward | None:
        return min(self.awards, key=lambda award: HIGHEST_FIRST.index(award.kind), default=None)

    def _completed(self) -> Iterator[GameAward]:
        for moments, hardcore in self._moments():
            if len(moments) == len(self.game.achievements):
                kind = "mastered" if hardcore else "completed"
                yield GameAward(kind, MASTERY, hardcore, max(moments.values()))
                return

    def _beaten(self) -> Iterator[GameAward]:
        for moments, hardcore in self._moments():
            when = self._beaten_at(moments)
            if when is not None:
                kind = "beaten-hardcore" if hardcore else "beaten-softcore"
                yield GameAward(kind, BEATEN, hardcore, when)
                return

    def _moments(self) -> Iterable[tuple[Moments, bool]]:
        hardcore = {item.id: unlock.hardcore for item, unlock in self.hardcore if unlock.hardcore}
        return ((hardcore, True), ({item.id: unlock.first for item, unlock in self.unlocks}, False))

    def _beaten_at(self, moments: Moments) -> datetime | None:
        """All that is progression, and one way to win."""
        needed = [moments.get(item.id) for item in self._of_type(PROGRESSION)]
        won = [moments[item.id] for item in self._of_type(WIN_CONDITION) if item.id in moments]
        known = [moment for moment in needed if moment is not None]
        if not won or len(known) < len(needed):
            return None
        return max([min(won), *known])

    def _of_type(self, kind: str) -> list[Achievement]:
        return [item for item in self.game.achievements if item.type == kind]
