"""A member's progress in a game, and the awards that follow from it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from providers.retroachievements.sandbox.models import (
    PROGRESSION,
    WIN_CONDITION,
    Achievement,
    Game,
    Member,
    Unlock,
)

MASTERY_TYPE = "Mastery/Completion"
BEATEN_TYPE = "Game Beaten"
AWARD_KINDS_HIGHEST_FIRST = ("mastered", "completed", "beaten-hardcore", "beaten-softcore")

UnlockTimes = dict[int, datetime]


@dataclass(frozen=True)
class GameAward:
    kind: str
    type: str
    hardcore: bool
    awarded_at: datetime


@dataclass(frozen=True)
class GameProgress:
    """One member in one game."""

    member: Member
    game: Game

    @property
    def unlocks(self) -> list[tuple[Achievement, Unlock]]:
        earned = self.member.unlocks
        return [(item, earned[item.id]) for item in self.game.achievements if item.id in earned]

    @property
    def hardcore_unlocks(self) -> list[tuple[Achievement, Unlock]]:
        return [(item, unlock) for item, unlock in self.unlocks if unlock.hardcore_earned_at]

    @property
    def last_unlock_at(self) -> datetime | None:
        return max((unlock.last_earned_at for _, unlock in self.unlocks), default=None)

    @property
    def awards(self) -> list[GameAward]:
        """Return the awards; a hardcore award replaces the softcore award of its type."""
        return [*self._build_completion_awards(), *self._build_beaten_awards()]

    @property
    def highest_award(self) -> GameAward | None:
        return min(
            self.awards, key=lambda award: AWARD_KINDS_HIGHEST_FIRST.index(award.kind), default=None
        )

    def _build_completion_awards(self) -> Iterator[GameAward]:
        for moments, hardcore in self._list_unlock_times():
            if len(moments) == len(self.game.achievements):
                kind = "mastered" if hardcore else "completed"
                yield GameAward(kind, MASTERY_TYPE, hardcore, max(moments.values()))
                return

    def _build_beaten_awards(self) -> Iterator[GameAward]:
        for moments, hardcore in self._list_unlock_times():
            when = self._find_beaten_at(moments)
            if when is not None:
                kind = "beaten-hardcore" if hardcore else "beaten-softcore"
                yield GameAward(kind, BEATEN_TYPE, hardcore, when)
                return

    def _list_unlock_times(self) -> Iterable[tuple[UnlockTimes, bool]]:
        hardcore = {
            item.id: unlock.hardcore_earned_at
            for item, unlock in self.hardcore_unlocks
            if unlock.hardcore_earned_at
        }
        return (
            (hardcore, True),
            ({item.id: unlock.earned_at for item, unlock in self.unlocks}, False),
        )

    def _find_beaten_at(self, moments: UnlockTimes) -> datetime | None:
        # A game is beaten with all progression achievements and one win condition.
        needed = [moments.get(item.id) for item in self._filter_by_type(PROGRESSION)]
        won = [
            moments[item.id] for item in self._filter_by_type(WIN_CONDITION) if item.id in moments
        ]
        known = [moment for moment in needed if moment is not None]
        if not won or len(known) < len(needed):
            return None
        return max([min(won), *known])

    def _filter_by_type(self, kind: str) -> list[Achievement]:
        return [item for item in self.game.achievements if item.type == kind]
