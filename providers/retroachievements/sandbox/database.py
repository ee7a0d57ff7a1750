"""The whole site at one moment, and the ways to change it."""

from datetime import UTC, datetime

from providers.retroachievements.sandbox.game_data import GAMES
from providers.retroachievements.sandbox.game_progress import GameProgress
from providers.retroachievements.sandbox.member_data import make_members
from providers.retroachievements.sandbox.models import Achievement, Game, Member, Unlock

ULID_LENGTH = 26


class Database:
    """Games and members."""

    def __init__(self) -> None:
        self.games: dict[int, Game] = {game.id: game for game in GAMES}
        self.members: list[Member] = make_members()

    def find_member(self, handle: str) -> Member | None:
        """Look up by ULID, by name, or by the name before the last change; case is ignored."""
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
        """Whose key this is."""
        return next((member for member in self.members if key and member.key == key), None)

    def find_achievement(self, achievement_id: int) -> tuple[Game, Achievement] | None:
        """An achievement and its game."""
        for game in self.games.values():
            for achievement in game.achievements:
                if achievement.id == achievement_id:
                    return game, achievement
        return None

    def list_game_progress(self, member: Member) -> list[GameProgress]:
        """The games a member has earned something in, the latest first."""
        progress_list = (GameProgress(member, game) for game in self.games.values())
        started = ((standing.last_unlock_at, standing) for standing in progress_list)
        known = [(latest, standing) for latest, standing in started if latest is not None]
        return [standing for _, standing in sorted(known, key=lambda pair: pair[0], reverse=True)]

    def unlock(
        self,
        handle: str,
        achievement_id: int,
        when: datetime | None = None,
        *,
        hardcore: bool = True,
    ) -> None:
        """Let a member earn an achievement, or earn it again in hardcore."""
        member = self.find_member(handle)
        if member is None or self.find_achievement(achievement_id) is None:
            raise LookupError(handle, achievement_id)
        moment = (when or datetime.now(UTC)).replace(microsecond=0)
        before = member.unlocks.get(achievement_id)
        first = moment if before is None else before.earned_at
        member.unlocks[achievement_id] = Unlock(first, moment if hardcore else None)

    def compute_points(self, member: Member) -> tuple[int, int, int]:
        """Hardcore points, softcore points, and hardcore points weighted by rarity."""
        hardcore = softcore = weighted = 0
        for progress in self.list_game_progress(member):
            for achievement, unlock in progress.unlocks:
                if unlock.hardcore_earned_at:
                    hardcore += achievement.points
                    weighted += progress.game.compute_true_ratio(achievement)
                else:
                    softcore += achievement.points
        return hardcore, softcore, weighted
