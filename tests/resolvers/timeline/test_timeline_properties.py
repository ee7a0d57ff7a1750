"""The pages of a timeline are complete and sorted, whatever is earned before and meanwhile."""

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

pytestmark = pytest.mark.slow

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
# Rarity is in a title's contents only, so that titles are opened rather than unlocks read.
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

# Few moments, so that many unlocks are simultaneous.
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
    """A player's unlocks: those of each title, and those without a title."""

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
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


class FakePlayer:
    """A new player on the three sandboxes, and the entries that the sandboxes have of them."""

    def __init__(self, server: RunningServer, history: PlayHistory) -> None:
        self.server = server
        self.number = next(PLAYER_NUMBERS)
        self.sets = self._add_psn_sets(history)
        self.games = self._add_retro_games(history)
        self._add_trophy_so_user(history)

    @property
    def accounts(self) -> list[dict[str, str]]:
        handles = (self.psn_id, self.member.name, self.user.id)
        pairs = zip(SOURCES, handles, strict=True)
        return [{"source": source, "handle": handle} for source, handle in pairs]

    def expect_earned(self, sources: Sequence[str] = SOURCES) -> list[Expected]:
        """Return everything earned, newest first; ties by source, title and id."""
        found = [entry for entry in self._iterate_earned() if entry.source in sources]
        return sorted(found, key=sort_key)

    def expect_locked(self, sources: Sequence[str] = SOURCES) -> list[Expected]:
        """Return everything locked: titles by last update, then the source's own order."""
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
        return [*(entry for _, left in titles for entry in left), *untitled]

    def expect_titles(self) -> list[Expected]:
        """Return every title."""
        return [replace(title, moment=None) for title, _ in self._iterate_titles()]

    def unlock(self, source: str, index: int, when: datetime) -> None:
        """Unlock one of the achievements that are locked on a source, if there are any."""
        left = [entry for entry in self.expect_locked([source]) if entry.source == source]
        if not left:
            return
        entry = left[index % len(left)]
        if source == "PSN":
            text = format_moment(when)
            self.server.psn.unlock(self.psn_id, entry.title or "", int(entry.native_id), text)
        elif source == "RETRO_ACHIEVEMENTS":
            self.server.retro.unlock(self.member.name, int(entry.native_id), when)
        else:
            definitions = self.server.trophy_so.database.definitions.values()
            key = next(each.key for each in definitions if each.id == entry.native_id)
            self.server.trophy_so.database.unlock(self.user.id, key, format_moment(when))

    def _add_psn_sets(self, history: PlayHistory) -> list[TrophySet]:
        world = self.server.psn.database
        self.psn_id = str(3_000_000_000_000_000_000 + self.number)
        world.accounts[self.psn_id] = Account(self.psn_id, f"player_{self.number}")
        model = next(iter(world.trophy_sets.values()))
        trophy = replace(model.trophies[-1], group_id=model.groups[0].group_id, target=10)
        sets: list[TrophySet] = []
        for index, (unlocks, progress_time) in enumerate(
            zip(history.psn, history.progress_times, strict=False)
        ):
            name = f"NPWR{90_000 - index:05}_{self.number % 100:02}"
            trophies = tuple(
                replace(trophy, trophy_id=number) for number in range(MAX_ACHIEVEMENTS)
            )
            trophy_set = replace(model, np_communication_id=name, trophies=trophies)
            world.trophy_sets[name] = trophy_set
            progress = TrophySetProgress(
                format_moment(EARLIEST),
                {trophy_id: format_moment(when) for trophy_id, when in unlocks.items()},
            )
            locked_ids = [
                trophy_id for trophy_id in range(MAX_ACHIEVEMENTS) if trophy_id not in unlocks
            ]
            if progress_time and locked_ids:  # updated after its last trophy was earned
                progress.counters[locked_ids[0]] = (1, format_moment(progress_time))
            world.trophy_progress[self.psn_id, name] = progress
            sets.append(trophy_set)
        return sets

    def _add_retro_games(self, history: PlayHistory) -> list[Game]:
        world = self.server.retro.database
        model = world.games[101]
        self.member = Member(self.number, f"Player{self.number}", f"01P{self.number:023}", "")
        world.members.append(self.member)
        games: list[Game] = []
        for index, unlocks in enumerate(history.retro):
            game_id = 10_000 * self.number + index
            items = tuple(
                replace(model.achievements[0], id=100 * game_id + number, order=number)
                for number in range(UNLISTED_SIZE if index % 2 else MAX_ACHIEVEMENTS)
            )
            world.games[game_id] = replace(model, id=game_id, achievements=items)
            for number, when in unlocks.items():
                # A completed game is listed, however small it is.
                if number < len(items) - 1 or len(items) > UNLISTED_SIZE:
                    self.member.unlocks[items[number].id] = Unlock(when, when)
            games.append(world.games[game_id])
        return games

    def _add_trophy_so_user(self, history: PlayHistory) -> None:
        world = self.server.trophy_so.database
        self.user = User(f"player-{self.number}")
        world.users[self.user.id] = self.user
        for key, (_, when) in zip(world.definitions, history.trophy_so.items(), strict=False):
            self.user.earned[key] = format_moment(when)

    def _iterate_earned(self) -> Iterator[Expected]:
        for trophy_set in self.sets:
            for trophy_id, when in self._get_progress(trophy_set).earned.items():
                yield Expected(
                    "PSN", trophy_set.np_communication_id, str(trophy_id), parse_moment(when)
                )
        for game in self.games:
            for item in game.achievements:
                if item.id in self.member.unlocks:
                    when = self.member.unlocks[item.id].last_earned_at
                    yield Expected("RETRO_ACHIEVEMENTS", str(game.id), str(item.id), when)
        definitions = self.server.trophy_so.database.definitions
        for key, when in self.user.earned.items():
            yield Expected("TROPHY_SO", None, definitions[key].id, parse_moment(when))

    def _iterate_titles(self) -> Iterator[tuple[Expected, list[Expected]]]:
        for trophy_set in self.sets:
            name, progress = trophy_set.np_communication_id, self._get_progress(trophy_set)
            left = [
                Expected("PSN", name, str(each.trophy_id))
                for each in trophy_set.trophies
                if each.trophy_id not in progress.earned
            ]
            yield Expected("PSN", None, name, parse_moment(progress.updated_at)), left
        unlocks = self.member.unlocks
        for game in self.games:
            if len(game.achievements) == UNLISTED_SIZE:
                continue
            left = [
                Expected("RETRO_ACHIEVEMENTS", str(game.id), str(each.id))
                for each in game.achievements
                if each.id not in unlocks
            ]
            latest = max(
                unlocks[each.id].last_earned_at for each in game.achievements if each.id in unlocks
            )
            yield Expected("RETRO_ACHIEVEMENTS", None, str(game.id), latest), left

    def _get_progress(self, trophy_set: TrophySet) -> TrophySetProgress:
        return self.server.psn.database.trophy_progress[self.psn_id, trophy_set.np_communication_id]


