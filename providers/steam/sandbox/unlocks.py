"""What a player can earn next, and what follows when they do."""

from collections.abc import Iterator
from datetime import datetime

from providers.kit.sandbox import SandboxAchievement
from providers.steam.sandbox import constants
from providers.steam.sandbox.database import Database

_ONLINE = 1


def list_locked(database: Database, account: str) -> Iterator[SandboxAchievement]:
    """Iterate over the achievements that a player lacks in the games of their library."""
    name = account or constants.OWNER_ID
    player = database.players.get(name) or database.find_vanity(name)
    if player is None:
        return
    for app_id in list(player.games):
        for item in database.games[app_id].achievements:
            if (app_id, item.name) not in player.unlocks:
                yield SandboxAchievement(player.steam_id, str(app_id), item.name, item.title)


def earn(
    database: Database, locked: SandboxAchievement, when: datetime
) -> list[SandboxAchievement]:
    """Earn an achievement; the player is online and in the game."""
    player, app_id = database.players[locked.account], int(str(locked.title))
    database.unlock(player.steam_id, app_id, locked.achievement, when)
    player.games[app_id].recent_playtime += 1
    player.current_app_id = app_id
    player.state = _ONLINE
    return [locked]
