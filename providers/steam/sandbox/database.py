"""The data of the sandbox, and the ways to change them."""

from datetime import UTC, datetime

from providers.steam.sandbox.game_data import GAMES
from providers.steam.sandbox.models import Game, OwnedGame, Player
from providers.steam.sandbox.player_data import make_players


class Database:
    """The games and players."""

    def __init__(self) -> None:
        self.games: dict[int, Game] = {game.app_id: game for game in GAMES}
        self.players: dict[str, Player] = {each.steam_id: each for each in make_players()}

    def find_vanity(self, name: str) -> Player | None:
        """Find a player by vanity name; case is ignored."""
        folded = name.lower()
        players = self.players.values()
        return next((each for each in players if (each.vanity or "").lower() == folded), None)

    def find_key_owner(self, key: str) -> Player | None:
        """Find the player with an API key."""
        players = self.players.values()
        return next((each for each in players if each.key and each.key == key.upper()), None)

    def find_unlock(self, player: Player, game: Game, name: str) -> int | None:
        """Return the time of an unlock, 0 for an unknown one; None for a locked achievement."""
        return player.unlocks.get((game.app_id, name))

    def list_unlocked(self, player: Player, game: Game) -> list[str]:
        """Return the names of a player's achievements in a game, rarest first."""
        unlocked = [
            each for each in game.achievements if (game.app_id, each.name) in player.unlocks
        ]
        return [each.name for each in sorted(unlocked, key=lambda each: each.percent)]

    def unlock(self, steam_id: str, app_id: int, name: str, when: datetime | None = None) -> None:
        """Earn an achievement for a player, who is then playing the game."""
        player = self.players[steam_id]
        if all(each.name != name for each in self.games[app_id].achievements):
            raise LookupError(app_id, name)
        moment = (when or datetime.now(UTC)).replace(microsecond=0)
        player.unlocks[app_id, name] = int(moment.timestamp())
        owned = player.games.setdefault(app_id, OwnedGame())
        if not owned.is_borrowed:
            owned.last_played_at = max(owned.last_played_at or moment, moment)
        owned.playtime += 1
