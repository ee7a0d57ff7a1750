"""The calendar, as a calendar program reads it."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from server.embeds.profile_reader import ReadProfile
from server.embeds.unlock_calendar import BY_DAY, BY_TIME, MAX_LISTED, render_calendar
from tests.harness import run_server
from tests.server.embeds.profiles import (
    HOSTILE_TEXTS,
    PAGE_URL,
    WHEN,
    make_profile,
    make_unlock,
)
from tests.server.pages.page_operations import KEYS, PROFILES

MAX_LINE_BYTES = 75


def read(content: bytes) -> Any:
    """Parse a calendar; fail for a line that is too long, or that does not end as it has to."""
    assert content.endswith(b"END:VCALENDAR\r\n")
    lines = content.split(b"\r\n")
    assert not any(b"\n" in line or b"\r" in line for line in lines)
    assert max(map(len, lines)) <= MAX_LINE_BYTES
    return cast("Any", Calendar).from_ical(content)


def render(profile: ReadProfile, by: str = BY_TIME, zone: tzinfo = UTC) -> Sequence[Any]:
    return read(render_calendar(profile, by, zone)).events


@pytest.mark.slow
def test_a_program_finds_each_unlock_at_its_time() -> None:
    with run_server(sandbox=True, **KEYS, **PROFILES) as server:
        response = server.request("GET", "/@vega/calendar.ics")
    calendar = read(response.content)
    assert calendar["x-wr-calname"] == "Achievements of vega_north"
    assert calendar.get("refresh-interval").dt == timedelta(hours=1)
    assert len(calendar.events) == 100
    assert len({str(event["uid"]) for event in calendar.events}) == 100
    for event in calendar.events:
        assert event["dtstart"].dt == event["dtstamp"].dt
        assert event["dtstart"].dt.tzinfo is not None
        assert event["summary"]
        assert event["url"] == "http://127.0.0.1:8000/@vega"
        assert event["transp"] == "TRANSPARENT"


@pytest.mark.slow
def test_a_program_finds_each_day() -> None:
    with run_server(sandbox=True, **KEYS, **PROFILES) as server:
        response = server.request("GET", "/@vega/calendar.ics?by=day&tz=Asia/Tokyo")
    days = [event["dtstart"].dt for event in read(response.content).events]
    assert days == sorted(set(days), reverse=True)
    assert not any(isinstance(day, datetime) for day in days)


def test_a_day_is_that_of_the_time_zone() -> None:
    late, early = WHEN.replace(hour=23, minute=30), WHEN.replace(hour=0, minute=30)
    profile = make_profile([make_unlock("a", earned_at=late), make_unlock("b", earned_at=early)])
    here = render(profile, BY_DAY)
    there = render(profile, BY_DAY, ZoneInfo("America/New_York"))
    assert [event["dtstart"].dt for event in here] == [date(2026, 3, 4)]
    assert [event["dtstart"].dt for event in there] == [date(2026, 3, 4), date(2026, 3, 3)]
    assert str(here[0]["summary"]) == "2 achievements"
    assert str(here[0]["description"]) == "a · Harbor Lights\nb · Harbor Lights"
    assert str(here[0]["uid"]) == str(there[0]["uid"])


def test_the_day_of_which_the_rest_is_not_read_is_left_out() -> None:
    unlocks = [make_unlock(str(day), earned_at=WHEN - timedelta(days=day)) for day in range(3)]
    whole, part = make_profile(unlocks), make_profile(unlocks, has_more=True)
    assert len(render(whole, BY_DAY)) == 3
    assert len(render(part, BY_DAY)) == 2
    assert len(render(make_profile(unlocks[:1], has_more=True), BY_DAY)) == 1


def test_a_busy_day_lists_some_of_its_unlocks() -> None:
    unlocks = [make_unlock(f"Unlock {number}") for number in range(MAX_LISTED + 5)]
    (event,) = render(make_profile(unlocks), BY_DAY)
    assert str(event["summary"]) == f"{MAX_LISTED + 5} achievements"
    assert str(event["description"]).splitlines()[MAX_LISTED:] == ["and 5 more"]


@pytest.mark.parametrize("by", [BY_TIME, BY_DAY])
@pytest.mark.parametrize("text", HOSTILE_TEXTS, ids=range(len(HOSTILE_TEXTS)))
def test_texts_of_upstreams_are_text(text: str, by: str) -> None:
    unlock = make_unlock(text, description=text)
    content = render_calendar(make_profile([unlock], display_name=text), by, UTC)
    (event,) = read(content).events
    assert set(event) == {"UID", "DTSTAMP", "DTSTART", "SUMMARY", "DESCRIPTION", "URL", "TRANSP"}
    assert content.count(b"\r\nBEGIN:VEVENT\r\n") == 1
    shown = event["summary" if by == BY_TIME else "description"]
    if text == HOSTILE_TEXTS[2]:
        assert text in str(shown)


def test_an_unlock_whose_time_is_not_known_is_left_out() -> None:
    unlocks = [make_unlock("a", earned_at=None), make_unlock("b")]
    profile = make_profile(unlocks)
    assert [str(event["summary"]) for event in render(profile)] == ["b · Harbor Lights"]
    assert [str(event["summary"]) for event in render(profile, BY_DAY)] == ["1 achievement"]
    assert render(profile)[0]["url"] == PAGE_URL


@pytest.mark.parametrize("year", [2, 9998])
def test_no_time_is_too_far_for_a_time_zone(year: int) -> None:
    for month, day in ((1, 1), (12, 31)):
        unlock = make_unlock(earned_at=datetime(year, month, day, tzinfo=UTC))
        for zone in (ZoneInfo("Pacific/Kiritimati"), ZoneInfo("America/Adak")):
            assert len(render(make_profile([unlock]), BY_DAY, zone)) == 1


def test_the_calendar_is_equal_while_nothing_changes() -> None:
    profile = make_profile([make_unlock()])
    assert render_calendar(profile, BY_TIME, UTC) == render_calendar(profile, BY_TIME, UTC)
