"""What a player can earn next, and what follows when they do."""

from collections.abc import Iterator
from datetime import datetime

from providers.kit.sandbox import SandboxAchievement
from providers.xbox.sandbox import constants
from providers.xbox.sandbox.database import Database
from providers.xbox.sandbox.models import Achievement, PlayedTitle, Player


def list_locked(database: Database, account: str) -> Iterator[SandboxAchievement]:
    """Iterate over the achievements that a player lacks, those of their own titles first."""
    player = _find_player(database, account or constants.OWNER_XUID)
    if player is None:
        return
    for title_id in dict.fromkeys((*player.titles, *database.titles)):
        played = player.titles.get(title_id, PlayedTitle())
        for item in database.titles[title_id].achievements:
            if _is_earnable(item, played):
                yield SandboxAchievement(player.xuid, str(title_id), item.id, item.name)


def earn(
    database: Database, locked: SandboxAchievement, when: datetime
) -> list[SandboxAchievement]:
    """Earn an achievement; the player is online and in the title."""
    player, title_id = database.players[locked.account], int(str(locked.title))
    database.unlock(player.xuid, title_id, locked.achievement, when)
    player.state, player.current_title_id = "Online", title_id
    player.rich_presence = f"Playing {database.titles[title_id].name}"
    return [locked]


def _find_player(database: Database, text: str) -> Player | None:
    folded = text.casefold()
    players = database.players.values()
    return next((each for each in players if folded in (each.xuid, each.gamertag.casefold())), None)


def _is_earnable(item: Achievement, played: PlayedTitle) -> bool:
    """Return whether it is still to be had: neither earned, nor revoked, nor over."""
    state = played.states.get(item.id)
    return (state is None or not state.is_earned) and item.kind != "Challenge"
