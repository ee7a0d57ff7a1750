"""The data of the sandbox, and the ways to change them."""

from datetime import UTC, datetime

from providers.xbox.sandbox.models import PlayedTitle, Player, State, Title
from providers.xbox.sandbox.player_data import make_players
from providers.xbox.sandbox.title_data import TITLES


class Database:
    """The titles and players."""

    def __init__(self) -> None:
        self.titles: dict[int, Title] = {title.title_id: title for title in TITLES}
        self.players: dict[str, Player] = {each.xuid: each for each in make_players()}

    def find_key_owner(self, key: str) -> Player | None:
        """Find the player with an API key."""
        return next((each for each in self.players.values() if each.key and each.key == key), None)

    def search(self, term: str) -> list[Player]:
        """Find the players whose classic gamertag contains a term, in the order of their ids."""
        folded = term.casefold().replace(" ", "").replace("#", "")
        players = self.players.values()
        return [each for each in players if folded in each.gamertag.casefold().replace(" ", "")]

    def compute_gamerscore(self, player: Player) -> int:
        """Return the gamerscore of all titles."""
        earned = (
            self.compute_title_gamerscore(self.titles[title_id], played)
            for title_id, played in player.titles.items()
        )
        return player.extra_gamerscore + sum(earned)

    def compute_title_gamerscore(self, title: Title, played: PlayedTitle) -> int:
        """Return the gamerscore that was earned in a title."""
        return sum(
            each.gamerscore or 0
            for each in title.achievements
            if is_earned(played.states.get(each.id))
        )

    def unlock(
        self, xuid: str, title_id: int, achievement_id: str, when: datetime | None = None
    ) -> None:
        """Earn an achievement for a player, who is then playing the title."""
        if all(each.id != achievement_id for each in self.titles[title_id].achievements):
            raise LookupError(title_id, achievement_id)
        moment = when or datetime.now(UTC)
        played = self.players[xuid].titles.setdefault(title_id, PlayedTitle())
        played.states[achievement_id] = State(is_earned=True, earned_at=moment)
        played.last_played_at = max(played.last_played_at or moment, moment)


def is_earned(state: State | None) -> bool:
    """Return whether an achievement counts as earned."""
    return state is not None and state.is_earned and not state.is_revoked
