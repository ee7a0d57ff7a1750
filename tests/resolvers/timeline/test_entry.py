"""Bounds of unopened titles, and the titles that are certain to be opened."""

from datetime import UTC, datetime, timedelta

import pytest

from providers.records import Achievement, Title
from providers.registry import Source
from resolvers.context import Owner
from resolvers.timeline.entry import (
    Candidate,
    TimelineEntry,
    build_earned_entries,
    count_locked,
    get_clamp_time,
    get_title_bound,
    titles_to_prefetch,
)
from resolvers.title_list.title_list import SORTS_LAST, RowKey

OWNER = Owner(Source.PSN, "me")
UPDATED = datetime(2026, 1, 1, tzinfo=UTC)
KEY: RowKey = (-UPDATED.timestamp(), 0, "title")


def make_candidates(*counts: int | None) -> list[Candidate]:
    return [Candidate((float(at), 0, str(at)), count) for at, count in enumerate(counts)]


@pytest.mark.parametrize(
    ("counts", "needed", "prefetched"),
    [
        ([3, 3, 3], 1, 1),
        ([3, 3, 3], 3, 1),
        ([3, 3, 3], 4, 2),
        ([3, 3, 3], 100, 3),
        ([1, None, 1], 5, 2),
        ([None, 3], 5, 1),
        ([], 5, 0),
    ],
)
def test_titles_are_prefetched_until_there_can_be_enough_entries(
    counts: list[int | None], needed: int, prefetched: int
) -> None:
    candidates = make_candidates(*counts)

    assert titles_to_prefetch([candidates], needed) == candidates[:prefetched]


def test_candidates_of_several_accounts_are_taken_in_order() -> None:
    first, second, third = make_candidates(1, 1, 1)

    assert titles_to_prefetch([[second], [first, third]], 2) == [first, second]


def test_opened_entries_before_a_candidate_count() -> None:
    candidates = make_candidates(1, 1, 1)
    achievement = Achievement(native_id="1")
    opened = [TimelineEntry((0.5, 0, "0", str(at)), OWNER, None, achievement) for at in range(3)]

    assert titles_to_prefetch([candidates], 4) == candidates
    assert titles_to_prefetch([candidates], 4, opened) == candidates[:1]


def test_a_title_without_a_time_can_have_any_entry() -> None:
    assert get_title_bound(KEY) == KEY
    assert get_title_bound((SORTS_LAST, 0, "title")) == (-SORTS_LAST, 0, "title")


@pytest.mark.parametrize(("listed_count", "is_bounded"), [(2, True), (1, False), (None, False)])
def test_entries_are_clamped_unless_more_was_earned_since_the_list(
    listed_count: int | None, is_bounded: bool
) -> None:
    earned = [Achievement(native_id=name, earned=True) for name in "ab"]
    title = Title(native_id="title", earned_count=listed_count)

    assert get_clamp_time(KEY, title, earned) == (KEY[0] if is_bounded else -SORTS_LAST)


def test_an_unlock_after_its_title_sorts_with_the_title() -> None:
    late = Achievement(native_id="late", earned=True, earned_at=UPDATED + timedelta(days=1))
    early = Achievement(native_id="early", earned=True, earned_at=UPDATED - timedelta(days=1))
    locked = Achievement(native_id="locked", earned=False)

    entries = build_earned_entries(OWNER, None, [late, early, locked], clamp_to=KEY[0])

    assert [entry.achievement for entry in sorted(entries)] == [late, early]
    assert [entry.key[0] for entry in entries] == [
        KEY[0],
        -(UPDATED - timedelta(days=1)).timestamp(),
    ]


@pytest.mark.parametrize(
    ("earned", "defined", "locked"), [(1, 3, 2), (3, 3, 0), (4, 3, None), (None, 3, None)]
)
def test_inconsistent_counts_are_unknown(
    earned: int | None, defined: int, locked: int | None
) -> None:
    title = Title(native_id="1", earned_count=earned, achievement_count=defined)

    assert count_locked(title) == locked
