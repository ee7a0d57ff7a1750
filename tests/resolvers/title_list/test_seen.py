"""The digest of a cursor tells which titles have moved, as far as that can be known."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.records import Title
from providers.registry import Source
from resolvers.context import Owner
from resolvers.seen_rows import MAX_MOVED
from resolvers.title_list.seen import SeenDigest
from resolvers.title_list.title_list import TitleRow, get_sort_time

SCAN_STARTED = datetime(2026, 1, 1, tzinfo=UTC)
BEFORE_SCAN = SCAN_STARTED - timedelta(days=1)
SINCE = get_sort_time(SCAN_STARTED)
DURING_SCAN = SCAN_STARTED + timedelta(hours=1)

names = st.sets(st.text(min_size=1), max_size=40).map(sorted)


def make_row(name: str, changed: datetime | None = BEFORE_SCAN) -> TitleRow:
    title = Title(native_id=name, last_updated_at=changed)
    return TitleRow((get_sort_time(changed), 0, name), Owner(Source.PSN, "me"), title)


def make_digest(seen: Iterable[str], since: float | None = None) -> SeenDigest:
    found = SeenDigest(SINCE, 0, since)
    for name in seen:
        found = found.add(Title(native_id=name))
    return found


@pytest.mark.slow
@given(names, st.data())
def test_unseen_titles_that_moved_before_the_cursor_are_found(
    listed: list[str], data: st.DataObject
) -> None:
    seen = data.draw(st.sets(st.sampled_from(listed)) if listed else st.just(set[str]()))
    changed = data.draw(st.sets(st.sampled_from(listed)) if listed else st.just(set[str]()))
    # The scan has shown `seen`; the changed titles have moved to the front since then.
    rows = [make_row(name, DURING_SCAN if name in changed else BEFORE_SCAN) for name in listed]
    before = changed | seen

    _, moved = make_digest(seen).reconcile(rows, lambda each: each.title.native_id in before)

    assert moved == changed - seen


@pytest.mark.slow
@given(names, st.data())
def test_seen_titles_that_moved_after_the_cursor_are_found(
    listed: list[str], data: st.DataObject
) -> None:
    back = data.draw(st.sets(st.sampled_from(listed)) if listed else st.just(set[str]()))
    rows = [make_row(name, DURING_SCAN if name in back else BEFORE_SCAN) for name in listed]

    _, moved = make_digest(listed).reconcile(rows, lambda each: each.title.native_id not in back)

    assert moved == back


def test_the_reconciled_digest_excludes_titles_still_to_come() -> None:
    rows = [make_row("new", DURING_SCAN), make_row("seen")]

    resumed, moved = make_digest(["seen"]).reconcile(rows, lambda _: True)
    again, still = resumed.reconcile(rows, lambda _: True)
    whole, none = resumed.add(Title(native_id="new")).reconcile(rows, lambda _: True)

    assert (moved, still, none) == ({"new"}, {"new"}, set())
    assert again == resumed
    assert whole == make_digest(["seen", "new"], since=get_sort_time(DURING_SCAN))


def test_a_title_changed_in_the_second_the_scan_started_may_have_moved() -> None:
    _, moved = make_digest(["seen"]).reconcile(
        [make_row("moved", SCAN_STARTED), make_row("seen")], lambda _: True
    )

    assert moved == {"moved"}


def test_a_title_without_a_time_may_have_moved() -> None:
    _, moved = make_digest(["seen"]).reconcile(
        [make_row("moved", None), make_row("seen")], lambda _: True
    )

    assert moved == {"moved"}


def test_a_removed_title_causes_no_repetition() -> None:
    rows = [make_row("newest", SCAN_STARTED), make_row("seen")]

    resumed, moved = make_digest(["newest", "gone", "seen"]).reconcile(rows, lambda _: True)

    assert moved == set()
    assert resumed == make_digest(["newest", "seen"])


def test_changed_titles_are_repeated_rather_than_missed_when_a_title_is_removed() -> None:
    rows = [make_row("moved", DURING_SCAN), make_row("seen again", DURING_SCAN), make_row("seen")]

    resumed, moved = make_digest(["gone", "seen again", "seen"]).reconcile(rows, lambda _: True)

    assert moved == {"moved", "seen again"}
    assert resumed == make_digest(["seen"])


def test_more_moves_than_can_be_solved_are_skipped_and_the_scan_ends() -> None:
    rows = [make_row(str(number), DURING_SCAN) for number in range(MAX_MOVED + 1)]

    resumed, moved = make_digest([]).reconcile(rows, lambda _: True)

    assert moved == set()
    assert resumed == make_digest(
        (str(n) for n in range(MAX_MOVED + 1)), since=get_sort_time(DURING_SCAN)
    )


def test_only_changes_between_two_pages_have_to_be_solved() -> None:
    times = dict.fromkeys(range(1000), BEFORE_SCAN)
    seen = set(range(500))
    walked = make_digest(map(str, seen))

    for page in range(5):
        changed = range(150 * page, 150 * page + 150)
        times |= {each: DURING_SCAN + timedelta(hours=page, seconds=each) for each in changed}
        rows = [make_row(str(each), when) for each, when in times.items()]
        before = {str(each) for each in {*seen, *changed}}

        walked, moved = walked.reconcile(rows, lambda each, b=before: each.title.native_id in b)
        assert moved == {str(each) for each in changed if each not in seen}

        for name in moved:
            walked = walked.add(Title(native_id=name))
        walked, none = walked.reconcile(rows, lambda each, b=before: each.title.native_id in b)
        assert none == set()
        seen |= set(changed)


def test_the_maximum_number_of_moves_is_found() -> None:
    rows = [make_row(str(number), DURING_SCAN) for number in range(MAX_MOVED)]
    seen = {str(number) for number in range(0, MAX_MOVED, 3)}

    _, moved = make_digest(seen).reconcile(rows, lambda _: True)

    assert moved == {each.title.native_id for each in rows} - seen


def test_an_empty_digest_treats_titles_before_the_cursor_as_seen() -> None:
    rows = [make_row("changed", DURING_SCAN), make_row("before"), make_row("ahead")]

    resumed, moved = SeenDigest(SINCE).reconcile(rows, lambda each: each.title.native_id != "ahead")

    assert moved == set()
    assert resumed == make_digest(["changed", "before"], since=get_sort_time(DURING_SCAN))