@pytest.fixture(scope="module")
def world() -> Iterator[RunningServer]:
    """One server for all players, whose data is separate."""
    with run_server() as running:
        yield running


@bounded
@given(histories, requests, page_sizes, chosen_sources, new_unlocks)
def test_the_pages_are_complete_and_sorted_while_new_unlocks_arrive(
    world: RunningServer,
    history: PlayHistory,
    request: tuple[str, dict[str, str]],
    sizes: list[int],
    sources: list[str],
    arriving: list[tuple[str, int]],
) -> None:
    player = FakePlayer(world, history)
    expected = player.expect_earned(sources)

    found: list[Expected] = []
    for page, entries in enumerate(iterate_pages(player, request, sizes, "EARNED", sources)):
        found += entries
        if page < len(arriving):
            player.unlock(*arriving[page], LATER + timedelta(hours=page))

    assert found == expected


@bounded
@given(histories, queries, page_sizes, chosen_sources)
def test_the_pages_of_locked_and_of_all_are_complete_and_sorted(
    world: RunningServer, history: PlayHistory, query: str, sizes: list[int], sources: list[str]
) -> None:
    player = FakePlayer(world, history)

    locked = collect_entries(player, query, sizes, "LOCKED", sources)
    everything = collect_entries(player, query, sizes, "ALL", sources)

    assert locked == player.expect_locked(sources)
    assert everything == [*player.expect_earned(sources), *player.expect_locked(sources)]


