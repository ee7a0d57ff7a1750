"""Adds accounts of any size to the sandboxes' databases."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from providers.psn.sandbox.app import PsnSandbox
from providers.psn.sandbox.models import (
    Account,
    Database,
    Game,
    PlayedGame,
    Trophy,
    TrophyGroup,
    TrophySet,
    TrophySetProgress,
    parse_localized_text,
)
from providers.retroachievements.sandbox.app import RetroAchievementsSandbox
from providers.retroachievements.sandbox.models import Achievement, Member, Unlock

NOW = datetime(2026, 10, 1, tzinfo=UTC)
GRADES = ("platinum", "gold", "silver", "bronze", "bronze", "bronze")
EARNED_IDS = (5, 4, 3)
HIDDEN_ID = 1


@dataclass(frozen=True)
class EarnedTrophy:
    """An earned trophy, sorted newest first, then by title and id."""

    earned_at: datetime
    title: str
    native_id: str

    @property
    def sort_key(self) -> tuple[float, str, str]:
        return (-self.earned_at.timestamp(), self.title, self.native_id)


def add_psn_titles(
    sandbox: PsnSandbox, account_id: str, count: int, *, first: int = 0
) -> list[str]:
    """Give an account exactly so many titles of two groups, with half of the trophies earned.

    Each title is six hours older than the one before, and the trophies of one are seventeen hours
    apart, so that the timeline alternates between several titles.
    """
    world = sandbox.database
    for key in [key for key in world.trophy_progress if key[0] == account_id]:
        del world.trophy_progress[key]
    names = [f"NPWR{20_000 + first + index}_00" for index in range(count)]
    for index, name in enumerate(names):
        world.trophy_sets.setdefault(name, _make_trophy_set(name, index))
        updated = NOW - timedelta(hours=6 * index)
        earned_at = {
            one: updated - timedelta(hours=17 * place) for place, one in enumerate(EARNED_IDS)
        }
        texts = {one: _format_time(when) for one, when in earned_at.items()}
        world.trophy_progress[account_id, name] = TrophySetProgress(_format_time(updated), texts)
    return names


def add_complete_titles(
    sandbox: PsnSandbox, account_id: str, titles: int, trophies: int, *, first: int
) -> None:
    """Give an account titles of two groups with texts of the usual length, half of them earned."""
    world = sandbox.database
    for index in range(titles):
        template = _make_trophy_set(f"NPWR{first + index:05}_00", index)
        known = replace(template, trophies=tuple(map(_make_trophy, range(trophies))))
        world.trophy_sets[known.np_communication_id] = known
        updated = NOW - timedelta(hours=6 * index)
        earned = {
            one: _format_time(updated - timedelta(hours=17 * one)) for one in range(0, trophies, 2)
        }
        progress = TrophySetProgress(_format_time(updated), earned)
        world.trophy_progress[account_id, known.np_communication_id] = progress


def list_earned(world: Database, account_id: str) -> list[EarnedTrophy]:
    """Return everything that an account has earned on PlayStation Network, newest first."""
    found = [
        EarnedTrophy(datetime.fromisoformat(when), known.np_communication_id, str(one))
        for known, standing in world.list_progress(account_id)
        for one, when in standing.earned.items()
    ]
    return sorted(found, key=lambda one: one.sort_key)


def count_titles_to_open(world: Database, account_id: str, first: int) -> int:
    """Return how many titles may contain one of the first entries; fewer cannot prove them."""
    last = list_earned(world, account_id)[first - 1].sort_key
    bounds = [
        (-datetime.fromisoformat(standing.updated_at).timestamp(), known.np_communication_id, "")
        for known, standing in world.list_progress(account_id)
    ]
    return sum(bound < last for bound in bounds)


def count_titles_of_first(world: Database, account_id: str, first: int) -> int:
    """Return how many titles the first entries belong to."""
    return len({one.title for one in list_earned(world, account_id)[:first]})


def add_psn_friends(sandbox: PsnSandbox, account_id: str, count: int) -> list[str]:
    """Give an account so many friends and return their ids."""
    ids = [str(4_000_000_000_000_000_000 + number) for number in range(count)]
    for number, one in enumerate(ids):
        sandbox.database.accounts[one] = Account(one, f"friend_{number}")
    sandbox.database.friends[account_id] = ids
    return ids


def add_psn_games(sandbox: PsnSandbox, account_id: str, count: int) -> None:
    """Give an account so many played builds, each with a trophy set."""
    names = add_psn_titles(sandbox, account_id, count, first=5000)
    rows: list[PlayedGame] = []
    for index, name in enumerate(names):
        build = f"PPSA{20_000 + index}_00"
        game = Game(
            build,
            parse_localized_text(f"Game {index}"),
            "ps5_native_game",
            20_000_000 + index,
            (name,),
        )
        sandbox.database.games[build] = game
        last = (NOW - timedelta(hours=index)).strftime("%Y-%m-%dT%H:%M:%S.000000Z")
        rows.append(PlayedGame(build, last, last, "PT1H", 1))
    sandbox.database.played_games[account_id] = rows


def add_retro_player(
    sandbox: RetroAchievementsSandbox,
    name: str,
    games: int,
    earned_per_game: int = 6,
    achievements_per_game: int = 8,
) -> list[int]:
    """Add a member with so many games, partly earned; return the ids of the games."""
    world = sandbox.database
    model = world.games[101]
    member = Member(
        9000 + len(world.members), name, f"01B{name.upper():0>23}", "2024-01-01 00:00:00"
    )
    world.members.append(member)
    ids = [700_000 + 10_000 * len(world.members) + index for index in range(games)]
    for index, game_id in enumerate(ids):
        items = _make_achievements(model.achievements[0], game_id, achievements_per_game)
        world.games[game_id] = replace(model, id=game_id, achievements=items)
        for place, item in enumerate(items[:earned_per_game]):
            when = NOW - timedelta(hours=6 * index + place)
            member.unlocks[item.id] = Unlock(when, when)
    return ids


def _make_achievements(template: Achievement, game_id: int, count: int) -> tuple[Achievement, ...]:
    numbers = range(count)
    return tuple(replace(template, id=1000 * game_id + one, order=one) for one in numbers)


def _make_trophy_set(name: str, index: int) -> TrophySet:
    groups = (
        TrophyGroup("default", parse_localized_text(f"Title {index}")),
        TrophyGroup("001", parse_localized_text(f"Addition {index}")),
    )
    trophies = tuple(
        Trophy(
            one,
            groups[one % 2].group_id,
            grade,
            50.0 / (one + 1),
            parse_localized_text(f"Trophy {one}"),
            parse_localized_text(f"Earn trophy {one}."),
            hidden=one == HIDDEN_ID,
        )
        for one, grade in enumerate(GRADES)
    )
    service, platform = ("trophy", "PS4") if index % 2 else ("trophy2", "PS5")
    return TrophySet(
        name, service, "01.00", platform, parse_localized_text(f"Title {index}"), groups, trophies
    )


def _make_trophy(number: int) -> Trophy:
    return Trophy(
        number,
        ("default", "001")[number % 2],
        GRADES[min(number, len(GRADES) - 1)],
        50.0 / (number + 1),
        parse_localized_text(f"The name of trophy {number}"),
        parse_localized_text(f"How to earn trophy {number}, in a sentence of the usual length."),
    )


def _format_time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
