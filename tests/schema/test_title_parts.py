"""The parts of a title that a selection needs: no more than the selected fields have."""

import pytest

from providers.records import Part
from schema.title_parts import (
    get_achievement_parts,
    get_group_parts,
    get_standalone_title_parts,
    get_title_parts,
    needs_only_unlocks,
)
from tests.schema.selection_builder import build_selection


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("id name progress", Part.NONE),
        ("groups { nativeId }", Part.GROUPS),
        ("groups { progress }", Part.GROUP_PROGRESS),
        ("group(nativeId: 1) { name progress }", Part.GROUPS | Part.GROUP_PROGRESS),
        ("groups { achievements { id } }", Part.DEFINITIONS),
        ("achievements { earned }", Part.EARNED),
        ("achievements { name }", Part.DEFINITIONS | Part.EARNED),
        ("achievements(revealHidden: true) { name }", Part.DEFINITIONS),
        ("achievements(state: ALL) { kind }", Part.DEFINITIONS),
        ("achievements(state: LOCKED) { kind }", Part.DEFINITIONS | Part.EARNED),
        ("achievements { rarity { percent } }", Part.RARITY | Part.EARNED),
        ("rarestAchievements { id }", Part.RARITY | Part.EARNED),
        ("achievements { group { name } }", Part.DEFINITIONS | Part.GROUPS),
    ],
)
def test_a_title_needs_the_parts_of_its_selected_fields(fields: str, expected: Part) -> None:
    assert get_title_parts(build_selection(f"{{ title {{ {fields} }} }}")) == expected


def test_a_title_without_a_row_needs_its_own_fields_as_well() -> None:
    selection = build_selection("{ title { name progress groups { nativeId } } }")

    expected = Part.TITLE | Part.TITLE_PROGRESS | Part.GROUPS
    assert get_standalone_title_parts(selection) == expected


def test_a_group_needs_the_parts_of_its_title() -> None:
    selection = build_selection("{ group { name title { achievements { earned } } } }")

    assert get_group_parts(selection) == Part.GROUPS | Part.EARNED


def test_one_revealing_alias_does_not_spare_the_other_the_earned_state() -> None:
    selection = build_selection(
        "{ title { a: achievements(revealHidden: true) { name } b: achievements { name } } }"
    )

    assert get_title_parts(selection) == Part.DEFINITIONS | Part.EARNED


@pytest.mark.parametrize("reveal", [True, False])
def test_the_progress_of_an_achievement_needs_its_counter(reveal: bool) -> None:
    parts = get_achievement_parts(build_selection("{ node { progress { current } } }"), reveal)

    assert parts == Part.DEFINITIONS | Part.EARNED | Part.ACHIEVEMENT_PROGRESS


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("id name earnedAt title { name icon { url } }", True),
        ("id rarity { percent }", False),
        ("id group { name }", False),
        ("id title { name progress }", False),
    ],
)
def test_unlocks_answer_only_the_fields_that_they_have(fields: str, expected: bool) -> None:
    assert needs_only_unlocks(build_selection(f"{{ node {{ {fields} }} }}")) is expected
