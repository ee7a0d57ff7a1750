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

from providers.psn.sandbox.model import Account, Standing, TrophySet
from providers.retroachievements.sandbox.model import Game, Member, Unlock
from providers.trophy_so.sandbox.model import User
from tests.asking import FRESH, Server, serving
from tests.resolvers.truth import SOURCES, Thing, of_node
from tests.resolvers.walking import MOST_PAGES, connection

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
WHOLE = ACHIEVEMENTS.replace("earnedAt", "earnedAt rarity { percent }")
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

DAWN = datetime(2024, 1, 1, tzinfo=UTC)
LATER = datetime(2026, 1, 1, tzinfo=UTC)
PLAYERS = count(1)
LONGEST = 8
UNLISTED = 4  # RetroAchievements does not list games of five achievements or fewer

# Few moments, so that many things happen at the same one.
moments = st.integers(0, 12).map(lambda hour: DAWN + timedelta(hours=hour))
earned = st.dictionaries(st.integers(0, LONGEST - 1), moments, max_size=LONGEST)
page_sizes = st.lists(st.integers(1, 9), min_size=1, max_size=4)
chosen_sources = st.sets(st.sampled_from(SOURCES), min_size=1).map(sorted)
newcomers = st.lists(st.tuples(st.sampled_from(SOURCES), st.integers(0, 99)), max_size=6)
queries = st.sampled_from([ACHIEVEMENTS, WHOLE])
freshness = st.sampled_from([FRESH, {}])
asked = st.tuples(queries, freshness)
orders = st.sampled_from(["LAST_UPDATED", "FEWEST_LEFT", "HIGHEST_PROGRESS"])


@dataclass(frozen=True)
class Played:
    """What a person has done: the unlocks of each title, and of what belongs to none."""

    psn: list[dict[int, datetime]]
    counted: list[datetime | None]
    retro: list[dict[int, datetime]]
    trophy_so: dict[int, datetime]


histories = st.builds(
    Played,
    psn=st.lists(earned, max_size=5),
    counted=st.lists(st.none() | moments, min_size=5, max_size=5),
    retro=st.lists(earned.filter(bool), max_size=3),
    trophy_so=earned,
)
bounded = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


