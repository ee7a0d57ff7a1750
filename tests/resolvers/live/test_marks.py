"""What is new: by sets of earned ids, or by growth where the earlier set is not known."""

from datetime import UTC, datetime, timedelta
from typing import Any

from providers.records import Achievement, Title, UnlockMode
from resolvers.live.marks import Marks

NOW = datetime(2026, 5, 1, tzinfo=UTC)


def make_row(count: int, version: str = "") -> Title:
    return Title(native_id="t", earned_count=count, earned_version=version or str(count))


def make_earned(number: int, days_ago: float = 0, **values: Any) -> Achievement:
    moment = NOW - timedelta(days=days_ago)
    attributes: dict[str, Any] = {"earned": True, "earned_at": moment, **values}
    return Achievement(native_id=str(number), **attributes)


def compare(marks: Marks, row: Title, *earned: Achievement) -> list[str]:
    return [each.achievement_id for each in marks.compare(row, earned, NOW.timestamp())]


def make_marks(count: int) -> Marks:
    marks = Marks()
    marks.store_row(make_row(count), (NOW - timedelta(hours=1)).timestamp())
    return marks


def test_of_a_title_that_was_never_opened_the_latest_are_new() -> None:
    marks = make_marks(2)

    assert compare(marks, make_row(3), make_earned(1, 9), make_earned(2, 8), make_earned(3)) == [
        "3"
    ]


def test_a_late_sync_into_a_title_that_was_never_opened_is_one_event() -> None:
    marks = make_marks(1)

    assert len(compare(marks, make_row(2), make_earned(1, 9), make_earned(2, 3))) == 1


def test_a_late_sync_into_an_opened_title_is_that_unlock() -> None:
    marks = make_marks(1)
    compare(marks, make_row(2), make_earned(1, 1), make_earned(2))

    assert compare(
        marks, make_row(3), make_earned(1, 1), make_earned(2), make_earned(3, days_ago=30)
    ) == ["3"]


def test_an_unlock_without_a_time_is_new_in_an_opened_title() -> None:
    marks = make_marks(0)
    compare(marks, make_row(1), make_earned(1))

    assert compare(marks, make_row(2), make_earned(1), make_earned(2, earned_at=None)) == ["2"]


def test_what_is_taken_back_is_no_event_and_neither_is_its_return() -> None:
    marks = make_marks(0)
    compare(marks, make_row(2), make_earned(1), make_earned(2))

    assert compare(marks, make_row(1), make_earned(1)) == []
    assert compare(marks, make_row(2), make_earned(1), make_earned(2)) == []


def test_hardcore_after_softcore_is_another_unlock() -> None:
    marks = make_marks(0)
    softcore = make_earned(1, 2, unlock_mode=UnlockMode.SOFTCORE)
    hardcore = make_earned(1, unlock_mode=UnlockMode.HARDCORE, earned_at_softcore=NOW)

    assert compare(marks, make_row(1), softcore) == ["1"]
    assert compare(marks, make_row(1, "hardcore"), hardcore) == ["1"]
    assert compare(marks, make_row(1, "softcore again"), softcore) == []


def test_hardcore_after_softcore_is_found_in_a_title_that_was_never_opened() -> None:
    marks = make_marks(2)
    values: dict[str, Any] = {
        "unlock_mode": UnlockMode.HARDCORE,
        "earned_at_softcore": NOW - timedelta(days=9),
    }
    old = make_earned(2, 5, unlock_mode=UnlockMode.HARDCORE, earned_at_softcore=None)

    assert compare(marks, make_row(2, "hardcore"), make_earned(1, **values), old) == ["1"]


def test_a_list_that_is_behind_its_row_is_read_again() -> None:
    marks = make_marks(1)

    assert compare(marks, make_row(2), make_earned(1)) == []
    assert marks.has_changed(make_row(2))
    assert compare(marks, make_row(2), make_earned(1), make_earned(2)) == ["2"]
    assert not marks.has_changed(make_row(2))


def test_a_row_that_always_counts_too_many_is_not_read_without_end() -> None:
    marks = make_marks(1)
    for _ in range(3):
        compare(marks, make_row(5), make_earned(1))

    assert not marks.has_changed(make_row(5))


def test_a_title_that_was_not_listed_before_is_new_as_a_whole() -> None:
    marks = Marks()

    assert compare(marks, make_row(2), make_earned(1, 9), make_earned(2)) == ["1", "2"]


def test_forgotten_sets_are_those_of_the_longest_unchanged_titles() -> None:
    marks = Marks()
    for number in range(4):
        row = Title(native_id=str(number), earned_count=1)
        marks.compare(row, [make_earned(number)], NOW.timestamp() + number)

    assert marks.forget_sets()
    assert [mark.earned is None for mark in marks.titles.values()] == [True, True, False, False]


def test_a_list_that_lacks_its_counts_for_once_changes_nothing() -> None:
    marks = Marks()
    counted = Title(native_id="t", earned_count=2, earned_version="played", unlock_version="2")
    marks.store_row(counted, NOW.timestamp())

    assert not marks.has_changed(Title(native_id="t", earned_version="played"))
    assert marks.has_changed(Title(native_id="t", earned_version="played again"))


def test_a_row_that_changes_without_an_unlock_is_no_change() -> None:
    marks = Marks()
    row = Title(native_id="t", earned_count=2, earned_version="1", unlock_version="2")
    marks.store_row(row, NOW.timestamp())

    synced = Title(native_id="t", earned_count=2, earned_version="2", unlock_version="2")
    assert not marks.has_changed(synced)
