"""The bytes of a response are estimated from its names, as often as they occur."""

import pytest

from server.limits.limit_exceeded import LimitExceeded
from server.limits.operation_limits import OperationLimits
from tests.server.operation_checks import VEGA_ARGUMENT, estimate_cost

LONG_NAME = "n" * 20_000


def test_a_name_counts_for_every_entry() -> None:
    page = f"user({VEGA_ARGUMENT}) {{ trophyTitles(first: %d) {{ edges {{ %s: cursor }} }} }}"
    one, hundred = (estimate_cost(f"{{ {page % (first, LONG_NAME)} }}").bytes for first in (1, 100))
    assert 20_000 < one < 21_000
    assert 2_000_000 < hundred < 2_010_000


def test_a_long_name_repeated_often_is_rejected() -> None:
    entry = f"{{ edges {{ node {{ achievements {{ {LONG_NAME}: name }} }} }} }}"
    query = f"{{ user({VEGA_ARGUMENT}) {{ trophyTitles(first: 100) {entry} }} }}"
    assert estimate_cost(query.replace(LONG_NAME, "n")).values == 4_000
    with pytest.raises(
        LimitExceeded, match=r"^Bytes of the response, by estimate: 80,\d{3},\d{3};"
    ):
        estimate_cost(query, limits=OperationLimits(max_values=100_000))


def test_a_field_that_is_skipped_or_outside_a_list_is_small() -> None:
    query = f"query ($no: Boolean = false) {{ viewer {{ id {LONG_NAME}: id @include(if: $no) }} }}"
    assert estimate_cost(query).bytes < 100
    assert (
        estimate_cost("{ viewer { id } ...F } fragment F on Query { viewer { displayName } }").bytes
        < 100
    )
