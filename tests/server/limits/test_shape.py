"""Limits on depth, root fields, aliases and directives."""

import pytest
from graphql import build_schema

from server.limits.limit_exceeded import LimitExceeded
from tests.server.operation_checks import assert_quick, estimate_cost

INCLUDE_DIRECTIVE = "@include(if: true)"
REPEATABLE_SCHEMA = build_schema("directive @one repeatable on FIELD type Query { id: ID }")


def _nest_fields(fields: int) -> str:
    """Return a query of users and accounts inside each other, `fields` levels deep."""
    pairs, odd = divmod(fields - 2, 2)
    inside = "accounts { id }" if odd else "id"
    for _ in range(pairs):
        inside = f"accounts {{ user {{ {inside} }} }}"
    return f"{{ viewer {{ {inside} }} }}"


def test_fifteen_levels_are_accepted() -> None:
    assert estimate_cost(_nest_fields(15))


@pytest.mark.parametrize("fields", [16, 30, 60, 190])
def test_a_deeper_operation_is_rejected(fields: int) -> None:
    with (
        assert_quick(),
        pytest.raises(LimitExceeded, match=f"^Depth: {fields}; the limit is 15"),
    ):
        estimate_cost(_nest_fields(fields))


def test_depth_is_counted_through_fragments() -> None:
    fragments = " ".join(
        f"fragment F{number} on User "
        f"{{ accounts {{ ... on Account {{ user {{ ...F{number + 1} }} }} }} }}"
        for number in range(29)
    )
    with pytest.raises(LimitExceeded, match=r"^Depth: 60;"):
        estimate_cost("{ viewer { ...F0 } } fragment F29 on User { id }" + fragments)


def test_forty_root_fields_are_accepted_and_one_more_is_rejected() -> None:
    forty = " ".join(f"a{number}: __typename" for number in range(40))
    assert estimate_cost(f"{{ {forty} }}")
    with pytest.raises(LimitExceeded, match=r"^Root fields: 41;"):
        estimate_cost(f"{{ {forty} ...F }} fragment F on Query {{ last: __typename }}")


def test_thirty_aliases_of_a_root_field_are_accepted() -> None:
    assert estimate_cost(
        "{" + " ".join(f"a{number}: viewer {{ id }}" for number in range(30)) + "}"
    )


def test_sixty_aliases_are_accepted_and_one_more_is_rejected() -> None:
    sixty = " ".join(f"a{number}: displayName" for number in range(60))
    assert estimate_cost(f"{{ viewer {{ {sixty} }} }}")
    with pytest.raises(LimitExceeded, match=r"^Aliases: 61;"):
        estimate_cost(f"{{ viewer {{ ...F ... {{ one: id }} }} }} fragment F on User {{ {sixty} }}")


def test_one_alias_of_the_type_name_is_free_in_each_selection() -> None:
    groups = " ".join(
        f'g{number}: trophyTitle(nativeId: "1") {{ t: __typename }}' for number in range(30)
    )
    sixty = " ".join(f"a{number}: __typename" for number in range(61))
    assert estimate_cost(f"{{ viewer {{ one: __typename {groups} }} }}")
    assert estimate_cost(f"{{ viewer {{ __typename {sixty} }} }}")
    with pytest.raises(LimitExceeded, match=r"^Aliases: 61;"):
        estimate_cost(f"{{ viewer {{ {sixty} ... {{ again: __typename id more: __typename }} }} }}")


def test_all_directives_are_counted() -> None:
    fields = " ".join(f"a{number}: id {INCLUDE_DIRECTIVE}" for number in range(50))
    assert estimate_cost(f"{{ viewer {{ {fields} }} }}")
    with pytest.raises(LimitExceeded, match=r"^Directives: 51;"):
        estimate_cost(f"{{ viewer {{ {fields} }} ... {INCLUDE_DIRECTIVE} {{ __typename }} }}")


def test_one_location_has_up_to_four_directives() -> None:
    assert estimate_cost("{ id @one @one @one @one }", schema=REPEATABLE_SCHEMA)
    with assert_quick(), pytest.raises(LimitExceeded, match=r"^Directives at one location: 1,000;"):
        estimate_cost("{ id " + "@one " * 1_000 + "}", schema=REPEATABLE_SCHEMA)
