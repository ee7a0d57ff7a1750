"""The whole site at one moment, and the ways to change it."""

from datetime import UTC, datetime

from providers.retroachievements.sandbox.games import GAMES
from providers.retroachievements.sandbox.model import Achievement, Game, Member, Unlock
from providers.retroachievements.sandbox.people import members
from providers.retroachievements.sandbox.standing import Standing

ULID_LENGTH = 26


class World:
    """Games and members."""

    def __init__(self) -> None:
        self.games: dict[int, Game] = {game.id: game for game in GAMES}
        self.members: list[Member] = members()

    def member(self, handle: str) -> Member | None:
        """Look up by ULID, by name, or by the name before the last change; case is ignored."""
        wanted = handle.lower()
        for member in self.members:
            names = (member.ulid,) if len(wanted) == ULID_LENGTH else (member.name, member.username)
            if wanted in (name.lower() for name in names):
                return member
        return None

    def holder(self, key: str) -> Member | None:
        """Whose key this is."""
        return next((member for member in self.members if key and member.key == key), None)

    def achievement(self, achievement_id: int) -> tuple[Game, Achievement] | None:
        """An achievement and its game."""
        for game in self.games.values():
            for achievement in game.achievements:
                if achievement.id == achievement_id:
                    return game, achievement
        return None

    def played(self, member: Member) -> list[Standing]:
        """The games a member has earned something in, the latest first."""
        standings = (Standing(member, game) for game in self.games.values())
        started = ((standing.latest, standing) for standing in standings)
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
        member = self.member(handle)
        if member is None or self.achievement(achievement_id) is None:
            raise LookupError(handle, achievement_id)
        moment = (when or datetime.now(UTC)).replace(microsecond=0)
        before = member.unlocks.get(achievement_id)
        first = moment if before is None else before.first
        member.unlocks[achievement_id] = Unlock(first, moment if hardcore else None)

    def points(self, member: Member) -> tuple[int, int, int]:
        """Hardcore points, softcore points, and hardcore points weighted by rarity."""
        hardcore = softcore = weighted = 0
        for standing in self.played(member):
            for achievement, unlock in standing.unlocks:
                if unlock.hardcore:
                    hardcore += achievement.points
                    weighted += standing.game.true_ratio(achievement)
                else:
                    softcore += achievement.points
        return hardcore, softcore, weighted