class Person:
    """A new person in the three worlds, and what he has as those worlds hold it."""

    def __init__(self, server: Server, played: Played) -> None:
        self.server = server
        self.number = next(PLAYERS)
        self.sets = self._psn(played)
        self.games = self._retro(played)
        self._trophy_so(played)

    @property
    def accounts(self) -> list[dict[str, str]]:
        handles = (self.psn_id, self.member.name, self.user.id)
        pairs = zip(SOURCES, handles, strict=True)
        return [{"source": source, "handle": handle} for source, handle in pairs]

    def earned(self, sources: Sequence[str] = SOURCES) -> list[Thing]:
        """Everything earned, newest first; ties by source, title and id."""
        found = [thing for thing in self._earned() if thing.source in sources]
        return sorted(found, key=_place)

    def locked(self, sources: Sequence[str] = SOURCES) -> list[Thing]:
        """Everything left: titles by last update, then the source's own order."""
        titles = [(title, left) for title, left in self._titles() if title.source in sources]
        titles.sort(key=lambda pair: _place(pair[0]))
        definitions = self.server.trophy_so.world.definitions.values()
        loose = [
            Thing("TROPHY_SO", None, each.id)
            for each in definitions
            if each.key not in self.user.achieved and "TROPHY_SO" in sources
        ]
        return [*(thing for _, left in titles for thing in left), *loose]

    def titles(self) -> list[Thing]:
        """Every title."""
        return [replace(title, when=None) for title, _ in self._titles()]

    def unlock(self, source: str, which: int, when: datetime) -> None:
        """Earn one more thing, if there is one left to earn on that source."""
        left = [thing for thing in self.locked([source]) if thing.source == source]
        if not left:
            return
        thing = left[which % len(left)]
        if source == "PSN":
            text = _text(when)
            self.server.psn.unlock(self.psn_id, thing.title or "", int(thing.native_id), text)
        elif source == "RETRO_ACHIEVEMENTS":
            self.server.retro.unlock(self.member.name, int(thing.native_id), when)
        else:
            definitions = self.server.trophy_so.world.definitions.values()
            key = next(each.key for each in definitions if each.id == thing.native_id)
            self.server.trophy_so.world.unlock(self.user.id, key, _text(when))

    def _psn(self, played: Played) -> list[TrophySet]:
        world = self.server.psn.world
        self.psn_id = str(3_000_000_000_000_000_000 + self.number)
        world.accounts[self.psn_id] = Account(self.psn_id, f"player_{self.number}")
        model = next(iter(world.sets.values()))
        trophy = replace(model.trophies[-1], group_id=model.groups[0].group_id, target=10)
        sets: list[TrophySet] = []
        for index, (have, counted) in enumerate(zip(played.psn, played.counted, strict=False)):
            name = f"NPWR{90_000 - index:05}_{self.number % 100:02}"
            trophies = tuple(replace(trophy, trophy_id=number) for number in range(LONGEST))
            known = replace(model, np_communication_id=name, trophies=trophies)
            world.sets[name] = known
            standing = Standing(_text(DAWN), {one: _text(when) for one, when in have.items()})
            open_ones = [one for one in range(LONGEST) if one not in have]
            if counted and open_ones:  # touched after the last trophy in it was earned
                standing.counters[open_ones[0]] = (1, _text(counted))
            world.standings[self.psn_id, name] = standing
            sets.append(known)
        return sets

    def _retro(self, played: Played) -> list[Game]:
        world = self.server.retro.world
        model = world.games[101]
        self.member = Member(self.number, f"Player{self.number}", f"01P{self.number:023}", "")
        world.members.append(self.member)
        games: list[Game] = []
        for index, have in enumerate(played.retro):
            game_id = 10_000 * self.number + index
            items = tuple(
                replace(model.achievements[0], id=100 * game_id + number, order=number)
                for number in range(UNLISTED if index % 2 else LONGEST)
            )
            world.games[game_id] = replace(model, id=game_id, achievements=items)
            for number, when in have.items():
                if number < len(items) - 1 or len(items) > UNLISTED:  # a finished one is listed
                    self.member.unlocks[items[number].id] = Unlock(when, when)
            games.append(world.games[game_id])
        return games

    def _trophy_so(self, played: Played) -> None:
        world = self.server.trophy_so.world
        self.user = User(f"player-{self.number}")
        world.users[self.user.id] = self.user
        for key, (_, when) in zip(world.definitions, played.trophy_so.items(), strict=False):
            self.user.achieved[key] = _text(when)

    def _earned(self) -> Iterator[Thing]:
        for known in self.sets:
            for one, when in self._standing(known).earned.items():
                yield Thing("PSN", known.np_communication_id, str(one), _moment(when))
        for game in self.games:
            for item in game.achievements:
                if item.id in self.member.unlocks:
                    when = self.member.unlocks[item.id].latest
                    yield Thing("RETRO_ACHIEVEMENTS", str(game.id), str(item.id), when)
        definitions = self.server.trophy_so.world.definitions
        for key, when in self.user.achieved.items():
            yield Thing("TROPHY_SO", None, definitions[key].id, _moment(when))

    def _titles(self) -> Iterator[tuple[Thing, list[Thing]]]:
        for known in self.sets:
            name, standing = known.np_communication_id, self._standing(known)
            left = [
                Thing("PSN", name, str(each.trophy_id))
                for each in known.trophies
                if each.trophy_id not in standing.earned
            ]
            yield Thing("PSN", None, name, _moment(standing.updated)), left
        have = self.member.unlocks
        for game in self.games:
            if len(game.achievements) == UNLISTED:
                continue
            left = [
                Thing("RETRO_ACHIEVEMENTS", str(game.id), str(each.id))
                for each in game.achievements
                if each.id not in have
            ]
            latest = max(have[each.id].latest for each in game.achievements if each.id in have)
            yield Thing("RETRO_ACHIEVEMENTS", None, str(game.id), latest), left

    def _standing(self, known: TrophySet) -> Standing:
        return self.server.psn.world.standings[self.psn_id, known.np_communication_id]


@pytest.fixture(scope="module")
def world() -> Iterator[Server]:
    """One server for all people: nobody's facts are anybody else's."""
    with serving() as running:
        yield running


@bounded
@given(histories, asked, page_sizes, chosen_sources, newcomers)
def test_the_pages_are_the_sorted_truth_while_new_unlocks_arrive(
    world: Server,
    played: Played,
    asked: tuple[str, dict[str, str]],
    sizes: list[int],
    sources: list[str],
    arriving: list[tuple[str, int]],
) -> None:
    person = Person(world, played)
    truth = person.earned(sources)

    found: list[Thing] = []
    for page, things in enumerate(_pages(person, asked, sizes, "EARNED", sources)):
        found += things
        if page < len(arriving):
            person.unlock(*arriving[page], LATER + timedelta(hours=page))

    assert found == truth


@bounded
@given(histories, queries, page_sizes, chosen_sources)
def test_the_pages_of_what_is_left_and_of_all_are_the_sorted_truth(
    world: Server, played: Played, query: str, sizes: list[int], sources: list[str]
) -> None:
    person = Person(world, played)

    locked = _walked(person, query, sizes, "LOCKED", sources)
    everything = _walked(person, query, sizes, "ALL", sources)

    assert locked == person.locked(sources)
    assert everything == [*person.earned(sources), *person.locked(sources)]


