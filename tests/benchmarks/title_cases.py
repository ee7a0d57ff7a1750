"""Titles and what is in them: cold, known in part, unchanged, and within the list's life."""

from collections.abc import Iterator
from math import ceil

from providers.psn.sandbox.world import OWNER_ACCOUNT_ID, SECOND_ACCOUNT_ID
from tests.asking import FRESH
from tests.benchmarks.counting import Counted, Spent, counted
from tests.benchmarks.forgetting import LIST_PAGE, forget_list
from tests.benchmarks.questions import ID, OWNER, PSN, ROW, WHOLE, titles
from tests.benchmarks.row import Row
from tests.benchmarks.worlds import NOW, psn_titles

SIZES = (1, 20, 100, 1500)
PAGE = 100
ME = {"accounts": [{"source": "PSN", "handle": "me"}]}
BY_NAME = {"accounts": [{"source": "PSN", "handle": "vega_north"}]}

SELECTIONS = (
    ("trophies' earned state", "achievements { nativeId earned earnedAt }", 1),
    ("trophies' names, hidden ones revealed", "achievements(revealHidden: true) { name }", 1),
    ("trophies' names, hidden ones kept", "achievements { name }", 2),
    ("trophies' rarity", "achievements { rarity { percent } }", 1),
    ("groups' names", "groups { name }", 1),
    ("groups' names and progress", "groups { name progress }", 2),
    ("groups' names, trophies' names and state", WHOLE, 3),
)


def titles_named(many: int) -> str:
    """So many titles."""
    return f"{many} title" if many == 1 else f"{many} titles"


def lists(many: int) -> int:
    """Calls for so many rows of a title list."""
    return ceil(many / LIST_PAGE)


def operations(many: int) -> int:
    """Operations for so many titles."""
    return ceil(many / PAGE)


def walked(at: Counted, query: str) -> Spent:
    """What it costs to walk all of the owner's titles."""
    with at.spending() as spent:
        at.pages(query, OWNER)
    return spent


def by_number_of_titles() -> Iterator[Row]:
    """The costs that grow with the number of titles, and those that do not."""
    for many in SIZES:
        yield from _of(many)


def _of(many: int) -> Iterator[Row]:
    name, query, pages = titles_named(many), titles(WHOLE), operations(many)
    with counted() as at:
        psn_titles(at.server.psn, OWNER_ACCOUNT_ID, many)
        with at.spending() as spent:
            at.server.data(ID, OWNER)
        yield Row.of(f"{name}: user's id", spent, 0, 0)
        spent = walked(at, titles(ROW))
        yield Row.of(f"{name}: titles alone", spent, lists(many), lists(many))
    with counted() as at:
        psn_titles(at.server.psn, OWNER_ACCOUNT_ID, many)
        spent = walked(at, query)
        yield Row.of(f"{name}: whole, cold", spent, lists(many) + 3 * many, lists(many) + pages)
        yield Row.of(f"{name}: whole, within the list's life", walked(at, query), 0, 0)
        forget_list(at.server.services)
        spent = walked(at, query)
        yield Row.of(f"{name}: whole, list asked again, unchanged", spent, lists(many), lists(many))
        yield from _asked_past_the_cache(at, many)
        forget_list(at.server.services)
        when = NOW.replace(month=11).strftime("%Y-%m-%dT%H:%M:%SZ")
        last = f"NPWR{20_000 + many - 1}_00"
        at.server.psn.unlock(OWNER_ACCOUNT_ID, last, 1, when)
        spent = walked(at, query)
        best = lists(many) + 1
        yield Row.of(f"{name}: whole, one more trophy earned", spent, best, lists(many) + 1)
    with counted() as at:
        psn_titles(at.server.psn, OWNER_ACCOUNT_ID, many)
        psn_titles(at.server.psn, SECOND_ACCOUNT_ID, many)
        at.pages(query, {"accounts": [{**PSN, "handle": SECOND_ACCOUNT_ID}]})
        spent = walked(at, query)
        best = lists(many) + many
        yield Row.of(f"{name}: whole, definitions known", spent, best, lists(many) + pages)


def _asked_past_the_cache(at: Counted, many: int) -> Iterator[Row]:
    with at.spending() as spent:
        at.server.data(titles(WHOLE), OWNER, FRESH)
    yield Row.of(f"{titles_named(many)}: whole, a page with no-cache, unchanged", spent, 1, 1)


def by_selection() -> Iterator[Row]:
    """Only the calls that the selected fields need."""
    for name, selected, each in SELECTIONS:
        with counted() as at:
            psn_titles(at.server.psn, OWNER_ACCOUNT_ID, 20)
            spent = walked(at, titles(selected))
        yield Row.of(f"20 titles: {name}", spent, 1 + 20 * each, 2)


def by_handle() -> Iterator[Row]:
    """What names other than an account's number cost in addition, the first time."""
    number = "the list is asked for by the account's number, learned once a week"
    for name, variables, selected, best, why in (
        ("`me`, no id selected", ME, "name", (1, 1), ""),
        ("`me`, ids selected, which hold the account's number", ME, "id name", (2, 1), number),
        ("an online id, which a profile turns into a number", BY_NAME, "name", (2, 2), ""),
    ):
        with counted() as at:
            with at.spending() as spent:
                at.server.data(titles(selected), variables)
            yield Row.of(f"titles by {name}: cold", spent, *best, why)
            forget_list(at.server.services)
            with at.spending() as spent:
                at.server.data(titles(selected), variables)
            yield Row.of(f"titles by {name}: known", spent, 1, 1)
