"""The digest of a cursor tells which rows of a list were shown, although the list has moved."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolvers.seen_rows import MAX_MOVED, find_seen, solve_xor, xor_hashes

ROWS = [f"row {number}" for number in range(1000)]
SHOWN = ROWS[:500]

lists = st.lists(st.text(min_size=1), min_size=1, max_size=30, unique=True)


def find(rows: list[str], shown: list[str]) -> set[str]:
    """Find what a cursor after the shown rows knows as shown."""
    return find_seen(rows, len(shown) - 1, shown[-1], xor_hashes(shown))


@pytest.mark.slow
@given(lists, st.data())
def test_any_order_of_the_same_rows_has_the_same_rows_shown(
    rows: list[str], data: st.DataObject
) -> None:
    shown = data.draw(st.lists(st.sampled_from(rows), min_size=1, unique=True))
    moved = data.draw(st.permutations(rows))

    assert find(moved, shown) == set(shown)


@pytest.mark.slow
@given(lists, st.data())
def test_rows_that_come_are_not_shown_and_the_last_row_may_go(
    rows: list[str], data: st.DataObject
) -> None:
    shown = data.draw(st.lists(st.sampled_from(rows), min_size=1, unique=True))
    added = [f"added {text}" for text in data.draw(lists)]
    rest = data.draw(st.permutations([each for each in [*rows, *added] if each != shown[-1]]))

    assert find(rest, shown) == set(shown[:-1])


@pytest.mark.parametrize(
    "rows",
    [
        [*ROWS[900:950], *ROWS[:900], *ROWS[950:]],
        [ROWS[499], *ROWS[:499], *ROWS[500:]],
        [*ROWS[:480], *ROWS[500:510], *ROWS[480:500], *ROWS[510:]],
        ["new", *ROWS],
    ],
    ids=["to the front", "the last one to the front", "around the cursor", "a new one"],
)
def test_rows_of_a_long_list_that_move_are_found(rows: list[str]) -> None:
    assert find(rows, SHOWN) == set(SHOWN)


def test_a_row_that_goes_from_the_shown_ones_hides_and_repeats_no_other() -> None:
    assert find(ROWS[1:], SHOWN) == set(SHOWN[1:])
    assert find([*ROWS[:499], *ROWS[500:]], SHOWN) == set(SHOWN[:-1])


def test_without_a_digest_the_rows_before_the_last_one_are_shown() -> None:
    assert find_seen(["a", "b", "c"], 0, "b", None) == {"a", "b"}
    assert find_seen(["a", "b", "c"], 1, "gone", None) == {"a"}
    assert find_seen([], 1, "gone", None) == find_seen([], 1, "gone", 7) == set()


def test_what_does_not_fit_is_not_solved() -> None:
    assert solve_xor(ROWS[:MAX_MOVED], xor_hashes(["other"])) is None
    assert solve_xor(ROWS[:MAX_MOVED], 0) == set()
    assert solve_xor(ROWS[:MAX_MOVED], xor_hashes(ROWS[3:90])) == set(ROWS[3:90])
