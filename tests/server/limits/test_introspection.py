"""What is asked of the schema is measured on the schema."""

from typing import Any, cast

import msgspec
import pytest
from graphql import (
    get_introspection_query,
    graphql_sync,  # pyright: ignore[reportUnknownVariableType] - graphql-core
)

from schema.graph import build
from server.cost.introspection import SDL
from server.limits.limit_exceeded import Excess
from server.limits.operation_limits import Limits
from tests.asking import Server
from tests.server.limits.asking import SCHEMA, cost, quickly

WHOLE = get_introspection_query(
    specified_by_url=True,
    directive_is_repeatable=True,
    schema_description=True,
    input_value_deprecation=True,
)
LONG = "name_of_fifty_characters_that_stands_there_so_often"
QUESTIONS = [
    WHOLE,
    "{ __schema { types { name fields { name } } } }",
    "{ __schema { directives { name locations args { name defaultValue type { name } } } } }",
    '{ __type(name: "TrophyTitle") { fields { name type { name ofType { name kind } } } } }',
    '{ a: __type(name: "Node") { possibleTypes { name } } b: __type(name: "Nobody") { name } }',
    '{ __type(name: "Source") { enumValues { name } ...F } } fragment F on __Type { a: name }',
    f"{{ __schema {{ types {{ {LONG}: __typename fields {{ {LONG}: description }} }} }} }}",
]


def _values(told: Any) -> int:
    if isinstance(told, dict):
        return sum(map(_values, cast("dict[str, Any]", told).values()))
    return sum(map(_values, cast("list[Any]", told))) if isinstance(told, list) else 1


@pytest.mark.parametrize("query", QUESTIONS)
def test_an_answer_is_as_large_as_was_found_beforehand(query: str) -> None:
    told = graphql_sync(SCHEMA, query).data
    found = cost(query)
    assert 0 <= found.values - _values(told) <= 3  # the root, its fields, and what is null
    assert len(msgspec.json.encode(told)) == pytest.approx(found.bytes, rel=0.25)


def test_every_explorer_can_ask_for_the_whole_schema_by_default() -> None:
    found = cost(WHOLE, limits=Limits(fields=100_000, calls=1))
    assert found.calls.total == 0
    assert found.values < 10_000


def test_introspection_is_held_to_the_operators_limit() -> None:
    query = "{ __schema { types { name } } }"
    assert cost(query, limits=Limits(fields=1_000))
    with pytest.raises(Excess, match=r"^Values of the answer"):
        cost(query, limits=Limits(fields=50))
    with pytest.raises(Excess, match=r"^Values of the answer"):
        cost("{ viewer { id } __schema { types { name } } }", limits=Limits(fields=50))


@pytest.mark.parametrize(
    ("inside", "what"),
    [
        (" ".join(f"... {{ t{number}: __typename }}" for number in range(190)), "Values"),
        (f"{LONG * 100}: name", "Bytes"),
        (f"... {{ {LONG * 50}: __typename }}", "Bytes"),
    ],
)
def test_a_bomb_of_names_is_refused_where_no_limit_is_set(inside: str, what: str) -> None:
    types = " ".join(
        f'z{number}: __type(name: "Node") {{ possibleTypes {{ fields {{ ...F }} }} }}'
        for number in range(5)
    )
    with quickly(), pytest.raises(Excess, match=f"^{what} of the introspection"):
        cost(f"{{ {types} }} fragment F on __Field {{ {inside} }}")


def test_a_name_in_a_variable_may_be_that_of_any_type() -> None:
    query = "query ($name: String!) { __type(name: $name) { fields { name } } }"
    every = cost(query, {"name": "Int"}).values
    assert every == cost(query, {"name": "Query"}).values
    assert every > cost('{ __type(name: "Query") { fields { name } } }').values > 5


def test_fragments_that_open_each_other_twice_are_measured_once() -> None:
    fragments = " ".join(
        f"fragment F{number} on __Type {{ a: ofType {{ ...F{number + 1} }} "
        f"ofType {{ ...F{number + 1} }} }}"
        for number in range(30)
    )
    end = "fragment F30 on __Type { name }"
    with quickly():
        assert cost(
            f"{{ __schema {{ types {{ fields {{ type {{ ...F0 }} }} }} }} }} {fragments} {end}"
        )


def test_the_schema_as_text_is_asked_for_a_few_times() -> None:
    assert len(build().sdl.encode()) < SDL
    assert cost("{ _service { sdl __typename } }", limits=Limits(fields=10)).bytes > SDL
    texts = " ".join(f"s{number}: _service {{ ...F }}" for number in range(20))
    with pytest.raises(Excess, match=r"^Bytes of the introspection"):
        cost(f"{{ {texts} }} fragment F on _Service {{ a: sdl b: sdl }}")


def test_the_whole_schema_is_answered_and_a_bomb_is_not(server: Server) -> None:
    assert server.data(WHOLE)["__schema"]["types"]
    types = "possibleTypes { fields { " + f"{LONG * 500}: name" + " } }"
    answer = server.ask(f'{{ __type(name: "Node") {{ {types} }} }}')
    assert answer.error["code"] == "OPERATION_TOO_COSTLY"
