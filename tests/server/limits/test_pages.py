"""How long pages are taken to be, and what is left out."""

from collections.abc import Mapping
from typing import Any

import pytest

from providers.registry import Source
from tests.server.limits.asking import VEGA, cost

PAGE = f"""query ($n: Int! = 7) {{
    user({VEGA}) {{ trophyTitles(first: $n) {{ edges {{ cursor }} }} }}
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
    assert cost(PAGE, variables).values == values


def test_a_page_without_a_size_has_the_schemas_own() -> None:
    assert cost("{ viewer { trophyTitles { edges { cursor } } } }").values == 20


@pytest.mark.parametrize(("size", "values"), [(0, 1), (-1, 1), (101, 100), (10**400, 100)])
def test_a_page_that_the_field_will_refuse_counts_as_one_it_may_have(
    size: int, values: int
) -> None:
    assert cost(PAGE, {"n": size}).values == values


def test_what_is_skipped_costs_nothing() -> None:
    query = (
        "query ($yes: Boolean! = true) { viewer { id ... @skip(if: $yes) { displayName } "
        "avatar @include(if: false) { url } trophyTitles(first: 50) @skip(if: $yes) "
        "{ edges { node { name } } } } }"
    )
    assert (cost(query).values, cost(query).calls.total) == (1, 1)
    assert cost(query, {"yes": False}).calls.total == 1 + 2 * len(Source)