@bounded
@given(histories, requests, page_sizes, chosen_sources, new_unlocks)
def test_achievements_that_stay_locked_are_listed_once_while_unlocks_arrive_and_titles_move(
    world: RunningServer,
    history: PlayHistory,
    request: tuple[str, dict[str, str]],
    sizes: list[int],
    sources: list[str],
    arriving: list[tuple[str, int]],
) -> None:
    player = FakePlayer(world, history)
    expected = player.expect_locked(sources)

    found: list[Expected] = []
    for page, entries in enumerate(iterate_pages(player, request, sizes, "LOCKED", sources)):
        if request[1] == NO_CACHE_HEADERS:
            assert set(entries) <= set(player.expect_locked(sources))
        found += entries
        if page < len(arriving):
            player.unlock(*arriving[page], LATER + timedelta(hours=page // 2))

    still_locked = set(player.expect_locked(sources))
    assert len(set(found)) == len(found)
    assert still_locked <= set(found) <= set(expected)
    assert select_of_unmoved_titles(found, player) == [
        entry for entry in select_of_unmoved_titles(expected, player) if entry in found
    ]


@bounded
@given(histories, requests, page_sizes, chosen_sources, new_unlocks)
def test_everything_is_listed_once_while_unlocks_arrive_and_titles_move(
    world: RunningServer,
    history: PlayHistory,
    request: tuple[str, dict[str, str]],
    sizes: list[int],
    sources: list[str],
    arriving: list[tuple[str, int]],
) -> None:
    player = FakePlayer(world, history)
    expected = [*player.expect_earned(sources), *player.expect_locked(sources)]

    found: list[Expected] = []
    for page, entries in enumerate(iterate_pages(player, request, sizes, "ALL", sources)):
        found += entries
        if page < len(arriving):
            player.unlock(*arriving[page], LATER + timedelta(hours=page // 2))

    assert sorted(map(get_identity, found)) == sorted(map(get_identity, expected))
    assert found[: len(select_earned(expected))] == select_earned(expected)


@bounded
@given(histories, orders, page_sizes, new_unlocks)
def test_every_title_is_listed_once_while_unlocks_arrive_and_titles_move(
    world: RunningServer,
    history: PlayHistory,
    order: str,
    sizes: list[int],
    arriving: list[tuple[str, int]],
) -> None:
    player = FakePlayer(world, history)
    expected = player.expect_titles()

    found: list[Expected] = []
    variables = {"accounts": player.accounts, "order": order}
    for page, nodes in enumerate(
        iterate_connection_nodes(world, TITLES, variables, sizes, NO_CACHE_HEADERS)
    ):
        found += [Expected(node["source"], None, node["nativeId"]) for node in nodes]
        if page < len(arriving):
            player.unlock(*arriving[page], LATER + timedelta(hours=page // 2))

    assert sorted(found, key=str) == sorted(expected, key=str)


@bounded
@given(histories, page_sizes, st.lists(st.tuples(st.just("PSN"), st.integers(0, 99)), max_size=4))
def test_unlocks_newer_than_the_cached_title_list_lose_and_repeat_nothing(
    world: RunningServer, history: PlayHistory, sizes: list[int], arriving: list[tuple[str, int]]
) -> None:
    """A title can get an unlock after it was listed and before it is opened."""
    player = FakePlayer(world, history)
    expected = player.expect_earned()
    world.fetch_data(TITLES, {"accounts": player.accounts, "first": 100, "order": "LAST_UPDATED"})
    for hour, (source, index) in enumerate(arriving):
        player.unlock(source, index, LATER + timedelta(hours=hour))

    found = collect_entries(player, WITH_RARITY, sizes, "EARNED", SOURCES)

    assert [entry for entry in found if entry in expected] == expected
    assert found == sorted(found, key=sort_key)
    assert len(set(found)) == len(found)


def collect_entries(
    player: FakePlayer, query: str, sizes: list[int], state: str, sources: Sequence[str]
) -> list[Expected]:
    pages = iterate_pages(player, (query, {}), sizes, state, sources)
    return [entry for page in pages for entry in page]


def iterate_pages(
    player: FakePlayer,
    request: tuple[str, dict[str, str]],
    sizes: list[int],
    state: str,
    sources: Sequence[str],
) -> Iterator[list[Expected]]:
    """Yield page after page, with varying sizes."""
    query, headers = request
    variables = {"accounts": player.accounts, "sources": sources, "state": state}
    for nodes in iterate_connection_nodes(player.server, query, variables, sizes, headers):
        yield [from_node(node) for node in nodes]


def iterate_connection_nodes(
    server: RunningServer,
    query: str,
    variables: dict[str, Any],
    sizes: list[int],
    headers: dict[str, str],
) -> Iterator[list[Any]]:
    """Yield the nodes of page after page, with varying sizes."""
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


def get_identity(entry: Expected) -> tuple[str, str, str]:
    return (entry.source, entry.title or "", entry.native_id)


def select_earned(entries: list[Expected]) -> list[Expected]:
    return [entry for entry in entries if entry.moment is not None]


def select_of_unmoved_titles(entries: list[Expected], player: FakePlayer) -> list[Expected]:
    """Return the entries of titles in which nothing was earned since the first page."""
    moved = {
        (entry.source, entry.title)
        for entry in player.expect_earned()
        if entry.moment is not None and entry.moment >= LATER
    }
    return [entry for entry in entries if (entry.source, entry.title) not in moved]


def sort_key(entry: Expected) -> tuple[float, int, str, str]:
    assert entry.moment is not None
    source = SOURCES.index(entry.source)
    return (-entry.moment.timestamp(), source, entry.title or "", entry.native_id)


def format_moment(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