@bounded
@given(histories, asked, page_sizes, chosen_sources, newcomers)
def test_what_stays_open_is_shown_once_while_unlocks_arrive_and_titles_move(
    world: Server,
    played: Played,
    asked: tuple[str, dict[str, str]],
    sizes: list[int],
    sources: list[str],
    arriving: list[tuple[str, int]],
) -> None:
    person = Person(world, played)
    truth = person.locked(sources)

    found: list[Thing] = []
    for page, things in enumerate(_pages(person, asked, sizes, "LOCKED", sources)):
        if asked[1] == FRESH:
            assert set(things) <= set(person.locked(sources))
        found += things
        if page < len(arriving):
            person.unlock(*arriving[page], LATER + timedelta(hours=page // 2))

    still = set(person.locked(sources))
    assert len(set(found)) == len(found)
    assert still <= set(found) <= set(truth)
    assert _of_unmoved(found, person) == [
        thing for thing in _of_unmoved(truth, person) if thing in found
    ]


@bounded
@given(histories, asked, page_sizes, chosen_sources, newcomers)
def test_all_is_shown_once_while_unlocks_arrive_and_titles_move(
    world: Server,
    played: Played,
    asked: tuple[str, dict[str, str]],
    sizes: list[int],
    sources: list[str],
    arriving: list[tuple[str, int]],
) -> None:
    person = Person(world, played)
    truth = [*person.earned(sources), *person.locked(sources)]

    found: list[Thing] = []
    for page, things in enumerate(_pages(person, asked, sizes, "ALL", sources)):
        found += things
        if page < len(arriving):
            person.unlock(*arriving[page], LATER + timedelta(hours=page // 2))

    assert sorted(map(_named, found)) == sorted(map(_named, truth))
    assert found[: len(_earned_in(truth))] == _earned_in(truth)


@bounded
@given(histories, orders, page_sizes, newcomers)
def test_every_title_is_listed_once_while_unlocks_arrive_and_titles_move(
    world: Server,
    played: Played,
    order: str,
    sizes: list[int],
    arriving: list[tuple[str, int]],
) -> None:
    person = Person(world, played)
    truth = person.titles()

    found: list[Thing] = []
    variables = {"accounts": person.accounts, "order": order}
    for page, nodes in enumerate(_connections(world, TITLES, variables, sizes, FRESH)):
        found += [Thing(node["source"], None, node["nativeId"]) for node in nodes]
        if page < len(arriving):
            person.unlock(*arriving[page], LATER + timedelta(hours=page // 2))

    assert sorted(found, key=str) == sorted(truth, key=str)


@bounded
@given(histories, page_sizes, st.lists(st.tuples(st.just("PSN"), st.integers(0, 99)), max_size=4))
def test_what_is_newer_than_the_list_it_is_found_by_disturbs_nothing(
    world: Server, played: Played, sizes: list[int], arriving: list[tuple[str, int]]
) -> None:
    """A title may gain an unlock after it was listed and before it is opened."""
    person = Person(world, played)
    truth = person.earned()
    world.data(TITLES, {"accounts": person.accounts, "first": 100, "order": "LAST_UPDATED"})
    for hour, (source, which) in enumerate(arriving):
        person.unlock(source, which, LATER + timedelta(hours=hour))

    found = _walked(person, WHOLE, sizes, "EARNED", SOURCES)

    assert [thing for thing in found if thing in truth] == truth
    assert found == sorted(found, key=_place)
    assert len(set(found)) == len(found)


def _walked(
    person: Person, query: str, sizes: list[int], state: str, sources: Sequence[str]
) -> list[Thing]:
    pages = _pages(person, (query, {}), sizes, state, sources)
    return [thing for page in pages for thing in page]


def _pages(
    person: Person,
    asked: tuple[str, dict[str, str]],
    sizes: list[int],
    state: str,
    sources: Sequence[str],
) -> Iterator[list[Thing]]:
    """Page after page, each of another size."""
    query, headers = asked
    variables = {"accounts": person.accounts, "sources": sources, "state": state}
    for nodes in _connections(person.server, query, variables, sizes, headers):
        yield [of_node(node) for node in nodes]


def _connections(
    server: Server,
    query: str,
    variables: dict[str, Any],
    sizes: list[int],
    headers: dict[str, str],
) -> Iterator[list[Any]]:
    """The nodes of page after page, each page of another size."""
    after: str | None = None
    for page in range(MOST_PAGES):
        first = sizes[page % len(sizes)]
        found = connection(server, query, {**variables, "first": first, "after": after}, headers)
        yield [edge["node"] for edge in found["edges"]]
        after = found["pageInfo"]["endCursor"]
        if not found["pageInfo"]["hasNextPage"]:
            return
        assert len(found["edges"]) == first
    raise AssertionError(f"no end after {MOST_PAGES} pages")


def _named(thing: Thing) -> tuple[str, str, str]:
    return (thing.source, thing.title or "", thing.native_id)


def _earned_in(things: list[Thing]) -> list[Thing]:
    return [thing for thing in things if thing.when is not None]


def _of_unmoved(things: list[Thing], person: Person) -> list[Thing]:
    """What is in titles in which nothing was earned since the walk began."""
    moved = {
        (thing.source, thing.title)
        for thing in person.earned()
        if thing.when is not None and thing.when >= LATER
    }
    return [thing for thing in things if (thing.source, thing.title) not in moved]


def _place(thing: Thing) -> tuple[float, int, str, str]:
    assert thing.when is not None
    source = SOURCES.index(thing.source)
    return (-thing.when.timestamp(), source, thing.title or "", thing.native_id)


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
