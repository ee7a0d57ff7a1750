"""Worlds as large as wanted, made by writing into the sandboxes' own."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from providers.psn.sandbox.app import PsnSandbox
from providers.psn.sandbox.model import (
    Account,
    Game,
    Played,
    Standing,
    Trophy,
    TrophyGroup,
    TrophySet,
    World,
    text,
)
from providers.retroachievements.sandbox.app import RetroAchievementsSandbox
from providers.retroachievements.sandbox.model import Achievement, Member, Unlock

NOW = datetime(2026, 10, 1, tzinfo=UTC)
GRADES = ("platinum", "gold", "silver", "bronze", "bronze", "bronze")
EARNED = (5, 4, 3)
HIDDEN = 1


@dataclass(frozen=True)
class Earned:
    """A trophy in its place: newest first, then by title and id."""

    when: datetime
    title: str
    native_id: str

    @property
    def key(self) -> tuple[float, str, str]:
        return (-self.when.timestamp(), self.title, self.native_id)


def psn_titles(box: PsnSandbox, account_id: str, many: int, *, first: int = 0) -> list[str]:
    """An account with so many titles of two groups, half of each earned, and nothing else.

    Title by title six hours older; the trophies of one are seventeen hours apart, so that the
    timeline weaves through several titles.
    """
    world = box.world
    for key in [key for key in world.standings if key[0] == account_id]:
        del world.standings[key]
    names = [f"NPWR{20_000 + first + index}_00" for index in range(many)]
    for index, name in enumerate(names):
        world.sets.setdefault(name, _set(name, index))
        updated = NOW - timedelta(hours=6 * index)
        have = {one: updated - timedelta(hours=17 * place) for place, one in enumerate(EARNED)}
        texts = {one: _text(when) for one, when in have.items()}
        world.standings[account_id, name] = Standing(_text(updated), texts)
    return names


def earned(world: World, account_id: str) -> list[Earned]:
    """All that an account has earned on PlayStation Network, newest first."""
    found = [
        Earned(datetime.fromisoformat(when), known.np_communication_id, str(one))
        for known, standing in world.held(account_id)
        for one, when in standing.earned.items()
    ]
    return sorted(found, key=lambda one: one.key)


def opened(world: World, account_id: str, first: int) -> int:
    """How many titles may hold one of the first entries: no fewer can prove what those are."""
    last = earned(world, account_id)[first - 1].key
    bounds = [
        (-datetime.fromisoformat(standing.updated).timestamp(), known.np_communication_id, "")
        for known, standing in world.held(account_id)
    ]
    return sum(bound < last for bound in bounds)


def titles_of_first(world: World, account_id: str, first: int) -> int:
    """How many titles the first entries are of."""
    return len({one.title for one in earned(world, account_id)[:first]})


def psn_friends(box: PsnSandbox, account_id: str, many: int) -> list[str]:
    """Give an account so many friends."""
    ids = [str(4_000_000_000_000_000_000 + number) for number in range(many)]
    for number, one in enumerate(ids):
        box.world.accounts[one] = Account(one, f"friend_{number}")
    box.world.friends[account_id] = ids
    return ids


def psn_games(box: PsnSandbox, account_id: str, many: int) -> None:
    """Let an account have played so many builds, each with a trophy set."""
    names = psn_titles(box, account_id, many, first=5000)
    rows: list[Played] = []
    for index, name in enumerate(names):
        build = f"PPSA{20_000 + index}_00"
        game = Game(build, text(f"Game {index}"), "ps5_native_game", 20_000_000 + index, (name,))
        box.world.games[build] = game
        last = (NOW - timedelta(hours=index)).strftime("%Y-%m-%dT%H:%M:%S.000000Z")
        rows.append(Played(build, last, last, "PT1H", 1))
    box.world.played[account_id] = rows


def retro_player(
    box: RetroAchievementsSandbox, name: str, games: int, each: int = 6, of: int = 8
) -> list[int]:
    """A new member with so many games, the same number of achievements earned in each."""
    world = box.world
    model = world.games[101]
    member = Member(
        9000 + len(world.members), name, f"01B{name.upper():0>23}", "2024-01-01 00:00:00"
    )
    world.members.append(member)
    ids = [700_000 + 10_000 * len(world.members) + index for index in range(games)]
    for index, game_id in enumerate(ids):
        items = _achievements(model.achievements[0], game_id, of)
        world.games[game_id] = replace(model, id=game_id, achievements=items)
        for place, item in enumerate(items[:each]):
            when = NOW - timedelta(hours=6 * index + place)
            member.unlocks[item.id] = Unlock(when, when)
    return ids


def _achievements(model: Achievement, game_id: int, many: int) -> tuple[Achievement, ...]:
    numbers = range(many)
    return tuple(replace(model, id=1000 * game_id + one, order=one) for one in numbers)


def _set(name: str, index: int) -> TrophySet:
    groups = (
        TrophyGroup("default", text(f"Title {index}")),
        TrophyGroup("001", text(f"Addition {index}")),
    )
    trophies = tuple(
        Trophy(
            one,
            groups[one % 2].group_id,
            grade,
            50.0 / (one + 1),
            text(f"Trophy {one}"),
            text(f"Earn trophy {one}."),
            hidden=one == HIDDEN,
        )
        for one, grade in enumerate(GRADES)
    )
    service, platform = ("trophy", "PS4") if index % 2 else ("trophy2", "PS5")
    return TrophySet(name, service, "01.00", platform, text(f"Title {index}"), groups, trophies)


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
