"""Whatever was earned, in whatever pages it is read and whatever is earned meanwhile: the pages of
the timeline are the sorted truth."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from providers.psn.sandbox.models import Account, TrophySet, TrophySetProgress
from providers.retroachievements.sandbox.models import Game, Member, Unlock
from providers.trophy_so.sandbox.models import User
from tests.harness import NO_CACHE_HEADERS, RunningServer, run_server
from tests.resolvers.expected_data import SOURCES, Expected, from_node
from tests.resolvers.paging import MAX_PAGES, fetch_connection

ACHIEVEMENTS = """
query ($accounts: [AccountInput!]!, $first: Int!, $after: String, $sources: [Source!],
       $state: AchievementState!) {
  user(accounts: $accounts) {
    achievements(first: $first, after: $after, sources: $sources, state: $state) {
      edges { cursor node { source nativeId earnedAt title { nativeId } } }
      pageInfo { hasNextPage endCursor }
    }
  }
}
"""
# What only a title's own contents tell, so that titles are opened rather than unlocks read.
WITH_RARITY = ACHIEVEMENTS.replace("earnedAt", "earnedAt rarity { percent }")
TITLES = """
query ($accounts: [AccountInput!]!, $first: Int!, $after: String, $order: TitleOrder!) {
  user(accounts: $accounts) {
    trophyTitles(first: $first, after: $after, orderBy: $order) {
      edges { node { source nativeId } }
      pageInfo { hasNextPage endCursor }
    }
  }
}
"""

EARLIEST = datetime(2024, 1, 1, tzinfo=UTC)
LATER = datetime(2026, 1, 1, tzinfo=UTC)
PLAYER_NUMBERS = count(1)
MAX_ACHIEVEMENTS = 8
UNLISTED_SIZE = 4  # RetroAchievements does not list games of five achievements or fewer

# Few moments, so that many things happen at the same one.
moments = st.integers(0, 12).map(lambda hour: EARLIEST + timedelta(hours=hour))
earned_achievements = st.dictionaries(
    st.integers(0, MAX_ACHIEVEMENTS - 1), moments, max_size=MAX_ACHIEVEMENTS
)
page_sizes = st.lists(st.integers(1, 9), min_size=1, max_size=4)
chosen_sources = st.sets(st.sampled_from(SOURCES), min_size=1).map(sorted)
new_unlocks = st.lists(st.tuples(st.sampled_from(SOURCES), st.integers(0, 99)), max_size=6)
queries = st.sampled_from([ACHIEVEMENTS, WITH_RARITY])
cache_headers = st.sampled_from([NO_CACHE_HEADERS, {}])
requests = st.tuples(queries, cache_headers)
orders = st.sampled_from(["LAST_UPDATED", "FEWEST_LEFT", "HIGHEST_PROGRESS"])


@dataclass(frozen=True)
class PlayHistory:
    """What a person has done: the unlocks of each title, and of what belongs to none."""

    psn: list[dict[int, datetime]]
    progress_times: list[datetime | None]
    retro: list[dict[int, datetime]]
    trophy_so: dict[int, datetime]


histories = st.builds(
    PlayHistory,
    psn=st.lists(earned_achievements, max_size=5),
    progress_times=st.lists(st.none() | moments, min_size=5, max_size=5),
    retro=st.lists(earned_achievements.filter(bool), max_size=3),
    trophy_so=earned_achievements,
)
bounded = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


class FakePlayer:
    """A new person in the three worlds, and what he has as those worlds hold it."""

    def __init__(self, server: RunningServer, played: PlayHistory) -> None:
        self.server = server
        self.number = next(PLAYER_NUMBERS)
        self.sets = self._add_psn_sets(played)
        self.games = self._add_retro_games(played)
        self._add_trophy_so_user(played)

    @property
    def accounts(self) -> list[dict[str, str]]:
        handles = (self.psn_id, self.member.name, self.user.id)
        pairs = zip(SOURCES, handles, strict=True)
        return [{"source": source, "handle": handle} for source, handle in pairs]

    def expect_earned(self, sources: Sequence[str] = SOURCES) -> list[Expected]:
        """Everything earned, newest first; ties by source, title and id."""
        found = [thing for thing in self._iterate_earned() if thing.source in sources]
        return sorted(found, key=sort_key)

    def expect_locked(self, sources: Sequence[str] = SOURCES) -> list[Expected]:
        """Everything left: titles by last update, then the source's own order."""
        titles = [
            (title, left) for title, left in self._iterate_titles() if title.source in sources
        ]
        titles.sort(key=lambda pair: sort_key(pair[0]))
        definitions = self.server.trophy_so.database.definitions.values()
        untitled = [
            Expected("TROPHY_SO", None, each.id)
            for each in definitions
            if each.key not in self.user.earned and "TROPHY_SO" in sources
        ]
        return [*(thing for _, left in titles for thing in left), *untitled]

    def expect_titles(self) -> list[Expected]:
        """Every title."""
        return [replace(title, when=None) for title, _ in self._iterate_titles()]

    def unlock(self, source: str, which: int, when: datetime) -> None:
        """Earn one more thing, if there is one left to earn on that source."""
        left = [thing for thing in self.expect_locked([source]) if thing.source == source]
        if not left:
            return
        thing = left[which % len(left)]
        if source == "PSN":
            text = format_moment(when)
            self.server.psn.unlock(self.psn_id, thing.title or "", int(thing.native_id), text)
        elif source == "RETRO_ACHIEVEMENTS":
            self.server.retro.unlock(self.member.name, int(thing.native_id), when)
        else:
            definitions = self.server.trophy_so.database.definitions.values()
            key = next(each.key for each in definitions if each.id == thing.native_id)
            self.server.trophy_so.database.unlock(self.user.id, key, format_moment(when))

    def _add_psn_sets(self, played: PlayHistory) -> list[TrophySet]:
        world = self.server.psn.database
        self.psn_id = str(3_000_000_000_000_000_000 + self.number)
        world.accounts[self.psn_id] = Account(self.psn_id, f"player_{self.number}")
        model = next(iter(world.trophy_sets.values()))
        trophy = replace(model.trophies[-1], group_id=model.groups[0].group_id, target=10)
        sets: list[TrophySet] = []
        for index, (have, counted) in enumerate(
            zip(played.psn, played.progress_times, strict=False)
        ):
            name = f"NPWR{90_000 - index:05}_{self.number % 100:02}"
            trophies = tuple(
                replace(trophy, trophy_id=number) for number in range(MAX_ACHIEVEMENTS)
            )
            known = replace(model, np_communication_id=name, trophies=trophies)
            world.trophy_sets[name] = known
            standing = TrophySetProgress(
                format_moment(EARLIEST), {one: format_moment(when) for one, when in have.items()}
            )
            open_ones = [one for one in range(MAX_ACHIEVEMENTS) if one not in have]
            if counted and open_ones:  # touched after the last trophy in it was earned
                standing.counters[open_ones[0]] = (1, format_moment(counted))
            world.trophy_progress[self.psn_id, name] = standing
            sets.append(known)
        return sets

    def _add_retro_games(self, played: PlayHistory) -> list[Game]:
        world = self.server.retro.database
        model = world.games[101]
        self.member = Member(self.number, f"Player{self.number}", f"01P{self.number:023}", "")
        world.members.append(self.member)
        games: list[Game] = []
        for index, have in enumerate(played.retro):
            game_id = 10_000 * self.number + index
            items = tuple(
                replace(model.achievements[0], id=100 * game_id + number, order=number)
                for number in range(UNLISTED_SIZE if index % 2 else MAX_ACHIEVEMENTS)
            )
            world.games[game_id] = replace(model, id=game_id, achievements=items)
            for number, when in have.items():
                if (
                    number < len(items) - 1 or len(items) > UNLISTED_SIZE
                ):  # a finished one is listed
                    self.member.unlocks[items[number].id] = Unlock(when, when)
            games.append(world.games[game_id])
        return games

    def _add_trophy_so_user(self, played: PlayHistory) -> None:
        world = self.server.trophy_so.database
        self.user = User(f"player-{self.number}")
        world.users[self.user.id] = self.user
        for key, (_, when) in zip(world.definitions, played.trophy_so.items(), strict=False):
            self.user.earned[key] = format_moment(when)

    def _iterate_earned(self) -> Iterator[Expected]:
        for known in self.sets:
            for one, when in self._get_standing(known).earned.items():
                yield Expected("PSN", known.np_communication_id, str(one), parse_moment(when))
        for game in self.games:
            for item in game.achievements:
                if item.id in self.member.unlocks:
                    when = self.member.unlocks[item.id].last_earned_at
                    yield Expected("RETRO_ACHIEVEMENTS", str(game.id), str(item.id), when)
        definitions = self.server.trophy_so.database.definitions
        for key, when in self.user.earned.items():
            yield Expected("TROPHY_SO", None, definitions[key].id, parse_moment(when))

    def _iterate_titles(self) -> Iterator[tuple[Expected, list[Expected]]]:
        for known in self.sets:
            name, standing = known.np_communication_id, self._get_standing(known)
            left = [
                Expected("PSN", name, str(each.trophy_id))
                for each in known.trophies
                if each.trophy_id not in standing.earned
            ]
            yield Expected("PSN", None, name, parse_moment(standing.updated_at)), left
        have = self.member.unlocks
        for game in self.games:
            if len(game.achievements) == UNLISTED_SIZE:
                continue
            left = [
                Expected("RETRO_ACHIEVEMENTS", str(game.id), str(each.id))
                for each in game.achievements
                if each.id not in have
            ]
            latest = max(
                have[each.id].last_earned_at for each in game.achievements if each.id in have
            )
            yield Expected("RETRO_ACHIEVEMENTS", None, str(game.id), latest), left

    def _get_standing(self, known: TrophySet) -> TrophySetProgress:
        return self.server.psn.database.trophy_progress[self.psn_id, known.np_communication_id]


