"""The timeline: it opens the titles that may hold one of the next entries, and no others."""

from collections.abc import Iterator
from typing import Any

from providers.psn.sandbox.world import OWNER_ACCOUNT_ID
from tests.benchmarks.counting import Counted, counted
from tests.benchmarks.forgetting import forget_list
from tests.benchmarks.questions import OWNER, PSN, achievements, titles
from tests.benchmarks.row import Row
from tests.benchmarks.title_cases import SIZES, titles_named
from tests.benchmarks.worlds import (
    EARNED,
    GRADES,
    opened,
    psn_titles,
    retro_player,
    titles_of_first,
)

FIRST = 20
BARE = "nativeId earned earnedAt"
NAMED = f"{BARE} name grade title {{ nativeId name }}"
RETRO = "Weaver"
ALL_SOURCES: list[dict[str, Any]] = [
    PSN,
    {"source": "RETRO_ACHIEVEMENTS", "handle": RETRO},
    {"source": "TROPHY_SO", "handle": "vega"},
]
ROUNDS = "which titles come next shows only when those before are open: calls win over rounds"


def _world(at: Counted, many: int) -> None:
    psn_titles(at.server.psn, OWNER_ACCOUNT_ID, many)


def _opened(at: Counted, first: int) -> int:
    return opened(at.server.psn.world, OWNER_ACCOUNT_ID, first)


def earned() -> Iterator[Row]:
    """Pages of what was earned on PlayStation Network."""
    for many in SIZES:
        first = min(FIRST, len(EARNED) * many)
        name = f"timeline of {titles_named(many)}"
        with counted() as at:
            _world(at, many)
            with at.spending() as spent:
                at.server.data(achievements(BARE), {**OWNER, "first": first})
            best = _opened(at, first)
            yield Row.of(f"{name}: first {first}, bare", spent, 1 + best, 2, ROUNDS)
        with counted() as at:
            _world(at, many)
            with at.spending() as spent:
                page = at.server.data(achievements(NAMED), {**OWNER, "first": first})
            named = titles_of_first(at.server.psn.world, OWNER_ACCOUNT_ID, first)
            calls = 1 + best + named
            yield Row.of(f"{name}: first {first}, named", spent, calls, 2, ROUNDS)
            with at.spending() as spent:
                at.server.data(achievements(NAMED), {**OWNER, "first": first})
            yield Row.of(f"{name}: first {first} again", spent, 0, 0)
            forget_list(at.server.services)
            with at.spending() as spent:
                at.server.data(achievements(NAMED), {**OWNER, "first": first})
            yield Row.of(f"{name}: first {first}, list asked again", spent, 1, 1)
            yield from _second(at, page, many, first)


def _second(at: Counted, page: Any, many: int, first: int) -> Iterator[Row]:
    info = page["user"]["achievements"]["pageInfo"]
    if not info["hasNextPage"]:
        return
    second = min(first, len(EARNED) * many - first)
    variables = {**OWNER, "first": second, "after": info["endCursor"]}
    with at.spending() as spent:
        at.server.data(achievements(BARE), variables)
    best = _opened(at, first + second) - _opened(at, first)
    yield Row.of(f"timeline of {titles_named(many)}: the page after it", spent, best, 1, ROUNDS)


def left() -> Iterator[Row]:
    """What is still open: whole titles by last update."""
    each = len(GRADES) - len(EARNED)
    for first in (FIRST, 21):
        with counted() as at:
            _world(at, 1500)
            query = achievements("nativeId name", ", state: LOCKED")
            with at.spending() as spent:
                at.server.data(query, {**OWNER, "first": first})
        calls = 1 + 2 * -(-first // each)
        yield Row.of(f"what is left in 1500 titles: first {first}", spent, calls, 2, ROUNDS)


def sources() -> Iterator[Row]:
    """Several sources side by side."""
    accounts = {"accounts": ALL_SOURCES}
    with counted() as at:
        _world(at, 100)
        retro_player(at.server.retro, RETRO, 60)
        with at.spending() as spent:
            at.server.data(achievements(BARE, ", sources: [RETRO_ACHIEVEMENTS]"), accounts)
        yield Row.of("timeline of three accounts: RetroAchievements alone", spent, 1, 1)
    with counted() as at:
        _world(at, 100)
        retro_player(at.server.retro, RETRO, 60)
        with at.spending() as spent:
            at.server.data(achievements(BARE, ", sources: [TROPHY_SO]"), accounts)
        yield Row.of("timeline of three accounts: Trophy.so alone", spent, 1, 1)
    with counted() as at:
        _world(at, 100)
        retro_player(at.server.retro, RETRO, 60)
        for order, best in (("LAST_UPDATED", 2), ("FEWEST_LEFT", 0)):
            with at.spending() as spent:
                query = titles("name progress", f", orderBy: {order}, completion: IN_PROGRESS")
                at.server.data(query, accounts)
            name = f"titles of two sources by {order}, in progress"
            yield Row.of(name, spent, best, min(best, 1))
    with counted() as at:
        _world(at, 100)
        retro_player(at.server.retro, RETRO, 60)
        with at.spending() as spent:
            at.server.data(achievements(BARE, ", sources: [PSN]"), accounts)
        best = 1 + _opened(at, FIRST)
        yield Row.of("timeline of three accounts: PlayStation alone", spent, best, 2, ROUNDS)
        with at.spending() as spent:
            at.server.data(achievements(BARE, ", revealHidden: true"), accounts)
        yield Row.of("timeline of three accounts: the other two added", spent, 2, 1)
    with counted() as at:
        _world(at, 1500)
        with at.spending() as spent:
            at.server.data(titles("name", ", orderBy: FEWEST_LEFT"), OWNER)
        why = "where a second page begins, only the first one tells"
        yield Row.of("1500 titles by FEWEST_LEFT", spent, 2, 1, why)
