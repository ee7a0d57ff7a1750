"""The data of the sandbox, and the ways to change them."""

from datetime import UTC, datetime

from providers.retroachievements.sandbox.game_data import GAMES, PUDDLE_RACERS
from providers.retroachievements.sandbox.game_progress import GameProgress
from providers.retroachievements.sandbox.leaderboard_data import LEADERBOARDS
from providers.retroachievements.sandbox.member_data import make_members
from providers.retroachievements.sandbox.models import (
    Achievement,
    Game,
    Leaderboard,
    Member,
    Unlock,
)

ULID_LENGTH = 26


class Database:
    """The games and members."""

    def __init__(self) -> None:
        self.games: dict[int, Game] = {game.id: game for game in GAMES}
        self.members: list[Member] = make_members()
        self.leaderboards: list[Leaderboard] = list(LEADERBOARDS)
        # The achievement's id, and when its week began; None between two of them.
        self.achievement_of_the_week: tuple[int, datetime] | None = (
            PUDDLE_RACERS.achievements[4].id,
            datetime(2026, 10, 12, tzinfo=UTC),
        )

    def find_member(self, handle: str) -> Member | None:
        """Find a member by ULID, current name or original name; case is ignored."""
        folded_handle = handle.lower()
        for member in self.members:
            names = (
                (member.ulid,)
                if len(folded_handle) == ULID_LENGTH
                else (member.name, member.username)
            )
            if folded_handle in (name.lower() for name in names):
                return member
        return None

    def find_key_owner(self, key: str) -> Member | None:
        """Find the member with an API key."""
        return next((member for member in self.members if key and member.key == key), None)

    def find_achievement(self, achievement_id: int) -> tuple[Game, Achievement] | None:
        """Find an achievement and its game."""
        for game in self.games.values():
            achievement = game.achievements_by_id.get(achievement_id)
            if achievement is not None:
                return game, achievement
        return None

    def list_game_progress(self, member: Member) -> list[GameProgress]:
        """Return the games with unlocks of a member, last unlock first."""
        progress_list = (GameProgress(member, game) for game in self.games.values())
        dated = ((progress.last_unlock_at, progress) for progress in progress_list)
        started = [(moment, progress) for moment, progress in dated if moment is not None]
        return [progress for _, progress in sorted(started, key=lambda pair: pair[0], reverse=True)]

    def unlock(
        self,
        handle: str,
        achievement_id: int,
        when: datetime | None = None,
        *,
        hardcore: bool = True,
    ) -> None:
        """Earn an achievement for a member, or repeat it in hardcore."""
        member = self.find_member(handle)
        if member is None or self.find_achievement(achievement_id) is None:
            raise LookupError(handle, achievement_id)
        moment = (when or datetime.now(UTC)).replace(microsecond=0)
        before = member.unlocks.get(achievement_id)
        first = moment if before is None else before.earned_at
        member.unlocks[achievement_id] = Unlock(first, moment if hardcore else None)

    def compute_points(self, member: Member) -> tuple[int, int, int]:
        """Return hardcore points, softcore points, and hardcore points weighted by rarity."""
        hardcore = softcore = weighted = 0
        for progress in self.list_game_progress(member):
            for achievement, unlock in progress.unlocks:
                if unlock.hardcore_earned_at:
                    hardcore += achievement.points
                    weighted += progress.game.compute_true_ratio(achievement)
                else:
                    softcore += achievement.points
        return hardcore, softcore, weighted