@pytest.fixture(scope="module")
def world() -> Iterator[RunningServer]:
    """One server for all people: nobody's facts are anybody else's."""
    with run_server() as running:
        yield running


@bounded
@given(histories, requests, page_sizes, chosen_sources, new_unlocks)
def test_the_pages_are_complete_and_sorted_while_new_unlocks_arrive(
    world: RunningServer,
    played: PlayHistory,
    request: tuple[str, dict[str, str]],
    sizes: list[int],
    sources: list[str],
    arriving: list[tuple[str, int]],
) -> None:
    person = FakePlayer(world, played)
    truth = person.expect_earned(sources)

    found: list[Expected] = []
    for page, things in enumerate(iterate_pages(person, request, sizes, "EARNED", sources)):
        found += things
        if page < len(arriving):
            person.unlock(*arriving[page], LATER + timedelta(hours=page))

    assert found == truth


@bounded
@given(histories, queries, page_sizes, chosen_sources)
def test_the_pages_of_locked_and_of_all_are_complete_and_sorted(
    world: RunningServer, played: PlayHistory, query: str, sizes: list[int], sources: list[str]
) -> None:
    person = FakePlayer(world, played)

    locked = collect_entries(person, query, sizes, "LOCKED", sources)
    everything = collect_entries(person, query, sizes, "ALL", sources)

    assert locked == person.expect_locked(sources)
    assert everything == [*person.expect_earned(sources), *person.expect_locked(sources)]


