"""Steam: lists with counts, whole titles, the timeline, friends, and documented methods alone."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from math import ceil

from providers.steam.sandbox.models import OwnedGame, Player
from tests.benchmarks.call_benchmark import Benchmark, start_benchmark
from tests.benchmarks.queries import (
    build_account_query,
    build_timeline_query,
    build_titles_query,
)
from tests.benchmarks.result_table import Row
from tests.benchmarks.sandbox_data import NOW
from tests.harness import RunningServer

PLAYER_ID = "76561190000005000"
FIRST_APP_ID, FIRST_FRIEND_ID = 600_000, 76_561_190_000_006_000
VARIABLES = {"accounts": [{"source": "STEAM", "handle": PLAYER_ID}]}
BY_NAME = {"accounts": [{"source": "STEAM", "handle": "collector"}]}
COUNTS = "name earnedCount achievementCount progress"
WHOLE = f"{COUNTS} achievements {{ nativeId name earned earnedAt rarity {{ percent }} }}"
LIST_CALLS = 2  # the library, and the borrowed games of the last two weeks, at the same time
BATCH_SIZE = 350


def add_player(server: RunningServer, games: int, *, earned: int = 3, untouched: int = 0) -> None:
    """Add a player with so many games, last played six hours apart, the last ones untouched.

    Each game has six achievements; the earned ones are seventeen hours apart, the last of them at
    the time at which the game was last played.
    """
    database = server.steam.database
    model = database.games[4070]
    player = database.players[PLAYER_ID] = Player(PLAYER_ID, "Collector", "collector")
    for index in range(games):
        app_id = FIRST_APP_ID + index
        items = [
            replace(model.achievements[0], name=f"ACH_{number}", title=f"Achievement {number}")
            for number in range(6)
        ]
        database.games[app_id] = replace(
            model, app_id=app_id, name=f"Game {index}", achievements=tuple(items)
        )
        played = NOW - timedelta(hours=6 * index)
        player.games[app_id] = OwnedGame(playtime=60, last_played_at=played)
        for place in range(0 if index >= games - untouched else earned):
            when = played - timedelta(hours=17 * place)
            player.unlocks[app_id, f"ACH_{place}"] = int(when.timestamp())


def count_titles_to_open(server: RunningServer, first: int) -> int:
    """Return how many titles may contain one of the first entries; fewer cannot prove them."""
    player = server.steam.database.players[PLAYER_ID]
    last = sorted(player.unlocks.values(), reverse=True)[first - 1]
    bounds = [
        min(NOW, game.last_played_at + timedelta(days=1)).timestamp()
        for app_id, game in player.games.items()
        if game.last_played_at is not None and any(key[0] == app_id for key in player.unlocks)
    ]
    return sum(bound >= last for bound in bounds)


def measure_titles() -> Iterator[Row]:
    """Measure a page of titles: without counts, with them, and whole."""
    for games in (20, BATCH_SIZE, 700):
        with start_benchmark() as benchmark:
            add_player(benchmark.server, games)
            with benchmark.measure() as measured:
                benchmark.server.fetch_data(build_titles_query("name"), VARIABLES)
            yield Row.from_measurement(f"Steam: names of {games} titles", measured, LIST_CALLS, 1)
        with start_benchmark() as benchmark:
            add_player(benchmark.server, games)
            with benchmark.measure() as measured:
                benchmark.read_all_pages(build_titles_query(COUNTS), VARIABLES)
            batches = ceil(games / BATCH_SIZE)
            yield Row.from_measurement(
                f"Steam: counts of {games} titles", measured, LIST_CALLS + batches, 1 + batches
            )


def measure_whole_titles() -> Iterator[Row]:
    """Measure titles whole: the definitions are the same for everybody."""
    query = build_titles_query(WHOLE)
    with start_benchmark() as benchmark:
        add_player(benchmark.server, 20)
        with benchmark.measure() as measured:
            benchmark.server.fetch_data(query, VARIABLES)
        yield Row.from_measurement(
            "Steam: 20 titles whole, nothing cached", measured, LIST_CALLS + 1 + 20 + 20, 3
        )
        add_second_player(benchmark.server)
        with benchmark.measure() as measured:
            benchmark.server.fetch_data(query, OTHER_VARIABLES)
        yield Row.from_measurement(
            "Steam: the same 20 titles of another player", measured, LIST_CALLS + 1 + 20, 3
        )
    with start_benchmark() as benchmark:
        add_player(benchmark.server, 20, untouched=15)
        with benchmark.measure() as measured:
            benchmark.server.fetch_data(query, VARIABLES)
        yield Row.from_measurement(
            "Steam: 20 titles whole, 15 with nothing earned", measured, LIST_CALLS + 1 + 20 + 5, 3
        )
    with start_benchmark() as benchmark:
        add_player(benchmark.server, 20)
        single = f"""query ($accounts: [AccountInput!]!) {{ user(accounts: $accounts) {{
          trophyTitle(source: STEAM, nativeId: "{FIRST_APP_ID}") {{ {WHOLE} }} }} }}"""
        with benchmark.measure() as measured:
            benchmark.server.fetch_data(single, VARIABLES)
        yield Row.from_measurement("Steam: one title whole", measured, 2, 1)


def measure_timeline() -> Iterator[Row]:
    """Measure the newest unlocks: no call lists them, so that titles are opened by a bound."""
    for fields, with_names in (("nativeId earnedAt", False), ("name earnedAt", True)):
        with start_benchmark() as benchmark:
            add_player(benchmark.server, 100)
            opened = count_titles_to_open(benchmark.server, 20)
            shown = len(_list_apps_of_first(benchmark, 20)) if with_names else 0
            with benchmark.measure() as measured:
                benchmark.server.fetch_data(build_timeline_query(fields), VARIABLES)
        rounds = measured.rounds  # as many as the bounds make one title wait for another
        yield Row.from_measurement(
            f"Steam: timeline of 100 titles, first 20: {fields}",
            measured,
            LIST_CALLS + 1 + opened + shown,
            rounds,
        )


def measure_people() -> Iterator[Row]:
    """Measure friends, a profile by name, and played games."""
    selection = "displayName presence { onlineStatus }"
    query = build_account_query("SteamAccount", "friends", selection)
    with start_benchmark() as benchmark:
        add_player(benchmark.server, 1)
        _add_friends(benchmark.server, 300)
        with benchmark.measure() as measured:
            _read_friends(benchmark, query)
        yield Row.from_measurement("Steam: 300 friends with profiles", measured, 1 + 3, 4)
    with start_benchmark() as benchmark:
        add_player(benchmark.server, 1)
        profile = """query ($accounts: [AccountInput!]!) { user(accounts: $accounts) {
          accounts { displayName } } }"""
        with benchmark.measure() as measured:
            benchmark.server.fetch_data(profile, BY_NAME)
        yield Row.from_measurement("Steam: a profile by vanity name", measured, 2, 2)
        with benchmark.measure() as measured:
            benchmark.server.fetch_data(profile, BY_NAME)
        yield Row.from_measurement("Steam: the same again", measured, 0, 0)
    with start_benchmark() as benchmark:
        add_player(benchmark.server, 100)
        games = build_account_query(
            "SteamAccount", "playedGames", "name trophyTitle { name earnedCount }"
        )
        with benchmark.measure() as measured:
            benchmark.server.fetch_data(games, VARIABLES)
        yield Row.from_measurement(
            "Steam: 100 played games with titles", measured, LIST_CALLS + 1, 2
        )


def measure_documented() -> Iterator[Row]:
    """Measure what documented methods take alone, where the others are gone."""
    explanation = "titles loaded at once each find out that a method is gone; kept for a day"
    with start_benchmark() as benchmark:
        benchmark.server.steam.settings["undocumented"] = False
        add_player(benchmark.server, 20)
        with benchmark.measure() as measured:
            benchmark.server.fetch_data(build_titles_query(WHOLE), VARIABLES)
        yield Row.from_measurement(
            "Steam: 20 titles whole, documented methods alone",
            measured,
            LIST_CALLS + 60,
            measured.rounds,
            explanation,
        )


OTHER_ID = "76561190000005001"
OTHER_VARIABLES = {"accounts": [{"source": "STEAM", "handle": OTHER_ID}]}


def add_second_player(server: RunningServer) -> None:
    """Add another player with the same games."""
    player = server.steam.database.players[PLAYER_ID]
    other = replace(player, steam_id=OTHER_ID, vanity="other_collector")
    server.steam.database.players[OTHER_ID] = other


def _list_apps_of_first(benchmark: Benchmark, first: int) -> set[int]:
    unlocks = benchmark.server.steam.database.players[PLAYER_ID].unlocks
    newest = sorted(unlocks, key=lambda key: (-unlocks[key], str(key[0]), key[1]))
    return {app_id for app_id, _ in newest[:first]}


def _add_friends(server: RunningServer, count: int) -> None:
    database = server.steam.database
    for number in range(count):
        steam_id = str(FIRST_FRIEND_ID + number)
        database.players[steam_id] = Player(steam_id, f"Friend {number}")
        database.players[PLAYER_ID].friends[steam_id] = 0


def _read_friends(benchmark: Benchmark, query: str) -> None:
    after: str | None = None
    while True:
        data = benchmark.server.fetch_data(query, {**VARIABLES, "after": after})
        (account,) = data["user"]["accounts"]
        page_info = account["friends"]["pageInfo"]
        if not page_info["hasNextPage"]:
            return
        after = page_info["endCursor"]
