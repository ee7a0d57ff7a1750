"""What a member can earn next, and what follows when they do."""

from collections.abc import Iterator
from datetime import datetime

from providers.kit.sandbox import SandboxAchievement
from providers.retroachievements.sandbox.database import Database
from providers.retroachievements.sandbox.game_progress import GameProgress
from providers.retroachievements.sandbox.member_data import OPERATOR_USERNAME


def list_locked(database: Database, account: str) -> Iterator[SandboxAchievement]:
    """Iterate over the achievements that a member lacks, those of begun games first."""
    member = database.find_member(account or OPERATOR_USERNAME)
    # Published awards are those of a sample, and would not follow.
    if member is None or member.published_awards is not None:
        return
    progress_list = [GameProgress(member, game) for game in database.games.values()]
    progress_list.sort(key=lambda progress: not progress.unlocks)
    for progress in progress_list:
        for item in progress.game.achievements:
            if item.id not in member.unlocks:
                title = str(progress.game.id)
                yield SandboxAchievement(member.name, title, str(item.id), item.title)


def earn(
    database: Database, locked: SandboxAchievement, when: datetime
) -> list[SandboxAchievement]:
    """Earn an achievement in hardcore; points and awards follow from it."""
    database.unlock(locked.account, int(locked.achievement), when)
    member = database.find_member(locked.account)
    if member is not None:
        member.rich_presence = f"Playing {database.games[int(str(locked.title))].title}"
    return [locked]
