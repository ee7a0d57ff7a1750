"""The bytes of an answer are counted by its names, as often as they will be said."""

import pytest

from server.limits.limit_exceeded import Excess
from server.limits.operation_limits import Limits
from tests.server.limits.asking import VEGA, cost

LONG = "n" * 20_000


def test_a_name_counts_for_every_entry() -> None:
    page = f"user({VEGA}) {{ trophyTitles(first: %d) {{ edges {{ %s: cursor }} }} }}"
    one, hundred = (cost(f"{{ {page % (first, LONG)} }}").bytes for first in (1, 100))
    assert 20_000 < one < 21_000
    assert 2_000_000 < hundred < 2_010_000


def test_a_long_name_said_often_is_refused() -> None:
    entry = f"{{ edges {{ node {{ achievements {{ {LONG}: name }} }} }} }}"
    query = f"{{ user({VEGA}) {{ trophyTitles(first: 100) {entry} }} }}"
    assert cost(query.replace(LONG, "n")).values == 4_000
    with pytest.raises(Excess, match=r"^Bytes of the answer, by estimate: 80,\d{3},\d{3};"):
        cost(query, limits=Limits(fields=100_000))


def test_what_is_skipped_or_asked_of_no_list_is_small() -> None:
    query = f"query ($no: Boolean = false) {{ viewer {{ id {LONG}: id @include(if: $no) }} }}"
    assert cost(query).bytes < 100
    assert cost("{ viewer { id } ...F } fragment F on Query { viewer { displayName } }").bytes < 100
