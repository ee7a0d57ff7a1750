"""RetroAchievements: progress of many games, unlock windows, and names."""

from collections.abc import Iterator
from math import ceil
from typing import Any

from providers.retroachievements.sandbox.model import SiteAward
from tests.asking import FRESH
from tests.benchmarks.counting import Counted, counted
from tests.benchmarks.questions import PAGES, achievements, titles
from tests.benchmarks.row import Row
from tests.benchmarks.worlds import retro_player

PLAYER = "Retro"
OF_PLAYER: dict[str, Any] = {"accounts": [{"source": "RETRO_ACHIEVEMENTS", "handle": PLAYER}]}
THIN = "nativeId name earnedAt title { nativeId name }"
ACCOUNT = """query ($accounts: [AccountInput!]!) {
  user(accounts: $accounts) { accounts { %s } } }"""
AWARDS = f"""
query ($accounts: [AccountInput!]!, $after: String) {{
  user(accounts: $accounts) {{
    one: awards(first: 100) {{ edges {{ node {{ title {{ earnedCount }} }} }} {PAGES} }}
    two: awards(first: 100, after: $after) {{ edges {{ node {{ title {{ earnedCount }} }} }} }}
  }}
}}"""
CURSOR = f"""
query ($accounts: [AccountInput!]!) {{
  user(accounts: $accounts) {{ awards(first: 100) {{ {PAGES} }} }}
}}"""


def _player(at: Counted, games: int, each: int = 6, of: int = 8) -> list[int]:
    return retro_player(at.server.retro, PLAYER, games, each, of)


def progress() -> Iterator[Row]:
    """Where an account stands in many games: two hundred ids to a call."""
    for games in (2, 100, 200):
        with counted() as at:
            _player(at, games, 8)
            after = at.server.data(CURSOR, OF_PLAYER)["user"]["awards"]["pageInfo"]["endCursor"]
            with at.spending() as spent:
                at.server.data(AWARDS, {**OF_PLAYER, "after": after})
        yield Row.of(f"progress of {games} games that awards are for", spent, 1, 1)


def history() -> Iterator[Row]:
    """The timeline out of unlock windows where the fields allow it, else out of the games."""
    query = achievements(THIN)
    with counted() as at:
        _player(at, 60)
        with at.spending() as spent:
            at.server.data(query, OF_PLAYER)
        yield Row.of("timeline of 360 unlocks: first page", spent, 1, 1)
        with at.spending() as spent:
            at.pages(query, OF_PLAYER)
        yield Row.of("timeline of 360 unlocks: all pages after it", spent, 0, 0)
    with counted() as at:
        _player(at, 60)
        with at.spending() as spent:
            at.server.data(achievements(THIN + " rarity { percent }"), OF_PLAYER)
        yield Row.of("timeline of 360 unlocks with rarity: first page", spent, 1 + 4, 2)
    with counted() as at:
        _player(at, 400)
        with at.spending() as spent:
            at.server.data(query, OF_PLAYER)
        why = "only a full window tells that an account has more: learned once, kept for a month"
        yield Row.of("timeline of 2400 unlocks: first page", spent, 2, 2, why)
        with at.spending() as spent:
            at.server.data(query, OF_PLAYER)
        yield Row.of("timeline of 2400 unlocks: first page again", spent, 0, 0)
        with at.spending() as spent:
            at.server.data(query, OF_PLAYER, FRESH)
        yield Row.of("timeline of 2400 unlocks: first page with no-cache", spent, 2, 2)
        with at.spending() as spent:
            at.pages(query, {**OF_PLAYER, "first": 100})
        best = ceil(2400 / 498) - 1
        why = "a window ends between games, so it holds a few rows less than are answered"
        yield Row.of("timeline of 2400 unlocks: all pages after it", spent, best, best, why)


def names() -> Iterator[Row]:
    """The name given is the name asked by."""
    for name, selected, best in (
        ("handle", "handle", 0),
        ("id", "id", 1),
        ("ULID", "... on RetroAchievementsAccount { ulid }", 1),
    ):
        with counted() as at:
            _player(at, 1)
            with at.spending() as spent:
                at.server.data(ACCOUNT % selected, OF_PLAYER)
        yield Row.of(f"an account's {name}", spent, best, best)
    with counted() as at:
        _player(at, 20)
        with at.spending() as spent:
            at.server.data(titles("id name achievements { id name earned }"), OF_PLAYER)
        yield Row.of("20 games with achievements, by name", spent, 1 + 20, 2)


def site_awards() -> Iterator[Row]:
    """All awards are one answer."""
    with counted() as at:
        _player(at, 1)
        member = at.server.retro.world.member(PLAYER)
        assert member is not None
        when = next(iter(member.unlocks.values())).first
        member.site_awards += [
            SiteAward("Patreon Supporter", when, number, 0, number) for number in range(300)
        ]
        query = f"""query ($accounts: [AccountInput!]!, $first: Int! = 100, $after: String) {{
          user(accounts: $accounts) {{
            awards(first: $first, after: $after) {{ edges {{ node {{ kind }} }} {PAGES} }} }} }}"""
        with at.spending() as spent:
            at.pages(query, OF_PLAYER)
        yield Row.of("300 site awards", spent, 1, 1)
