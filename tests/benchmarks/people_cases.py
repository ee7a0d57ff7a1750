"""Friends, and played games with their trophy sets."""

from collections.abc import Iterator
from math import ceil
from typing import Any

from providers.psn.sandbox.world import OWNER_ACCOUNT_ID
from tests.benchmarks.counting import Counted, Spent, counted
from tests.benchmarks.questions import OWNER, of_account
from tests.benchmarks.row import Row
from tests.benchmarks.worlds import psn_friends, psn_games

FRIENDS = ((50, 50), (100, 100), (1200, 100))
GAMES = ((5, 100), (100, 100), (450, 100))
FRIEND_LIST, FRIEND_BATCH = 1000, 100
GAME_LIST, GAME_BATCH = 200, 5


def _walked(at: Counted, query: str, field: str, first: int) -> Spent:
    with at.spending() as spent:
        after: str | None = None
        while True:
            variables: dict[str, Any] = {**OWNER, "first": first, "after": after}
            (account,) = at.server.data(query, variables)["user"]["accounts"]
            if not account[field]["pageInfo"]["hasNextPage"]:
                return spent
            after = account[field]["pageInfo"]["endCursor"]


def friends() -> Iterator[Row]:
    """A list of ids, then profiles and presences by the hundred."""
    ids = of_account("PsnAccount", "friends", "source")
    whole = of_account("PsnAccount", "friends", "onlineId presence { onlineStatus }")
    for many, first in FRIENDS:
        lists, batches = ceil(many / FRIEND_LIST), ceil(many / FRIEND_BATCH)
        with counted() as at:
            psn_friends(at.server.psn, OWNER_ACCOUNT_ID, many)
            spent = _walked(at, ids, "friends", first)
            yield Row.of(f"{many} friends: ids", spent, lists, lists)
        with counted() as at:
            psn_friends(at.server.psn, OWNER_ACCOUNT_ID, many)
            spent = _walked(at, whole, "friends", first)
            best, rounds = lists + 2 * batches, lists + batches
            yield Row.of(f"{many} friends: profiles and presences", spent, best, rounds)


def games() -> Iterator[Row]:
    """A list of builds, then their trophy sets by five."""
    alone = of_account("PsnAccount", "playedGames", "name")
    whole = of_account("PsnAccount", "playedGames", "name trophyTitles { name }")
    for many, first in GAMES:
        lists, batches = ceil(many / GAME_LIST), ceil(many / GAME_BATCH)
        with counted() as at:
            psn_games(at.server.psn, OWNER_ACCOUNT_ID, many)
            spent = _walked(at, alone, "playedGames", first)
            yield Row.of(f"{many} played games", spent, lists, lists)
        with counted() as at:
            psn_games(at.server.psn, OWNER_ACCOUNT_ID, many)
            spent = _walked(at, whole, "playedGames", first)
            best, rounds = lists + batches, lists + ceil(many / first)
            yield Row.of(f"{many} played games with their trophy sets", spent, best, rounds)