@bounded
@given(histories, requests, page_sizes, chosen_sources, new_unlocks)
def test_achievements_that_stay_locked_are_listed_once_while_unlocks_arrive_and_titles_move(
    world: RunningServer,
    played: PlayHistory,
    request: tuple[str, dict[str, str]],
    sizes: list[int],
    sources: list[str],
    arriving: list[tuple[str, int]],
) -> None:
    person = FakePlayer(world, played)
    truth = person.expect_locked(sources)

    found: list[Expected] = []
    for page, things in enumerate(iterate_pages(person, request, sizes, "LOCKED", sources)):
        if request[1] == NO_CACHE_HEADERS:
            assert set(things) <= set(person.expect_locked(sources))
        found += things
        if page < len(arriving):
            person.unlock(*arriving[page], LATER + timedelta(hours=page // 2))

    still = set(person.expect_locked(sources))
    assert len(set(found)) == len(found)
    assert still <= set(found) <= set(truth)
    assert select_of_unmoved_titles(found, person) == [
        thing for thing in select_of_unmoved_titles(truth, person) if thing in found
    ]


@bounded
@given(histories, requests, page_sizes, chosen_sources, new_unlocks)
def test_everything_is_listed_once_while_unlocks_arrive_and_titles_move(
    world: RunningServer,
    played: PlayHistory,
    request: tuple[str, dict[str, str]],
    sizes: list[int],
    sources: list[str],
    arriving: list[tuple[str, int]],
) -> None:
    person = FakePlayer(world, played)
    truth = [*person.expect_earned(sources), *person.expect_locked(sources)]

    found: list[Expected] = []
    for page, things in enumerate(iterate_pages(person, request, sizes, "ALL", sources)):
        found += things
        if page < len(arriving):
            person.unlock(*arriving[page], LATER + timedelta(hours=page // 2))

    assert sorted(map(get_identity, found)) == sorted(map(get_identity, truth))
    assert found[: len(select_earned(truth))] == select_earned(truth)


@bounded
@given(histories, orders, page_sizes, new_unlocks)
def test_every_title_is_listed_once_while_unlocks_arrive_and_titles_move(
    world: RunningServer,
    played: PlayHistory,
    order: str,
    sizes: list[int],
    arriving: list[tuple[str, int]],
) -> None:
    person = FakePlayer(world, played)
    truth = person.expect_titles()

    found: list[Expected] = []
    variables = {"accounts": person.accounts, "order": order}
    for page, nodes in enumerate(
        iterate_connection_nodes(world, TITLES, variables, sizes, NO_CACHE_HEADERS)
    ):
        found += [Expected(node["source"], None, node["nativeId"]) for node in nodes]
        if page < len(arriving):
            person.unlock(*arriving[page], LATER + timedelta(hours=page // 2))

    assert sorted(found, key=str) == sorted(truth, key=str)


@bounded
@given(histories, page_sizes, st.lists(st.tuples(st.just("PSN"), st.integers(0, 99)), max_size=4))
def test_unlocks_newer_than_the_cached_title_list_disturb_nothing(
    world: RunningServer, played: PlayHistory, sizes: list[int], arriving: list[tuple[str, int]]
) -> None:
    """A title may gain an unlock after it was listed and before it is opened."""
    person = FakePlayer(world, played)
    truth = person.expect_earned()
    world.fetch_data(TITLES, {"accounts": person.accounts, "first": 100, "order": "LAST_UPDATED"})
    for hour, (source, which) in enumerate(arriving):
        person.unlock(source, which, LATER + timedelta(hours=hour))

    found = collect_entries(person, WITH_RARITY, sizes, "EARNED", SOURCES)

    assert [thing for thing in found if thing in truth] == truth
    assert found == sorted(found, key=sort_key)
    assert len(set(found)) == len(found)


def collect_entries(
    person: FakePlayer, query: str, sizes: list[int], state: str, sources: Sequence[str]
) -> list[Expected]:
    pages = iterate_pages(person, (query, {}), sizes, state, sources)
    return [thing for page in pages for thing in page]


def iterate_pages(
    person: FakePlayer,
    asked: tuple[str, dict[str, str]],
    sizes: list[int],
    state: str,
    sources: Sequence[str],
) -> Iterator[list[Expected]]:
    """Page after page, each of another size."""
    query, headers = asked
    variables = {"accounts": person.accounts, "sources": sources, "state": state}
    for nodes in iterate_connection_nodes(person.server, query, variables, sizes, headers):
        yield [from_node(node) for node in nodes]


def iterate_connection_nodes(
    server: RunningServer,
    query: str,
    variables: dict[str, Any],
    sizes: list[int],
    headers: dict[str, str],
) -> Iterator[list[Any]]:
    """The nodes of page after page, each page of another size."""
    after: str | None = None
    for page in range(MAX_PAGES):
        first = sizes[page % len(sizes)]
        found = fetch_connection(
            server, query, {**variables, "first": first, "after": after}, headers
        )
        yield [edge["node"] for edge in found["edges"]]
        after = found["pageInfo"]["endCursor"]
        if not found["pageInfo"]["hasNextPage"]:
            return
        assert len(found["edges"]) == first
    raise AssertionError(f"no end after {MAX_PAGES} pages")


def get_identity(thing: Expected) -> tuple[str, str, str]:
    return (thing.source, thing.title or "", thing.native_id)


def select_earned(things: list[Expected]) -> list[Expected]:
    return [thing for thing in things if thing.moment is not None]


def select_of_unmoved_titles(things: list[Expected], person: FakePlayer) -> list[Expected]:
    """What is in titles in which nothing was earned since the walk began."""
    moved = {
        (thing.source, thing.title)
        for thing in person.expect_earned()
        if thing.moment is not None and thing.moment >= LATER
    }
    return [thing for thing in things if (thing.source, thing.title) not in moved]


def sort_key(thing: Expected) -> tuple[float, int, str, str]:
    assert thing.moment is not None
    source = SOURCES.index(thing.source)
    return (-thing.moment.timestamp(), source, thing.title or "", thing.native_id)


def format_moment(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
