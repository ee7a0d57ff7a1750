"""How large an operation may be written."""

import pytest
from graphql import build_schema

from server.limits.limit_exceeded import Excess
from tests.server.limits.asking import cost, quickly

INCLUDED = "@include(if: true)"
REPEATABLE = build_schema("directive @one repeatable on FIELD type Query { id: ID }")


def _deep(fields: int) -> str:
    """Accounts of a person who is that account's person, `fields` in all."""
    pairs, odd = divmod(fields - 2, 2)
    inside = "accounts { id }" if odd else "id"
    for _ in range(pairs):
        inside = f"accounts {{ user {{ {inside} }} }}"
    return f"{{ viewer {{ {inside} }} }}"


def test_fifteen_fields_inside_each_other_are_fine() -> None:
    assert cost(_deep(15))


@pytest.mark.parametrize("fields", [16, 30, 60, 190])
def test_a_deeper_operation_is_refused(fields: int) -> None:
    with quickly(), pytest.raises(Excess, match=f"^Depth: {fields}; up to 15 are allowed"):
        cost(_deep(fields))


def test_depth_is_counted_through_fragments() -> None:
    fragments = " ".join(
        f"fragment F{number} on User "
        f"{{ accounts {{ ... on Account {{ user {{ ...F{number + 1} }} }} }} }}"
        for number in range(30)
    )
    with pytest.raises(Excess, match=r"^Depth: 62;"):
        cost("{ viewer { ...F0 } } fragment F30 on User { id }" + fragments)


def test_forty_root_fields_are_fine_and_one_more_is_not() -> None:
    forty = " ".join(f"a{number}: __typename" for number in range(40))
    assert cost(f"{{ {forty} }}")
    with pytest.raises(Excess, match=r"^Root fields: 41;"):
        cost(f"{{ {forty} ...F }} fragment F on Query {{ last: __typename }}")


def test_thirty_aliases_of_a_root_field_are_fine() -> None:
    assert cost("{" + " ".join(f"a{number}: viewer {{ id }}" for number in range(30)) + "}")


def test_sixty_aliases_are_fine_and_one_more_is_not() -> None:
    sixty = " ".join(f"a{number}: displayName" for number in range(60))
    assert cost(f"{{ viewer {{ {sixty} }} }}")
    with pytest.raises(Excess, match=r"^Aliases: 61;"):
        cost(f"{{ viewer {{ ...F ... {{ one: id }} }} }} fragment F on User {{ {sixty} }}")


def test_one_alias_of_the_type_name_is_free_in_each_selection() -> None:
    groups = " ".join(
        f'g{number}: trophyTitle(nativeId: "1") {{ t: __typename }}' for number in range(30)
    )
    sixty = " ".join(f"a{number}: __typename" for number in range(61))
    assert cost(f"{{ viewer {{ one: __typename {groups} }} }}")
    assert cost(f"{{ viewer {{ __typename {sixty} }} }}")
    with pytest.raises(Excess, match=r"^Aliases: 61;"):
        cost(f"{{ viewer {{ {sixty} ... {{ again: __typename id more: __typename }} }} }}")


def test_directives_are_counted_in_all() -> None:
    fields = " ".join(f"a{number}: id {INCLUDED}" for number in range(50))
    assert cost(f"{{ viewer {{ {fields} }} }}")
    with pytest.raises(Excess, match=r"^Directives: 51;"):
        cost(f"{{ viewer {{ {fields} }} ... {INCLUDED} {{ __typename }} }}")


def test_a_place_has_up_to_four_directives() -> None:
    assert cost("{ id @one @one @one @one }", schema=REPEATABLE)
    with quickly(), pytest.raises(Excess, match=r"^Directives in one place: 1,000;"):
        cost("{ id " + "@one " * 1_000 + "}", schema=REPEATABLE)
