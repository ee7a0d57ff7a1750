"""Xbox: lists, whole titles of both generations, the timeline, friends, and routes that moved."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from providers.kit.sandbox import InjectedFault
from providers.xbox.sandbox.models import PlayedTitle, Player, State
from providers.xbox.sandbox.title_data import GLASS_MERIDIAN
from tests.benchmarks.call_benchmark import LATENCY_SECONDS, start_benchmark
from tests.benchmarks.queries import (
    build_account_query,
    build_timeline_query,
    build_titles_query,
)
from tests.benchmarks.result_table import Row
from tests.benchmarks.sandbox_data import NOW
from tests.harness import RunningServer

PLAYER_XUID, OTHER_XUID = "2535400000005000", "2535400000005001"
FIRST_FRIEND_XUID = 2_535_400_000_006_000
FIRST_TITLE_ID = 1_800_000_000
VARIABLES = {"accounts": [{"source": "XBOX", "handle": PLAYER_XUID}]}
OTHER_VARIABLES = {"accounts": [{"source": "XBOX", "handle": OTHER_XUID}]}
BY_NAME = {"accounts": [{"source": "XBOX", "handle": "Collector"}]}
COUNTS = "name earnedCount achievementCount progress"
WHOLE = f"{COUNTS} achievements {{ nativeId name earned earnedAt rarity {{ percent }} }}"
LIST_ROUTE = "player/[0-9]+\\?"


def add_player(
    server: RunningServer, titles: int, *, is_x360: bool = False, untouched: int = 0
) -> None:
    """Add a player with so many titles, last played six hours apart, the last ones untouched.

    Each title has five achievements; three are earned, seventeen hours apart, the last of them at
    the time at which the title was last played.
    """
    database = server.xbox.database
    player = database.players[PLAYER_XUID] = Player(PLAYER_XUID, "Collector")
    kind = "Xbox360Game" if is_x360 else "Application"
    for index in range(titles):
        title_id = FIRST_TITLE_ID + index
        database.titles[title_id] = replace(
            GLASS_MERIDIAN, title_id=title_id, name=f"Title {index}", media_item_type=kind
        )
        played = NOW - timedelta(hours=6 * index)
        states = {
            str(1 + place): State(is_earned=True, earned_at=played - timedelta(hours=17 * place))
            for place in range(0 if index >= titles - untouched else 3)
        }
        player.titles[title_id] = PlayedTitle(last_played_at=played, states=states)


def count_titles_to_open(server: RunningServer, first: int) -> int:
    """Return how many titles may contain one of the first entries; fewer cannot prove them."""
    titles = server.xbox.database.players[PLAYER_XUID].titles.values()
    times = [
        state.earned_at for title in titles for state in title.states.values() if state.earned_at
    ]
    last = sorted(times, reverse=True)[first - 1]
    bounds = [
        min(NOW, title.last_played_at + timedelta(days=1))
        for title in titles
        if title.last_played_at is not None and title.states
    ]
    return sum(bound >= last for bound in bounds)


def measure_titles() -> Iterator[Row]:
    """Measure a list, and again after its titles told how many achievements they have."""
    for titles in (20, 330):
        with start_benchmark() as benchmark:
            add_player(benchmark.server, titles)
            with benchmark.measure() as measured:
                benchmark.read_all_pages(build_titles_query(COUNTS), VARIABLES)
            yield Row.from_measurement(f"Xbox: list of {titles} titles", measured, 1, 1)
            with benchmark.measure() as measured:
                benchmark.server.fetch_data(
                    """query ($accounts: [AccountInput!]!) { user(accounts: $accounts) {
                    totals { titles earned } trophyTitles { edges { node { progress } } } } }""",
                    VARIABLES,
                )
            yield Row.from_measurement("Xbox: its totals and progress", measured, 0, 0)


def measure_whole_titles() -> Iterator[Row]:
    """Measure titles whole, of both generations; the set of an older one serves all players."""
    query = build_titles_query(WHOLE)
    for is_x360, calls in ((False, 20), (True, 40)):
        name = "Xbox 360" if is_x360 else "Xbox"
        with start_benchmark() as benchmark:
            add_player(benchmark.server, 20, is_x360=is_x360)
            with benchmark.measure() as measured:
                benchmark.server.fetch_data(query, VARIABLES)
            yield Row.from_measurement(f"{name}: 20 titles whole", measured, 1 + calls, 2)
            with benchmark.measure() as measured:
                benchmark.server.fetch_data(query, VARIABLES)
            yield Row.from_measurement(f"{name}: the same again", measured, 0, 0)
            _add_second_player(benchmark.server)
            with benchmark.measure() as measured:
                benchmark.server.fetch_data(query, OTHER_VARIABLES)
            yield Row.from_measurement(f"{name}: the same of another player", measured, 21, 2)
    with start_benchmark() as benchmark:
        add_player(benchmark.server, 20, is_x360=True, untouched=15)
        with benchmark.measure() as measured:
            benchmark.server.fetch_data(query, VARIABLES)
        yield Row.from_measurement(
            "Xbox 360: 20 titles whole, 15 with nothing earned", measured, 1 + 20 + 5, 2
        )


def measure_timeline() -> Iterator[Row]:
    """Measure the newest unlocks: no call lists them, so that titles are opened by a bound."""
    with start_benchmark() as benchmark:
        add_player(benchmark.server, 100)
        opened = count_titles_to_open(benchmark.server, 20)
        query = build_timeline_query("name earnedAt")
        with benchmark.measure() as measured:
            benchmark.server.fetch_data(query, VARIABLES)
        rounds = measured.rounds  # as many as the bounds make one title wait for another
        yield Row.from_measurement(
            "Xbox: timeline of 100 titles, first 20", measured, 1 + opened, rounds
        )
        with benchmark.measure() as measured:
            benchmark.server.fetch_data(query, VARIABLES)
        yield Row.from_measurement("Xbox: the same again", measured, 0, 0)


def measure_people() -> Iterator[Row]:
    """Measure friends, whose names come with the list, and a profile by gamertag."""
    for fields, batches in (("displayName gamerscore", 0), ("displayName bio", 5)):
        with start_benchmark() as benchmark:
            add_player(benchmark.server, 1)
            _add_friends(benchmark.server, 100)
            query = build_account_query("XboxAccount", "friends", fields)
            with benchmark.measure() as measured:
                benchmark.server.fetch_data(query, {**VARIABLES, "after": None})
            yield Row.from_measurement(
                f"Xbox: 100 friends: {fields}", measured, 1 + batches, 1 + (batches > 0)
            )
    with start_benchmark() as benchmark:
        add_player(benchmark.server, 1)
        profile = """query ($accounts: [AccountInput!]!) { user(accounts: $accounts) {
          accounts { displayName ... on XboxAccount { bio } } } }"""
        with benchmark.measure() as measured:
            benchmark.server.fetch_data(profile, BY_NAME)
        yield Row.from_measurement("Xbox: a profile by gamertag", measured, 2, 2)
        with benchmark.measure() as measured:
            benchmark.server.fetch_data(profile, BY_NAME)
        yield Row.from_measurement("Xbox: the same again", measured, 0, 0)


def measure_routes() -> Iterator[Row]:
    """Measure a list whose route has moved: the one that answers is remembered."""
    explanation = "the route that moved is tried once a day"
    with start_benchmark() as benchmark:
        add_player(benchmark.server, 1)
        benchmark.server.xbox.faults.insert(
            0, InjectedFault(LIST_ROUTE, status=404, body={}, delay=LATENCY_SECONDS)
        )
        query = build_titles_query("name")
        with benchmark.measure() as measured:
            benchmark.server.fetch_data(query, VARIABLES)
        yield Row.from_measurement("Xbox: a list by its second route", measured, 1, 1, explanation)
        _add_second_player(benchmark.server)
        with benchmark.measure() as measured:
            benchmark.server.fetch_data(query, OTHER_VARIABLES)
        yield Row.from_measurement("Xbox: another list by that route", measured, 1, 1)


def _add_second_player(server: RunningServer) -> None:
    player = server.xbox.database.players[PLAYER_XUID]
    other = replace(player, xuid=OTHER_XUID, modern_gamertag="Other Collector")
    server.xbox.database.players[OTHER_XUID] = other


def _add_friends(server: RunningServer, count: int) -> None:
    database = server.xbox.database
    for number in range(count):
        xuid = str(FIRST_FRIEND_XUID + number)
        database.players[xuid] = Player(xuid, f"Friend {number}")
        database.players[PLAYER_XUID].friends.append(xuid)
