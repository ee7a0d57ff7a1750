"""What an account can earn next, and what follows when it does."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from providers.kit.sandbox import SandboxAchievement
from providers.psn.sandbox import constants
from providers.psn.sandbox.models import (
    ENGLISH,
    Database,
    Game,
    PlayedGame,
    Trophy,
    TrophySet,
    TrophySetProgress,
)

_BASE_GROUP_ID = "default"


def list_locked(database: Database, account: str) -> Iterator[SandboxAchievement]:
    """Iterate over the trophies that an account can earn, those of its own titles first."""
    account_id = _find_account_id(database, account or constants.OWNER_ACCOUNT_ID)
    if account_id is None:
        return
    own = [trophy_set.np_communication_id for trophy_set, _ in database.list_progress(account_id)]
    for set_id in dict.fromkeys((*own, *database.trophy_sets)):
        trophy_set = database.trophy_sets[set_id]
        progress = database.find_progress(account_id, set_id) or TrophySetProgress("")
        for trophy in trophy_set.trophies:
            if trophy.trophy_id not in progress.earned and _is_earnable(
                trophy, trophy_set, progress
            ):
                yield _describe(account_id, trophy_set, trophy)


def earn(
    database: Database, locked: SandboxAchievement, when: datetime
) -> list[SandboxAchievement]:
    """Earn a trophy, and the platinum trophy with the last one of the base group."""
    trophy_set = database.trophy_sets[str(locked.title)]
    moment = f"{when:%Y-%m-%dT%H:%M:%SZ}"
    key = (locked.account, trophy_set.np_communication_id)
    progress = database.trophy_progress.setdefault(key, TrophySetProgress(moment))
    _earn_trophy(progress, int(locked.achievement), moment)
    earned = [locked]
    for trophy in trophy_set.trophies:
        is_platinum = trophy.grade == "platinum" and trophy.trophy_id not in progress.earned
        if is_platinum and _is_earnable(trophy, trophy_set, progress):
            _earn_trophy(progress, trophy.trophy_id, moment)
            earned.append(_describe(locked.account, trophy_set, trophy))
    _play(database, locked.account, trophy_set, when)
    return earned


def _find_account_id(database: Database, text: str) -> str | None:
    account = database.accounts.get(text) or database.find_account(text)
    return None if account is None else account.account_id


def _is_earnable(trophy: Trophy, trophy_set: TrophySet, progress: TrophySetProgress) -> bool:
    """Return whether a trophy can be earned; a platinum one comes with all of its group."""
    return trophy.grade != "platinum" or all(
        each.trophy_id in progress.earned or each == trophy
        for each in trophy_set.get_group_trophies(_BASE_GROUP_ID)
    )


def _earn_trophy(progress: TrophySetProgress, trophy_id: int, moment: str) -> None:
    progress.earned[trophy_id] = moment
    progress.counters.pop(trophy_id, None)


def _describe(account_id: str, trophy_set: TrophySet, trophy: Trophy) -> SandboxAchievement:
    return SandboxAchievement(
        account_id,
        trophy_set.np_communication_id,
        str(trophy.trophy_id),
        trophy.name[ENGLISH],
    )


def _play(database: Database, account_id: str, trophy_set: TrophySet, when: datetime) -> None:
    """Let an account play the game of a set, if it has one, and be online."""
    games = [
        game
        for game in database.games.values()
        if trophy_set.np_communication_id in game.trophy_set_ids
    ]
    game = games[0] if games else None
    database.accounts[account_id] = replace(
        database.accounts[account_id],
        playing_np_title_id=game and game.np_title_id,
        last_online_at=None,
    )
    if game is not None:
        _record_play(database.played_games.setdefault(account_id, []), game, when)


def _record_play(played_games: list[PlayedGame], game: Game, when: datetime) -> None:
    moment = f"{when:%Y-%m-%dT%H:%M:%S.%fZ}"
    played = next((each for each in played_games if each.np_title_id == game.np_title_id), None)
    if played is None:
        played = PlayedGame(game.np_title_id, moment, moment, "PT1M", 1)
    else:
        played_games.remove(played)
    played_games.insert(0, replace(played, last_played_at=moment))
