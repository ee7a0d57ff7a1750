"""Many who ask the same, one title under many names, and failures that must not cost anything."""

from collections.abc import Iterator

from providers.psn.sandbox.world import OWNER_ACCOUNT_ID
from tests.benchmarks.counting import counted
from tests.benchmarks.questions import OWNER, WHOLE, aliases, titles
from tests.benchmarks.row import Row
from tests.benchmarks.worlds import psn_games, psn_titles

TITLES = 20
GAME_BATCH = 5
NOTHING: dict[str, str] = {}
EACH = 3
TITLE = 'trophyTitle(nativeId: "NPWR20000_00")'
ONE = f"{TITLE} {{ {WHOLE} }}"
PAGE = f"trophyTitles(first: {TITLES}) {{ edges {{ node {{ {WHOLE} }} }} }}"
GAMES = f"""accounts {{ ... on PsnAccount {{ playedGames {{ edges {{ node {{
    trophyTitles {{ {WHOLE} }} }} }} }} }} }}"""
WAYS = (
    "{ name achievements { earned } }",
    "{ achievements(revealHidden: true) { name } }",
    "{ achievements(state: LOCKED) { name } }",
    "{ groups { name } }",
    "{ rarestAchievements { name rarity { percent } } }",
    f"{{ {WHOLE} }}",
)
FAILURES = ((404, "has gone"), (403, "is private"), (500, "fails"))
GONE = "users/[0-9]+/npCommunicationIds/NPWR20004_00/trophyGroups/all/trophies"


def identical() -> Iterator[Row]:
    """N identical reads at once cost what one costs."""
    best = 1 + EACH * TITLES
    with counted() as at:
        psn_titles(at.server.psn, OWNER_ACCOUNT_ID, TITLES)
        with at.spending() as spent:
            at.server.together(titles(WHOLE), [(OWNER, NOTHING)] * 30)
        yield Row.of("the same 20 titles in 30 operations at once", spent, best, 2)
    with counted() as at:
        psn_titles(at.server.psn, OWNER_ACCOUNT_ID, TITLES)
        with at.spending() as spent:
            at.server.data(aliases([PAGE] * 30), OWNER)
        yield Row.of("the same 20 titles under 30 aliases", spent, best, 2)
    with counted() as at:
        psn_titles(at.server.psn, OWNER_ACCOUNT_ID, TITLES)
        with at.spending() as spent:
            at.server.data(aliases([ONE] * 30), OWNER)
        yield Row.of("one title under 30 aliases", spent, 1 + EACH, 2)
    with counted() as at:
        psn_titles(at.server.psn, OWNER_ACCOUNT_ID, TITLES)
        with at.spending() as spent:
            at.server.data(aliases([f"{TITLE} {way}" for way in WAYS * 5]), OWNER)
        yield Row.of("one title under 30 aliases with six selections", spent, 1 + EACH, 2)
    with counted() as at:
        psn_games(at.server.psn, OWNER_ACCOUNT_ID, TITLES)
        with at.spending() as spent:
            at.server.data(aliases([PAGE, GAMES]), OWNER)
        games = 1 + TITLES // GAME_BATCH
        yield Row.of("20 titles by themselves and as those of 20 games", spent, best + games, 2)


def failures() -> Iterator[Row]:
    """A title whose trophies fail costs no call more than one whose trophies come."""
    for status, what in FAILURES:
        with counted() as at:
            psn_titles(at.server.psn, OWNER_ACCOUNT_ID, TITLES)
            at.fail(GONE, status)
            with at.spending() as spent:
                answer = at.server.ask(titles(WHOLE), OWNER)
            assert answer.errors, "nothing failed"
        name = f"20 titles of which one {what} ({status}), retries aside"
        yield Row.of(name, spent, 1 + EACH * TITLES, 2)
