"""The cost of introspection is measured on the schema itself."""

from typing import Any, cast

import msgspec
import pytest
from graphql import (
    get_introspection_query,
    graphql_sync,  # pyright: ignore[reportUnknownVariableType] - graphql-core
)

from schema.graph import build_schema
from server.cost.introspection import SDL_BYTES
from server.limits.limit_exceeded import LimitExceeded
from server.limits.operation_limits import OperationLimits
from tests.harness import RunningServer
from tests.server.operation_checks import SCHEMA, assert_quick, estimate_cost

FULL_INTROSPECTION = get_introspection_query(
    specified_by_url=True,
    directive_is_repeatable=True,
    schema_description=True,
    input_value_deprecation=True,
)
LONG_NAME = "name_of_fifty_characters_that_stands_there_so_often"
INTROSPECTION_QUERIES = [
    FULL_INTROSPECTION,
    "{ __schema { types { name fields { name } } } }",
    "{ __schema { directives { name locations args { name defaultValue type { name } } } } }",
    '{ __type(name: "TrophyTitle") { fields { name type { name ofType { name kind } } } } }',
    '{ a: __type(name: "Node") { possibleTypes { name } } b: __type(name: "Nobody") { name } }',
    '{ __type(name: "Source") { enumValues { name } ...F } } fragment F on __Type { a: name }',
    f"{{ __schema {{ types {{ {LONG_NAME}: __typename fields {{ {LONG_NAME}: name }} }} }} }}",
]


def _count_values(value: Any) -> int:
    if isinstance(value, dict):
        return sum(map(_count_values, cast("dict[str, Any]", value).values()))
    return sum(map(_count_values, cast("list[Any]", value))) if isinstance(value, list) else 1


@pytest.mark.slow
@pytest.mark.parametrize("query", INTROSPECTION_QUERIES)
def test_a_response_is_as_large_as_estimated(query: str) -> None:
    data = graphql_sync(SCHEMA, query).data
    found = estimate_cost(query)
    assert 0 <= found.values - _count_values(data) <= 3  # the root, its fields, and what is null
    assert len(msgspec.json.encode(data)) == pytest.approx(found.bytes, rel=0.25)


def test_the_full_introspection_query_is_within_the_default_limits() -> None:
    found = estimate_cost(
        FULL_INTROSPECTION, limits=OperationLimits(max_values=100_000, max_calls=1)
    )
    assert found.calls.total == 0
    assert found.values < 10_000


def test_the_operators_limit_applies_to_introspection() -> None:
    query = "{ __schema { types { name } } }"
    assert estimate_cost(query, limits=OperationLimits(max_values=1_000))
    with pytest.raises(LimitExceeded, match=r"^Values of the response"):
        estimate_cost(query, limits=OperationLimits(max_values=50))
    with pytest.raises(LimitExceeded, match=r"^Values of the response"):
        estimate_cost(
            "{ viewer { id } __schema { types { name } } }", limits=OperationLimits(max_values=50)
        )


@pytest.mark.parametrize(
    ("inside", "what"),
    [
        (" ".join(f"... {{ t{number}: __typename }}" for number in range(50)), "Values"),
        (f"{LONG_NAME * 100}: name", "Bytes"),
        (f"... {{ {LONG_NAME * 50}: __typename }}", "Bytes"),
    ],
)
def test_a_bomb_of_names_is_rejected_without_a_limit(inside: str, what: str) -> None:
    types = " ".join(
        f'z{number}: __type(name: "Node") {{ possibleTypes {{ fields {{ ...F }} }} }}'
        for number in range(5)
    )
    with assert_quick(), pytest.raises(LimitExceeded, match=f"^{what} of the introspection"):
        estimate_cost(f"{{ {types} }} fragment F on __Field {{ {inside} }}")


def test_a_type_name_in_a_variable_counts_as_every_type() -> None:
    query = "query ($name: String!) { __type(name: $name) { fields { name } } }"
    every = estimate_cost(query, {"name": "Int"}).values
    assert every == estimate_cost(query, {"name": "Query"}).values
    assert every > estimate_cost('{ __type(name: "Query") { fields { name } } }').values > 5


def test_fragments_that_spread_each_other_twice_are_measured_once() -> None:
    fragments = " ".join(
        f"fragment F{number} on __Type {{ a: ofType {{ ...F{number + 1} }} "
        f"ofType {{ ...F{number + 1} }} }}"
        for number in range(29)
    )
    end = "fragment F29 on __Type { name }"
    with assert_quick():
        assert estimate_cost(
            f"{{ __schema {{ types {{ fields {{ type {{ ...F0 }} }} }} }} }} {fragments} {end}"
        )


def test_the_sdl_may_be_selected_a_few_times() -> None:
    assert len(build_schema().sdl.encode()) < SDL_BYTES
    assert (
        estimate_cost(
            "{ _service { sdl __typename } }", limits=OperationLimits(max_values=10)
        ).bytes
        > SDL_BYTES
    )
    texts = " ".join(f"s{number}: _service {{ ...F }}" for number in range(20))
    with pytest.raises(LimitExceeded, match=r"^Bytes of the introspection"):
        estimate_cost(f"{{ {texts} }} fragment F on _Service {{ a: sdl b: sdl }}")


@pytest.mark.slow
def test_the_whole_schema_is_returned_and_a_bomb_is_rejected(server: RunningServer) -> None:
    assert server.fetch_data(FULL_INTROSPECTION)["__schema"]["types"]
    types = "possibleTypes { fields { " + f"{LONG_NAME * 500}: name" + " } }"
    answer = server.execute(f'{{ __type(name: "Node") {{ {types} }} }}')
    assert answer.error["code"] == "OPERATION_TOO_COSTLY"
