"""The selection below a field: aliases, fragments, directives and arguments."""

import pytest

from tests.schema.selection_builder import build_selection


def test_fields_of_aliases_and_fragments_are_together() -> None:
    selection = build_selection(
        """{ user { a: title { name } b: title { id } ...Rest ... on User { avatar } } }
        fragment Rest on User { totals ...More } fragment More on User { accounts }"""
    )

    assert set(selection.fields) == {"title", "totals", "accounts", "avatar"}
    assert set(selection.descend("title").fields) == {"name", "id"}


@pytest.mark.parametrize(
    ("directive", "is_selected"),
    [
        ("@skip(if: true)", False),
        ("@skip(if: false)", True),
        ("@include(if: true)", True),
        ("@include(if: false)", False),
        ("@skip(if: $yes)", False),
        ("@include(if: $no)", False),
        ("@include(if: $yes) @skip(if: $no)", True),
        ("@include(if: $yes) @skip(if: $yes)", False),
        ("@other(if: false)", True),
    ],
)
@pytest.mark.parametrize(
    "place", ["name %s", "... %s { name }", "...Name %s", "... on User %s { ...Name }"]
)
def test_a_skipped_field_is_not_selected(place: str, directive: str, is_selected: bool) -> None:
    text = f"{{ user {{ id {place % directive} }} }} fragment Name on User {{ name }}"

    selection = build_selection(text, {"yes": True, "no": False})

    assert ("name" in selection.fields) is is_selected
    assert selection.has_any_nested({"name"}) is is_selected


def test_a_field_is_found_at_any_depth() -> None:
    selection = build_selection(
        "{ user { titles { edges { node { ...Title } } } } }"
        " fragment Title on TrophyTitle { groups { id } }"
    )

    assert not selection.has_any({"id"})
    assert selection.has_any_nested({"id"})
    assert not selection.has_any_nested({"definitionId"})


def test_a_fragment_is_opened_once_however_often_it_is_spread() -> None:
    fragments = " ".join(
        f"fragment F{number} on T {{ a {{ ...F{number + 1} }} b {{ ...F{number + 1} }} }}"
        for number in range(60)
    )
    selection = build_selection(f"{{ root {{ ...F0 }} }} {fragments} fragment F60 on T {{ name }}")

    assert selection.has_any_nested({"name"})  # 2 ** 60 paths lead there
    assert not selection.has_any_nested({"id"})


def test_arguments_are_read_from_literals_and_variables() -> None:
    selection = build_selection(
        """query ($state: State) { title {
          all: achievements earned: achievements(state: EARNED)
          mine: achievements(state: $state, revealHidden: true) { name } } }""",
        {"state": "LOCKED"},
    )

    assert selection.get_argument_values("achievements", "state") == [None, "EARNED", "LOCKED"]
    occurrences = list(selection.iterate_occurrences("achievements", "revealHidden"))
    assert [value for value, _ in occurrences] == [None, None, True]
    assert [set(below.fields) for _, below in occurrences] == [set[str](), set[str](), {"name"}]
