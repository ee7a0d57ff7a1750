"""Estimated sizes of lists and pages, and fields that are skipped."""

from collections.abc import Mapping
from typing import Any

import pytest

from providers.registry import Source
from tests.server.operation_checks import VEGA_ARGUMENT, estimate_cost

PAGE_QUERY = f"""query ($n: Int! = 7) {{
    user({VEGA_ARGUMENT}) {{ trophyTitles(first: $n) {{ edges {{ cursor }} }} }}
}}"""


@pytest.mark.parametrize(
    ("variables", "values"),
    [
        ({}, 7),
        ({"n": 3}, 3),
        ({"n": 4.0}, 4),
        ({"n": "many"}, 1),
        ({"n": True}, 1),
        ({"n": float("nan")}, 1),
    ],
)
def test_a_page_is_as_long_as_its_variable_says(variables: Mapping[str, Any], values: int) -> None:
    assert estimate_cost(PAGE_QUERY, variables).values == values


def test_a_page_without_a_size_has_the_schemas_default() -> None:
    assert estimate_cost("{ viewer { trophyTitles { edges { cursor } } } }").values == 20


@pytest.mark.parametrize(("size", "values"), [(0, 1), (-1, 1), (101, 100), (10**400, 100)])
def test_an_invalid_page_size_counts_as_the_nearest_valid_one(size: int, values: int) -> None:
    assert estimate_cost(PAGE_QUERY, {"n": size}).values == values


def test_a_skipped_field_costs_nothing() -> None:
    query = (
        "query ($yes: Boolean! = true) { viewer { id ... @skip(if: $yes) { displayName } "
        "avatar @include(if: false) { url } trophyTitles(first: 50) @skip(if: $yes) "
        "{ edges { node { name } } } } }"
    )
    assert (estimate_cost(query).values, estimate_cost(query).calls.total) == (1, 1)
    assert (
        estimate_cost(query, {"yes": False}).calls.total == 1 + 2 * len(Source) + 2
    )  # Steam has two more for its list
