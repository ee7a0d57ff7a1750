"""Definitions merged with earned state, and progress derived from both."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.psn.cached_records import TrophyDefinition, TrophyState
from providers.psn.trophies import merge
from providers.records import Achievement, Group, TrophyCounts, TrophyGrade

IDS = st.lists(st.integers(0, 30), unique=True, max_size=20)


def make_definition(number: int) -> TrophyDefinition:
    return TrophyDefinition(native_id=str(number), name=f"n{number}", grade=TrophyGrade.BRONZE)


def make_earned(number: int) -> TrophyState:
    return TrophyState(native_id=str(number), earned=True)


@pytest.mark.slow
@given(IDS, IDS)
def test_every_trophy_of_either_side_is_there_once(defined: list[int], earned: list[int]) -> None:
    merged = merge.merge_achievements(
        [make_definition(number) for number in defined], [make_earned(number) for number in earned]
    )
    extra = [number for number in earned if number not in defined]
    assert [int(trophy.native_id) for trophy in merged] == [*defined, *extra]
    for trophy in merged:
        number = int(trophy.native_id)
        assert trophy.name == (f"n{number}" if number in defined else None)
        assert trophy.earned is (number in earned)


def test_groups_of_either_side_are_there_once() -> None:
    defined = [Group(native_id="default", name="Main"), Group(native_id="001", name="More")]
    own = [Group(native_id="002", progress=3), Group(native_id="default", progress=5)]
    assert merge.merge_groups(defined, own) == (
        Group(native_id="default", name="Main", progress=5),
        Group(native_id="001", name="More"),
        Group(native_id="002", progress=3),
    )


def test_a_trophy_of_unknown_grade_makes_the_counts_null() -> None:
    graded = Achievement(native_id="1", group_id="default", grade=TrophyGrade.GOLD, earned=True)
    ungraded = Achievement(native_id="2", group_id="001", earned=True)
    default, other = merge.compute_group_progress([graded, ungraded])
    assert (default.earned_counts, default.progress) == (TrophyCounts(gold=1), 100)
    assert (other.earned_counts, other.progress) == (None, None)


def test_a_group_of_a_platinum_alone_has_no_percentage() -> None:
    platinum = Achievement(
        native_id="1", group_id="default", grade=TrophyGrade.PLATINUM, earned=False
    )
    (group,) = merge.compute_group_progress([platinum])
    assert group.progress is None
