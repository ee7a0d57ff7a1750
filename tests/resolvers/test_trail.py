"""What a cursor knows of the titles behind it: which have moved, and when that cannot be told."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from providers.records import Title
from providers.registry import Source
from resolvers.context import Shelf
from resolvers.title_list.seen import MOST_MOVED, Trail
from resolvers.title_list.title_list import Row, moment

BEGUN = datetime(2026, 1, 1, tzinfo=UTC)
LONG_AGO = BEGUN - timedelta(days=1)
SINCE = moment(BEGUN)
LATER = BEGUN + timedelta(hours=1)

names = st.sets(st.text(min_size=1), max_size=40).map(sorted)


def row(name: str, changed: datetime | None = LONG_AGO) -> Row:
    title = Title(native_id=name, last_updated_at=changed)
    return Row((moment(changed), 0, name), Shelf(Source.PSN, "me"), title)


def trail(walked: Iterable[str], since: float | None = None) -> Trail:
    found = Trail(SINCE, 0, since)
    for name in walked:
        found = found.past(Title(native_id=name))
    return found


@given(names, st.data())
def test_what_moved_before_the_place_unseen_is_told_from_what_was_seen(
    listed: list[str], data: st.DataObject
) -> None:
    seen = data.draw(st.sets(st.sampled_from(listed)) if listed else st.just(set[str]()))
    changed = data.draw(st.sets(st.sampled_from(listed)) if listed else st.just(set[str]()))
    # The walk is behind `seen`; what changed is at the front now, the rest where it was.
    rows = [row(name, LATER if name in changed else LONG_AGO) for name in listed]
    before = changed | seen

    _, moved = trail(seen).resumed(rows, lambda each: each.title.native_id in before)

    assert moved == changed - seen


@given(names, st.data())
def test_what_moved_behind_the_place_after_it_was_seen_is_known(
    listed: list[str], data: st.DataObject
) -> None:
    back = data.draw(st.sets(st.sampled_from(listed)) if listed else st.just(set[str]()))
    rows = [row(name, LATER if name in back else LONG_AGO) for name in listed]

    _, moved = trail(listed).resumed(rows, lambda each: each.title.native_id not in back)

    assert moved == back


def test_the_trail_goes_on_as_if_what_moved_were_still_to_come() -> None:
    rows = [row("new", LATER), row("seen")]

    resumed, moved = trail(["seen"]).resumed(rows, lambda _: True)
    again, still = resumed.resumed(rows, lambda _: True)
    whole, none = resumed.past(Title(native_id="new")).resumed(rows, lambda _: True)

    assert (moved, still, none) == ({"new"}, {"new"}, set())
    assert again == resumed
    assert whole == trail(["seen", "new"], since=moment(LATER))


def test_a_title_that_changed_in_the_second_the_walk_began_may_have_moved() -> None:
    _, moved = trail(["seen"]).resumed([row("moved", BEGUN), row("seen")], lambda _: True)

    assert moved == {"moved"}


def test_a_title_without_a_time_may_have_moved() -> None:
    _, moved = trail(["seen"]).resumed([row("moved", None), row("seen")], lambda _: True)

    assert moved == {"moved"}


def test_nothing_is_shown_again_because_a_title_is_gone() -> None:
    rows = [row("newest", BEGUN), row("seen")]

    resumed, moved = trail(["newest", "gone", "seen"]).resumed(rows, lambda _: True)

    assert moved == set()
    assert resumed == trail(["newest", "seen"])


def test_what_changed_is_rather_shown_twice_than_never_when_a_title_is_gone() -> None:
    rows = [row("moved", LATER), row("seen again", LATER), row("seen")]

    resumed, moved = trail(["gone", "seen again", "seen"]).resumed(rows, lambda _: True)

    assert moved == {"moved", "seen again"}
    assert resumed == trail(["seen"])


def test_more_moves_than_can_be_told_apart_are_passed_over_and_the_walk_ends() -> None:
    rows = [row(str(number), LATER) for number in range(MOST_MOVED + 1)]

    resumed, moved = trail([]).resumed(rows, lambda _: True)

    assert moved == set()
    assert resumed == trail((str(n) for n in range(MOST_MOVED + 1)), since=moment(LATER))


def test_only_what_changes_from_one_page_to_the_next_has_to_be_told_apart() -> None:
    times = dict.fromkeys(range(1000), LONG_AGO)
    seen = set(range(500))
    walked = trail(map(str, seen))

    for page in range(5):
        changed = range(150 * page, 150 * page + 150)
        times |= {each: LATER + timedelta(hours=page, seconds=each) for each in changed}
        rows = [row(str(each), when) for each, when in times.items()]
        before = {str(each) for each in {*seen, *changed}}

        walked, moved = walked.resumed(rows, lambda each, b=before: each.title.native_id in b)
        assert moved == {str(each) for each in changed if each not in seen}

        for name in moved:
            walked = walked.past(Title(native_id=name))
        walked, none = walked.resumed(rows, lambda each, b=before: each.title.native_id in b)
        assert none == set()
        seen |= set(changed)


def test_as_many_moves_as_can_be_told_apart_are_found() -> None:
    rows = [row(str(number), LATER) for number in range(MOST_MOVED)]
    seen = {str(number) for number in range(0, MOST_MOVED, 3)}

    _, moved = trail(seen).resumed(rows, lambda _: True)

    assert moved == {each.title.native_id for each in rows} - seen


def test_a_trail_that_knows_nothing_takes_what_is_before_the_place_as_seen() -> None:
    rows = [row("changed", LATER), row("before"), row("ahead")]

    resumed, moved = Trail(SINCE).resumed(rows, lambda each: each.title.native_id != "ahead")

    assert moved == set()
    assert resumed == trail(["changed", "before"], since=moment(LATER))
